"""What a statistic may be, and what is said of one that cannot be computed."""

import pytest
from django.test import override_settings

from sellers.metrics.statistics import SOURCES, Shape, StatisticError, StatisticSpec, Window
from sellers.metrics.statistics.sources import SUBJECTS
from tests.times import local

SOLD = {"level": "item", "function": "sum", "source": "item_days", "field": "quantity"}
LINES = {"level": "seller", "source": "order_lines"}


def spec(**statistic):
    return StatisticSpec(code="item.x", slot="number_01", **statistic)


@pytest.mark.django_db
@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_every_source_stands_on_columns_that_are_there(source):
    for level in source.relations:
        rows = source.model(level).objects.all()
        named = [f.path for f in source.fields.values()]
        named += [f.minus for f in source.fields.values() if f.minus]
        named += [source.time, *filter(None, (source.ends, source.known)), *source.order]
        assert not list(rows.filter(**source.only).values_list(*named))
        assert (
            source.model(level)._meta.get_field(source.owner(level)).related_model
            == (SUBJECTS[level])
        )


@pytest.mark.parametrize(
    ("statistic", "shape"),
    [
        (SOLD, Shape("integer", "units")),
        ({**SOLD, "field": "clean_amount"}, Shape("decimal", "CNY", 2)),
        ({**SOLD, "function": "avg", "field": "paid_amount"}, Shape("ratio", "CNY", 2)),
        ({**SOLD, "function": "count"}, Shape("integer")),
        ({**LINES, "function": "count_distinct", "field": "buyer"}, Shape("integer")),
        ({**LINES, "function": "max", "field": "paid_at"}, Shape("datetime")),
        ({**LINES, "function": "last", "field": "ship_region"}, Shape("text")),
        ({**LINES, "function": "last", "field": "abnormal"}, Shape("boolean")),
        (
            {**LINES, "function": "share", "where": ["abnormal", "==", True]},
            Shape("ratio"),
        ),
        (
            {
                **LINES,
                "function": "share",
                "field": "paid_amount",
                "where": ["abnormal", "==", True],
            },
            Shape("ratio", "", 2, 2),
        ),
    ],
)
def test_the_shape_follows_from_function_and_field(statistic, shape):
    assert spec(**statistic).shape == shape


def test_the_shape_of_a_ratio_follows_from_its_parts():
    paid = spec(**{**SOLD, "field": "paid_amount"})
    sold = spec(**SOLD)
    count = spec(**{**SOLD, "function": "count"})
    ratio = {"level": "item", "function": "ratio"}
    assert spec(numerator=paid, denominator=sold, **ratio).shape == (
        Shape("ratio", "CNY/units", 2, 0)
    )
    assert spec(numerator=paid, denominator=paid, **ratio).shape == Shape("ratio", "", 2, 2)
    assert spec(numerator=sold, denominator=count, **ratio).shape == Shape("ratio", "units")


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"function": "median"}, "function", "unknown function median"),
        ({"source": "item_day"}, "source", "unknown source item_day; expected one of item_days"),
        ({"level": "seller"}, "level", "item_days has no rows of each seller"),
        ({"field": ""}, "field", "expected a field of item_days"),
        ({"field": "sold"}, "field", "unknown field sold of item_days"),
        ({"function": "share"}, "where", "a share needs the condition"),
        ({"include_scheduled": True}, "include_scheduled", "only prices can be due later"),
        ({"source": "order_lines", "field": "buyer"}, "field", "sum cannot be taken of buyer"),
        (
            {"source": "order_lines", "function": "max", "field": "abnormal"},
            "field",
            "max cannot be taken of abnormal",
        ),
        (
            {"source": "order_lines", "function": "last", "field": "order"},
            "field",
            "last cannot be taken of order",
        ),
        (
            {"window": Window(local("2023-05-16"), local("2023-05-16"))},
            "window",
            "expected an end after the start",
        ),
        (
            {"window": Window(local("2023-05-16"), local("2023-05-16 20:00"))},
            "window",
            "a series of days needs a window of whole local days",
        ),
        (
            {"source": "item_hours", "window": Window(local("2023-05-16 20:30"), None)},
            "window",
            "a series of hours needs a window of whole hours",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_by_place(change, path, message):
    with pytest.raises(StatisticError) as caught:
        spec(**{**SOLD, **change})
    assert caught.value.path == path
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("where", "path", "message"),
    [
        ("abnormal", "where", "expected a comparison"),
        ({"none": []}, "where", "expected a comparison"),
        ({"all": []}, "where.all", "at least one condition"),
        ({"all": [["abnormal"]]}, "where.all[0]", "expected a comparison"),
        ({"not": ["abnorm", "==", True]}, "where.not[0]", "unknown field abnorm"),
        (["abnormal", "=", True], "where[1]", "unknown operator ="),
        (["abnormal", "=="], "where", "a value after =="),
        (["paid_at", "is_known", True], "where", "no value after is_known"),
        (["abnormal", "==", 1], "where[2]", "expected true or false"),
        (["abnormal", "<", True], "where[2]", "< compares numbers and times only"),
        (["buyer", ">=", "b"], "where[2]", ">= compares numbers and times only"),
        (["buyer", "==", 5], "where[2]", "expected a text"),
        (["buyer", "in", "b1"], "where[2]", "expected a list of at least one value"),
        (["quantity", "in", [1, "two"]], "where[2][1]", "expected a number"),
        (["quantity", ">", 0.5], "where[2]", "expected a number"),
        (["quantity", ">", "0.1234567"], "where[2]", "expected a number"),
        (["paid_at", ">", "May"], "where[2]", "expected a time"),
        (["order", "==", 5], "where[0]", "order can only be counted"),
        (
            {"any": [{"at_least": 3, "of": [["abnormal", "==", True]]}]},
            "where.any[0].at_least",
            "expected a whole number from 1 to 1",
        ),
    ],
)
def test_a_filter_that_cannot_be_read_is_refused_by_place(where, path, message):
    with pytest.raises(StatisticError) as caught:
        spec(**LINES, function="count", where=where)
    assert caught.value.path == path
    assert message in caught.value.message


def test_a_ratio_is_of_two_numbers_of_one_level():
    sold = spec(**SOLD)
    share = spec(**LINES, function="share", where=["abnormal", "==", True])
    ratio = {"level": "item", "function": "ratio", "numerator": sold}
    for denominator in (None, share, spec(**{**SOLD, "function": "avg"})):
        with pytest.raises(StatisticError) as caught:
            spec(denominator=denominator, **ratio)
        assert caught.value.path == "denominator"


@override_settings(TIME_ZONE="America/Sao_Paulo")
def test_a_day_that_begins_at_one_is_a_whole_day():
    assert spec(**SOLD, window=Window(local("2017-10-15"), local("2017-10-16")))
