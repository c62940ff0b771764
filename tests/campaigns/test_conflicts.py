"""Items that cannot stand in a venue because they stand in another."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import holdings
from campaigns.conflicts import conflicts_of
from campaigns.lifecycle import LIVE, PENDING
from campaigns.models import Entry
from campaigns.registering import FilingRow, file_entries, preview_entries
from tests.factories import (
    FILED,
    ConflictFactory,
    EntryFactory,
    ItemFactory,
    RegistrationFactory,
    VenueFactory,
    VenueTermsFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    """A venue "main" of the kind main, one of the kind presale, and a conflict main → presale."""
    opened = open_campaign()
    VenueTermsFactory(version=opened.version, code="presale", kind="presale")
    ConflictFactory(
        version=opened.version,
        code="in_presale",
        title={"en": "In presale"},
        venue_kinds=["main"],
        against=["presale"],
    )
    return opened


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def venue(opened, code):
    return opened.campaign.venues.get(code=code)


def file(registration, venue, items, key="one"):
    return file_entries(
        registration=registration,
        venue=venue,
        rows=[FilingRow(item.code, Decimal("88.00")) for item in items],
        at=FILED,
        actor=None,
        key=key,
    )


def reasons(result):
    return [[(finding.code, finding.params) for finding in row.findings] for row in result.rows]


@pytest.mark.parametrize("status", Entry.Status.values)
@pytest.mark.parametrize("standing", ["registered", "approved"])
def test_what_stands_in_the_way_and_what_does_not(opened, registration, status, standing):
    opened.version.conflict_set.update(standing=standing)
    other = EntryFactory(registration=registration, venue=venue(opened, "presale"), status=status)
    free = ItemFactory(seller=registration.seller)
    result = file(registration, opened.venue, [other.item, free])
    if status in (PENDING | LIVE if standing == "registered" else LIVE):
        params = {
            "conflict": "in_presale",
            "entry": other.pk,
            "venue": "presale",
            "status": status,
            "title": {"en": "In presale"},
        }
        assert reasons(result) == [[("conflict", params)], []]
        assert [row.status for row in result.rows] == ["rejected", "approved"]
    else:
        assert [row.status for row in result.rows] == ["approved", "approved"]


def test_a_conflict_goes_one_way(opened, registration):
    standing = EntryFactory(registration=registration, venue=opened.venue)
    result = file(registration, venue(opened, "presale"), [standing.item])
    assert [row.status for row in result.rows] == ["approved"]


def test_what_stands_in_the_same_venue_is_its_own_claims_affair(opened, registration):
    opened.version.conflict_set.update(against=["main"])
    VenueTermsFactory(version=opened.version, code="second", kind="main")
    here = EntryFactory(registration=registration, venue=opened.venue)
    there = EntryFactory(registration=registration, venue=venue(opened, "second"))
    asked = [EntryFactory.build(item=row.item, venue=opened.venue) for row in (here, there)]
    for number, row in enumerate(asked):
        row.pk, row.item_id, row.venue_id = -number - 1, row.item.pk, opened.venue.pk
    found = conflicts_of(opened.version, asked)
    assert {pk: [row.params["entry"] for row in rows] for pk, rows in found.items()} == {
        -2: [there.pk]
    }


def test_another_campaign_and_another_kind_are_not_in_the_way(opened, registration):
    item = ItemFactory(seller=registration.seller)
    elsewhere = open_campaign(kind="presale")
    EntryFactory(item=item, campaign=elsewhere.campaign, venue=elsewhere.venue)
    outer = VenueTermsFactory(version=opened.version, code="outer", kind="outer").venue
    EntryFactory(item=item, registration=registration, venue=outer)
    assert file(registration, opened.venue, [item]).rows[0].status == "approved"


def test_a_preview_says_the_same(opened, registration):
    other = EntryFactory(registration=registration, venue=venue(opened, "presale"))
    (row,) = preview_entries(
        campaign=opened.campaign,
        seller=registration.seller,
        venue=opened.venue,
        rows=[FilingRow(other.item.code, Decimal("88.00"))],
        at=FILED,
    )
    assert (row.status, [refusal.code for refusal in row.refusals]) == ("rejected", ["conflict"])


def test_what_the_platform_brings_is_in_conflict_too(opened, registration):
    other = EntryFactory(registration=registration, venue=venue(opened, "presale"))
    result = file_entries(
        registration=registration,
        venue=opened.venue,
        rows=[FilingRow(other.item.code, Decimal("88.00"))],
        at=FILED,
        actor=None,
        key="one",
        source=Entry.Source.PLATFORM,
    )
    assert result.rows[0].status == "rejected"


def test_it_is_looked_up_under_the_registrations_lock(opened, registration, monkeypatch):
    """Another filing lands between the checks of this one and its settling."""
    item = ItemFactory(seller=registration.seller)
    lock = holdings.lock_registrations

    def file_elsewhere_first(ids):
        monkeypatch.setattr(holdings, "lock_registrations", lock)
        file(registration, venue(opened, "presale"), [item], key="other")
        lock(ids)

    monkeypatch.setattr(holdings, "lock_registrations", file_elsewhere_first)
    result = file(registration, opened.venue, [item])
    assert [row.status for row in result.rows] == ["rejected"]


def test_entries_that_come_back_together_are_in_each_others_way(opened, registration):
    item = ItemFactory(seller=registration.seller)
    first = EntryFactory(
        registration=registration, item=item, venue=venue(opened, "presale"), status="withdrawn"
    )
    second = EntryFactory(
        registration=registration, item=item, venue=opened.venue, status="withdrawn"
    )
    assert list(conflicts_of(opened.version, [first, second])) == [second.pk]
    assert conflicts_of(opened.version, [second, first]) == {}
    opened.version.conflict_set.update(standing="approved")
    assert conflicts_of(opened.version, [first, second]) == {}
    assert list(conflicts_of(opened.version, [first, second], becoming="approved")) == [second.pk]


def test_an_entry_is_not_in_its_own_way(opened, registration):
    opened.version.conflict_set.update(against=["main"])
    entry = EntryFactory(registration=registration, venue=opened.venue)
    assert conflicts_of(opened.version, [entry]) == {}
    EntryFactory(registration=registration, venue=VenueFactory(campaign=opened.campaign, code="x"))
    assert conflicts_of(opened.version, [entry]) == {}


def test_the_number_of_queries_is_that_of_one(opened, registration):
    counts = {}
    for number in (1, 3, 600):
        items = ItemFactory.create_batch(number, seller=registration.seller)
        entries = [
            Entry(
                pk=-position,
                campaign=opened.campaign,
                venue=opened.venue,
                item=item,
                seller=registration.seller,
                registration=registration,
            )
            for position, item in enumerate(items, 1)
        ]
        EntryFactory(registration=registration, item=items[0], venue=venue(opened, "presale"))
        with CaptureQueriesContext(connection) as captured:
            assert list(conflicts_of(opened.version, entries)) == [-1]
        counts[number] = len(captured)
    assert counts == {1: 3, 3: 3, 600: 3}
    opened.version.conflict_set.all().delete()
    with CaptureQueriesContext(connection) as captured:
        assert conflicts_of(opened.version, entries) == {}
    assert len(captured) == 1
