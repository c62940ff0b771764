"""Condition trees as written in a rulebook, read into nodes. Knows nothing of the database.

A tree is ``[metric, op, value]``, ``{"all": […]}``, ``{"any": […]}``, ``{"not": tree}`` or
``{"at_least": k, "of": […]}``. Its meaning is Kleene's: a comparison with a missing operand is
unknown, and unknown spreads only where it matters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from campaigns.eligibility.vocabulary import Table, Vocabulary
from sellers.metrics.registry import Metric

ORDERINGS = ("<", "<=", ">", ">=")
EQUALITIES = ("==", "!=")
MEMBERSHIPS = ("in", "not_in")
CONTAINMENTS = ("contains", "not_contains")
PRESENCES = ("is_missing", "is_known")
OPERATORS = EQUALITIES + ORDERINGS + MEMBERSHIPS + CONTAINMENTS + PRESENCES


class ConditionError(ValueError):
    """A tree that cannot be read: ``path`` in the tree, and what was expected there."""

    def __init__(self, path, message):
        self.path = path
        self.message = message
        super().__init__(f"{path}: {message}")


@dataclass(frozen=True)
class Literal:
    """A value written in the rulebook: str, int, bool, or a tuple of these."""

    value: object
    list_code: str = ""


@dataclass(frozen=True)
class MetricValue:
    """Another metric on the right-hand side, times a factor (a decimal's text)."""

    metric: Metric
    times: str = "1"


@dataclass(frozen=True)
class TableValue:
    """A parameter table on the right-hand side; ``keys`` are its key metrics."""

    table: Table
    keys: tuple


@dataclass(frozen=True)
class Comparison:
    """One comparison, a leaf; ``path`` names its place in the requirement."""

    path: str
    metric: Metric
    op: str
    value: Literal | MetricValue | TableValue | None


@dataclass(frozen=True)
class All:
    """True if every part is."""

    parts: tuple


@dataclass(frozen=True)
class AnyOf:
    """True if some part is."""

    parts: tuple


@dataclass(frozen=True)
class Not:
    """The opposite; the opposite of unknown is unknown."""

    part: object


@dataclass(frozen=True)
class AtLeast:
    """True if at least ``count`` parts are."""

    count: int
    parts: tuple


def parse(tree, vocabulary: Vocabulary, path: str = ""):
    """Read a tree into nodes; raises ConditionError naming the place and what was expected."""
    if isinstance(tree, list | tuple):
        return _comparison(list(tree), vocabulary, path)
    if not isinstance(tree, dict):
        raise ConditionError(
            path, _("expected a comparison [metric, operator, value] or all/any/not/at_least")
        )
    keys = set(tree)
    if keys == {"all"}:
        return All(_parts(tree["all"], vocabulary, f"{path}.all"))
    if keys == {"any"}:
        return AnyOf(_parts(tree["any"], vocabulary, f"{path}.any"))
    if keys == {"not"}:
        return Not(parse(tree["not"], vocabulary, f"{path}.not"))
    if keys == {"at_least", "of"}:
        parts = _parts(tree["of"], vocabulary, f"{path}.of")
        count = tree["at_least"]
        if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= len(parts):
            raise ConditionError(
                f"{path}.at_least",
                _("expected a whole number from 1 to %(most)d") % {"most": len(parts)},
            )
        return AtLeast(count, parts)
    raise ConditionError(
        path,
        _("expected one of all, any, not, at_least with of; found %(keys)s")
        % {"keys": ", ".join(sorted(map(str, keys)))},
    )


def comparisons(node) -> Iterator[Comparison]:
    """The leaves of a tree, from left to right."""
    if isinstance(node, Comparison):
        yield node
    elif isinstance(node, Not):
        yield from comparisons(node.part)
    elif node is not None:
        for part in node.parts:
            yield from comparisons(part)


def _parts(value, vocabulary, path):
    if not isinstance(value, list | tuple) or not value:
        raise ConditionError(path, _("expected a list of at least one condition"))
    return tuple(parse(part, vocabulary, f"{path}[{i}]") for i, part in enumerate(value))


def _comparison(tree, vocabulary, path):
    if len(tree) not in (2, 3) or not isinstance(tree[0], str):
        raise ConditionError(path, _("expected a comparison [metric, operator, value]"))
    metric = _metric(tree[0], vocabulary, f"{path}[0]")
    op = tree[1]
    if op not in OPERATORS:
        raise ConditionError(
            f"{path}[1]",
            _("unknown operator %(op)s; expected one of %(known)s")
            % {"op": op, "known": " ".join(OPERATORS)},
        )
    if (op in PRESENCES) != (len(tree) == 2):
        expected = _("no value after %(op)s") if op in PRESENCES else _("a value after %(op)s")
        raise ConditionError(path, expected % {"op": op})
    value = None if op in PRESENCES else _value(tree[2], op, vocabulary, f"{path}[2]")
    return Comparison(path=path, metric=metric, op=op, value=value)


def parse_value(value, vocabulary: Vocabulary, path: str = ""):
    """Read a right-hand side on its own, such as a quota's ceiling; raises ConditionError."""
    return _value(value, "<=", vocabulary, path)


def _value(value, op, vocabulary, path):
    if isinstance(value, dict):
        keys = set(value)
        if "metric" in keys and keys <= {"metric", "times"}:
            return MetricValue(
                _metric(value["metric"], vocabulary, f"{path}.metric"), str(value.get("times", "1"))
            )
        if keys == {"list"}:
            values = _lookup(value["list"], vocabulary.lists, f"{path}.list", _("list"))
            return Literal(tuple(values), list_code=value["list"])
        if keys == {"table"}:
            table = _lookup(value["table"], vocabulary.tables, f"{path}.table", _("table"))
            key_metrics = tuple(
                _metric(code, vocabulary, f"tables.{table.code}.keys[{i}]")
                for i, code in enumerate(table.keys)
            )
            return TableValue(table, key_metrics)
        raise ConditionError(path, _("expected metric (with times), list or table"))
    if isinstance(value, list | tuple):
        if op not in MEMBERSHIPS:
            raise ConditionError(path, _("a list goes with in or not_in only"))
        return Literal(tuple(value))
    if value is None:
        raise ConditionError(path, _("expected a value; for a missing one use is_missing"))
    if isinstance(value, float):
        raise ConditionError(path, _("expected a decimal written as text, such as “0.05”"))
    if op in MEMBERSHIPS:
        raise ConditionError(path, _("in and not_in take a list"))
    return Literal(value)


def _metric(code, vocabulary, path):
    return _lookup(code, vocabulary.metrics, path, _("metric"))


def _lookup(code, known, path, noun):
    if code in known:
        return known[code]
    close = get_close_matches(str(code), known, n=1)
    hint = _("; did you mean %(close)s?") % {"close": close[0]} if close else ""
    raise ConditionError(path, _("unknown %(noun)s %(code)s") % {"noun": noun, "code": code} + hint)
