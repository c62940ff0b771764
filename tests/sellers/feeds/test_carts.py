"""Carts, presale and red packets as files: shapes, bad lines, headers that are refused."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sellers.feeds.problems import FeedError
from sellers.models import DirtyHour, FedItemDay, FedSellerDay, FedSellerHour, ItemHour
from tests.factories import ItemFactory, SellerFactory
from tests.sellers.feeds.conftest import counts
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def items():
    """Two items of two sellers."""
    return [
        ItemFactory(code=f"i{number}", seller=SellerFactory(code=f"s{number}")) for number in (1, 2)
    ]


def test_item_hours(feed):
    text = "hour,presale_quantity,item,presale_amount\n2023-05-09 09:00,3,i1,7.5\n"
    assert counts(feed("carts", text)) == (1, 0, 1, 0, 0, 0)
    row = ItemHour.objects.get()
    assert (row.hour, row.presale_amount, row.presale_quantity, row.cart_amount) == (
        local("2023-05-09 09:00"), Decimal("7.50"), 3, 0,
    )  # fmt: skip
    assert DirtyHour.objects.get().hour == row.hour


@pytest.mark.parametrize(
    ("model", "head", "label"),
    [
        (FedItemDay, "item,day", date(2023, 5, 9)),
        (FedSellerDay, "seller,day", date(2023, 5, 9)),
        (FedSellerHour, "seller,hour", datetime(2023, 5, 8, 16, tzinfo=UTC)),
    ],
)
def test_what_is_not_an_items_hour_is_kept_as_it_was_fed(feed, model, head, label):
    subject, time = head.split(",")
    code = f"{subject[0]}1"
    text = f"{head},cart_amount,presale_amount\n{code},2023-05-09,5,\n"
    assert counts(feed("carts", text)) == (1, 0, 1, 0, 0, 0)
    row = model.objects.get()
    assert getattr(row, subject).code == code
    assert getattr(row, time) == label
    assert (row.cart_amount, row.presale_amount, row.presale_quantity) == (Decimal(5), None, None)
    assert (row.known_at, row.pending) == (local("2023-05-10 02:00"), True)
    model.objects.update(pending=False)
    assert counts(feed("carts", text)) == (1, 0, 0, 0, 1, 0)
    assert not model.objects.get().pending
    assert counts(feed("carts", text.replace("5,\n", "6,\n"))) == (1, 0, 0, 1, 0, 0)
    assert model.objects.get().pending
    assert not DirtyHour.objects.exists()


def test_lines_of_several_chunks(feed, small_chunks):
    def text(amount):
        return "seller,day,red_packet_claimed_amount\n" + "".join(
            f"s{seller},2023-05-0{day},{amount}\n" for day in range(1, 5) for seller in (1, 2)
        )

    assert counts(feed("carts", text(1))) == (8, 0, 8, 0, 0, 0)
    FedSellerDay.objects.update(pending=False)
    assert counts(feed("carts", text(2) + "s2,2023-05-05,9\n")) == (9, 0, 1, 8, 0, 0)
    amounts = FedSellerDay.objects.order_by("day", "seller__code")
    amounts = amounts.values_list("red_packet_claimed_amount", "pending")
    assert list(amounts) == [(2, True)] * 8 + [(9, True)]


@pytest.mark.parametrize(
    ("head", "lines", "told"),
    [
        (
            "item,day,cart_amount",
            ["i1,2023-05-09 09:00,1", "i1,9 May,1", "i1,2023-02-29,1", "i1,,1", "i1,1812-05-09,1"],
            [
                (2, "day", "2023-05-09 09:00", "is not a date such as 2023-05-16"),
                (3, "day", "9 May", "is not a date such as 2023-05-16"),
                (4, "day", "2023-02-29", "is not a date such as 2023-05-16"),
                (5, "day", "", "must not be empty"),
                (6, "day", "1812-05-09", "lies before 1900 or after 2199"),
            ],
        ),
        (
            "seller,hour,presale_quantity,red_packet_claimed_amount",
            ["s1,2023-05-09 09:30,1,1", "s1,2023-05-09 09:00,1.5,-1", "s9,2023-05-09,1,1"],
            [
                (2, "hour", "2023-05-09 09:30", "is not the beginning of an hour"),
                (3, "presale_quantity", "1.5", "is not a whole number"),
                (
                    3,
                    "red_packet_claimed_amount",
                    "-1",
                    "is not between 0 and 100000000000.00",
                ),
                (4, "seller", "s9", "is not known"),
            ],
        ),
        (
            "item,hour,presale_amount,presale_quantity",
            ["i1,2023-05-09 09:00,,1", "i1,2023-05-09 10:00,1.005,10000000000001"],
            [
                (2, "presale_amount", "", "must not be empty"),
                (3, "presale_amount", "1.005", "has more than 2 decimal places"),
                (
                    3,
                    "presale_quantity",
                    "10000000000001",
                    "is not between 0 and 10000000000000",
                ),
            ],
        ),
        (
            "seller,day,cart_amount",
            ["s1,2023-05-09,1", "s1,2023-05-09,2"],
            [(2, "seller, day", "s1, 2023-05-09", "stands there again in line 3, which counts")],
        ),
    ],
)
def test_bad_lines(feed, errors, head, lines, told):
    feed("carts", "\n".join([head, *lines]) + "\n")
    assert errors() == told


@pytest.mark.parametrize(
    ("head", "reason"),
    [
        ("item,seller,day,cart_amount", "a column seller or a column item, and only one"),
        ("day,cart_amount", "a column seller or a column item, and only one"),
        ("item,day,hour,cart_amount", "a column hour or a column day, and only one"),
        ("seller,cart_amount", "a column hour or a column day, and only one"),
        ("seller,day,known_at", "the file needs one of the columns cart_amount, presale_amount"),
        ("item,day,red_packet_claimed_amount", "red_packet_claimed_amount is for sellers"),
        ("item,day,presale_amout", "Did you mean presale_amount"),
    ],
)
def test_headers_that_say_too_little_or_too_much(feed, head, reason):
    with pytest.raises(FeedError, match=reason):
        feed("carts", f"{head}\n")


def test_days_of_a_parquet_file(feed, errors, tmp_path):
    """As dates, or as a data frame's midnights."""
    for name, values in {
        "dates": [date(2023, 5, 9), date(2023, 5, 10)],
        "midnights": [datetime.fromisoformat(text) for text in ("2023-05-09", "2023-05-10 01:00")],
    }.items():
        path = tmp_path / f"{name}.parquet"
        table = {"item": ["i1", "i2"], "day": values, "presale_amount": [1.25, 2.0]}
        pq.write_table(pa.table(table), path)
        feed("carts", path)
        days = FedItemDay.objects.order_by("day").values_list("day", "presale_amount")
        assert list(days)[:2] == [
            (date(2023, 5, 9), Decimal("1.25")),
            (date(2023, 5, 10), Decimal("2.00")),
        ]
    assert errors() == [(2, "day", "2023-05-10 01:00:00", "is not a date such as 2023-05-16")]
