"""From nodes to one three-valued SQL expression: the only meaning that the software runs."""

from django.apps import apps
from django.db.models import Exists, OuterRef, Q

from campaigns.eligibility import operands, sql
from campaigns.eligibility.conditions import (
    All,
    AnyOf,
    AtLeast,
    Comparison,
    Literal,
    Not,
)
from campaigns.eligibility.frame import MODELS, PREFIXES
from sellers.metrics.registry import MetricType


def expression(node, frame):
    """A tree's value for each row of the frame: true, false, or null for unknown."""
    if isinstance(node, Comparison):
        return comparison(node, frame)
    if isinstance(node, Not):
        return sql.negate(expression(node.part, frame))
    parts = [expression(part, frame) for part in node.parts]
    if isinstance(node, All):
        return sql.both(*parts)
    if isinstance(node, AnyOf):
        return sql.either(*parts)
    if isinstance(node, AtLeast):
        return sql.at_least(node.count, parts)
    raise TypeError(node)


def comparison(leaf: Comparison, frame):
    """One comparison's value for each row."""
    metric, op = leaf.metric, leaf.op
    if op in ("is_missing", "is_known"):
        test = sql.is_unknown if op == "is_missing" else sql.is_known
        return test(presence(metric, frame))
    if op in ("contains", "not_contains"):
        holds = contains(metric, leaf.value, frame)
        return holds if op == "contains" else sql.negate(holds)
    if op in ("in", "not_in"):
        inside = operands.membership(metric, leaf.value.value, frame)
        return inside if op == "in" else sql.negate(inside)
    return operands.ordering(metric, op, leaf.value, frame)


def presence(metric, frame):
    """An expression that is null exactly where the metric is missing."""
    if metric.type == MetricType.RATIO:
        ratio = operands.number(metric, frame)
        return sql.product(ratio.top, ratio.bottom)
    return frame.column(metric)


def contains(metric, value: Literal, frame):
    """Whether a row of the set has that value and holds at the instant; never null."""
    rows = set_rows(metric, frame, OuterRef(PREFIXES[frame.base][metric.subject] + "pk"))
    return Exists(rows.filter(**{metric.value_field: value.value}))


def set_rows(metric, frame, owner):
    """The rows of a set metric that hold at the frame's instant, of the owners given."""
    model = {"seller": "sellers.Seller", "item": "sellers.Item"}.get(metric.subject)
    model = apps.get_model(model) if model else MODELS[metric.subject]
    relation = model._meta.get_field(metric.path)
    name = relation.field.name
    lookup = f"{name}__in" if isinstance(owner, list | set | tuple) else name
    condition = Q(**{lookup: owner})
    if metric.valid_from:
        condition &= Q(**{f"{metric.valid_from}__lte": frame.instant})
    if metric.valid_to:
        still = Q(**{f"{metric.valid_to}__isnull": True}) | Q(
            **{f"{metric.valid_to}__gt": frame.instant}
        )
        condition &= still
    if metric.valid_from and metric.known_path:
        condition &= Q(**{f"{metric.known_path}__lte": frame.instant})
    return relation.related_model._default_manager.filter(condition)
