"""Clauses C and D of 3, 1.3.1, 1.3.2, 2.5.1 and 3.4: points, and counterfeit sales."""

import pytest

from tests.times import local

SPRING, LAST_DAY = "2015-03-01 10:00:00", "2014-12-31 23:59:59"
NEW_YEAR = "2015-01-01 00:00:00"


@pytest.mark.rule("D12-007")
@pytest.mark.parametrize(
    ("points", "severity", "on", "codes"),
    [
        (5, "serious", SPRING, []),
        (6, "serious", SPRING, ["D12-007"]),
        (6, "general", SPRING, []),
        (6, "serious", LAST_DAY, []),
        (6, "serious", NEW_YEAR, ["D12-007"]),
    ],
)
def test_serious_quality_breaches_of_6_points_this_year_bar(world, points, severity, on, codes):
    world.sellers({"code": "s2"})
    world.violation("quality_check", points=points, severity=severity, on=on, seller="s2")

    assert world.kept_out("s2") == codes


@pytest.mark.rule("D12-007")
@pytest.mark.parametrize(
    ("parts", "codes"),
    [
        ([("prohibited", 3, "general"), ("quality_check", 2, "serious")], []),
        ([("prohibited", 4, "general"), ("quality_check", 2, "serious")], ["D12-007"]),
        ([("prohibited", 4, "general"), ("quality_check", 2, "general")], []),
        ([("prohibited", 4, "general"), ("fake_trade", 12, "serious")], []),
    ],
)
def test_points_for_prohibited_goods_add_to_those_of_serious_breaches(world, parts, codes):
    world.sellers({"code": "s2"})
    for category, points, severity in parts:
        world.violation(category, points=points, severity=severity, on=SPRING, seller="s2")

    assert world.kept_out("s2") == codes


@pytest.mark.rule("D12-007")
def test_what_was_not_verified_does_not_count(world):
    world.sellers({"code": "s2"})
    world.violation("prohibited", points=6, on=SPRING, seller="s2", verified="false")

    assert world.kept_out("s2") == []


@pytest.mark.rule("D12-034", "D12-055")
@pytest.mark.parametrize(
    ("points", "on", "is_found"),
    [(5, SPRING, False), (6, SPRING, True), (6, LAST_DAY, False), (6, NEW_YEAR, True)],
)
def test_presale_and_branches_count_any_quality_breach(world, points, on, is_found):
    world.violation("quality_check", points=points, severity="general", on=on)

    assert world.found(venue="presale_women") == ["D12-034"] * is_found
    assert world.refused(venue="women") == ["D12-055"] * is_found


@pytest.mark.rule("D12-034", "D12-055")
def test_there_prohibited_goods_and_any_breach_add_up(world):
    world.items({"code": "p2"})
    world.violation("prohibited", points=4, on=SPRING)
    world.violation("quality_check", points=1, on=SPRING)
    assert world.found("p2", venue="presale_women") == []
    world.violation("quality_check", points=1, on=SPRING)

    assert world.found(venue="presale_women") == ["D12-034"]
    assert world.refused(venue="women") == ["D12-055"]


@pytest.mark.rule("D12-008", "D12-035", "D12-055")
@pytest.mark.parametrize(
    ("points", "on", "codes"),
    [
        (0, LAST_DAY, []),
        (0, NEW_YEAR, ["D12-008"]),
        (12, "2015-10-18 10:00:00", ["D12-008"]),
    ],
)
def test_any_counterfeit_sale_this_year_bars_even_one_of_0_points(world, points, on, codes):
    world.sellers({"code": "s2"})
    world.violation(
        "counterfeit", points=points, on=on, seller="s2", is_special_zero=str(not points).lower()
    )

    assert world.kept_out("s2") == codes


@pytest.mark.rule("D12-008", "D12-035", "D12-055")
@pytest.mark.parametrize(
    ("points", "on", "codes"),
    [
        ((23,), LAST_DAY, []),
        ((24,), LAST_DAY, ["D12-008"]),
        ((12, 12), "2014-01-01 00:00:00", ["D12-008"]),
        ((24,), "2013-12-31 23:59:59", []),
    ],
)
def test_24_counterfeit_points_of_the_year_before_bar(world, points, on, codes):
    world.sellers({"code": "s2"})
    for part in points:
        world.violation("counterfeit", points=part, on=on, seller="s2")

    assert world.kept_out("s2") == codes


@pytest.mark.rule("D12-008")
@pytest.mark.parametrize(
    ("on", "last_year", "this_year"), [(LAST_DAY, "24", "0"), (NEW_YEAR, "0", "1")]
)
def test_a_counterfeit_sale_counts_in_the_one_year_or_in_the_other(world, on, last_year, this_year):
    world.sellers({"code": "s2"})
    world.violation("counterfeit", points=24, on=on, seller="s2")

    (finding,) = world.join("s2").findings

    measured = dict(finding.grounds.values_list("metric", "measured"))
    assert measured == {
        "seller.counterfeit_this_year": this_year,
        "seller.counterfeit_points_last_year": last_year,
    }


@pytest.mark.rule("D12-035", "D12-055")
def test_presale_and_branches_ask_for_the_year_before_too(world):
    world.items({"code": "p2"}, {"code": "b2"})
    world.violation("counterfeit", points=23, on=LAST_DAY)
    assert world.found("p2", venue="presale_women") == world.refused("b2", venue="women") == []
    world.violation("counterfeit", points=1, on=LAST_DAY)

    assert world.found(venue="presale_women") == world.refused(venue="women") == ["D12-008"]


@pytest.mark.rule("D12-036", "D12-080")
@pytest.mark.parametrize(
    ("on", "is_found"),
    [
        ("2014-12-31 23:59:59", False),
        ("2015-01-01 00:00:00", True),
        ("2015-10-18 10:00:00", True),
    ],
)
def test_presale_and_outer_ask_for_a_year_without_counterfeit_sales(world, on, is_found):
    """After joining: before, the campaign's own clause bars already."""
    world.violation("counterfeit", points=0, on=on, is_special_zero="true")

    assert ("D12-036" in world.found(venue="presale_women")) is is_found
    assert ("D12-080" in world.found(venue="outer")) is is_found
    assert world.refused(venue="women") == ["D12-008"] * is_found


@pytest.mark.rule("D12-034", "D12-036")
@pytest.mark.parametrize(
    ("category", "points", "codes"),
    [
        ("quality_check", 6, [("D12-034", "clear_out")]),
        ("quality_check", 5, []),
        ("counterfeit", 0, ["D12-008", "D12-036", "D12-096-shop"]),
    ],
)
def test_who_breaks_it_later_is_cleared_out_at_night(world, category, points, codes):
    (entry,) = world.approved(venue="presale_women")
    world.violation(category, points=points, on="2015-11-11 12:00:00")

    found = world.moved_for(world.sweep("2015-11-12 02:00:00"))

    assert found == [code if isinstance(code, tuple) else (code, "clear_out") for code in codes]
    assert world.status(entry) == ("cleared_out" if codes else "approved")
    assert local("2015-11-10") < entry.submitted_at
