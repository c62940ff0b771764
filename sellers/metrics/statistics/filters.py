"""Which rows of a source a statistic counts: condition trees over the source's own fields.

``[field, op, value]``, ``{"all": […]}``, ``{"any": […]}``, ``{"not": tree}`` and ``{"at_least": k,
"of": […]}`` mean what they mean in requirements; a row counts where the tree is true, so an unknown
one does not. Negation is pushed down to the comparisons, which keeps that: SQL's null is unknown.
"""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import reduce
from operator import and_, or_

from django.db.models import BigIntegerField, Case, DateTimeField, F, Func, Q, Value, When
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IsNull,
    LessThan,
    LessThanOrEqual,
)
from django.utils.translation import gettext as _

from sellers.localtime import from_local
from sellers.metrics.registry import MetricType
from sellers.metrics.statistics.errors import StatisticError
from sellers.metrics.statistics.sources import Source, SourceField

OPPOSITES = {
    "==": "!=",
    "<": ">=",
    "<=": ">",
    "in": "not_in",
    "is_missing": "is_known",
}
OPPOSITES |= {opposite: op for op, opposite in OPPOSITES.items()}
ORDERINGS = {"<": LessThan, "<=": LessThanOrEqual, ">": GreaterThan, ">=": GreaterThanOrEqual}
PRESENCES = ("is_missing", "is_known")
MEMBERSHIPS = ("in", "not_in")

T = MetricType


def condition(tree, source: Source, prefix: str = "", path: str = "where") -> Q:
    """The tree as a condition on rows reached by ``prefix``; raises StatisticError."""
    return _read(tree, source, prefix, path, negated=False)


def check(tree, source: Source) -> None:
    """Raise StatisticError if the tree cannot be read."""
    condition(tree, source)


def _read(tree, source, prefix, path, negated):
    if isinstance(tree, list | tuple):
        return _comparison(list(tree), source, prefix, path, negated)
    keys = set(tree) if isinstance(tree, dict) else set()
    if keys == {"not"}:
        return _read(tree["not"], source, prefix, f"{path}.not", not negated)
    if keys in ({"all"}, {"any"}):
        (key,) = keys
        conjunction = (key == "all") != negated
        parts = _parts(tree[key], source, prefix, f"{path}.{key}", negated)
        return reduce(and_ if conjunction else or_, parts)
    if keys == {"at_least", "of"}:
        return _at_least(tree, source, prefix, path, negated)
    raise StatisticError(
        path, _("expected a comparison [field, operator, value] or all/any/not/at_least")
    )


def _parts(trees, source, prefix, path, negated):
    if not isinstance(trees, list | tuple) or not trees:
        raise StatisticError(path, _("expected a list of at least one condition"))
    return [_read(t, source, prefix, f"{path}[{i}]", negated) for i, t in enumerate(trees)]


def _at_least(tree, source, prefix, path, negated):
    count = tree["at_least"]
    parts = _parts(tree["of"], source, prefix, f"{path}.of", negated)
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(parts):
        raise StatisticError(
            f"{path}.at_least",
            _("expected a whole number from 1 to %(most)d") % {"most": len(parts)},
        )
    # Fewer than k true means more than n − k false: the negated parts are counted instead.
    needed = len(parts) - count + 1 if negated else count
    ones = [
        Case(When(part, then=Value(1)), default=Value(0), output_field=BigIntegerField())
        for part in parts
    ]
    total = Func(
        *ones, template="(%(expressions)s)", arg_joiner=" + ", output_field=BigIntegerField()
    )
    return Q(GreaterThanOrEqual(total, Value(needed)))


def _comparison(tree, source, prefix, path, negated):
    if len(tree) not in (2, 3) or not isinstance(tree[0], str):
        raise StatisticError(path, _("expected a comparison [field, operator, value]"))
    name, op = tree[0], tree[1]
    if name not in source.fields:
        raise StatisticError(
            f"{path}[0]",
            _("unknown field %(name)s of %(source)s; expected one of %(known)s")
            % {"name": name, "source": source.code, "known": " ".join(source.fields)},
        )
    if op not in OPPOSITES:
        raise StatisticError(
            f"{path}[1]",
            _("unknown operator %(op)s; expected one of %(known)s")
            % {"op": op, "known": " ".join(OPPOSITES)},
        )
    if (op in PRESENCES) != (len(tree) == 2):
        expected = _("no value after %(op)s") if op in PRESENCES else _("a value after %(op)s")
        raise StatisticError(path, expected % {"op": op})
    field = source.fields[name]
    op = OPPOSITES[op] if negated else op
    if op in PRESENCES:
        return Q(IsNull(F(prefix + field.path), op == "is_missing"))
    if field.type is None:
        raise StatisticError(f"{path}[0]", _("%(name)s can only be counted") % {"name": name})
    return _compare(field, prefix, op, tree[2], f"{path}[2]")


def _compare(field: SourceField, prefix, op, value, path):
    if op in MEMBERSHIPS:
        if not isinstance(value, list | tuple) or not value:
            raise StatisticError(path, _("expected a list of at least one value"))
        if field.is_number:
            each = "==" if op == "in" else "!="
            parts = [
                _compare(field, prefix, each, part, f"{path}[{i}]") for i, part in enumerate(value)
            ]
            return reduce(or_ if op == "in" else and_, parts)
        left = field.value(prefix)
        parts = [_literal(field, part, f"{path}[{i}]") for i, part in enumerate(value)]
        return Q(In(left, parts)) if op == "in" else Q(~In(left, parts))
    left, right = _sides(field, prefix, value, path)
    if op in ORDERINGS:
        if field.type in (T.TEXT, T.BOOLEAN):
            raise StatisticError(path, _("%(op)s compares numbers and times only") % {"op": op})
        return Q(ORDERINGS[op](left, right))
    return Q(Exact(left, right)) if op == "==" else Q(~Exact(left, right))


def _sides(field, prefix, value, path):
    """Both sides of a comparison; numbers as integers of the same unit."""
    left = field.value(prefix)
    if not field.is_number:
        return left, _literal(field, value, path)
    number = _number(value, path)
    extra = max(0, -number.normalize().as_tuple().exponent - field.places)
    if extra:
        left = Func(
            left,
            Value(10**extra, output_field=BigIntegerField()),
            template="(%(expressions)s)",
            arg_joiner=" * ",
            output_field=BigIntegerField(),
        )
    return left, Value(int(number.scaleb(field.places + extra)), output_field=BigIntegerField())


def _literal(field, value, path):
    """A constant for a text, a boolean or an instant."""
    if field.type == T.BOOLEAN:
        if not isinstance(value, bool):
            raise StatisticError(path, _("expected true or false"))
        return Value(value)
    if field.type == T.DATETIME:
        return Value(_instant(value, path), output_field=DateTimeField())
    if not isinstance(value, str):
        raise StatisticError(path, _("expected a text or a code"))
    return Value(value)


def _number(value, path):
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        try:
            number = Decimal(value)
        except InvalidOperation:
            number = Decimal("NaN")
        # Six more places than that still fit a signed 64-bit integer.
        if number.is_finite() and abs(number) <= 10**10 and number.normalize().as_tuple()[2] >= -6:
            return number
    raise StatisticError(path, _("expected a number within ±10^10 with at most 6 decimal places"))


def _instant(value, path):
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise StatisticError(path, _("expected a time such as 2023-05-16 20:00:00")) from None
    return from_local(found) if found.tzinfo is None else found
