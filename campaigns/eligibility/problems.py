"""Checks when a requirement is saved: what would not run, or would never mean anything."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from campaigns.eligibility import literals
from campaigns.eligibility.bound import (
    MISSING_POLICIES,
    RECHECK_ACTIONS,
    bind,
    stage_terms,
)
from campaigns.eligibility.conditions import (
    CONTAINMENTS,
    EQUALITIES,
    MEMBERSHIPS,
    ORDERINGS,
    PRESENCES,
    All,
    Comparison,
    ConditionError,
    Literal,
    MetricValue,
    TableValue,
    comparisons,
)
from campaigns.eligibility.frame import PREFIXES
from campaigns.eligibility.vocabulary import Vocabulary
from sellers.metrics.registry import NUMERIC, STAGES, MetricType
from sellers.models.fields import LARGEST_SCALED

ALLOWED = {
    MetricType.INTEGER: EQUALITIES + ORDERINGS + MEMBERSHIPS + PRESENCES,
    MetricType.DECIMAL: EQUALITIES + ORDERINGS + MEMBERSHIPS + PRESENCES,
    MetricType.RATIO: EQUALITIES + ORDERINGS + PRESENCES,
    MetricType.AGE: EQUALITIES + ORDERINGS + PRESENCES,
    MetricType.DATETIME: EQUALITIES + ORDERINGS + PRESENCES,
    MetricType.BOOLEAN: EQUALITIES + PRESENCES,
    MetricType.TEXT: EQUALITIES + MEMBERSHIPS + PRESENCES,
    MetricType.CATEGORY: EQUALITIES + MEMBERSHIPS + PRESENCES,
    MetricType.SET: CONTAINMENTS,
}
ACTIONS = {"admission": ("reject", "hold"), "recheck": RECHECK_ACTIONS, "reward": ("withhold",)}
# Columns hold up to 10^13 units; what they are multiplied by must keep within 64 bits.
LARGEST_FACTOR = (2**63 - 1) // LARGEST_SCALED


@dataclass(frozen=True)
class Problem:
    """Something wrong in a requirement: its place, and what was expected there."""

    path: str
    message: str

    def __str__(self):
        return f"{self.path}: {self.message}"


def check_requirement(requirement, vocabulary: Vocabulary) -> list[Problem]:
    """Every problem of a requirement; an empty list means that it can be saved."""
    if not requirement.stages:
        return [Problem("stages", _("expected at least one of admission, recheck, reward"))]
    problems = []
    for stage in requirement.stages:
        problems.extend(_check_stage(requirement, stage, vocabulary))
    unique = {str(problem): problem for problem in problems}
    return list(unique.values())


def _check_stage(requirement, stage, vocabulary):
    path = f"stages.{stage}"
    if stage not in STAGES:
        return [Problem(path, _("expected one of admission, recheck, reward"))]
    terms = stage_terms(requirement, stage)
    problems = []
    if terms.get("action") not in ACTIONS[stage]:
        problems.append(
            Problem(
                f"{path}.action",
                _("expected one of %(known)s") % {"known": ", ".join(ACTIONS[stage])},
            )
        )
    if terms.get("action") == "at_risk" and not terms.get("grace_hours"):
        problems.append(Problem(f"{path}.grace_hours", _("at_risk needs hours of grace")))
    try:
        bound = bind(requirement, stage, vocabulary)
    except ConditionError as error:
        return [*problems, Problem(error.path, error.message)]
    except (KeyError, TypeError):
        return [*problems, Problem("sample", _("expected metric and at_least"))]
    if bound.missing not in MISSING_POLICIES:
        problems.append(Problem("missing", _("expected pass, fail or hold")))
    for node in (bound.premise, bound.tree):
        for leaf in comparisons(node):
            problems.extend(_check_leaf(leaf, requirement.subject, stage))
    problems.extend(contradictions(bound.tree))
    return problems


def _check_leaf(leaf: Comparison, subject: str, stage: str):
    metric = leaf.metric
    reach = {"seller": {"seller"}, "item": {"item", "seller"}}.get(subject)
    if reach is None:
        reach = set(PREFIXES[subject])
    if metric.subject not in reach:
        yield Problem(
            f"{leaf.path}[0]",
            _("%(metric)s cannot be asked of a %(subject)s")
            % {"metric": metric.code, "subject": subject},
        )
    if stage not in metric.stages:
        yield Problem(
            f"{leaf.path}[0]",
            _("%(metric)s is not known at %(stage)s") % {"metric": metric.code, "stage": stage},
        )
    if leaf.op not in ALLOWED[metric.type]:
        yield Problem(
            f"{leaf.path}[1]",
            _("%(op)s does not go with a %(type)s; expected one of %(known)s")
            % {"op": leaf.op, "type": metric.type, "known": " ".join(ALLOWED[metric.type])},
        )
    elif leaf.value is not None:
        yield from _check_value(leaf)


def _check_value(leaf):
    path = f"{leaf.path}[2]"
    value, metric = leaf.value, leaf.metric
    if isinstance(value, Literal):
        values = value.value if isinstance(value.value, tuple) else (value.value,)
        for one in values:
            yield from _check_literal(one, metric, path)
    elif isinstance(value, MetricValue):
        yield from _check_metrics(metric, value, path)
    elif isinstance(value, TableValue):
        yield from _check_table(metric, value, path)


def _check_literal(value, metric, path):
    try:
        parsed = literals.typed(metric.type, value)
    except ValueError as error:
        yield Problem(path, str(error))
        return
    if metric.choices and parsed not in metric.choices:
        yield Problem(
            path, _("expected one of %(known)s") % {"known": ", ".join(map(str, metric.choices))}
        )
    if metric.type in NUMERIC:
        yield from _check_factor(parsed, metric, path)


def _check_factor(parsed: Decimal, metric, path):
    places = literals.decimal_places(parsed)
    shift = places - metric.places + metric.denominator_places
    largest = 10 ** max(shift, 0)
    if metric.type == MetricType.RATIO:
        scaled = abs(literals.scaled(parsed, places)) * 10 ** max(-shift, 0)
        largest = max(largest, scaled)
    if largest > LARGEST_FACTOR:
        yield Problem(path, _("too many decimal places to compare exactly"))


def _check_metrics(metric, value, path):
    other = value.metric
    numeric = metric.type in NUMERIC and other.type in NUMERIC
    if not numeric and metric.type != other.type:
        yield Problem(
            path,
            _("a %(left)s cannot be compared with a %(right)s")
            % {"left": metric.type, "right": other.type},
        )
        return
    if metric.type in (MetricType.AGE, MetricType.SET):
        yield Problem(path, _("compare it with a value or a table"))
        return
    if metric.type == MetricType.RATIO or other.type == MetricType.RATIO:
        yield Problem(path, _("compare a ratio with a number or a table"))
        return
    if metric.unit != other.unit:
        yield Problem(
            path,
            _("%(left)s is in %(unit)s, %(right)s in %(other)s")
            % {
                "left": metric.code,
                "unit": metric.unit or "–",
                "right": other.code,
                "other": other.unit or "–",
            },
        )
    try:
        factor = literals.number(value.times)
    except ValueError as error:
        yield Problem(f"{path}.times", str(error))
        return
    if not numeric:
        if value.times != "1":
            yield Problem(f"{path}.times", _("only numbers can be multiplied"))
        return
    places = literals.decimal_places(factor)
    shift = other.places + places - metric.places
    largest = max(10 ** max(shift, 0), abs(literals.scaled(factor, places)) * 10 ** max(-shift, 0))
    if largest > LARGEST_FACTOR:
        yield Problem(f"{path}.times", _("too many decimal places to compare exactly"))


def _check_table(metric, value, path):
    table = value.table
    for i, row in enumerate(table.rows):
        where = f"tables.{table.code}.rows[{i}]"
        if len(row.keys) != len(table.keys):
            yield Problem(where, _("expected %(count)d keys") % {"count": len(table.keys)})
        try:
            typed = literals.typed(metric.type, row.value)
        except ValueError as error:
            yield Problem(where, str(error))
            continue
        if metric.type in NUMERIC:
            yield from _check_factor(typed, metric, where)
    if table.unit and metric.unit and table.unit != metric.unit:
        yield Problem(
            path,
            _("%(left)s is in %(unit)s, %(right)s in %(other)s")
            % {
                "left": metric.code,
                "unit": metric.unit,
                "right": table.code,
                "other": table.unit,
            },
        )


def contradictions(node) -> list[Problem]:
    """Comparisons of one numeric metric within an ``all`` that no value can meet."""
    problems = []
    for group in _groups(node):
        bounds = {}
        for leaf in group:
            numeric = leaf.metric.type in NUMERIC | {MetricType.AGE}
            if not numeric or not isinstance(leaf.value, Literal):
                continue
            if isinstance(leaf.value.value, tuple):
                continue
            try:
                limit = literals.number(leaf.value.value)
            except ValueError:
                continue
            low, high = bounds.setdefault(leaf.metric.code, [None, None])
            if leaf.op in (">", ">=", "=="):
                low = max((b for b in (low, (limit, leaf.op == ">")) if b), default=None)
            if leaf.op in ("<", "<=", "=="):
                high = min((b for b in (high, (limit, leaf.op != "<")) if b), default=None)
            bounds[leaf.metric.code] = [low, high]
            if (
                low
                and high
                and (low[0] > high[0] or (low[0] == high[0] and (low[1] or not high[1])))
            ):
                problems.append(
                    Problem(
                        leaf.path,
                        _("no value of %(metric)s meets this") % {"metric": leaf.metric.code},
                    )
                )
    return problems


def _groups(node):
    if isinstance(node, Comparison):
        yield [node]
    elif isinstance(node, All):
        leaves, rest = [], []
        for part in node.parts:
            (leaves if isinstance(part, Comparison) else rest).append(part)
        yield leaves
        for part in rest:
            yield from _groups(part)
    elif hasattr(node, "parts"):
        for part in node.parts:
            yield from _groups(part)
