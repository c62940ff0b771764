"""What SQLite and PostgreSQL spell differently means the same."""

import pytest
from django.db.models import (
    F,
)

from sellers.bulk_write import (
    Differs,
    HourOf,
    insert_from_query,
)
from sellers.models import DirtyHour, Item
from tests.factories import ItemFactory
from tests.times import local

pytestmark = pytest.mark.django_db


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
