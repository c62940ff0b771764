"""Orders and their lines, and the hours that they mark; carts."""

from decimal import Decimal

import pytest

from sellers.feeds.problems import FeedError
from sellers.models import ChangedSubject, DirtyHour, ItemHour, Order, OrderLine
from tests.factories import ItemFactory, SellerFactory
from tests.sellers.feeds.conftest import counts
from tests.times import local

pytestmark = pytest.mark.django_db

HEADER = (
    "order,line,buyer,checkout,state,placed_at,paid_at,shipped_at,promised_ship_at,ship_region,"
    "item,seller,quantity,unit_price,paid_amount,refunded_amount,abnormal\n"
)
ONE = "o1,1,b1,c1,paid,2023-05-09 10:10,2023-05-09 10:20,,2023-05-11,ZJ,i1,s1,2,10,19.50,,\n"
TWO = "o1,2,b1,c1,paid,2023-05-09 10:10,2023-05-09 10:20,,2023-05-11,ZJ,i2,s2,1,5,5,1.25,yes\n"


@pytest.fixture(autouse=True)
def items():
    """Two items of two sellers."""
    return [
        ItemFactory(code=f"i{number}", seller=SellerFactory(code=f"s{number}")) for number in (1, 2)
    ]


def marked():
    """(item, local hour) of the marks, which are cleared."""
    zone = local("2023-05-09").tzinfo
    rows = DirtyHour.objects.order_by("hour", "item").values_list("item__code", "hour")
    start = local("2023-05-09").astimezone(zone)
    found = [(code, (hour - start).total_seconds() / 3600) for code, hour in rows]
    DirtyHour.objects.all().delete()
    return found


def test_an_order_of_two_sellers(feed, items):
    assert counts(feed("orders", HEADER + ONE + TWO)) == (2, 0, 2, 0, 0, 0)
    order = Order.objects.get()
    assert (order.code, order.buyer, order.checkout, order.state) == ("o1", "b1", "c1", "paid")
    assert (order.placed_at, order.paid_at) == (
        local("2023-05-09 10:10"),
        local("2023-05-09 10:20"),
    )
    assert (order.shipped_at, order.promised_ship_at) == (None, local("2023-05-11"))
    assert (order.ship_region, order.known_at) == ("ZJ", local("2023-05-10 02:00"))
    first, second = order.lines.order_by("number")
    assert (first.item, first.seller, first.quantity) == (items[0], items[0].seller, 2)
    assert (first.unit_price, first.paid_amount) == (Decimal("10.00"), Decimal("19.50"))
    assert (first.refunded_amount, first.abnormal) == (Decimal("0.00"), False)
    assert (second.seller, second.abnormal) == (items[1].seller, True)
    assert second.refunded_amount == Decimal("1.25")
    assert {first.paid_at, second.paid_at} == {local("2023-05-09 10:20")}
    assert marked() == [("i1", 10), ("i2", 10)]
    assert counts(feed("orders", HEADER + ONE + TWO)) == (2, 0, 0, 0, 2, 0)
    assert marked() == []
    # Sales are looked at nightly: an order makes no targeted sweep.
    assert not ChangedSubject.objects.exists()


def test_an_order_that_is_not_paid_marks_no_hour(feed):
    feed("orders", HEADER + ONE.replace("2023-05-09 10:20", ""))
    assert OrderLine.objects.get().paid_at is None
    assert marked() == []
    assert counts(feed("orders", "order,paid_at\no1,2023-05-09 23:59:59\n"))[3] == 1
    assert OrderLine.objects.get().paid_at == local("2023-05-09 23:59:59")
    assert marked() == [("i1", 23)]


def test_an_order_paid_at_another_hour_marks_both_for_all_its_lines(feed, small_chunks):
    feed("orders", HEADER + ONE + TWO)
    marked()
    # The file names one line only; the other's time follows the order's.
    outcome = feed("orders", "order,line,paid_at\no1,1,2023-05-09 12:00\n", at="2023-05-11")
    assert counts(outcome) == (1, 0, 0, 1, 0, 0)
    assert set(OrderLine.objects.values_list("paid_at", flat=True)) == {local("2023-05-09 12:00")}
    assert marked() == [("i1", 10), ("i2", 10), ("i1", 12), ("i2", 12)]


def test_a_line_that_moves_to_another_item_takes_its_seller_along(feed, items):
    feed("orders", HEADER + ONE)
    marked()
    assert counts(feed("orders", "order,line,item\no1,1,i2\n"))[3] == 1
    line = OrderLine.objects.get()
    assert (line.item, line.seller) == (items[1], items[1].seller)
    assert marked() == [("i1", 10), ("i2", 10)]


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("order,line,refunded_amount\no1,1,19.50\n", [("i1", 10)]),
        ("order,line,abnormal\no1,1,true\n", [("i1", 10)]),
        ("order,line,quantity,paid_amount\no1,1,3,29\n", [("i1", 10)]),
        ("order,buyer\no1,b2\n", [("i1", 10), ("i2", 10)]),
        ("order,state,shipped_at\no1,shipped,2023-05-09 12:00\n", []),
        ("order,paid_at\no1,\n", [("i1", 10), ("i2", 10)]),
    ],
)
def test_what_marks_hours(feed, text, hours):
    feed("orders", HEADER + ONE + TWO)
    marked()
    assert counts(feed("orders", text))[3] == 1
    assert marked() == hours
    assert counts(feed("orders", text))[3:] == (0, 1, 0)
    assert marked() == []


