"""Carts, presale and red packets: what is fed stands, and the rest is added up."""

import threading
from collections import defaultdict
from datetime import UTC, date, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sellers import rollups
from sellers.bulk_write import transactions
from sellers.feeds.loading import load_file
from sellers.models import (
    FED_FIGURES,
    DirtyHour,
    FedItemDay,
    FedSellerDay,
    FedSellerHour,
    FeedRun,
    Item,
    ItemDay,
    ItemHour,
    Seller,
    SellerDay,
    SellerHour,
)
from sellers.rollups import roll_up
from tests.factories import ItemFactory, SellerFactory
from tests.times import local

pytestmark = pytest.mark.django_db

LEVELS = [
    (ItemHour, "item", "hour"),
    (ItemDay, "item", "day"),
    (SellerHour, "seller", "hour"),
    (SellerDay, "seller", "day"),
]
FED = (FedItemDay, FedSellerHour, FedSellerDay)
DAY = date(2015, 12, 11)


@pytest.fixture
def items():
    """Two items of one seller, one of another."""
    sellers = {code: SellerFactory(code=code) for code in "ab"}
    return [ItemFactory(code=code, seller=sellers[code[0]]) for code in ("a1", "a2", "b1")]


@pytest.fixture
def feed(tmp_path):
    """Feed lines as the file of a kind and add up; `rolled=False` leaves that out."""

    def feed_text(*lines, kind="carts", at="2015-12-12 03:00", rolled=True):
        path = tmp_path / f"{kind}.csv"
        path.write_text("\n".join(lines) + "\n")
        run = load_file(kind=kind, path=path, at=local(at)).run
        assert run.bad == 0
        if rolled:
            roll_up()
        return run.inserted, run.updated, run.unchanged, run.stale

    return feed_text


def figures(model, code, label, *names):
    """The figures of one row, as texts, or None."""
    subject = "item" if hasattr(model, "item") else "seller"
    time = "hour" if hasattr(model, "hour") else "day"
    rows = model.objects.filter(**{f"{subject}__code": code, time: label})
    found = rows.values_list(*(names or FED_FIGURES)).first()
    return found and tuple(map(str, found))


def cart(model, code, label):
    """The add-to-cart amount of one row, as a text, or None."""
    found = figures(model, code, label, "cart_amount")
    return found and found[0]


def order(code, item, paid_at, amount, abnormal="false"):
    """A line of an order feed, and its header."""
    return f"{code},1,x,{item},1,{amount},{paid_at},{abnormal},1,paid,2015-12-01"


ORDERS = "order,line,buyer,item,quantity,paid_amount,paid_at,abnormal,unit_price,state,placed_at"


def test_item_hours_reach_days_and_sellers(items, feed):
    feed(
        "item,hour,cart_amount,presale_amount,presale_quantity",
        "a1,2015-12-11 17:00,10.50,1.00,2",
        "a1,2015-12-11 18:00,0.25,0,0",
        "a2,2015-12-11 17:00,4,3.30,7",
        "b1,2015-12-11 17:00,1,0,0",
    )
    five, six = local("2015-12-11 17:00"), local("2015-12-11 18:00")
    assert figures(ItemHour, "a1", five) == ("10.50", "1.00", "2", "0.00")
    assert figures(ItemDay, "a1", DAY) == ("10.75", "1.00", "2", "0.00")
    assert figures(SellerHour, "a", five) == ("14.50", "4.30", "9", "0.00")
    assert figures(SellerHour, "a", six) == ("0.25", "0.00", "0", "0.00")
    assert figures(SellerDay, "a", DAY) == ("14.75", "4.30", "9", "0.00")
    assert figures(SellerDay, "b", DAY) == ("1.00", "0.00", "0", "0.00")


