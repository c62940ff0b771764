"""What a rulebook version's conditions may speak of: metrics, lists, tables."""

from dataclasses import dataclass, field

from campaigns.models import (
    ParameterTable,
    RulebookVersion,
    Snapshot,
    Statistic,
    ValueList,
)
from campaigns.published import rows_of, worked_out
from campaigns.statistics import Specs
from sellers.metrics import registry
from sellers.metrics.registry import (
    CURRENT_SET,
    OWN_COLUMN,
    STATISTICS_SET,
    Metric,
    MetricType,
    UnknownMetric,
)
from sellers.models import FactDefinition

SNAPSHOT_SET = "snapshot:"


@dataclass(frozen=True)
class TableRow:
    """One row of a parameter table: its keys in the table's order and its value's text."""

    keys: tuple
    value: str


@dataclass(frozen=True)
class Table:
    """A parameter table: key metric codes, value type (integer, decimal, text), unit, rows."""

    code: str
    keys: tuple
    type: str
    unit: str
    default: str | None
    rows: tuple
    title: dict = field(default_factory=dict, hash=False)


@dataclass(eq=False)
class Vocabulary:
    """Metrics by code, lists by code (tuples of values) and tables by code; equal to itself."""

    metrics: dict
    lists: dict
    tables: dict

    def metric(self, code):
        """The metric of that code; raises UnknownMetric."""
        try:
            return self.metrics[code]
        except KeyError:
            raise UnknownMetric(code) from None


def vocabulary_of(version: RulebookVersion) -> Vocabulary:
    """The vocabulary of a stored version, in a handful of queries; in one where the version is
    published and its vocabulary was asked for before."""
    # A fact may be declared, or described anew, at any time.
    definitions = list(FactDefinition.objects.order_by("pk"))
    name = ("vocabulary", *(repr(_fields(definition)) for definition in definitions))
    return worked_out(version, name, lambda: _vocabulary(version, definitions))


def _fields(definition):
    return [getattr(definition, field.attname) for field in definition._meta.concrete_fields]


def _vocabulary(version, definitions):
    metrics = registry.all_metrics()
    for definition in definitions:
        metrics.setdefault(definition.code, declared_metric(definition))
    specs = Specs(version)
    for statistic in rows_of(version, Statistic):
        metrics[statistic.code] = statistic_metric(statistic, specs)
    for snapshot in rows_of(version, Snapshot):
        if snapshot.metric in metrics:
            metrics[snapshot.code] = snapshot_metric(snapshot, metrics[snapshot.metric])
    return Vocabulary(
        metrics=metrics,
        lists={row.code: tuple(row.values) for row in rows_of(version, ValueList)},
        tables={
            table.code: Table(
                code=table.code,
                keys=tuple(table.keys),
                type=table.type,
                unit=table.unit,
                default=table.default,
                rows=tuple(TableRow(tuple(row.keys), row.value) for row in table.rows.all()),
                title=table.title,
            )
            for table in rows_of(version, ParameterTable)
        },
    )


def declared_metric(definition: FactDefinition) -> Metric:
    """A declared fact as a metric over its slot in the current fact set."""
    return Metric(
        code=definition.code,
        type=MetricType(definition.type),
        label=definition.label,
        definition=definition.definition,
        unit=definition.unit,
        path=definition.slot,
        places=definition.places,
        fact_set=CURRENT_SET,
        known_path="known_at",
    )


def statistic_metric(statistic: Statistic, specs: Specs) -> Metric:
    """A statistic as a metric over its slots in a run's fact set; one of each entry is worked out
    where it is asked. ``specs`` are its version's."""
    shape = specs.describe(statistic)
    if statistic.level == Statistic.Level.ENTRY:
        return Metric(
            code=statistic.code,
            type=MetricType(shape.type),
            label=statistic.title or {"en": statistic.code},
            unit=shape.unit,
            places=shape.places,
            window=shape.window,
            computed=lambda instant: specs.figure_of_entries(statistic, instant),
        )
    return Metric(
        code=statistic.code,
        type=MetricType(shape.type),
        label=statistic.title or {"en": statistic.code},
        unit=shape.unit,
        path=statistic.slot,
        places=shape.places,
        denominator=shape.denominator,
        denominator_places=shape.denominator_places,
        fact_set=STATISTICS_SET,
        known_path="known_at",
        window=shape.window,
    )


def snapshot_metric(snapshot, source: Metric) -> Metric:
    """A frozen value: the source metric's type over the slot of the snapshot's fact set."""
    return Metric(
        code=snapshot.code,
        type=source.type,
        label=snapshot.title or source.label,
        definition=source.definition,
        unit=source.unit,
        path=snapshot.slot,
        places=source.places,
        fact_set=SNAPSHOT_SET + snapshot.code,
        known_path="known_at",
        choices=source.choices,
    )


def is_slot(metric: Metric) -> bool:
    """Whether the metric's value is in a slot row."""
    return metric.fact_set != OWN_COLUMN
