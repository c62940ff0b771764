"""Both sides of every border that a statistic has in time, and what counts as nothing."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from sellers.models import ItemDay, ItemHour, SellerDay
from tests.campaigns.statistics.worlds import AT, World
from tests.factories import (
    ListPriceFactory,
    OrderFactory,
    OrderLineFactory,
    ParallelPriceFactory,
    QualificationFactory,
    ViolationFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

TICK = timedelta(microseconds=1)
REFERENCE = {"from": "2023-05-09 00:00:00", "to": "2023-05-21 00:00:00"}
LOWEST = {"function": "min", "source": "list_prices", "field": "price", "window": REFERENCE}
SOLD = {"function": "sum", "source": "item_days", "field": "quantity"}


@pytest.fixture
def world():
    return World()


@pytest.mark.rule("G520-031")
@pytest.mark.parametrize(
    ("starts", "ends", "counts"),
    [
        ("2023-04-01", "2023-05-09 00:00:00", False),
        ("2023-04-01", "2023-05-09 00:00:00.000001", True),
        ("2023-05-19", None, True),
        ("2023-05-20 23:59:59", None, True),
        ("2023-05-21 00:00:00", None, False),
        ("2023-05-19", "2023-05-20", True),
        ("2023-06-01", None, False),
    ],
)
def test_a_list_price_in_force_or_due_in_the_window_counts(world, starts, ends, counts):
    ListPriceFactory(item=world.item, price="88.00", starts_at=local("2023-01-01"))
    ListPriceFactory(
        item=world.item,
        price="60.00",
        starts_at=local(starts),
        ends_at=ends and local(ends),
        known_at=local("2023-04-01"),
    )
    lowest = world.ask(**LOWEST, include_scheduled=True)
    assert lowest == (Decimal("60.00") if counts else Decimal("88.00"))


@pytest.mark.rule("G520-031")
@pytest.mark.parametrize("starts_at", [AT - TICK, AT, AT + TICK])
def test_a_price_that_is_due_later_counts_only_where_asked_for(world, starts_at):
    ListPriceFactory(item=world.item, starts_at=starts_at, known_at=local("2023-04-01"))
    assert world.ask(**LOWEST, include_scheduled=True) == Decimal("100.00")
    assert world.ask(**LOWEST) == (Decimal("100.00") if starts_at <= AT else None)


@pytest.mark.rule("G520-031")
@pytest.mark.parametrize(("known_at", "counts"), [(AT, True), (AT + TICK, False)])
def test_a_price_that_was_not_known_does_not_count(world, known_at, counts):
    ListPriceFactory(item=world.item, known_at=known_at)
    assert world.ask(**LOWEST) == (Decimal("100.00") if counts else None)


@pytest.mark.rule("G520-032")
def test_a_struck_price_is_no_list_price(world):
    ListPriceFactory(item=world.item, price="150.00")
    ListPriceFactory(item=world.item, price="90.00", struck=True)
    assert world.ask(**LOWEST) == Decimal("150.00")
    assert world.ask(function="count", source="list_prices") == 1


@pytest.mark.rule("G520-039")
@pytest.mark.parametrize(
    ("day", "sold"),
    [
        (date(2023, 4, 15), 0),
        (date(2023, 4, 16), 3),
        (date(2023, 5, 15), 3),
        (date(2023, 5, 16), 0),
    ],
)
@pytest.mark.parametrize("at", ["2023-05-16 00:00:00", "2023-05-16 23:59:59"])
def test_thirty_whole_days_before_today_count(world, at, day, sold):
    ItemDay.objects.create(item=world.item, day=day, quantity=3)
    assert world.ask(**SOLD, window={"trailing_days": 30}, at=local(at)) == sold


@pytest.mark.parametrize(
    ("window", "days"),
    [
        ({"trailing_days": 2}, [14, 15]),
        ({"trailing_days": 2, "offset_days": 1}, [13, 14]),
        ({"trailing_days": 2, "include_today": True}, [14, 15, 16]),
        ({"from": "2023-05-14", "to": "2023-05-16"}, [14, 15]),
        # Tomorrow is in the window, but not yet.
        ({"from": "2023-05-15", "to": "2023-05-20"}, [15, 16]),
        ({"since": "2023-05-15 00:00:00"}, [15, 16]),
        ({}, [12, 13, 14, 15, 16]),
    ],
)
def test_the_days_of_a_window(world, window, days):
    for day in range(12, 19):
        ItemDay.objects.create(item=world.item, day=date(2023, 5, day), quantity=1 << day)
    assert world.ask(**SOLD, window=window) == sum(1 << day for day in days)


def test_statistics_of_one_source_keep_their_own_windows(world):
    for day in range(10, 16):
        ItemDay.objects.create(item=world.item, day=date(2023, 5, day), quantity=1 << day)
    world.ask(code="item.later", **SOLD, window={"trailing_days": 2})
    world.ask(code="item.none", **SOLD, window={"from": "2023-05-01", "to": "2023-05-09"})
    earlier = world.ask(**SOLD, window={"trailing_days": 2, "offset_days": 3})
    assert earlier == (1 << 11) + (1 << 12)
    ratio = {"function": "ratio", "numerator": "item.later", "denominator": "item.asked2"}
    world.ask(code="item.asked2", **SOLD, window={"from": "2023-05-10", "to": "2023-05-11"})
    assert world.ask(**ratio) == ((1 << 14) + (1 << 15)) >> 10


def test_hours_count_by_their_first_instant(world):
    start, end = local("2023-05-15 20:00"), local("2023-05-15 21:00")
    for hour in (start - timedelta(hours=1), start, end):
        ItemHour.objects.create(item=world.item, hour=hour, quantity=1)
    hours = {"function": "sum", "source": "item_hours", "field": "quantity"}
    window = {"from": "2023-05-15 20:00:00", "to": "2023-05-15 21:00:00"}
    assert world.ask(**hours, window=window) == 1
    assert world.ask(**hours, at=end) == 3
    assert world.ask(**hours, at=end - TICK) == 2


@pytest.mark.parametrize(
    ("paid_at", "sold"),
    [
        (local("2023-05-14 23:59:59.999999"), 0),
        (local("2023-05-15"), 2),
        (local("2023-05-15 23:59:59.999999"), 2),
        (local("2023-05-16"), 0),
        (None, 0),
    ],
)
def test_events_count_by_their_instant(world, paid_at, sold):
    OrderLineFactory(item=world.item, quantity=2, paid_at=paid_at)
    lines = {"function": "sum", "source": "order_lines", "field": "quantity"}
    assert world.ask(**lines, window={"trailing_days": 1}) == sold


@pytest.mark.rule("G520-033")
@pytest.mark.parametrize(
    ("paid_at", "highest"),
    [
        ("2023-05-16 19:59:59", None),
        ("2023-05-16 20:00:00", Decimal("88.01")),
        ("2023-05-18 12:00:00", Decimal("88.01")),
        ("2023-05-18 12:00:01", None),
    ],
)
def test_nothing_after_the_instant_counts_though_the_window_goes_on(world, paid_at, highest):
    OrderLineFactory(item=world.item, unit_price="88.01", paid_at=local(paid_at))
    found = world.ask(
        function="max",
        source="order_lines",
        field="unit_price",
        window={"from": "2023-05-16 20:00:00", "to": "2023-05-21 00:00:00"},
        at=local("2023-05-18 12:00:00"),
    )
    assert found == highest


@pytest.mark.rule("G520-034")
@pytest.mark.parametrize(
    ("starts_at", "ends_at", "price"),
    [
        (AT, None, Decimal("88.00")),
        (AT + TICK, None, None),
        (AT - TICK, AT, None),
        (AT - TICK, AT + TICK, Decimal("88.00")),
    ],
)
def test_the_latest_price_is_one_in_force(world, starts_at, ends_at, price):
    ParallelPriceFactory(
        item=world.item, starts_at=starts_at, ends_at=ends_at, known_at=local("2023-04-01")
    )
    ParallelPriceFactory(item=world.item, channel="live", price="1.00", starts_at=AT)
    found = world.ask(
        function="last",
        source="parallel_prices",
        field="price",
        where=["channel", "==", "group_buy"],
    )
    assert found == price


def test_the_latest_of_several_is_the_one_that_began_last(world):
    for day, price in ((3, "70.00"), (9, "90.00"), (5, "80.00")):
        ListPriceFactory(item=world.item, price=price, starts_at=local(f"2023-05-0{day}"))
    last = {"function": "last", "source": "list_prices", "field": "price"}
    assert world.ask(**last) == Decimal("90.00")
    assert world.ask(**last, window={"from": "2023-04-01", "to": "2023-05-09"}) == Decimal("80.00")
    ListPriceFactory(item=world.item, price="95.00", starts_at=AT + TICK, known_at=AT)
    assert world.ask(**last, include_scheduled=True) == Decimal("95.00")


def test_the_latest_of_equally_late_ones_is_the_last_by_name(world):
    for code, points in (("v2", 2), ("v3", 3), ("v1", 1)):
        ViolationFactory(seller=world.seller, code=code, points=points)
    ViolationFactory(seller=world.seller, code="v4", points=4, penalised_at=local("2023-03-31"))
    last = {"level": "seller", "function": "last", "source": "violations", "field": "points"}
    assert world.ask(**last) == 3


def test_clean_is_paid_without_abnormal(world):
    SellerDay.objects.create(
        seller=world.seller,
        day=date(2023, 5, 15),
        quantity=10,
        abnormal_quantity=4,
        paid_amount="100.05",
        abnormal_amount="40.01",
    )
    days = {"level": "seller", "function": "sum", "source": "seller_days"}
    assert world.ask(**days, field="clean_amount") == Decimal("60.04")
    assert world.ask(**days, field="clean_quantity") == 6


@pytest.mark.parametrize(
    ("statistic", "nothing"),
    [
        ({"function": "count"}, 0),
        ({"function": "count", "field": "paid_at"}, 0),
        ({"function": "count_distinct", "field": "order"}, 0),
        ({"function": "sum", "field": "quantity"}, 0),
        ({"function": "sum", "field": "paid_amount"}, 0),
        ({"function": "min", "field": "unit_price"}, None),
        ({"function": "max", "field": "paid_at"}, None),
        ({"function": "avg", "field": "quantity"}, None),
        ({"function": "last", "field": "buyer"}, None),
        ({"function": "share", "where": ["abnormal", "==", True]}, None),
        ({"function": "share", "field": "quantity", "where": ["abnormal", "==", True]}, None),
    ],
)
@pytest.mark.parametrize("others", [0, 3], ids=["alone", "beside another source"])
def test_nothing_is_not_zero_except_where_it_is(world, statistic, nothing, others):
    """Whether the source is joined, or asked beside one that is."""
    for number in range(others):
        code = f"item.other{number}"
        world.ask(code=code, function="sum", source="item_days", field="quantity")
    assert world.ask(**statistic, source="order_lines") == nothing


def test_rows_that_are_filtered_out_are_nothing_too(world):
    OrderLineFactory(item=world.item, quantity=7, abnormal=True)
    lines = {"source": "order_lines", "field": "quantity", "where": ["abnormal", "==", False]}
    assert world.ask(function="sum", **lines) == 0
    assert world.ask(function="max", **lines) is None
    assert world.ask(function="share", **lines) == 0


def test_averages_and_shares_are_exact(world):
    for quantity, abnormal in ((1, False), (2, True), (4, False)):
        OrderLineFactory(
            item=world.item, quantity=quantity, unit_price=Decimal("0.10"), abnormal=abnormal
        )
    lines = {"source": "order_lines"}
    abnormal = ["abnormal", "==", True]
    assert world.ask(function="avg", field="quantity", **lines) == Fraction(7, 3)
    assert world.ask(function="avg", field="paid_amount", **lines) == Fraction(7, 30)
    assert world.ask(function="share", where=abnormal, **lines) == Fraction(1, 3)
    assert world.ask(function="share", field="paid_amount", where=abnormal, **lines) == Fraction(
        2, 7
    )


def test_a_ratio_of_two_sources(world):
    ItemDay.objects.create(item=world.item, day=date(2023, 5, 15), paid_amount="30.00")
    OrderLineFactory.create_batch(4, item=world.item)
    world.ask(code="item.paid", function="sum", source="item_days", field="paid_amount")
    world.ask(code="item.lines", function="count", source="order_lines")
    ratio = {"function": "ratio", "denominator": "item.lines", "numerator": "item.paid"}
    assert world.ask(**ratio) == Fraction(15, 2)
    assert world.ask(**{**ratio, "denominator": "item.paid", "numerator": "item.lines"}) == (
        Fraction(4, 30)
    )


def test_a_ratio_over_nothing_is_missing(world):
    OrderLineFactory(item=world.item)
    world.ask(code="item.paid", function="sum", source="item_days", field="paid_amount")
    world.ask(code="item.lines", function="count", source="order_lines")
    over_zero = {"function": "ratio", "numerator": "item.lines", "denominator": "item.paid"}
    assert world.ask(**over_zero) is None
    assert world.ask(**{**over_zero, "numerator": "item.paid", "denominator": "item.lines"}) == 0


def test_a_ratio_over_less_than_nothing_keeps_its_sign(world):
    OrderLineFactory(item=world.item, paid_amount="1.00", refunded_amount="3.00")
    world.ask(code="item.net", function="sum", source="order_lines", field="net_amount")
    world.ask(code="item.lines", function="count", source="order_lines")
    ratio = {"function": "ratio", "numerator": "item.lines", "denominator": "item.net"}
    assert world.ask(**ratio) == Fraction(-1, 2)


def test_distinct_buyers_and_orders(world):
    order = OrderFactory(buyer="b1")
    for number in (1, 2):
        OrderLineFactory(item=world.item, order=order, number=number)
    OrderLineFactory(item=world.item, order=OrderFactory(buyer="b1"))
    OrderLineFactory(item=world.item, order=OrderFactory(buyer="b2"))
    lines = {"function": "count_distinct", "source": "order_lines"}
    assert world.ask(**lines, field="order") == 3
    assert world.ask(**lines, field="buyer") == 2
    assert world.ask(function="count", source="order_lines") == 4


def test_violations_by_when_they_were_penalised(world):
    for points, penalised_at in ((12, "2023-01-01 00:00:00"), (6, "2022-12-31 23:59:59")):
        ViolationFactory(
            seller=world.seller,
            points=points,
            occurred_at=local("2022-12-01"),
            penalised_at=local(penalised_at),
        )
    ViolationFactory(seller=world.seller, points=1, category="market_disturbance")
    points = {
        "level": "seller",
        "function": "sum",
        "source": "violations",
        "field": "points",
        "where": ["category", "in", ["counterfeit"]],
        "window": {"since": "2023-01-01"},
    }
    assert world.ask(**points) == 12
    assert world.ask(**{**points, "where": None}) == 13


def test_qualifications_that_are_held(world):
    QualificationFactory(seller=world.seller, code="gold")
    QualificationFactory(seller=world.seller, code="enterprise", valid_to=AT)
    held = {"level": "seller", "function": "count", "source": "qualifications"}
    assert world.ask(**held) == 1
    assert world.ask(**held, window={"since": "2020-01-01"}) == 2


def test_text_and_times_keep_their_type(world):
    at = local("2023-05-15 20:00:00.000001")
    OrderLineFactory(item=world.item, order=OrderFactory(ship_region="甘肃"), paid_at=at)
    lines = {"source": "order_lines"}
    assert world.ask(function="last", field="ship_region", **lines) == "甘肃"
    assert world.ask(function="last", field="abnormal", **lines) is False
    assert world.ask(function="max", field="paid_at", **lines) == at
    assert world.ask(function="last", field="paid_at", **lines) == at
