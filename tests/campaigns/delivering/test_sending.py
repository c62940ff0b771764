"""Deliveries: sent at least once, tried again, given up."""

from datetime import timedelta

import pytest

from campaigns import delivering, messengers
from campaigns.delivering import MOST_ATTEMPTS, Sent, pause_after
from campaigns.models import (
    Channel,
    Delivery,
    Notice,
)
from campaigns.undelivered import Undelivered
from tests.campaigns.delivering.deliveries import AT, MINUTE, channel, ready, states
from tests.factories import (
    SellerFactory,
)

pytestmark = pytest.mark.django_db


def test_what_is_sent_is_not_sent_again(phone):
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b")
    ready(seller)
    assert delivering.send_due(at=AT) == Sent(sent=2)
    assert delivering.send_due(at=AT + timedelta(days=9)) == Sent()
    assert [address for address, _title, _body in phone] == [
        f"wecombot://a-{seller.pk}", f"wecombot://b-{seller.pk}",
    ]  # fmt: skip
    assert states() == [("sent", 1, None, "")] * 2
    assert set(Delivery.objects.values_list("sent_at", flat=True)) == {AT}


def test_a_failure_is_tried_again_later_and_later(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    phone.answers = [Undelivered("timeout")] * (MOST_ATTEMPTS - 1)
    at = AT
    for attempt in range(1, MOST_ATTEMPTS):
        assert delivering.send_due(at=at - timedelta(microseconds=1)) == Sent()
        assert delivering.send_due(at=at) == Sent(again=1)
        at += pause_after(attempt)
        assert states() == [("queued", attempt, at, "timeout")]
    assert at - AT == 1365 * MINUTE
    assert delivering.send_due(at=at) == Sent(sent=1)
    assert states() == [("sent", MOST_ATTEMPTS, None, "")]


def test_after_the_last_attempt_it_is_given_up_and_can_be_tried_anew(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    phone.answers = [Undelivered("unreachable")] * MOST_ATTEMPTS
    at = AT
    for attempt in range(1, MOST_ATTEMPTS):
        delivering.send_due(at=at)
        at += pause_after(attempt)
    assert delivering.send_due(at=at) == Sent(failed=1)
    assert states() == [("failed", MOST_ATTEMPTS, None, "unreachable")]
    assert delivering.send_due(at=at + timedelta(days=9)) == Sent()
    (pk,) = Delivery.objects.values_list("pk", flat=True)
    assert delivering.retry([pk], at=at) == 1
    assert delivering.retry([pk], at=at) == 0
    assert states() == [("queued", 0, at, "")]
    assert delivering.send_due(at=at) == Sent(sent=1)


def test_a_refusal_for_good_fails_at_once(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    phone.answers = [Undelivered("http:404", permanent=True)]
    assert delivering.send_due(at=AT) == Sent(failed=1)
    assert states() == [("failed", 1, None, "http:404")]


def test_who_is_killed_after_sending_sends_again(phone, monkeypatch):
    seller = SellerFactory()
    channel(seller)
    ready(seller)

    def killed(*_arguments, **_values):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            delivering.send_due(at=AT)
    assert len(phone) == 1
    lease = AT + delivering.LEASE
    assert states() == [("queued", 1, lease, "")]
    assert delivering.send_due(at=lease - timedelta(microseconds=1)) == Sent()
    assert delivering.send_due(at=lease) == Sent(sent=1)
    assert len(phone) == 2


def test_what_kills_every_sender_is_given_up(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    at = AT
    for _attempt in range(MOST_ATTEMPTS):
        phone.answers = [KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt):
            delivering.send_due(at=at)
        at += delivering.LEASE
    assert delivering.send_due(at=at) == Sent(failed=1)
    assert states() == [("failed", MOST_ATTEMPTS + 1, None, "interrupted")]


def test_who_comes_late_does_not_undo_what_another_did(phone, monkeypatch):
    """The first worker's lease ends while it sends; another takes it up and fails for good."""
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    take = phone.take

    def slow(*message):
        monkeypatch.setattr(messengers, "send", take)
        phone.answers = [Undelivered("http:404", permanent=True)]
        assert delivering.send_due(at=AT + delivering.LEASE) == Sent(failed=1)
        take(*message)

    monkeypatch.setattr(messengers, "send", slow)
    delivering.send_due(at=AT)
    assert states() == [("failed", 2, None, "http:404")]


def test_a_chunk_is_claimed_by_one_of_two():
    seller = SellerFactory()
    for number in range(3):
        channel(seller, f"c{number}")
    ready(seller)
    assert len(delivering._claim(AT)) == 3
    assert delivering._claim(AT) == []


def test_one_that_cannot_be_told_does_not_hold_up_the_others(phone, caplog):
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b")
    ready(seller)
    phone.answers = [RuntimeError("wecombot://secret")]
    assert delivering.send_due(at=AT) == Sent(sent=1, again=1)
    assert states()[0] == ("queued", 1, AT + MINUTE, "broken")
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_channel_that_was_switched_off_meanwhile_gets_nothing(phone):
    seller = SellerFactory()
    for name in ("off", "gone", "moved"):
        channel(seller, name)
    ready(seller)
    Channel.objects.filter(name="off").update(is_active=False)
    Channel.objects.filter(name="gone").delete()
    Channel.objects.filter(name="moved").update(seller=SellerFactory())
    assert delivering.send_due(at=AT) == Sent(failed=3)
    assert phone == []
    assert {error for _state, _attempts, _due, error in states()} == {"switched_off"}


def test_the_time_for_sending_is_limited(phone, monkeypatch):
    monkeypatch.setattr(delivering, "CHUNK", 2)
    seller = SellerFactory()
    for number in range(5):
        channel(seller, f"c{number}")
    ready(seller)
    assert delivering.send_due(at=AT, budget=timedelta(0)) == Sent(sent=2)
    assert delivering.send_due(at=AT) == Sent(sent=3)


def test_sending_asks_as_much_for_one_entry_as_for_many(phone, django_assert_max_num_queries):
    def sends(sellers, entries):
        rows = SellerFactory.create_batch(sellers)
        for seller in rows:
            channel(seller)
        ready(*rows, entries=entries)
        # Reading, and one mark for each delivery.
        with django_assert_max_num_queries(13 + sellers):
            assert delivering.send_due(at=AT) == Sent(sent=sellers)

    sends(1, 1)
    sends(1, 25)
    sends(delivering.CHUNK - 1, 3)


def test_old_deliveries_are_removed(phone):
    seller = SellerFactory()
    for name in ("a", "b", "c"):
        channel(seller, name)
    ready(seller)
    phone.answers = [None, Undelivered("address", permanent=True), Undelivered("timeout")]
    delivering.send_due(at=AT)
    month, half_year = AT + delivering.KEEP_SENT, AT + delivering.KEEP_FAILED
    assert delivering.purge(at=month) == 0
    assert delivering.purge(at=month + MINUTE) == 1
    assert delivering.purge(at=half_year) == 0
    assert delivering.purge(at=half_year + MINUTE) == 1
    assert [state for state, *_rest in states()] == ["queued"]
    assert Notice.objects.count() == 1
