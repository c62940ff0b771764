"""Who files where and when."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns import holdings
from campaigns.models import (
    Claim,
    Entry,
    Registration,
)
from campaigns.registering import (
    FilingRow,
    file_entries,
    withdraw_registration,
)
from tests.campaigns.filing.filings import codes, file, items_of, statuses
from tests.factories import (
    FILED,
    EntryFactory,
    RegistrationFactory,
    UserFactory,
    VenueAssignmentFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-25 14:59:59", ["window_closed"]),
        ("2023-04-25 15:00:00", []),
        ("2023-05-16 17:59:59", []),
        ("2023-05-16 18:00:00", ["registration_paused"]),
        ("2023-05-16 20:29:59", ["registration_paused"]),
        ("2023-05-16 20:30:00", []),
        ("2023-05-20 23:59:59", []),
        ("2023-05-21 00:00:00", ["window_closed"]),
    ],
)
def test_items_are_filed_within_the_window(opened, registration, text, expected):
    result = file(registration, opened.venue, items_of(registration), at=local(text))
    assert codes(result.rows[0]) == expected
    assert statuses(result) == ["rejected" if expected else "approved"]


@pytest.mark.parametrize("status", Registration.Status.values)
def test_only_a_joined_seller_files(opened, status):
    registration = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, status=status
    )
    result = file(registration, opened.venue, items_of(registration))
    expected = [] if status == "joined" else ["not_registered"]
    assert codes(result.rows[0]) == expected


def test_a_registration_that_ends_while_rows_are_checked_files_nothing(
    opened, registration, monkeypatch
):
    """The seller withdraws between the checks and the settling of the same request."""
    lock = holdings.lock_registrations

    def withdraw_first(ids):
        monkeypatch.setattr(holdings, "lock_registrations", lock)
        withdraw_registration(registration=registration, at=FILED, actor=None)
        lock(ids)

    monkeypatch.setattr(holdings, "lock_registrations", withdraw_first)
    result = file(registration, opened.venue, items_of(registration))
    assert codes(result.rows[0]) == ["not_registered"]
    assert not Claim.objects.exists()


def test_a_suspended_campaign_takes_nothing(opened, registration):
    opened.campaign.state = "suspended"
    opened.campaign.save()
    result = file(registration, opened.venue, items_of(registration))
    assert codes(result.rows[0]) == ["campaign_suspended"]


def test_once_filing_has_ended_the_venues_contact_is_named(opened, registration):
    opened.terms.contact = "women@example.org"
    opened.terms.save()
    VenueAssignmentFactory(venue=opened.venue, user__first_name="Li", user__last_name="Na")
    VenueAssignmentFactory(venue=opened.venue)
    cleared, other = items_of(registration, 2)
    old = EntryFactory(
        registration=registration, venue=opened.venue, item=cleared, status="cleared_out"
    )
    closing = local("2023-05-21")
    result = file(registration, opened.venue, [cleared, other], at=closing - timedelta(seconds=1))
    assert statuses(result) == ["approved", "approved"]
    result = file(registration, opened.venue, [cleared, other], key="two", at=closing)
    named = {
        "closed_at": "2023-05-21T00:00:00+08:00",
        "contact": "women@example.org",
        "owner": "Li Na",
    }
    assert [row.findings[0].params for row in result.rows] == [
        named | {"cleared_out": old.pk},
        named,
    ]
    early = file(registration, opened.venue, [other], key="three", at=local("2023-04-20"))
    assert set(early.rows[0].findings[0].params) == {"opens_at"}


def test_a_venue_that_nobody_is_assigned_to_names_the_campaigns_owner(opened, registration):
    opened.campaign.owner = UserFactory(first_name="Wang", last_name="Wei")
    opened.campaign.save()
    result = file(registration, opened.venue, items_of(registration), at=local("2023-05-21"))
    assert result.rows[0].findings[0].params["owner"] == "Wang Wei"


def test_a_venues_owner_is_named_before_those_who_review_there(opened, registration):
    VenueAssignmentFactory(venue=opened.venue, user__first_name="Li", user__last_name="Na")
    opened.venue.owner = UserFactory(first_name="Chen", last_name="Lan")
    opened.venue.save()
    result = file(registration, opened.venue, items_of(registration), at=local("2023-05-21"))
    assert result.rows[0].findings[0].params["owner"] == "Chen Lan"


def test_what_comes_from_a_source_that_nobody_knows_is_refused_and_logged(
    opened, registration, caplog
):
    def brought(source, item):
        return file_entries(
            registration=registration,
            venue=opened.venue,
            rows=[FilingRow(item.code, Decimal("88.00"))],
            at=FILED,
            actor=None,
            key=source,
            source=source,
        )

    known, other = items_of(registration, 2)
    assert statuses(brought("import", known)) == ["approved"]
    assert not caplog.records
    result = brought("another-site", other)
    assert statuses(result) == ["rejected"]
    assert [(f.code, f.params) for f in result.rows[0].findings] == [
        ("unknown_source", {"source": "another-site"})
    ]
    assert "another-site" in caplog.text
    assert Entry.objects.get(item=other).source == "import"


@pytest.mark.parametrize(
    ("terms", "expected"),
    [({"takes_registrations": False}, "venue_closed"), ({"invitation_only": True}, "not_invited")],
)
def test_a_venue_may_not_be_open_to_sellers(terms, expected):
    opened = open_campaign(**terms)
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    (item,) = items_of(registration)
    assert codes(file(registration, opened.venue, [item]).rows[0]) == [expected]
    result = file_entries(
        registration=registration,
        venue=opened.venue,
        rows=[FilingRow(item.code, "88.00")],
        at=local("2023-06-01"),
        actor=None,
        key="platform",
        source="platform",
    )
    # What the platform picks itself goes in, its source recorded.
    assert [(row.status, row.entry.source) for row in result.rows] == [("approved", "platform")]
