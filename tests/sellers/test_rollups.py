"""After any sequence of feeds the sums are those of the lines as they stand."""

from collections import defaultdict
from datetime import UTC
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sellers.bulk_write import transactions
from sellers.feeds.loading import load_file
from sellers.models import (
    DirtyHour,
    FeedRun,
    Item,
    ItemDay,
    ItemHour,
    Order,
    OrderLine,
    Seller,
    SellerDay,
    SellerHour,
)
from sellers.rollups import roll_up
from tests.factories import ItemFactory, SellerFactory
from tests.times import local

pytestmark = pytest.mark.django_db

SUMS = [
    "quantity",
    "orders",
    "buyers",
    "paid_amount",
    "abnormal_quantity",
    "abnormal_amount",
    "refunded_amount",
    "cart_amount",
]


def rolled_up():
    """Every stored row: {(level, subject, label): its sums}."""
    found = {}
    levels = [(ItemHour, "item", "hour"), (ItemDay, "item", "day")]
    levels += [(SellerHour, "seller", "hour"), (SellerDay, "seller", "day")]
    for model, subject, label in levels:
        for code, at, *sums in model.objects.values_list(f"{subject}__code", label, *SUMS):
            found[subject, code, label, at] = tuple(sums)
    return found


def from_scratch(zone, carts):
    """The same, added up line by line. `carts` are amounts by (item code, hour)."""
    sums = defaultdict(lambda: [0, set(), set(), Decimal(0), 0, Decimal(0), Decimal(0), Decimal(0)])

    def places(item, seller, at):
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        for subject, code in (("item", item), ("seller", seller)):
            yield subject, code, "hour", hour
            yield subject, code, "day", at.astimezone(zone).date()

    lines = OrderLine.objects.select_related("order", "item__seller")
    for line in lines.exclude(order__paid_at=None):
        for place in places(line.item.code, line.item.seller.code, line.order.paid_at):
            row = sums[place]
            row[0] += line.quantity
            row[1].add(line.order_id)
            row[2] |= {line.order.buyer} - {""}
            row[3] += line.paid_amount
            if line.abnormal:
                row[4] += line.quantity
                row[5] += line.paid_amount
            else:
                row[6] += line.refunded_amount
    sellers = dict(Item.objects.values_list("code", "seller__code"))
    for (item, hour), amount in carts.items():
        for place in places(item, sellers[item], hour):
            if amount:
                sums[place][7] += amount
    return {place: (row[0], len(row[1]), len(row[2]), *row[3:]) for place, row in sums.items()}


ITEMS = ("a1", "a2", "b1")
TIMES = [
    f"2017-10-{day} {time}"
    for day, time in [
        ("14", "23:59:59"),
        ("15", "01:00:00"),
        ("15", "01:59:59.999999"),
        ("15", "02:00:00"),
        ("15", "05:30:00"),
        ("16", "00:00:00"),
    ]
]
LINE = st.fixed_dictionaries(
    {
        "item": st.sampled_from(ITEMS),
        "quantity": st.integers(1, 3),
        "unit_price": st.just("1.00"),
        "paid_amount": st.integers(0, 300).map(lambda cents: f"{cents / 100:.2f}"),
        "refunded_amount": st.sampled_from(["", "0.10"]),
        "abnormal": st.sampled_from(["", "true", "false"]),
    }
)
ORDER = st.fixed_dictionaries(
    {
        "buyer": st.sampled_from(["", "x", "y"]),
        "state": st.just("paid"),
        "placed_at": st.just(TIMES[0]),
        "paid_at": st.sampled_from(["", *TIMES]),
    }
)
CODES = st.sampled_from(["o1", "o2", "o3"])
FULL = st.tuples(
    st.just("full"),
    st.dictionaries(CODES, st.tuples(ORDER, st.lists(LINE, min_size=1, max_size=2))),
)
PARTIAL = st.tuples(
    st.just("partial"),
    st.sampled_from(["refunded_amount", "abnormal", "item", "paid_at", "buyer"]),
    st.dictionaries(CODES, st.tuples(LINE, ORDER)),
)
CARTS = st.tuples(
    st.just("carts"),
    st.dictionaries(
        st.tuples(st.sampled_from(ITEMS), st.sampled_from([TIMES[1], TIMES[3], TIMES[5]])),
        st.integers(0, 2),
    ),
)
STEPS = st.lists(FULL | PARTIAL | CARTS | st.just(("rollup",)), max_size=6)


def as_file(step):
    """(kind, CSV text) of a step."""
    if step[0] == "full":
        names = [*ORDER_NAMES, *LINE_NAMES]
        rows = [
            [code, number, *order.values(), *line.values()]
            for code, (order, lines) in step[1].items()
            for number, line in enumerate(lines, 1)
        ]
        return "orders", [["order", "line", *names], *rows]
    if step[0] == "partial":
        name = step[1]
        if name in LINE_NAMES:
            rows = [[code, 1, line[name]] for code, (line, _order) in step[2].items()]
            return "orders", [["order", "line", name], *rows]
        return "orders", [
            ["order", name],
            *[[c, order[name]] for c, (_l, order) in step[2].items()],
        ]
    return "carts", [
        ["item", "hour", "cart_amount"],
        *[[item, hour, amount] for (item, hour), amount in step[1].items()],
    ]


LINE_NAMES = ["item", "quantity", "unit_price", "paid_amount", "refunded_amount", "abnormal"]
ORDER_NAMES = ["buyer", "state", "placed_at", "paid_at"]


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai"])
@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_the_sums_are_those_of_the_lines(settings, monkeypatch, tmp_path, zone, steps):
    """Sellers' midnights that do not exist, half-hour zones, moved and repaid and called-off lines.

    In São Paulo 2017-10-15 began at 01:00, and in Kolkata an hour of UTC lies in two days.
    """
    settings.TIME_ZONE = zone
    monkeypatch.setattr(transactions, "CHUNK", 2)
    for model in (Order, Item, Seller, FeedRun):
        model.objects.all().delete()
    sellers = {code: SellerFactory(code=code) for code in "ab"}
    for code in ITEMS:
        ItemFactory(code=code, seller=sellers[code[0]], category=None)
    carts = {}
    for number, step in enumerate(steps):
        if step[0] == "rollup":
            roll_up()
            continue
        kind, rows = as_file(step)
        path = tmp_path / "file.csv"
        path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
        at = local(f"2018-01-0{number + 1}")
        outcome = load_file(kind=kind, path=path, at=at)
        if kind == "carts" and not outcome.run.bad:
            for (item, hour), amount in step[1].items():
                carts[item, local(hour)] = Decimal(amount)
    roll_up()
    assert rolled_up() == from_scratch(ZoneInfo(zone), carts)
    assert not DirtyHour.objects.exists()
    before = rolled_up()
    assert roll_up() == 0
    assert rolled_up() == before