def test_a_days_own_figure_stands_over_the_sum_of_its_hours(items, feed):
    """Double 12 has carts by day, and by hour only for the last evening."""
    feed("item,hour,cart_amount", "a1,2015-12-11 17:00,10", "a2,2015-12-11 17:00,1")
    feed("item,day,cart_amount", "a1,2015-12-11,100")
    assert cart(ItemDay, "a1", DAY) == "100.00"
    assert cart(ItemDay, "a2", DAY) == "1.00"
    # The seller's day is that of its items; its hours are not touched.
    assert cart(SellerDay, "a", DAY) == "101.00"
    assert cart(SellerHour, "a", local("2015-12-11 17:00")) == "11.00"
    # More hours change nothing of a day that was fed.
    feed("item,hour,cart_amount", "a1,2015-12-11 18:00,5")
    assert (cart(ItemDay, "a1", DAY), cart(SellerDay, "a", DAY)) == ("100.00", "101.00")
    # An empty cell takes it back.
    feed("item,day,cart_amount", "a1,2015-12-11,")
    assert (cart(ItemDay, "a1", DAY), cart(SellerDay, "a", DAY)) == ("15.00", "16.00")


def test_a_sellers_own_figure_stands_over_the_sum_of_its_items(items, feed):
    five = local("2015-12-11 17:00")
    feed("item,hour,cart_amount,presale_amount", "a1,2015-12-11 17:00,10,1")
    feed("seller,hour,cart_amount", "a,2015-12-11 17:00,60", "b,2015-12-11 17:00,7")
    # Each figure by itself: presale was not fed of the seller.
    assert figures(SellerHour, "a", five)[:2] == ("60.00", "1.00")
    # Without a day of its own the seller's day goes by its own hours.
    assert figures(SellerDay, "a", DAY)[:2] == ("60.00", "1.00")
    assert figures(SellerDay, "b", DAY)[:2] == ("7.00", "0.00")
    # An hour that was fed of items only counts with these.
    feed("item,hour,cart_amount", "a2,2015-12-11 18:00,3")
    assert cart(SellerDay, "a", DAY) == "63.00"
    feed("seller,day,cart_amount", "a,2015-12-11,0")
    assert figures(SellerDay, "a", DAY)[:2] == ("0.00", "1.00")
    assert cart(SellerHour, "a", five) == "60.00"
    # Items have what was fed of them.
    assert (cart(ItemHour, "a1", five), cart(ItemDay, "a1", DAY)) == ("10.00", "10.00")


def test_red_packets_are_a_sellers(items, feed):
    feed("seller,day,red_packet_claimed_amount", "a,2015-12-08,12.30", "b,2015-12-08,0")
    day = date(2015, 12, 8)
    assert figures(SellerDay, "a", day) == ("0.00", "0.00", "0", "12.30")
    # A day of nothing has no row.
    assert figures(SellerDay, "b", day) is None
    assert not ItemDay.objects.exists()
    feed("seller,hour,red_packet_claimed_amount", "b,2015-12-08 00:00,1", "b,2015-12-08 23:00,2")
    assert figures(SellerHour, "b", local("2015-12-08 23:00"))[3] == "2.00"
    # It was fed as nothing, and stays so whatever its hours are.
    assert figures(SellerDay, "b", day) is None
    feed("seller,day,red_packet_claimed_amount", "b,2015-12-08,", at="2015-12-12 04:00")
    assert figures(SellerDay, "b", day) == ("0.00", "0.00", "0", "3.00")


def test_a_seller_without_items_is_fed_too(feed):
    SellerFactory(code="c")
    feed("seller,hour,presale_amount,presale_quantity", "c,2015-11-25 12:00,9.90,3")
    assert figures(SellerHour, "c", local("2015-11-25 12:00")) == ("0.00", "9.90", "3", "0.00")
    assert figures(SellerDay, "c", date(2015, 11, 25)) == ("0.00", "9.90", "3", "0.00")


