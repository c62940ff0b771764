"""A text that is the same for every row, compared with a table of categories: two lists mean what a
case for every row of the table means."""

import itertools

import pytest
from django.db.models import CharField, Value

from campaigns.eligibility.conditions import TableValue
from campaigns.eligibility.frame import Frame
from campaigns.eligibility.operands import constant_in_table, text
from campaigns.eligibility.sql import compare
from campaigns.eligibility.vocabulary import Table, TableRow
from campaigns.models import Entry
from sellers.metrics.registry import Metric, MetricType, get
from tests.factories import CategoryFactory, EntryFactory
from tests.times import local

pytestmark = pytest.mark.django_db
AT = local("2023-05-17 10:00")
CATEGORY = get("item.category")
ROWS = [("dresses", "a"), ("apparel", "b"), (["toys", "shoes"], "a"), ("dresses", "b")]


@pytest.fixture
def entries():
    apparel = CategoryFactory(code="apparel")
    dresses = CategoryFactory(code="dresses", parent=apparel)
    found = [apparel, dresses, CategoryFactory(code="toys"), CategoryFactory(code="food"), None]
    return {
        EntryFactory(item__category=category).pk: category and category.code for category in found
    }


def answers(expression, frame):
    rows = Entry.objects.annotate(**frame.aliases).annotate(answer=expression)
    return {
        pk: None if found is None else bool(found) for pk, found in rows.values_list("pk", "answer")
    }


@pytest.mark.parametrize("default", [None, "a", "b"])
@pytest.mark.parametrize("rows", list(itertools.permutations(ROWS, 3)))
def test_two_lists_mean_what_a_case_means(entries, rows, default):
    table = Table("t", ("item.category",), "text", "", default, tuple(
        TableRow((key,), value) for key, value in rows
    ))  # fmt: skip
    value = TableValue(table, (CATEGORY,))
    for constant in ("a", "b", "c"):
        metric = Metric(
            code="entry.place",
            type=MetricType.TEXT,
            label={},
            computed=lambda _at, constant=constant: Value(constant, output_field=CharField()),
        )
        frame = Frame("entry", AT, {})
        quick = answers(constant_in_table(metric, value, frame), frame)
        frame = Frame("entry", AT, {})
        slow = answers(compare(frame.column(metric), "=", text(value, frame)), frame)
        assert quick == slow


def test_a_table_of_other_keys_is_left_to_its_case():
    table = Table("t", ("item.category",), "text", "", None, (TableRow((None,), "a"),))
    metric = Metric(
        code="entry.place",
        type=MetricType.TEXT,
        label={},
        computed=lambda _at: Value("a", output_field=CharField()),
    )
    assert constant_in_table(metric, TableValue(table, (CATEGORY,)), Frame("entry", AT, {})) is None
