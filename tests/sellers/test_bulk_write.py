"""One interface, the same rows on both databases."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import (
    DO_NOTHING,
    BigIntegerField,
    Count,
    DateTimeField,
    F,
    ForeignKey,
    Sum,
    Value,
)

from sellers.bulk_write import (
    Differs,
    Given,
    HourOf,
    Prepared,
    PreparedInsert,
    Written,
    copy_rows,
    delete_in_chunks,
    id_ranges,
    insert_from_query,
    insert_rows,
    one_of,
    padded,
    reserve_ids,
    settle,
    settle_temporary,
    target,
    temporary_model,
    transactions,
    update_from_query,
    upsert_from_query,
    upsert_rows,
)
from sellers.models import DirtyHour, Item, ItemDay, ItemHour, LegalEntity, SellerDay
from tests.factories import ItemFactory, SellerFactory
from tests.times import local

pytestmark = pytest.mark.django_db
DAY = date(2023, 5, 9)


@pytest.fixture
def small_chunks(monkeypatch):
    """Chunks of three rows, so that a handful of rows crosses their borders."""
    monkeypatch.setattr(transactions, "CHUNK", 3)


def temporary_tables():
    """Names of the temporary tables that this connection still has."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_temp_master WHERE type = 'table'")
        else:
            cursor.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence = 't'"
            )
        return {name for (name,) in cursor.fetchall()}


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


def test_rows_are_copied_with_their_defaults(small_chunks):
    item = ItemFactory()
    hours = [local(f"2023-05-09 {hour:02}:00") for hour in range(7)]
    rows = ((item.pk, hour, Decimal(f"{place}.05"), place) for place, hour in enumerate(hours))
    assert copy_rows(ItemHour, rows, ["item", "hour", "paid_amount", "quantity"]) == 7
    found = ItemHour.objects.order_by("hour").values_list(
        "hour", "paid_amount", "quantity", "refunded_amount"
    )
    assert list(found) == [
        (hour, Decimal(f"{place}.05"), place, Decimal("0.00")) for place, hour in enumerate(hours)
    ]


def test_a_decimal_that_does_not_fit_is_refused():
    item = ItemFactory()
    with pytest.raises(ValidationError, match="more than 2 decimal places"):
        copy_rows(ItemDay, [(item.pk, DAY, Decimal("0.001"))], ["item", "day", "paid_amount"])


def test_text_that_looks_like_an_escape_is_copied_as_it_is():
    names = ["\\N", "a\tb", 'quote"', "line\nbreak", "\\", "%s", "店铺", ""]
    rows = [(f"e{place}", name) for place, name in enumerate(names)]
    copy_rows(LegalEntity, rows, ["code", "name"])
    assert list(LegalEntity.objects.order_by("pk").values_list("name", flat=True)) == names


def test_rows_go_in_in_their_order_but_for_conflicts(small_chunks):
    LegalEntity.objects.create(code="b", name="old")
    rows = [("d", "1"), ("a", "2"), ("b", "3"), ("c", "4"), ("a", "5")]
    assert insert_rows(LegalEntity, rows, ["code", "name"]) == 3
    found = LegalEntity.objects.order_by("id").values_list("code", "name")
    assert list(found) == [("b", "old"), ("d", "1"), ("a", "2"), ("c", "4")]
    assert insert_rows(LegalEntity, [], ["code", "name"]) == 0


def test_reserved_keys_are_nobody_else_s():
    before = LegalEntity.objects.create(code="before").pk
    first = reserve_ids(LegalEntity, 3)
    copy_rows(LegalEntity, [(pk, f"first{pk}") for pk in first], ["id", "code"])
    second = reserve_ids(LegalEntity, 2)
    copy_rows(LegalEntity, [(pk, f"second{pk}") for pk in second], ["id", "code"])
    after = LegalEntity.objects.create(code="after").pk

    every = [before, *first, *second, after]
    assert sorted(every) == every
    assert len(set(every)) == 7
    assert set(LegalEntity.objects.values_list("id", flat=True)) == set(every)
    assert list(reserve_ids(LegalEntity, 0)) == []


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (None, None, [(5, 8), (8, 10)]),
        (0, 2**62, [(5, 8), (8, 10)]),
        (6, 9, [(6, 9)]),
        (7, 8, [(7, 8)]),
        (10, 20, []),
    ],
)
def test_ranges_of_keys_cover_them_in_pieces_on_sqlite(monkeypatch, low, high, expected):
    monkeypatch.setattr(transactions, "IDS_AT_ONCE", 3)
    LegalEntity.objects.bulk_create(LegalEntity(pk=pk, code=f"e{pk}") for pk in range(5, 10))
    found = id_ranges(LegalEntity.objects.all(), low, high)
    whole = [(expected[0][0], expected[-1][1])] if expected else []
    assert found == (expected if connection.vendor == "sqlite" else whole)


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