@pytest.mark.parametrize(
    "head", ["item,hour", "item,day", "seller,hour", "seller,day"], ids=lambda head: head
)
def test_again_and_a_correction(items, feed, head):
    code = "a1" if head.startswith("item") else "a"
    line = f"{code},2015-12-11 17:00" if head.endswith("hour") else f"{code},2015-12-11"
    text = (f"{head},cart_amount,presale_amount,presale_quantity", f"{line},10,2,1")
    assert feed(*text) == (1, 0, 0, 0)
    before = stored()
    assert feed(*text, at="2015-12-12 04:00") == (0, 0, 1, 0)
    assert stored() == before
    assert not DirtyHour.objects.exists()
    assert not any(model.objects.filter(pending=True).exists() for model in FED)
    # A correction replaces what its columns say, and leaves the others.
    assert feed(f"{head},cart_amount", f"{line},9.99", at="2015-12-12 05:00") == (0, 1, 0, 0)
    assert figures(SellerDay, "a", DAY) == ("9.99", "2.00", "1", "0.00")
    # An older file that comes late overwrites nothing.
    late = (f"{head},cart_amount", f"{line},8")
    assert feed(*late, at="2015-12-12 04:30") == (0, 0, 0, 1)
    assert figures(SellerDay, "a", DAY) == ("9.99", "2.00", "1", "0.00")


def test_an_older_file_is_only_late_for_what_newer_ones_were_about(items, feed):
    feed("item,hour,cart_amount", "a1,2015-12-11 17:00,1", at="2015-12-12 03:00")
    feed("seller,day,cart_amount", "a,2015-12-11,50", at="2015-12-12 06:00")
    # The hour's last file was of 03:00, whatever was fed of the seller since.
    assert feed("item,hour,cart_amount", "a1,2015-12-11 17:00,2", at="2015-12-12 04:00")[1] == 1
    # Of figures that a newer file did not bring, nothing is late.
    feed("item,hour,presale_amount", "a1,2015-12-11 17:00,7", at="2015-12-12 07:00")
    text = ("item,hour,cart_amount,presale_amount", "a1,2015-12-11 17:00,3,6")
    assert feed(*text, at="2015-12-12 05:00") == (0, 1, 0, 0)
    assert figures(ItemHour, "a1", local("2015-12-11 17:00"))[:2] == ("3.00", "7.00")


def test_a_late_file_fills_a_figure_that_an_item_hour_has_not(items, feed):
    feed("item,hour,cart_amount,presale_amount", "a1,2015-12-11 17:00,5,0")
    text = ("item,hour,cart_amount,presale_amount", "a1,2015-12-11 17:00,4,8")
    assert feed(*text, at="2015-12-12 02:00") == (0, 1, 0, 0)
    assert figures(ItemHour, "a1", local("2015-12-11 17:00"))[:2] == ("5.00", "8.00")


def sums(model, code, label):
    """Units, paid amount, abnormal amount and carts of one row."""
    return figures(model, code, label, "quantity", "paid_amount", "abnormal_amount", "cart_amount")


def test_orders_and_figures_leave_each_other_alone(items, feed):
    five, six = local("2015-12-11 17:00"), local("2015-12-11 18:00")
    feed("item,hour,cart_amount", "a1,2015-12-11 17:00,10")
    feed("item,day,cart_amount", "a2,2015-12-11,20")
    feed("seller,hour,cart_amount", "a,2015-12-11 18:00,40", "b,2015-12-11 18:00,4")
    feed("seller,day,cart_amount", "b,2015-12-11,5")
    before = {model: cart(model, code, label) for model, code, label in (
        (ItemHour, "a1", five), (ItemDay, "a2", DAY), (SellerHour, "a", six), (SellerDay, "b", DAY),
    )}  # fmt: skip
    assert before == {ItemHour: "10.00", ItemDay: "20.00", SellerHour: "40.00", SellerDay: "5.00"}
    feed(
        ORDERS,
        order("o1", "a1", "2015-12-11 17:30:00", 7),
        order("o2", "a2", "2015-12-11 18:30:00", 8),
        order("o3", "b1", "2015-12-11 18:30:00", 9),
        kind="orders",
    )
    assert sums(ItemHour, "a1", five) == ("1", "7.00", "0.00", "10.00")
    assert sums(ItemDay, "a2", DAY) == ("1", "8.00", "0.00", "20.00")
    assert sums(SellerHour, "a", six) == ("1", "8.00", "0.00", "40.00")
    # 17:00 from the item, 18:00 fed of the seller; not the item day's 20.
    assert sums(SellerDay, "a", DAY) == ("2", "15.00", "0.00", "50.00")
    assert sums(SellerDay, "b", DAY) == ("1", "9.00", "0.00", "5.00")
    # And the other way round.
    feed("item,day,cart_amount", "a2,2015-12-11,21", at="2015-12-12 04:00")
    feed("seller,day,cart_amount", "a,2015-12-11,51", at="2015-12-12 04:00")
    assert sums(ItemDay, "a2", DAY) == ("1", "8.00", "0.00", "21.00")
    assert sums(SellerDay, "a", DAY) == ("2", "15.00", "0.00", "51.00")
    # Orders that are gone leave rows that were fed.
    for code in ("o1", "o2", "o3"):
        feed("order,paid_at", f"{code},", kind="orders", at="2015-12-13")
    assert sums(SellerDay, "b", DAY) == ("0", "0.00", "0.00", "5.00")
    assert sums(ItemDay, "a2", DAY) == ("0", "0.00", "0.00", "21.00")


