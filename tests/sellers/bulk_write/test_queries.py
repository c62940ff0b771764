"""A query's rows are written: one interface, the same rows on both databases."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import (
    Count,
    F,
    Sum,
    Value,
)

from sellers.bulk_write import (
    Written,
    insert_from_query,
    settle,
    update_from_query,
    upsert_from_query,
    upsert_rows,
)
from sellers.models import DirtyHour, Item, ItemDay, ItemHour, LegalEntity, SellerDay
from tests.factories import ItemFactory, SellerFactory
from tests.sellers.bulk_write.tables import DAY, temporary_tables
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
def test_a_query_becomes_rows(small_chunks, count):
    seller = SellerFactory()
    items = [ItemFactory(seller=seller, stock=number) for number in range(count)]
    inserted = insert_from_query(
        Item.objects.filter(seller=seller).values_list("pk", "stock", "list_price"),
        ItemDay,
        ["item", "quantity", "paid_amount"],
        {"day": DAY, "buyers": 4, "refunded_amount": Decimal("0.05")},
    )
    assert inserted == count
    rows = ItemDay.objects.order_by("item").values_list(
        "item", "quantity", "paid_amount", "day", "buyers", "refunded_amount", "cart_amount"
    )
    assert list(rows) == [
        (item.pk, item.stock, Decimal("100.00"), DAY, 4, Decimal("0.05"), Decimal("0.00"))
        for item in items
    ]
    assert temporary_tables() == set()


def test_an_aggregate_becomes_rows(small_chunks):
    cheap, dear = SellerFactory(), SellerFactory()
    for seller, price in [(cheap, "0.10"), (cheap, "0.20"), (dear, "99999.99")]:
        ItemFactory(seller=seller, list_price=Decimal(price))
    totals = Item.objects.values("seller").annotate(sum=Sum("list_price"), count=Count("pk"))
    assert (
        insert_from_query(
            totals.values_list("seller", "sum", "count"),
            SellerDay,
            ["seller_id", "paid_amount", "orders"],
            {"day": DAY},
        )
        == 2
    )
    assert set(SellerDay.objects.values_list("seller", "paid_amount", "orders")) == {
        (cheap.pk, Decimal("0.30"), 2),
        (dear.pk, Decimal("99999.99"), 1),
    }


def test_instants_and_nulls_go_through_unchanged():
    seller = SellerFactory()
    at = local("2023-05-16 20:00:00.123456")
    ItemFactory(seller=seller, first_listed_at=at, stock=None)
    insert_from_query(
        Item.objects.values_list("pk", "first_listed_at"), DirtyHour, ["item", "hour"]
    )
    assert DirtyHour.objects.get().hour == at
    assert DirtyHour.objects.filter(hour=F("item__first_listed_at")).count() == 1
    insert_from_query(
        Item.objects.annotate(text=Value("甲'%s\\")).values_list("code", "text"),
        LegalEntity,
        ["code", "name"],
    )
    assert LegalEntity.objects.get().name == "甲'%s\\"


def test_a_query_without_rows_inserts_nothing():
    assert (
        insert_from_query(Item.objects.none().values_list("pk"), ItemDay, ["item"], {"day": DAY})
        == 0
    )
    assert not ItemDay.objects.exists()


def test_an_order_and_a_slice_count_as_asked():
    first, second = ItemFactory(stock=1), ItemFactory(stock=2)
    query = Item.objects.order_by("-stock").values_list("pk")[:1]
    assert insert_from_query(query, ItemDay, ["item"], {"day": DAY}) == 1
    assert ItemDay.objects.get().item == second != first


def test_a_wrong_number_of_columns_is_refused():
    with pytest.raises(ValueError, match="selects 2 columns for 1: item"):
        insert_from_query(Item.objects.values_list("pk", "stock"), ItemDay, ["item"])


def test_conflicts_are_ignored_or_raised(small_chunks):
    items = [ItemFactory() for _ in range(5)]
    ItemDay.objects.create(item=items[3], day=DAY, quantity=7)
    query = Item.objects.values_list("pk")
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_from_query(query, ItemDay, ["item"], {"day": DAY})
    assert insert_from_query(query, ItemDay, ["item"], {"day": DAY}, ignore_conflicts=True) == 4
    assert insert_from_query(query, ItemDay, ["item"], {"day": DAY}, ignore_conflicts=True) == 0
    assert ItemDay.objects.get(item=items[3]).quantity == 7
    assert ItemDay.objects.count() == 5


def test_an_upsert_writes_only_what_differs(small_chunks):
    items = [ItemFactory(stock=number) for number in range(8)]
    old = local("2023-05-01")
    for item in items[:5]:
        ItemHour.objects.create(item=item, hour=old, quantity=item.stock, cart_amount=9)
    ItemHour.objects.filter(item=items[2]).update(quantity=99, buyers=3)
    written = upsert_from_query(
        Item.objects.values_list("pk", "stock"),
        ItemHour,
        ["item", "quantity"],
        key=["item", "hour"],
        constants={"hour": old},
    )
    assert written == Written(inserted=3, updated=1, unchanged=4)
    rows = ItemHour.objects.order_by("item").values_list("quantity", "buyers", "cart_amount")
    # What the upsert does not name stays in old rows and takes its default in new ones.
    assert list(rows) == [
        *[(number, 3 if number == 2 else 0, Decimal("9.00")) for number in range(5)],
        *[(number, 0, Decimal("0.00")) for number in range(5, 8)],
    ]


def test_null_differs_from_a_value_and_not_from_null():
    seller = SellerFactory()
    for code, stock in [("a", None), ("b", None), ("c", 0), ("d", 4)]:
        ItemFactory(code=code, seller=seller, stock=stock, title="old")
    rows = [("a", None), ("b", 0), ("c", None), ("d", 4)]
    written = upsert_rows(
        Item, rows, ["code", "stock"], key=["code"], constants={"seller": seller.pk, "title": "old"}
    )
    assert written == Written(updated=2, unchanged=2)
    assert dict(Item.objects.values_list("code", "stock")) == dict(rows)


def test_what_is_carried_is_written_but_is_no_difference():
    seller, early, late = SellerFactory(), local("2023-05-01"), local("2023-05-02")
    for code in "ab":
        ItemFactory(code=code, seller=seller, stock=1, known_at=early)
    written = upsert_rows(
        Item,
        [("a", 1), ("b", 2)],
        ["code", "stock"],
        key=["code"],
        constants={"seller": seller.pk, "known_at": late},
        carried=["known_at"],
    )
    assert written == Written(updated=1, unchanged=1)
    assert dict(Item.objects.values_list("code", "known_at")) == {"a": early, "b": late}


def test_an_upsert_twice_changes_nothing(small_chunks):
    rows = [(f"e{number}", f"Entity {number}") for number in range(7)]
    first = upsert_rows(LegalEntity, rows, ["code", "name"], key=["code"])
    assert first == Written(inserted=7)
    kept = list(LegalEntity.objects.order_by("pk").values_list())
    assert upsert_rows(LegalEntity, iter(rows), ["code", "name"], key=["code"]) == Written(
        unchanged=7
    )
    assert list(LegalEntity.objects.order_by("pk").values_list()) == kept


def test_a_key_alone_only_inserts():
    upsert_rows(LegalEntity, [("a", "A")], ["code", "name"], key=["code"])
    written = upsert_rows(LegalEntity, [("a",), ("b",)], ["code"], key=["code"])
    assert written == Written(inserted=1, unchanged=1)
    assert dict(LegalEntity.objects.values_list("code", "name")) == {"a": "A", "b": ""}


def test_a_key_must_be_among_the_columns():
    with pytest.raises(ValueError, match="neither in columns nor constants: code"):
        upsert_rows(LegalEntity, [], ["name"], key=["code"])


def test_the_planner_gets_to_know_a_filled_table():
    settle(LegalEntity)
    LegalEntity.objects.create(code="a")
    settle(LegalEntity)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT reltuples FROM pg_class WHERE relname = %s", [LegalEntity._meta.db_table]
            )
            assert cursor.fetchone() == (1,)


def test_an_update_overwrites_named_columns_of_named_rows():
    first, second, third = (ItemFactory(stock=number, title="old") for number in range(3))
    changed = Item.objects.filter(pk__in=[first.pk, third.pk])
    assert (
        update_from_query(
            changed.values_list("pk", F("stock") + 10, Value("new"), F("first_listed_at")),
            Item,
            ["stock", "title", "published_at"],
        )
        == 2
    )
    assert list(Item.objects.order_by("pk").values_list("stock", "title")) == [
        (10, "new"),
        (1, "old"),
        (12, "new"),
    ]
    assert update_from_query(Item.objects.none().values_list("pk", "stock"), Item, ["stock"]) == 0
    second.refresh_from_db()
    assert second.stock == 1


def test_a_touched_conflict_is_counted_and_changes_nothing(small_chunks):
    items = [ItemFactory(stock=number) for number in range(5)]
    ItemDay.objects.create(item=items[3], day=DAY, quantity=7)
    query = Item.objects.order_by("pk").values_list("pk", "stock")
    for at_once in (True, False):
        written = insert_from_query(
            query,
            ItemDay,
            ["item", "quantity"],
            {"day": DAY},
            touched=["item", "day"],
            at_once=at_once,
        )
        assert written == 5
    assert ItemDay.objects.count() == 5
    assert ItemDay.objects.get(item=items[3]).quantity == 7
