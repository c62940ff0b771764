"""Section 4.2.1: the two lists and the places on the stock list."""

import pytest

from campaigns.models import Allotment
from sellers.models import Seller
from tests.times import local


def fill(world, count, *, level, featured="false", seller="s2", source="stock_list"):
    """A seller of that level with ``count`` items; the items' codes."""
    world.sellers({"code": seller, "growth_level": level, "industry_featured": featured})
    flags = {"on_stock_list": "true", "recommended": "true"}
    codes = [f"{seller}-{number:04}" for number in range(count)]
    world.items(*({"code": code, "seller": seller, **flags} for code in codes))
    return codes


def outcomes(rows):
    return [(row.status, sorted(finding.code for finding in row.findings)) for row in rows]


@pytest.mark.rule("G520-019")
@pytest.mark.parametrize(
    ("on_stock_list", "recommended", "source", "codes"),
    [
        ("true", "false", "stock_list", []),
        ("false", "true", "recommended_list", []),
        ("false", "false", "stock_list", ["G520-019"]),
        ("false", "false", "recommended_list", ["G520-019"]),
        ("false", "true", "stock_list", ["G520-019"]),
        ("true", "false", "recommended_list", ["G520-019"]),
    ],
)
def test_items_are_picked_from_the_list_that_they_are_on(
    world, on_stock_list, recommended, source, codes
):
    world.items({"code": "i2", "on_stock_list": on_stock_list, "recommended": recommended})

    assert world.refused("i2", source=source) == codes


def ceiling(code, level, featured, places):
    return pytest.param(
        level, featured, places, id=f"{code}-{level or 'none'}-{featured}",
        marks=[pytest.mark.rule(code), pytest.mark.rule("G520-020")],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("level", "featured", "places"),
    [
        ceiling("G520-021", "1", "true", 10),
        ceiling("G520-021", "3", "true", 10),
        ceiling("G520-021", "3", "false", 5),
        ceiling("G520-022", "4", "false", 12),
        ceiling("G520-022", "4", "true", 150),
        ceiling("G520-023", "5", "false", 30),
        ceiling("G520-023", "5", "true", 150),
        ceiling("G520-024", "6", "false", 300),
        ceiling("G520-024", "6", "true", 300),
        ceiling("G520-025", "7", "false", 600),
        ceiling("G520-025", "8", "true", 600),
        ceiling("G520-027", "", "false", 3),
        ceiling("G520-027", "", "true", 3),
    ],
)
def test_the_last_place_is_taken_and_the_next_item_refused(world, level, featured, places):
    codes = fill(world, places + 1, level=level, featured=featured)

    first = world.file(*codes[:places], seller="s2")
    (last,) = world.file(codes[places], seller="s2")

    assert {row.status for row in first} == {"in_review"}
    assert outcomes([last]) == [("rejected", ["quota_full"])]


@pytest.mark.parametrize(
    ("allotted", "places"),
    [
        pytest.param(4, 4, marks=pytest.mark.rule("G520-026"), id="within"),
        pytest.param(None, 5, marks=pytest.mark.rule("G520-026"), id="none"),
        pytest.param(99, 5, marks=pytest.mark.rule("G520-026"), id="above"),
        pytest.param(
            1, 3, marks=[pytest.mark.rule("G520-026"), pytest.mark.rule("G520-021")], id="below"
        ),
    ],
)
def test_the_ceiling_is_allotted_within_the_band(world, allotted, places):
    codes = fill(world, places + 1, level="2")
    if allotted is not None:
        Allotment.objects.create(
            campaign=world.campaign, quota_code="stock_list", places=allotted,
            seller=Seller.objects.get(code="s2"), decided_at=local("2023-04-26"),
        )  # fmt: skip

    rows = world.file(*codes, seller="s2")

    assert outcomes(rows[:places]) == [("in_review", [])] * places
    assert outcomes(rows[places:]) == [("rejected", ["quota_full"])]


@pytest.mark.parametrize(
    ("level", "featured", "floor"),
    [
        pytest.param("3", "true", 5, marks=pytest.mark.rule("G520-021"), id="3-featured"),
        pytest.param("4", "false", 3, marks=pytest.mark.rule("G520-022"), id="4"),
        pytest.param("5", "false", 3, marks=pytest.mark.rule("G520-023"), id="5"),
    ],
)
def test_nobody_is_allotted_less_than_the_bottom_of_the_band(world, level, featured, floor):
    codes = fill(world, floor + 1, level=level, featured=featured)
    Allotment.objects.create(
        campaign=world.campaign, quota_code="stock_list", places=0,
        seller=Seller.objects.get(code="s2"), decided_at=local("2023-04-26"),
    )  # fmt: skip

    rows = world.file(*codes, seller="s2")

    assert [row.status for row in rows] == ["in_review"] * floor + ["rejected"]


@pytest.mark.rule("G520-028")
@pytest.mark.parametrize(
    ("changed_at", "places"), [("2023-04-25 00:00:00", 12), ("2023-04-25 00:00:01", 5)]
)
def test_the_level_is_frozen_on_25_april(world, changed_at, places):
    codes = fill(world, 13, level="3")
    world.sellers({"code": "s2", "growth_level": "4"}, at=changed_at)
    world.sellers({"code": "s2", "growth_level": "6"}, at="2023-05-09 12:00:00")

    rows = world.file(*codes, seller="s2")

    assert [row.status for row in rows].count("in_review") == places


@pytest.mark.rule("G520-028")
def test_a_shop_that_had_no_level_on_25_april_counts_as_unlevelled(world):
    codes = fill(world, 4, level="")
    world.sellers({"code": "s2", "growth_level": "6"}, at="2023-05-09 12:00:00")

    rows = world.file(*codes, seller="s2")

    assert [row.status for row in rows] == ["in_review"] * 3 + ["rejected"]


@pytest.mark.rule("G520-029")
def test_recommended_items_use_no_places_of_the_stock_list(world):
    codes = fill(world, 5, level="")

    stock = world.file(*codes[:3], seller="s2")
    recommended = world.file(codes[3], seller="s2", source="recommended_list")
    (more,) = world.file(codes[4], seller="s2")

    assert {row.status for row in [*stock, *recommended]} == {"in_review"}
    assert outcomes([more]) == [("rejected", ["quota_full"])]
