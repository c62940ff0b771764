"""Section 4.2.1: where one band of growth levels ends and the next begins."""

import pytest

from campaigns.models import Allotment
from sellers.models import Seller
from tests.rules.g520.test_quotas import fill, outcomes
from tests.times import local


def band(level, featured, places, *rules):
    """A level with the places it has, and the bands it lies in or just outside of."""
    return pytest.param(
        level, featured, places, id=f"{level}-{featured}",
        marks=[pytest.mark.rule(*rules)],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("level", "featured", "places"),
    [
        band("0", "true", 3, "G520-021", "G520-027"),
        band("0", "false", 3, "G520-021", "G520-027"),
        band("1", "false", 5, "G520-021"),
        band("4", "false", 12, "G520-021"),
        band("9", "false", 3, "G520-025", "G520-027"),
    ],
)
def test_a_band_ends_where_the_next_begins(world, level, featured, places):
    codes = fill(world, places + 1, level=level, featured=featured)

    rows = world.file(*codes, seller="s2")

    assert outcomes(rows[:places]) == [("in_review", [])] * places
    assert outcomes(rows[places:]) == [("rejected", ["quota_full"])]


@pytest.mark.rule("G520-021")
def test_a_featured_shop_of_level_4_has_more_than_one_of_level_3(world):
    codes = fill(world, 11, level="4", featured="true")

    assert {row.status for row in world.file(*codes, seller="s2")} == {"in_review"}


@pytest.mark.rule("G520-025")
def test_level_6_is_below_the_band_of_levels_7_and_8(world):
    codes = fill(world, 301, level="6")

    rows = world.file(*codes, seller="s2")

    assert [row.status for row in rows].count("in_review") == 300


@pytest.mark.parametrize(
    ("level", "featured", "places"),
    [
        band("0", "true", 0, "G520-021"),
        band("0", "false", 0, "G520-021"),
        band("1", "true", 5, "G520-021"),
        band("1", "false", 3, "G520-021"),
        band("3", "true", 5, "G520-021"),
        band("3", "false", 3, "G520-021"),
        band("4", "true", 0, "G520-021"),
    ],
)
def test_an_allotment_is_raised_to_the_bottom_of_the_band_alone(world, level, featured, places):
    codes = fill(world, places + 1, level=level, featured=featured)
    Allotment.objects.create(
        campaign=world.campaign, quota_code="stock_list", places=0,
        seller=Seller.objects.get(code="s2"), decided_at=local("2023-04-26"),
    )  # fmt: skip

    rows = world.file(*codes, seller="s2")

    assert [row.status for row in rows] == ["in_review"] * places + ["rejected"]


@pytest.mark.rule("G520-006")
def test_the_reduction_is_20_off_every_200_across_shops(world):
    (version,) = world.campaign.versions.all()

    terms = version.promotion_set.get(code="cross_shop_reduction").terms

    assert terms == {"threshold": 200, "reduction": 20, "repeats": True, "across_shops": True}