@pytest.mark.parametrize("count", [0, 1, 3, 4, 10])
def test_rows_are_deleted_by_ranges(count):
    keep, item = ItemFactory(), ItemFactory()
    for number in range(count):
        hour = local(f"2023-05-09 {number:02}:00")
        ItemHour.objects.create(item=item, hour=hour)
        ItemHour.objects.create(item=keep, hour=hour)
    assert delete_in_chunks(ItemHour.objects.filter(item=item), size=3) == count
    assert ItemHour.objects.filter(item=item).count() == 0
    assert ItemHour.objects.filter(item=keep).count() == count


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_whole_chunks_stay(small_chunks, monkeypatch):
    """On SQLite finished chunks stay; PostgreSQL's one statement leaves nothing. Both go on."""
    for number in range(7):
        ItemFactory(stock=number)
    if connection.vendor == "sqlite":
        move, calls = target.Target.move, []

        def dies_on_the_second(self, *arguments):
            calls.append(arguments)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return move(self, *arguments)

        monkeypatch.setattr(target.Target, "move", dies_on_the_second)
        with pytest.raises(KeyboardInterrupt):
            insert_from_query(Item.objects.values_list("pk"), ItemDay, ["item"], {"day": DAY})
        assert ItemDay.objects.count() == 3
        assert temporary_tables() == set()
    else:
        ItemDay.objects.create(item=Item.objects.get(stock=5), day=DAY)
        with pytest.raises(IntegrityError):
            insert_from_query(Item.objects.values_list("pk"), ItemDay, ["item"], {"day": DAY})
        assert ItemDay.objects.count() == 1
        assert temporary_tables() == set()
    again = insert_from_query(
        Item.objects.values_list("pk"), ItemDay, ["item"], {"day": DAY}, ignore_conflicts=True
    )
    assert again == (4 if connection.vendor == "sqlite" else 6)
    assert ItemDay.objects.count() == 7


@pytest.mark.django_db(transaction=True)
def test_it_works_outside_a_transaction(small_chunks):
    for number in range(4):
        ItemFactory(stock=number)
    query = Item.objects.values_list("pk", "stock")
    arguments = (query, ItemDay, ["item", "quantity"])
    assert upsert_from_query(*arguments, key=["item", "day"], constants={"day": DAY}) == Written(
        inserted=4
    )
    assert upsert_rows(LegalEntity, [("a", "A")], ["code", "name"], key=["code"]).inserted == 1
    assert not connection.in_atomic_block
    assert temporary_tables() == set()


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


@pytest.mark.parametrize(
    ("left", "right", "differs"),
    [(None, None, False), (None, 0, True), (0, None, True), (0, 0, False), (0, 1, True)],
)
def test_null_is_a_value_to_differs(left, right, differs):
    ItemFactory(stock=left, ship_time_hours=right)
    query = Item.objects.annotate(differs=Differs(F("stock"), F("ship_time_hours")))
    assert query.get().differs is differs
    assert query.filter(Differs(F("stock"), F("ship_time_hours"))).exists() is differs
    assert query.filter(~Differs(F("stock"), F("ship_time_hours"))).exists() is not differs


