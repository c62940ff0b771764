"""Section 2 of the highlights: the resource positions, and the plan of a day."""

from datetime import date, timedelta

import pytest

from campaigns.slot_plans import AllotmentRefused, allot, plan
from sellers.localtime import local_date

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


@pytest.mark.rule("D12-032")
@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2015, 11, 24), ""),
        (date(2015, 11, 25), "presale_main"),
        (date(2015, 11, 30), "presale_main"),
        (date(2015, 12, 1), ""),
    ],
)
def test_until_30_november_most_positions_push_presale(world, day, kind):
    """Of five positions three are given to presale as long as the rulebook says."""
    push = world.version.milestone_set.get(code="presale_push")
    last = local_date(push.ends_at - timedelta(microseconds=1))
    for number, slot in enumerate(NAMED["web"]):
        days = {"first": local_date(push.starts_at), "last": last}
        if number > 2:
            give(world, slot, first=date(2015, 11, 20), last=date(2015, 12, 10))
        else:
            give(world, slot, **days, venue=world.venue("presale_main"))
    kinds = dict(world.version.venueterms_set.values_list("venue_id", "kind"))

    (planned,) = [row for row in plan(world.campaign, world.version) if row.day == day]

    assert planned.mainly(kinds) == kind
    for time in ("00:00:00", "23:59:59"):
        assert ("presale_push" in world.phases(f"{day} {time}")) is bool(kind)
