"""After any sequence of feeds the sums are those of the lines as they stand."""

import threading
from collections import defaultdict
from datetime import UTC, date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sellers import rollups
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


def lines(*rows):
    """A text of order lines, all of one price, state and placing."""
    text = "order,line,buyer,item,quantity,paid_amount,paid_at,refunded_amount,abnormal"
    text += ",unit_price,state,placed_at\n"
    return text + "".join(f"{row},1,paid,2023-05-09\n" for row in rows)


@pytest.fixture
def feed(tmp_path):
    """Feed a text at a local time."""

    def feed_text(kind, text, at="2023-05-10 02:00"):
        path = tmp_path / f"{kind}.csv"
        path.write_text(text)
        outcome = load_file(kind=kind, path=path, at=local(at))
        assert outcome.run.bad == 0
        return outcome.run

    return feed_text


@pytest.fixture
def items():
    """Two items of one seller, one of another."""
    sellers = {code: SellerFactory(code=code) for code in "ab"}
    return [ItemFactory(code=code, seller=sellers[code[0]]) for code in ("a1", "a2", "b1")]


def of(model, code, label):
    """The sums of one row but carts, or None."""
    subject = "item" if hasattr(model, "item") else "seller"
    time = "hour" if hasattr(model, "hour") else "day"
    rows = model.objects.filter(**{f"{subject}__code": code, time: label})
    found = rows.values_list(*SUMS[:-1]).first()
    return found and tuple(str(value) for value in found)


def test_hours_and_days_of_items_and_sellers(feed, items):
    feed(
        "orders",
        lines(
            "o1,1,x,a1,2,10.50,2023-05-09 23:00:00,0.50,false",
            "o1,2,x,a2,1,4.00,2023-05-09 23:00:00,0,false",
            "o2,1,x,a1,1,6.00,2023-05-09 23:59:59,0,true",
            "o3,1,,a1,5,1.00,2023-05-10 00:00:00,0,false",
            "o4,1,y,b1,1,9.00,2023-05-09 23:30:00,9.00,true",
        ),
    )
    assert roll_up() == 4
    late, day, next_day = local("2023-05-09 23:00"), date(2023, 5, 9), date(2023, 5, 10)
    assert of(ItemHour, "a1", late) == ("3", "2", "1", "16.50", "1", "6.00", "0.50")
    assert of(ItemDay, "a1", day) == ("3", "2", "1", "16.50", "1", "6.00", "0.50")
    assert of(ItemDay, "a1", next_day) == ("5", "1", "0", "1.00", "0", "0.00", "0.00")
    # Two items in one order are one order of the seller.
    assert of(SellerHour, "a", late) == ("4", "2", "1", "20.50", "1", "6.00", "0.50")
    assert of(SellerDay, "a", day) == ("4", "2", "1", "20.50", "1", "6.00", "0.50")
    # What is refunded of an abnormal line is not taken off twice.
    assert of(SellerDay, "b", day) == ("1", "1", "1", "9.00", "1", "9.00", "0.00")


def test_a_late_refund_and_a_line_that_is_cleared(feed, items):
    feed("orders", lines("o1,1,x,a1,1,100.00,2023-05-09 10:00:00,0,true"))
    roll_up()
    day = date(2023, 5, 9)
    assert of(SellerDay, "a", day)[3:] == ("100.00", "1", "100.00", "0.00")
    changed = "order,line,abnormal,refunded_amount\no1,1,false,30\n"
    feed("orders", changed, "2023-06-10")
    assert roll_up() == 1
    assert of(SellerDay, "a", day)[3:] == ("100.00", "0", "0.00", "30.00")
    assert of(ItemHour, "a1", local("2023-05-09 10:00"))[3:] == ("100.00", "0", "0.00", "30.00")


