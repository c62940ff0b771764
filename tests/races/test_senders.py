"""Several senders of one outbox."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Lock

import pytest
from django.db import connections

from campaigns import delivering, messengers, notices
from campaigns.models import Channel, Delivery, Notice
from tests.factories import FILED, CampaignFactory, SellerFactory

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
SENDERS, SELLERS = 4, 60


@pytest.fixture
def told():
    sellers = SellerFactory.create_batch(SELLERS)
    Channel.objects.bulk_create(
        Channel(seller=seller, name="chat", url=f"wecombot://{seller.pk}") for seller in sellers
    )
    notices.tell(
        [seller.pk for seller in sellers], cause="invited", key="i", at=FILED,
        campaign=CampaignFactory(),
    )  # fmt: skip


def at_once(work):
    """What each sender's work gives, all begun at the same moment."""
    barrier = Barrier(SENDERS, timeout=60)

    def one(_number):
        try:
            barrier.wait()
            return work()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(SENDERS) as pool:
        return list(pool.map(one, range(SENDERS)))


def test_senders_at_once_queue_and_send_each_once(told, monkeypatch):
    monkeypatch.setattr(notices, "SEND_CHUNK", 7)
    monkeypatch.setattr(delivering, "CHUNK", 5)
    taken, lock = Counter(), Lock()

    def take(address, _title, _body):
        with lock:
            taken[address] += 1

    monkeypatch.setattr(messengers, "send", take)
    handed = at_once(lambda: notices.send_ready(at=FILED))
    # A sender passes over what another holds, and may leave with less than all of it.
    assert sum(handed) + notices.send_ready(at=FILED) == SELLERS
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}
    assert Delivery.objects.count() == SELLERS
    sent = at_once(lambda: delivering.send_due(at=FILED).sent)
    assert sum(sent) + delivering.send_due(at=FILED).sent == SELLERS
    assert set(taken.values()) == {1}
    assert len(taken) == SELLERS
    assert set(Delivery.objects.values_list("state", "attempts")) == {("sent", 1)}


def test_the_claim_is_what_keeps_them_apart(told, monkeypatch):
    """With the claim patched to nothing, the same senders send several times."""
    notices.send_ready(at=FILED)
    taken, lock, barrier = Counter(), Lock(), Barrier(SENDERS, timeout=60)

    def take(address, _title, _body):
        with lock:
            taken[address] += 1

    def unclaimed(at):
        due = Delivery.objects.filter(state="queued", due_at__lte=at).order_by("id")
        chunk = list(due[:SELLERS])
        barrier.wait()
        return chunk

    monkeypatch.setattr(messengers, "send", take)
    monkeypatch.setattr(delivering, "_claim", unclaimed)
    at_once(lambda: delivering.send_due(at=FILED, budget=timedelta(0)))
    assert set(taken.values()) == {SENDERS}
