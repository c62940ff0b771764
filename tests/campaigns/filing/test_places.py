"""Claims and places are taken in file order."""

import pytest

from campaigns.models import (
    Claim,
)
from tests.campaigns.filing.filings import codes, file, items_of, statuses
from tests.factories import (
    ClaimScopeFactory,
    EntryFactory,
    QuotaFactory,
    RequirementFactory,
    VenueTermsFactory,
)

pytestmark = pytest.mark.django_db


def test_an_item_stands_once_in_a_venue(opened, registration):
    (item,) = items_of(registration)
    first = file(registration, opened.venue, [item]).rows[0].entry
    result = file(registration, opened.venue, [item], key="two")
    (row,) = result.rows
    assert (row.status, codes(row)) == ("rejected", ["already_claimed"])
    assert row.findings[0].params == {
        "scope": f"venue:{opened.venue.pk}",
        "entry": first.pk,
        "venue": "main",
        "status": "approved",
    }
    assert Claim.objects.get().entry == first


def test_an_item_may_be_filed_again_after_it_ended(opened, registration):
    (item,) = items_of(registration)
    EntryFactory(registration=registration, item=item, venue=opened.venue, status="rejected")
    assert statuses(file(registration, opened.venue, [item])) == ["approved"]


def test_a_claim_over_the_campaign_names_the_other_venue(opened, registration):
    ClaimScopeFactory(version=opened.version, code="one_venue")
    branch = VenueTermsFactory(version=opened.version, code="branch").venue
    (item,) = items_of(registration)
    assert statuses(file(registration, opened.venue, [item])) == ["approved"]
    (row,) = file(registration, branch, [item], key="two").rows
    assert codes(row) == ["already_claimed"]
    assert row.findings[0].params["venue"] == "main"
    # The branch's own claim was not left behind.
    assert Claim.objects.filter(scope=f"venue:{branch.pk}").count() == 0


def test_a_venue_kind_takes_the_claim_of_another_over(opened, registration):
    ClaimScopeFactory(version=opened.version, code="best", takeovers=[["branch", "main"]])
    QuotaFactory(version=opened.version, ceiling=1)
    branch = VenueTermsFactory(version=opened.version, code="branch", kind="branch").venue
    (item,) = items_of(registration)
    old = file(registration, opened.venue, [item]).rows[0].entry
    (row,) = file(registration, branch, [item], key="two").rows
    # The place that the old entry gives up is the new one's.
    assert row.status == "approved"
    old.refresh_from_db()
    assert (old.status, old.move.cause) == ("superseded", "takeover")
    assert {claim.entry_id for claim in Claim.objects.all()} == {row.entry.pk}
    # Not the other way round.
    (row,) = file(registration, opened.venue, [item], key="three").rows
    assert codes(row) == ["already_claimed"]


def test_places_are_taken_in_file_order(opened, registration):
    QuotaFactory(version=opened.version, code="stock", ceiling=2)
    RequirementFactory(version=opened.version, code="ship")
    bad, *good = [*items_of(registration, ship_time_hours=49), *items_of(registration, 3)]
    result = file(registration, opened.venue, [bad, *good])
    assert statuses(result) == ["rejected", "approved", "approved", "rejected"]
    assert codes(result.rows[3]) == ["quota_full"]
    assert result.rows[3].findings[0].params == {"quota": "stock", "ceiling": 2, "used": 2}
    assert Claim.objects.count() == 2


def test_a_refused_claim_takes_no_place(opened, registration):
    QuotaFactory(version=opened.version, code="stock", ceiling=2)
    items = items_of(registration, 2)
    file(registration, opened.venue, items[:1])
    again = file(registration, opened.venue, items, key="two")
    assert statuses(again) == ["rejected", "approved"]
    assert codes(again.rows[0]) == ["already_claimed"]