def test_an_abnormal_order_leaves_the_hours_clean_amount_and_comes_back(items, feed):
    nine = local("2015-12-12 09:00")
    feed(
        ORDERS,
        order("o1", "a1", "2015-12-12 09:10:00", 900),
        order("o2", "a1", "2015-12-12 09:20:00", 100),
        kind="orders",
        at="2015-12-12 10:05",
    )

    def clean(model, code):
        row = model.objects.get(**{f"{'item' if model is ItemHour else 'seller'}__code": code})
        assert row.hour == nine
        return row.paid_amount - row.abnormal_amount, row.quantity - row.abnormal_quantity

    assert (clean(ItemHour, "a1"), clean(SellerHour, "a")) == ((1000, 2), (1000, 2))
    feed("order,line,abnormal", "o2,1,true", kind="orders", at="2015-12-12 10:30")
    assert (clean(ItemHour, "a1"), clean(SellerHour, "a")) == ((900, 1), (900, 1))
    feed("order,line,abnormal", "o2,1,false", kind="orders", at="2015-12-12 11:30")
    assert (clean(ItemHour, "a1"), clean(SellerHour, "a")) == ((1000, 2), (1000, 2))


def test_an_hour_ends_where_the_next_begins(items, feed):
    feed(
        ORDERS,
        order("o1", "a1", "2015-12-12 09:59:59", 1),
        order("o2", "a1", "2015-12-12 10:00:00", 2),
        order("o3", "a1", "2015-12-12 09:59:59.999999", 4),
        order("o4", "a1", "2015-12-12 00:00:00", 8),
        order("o5", "a1", "2015-12-11 23:59:59", 16),
        kind="orders",
        at="2015-12-13",
    )
    hours = SellerHour.objects.order_by("hour").values_list("hour", "paid_amount")
    assert list(hours) == [
        (local("2015-12-11 23:00"), 16),
        (local("2015-12-12 00:00"), 8),
        (local("2015-12-12 09:00"), 5),
        (local("2015-12-12 10:00"), 2),
    ]
    days = SellerDay.objects.order_by("day").values_list("day", "paid_amount")
    assert list(days) == [(date(2015, 12, 11), 16), (date(2015, 12, 12), 15)]


