"""Resource positions by day: only what the catalogue has, each once a day, all or nothing."""

from datetime import date

import pytest

from campaigns import slot_plans
from campaigns.models import SlotAllotment
from campaigns.slot_plans import AllotmentRefused
from tests.factories import VenueFactory
from tests.large_campaign import large_campaign, version_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign():
    return large_campaign()


def allot(campaign, first, last=None, slot="belt", **more):
    first, last = date.fromisoformat(first), date.fromisoformat(last or first)
    return slot_plans.allot(
        campaign=campaign, version=version_of(campaign), slot=slot, first=first, last=last, **more
    )


def day(campaign, text):
    plan = slot_plans.plan(campaign, version_of(campaign))
    return next(planned for planned in plan if planned.day == date.fromisoformat(text))


def test_a_position_of_the_catalogue_shows_in_that_days_plan(campaign):
    allot(campaign, "2015-11-25")

    assert list(day(campaign, "2015-11-25").given) == ["belt"]
    assert day(campaign, "2015-11-24").given == {}
    assert day(campaign, "2015-11-26").given == {}
    with pytest.raises(AllotmentRefused, match="no resource position “roof”"):
        allot(campaign, "2015-11-25", slot="roof")


def test_the_plan_has_every_day_of_the_campaign(campaign):
    days = [planned.day for planned in slot_plans.plan(campaign, version_of(campaign))]

    assert (days[0], days[-1], len(days)) == (date(2015, 10, 19), date(2015, 12, 12), 55)


def test_a_position_is_given_once_a_day_and_nothing_is_half_given(campaign):
    allot(campaign, "2015-11-27")

    with pytest.raises(AllotmentRefused, match="2015-11-27"):
        allot(campaign, "2015-11-25", "2015-11-30")

    assert campaign.slot_allotments.count() == 1
    allot(campaign, "2015-11-25", "2015-11-30", slot="focus")
    assert campaign.slot_allotments.count() == 7


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ("2015-11-26", "2015-11-25", "before the first"),
        ("2015-01-01", "2016-01-02", "at most 366"),
    ],
)
def test_days_that_are_none_are_refused(campaign, first, last, message):
    with pytest.raises(AllotmentRefused, match=message):
        allot(campaign, first, last)

    assert SlotAllotment.objects.count() == 0


def test_a_venue_of_another_campaign_is_refused(campaign):
    with pytest.raises(AllotmentRefused, match="another campaign"):
        allot(campaign, "2015-11-25", venue=VenueFactory())


def test_what_is_taken_back_is_free_again(campaign):
    (given,) = allot(campaign, "2015-11-25")
    other = large_campaign("another")
    (foreign,) = allot(other, "2015-11-25")

    assert slot_plans.take_back(campaign=campaign, allotments=[given.pk, foreign.pk]) == 1

    assert list(SlotAllotment.objects.all()) == [foreign]
    allot(campaign, "2015-11-25")


def test_a_day_says_which_kind_it_mainly_pushes(campaign):
    presale = campaign.venues.get(code="presale-01")
    kinds = dict(version_of(campaign).venueterms_set.values_list("venue_id", "kind"))
    for slot in ("belt", "focus"):
        allot(campaign, "2015-11-30", slot=slot, venue=presale)
    allot(campaign, "2015-11-30", slot="banner")
    allot(campaign, "2015-12-01", slot="belt", venue=presale)
    allot(campaign, "2015-12-01", slot="banner")

    assert day(campaign, "2015-11-30").mainly(kinds) == "presale"
    assert day(campaign, "2015-12-01").mainly(kinds) == ""
    assert day(campaign, "2015-12-02").mainly(kinds) == ""
