"""Many filings for the last places at once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection, connections

from campaigns import holdings
from campaigns.models import Claim, Entry, Finding
from campaigns.registering import FilingRow, file_entries
from tests.factories import (
    FILED,
    ItemFactory,
    QuotaFactory,
    RegistrationFactory,
    open_campaign,
)

FILINGS, PLACES = 50, 5


def file_at_once(registration, venue, items):
    """Every item in a filing of its own, all settling at the same time; the results."""
    barrier = Barrier(len(items), timeout=60)
    lock = holdings.lock_registrations

    def together(ids):
        # All have stored and checked their drafts; now they want places.
        barrier.wait()
        lock(ids)

    def file(number, item):
        try:
            return file_entries(
                registration=registration,
                venue=venue,
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


@pytest.fixture
def world():
    opened = open_campaign()
    QuotaFactory(version=opened.version, code="stock", ceiling=PLACES)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    items = ItemFactory.create_batch(FILINGS, seller=registration.seller)
    return opened, registration, items


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_fifty_filings_for_five_places_leave_five(world):
    opened, registration, items = world
    results = file_at_once(registration, opened.venue, items)
    assert Counter(row.status for result in results for row in result.rows) == {
        "approved": 5,
        "rejected": 45,
    }
    assert Entry.objects.filter(status__in=["approved"]).count() == 5
    assert Finding.objects.filter(code="quota_full").count() == 45
    assert Claim.objects.count() == 5


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_more_than_five_get_a_place(world, monkeypatch):
    """The test above can fail: the lock is what makes it pass."""
    opened, registration, items = world
    monkeypatch.setattr(holdings, "lock_registrations", lambda ids: None)
    # All look for places before any of them is committed.
    look, barrier = holdings.Holdings.plan, Barrier(FILINGS, timeout=60)

    def look_together(self, wishes):
        plan = look(self, wishes)
        barrier.wait()
        return plan

    monkeypatch.setattr(holdings.Holdings, "plan", look_together)
    file_at_once(registration, opened.venue, items)
    assert Entry.objects.filter(status="approved").count() > PLACES


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_request_sent_many_times_at_once_is_filed_once(world):
    opened, registration, items = world
    barrier = Barrier(10, timeout=60)

    def send(_number):
        try:
            barrier.wait()
            return file_entries(
                registration=registration,
                venue=opened.venue,
                rows=[FilingRow(item.code, Decimal("88.00")) for item in items[:3]],
                at=FILED,
                actor=None,
                key="the same",
            )
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        results = list(pool.map(send, range(10)))
    assert [result.repeated for result in results].count(False) == 1
    assert {result.filing.pk for result in results} == {results[0].filing.pk}
    assert [row.status for result in results for row in result.rows] == ["approved"] * 30
    assert [entry.history.count() for entry in Entry.objects.all()] == [2, 2, 2]


@pytest.mark.django_db(transaction=True)
def test_two_filings_one_after_the_other_count_each_other(world, monkeypatch):
    """A whole filing happens between the checks of another and its settling."""
    opened, registration, items = world
    lock = holdings.lock_registrations
    first, second = items[:PLACES], items[PLACES : 2 * PLACES]

    def rows(part):
        return [FilingRow(item.code, Decimal("88.00")) for item in part]

    def another_filing_first(ids):
        monkeypatch.setattr(holdings, "lock_registrations", lock)
        file_entries(
            registration=registration,
            venue=opened.venue,
            rows=rows(second),
            at=FILED,
            actor=None,
            key="second",
        )
        lock(ids)

    monkeypatch.setattr(holdings, "lock_registrations", another_filing_first)
    result = file_entries(
        registration=registration,
        venue=opened.venue,
        rows=rows(first),
        at=FILED,
        actor=None,
        key="first",
    )
    assert [row.status for row in result.rows] == ["rejected"] * PLACES
    assert Entry.objects.filter(status="approved").count() == PLACES
    assert connection.in_atomic_block is False