def test_a_day_whose_midnight_does_not_exist(settings, items, feed):
    """In São Paulo 2017-10-15 began at 01:00, an hour after 23:00 of the day before."""
    settings.TIME_ZONE = "America/Sao_Paulo"
    feed(
        "item,hour,cart_amount",
        "a1,2017-10-14 23:00,1",
        "a1,2017-10-15 00:00,2",  # shown by no clock: the first hour after it
        "a1,2017-10-15 02:00,4",
        "a1,2017-10-15 23:00,8",
        "a1,2017-10-16 00:00,16",
        at="2017-10-17",
    )
    feed(
        ORDERS,
        order("o1", "a1", "2017-10-14 23:59:59", 1),
        order("o2", "a1", "2017-10-15 01:00:00", 2),
        kind="orders",
        at="2017-10-17",
    )
    feed("seller,day,presale_amount", "a,2017-10-15,3", at="2017-10-17")
    names = ("cart_amount", "paid_amount", "presale_amount")
    found = SellerDay.objects.order_by("day").values_list("day", *names)
    assert [(day.day, *map(int, amounts)) for day, *amounts in found] == [
        (14, 1, 1, 0),
        (15, 14, 2, 3),
        (16, 16, 0, 0),
    ]
    hours = list(ItemHour.objects.order_by("hour").values_list("hour", flat=True)[:2])
    assert hours[1] - hours[0] == timedelta(hours=1)
    assert hours[1].astimezone(ZoneInfo("America/Sao_Paulo")).hour == 1


def test_only_what_was_fed_is_worked_out(items, feed):
    feed("item,day,cart_amount", "a1,2015-12-10,1", "a1,2015-12-11,2", "b1,2015-12-11,3")
    # As if nothing had touched these rows: sums that are wrong stay.
    SellerDay.objects.update(cart_amount=99)
    feed("item,day,cart_amount", "a1,2015-12-11,5", at="2015-12-12 04:00", rolled=False)
    assert roll_up() == 1
    found = SellerDay.objects.order_by("seller__code", "day").values_list("cart_amount", flat=True)
    assert list(found) == [99, 5, 99]
    assert roll_up() == 0


def test_queries_do_not_grow_with_what_was_fed(items, feed):
    def days(*numbers):
        rows = [f"{code},2015-12-{day:02},{day}" for code in "ab" for day in numbers]
        feed("seller,day,cart_amount", *rows, rolled=False)

    found = []
    for numbers in ([1], range(2, 9)):
        days(*numbers)
        with CaptureQueriesContext(connection) as queries:
            roll_up()
        found.append(len(queries))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("model", "time", "label", "index"),
    [
        (SellerHour, "hour", local("2015-12-11 17:00"), "seller_hour_time"),
        (ItemHour, "hour", local("2015-12-11 17:00"), "item_hour_time"),
        (SellerDay, "day", DAY, "seller_day_time"),
        (ItemDay, "day", DAY, "item_day_time"),
    ],
)
def test_all_rows_of_an_hour_or_a_day_are_found_by_an_index(model, time, label, index):
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")  # of an empty table it would take that
    assert index in model.objects.filter(**{time: label}).explain()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_figure_fed_while_it_is_added_up_is_not_lost(items, feed, monkeypatch):
    """A correction that comes while its day is being added up waits, and stays to be added up."""
    feed("seller,day,cart_amount", "a,2015-12-11,5", rolled=False)
    reached, fed = threading.Event(), threading.Event()
    whole = rollups._drop_empty

    def waits(*arguments):
        reached.set()
        fed.wait(1)  # in vain: the feed waits for this rollup's rows
        whole(*arguments)

    def other():
        reached.wait(10)
        try:
            text = ("seller,day,cart_amount", "a,2015-12-11,7")
            feed(*text, at="2015-12-12 04:00", rolled=False)
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
    assert FedSellerDay.objects.filter(pending=True).count() == 1
    roll_up()
    assert cart(SellerDay, "a", DAY) == "7.00"


def stored():
    """Every stored figure: {(subject, code, label, at): its figures}."""
    found = {}
    for model, subject, label in LEVELS:
        rows = model.objects.values_list(f"{subject}__code", label, *FED_FIGURES)
        for code, at, *values in rows:
            found[subject, code, label, at] = tuple(values)
    return found


ITEMS = ("a1", "a2", "b1")
TIMES = ["2017-10-14 23:00", "2017-10-15 01:00", "2017-10-15 05:00", "2017-10-16 00:00"]
DAYS = ["2017-10-14", "2017-10-15", "2017-10-16"]
CELL = st.none() | st.integers(0, 3)
NAMES = {"item": FED_FIGURES[:3], "seller": FED_FIGURES}


