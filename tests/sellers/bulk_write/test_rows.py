"""Rows that Python holds are written: the same on both databases."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from sellers.bulk_write import (
    copy_rows,
    insert_rows,
    reserve_ids,
)
from sellers.models import ItemDay, ItemHour, LegalEntity
from tests.factories import ItemFactory
from tests.sellers.bulk_write.tables import DAY
from tests.times import local

pytestmark = pytest.mark.django_db


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