def test_an_older_word_on_a_line_does_not_count(feed):
    feed("orders", HEADER + ONE, at="2023-05-10")
    feed("orders", "order,line,refunded_amount\no1,1,5\n", at="2023-05-12")
    outcome = feed("orders", "order,line,refunded_amount\no1,1,3\n", at="2023-05-11")
    assert counts(outcome) == (1, 0, 0, 0, 0, 1)
    assert OrderLine.objects.get().refunded_amount == Decimal("5.00")
    # Of the state nothing newer was fed.
    assert counts(feed("orders", "order,state\no1,shipped\n", at="2023-05-11"))[3] == 1
    assert Order.objects.get().known_at == local("2023-05-12")
    assert counts(feed("orders", HEADER + ONE, at="2023-05-10"))[3:] == (0, 0, 1)
    assert Order.objects.get().state == "shipped"


def test_lines_of_one_order_must_agree_on_it(feed, errors, small_chunks):
    text = HEADER + ONE.replace(",paid,", ",placed,") + TWO
    assert counts(feed("orders", text)) == (2, 1, 1, 0, 0, 0)
    assert errors() == [
        (2, "order", "o1", "is told otherwise in a later line of the same order, which counts")
    ]
    assert Order.objects.get().state == "paid"


def test_an_order_whose_lines_lie_in_different_chunks(feed, small_chunks):
    filler = "".join(ONE.replace("o1,1", f"x{number},1") for number in range(5))
    assert counts(feed("orders", HEADER + ONE + filler + TWO)) == (7, 0, 7, 0, 0, 0)
    assert Order.objects.get(code="o1").lines.count() == 2
    assert counts(feed("orders", HEADER + ONE + filler + TWO)) == (7, 0, 0, 0, 7, 0)


def test_bad_orders(feed, errors):
    text = HEADER + ONE.replace("i1,s1", "i9,s1") + TWO.replace("i2,s2", "i2,s1")
    text += ONE.replace("o1,1", "o3,").replace(",2,10,", ",0,10,")
    assert counts(feed("orders", text)) == (3, 3, 0, 0, 0, 0)
    assert sorted(errors()) == [
        (2, "item", "i9", "is not known"),
        (3, "seller", "s1", "does not sell the item; s2 does"),
        (4, "line", "", "must not be empty"),
        (4, "quantity", "0", "is not between 1 and 2147483647"),
    ]
    assert not Order.objects.exists()


def test_new_lines_and_new_orders_need_what_they_need(feed, errors):
    outcome = feed("orders", "order,line,refunded_amount\no7,1,5\n")
    assert outcome.run.bad == 1
    assert {row[3] for row in errors()} == {
        "is not known, and a new row needs: item, paid_amount, quantity, unit_price",
        "is not known, and a new row needs: placed_at, state",
    }
    feed("orders", "order,state\no7,paid\n")
    assert errors() == [(2, "order", "o7", "is not known, and a new row needs: placed_at")]
    with pytest.raises(FeedError, match="the column line is missing, which item, quantity needs"):
        feed("orders", "order,item,quantity\no7,i1,1\n")


def test_an_order_may_come_before_its_lines(feed):
    outcome = feed("orders", "order,state,placed_at\no1,placed,2023-05-09\n", at="2023-05-09 12:00")
    assert counts(outcome) == (1, 0, 1, 0, 0, 0)
    assert counts(feed("orders", HEADER + ONE)) == (1, 0, 1, 0, 0, 0)
    assert Order.objects.get().state == "paid"


def test_carts(feed, errors):
    text = "item,hour,cart_amount\ni1,2023-05-09 09:00,100.50\ni2,2023-05-09 09:00,0\n"
    text += "i1,2023-05-09 09:30,5\ni1,2023-05-09 10:00,\n"
    assert counts(feed("carts", text)) == (4, 2, 2, 0, 0, 0)
    assert errors() == [
        (4, "hour", "2023-05-09 09:30", "is not the beginning of an hour"),
        (5, "cart_amount", "", "must not be empty"),
    ]
    assert marked() == [("i1", 9), ("i2", 9)]
    row = ItemHour.objects.get(item__code="i1")
    assert (row.cart_amount, row.orders) == (Decimal("100.50"), 0)
    more = "item,hour,cart_amount\ni1,2023-05-09 09:00,120\n"
    assert counts(feed("carts", more, at="2023-05-10 03:00")) == (1, 0, 0, 1, 0, 0)
    assert marked() == [("i1", 9)]
    # An older file fills hours that have no amount, and overwrites none.
    older = more + "i2,2023-05-09 09:00,7\n"
    assert counts(feed("carts", older.replace("120", "110"))) == (2, 0, 0, 1, 0, 1)
    amounts = dict(ItemHour.objects.values_list("item__code", "cart_amount"))
    assert amounts == {"i1": Decimal("120.00"), "i2": Decimal("7.00")}
