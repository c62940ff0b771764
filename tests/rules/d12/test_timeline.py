"""The dates of 1.2, 2.3, 3.2 and 7.4: when what is open, online and on sale."""

import pytest

from campaigns import timeline
from tests.times import local


def open_at(world, venue, at):
    """Whether the venue takes items at a local time."""
    step = {"step": timeline.ITEM, "venue": world.venue(venue)}
    refusal = timeline.registration_open(world.version, local(at), **step)
    assert refusal is None or refusal.code == "window_closed"
    return refusal is None


@pytest.mark.rule("D12-029", "D12-073")
@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2015-10-18 23:59:59", ["window_closed"]),
        ("2015-10-19 00:00:00", []),
        ("2015-12-12 23:59:59", []),
        ("2015-12-13 00:00:00", ["window_closed"]),
    ],
)
def test_sellers_join_while_any_venue_takes_items(world, at, codes):
    assert world.kept_out(at=local(at)) == codes


@pytest.mark.rule("D12-029")
@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2015-10-19 00:00:00", []),
        ("2015-11-16 23:59:59", []),
        ("2015-11-17 00:00:00", ["window_closed"]),
    ],
)
def test_presale_takes_items_from_19_october_to_16_november(world, at, codes):
    world.sellers({"code": "s2"})
    world.items({"code": "i2", "seller": "s2"})
    world.join("s2", at=local("2015-10-19 00:00:00"))

    assert world.refused("i2", seller="s2", venue="presale_women", at=local(at)) == codes


@pytest.mark.rule("D12-029")
def test_presale_opens_to_the_second(world):
    assert not open_at(world, "presale_women", "2015-10-18 23:59:59")
    assert open_at(world, "presale_women", "2015-10-19 00:00:00")


@pytest.mark.rule("D12-047")
@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2015-11-12 23:59:59", ["window_closed"]),
        ("2015-11-13 00:00:00", []),
        ("2015-11-24 23:59:59", []),
        ("2015-11-25 00:00:00", ["window_closed"]),
    ],
)
def test_branches_take_items_from_13_to_24_november(world, at, codes):
    assert world.refused(venue="women", at=local(at)) == codes


@pytest.mark.rule("D12-073")
@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2015-10-28 23:59:59", False),
        ("2015-10-29 00:00:00", True),
        ("2015-12-12 23:59:59", True),
        ("2015-12-13 00:00:00", False),
    ],
)
def test_outer_takes_items_from_29_october_to_the_end_of_the_sale(world, at, is_open):
    assert open_at(world, "outer", at) is is_open
    assert ("window_closed" not in world.found(venue="outer", at=local(at))) is is_open


@pytest.mark.rule("D12-016")
def test_presale_opens_before_the_preheat_of_the_other_venues(world):
    starts = dict(world.version.milestone_set.values_list("code", "starts_at"))

    assert starts["presale_sale"] == local("2015-11-25 00:00:00")
    assert starts["preheat"] == local("2015-12-07 00:00:00")
    assert starts["presale_sale"] < starts["preheat"]


@pytest.mark.rule("D12-016", "D12-030", "D12-031")
@pytest.mark.parametrize(
    ("at", "is_online", "is_on_sale"),
    [
        ("2015-11-24 23:59:59", False, False),
        ("2015-11-25 00:00:00", True, True),
        ("2015-12-11 23:59:59", True, True),
        ("2015-12-12 00:00:00", False, True),
        ("2015-12-12 01:59:59", False, True),
        ("2015-12-12 02:00:00", False, False),
    ],
)
def test_a_presale_page_closes_two_hours_before_its_sale_ends(world, at, is_online, is_on_sale):
    for code in ("presale_women", "presale_main"):
        terms = world.terms(code)
        assert (terms.online in world.phases(at)) is is_online
        assert (terms.on_sale in world.phases(at)) is is_on_sale


@pytest.mark.rule("D12-016", "D12-049", "D12-050", "D12-074")
@pytest.mark.parametrize(
    ("at", "phase"),
    [
        ("2015-12-06 23:59:59", set()),
        ("2015-12-07 00:00:00", {"preheat"}),
        ("2015-12-11 23:59:59", {"preheat"}),
        ("2015-12-12 00:00:00", {"live"}),
        ("2015-12-12 23:59:59", {"live"}),
        ("2015-12-13 00:00:00", set()),
    ],
)
def test_preheat_is_followed_by_the_sale_day(world, at, phase):
    assert world.phases(at) & {"preheat", "live"} == phase
    for code in ("main", "women"):
        terms = world.terms(code)
        assert (terms.online in world.phases(at)) is bool(phase)
        assert (terms.on_sale in world.phases(at)) is (phase == {"live"})
    assert (world.terms("outer").on_sale in world.phases(at)) is (phase == {"live"})


@pytest.mark.rule("D12-046")
@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2015-11-11 23:59:59", False),
        ("2015-11-12 00:00:00", True),
        ("2015-11-18 23:59:59", True),
        ("2015-11-19 00:00:00", False),
    ],
)
def test_the_supplementary_pre_selection_is_from_12_to_18_november(world, at, is_open):
    preselection = world.version.round_set.get(code="preselection")

    assert bool(set(preselection.windows) & world.phases(at)) is is_open