def test_a_temporary_model_joins_by_code_and_vanishes():
    known = ItemFactory(code="known", stock=3)
    fields = {
        "item": ForeignKey(
            Item, DO_NOTHING, to_field="code", null=True, related_name="+", db_constraint=False
        ),
        "stock": BigIntegerField(null=True),
        "seen_at": DateTimeField(),
    }
    at = local("2023-05-16 20:00")
    with temporary_model(fields) as model:
        rows = [(2, "known", 5, at), (3, "unknown", None, at), (5, None, 1, at)]
        copy_rows(model, rows, ["id", "item_id", "stock", "seen_at"], temporary=True)
        settle_temporary(model, ["item"], ["stock", "seen_at"])
        assert list(model.objects.order_by("pk").values_list("item_id", "item__pk", "seen_at")) == [
            ("known", known.pk, at),
            ("unknown", None, at),
            (None, None, at),
        ]
        query = model.objects.filter(item__pk__isnull=False)
        assert update_from_query(query.values_list("item__pk", "stock"), Item, ["stock"]) == 1
        assert insert_from_query(
            query.values_list("item__pk", "seen_at"), DirtyHour, ["item", "hour"], at_once=True
        )
        assert len(temporary_tables()) == 1
    known.refresh_from_db()
    assert known.stock == 5
    assert DirtyHour.objects.get().item == known
    assert temporary_tables() == set()
    assert model not in {field.related_model for field in Item._meta.get_fields()}


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


@pytest.mark.parametrize(
    ("instant", "hour"),
    [
        ("2023-05-16 20:00:00", "2023-05-16 20:00"),
        ("2023-05-16 20:59:59.999999", "2023-05-16 20:00"),
        ("2023-05-17 00:30:00.000001", "2023-05-17 00:00"),
    ],
)
def test_the_hour_of_an_instant(instant, hour):
    item = ItemFactory(first_listed_at=local(instant))
    query = Item.objects.annotate(hour=HourOf(F("first_listed_at")))
    assert query.get().hour == local(hour)
    insert_from_query(query.values_list("pk", "hour"), DirtyHour, ["item", "hour"])
    # Stored as Django stores it, so that equal instants are equal rows.
    assert DirtyHour.objects.get(hour=local(hour)).item == item
    ItemFactory(first_listed_at=None)
    assert query.filter(hour__isnull=True).count() == 1


def test_a_prepared_query_is_compiled_once_and_asked_for_other_values():
    first, second, third = (ItemFactory(first_listed_at=local(f"2023-05-0{n}")) for n in (1, 2, 3))
    listed = Item.objects.filter(
        pk__in=one_of("ids", 2), first_listed_at__lt=Given("at", DateTimeField())
    )
    query = Prepared(listed.order_by("pk").values_list("pk", "code"))
    asked = {"ids": padded([first.pk, second.pk]), "at": local("2023-05-02")}
    assert query.rows(**asked) == [(first.pk, first.code)]
    asked["at"] += timedelta(microseconds=1)
    assert query.rows(**asked) == [(first.pk, first.code), (second.pk, second.code)]
    assert query.rows(ids=padded([third.pk]) * 2, at=local("2023-05-04")) == [
        (third.pk, third.code)
    ]


def test_a_prepared_query_that_can_have_no_rows_has_none():
    assert Prepared(Item.objects.none().values_list("pk")).rows() == []
    empty = PreparedInsert(Item.objects.none().values_list("pk"), ItemDay, ["item"], {"day": DAY})
    assert empty.run() == 0


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        ([7], [7]),
        ([7, 8], [7, 8]),
        ([7, 8, 9], [7, 8, 9, 9]),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 5, 5, 5]),
    ],
)
def test_ids_are_padded_to_a_power_of_two(ids, expected):
    assert padded(ids) == expected


def test_a_prepared_insert_writes_and_updates_what_differs():
    item = ItemFactory(stock=5)
    statement = PreparedInsert(
        Item.objects.filter(pk=Given("item", BigIntegerField())).values_list("pk", "stock"),
        ItemDay,
        ["item", "quantity"],
        {"day": DAY, "orders": Given("orders", BigIntegerField())},
        key=["item", "day"],
    )
    assert [statement.run(item=item.pk, orders=number) for number in (1, 1, 2)] == [1, 0, 1]
    assert ItemDay.objects.values_list("item", "day", "quantity", "orders").get() == (
        item.pk,
        DAY,
        5,
        2,
    )
