"""The two sides of a comparison as SQL: columns, literals, tables; exact in integers."""

from dataclasses import dataclass

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    DateTimeField,
    Value,
    When,
)

from campaigns.eligibility import literals, sql
from campaigns.eligibility.conditions import Literal, MetricValue, TableValue
from sellers.metrics.registry import MetricType

# age OP n, as stored instant OP local midnight of (today − n + shift)
AGE_BOUNDS = {">": ("<", 0), ">=": ("<", 1), "<=": (">=", 0), "<": (">=", 1)}


@dataclass(frozen=True)
class Number:
    """``top / bottom × 10^-places``; ``bottom`` None is 1. Integer expressions, null if missing."""

    top: object
    bottom: object = None
    places: int = 0


def number(metric, frame) -> Number:
    """A numeric metric's value."""
    top = sql.raw(frame.column(metric))
    if metric.type != MetricType.RATIO:
        return Number(top, None, metric.places)
    bottom = sql.not_zero(sql.raw(frame.column(metric, metric.denominator)))
    return Number(top, bottom, metric.places - metric.denominator_places)


def right_number(value, frame) -> Number:
    """The right-hand side of a numeric comparison."""
    if isinstance(value, MetricValue):
        factor = literals.number(value.times)
        places = literals.decimal_places(factor)
        side = number(value.metric, frame)
        return Number(
            sql.times(side.top, literals.scaled(factor, places)), side.bottom, side.places + places
        )
    if isinstance(value, TableValue):
        places = table_places(value.table)
        return Number(
            table_case(
                value,
                frame,
                lambda text: sql.integer(literals.scaled(literals.number(text), places)),
                BigIntegerField(),
            ),
            None,
            places,
        )
    threshold = literals.number(value.value)
    places = literals.decimal_places(threshold)
    return Number(sql.integer(literals.scaled(threshold, places)), None, places)


def right_places(value) -> int:
    """The places of `right_number`, without the SQL."""
    if isinstance(value, MetricValue):
        factor = literals.decimal_places(literals.number(value.times))
        return value.metric.places - value.metric.denominator_places + factor
    if isinstance(value, TableValue):
        return table_places(value.table)
    return literals.decimal_places(literals.number(value.value))


def compare_numbers(left: Number, sql_op, right: Number):
    """Cross-multiplied, so that nothing is divided or rounded."""
    shift = right.places - left.places
    a, b = left.top, right.top
    if right.bottom is not None:
        a = sql.product(a, right.bottom)
    if left.bottom is not None:
        b = sql.product(b, left.bottom)
    if shift < 0 and isinstance(right.top, Value):
        # A constant takes its own power of ten, so that the column stands bare.
        scaled_up = sql.integer(right.top.value * 10**-shift)
        b = scaled_up if left.bottom is None else sql.product(scaled_up, left.bottom)
        return sql.compare(a, sql_op, b)
    return sql.compare(
        sql.times(a, 10 ** max(shift, 0)), sql_op, sql.times(b, 10 ** max(-shift, 0))
    )


def text(value, frame):
    """The right-hand side of a comparison of texts."""
    if isinstance(value, MetricValue):
        return frame.column(value.metric)
    if isinstance(value, TableValue):
        return table_case(value, frame, string, CharField())
    return string(value.value)


def string(value):
    """A text constant."""
    return Value(value, output_field=CharField())


def moment(value, frame):
    """The right-hand side of a comparison of instants."""
    if isinstance(value, MetricValue):
        return frame.column(value.metric)
    return Value(literals.instant(value.value), output_field=DateTimeField())


def compare_age(metric, op, value, frame):
    """An age in days against a number or a table, as the stored instant against midnights."""
    stored = frame.column(metric)
    if op in ("==", "!="):
        same = sql.both(
            compare_age(metric, ">=", value, frame), compare_age(metric, "<=", value, frame)
        )
        return same if op == "==" else sql.negate(same)
    sql_op, shift = AGE_BOUNDS[op]

    def bound(days):
        return frame.midnight(int(days) - shift)

    if isinstance(value, TableValue):
        return sql.compare(stored, sql_op, table_case(value, frame, bound, DateTimeField()))
    return sql.compare(stored, sql_op, bound(literals.typed(MetricType.AGE, value.value)))


def table_places(table) -> int:
    """Decimal places that hold every value of a numeric table."""
    values = [row.value for row in table.rows] + ([table.default] if table.default else [])
    return max((literals.decimal_places(literals.number(text)) for text in values), default=0)