@st.composite
def files(draw):
    """(subject, time, column names, {(code, label): cells}) of one file."""
    subject, time = draw(st.sampled_from([(s, t) for s in NAMES for t in ("hour", "day")]))
    names = draw(st.lists(st.sampled_from(NAMES[subject]), min_size=1, unique=True))
    cell = st.integers(0, 3) if (subject, time) == ("item", "hour") else CELL
    codes = st.sampled_from(ITEMS if subject == "item" else "ab")
    labels = st.sampled_from(TIMES if time == "hour" else DAYS)
    cells = st.tuples(*[cell] * len(names))
    return subject, time, names, draw(st.dictionaries(st.tuples(codes, labels), cells))


def hour(text, zone):
    """The hour of UTC that begins then, or half an hour later where clocks are off by half one."""
    at = local(text).astimezone(UTC)
    return at + timedelta(minutes=30) if zone == "Asia/Kolkata" else at


def expected(fed, zone):
    """What is fed: {(subject, time): {(code, label): {name: value}}}; worked out row by row."""
    rows = {(subject, time): {} for _model, subject, time in LEVELS}
    hours = [hour(text, zone) for text in TIMES]
    days = {at: at.astimezone(ZoneInfo(zone)).date() for at in hours}
    labels = {"hour": hours, "day": sorted({*map(date.fromisoformat, DAYS)})}

    def value(subject, time, key, name):
        found = fed[subject, time].get(key, {}).get(name)
        if found is not None:
            return found
        code, label = key
        if (subject, time) == ("item", "hour"):
            return 0
        if subject == "seller":
            own = fed["seller", "hour"]
            said = [
                at
                for at in hours
                if days[at] == label and own.get((code, at), {}).get(name) is not None
            ]
            if not said:
                parts = [item for item in ITEMS if item[0] == code]
                return sum(value("item", time, (item, label), name) for item in parts)
        parts = [at for at in hours if days[at] == label]
        return sum(value(subject, "hour", (code, at), name) for at in parts)

    for subject, time in rows:
        for code in ITEMS if subject == "item" else "ab":
            for label in labels[time]:
                found = [value(subject, time, (code, label), name) for name in FED_FIGURES]
                if any(found):
                    rows[subject, time][code, label] = tuple(map(Decimal, found))
    return {
        (subject, code, time, label): found
        for (subject, time), here in rows.items()
        for (code, label), found in here.items()
    }


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "Asia/Kolkata", "Asia/Shanghai"])
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(files() | st.none(), max_size=6))
def test_the_figures_are_those_fed_and_the_sums_of_their_parts(
    settings, monkeypatch, tmp_path, zone, steps
):
    """After any sequence of files and rollups; None is a rollup in between."""
    settings.TIME_ZONE = zone
    monkeypatch.setattr(transactions, "CHUNK", 2)
    for model in (Item, Seller, FeedRun):
        model.objects.all().delete()
    sellers = {code: SellerFactory(code=code) for code in "ab"}
    for code in ITEMS:
        ItemFactory(code=code, seller=sellers[code[0]], category=None)
    fed = {(subject, time): defaultdict(dict) for _model, subject, time in LEVELS}
    for number, step in enumerate(steps):
        if step is None:
            roll_up()
            continue
        subject, time, names, lines = step
        rows = [[subject, time, *names]]
        for (code, label), cells in lines.items():
            at = hour(label, zone) if time == "hour" else date.fromisoformat(label)
            rows.append([code, at.isoformat(), *("" if cell is None else cell for cell in cells)])
            fed[subject, time][code, at].update(zip(names, cells, strict=True))
        path = tmp_path / "file.csv"
        path.write_text("\n".join(",".join(map(str, row)) for row in rows) + "\n")
        outcome = load_file(kind="carts", path=path, at=local(f"2018-01-0{number + 1}"))
        assert outcome.run.bad == 0
    roll_up()
    assert stored() == expected(fed, zone)
    assert roll_up() == 0
