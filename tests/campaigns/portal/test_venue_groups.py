"""Many venues by kind: those that take items now first, and one found by its name."""

import pytest

from campaigns.models import VenueTerms
from campaigns.portal.calendar import Calendar
from campaigns.portal.venue_groups import by_kind, for_filing
from tests.large_campaign import large_campaign, version_of
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def terms(db):
    version = version_of(large_campaign())
    return list(VenueTerms.objects.filter(version=version, takes_registrations=True))


def groups(terms, at, query=""):
    """(name, venues, open) of each group."""
    version = terms[0].version
    calendar = Calendar(version.campaign, version, local(at))
    found = for_filing(terms, calendar, query)
    return [(group.name, len(group.venues), group.is_open) for group in found]


def test_what_is_open_comes_first(terms):
    # The branches' window is [13 November, 25 November), the presale one's ends on the 17th.
    assert groups(terms, "2015-11-12 23:59:59") == [
        ("presale", 21, True), ("outer", 1, True), ("branch", 34, False),
    ]  # fmt: skip
    assert groups(terms, "2015-11-17 00:00:00") == [
        ("branch", 34, True), ("outer", 1, True), ("presale", 21, False),
    ]  # fmt: skip


def test_a_venue_is_found_by_its_code_or_title(terms):
    assert groups(terms, "2015-11-20 12:00", "branch-07") == [("branch", 1, True)]
    assert [group.name for group in by_kind(terms, "OUTER venue")] == ["outer"]
    assert by_kind(terms, "nowhere") == []