def table_case(value: TableValue, frame, convert, output_field):
    """The first matching row's value, else the default, else null."""
    whens = []
    for row in table_rows(value, frame):
        tests = [
            key_matches(metric, key, frame)
            for metric, key in zip(value.keys, row.keys, strict=True)
            if key is not None
        ]
        whens.append(When(sql.both(*tests), then=convert(row.value)))
    default = Value(None) if value.table.default is None else convert(value.table.default)
    return Case(*whens, default=default, output_field=output_field)


def constant_in_table(metric, value: TableValue, frame):
    """``metric == table`` where the metric is the same text for every row and the table has one
    key, a category: two lists of categories instead of a case for every row of the table. None
    where it is not so."""
    left = frame.column(metric) if metric.computed is not None else None
    if not isinstance(left, Value) or [key.type for key in value.keys] != [MetricType.CATEGORY]:
        return None
    values = frame.categories.values(value.table)
    if values is None:
        return None
    same = [sql.integer(pk) for pk, text in values.items() if text == left.value]
    other = [sql.integer(pk) for pk, text in values.items() if text != left.value]
    column = sql.raw(frame.column(value.keys[0]))
    whens = [
        When(sql.members(column, ids), then=truth)
        for ids, truth in ((same, sql.TRUE), (other, sql.FALSE))
        if ids
    ]
    default = Value(None)
    if value.table.default is not None:
        default = sql.TRUE if value.table.default == left.value else sql.FALSE
    return Case(*whens, default=default, output_field=BooleanField(null=True))


def table_rows(value: TableValue, frame):
    """Rows in order of precedence: deeper categories first, then as written."""
    positions = [i for i, m in enumerate(value.keys) if m.type == MetricType.CATEGORY]
    if not positions:
        return value.table.rows

    def depth(row):
        keys = [row.keys[i] for i in positions if row.keys[i] is not None]
        codes = [code for key in keys for code in (key if isinstance(key, list | tuple) else [key])]
        return max((frame.categories.depth(code) for code in codes), default=-1)

    return sorted(value.table.rows, key=lambda row: -depth(row))


def key_matches(metric, key, frame):
    """Whether a row's key matches: {"missing": true}, a half-open band, a list or a value."""
    if isinstance(key, dict):
        if key.get("missing"):
            return sql.is_unknown(frame.column(metric))
        bounds = [(">=", key.get("from")), ("<", key.get("to"))]
        return sql.both(
            *(
                ordering(metric, op, Literal(bound), frame)
                for op, bound in bounds
                if bound is not None
            )
        )
    return membership(metric, key if isinstance(key, list | tuple) else [key], frame)


def membership(metric, values, frame):
    """Whether the metric is one of the values; categories stand for their descendants too."""
    column = frame.column(metric)
    if metric.type == MetricType.CATEGORY:
        ids = frame.categories.descendants(values)
        return sql.members(sql.raw(column), [sql.integer(pk) for pk in ids])
    if metric.type == MetricType.BOOLEAN:
        return sql.either(*(ordering(metric, "==", Literal(value), frame) for value in values))
    if metric.type == MetricType.TEXT:
        return sql.members(column, [string(value) for value in values])
    return (
        sql.either(*(ordering(metric, "==", Literal(value), frame) for value in values))
        if (values)
        else sql.members(column, [])
    )


def ordering(metric, op, value, frame):
    """``metric op value`` for the ordered and equality operators."""
    sql_op = {"==": "=", "!=": "<>"}.get(op, op)
    kind = metric.type
    if kind == MetricType.AGE:
        return compare_age(metric, op, value, frame)
    if kind == MetricType.DATETIME:
        return sql.compare(frame.column(metric), sql_op, moment(value, frame))
    if kind == MetricType.TEXT:
        if isinstance(value, TableValue) and op in ("==", "!="):
            found = constant_in_table(metric, value, frame)
            if found is not None:
                return found if op == "==" else sql.negate(found)
        return sql.compare(frame.column(metric), sql_op, text(value, frame))
    if kind == MetricType.BOOLEAN:
        other = (
            frame.column(value.metric)
            if isinstance(value, MetricValue)
            else (sql.TRUE if value.value else sql.FALSE)
        )
        return sql.compare(frame.column(metric), sql_op, other)
    if kind == MetricType.CATEGORY:
        if isinstance(value, MetricValue):
            return sql.compare(frame.column(metric), sql_op, frame.column(value.metric))
        inside = membership(metric, [value.value], frame)
        return inside if op == "==" else sql.negate(inside)
    return compare_numbers(number(metric, frame), sql_op, right_number(value, frame))
