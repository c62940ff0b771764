"""Ranges of keys, chunks of rows, and what is left where one of them fails."""

import pytest
from django.db import IntegrityError, connection

from sellers.bulk_write import (
    Written,
    delete_in_chunks,
    id_ranges,
    insert_from_query,
    target,
    transactions,
    upsert_from_query,
    upsert_rows,
)
from sellers.models import Item, ItemDay, ItemHour, LegalEntity
from tests.factories import ItemFactory
from tests.sellers.bulk_write.tables import DAY, temporary_tables
from tests.times import local

pytestmark = pytest.mark.django_db


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
