"""Sections 4.2.3 and 4.2.4: the shipping time and the sales test."""

import pytest

from campaigns.lifecycle import BADGED
from campaigns.models import EntryHistory
from tests.times import local

AT = local("2023-05-10 12:00")


@pytest.mark.rule("G520-038")
@pytest.mark.parametrize(
    ("category", "hours", "codes"),
    [
        ("dresses", "48", []),
        ("dresses", "49", ["G520-038"]),
        ("dresses", "", ["G520-038"]),
        ("fresh_flowers", "24", []),
        ("fresh_flowers", "25", ["G520-038"]),
    ],
)
def test_a_shipping_time_is_set_and_meets_the_categorys_limit(world, category, hours, codes):
    world.items({"code": "i2", "category": category, "ship_time_hours": hours})

    assert world.refused("i2") == codes


@pytest.mark.rule("G520-035", "G520-010")
@pytest.mark.parametrize("hours", ["72", "49", ""])
def test_an_entry_turns_abnormal_and_recovers_by_itself(world, hours):
    (entry,) = world.approved()
    world.feed("items", {"code": "i1", "ship_time_hours": hours}, at="2023-05-11 12:00:00")

    assert world.found(world.sweep("2023-05-12 02:00:00")) == [("G520-038", "abnormal")]
    assert world.status(entry) == "abnormal"
    assert "abnormal" not in BADGED

    world.feed("items", {"code": "i1", "ship_time_hours": "48"}, at="2023-05-12 12:00:00")
    world.sweep("2023-05-13 02:00:00")
    assert world.status(entry) == "approved"
    steps = EntryHistory.objects.filter(entry=entry).order_by("id")
    assert list(steps.values_list("from_status", "to_status"))[-2:] == [
        ("approved", "abnormal"),
        ("abnormal", "approved"),
    ]


@pytest.mark.rule("G520-035")
def test_it_turns_abnormal_at_once_after_the_feed(world):
    from campaigns import sweeping

    (entry,) = world.approved()
    world.feed("items", {"code": "i1", "ship_time_hours": "72"}, at="2023-05-11 12:00:00")

    for run in sweeping.take_changes(at=local("2023-05-11 12:01:00")):
        sweeping.work(run)

    assert world.status(entry) == "abnormal"


def listed(days):
    """A first listing so many local days before the filing."""
    return {
        29: "2023-04-11 23:59:59",
        30: "2023-04-10 00:00:00",
        31: "2023-04-09 23:59:59",
    }[days]


@pytest.mark.parametrize(
    ("days", "sold", "codes"),
    [
        pytest.param(31, 0, ["G520-039"], marks=pytest.mark.rule("G520-039"), id="31-0"),
        pytest.param(31, 1, [], marks=pytest.mark.rule("G520-039"), id="31-1"),
        pytest.param(
            30, 0, [], id="30-0",
            marks=[pytest.mark.rule("G520-039"), pytest.mark.rule("G520-040")],
        ),
        pytest.param(29, 0, [], marks=pytest.mark.rule("G520-040"), id="29-0"),
    ],
)  # fmt: skip
def test_an_item_listed_for_more_than_30_days_must_have_sold(world, days, sold, codes):
    world.feed(
        "items",
        {
            "code": "i2", "seller": "s1", "category": "dresses", "ship_time_hours": "48",
            "on_stock_list": "true", "recommended": "false", "first_listed_at": listed(days),
        },
    )  # fmt: skip
    world.list_prices({"item": "i2", "price": "88.00", "starts_at": "2023-01-01 00:00:00"})
    if sold:
        world.sell({"item": "i2"})

    assert world.refused("i2") == codes


@pytest.mark.rule("G520-039")
@pytest.mark.parametrize(
    ("paid_at", "codes"),
    [
        ("2023-04-09 23:59:59", ["G520-039"]),
        ("2023-04-10 00:00:00", []),
        ("2023-05-09 23:59:59", []),
        ("2023-05-10 00:00:00", ["G520-039"]),
    ],
)
def test_sales_count_in_the_30_whole_days_before(world, paid_at, codes):
    world.feed(
        "items",
        {
            "code": "i2", "seller": "s1", "category": "dresses", "ship_time_hours": "48",
            "on_stock_list": "true", "recommended": "false",
            "first_listed_at": "2023-01-01 00:00:00",
        },
    )  # fmt: skip
    world.list_prices({"item": "i2", "price": "88.00", "starts_at": "2023-01-01 00:00:00"})
    world.sell({"item": "i2"}, paid_at=paid_at)

    assert world.refused("i2") == codes


@pytest.mark.rule("G520-039")
def test_an_item_that_stops_selling_is_cleared_out_at_night(world):
    (entry,) = world.approved(at=AT)

    assert world.found(world.sweep("2023-06-04 02:00:00")) == []
    assert world.found(world.sweep("2023-06-05 02:00:00")) == [("G520-039", "clear_out")]
    assert world.status(entry) == "cleared_out"
