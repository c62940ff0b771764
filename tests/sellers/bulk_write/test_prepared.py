"""Queries that are compiled once and asked with other values."""

from datetime import timedelta

import pytest
from django.db.models import (
    BigIntegerField,
    DateTimeField,
)

from sellers.bulk_write import (
    Given,
    Prepared,
    PreparedInsert,
    one_of,
    padded,
)
from sellers.models import Item, ItemDay
from tests.factories import ItemFactory
from tests.sellers.bulk_write.tables import DAY
from tests.times import local

pytestmark = pytest.mark.django_db


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