def test_what_is_left_empty_has_no_row(feed, items):
    feed("orders", lines("o1,1,x,a1,1,5,2023-05-09 10:00:00,0,false"))
    feed("carts", "item,hour,cart_amount\na1,2023-05-09 10:00,7\n")
    roll_up()
    feed("orders", "order,line,item\no1,1,b1\n", "2023-05-11")
    assert roll_up() == 2
    hour, day = local("2023-05-09 10:00"), date(2023, 5, 9)
    # Carts keep the row.
    assert of(ItemHour, "a1", hour) == ("0", "0", "0", "0.00", "0", "0.00", "0.00")
    assert of(SellerDay, "a", day)[:2] == ("0", "0")
    assert SellerDay.objects.get(seller__code="a").cart_amount == 7
    assert of(SellerDay, "b", day)[:2] == ("1", "1")
    feed("carts", "item,hour,cart_amount\na1,2023-05-09 10:00,0\n", "2023-05-12")
    roll_up()
    for model, label in [(ItemHour, hour), (ItemDay, day), (SellerHour, hour), (SellerDay, day)]:
        assert of(model, "a1" if hasattr(model, "item") else "a", label) is None


def test_only_marked_hours_are_worked_out(feed, items, monkeypatch):
    feed("orders", lines("o1,1,x,a1,1,5,2023-05-09 10:00:00,0,false"))
    roll_up()
    # As if nothing had touched the hour: a sum that is wrong stays.
    ItemHour.objects.update(quantity=99)
    feed("orders", lines("o2,1,x,a1,1,5,2023-05-09 11:00:00,0,false"))
    assert roll_up() == 1
    hours = ItemHour.objects.order_by("hour").values_list("quantity", flat=True)
    assert list(hours) == [99, 1]
    assert ItemDay.objects.get().quantity == 2


def test_the_command(feed, items, capsys):
    feed("orders", lines("o1,1,x,a1,1,5,2023-05-09 10:00:00,0,false"))
    call_command("rollup")
    assert capsys.readouterr().out == "1 hours and days rolled up\n"
    assert SellerDay.objects.get().orders == 1


@pytest.mark.django_db(transaction=True)
def test_a_rollup_that_is_stopped_is_completed_by_the_next(feed, items, monkeypatch):
    monkeypatch.setattr(transactions, "CHUNK", 1)
    monkeypatch.setattr(rollups, "CHUNK", 1)
    feed(
        "orders",
        lines(
            "o1,1,x,a1,1,5,2023-05-09 10:00:00,0,false",
            "o2,1,x,b1,1,6,2023-05-09 10:00:00,0,false",
        ),
    )
    whole, calls = rollups._drop_empty, []

    def dies_at_the_second_seller(*arguments):
        calls.append(arguments)
        if len(calls) > 4:
            raise KeyboardInterrupt
        whole(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(rollups, "_drop_empty", dies_at_the_second_seller)
        with pytest.raises(KeyboardInterrupt):
            roll_up()
    assert list(SellerDay.objects.values_list("seller__code", flat=True)) == ["a"]
    assert list(DirtyHour.objects.values_list("item__code", flat=True)) == ["b1"]
    assert roll_up() == 1
    days = SellerDay.objects.order_by("seller__code").values_list("seller__code", "paid_amount")
    assert list(days) == [("a", 5), ("b", 6)]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_mark_set_while_it_is_taken_up_is_not_lost(feed, items, monkeypatch):
    """An order that comes while its hour is being added up waits, and its mark stays."""
    feed("orders", lines("o1,1,x,a1,1,5,2023-05-09 10:00:00,0,false"))
    reached, fed = threading.Event(), threading.Event()
    whole = rollups._drop_empty

    def waits(*arguments):
        reached.set()
        fed.wait(1)  # in vain: the feed waits for this rollup's marks
        whole(*arguments)

    def other():
        reached.wait(10)
        try:
            feed("orders", lines("o2,1,y,a1,1,7,2023-05-09 10:30:00,0,false"))
            fed.set()
        finally:
            connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    with monkeypatch.context() as patch:
        patch.setattr(rollups, "_drop_empty", waits)
        roll_up()
    thread.join()
    assert fed.is_set()
    assert DirtyHour.objects.count() == 1
    roll_up()
    assert SellerDay.objects.get().paid_amount == 12


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
