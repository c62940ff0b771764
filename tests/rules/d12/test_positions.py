"""Section 2 of the highlights: the resource positions, and the plan of a day."""

from datetime import date

import pytest

from campaigns.slot_plans import AllotmentRefused, allot, plan

DAY = date(2015, 11, 25)
NAMED = {
    "web": ["home_focus", "top_banner_guide", "belt", "banner", "channel_focus"],
    "mobile": ["mobile_app"],
    "pad": ["pad_app"],
    "markets": ["coin_market_page"],
    "affiliates": ["affiliate_web", "affiliate_mobile"],
    "paid": ["display_ads", "keyword_ads"],
    "search": ["search_weight"],
}


def given(world, day):
    """Codes of what is given on a day of the plan."""
    (found,) = [row for row in plan(world.campaign, world.version) if row.day == day]
    return sorted(found.given)


def give(world, slot, first=DAY, last=DAY, venue=None):
    return allot(
        campaign=world.campaign, version=world.version, slot=slot, first=first, last=last,
        venue=venue,
    )  # fmt: skip


@pytest.mark.rule("D12-004")
def test_the_catalogue_has_every_position_that_is_named(world):
    there = {}
    for row in world.version.resourceslot_set.filter(place=None):
        there.setdefault(row.channel, []).append(row.code)

    assert there == NAMED


@pytest.mark.rule("D12-004")
def test_a_belt_slot_for_25_november_shows_in_that_days_plan_alone(world):
    assert given(world, DAY) == []
    give(world, "belt")

    assert given(world, DAY) == ["belt"]
    assert given(world, date(2015, 11, 24)) == []
    assert given(world, date(2015, 11, 26)) == []


@pytest.mark.rule("D12-004")
@pytest.mark.parametrize("slot", ["belt", "skywriting"])
def test_what_is_given_or_in_no_catalogue_is_not_given(world, slot):
    give(world, "belt", last=date(2015, 11, 26))

    with pytest.raises(AllotmentRefused):
        give(world, slot, first=date(2015, 11, 26), last=date(2015, 11, 27))
    assert given(world, date(2015, 11, 27)) == []
