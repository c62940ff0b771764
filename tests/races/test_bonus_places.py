"""Filings at once for the place of a bonus: it is granted once and used once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connections

from campaigns import holdings
from campaigns.bonuses import BonusBook
from campaigns.models import BonusGrant, Entry, Finding
from campaigns.registering import FilingRow, file_entries
from tests.factories import (
    FILED,
    BonusFactory,
    ItemFactory,
    QuotaFactory,
    RegistrationFactory,
    open_campaign,
)

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

FILINGS, PLACES = 20, 1


@pytest.fixture
def world():
    """A venue by invitation, nobody invited, and one place of a bonus that is granted once."""
    opened = open_campaign(invitation_only=True)
    QuotaFactory(version=opened.version, code="free", ceiling=0, free_choice=True)
    BonusFactory(version=opened.version, code="carts", places=PLACES, kept=True)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    return opened, registration, ItemFactory.create_batch(FILINGS, seller=registration.seller)


def file_at_once(world):
    """Every item in a filing of its own, all wanting the place at the same time."""
    opened, registration, items = world
    barrier = Barrier(len(items), timeout=60)
    lock = holdings.lock_registrations

    def together(ids):
        barrier.wait()
        lock(ids)

    def file(number, item):
        try:
            return file_entries(
                registration=registration,
                venue=opened.venue,
                rows=[FilingRow(item.code, Decimal("88.00"))],
                at=FILED,
                actor=None,
                key=f"filing{number}",
            )
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(items)) as pool:
        patch.setattr(holdings, "lock_registrations", together)
        return list(pool.map(file, range(len(items)), items))


def test_a_bonus_place_is_used_once(world):
    results = file_at_once(world)
    assert Counter(row.status for result in results for row in result.rows) == {
        "approved": PLACES,
        "rejected": FILINGS - PLACES,
    }
    assert Entry.objects.filter(status="approved", slot_source="free").count() == PLACES
    assert Finding.objects.filter(code="quota_full").count() == FILINGS - PLACES
    assert list(BonusGrant.objects.values_list("granted_at", "places")) == [(FILED, PLACES)]


def test_without_the_lock_it_is_used_more_than_once(world, monkeypatch):
    """The test above can fail: the lock is what makes it pass. Even so it is granted once."""
    monkeypatch.setattr(holdings, "lock_registrations", lambda ids: None)
    look, barrier = holdings.Holdings.plan, Barrier(FILINGS, timeout=60)

    def look_together(self, wishes):
        plan = look(self, wishes)
        barrier.wait()
        return plan

    # All look for places before any of them is committed; the grant stands by then.
    _opened, registration, _items = world
    BonusGrant.objects.create(
        registration=registration, bonus_code="carts", granted_at=FILED, places=PLACES
    )
    monkeypatch.setattr(holdings.Holdings, "plan", look_together)
    file_at_once(world)
    assert Entry.objects.filter(status="approved").count() > PLACES
    assert BonusGrant.objects.count() == 1


def test_a_bonus_that_many_grant_at_once_is_granted_once(world):
    opened, registration, _items = world
    barrier = Barrier(10, timeout=60)

    def grant(_number):
        try:
            book = BonusBook(version=opened.version, registrations=[registration.pk], at=FILED)
            book.standings()
            barrier.wait()
            return book.grant()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(grant, range(10))) == 1
    assert BonusGrant.objects.get().places == PLACES
