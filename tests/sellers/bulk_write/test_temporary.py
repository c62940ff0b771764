"""Models over temporary tables."""

import pytest
from django.db.models import (
    DO_NOTHING,
    BigIntegerField,
    DateTimeField,
    ForeignKey,
)

from sellers.bulk_write import (
    copy_rows,
    insert_from_query,
    settle_temporary,
    temporary_model,
    update_from_query,
)
from sellers.models import DirtyHour, Item
from tests.factories import ItemFactory
from tests.sellers.bulk_write.tables import temporary_tables
from tests.times import local

pytestmark = pytest.mark.django_db


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
