"""Which feeds a version's re-check rests on."""

from collections.abc import Iterator
from datetime import datetime

from campaigns.eligibility.bound import requirements_in_force
from campaigns.eligibility.conditions import MetricValue, TableValue, comparisons
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.models import RulebookVersion, Statistic
from campaigns.published import rows_of
from campaigns.sweeping.evaluating import STAGE
from sellers.metrics.registry import CURRENT_SET, OWN_COLUMN, STATISTICS_SET, Metric, MetricType
from sellers.models import FED_FIGURES

SELLERS, ITEMS, FACTS, ORDERS, CARTS = "sellers", "items", "facts", "orders", "carts"
_CATALOGUE = {"seller": SELLERS, "item": ITEMS}
# Series are added up from orders, but for what is fed beside them; every other source of a
# statistic is a feed of its own name.
_FROM_ORDERS = frozenset(
    {"item_days", "seller_days", "item_hours", "seller_hours", "orders", "order_lines"}
)


def feed_kinds(version: RulebookVersion, at: datetime) -> set[str]:
    """Kinds of feeds (``FeedRun.kind``) that bring what the re-check at the instant compares.

    Frozen values and what sellers state of their entries come from no feed.
    """
    vocabulary = vocabulary_of(version)
    statistics = {row.code: row for row in rows_of(version, Statistic)}
    return {
        kind
        for requirement in requirements_in_force(version, STAGE, at, vocabulary)
        for metric in _metrics(requirement)
        for kind in _kinds(metric, statistics)
    }


def _metrics(requirement) -> Iterator[Metric]:
    for node in (requirement.premise, requirement.tree):
        for leaf in comparisons(node):
            yield leaf.metric
            if isinstance(leaf.value, MetricValue):
                yield leaf.value.metric
            elif isinstance(leaf.value, TableValue):
                yield from leaf.value.keys


def _kinds(metric, statistics):
    if metric.fact_set == STATISTICS_SET and metric.code in statistics:
        return _sources(statistics[metric.code], statistics)
    if metric.fact_set == CURRENT_SET:
        return {FACTS}
    if metric.fact_set != OWN_COLUMN:
        return set()
    if metric.type == MetricType.SET and metric.subject in _CATALOGUE:
        return {metric.path.partition("__")[0]}
    return {_CATALOGUE[metric.subject]} if metric.subject in _CATALOGUE else set()


def _sources(statistic, statistics):
    if statistic.function == Statistic.Function.RATIO:
        parts = (statistics.get(statistic.numerator), statistics.get(statistic.denominator))
        return {kind for part in parts if part for kind in _sources(part, statistics)}
    if statistic.source not in _FROM_ORDERS:
        return {statistic.source}
    return {CARTS if statistic.field in FED_FIGURES else ORDERS}
