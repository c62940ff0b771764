"""Section 5.3 of the incentives: shops whose sales of the day reach their reference value show in
search."""

import pytest

from campaigns.models import Attainment
from campaigns.racing.incentives import check_attainment
from tests.rules.d12.racing import order, register, shops, sold
from tests.rules.d12.test_placements import exported
from tests.times import local

EVENING = "2015-12-12 20:30:00"


def reference(world, **amounts):
    """The reference values of shops."""
    world.feed(
        "facts",
        *({"seller": code, "seller.gmv_reference": amount} for code, amount in amounts.items()),
        at="2015-12-01",
    )  # fmt: skip


def check(world, at):
    """The check of a full hour; (shop, when attained) of all who have attained by then."""
    check_attainment(world.campaign, local(at))
    rows = Attainment.objects.order_by("attained_at", "pk")
    return list(rows.values_list("seller__code", "attained_at"))


def shown(world, at=EVENING):
    """The shops that show in search, in order."""
    return [line["seller"] for line in exported(world, "incentives", at)]


@pytest.mark.rule("D12-120")
@pytest.mark.parametrize(
    ("clean", "flagged", "attains"),
    [
        ("4999.99", "0.01", False),
        ("5000.00", "0.01", True),
        ("4999.99", None, False),
        ("5000.00", None, True),
    ],
)
def test_clean_sales_of_the_day_must_reach_the_reference(world, clean, flagged, attains):
    shops(world, "a")
    reference(world, a="5000.00")
    sold(world, "2015-12-12 10:00:00", a=clean)
    if flagged:
        order(world, "odd", "a", flagged, "2015-12-12 10:30:00", abnormal="true")

    assert bool(check(world, "2015-12-12 11:00:00")) is attains
    assert shown(world) == (["a"] if attains else [])


@pytest.mark.rule("D12-120")
@pytest.mark.parametrize(
    ("venue", "attains"),
    [("women", True), ("outer", True), ("presale_women", False), (None, False)],
)
def test_one_campaign_item_is_asked_for_of_a_branch_or_of_outer(world, venue, attains):
    register(world, "a") if venue is None else shops(world, "a", venue=venue)
    reference(world, a="5000.00")
    sold(world, "2015-12-12 10:00:00", a="5000.00")

    assert bool(check(world, "2015-12-12 11:00:00")) is attains


@pytest.mark.rule("D12-120")
def test_sales_are_those_of_the_sale_day(world):
    shops(world, "a", "b")
    reference(world, a="5000.00", b="5000.00")
    sold(world, "2015-12-11 23:59:59", a="5000.00")
    sold(world, "2015-12-12 00:00:00", b="5000.00")

    assert [code for code, _at in check(world, "2015-12-12 01:00:00")] == ["b"]


@pytest.mark.rule("D12-121")
def test_who_crosses_at_14_20_has_attained_at_the_check_of_15(world):
    shops(world, "b", "a")
    reference(world, a="5000.00", b="5000.00")
    sold(world, "2015-12-12 14:20:00", a="5000.00")
    sold(world, "2015-12-12 15:00:00", b="9000.00")

    assert check(world, "2015-12-12 14:59:59") == []
    assert check(world, "2015-12-12 15:00:00") == [("a", local("2015-12-12 15:00"))]
    assert check(world, "2015-12-12 16:00:00")[1] == ("b", local("2015-12-12 16:00"))
    # The earlier attained the earlier.
    assert shown(world) == ["a", "b"]


@pytest.mark.rule("D12-122")
def test_it_shows_from_18_o_clock_or_the_check_after_until_the_day_is_over(world):
    shops(world, "a", "b", "c")
    reference(world, a="5000.00", b="5000.00", c="5000.00")
    sold(world, "2015-12-12 14:20:00", a="5000.00")
    sold(world, "2015-12-12 19:20:00", b="5000.00")
    sold(world, "2015-12-12 23:20:00", c="5000.00")
    check(world, "2015-12-13 00:00:00")

    seen = {at: shown(world, f"2015-12-{at}") for at in (
        "12 17:59:59", "12 18:00:00", "12 19:59:59", "12 20:00:00", "12 23:59:59", "13 00:00:00",
    )}  # fmt: skip
    assert seen == {
        "12 17:59:59": [],
        "12 18:00:00": ["a"],
        "12 19:59:59": ["a"],
        "12 20:00:00": ["a", "b"],
        "12 23:59:59": ["a", "b"],
        "13 00:00:00": [],
    }


@pytest.mark.rule("D12-123")
def test_it_shows_at_position_30_on_the_web_and_51_on_phones(world):
    shops(world, "a")
    reference(world, a="5000.00")
    sold(world, "2015-12-12 14:20:00", a="5000.00")
    check(world, "2015-12-12 15:00:00")

    (line,) = exported(world, "incentives", EVENING)

    assert line["slots"] == "web=30, mobile=51"


@pytest.mark.rule("D12-145")
def test_an_order_found_good_later_counts_at_the_next_check(world):
    shops(world, "a")
    reference(world, a="1000.00")
    sold(world, "2015-12-12 10:00:00", a="900.00")
    order(world, "odd", "a", "100.00", "2015-12-12 10:30:00", abnormal="true")
    assert check(world, "2015-12-12 11:00:00") == []

    order(world, "odd", "a", "100.00", "2015-12-12 10:30:00", abnormal="false",
          at="2015-12-12 11:30:00")  # fmt: skip

    assert [code for code, _at in check(world, "2015-12-12 12:00:00")] == ["a"]
