"""A request is filed once, and whole."""

import pytest

from campaigns import filing, holdings
from campaigns.models import (
    Entry,
    Filing,
    Finding,
    TallyDelta,
)
from campaigns.registering import (
    FilingRow,
    UnreadableRequest,
)
from tests.campaigns.filing.filings import file, items_of, statuses
from tests.factories import (
    FILED,
    RequirementFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db


def test_the_same_key_again_changes_nothing(opened, registration):
    items = items_of(registration, 2)
    first = file(registration, opened.venue, items)
    second = file(registration, opened.venue, items)
    assert (first.repeated, second.repeated) == (False, True)
    assert [row.entry.pk for row in first.rows] == [row.entry.pk for row in second.rows]
    assert (Entry.objects.count(), Filing.objects.count()) == (2, 1)
    assert {entry.history.count() for entry in Entry.objects.all()} == {2}


def test_a_filing_that_was_cut_off_is_taken_up_as_of_its_own_time(
    opened, registration, monkeypatch
):
    items = items_of(registration, 2)
    with monkeypatch.context() as patch:
        patch.setattr(filing, "_settle", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            file(registration, opened.venue, items)
    assert set(Entry.objects.values_list("status", flat=True)) == {"draft"}
    # The client tries again after the window has closed.
    result = file(registration, opened.venue, items, at=local("2023-05-22"))
    assert statuses(result) == ["approved", "approved"]
    assert Entry.objects.count() == 2
    assert result.rows[0].entry.submitted_at == FILED


def test_the_same_request_is_settled_by_another_process_meanwhile(
    opened, registration, monkeypatch
):
    RequirementFactory(version=opened.version, code="ship")
    items = items_of(registration, 1) + items_of(registration, 1, ship_time_hours=49)
    lock = holdings.lock_registrations

    def same_request_first(ids):
        monkeypatch.setattr(holdings, "lock_registrations", lock)
        assert not file(registration, opened.venue, items).repeated
        lock(ids)

    monkeypatch.setattr(holdings, "lock_registrations", same_request_first)
    result = file(registration, opened.venue, items)
    assert result.repeated
    assert statuses(result) == ["approved", "rejected"]
    assert [entry.history.count() for entry in Entry.objects.order_by("line")] == [2, 1]
    assert Finding.objects.count() == 1
    assert TallyDelta.objects.get(name="refused.ship").delta == 1


def test_a_key_is_for_one_venue(opened, registration):
    branch = VenueTermsFactory(version=opened.version, code="branch").venue
    items = items_of(registration)
    file(registration, opened.venue, items)
    with pytest.raises(UnreadableRequest, match="another venue"):
        file(registration, branch, items)


@pytest.mark.parametrize(
    ("rows", "key", "message"),
    [
        ([], "k", "no rows"),
        ([FilingRow("a")] * 5001, "k", "5001 rows; at most 5000"),
        ([FilingRow("a")], "", "a key of 1 to 64"),
        ([FilingRow("a")], "k" * 65, "a key of 1 to 64"),
        ([FilingRow("")], "k", "row 1: no item code"),
        ([FilingRow("a"), FilingRow("b", list_source="x")], "k", "row 2: unknown list 'x'"),
        ([FilingRow("a", tools=("",))], "k", "row 1: a tool's code"),
    ],
)
def test_an_unreadable_request_stores_nothing(opened, registration, rows, key, message):
    with pytest.raises(UnreadableRequest, match=message):
        file(registration, opened.venue, rows, key=key)
    assert not Filing.objects.exists()
    assert not Finding.objects.exists()


def test_another_campaigns_venue_is_unreadable(registration):
    with pytest.raises(UnreadableRequest, match="another campaign"):
        file(registration, open_campaign().venue, items_of(registration))
