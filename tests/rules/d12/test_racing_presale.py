"""Section 6.1: the race from the presale branches to the presale main venue."""

from datetime import timedelta

import pytest

from tests.rules.boards import board, in_turn, inputs, periods, ranked, row_of, stands
from tests.times import local

MAIN = "presale_main"
FILED = local("2015-11-10 12:00")


@pytest.fixture
def world(world):
    """Items "x", "y" of s1 in one presale branch, "z" of s2 in another, filed in that order."""
    world.sellers({"code": "s2"})
    world.ready("s2")
    world.items({"code": "x"}, {"code": "y"}, {"code": "z", "seller": "s2"})
    for number, (item, seller, venue) in enumerate(
        [("x", "s1", "presale_women"), ("y", "s1", "presale_women"), ("z", "s2", "presale_men")]
    ):
        world.approved(
            item, venue=venue, seller=seller, min_order_qty=100,
            at=FILED + timedelta(minutes=number),
        )  # fmt: skip
    return world


def presold(world, time, when, **amounts):
    """Presale of items in an hour or on a day: an amount, or (amount, units)."""
    rows = []
    for item, sold in amounts.items():
        amount, units = sold if isinstance(sold, tuple) else (sold, "1")
        figures = {"cart_amount": "0", "presale_amount": amount, "presale_quantity": units}
        rows.append({"item": item, time: when, **figures})
    world.carts(*rows)


@pytest.mark.rule("D12-125")
def test_on_25_november_items_race_by_the_hour(world):
    presold(world, "hour", "2015-11-25 12:00:00", x="10.00", y="10.01", z="9.00")
    presold(world, "hour", "2015-11-25 11:00:00", x="99.00")
    presold(world, "hour", "2015-11-25 13:00:00", x="99.00")

    made = board(world, "presale", "2015-11-25 13:00:00", MAIN)

    assert ranked(made) == stands(made) == ["y", "x", "z"]
    assert ranked(board(world, "presale", "2015-11-25 14:00:00", MAIN))[0] == "x"


@pytest.mark.rule("D12-125", "D12-126", "D12-127")
def test_boards_are_of_hours_then_of_days_and_the_last_is_of_11_december(world):
    found = periods(world, "presale", "2015-12-13 00:00:00", MAIN)

    hours = [local(f"2015-11-25 {hour:02}:00") for hour in range(24)]
    first = local("2015-11-26")
    days = [first + timedelta(days=day) for day in range(16)]
    assert found == in_turn(*hours, *days, until=local("2015-12-12"))
    assert days[-1] == local("2015-12-11")


@pytest.mark.rule("D12-126")
def test_from_26_november_items_race_by_the_day_and_then_by_their_shops(world):
    presold(world, "day", "2015-11-26", x="10.00", y="11.00", z="10.00")

    made = board(world, "presale", "2015-11-27 00:00:00", MAIN)

    # x and z are equal; x's shop sold 21.00.
    assert ranked(made) == ["y", "x", "z"]
    assert [inputs(made, code) for code in "xz"] == [[10, 21], [10, 10]]
    presold(world, "day", "2015-11-27", x="10.00", y="1.00", z="10.00")
    world.carts({"seller": "s2", "day": "2015-11-27", "presale_amount": "11.01"})
    assert ranked(board(world, "presale", "2015-11-28 00:00:00", MAIN)) == ["z", "x", "y"]


@pytest.mark.rule("D12-126")
def test_before_amounts_of_the_shop_comes_that_of_the_item(world):
    presold(world, "day", "2015-11-25", x="10.00", y="11.00", z="10.01")

    assert ranked(board(world, "presale", "2015-11-26 00:00:00", MAIN)) == ["y", "z", "x"]


@pytest.mark.rule("D12-127")
@pytest.mark.parametrize(
    ("at", "first"), [("2015-11-30 00:00:00", "x"), ("2015-12-01 00:00:00", "z")]
)
def test_from_1_december_the_group_rate_comes_first(world, at, first):
    day = {"2015-11-30 00:00:00": "2015-11-29", "2015-12-01 00:00:00": "2015-11-30"}[at]
    presold(world, "day", day, x=("500.00", "10"), y=("1.00", "1"), z=("20.00", "11"))

    assert ranked(board(world, "presale", at, MAIN))[0] == first


@pytest.mark.rule("D12-127")
def test_between_equal_group_rates_the_items_amount_and_then_the_shops_decide(world):
    presold(
        world, "day", "2015-12-01", x=("10.00", "10"), y=("10.01", "10"), z=("10.00", "10")
    )  # fmt: skip

    made = board(world, "presale", "2015-12-02 00:00:00", MAIN)

    assert ranked(made) == ["y", "x", "z"]
    assert [str(value) for value in inputs(made, "z")[2:]] == ["10.00", "10.00"]


@pytest.mark.rule("D12-128")
@pytest.mark.parametrize(("units", "rate"), [("150", 1_500_000), ("100", 1_000_000), ("0", 0)])
def test_the_group_rate_is_what_was_collected_over_the_minimum(world, units, rate):
    # Collected over several days, from the first instant of presale on; nothing before.
    presold(world, "day", "2015-11-24", x=("9.00", "7"))
    presold(world, "day", "2015-11-25", x=("1.00", "0" if units == "0" else "30"))
    rest = "0" if units == "0" else str(int(units) - 30)
    presold(world, "day", "2015-12-02", x=("1.00", rest))
    presold(world, "day", "2015-12-03", x=("9.00", "7"))

    made = board(world, "presale", "2015-12-03 00:00:00", MAIN)

    assert (inputs(made, "x")[:2], row_of(made, "x").value_1) == ([int(units), 100], rate)


@pytest.mark.rule("D12-124")
def test_items_of_the_presale_branches_alone_race_for_presale_main(world):
    world.approved("b1", venue="women")

    made = board(world, "presale", "2015-11-25 13:00:00", MAIN)

    assert ranked(made) == ["x", "y", "z"]
    assert board(world, "presale", "2015-11-25 13:00:00", "presale_women") is None
    sources = made.placements.order_by("position").values_list("source__code", flat=True)
    assert list(sources) == ["presale_women", "presale_women", "presale_men"]
