"""What races rank by: from a segment's measures to the figures that the database sums or reads.

A measure is a sum over a seller's or item's hours or days, a metric, or the ratio of two such. Of
which time a sum is taken follows from the segment and from when a board's period begins.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import CharField, Value
from django.utils.translation import gettext as _

from campaigns.eligibility.vocabulary import Vocabulary
from campaigns.metrics import RACED_VENUE
from campaigns.models import (
    MOST_INPUTS,
    MOST_MEASURES,
    Race,
    RaceSegment,
    RulebookVersion,
    Statistic,
)
from campaigns.statistics import Specs
from campaigns.timeline import Window as Span
from sellers.bulk_write import PERCENTILE_PLACES, RATIO_PLACES
from sellers.localtime import local_date, local_midnight
from sellers.metrics.registry import (
    NUMERIC,
    OWN_COLUMN,
    STAGES,
    STATISTICS_SET,
    Metric,
    MetricType,
)
from sellers.metrics.statistics import (
    ENTRY,
    Function,
    StatisticError,
    StatisticSpec,
    Window,
)
from sellers.models.fields import LARGEST_SCALED

HOURLY, DAILY = "previous_hour", "previous_day"
MILESTONE, BEFORE, SINCE = "milestone", "before", "since"
SUM, METRIC, RATIO = "sum", "metric", "ratio"
HOUR = timedelta(hours=1)
# Weights have up to so many decimal places; they are kept as integers.
WEIGHT_PLACES = 4
# What one query over rows can give of each subject.
AGGREGATES = frozenset(
    {Function.SUM, Function.COUNT, Function.COUNT_DISTINCT, Function.MIN, Function.MAX}
)
LARGEST_COUNT = 10**9
# What both databases keep as a whole number.
_LARGEST_STORED = 2**63 - 1
_RANKED_TYPES = NUMERIC | {MetricType.BOOLEAN}


class MeasureError(ValueError):
    """A measure that cannot be ranked by; ``path`` is its place in the segment."""

    def __init__(self, path: tuple, message: str):
        super().__init__(message)
        self.path = path
        self.message = message


@dataclass(frozen=True)
class Input:
    """One figure of a measure: a ``spec`` that is summed over rows, a ``metric`` that is read, or
    neither, which is 0. An integer, to be divided by ``10^places``."""

    spec: StatisticSpec | None = None
    metric: Metric | None = None
    unit: str = ""
    places: int = 0
    # The second of a metric's two columns.
    is_denominator: bool = False


@dataclass(frozen=True)
class Measure:
    """What is ranked by: one input, or two for a ratio. ``places`` are those of its value."""

    inputs: tuple[Input, ...]
    descending: bool = True
    percentile: bool = False
    weight: int = 0
    title: dict = field(default_factory=dict, hash=False)
    said: dict = field(default_factory=dict, hash=False)

    @property
    def places(self) -> int:
        """Decimal places of the value as an integer."""
        if self.percentile:
            return PERCENTILE_PLACES
        return RATIO_PLACES if len(self.inputs) == 2 else self.inputs[0].places

    @property
    def most(self) -> int:
        """What the value counts as at most in a weighted sum: counts stay below a billion."""
        if self.percentile:
            return 10**PERCENTILE_PLACES
        return LARGEST_SCALED if self.places else LARGEST_COUNT

    @property
    def unit(self) -> str:
        """The value's unit; a percentile and a ratio of equal units have none."""
        if self.percentile:
            return ""
        units = [each.unit for each in self.inputs]
        if len(units) == 1:
            return units[0]
        return "" if units[0] == units[1] else "/".join(filter(None, units))


def measures_of(
    segment: RaceSegment,
    *,
    version: RulebookVersion,
    vocabulary: Vocabulary,
    milestones: Mapping[str, Span],
    starts_at: datetime,
) -> list[Measure]:
    """The segment's measures for the board whose period begins at ``starts_at``.

    Raises MeasureError where one cannot be ranked by.
    """
    reader = _Reader(segment, Specs(version, starts_at), vocabulary, milestones, starts_at)
    found = [reader.measure(said, ("measures", j)) for j, said in enumerate(segment.measures)]
    # A metric that is a ratio has two figures of its own.
    if sum(len(measure.inputs) for measure in found) > MOST_INPUTS:
        text = _("expected at most %(measures)d measures of %(inputs)d figures in all")
        most = {"measures": MOST_MEASURES, "inputs": MOST_INPUTS}
        raise MeasureError(("measures",), text % most)
    return found


def facts_window(
    facts: object, milestones: Mapping[str, Span], starts_at: datetime
) -> tuple[datetime | None, datetime]:
    """The half-open time over which a board that begins at ``starts_at`` takes its sums; nothing
    from the period itself counts (D12-051, 052, 133; G520-047..050)."""
    if facts == HOURLY:
        return starts_at - HOUR, starts_at
    if facts == DAILY:
        today = local_date(starts_at)
        return local_midnight(today - timedelta(days=1)), local_midnight(today)
    ((form, code),) = facts.items()
    span = milestones[code]
    if form == BEFORE:
        return None, min(span.starts_at, starts_at)
    if form == SINCE:
        return span.starts_at, starts_at
    return span.starts_at, min(span.ends_at, starts_at)


def milestones_named(segment: RaceSegment) -> set[str]:
    """The codes of every milestone that a segment and its measures name."""
    times = [segment.facts]
    for measure in segment.measures:
        times += [part.get("facts") for part in measure.get(RATIO) or [measure]]
    named = {code for facts in times if isinstance(facts, dict) for code in facts.values()}
    return named | {code for code in (segment.during, segment.invited_until) if code}


def problems_of_segment(
    segment: RaceSegment,
    race: Race,
    *,
    version: RulebookVersion,
    vocabulary: Vocabulary,
    milestones: Mapping[str, Span],
) -> Iterator[tuple[tuple, str]]:
    """What of a segment cannot be made a board: (place in the row, message)."""
    span = milestones[segment.during]
    try:
        found = measures_of(
            segment,
            version=version,
            vocabulary=vocabulary,
            milestones=milestones,
            starts_at=span.starts_at,
        )
    except MeasureError as error:
        yield error.path, error.message
        return
    if segment.score == RaceSegment.Score.WEIGHTS and _largest_score(found) > _LARGEST_STORED:
        text = _(
            "the weighted sum could become too large to be exact; expected smaller weights, or"
            " percentile: true for large figures"
        )
        yield ("measures",), text
    for j, measure in enumerate(found):
        for each in measure.inputs:
            of = each.metric.subject if each.metric else each.spec.level if each.spec else ""
            if race.unit == Race.Unit.SELLER and each.metric and of in ("item", "entry"):
                text = _("%(metric)s is not a figure of a seller") % {"metric": each.metric.code}
                yield ("measures", j), text


def raced(vocabulary: Vocabulary, venue: str = "") -> Vocabulary:
    """The vocabulary of a race's ``where``, in which ``entry.raced_venue`` is the code of the venue
    whose places are raced for, so that a table may say who races for which (D12-118, 131, 137)."""
    metric = replace(
        vocabulary.metric(RACED_VENUE),
        stages=STAGES,
        computed=lambda _instant: Value(venue, output_field=CharField()),
    )
    return replace(vocabulary, metrics={**vocabulary.metrics, RACED_VENUE: metric})


def problem_of_group(race: Race, vocabulary: Vocabulary) -> str | None:
    """Why candidates cannot be ranked within each value of the race's ``group_by``, if so."""
    metric = vocabulary.metrics[race.group_by]
    kinds = (MetricType.TEXT, MetricType.CATEGORY)
    if metric.subject not in ("seller", "item") or metric.type not in kinds:
        return _("expected a text or a category of sellers or items")
    if metric.fact_set != OWN_COLUMN:
        return _("expected a metric of the catalogue")
    return None


def _largest_score(measures):
    """The largest integer that a weighted sum of these may become."""
    places = max((measure.places for measure in measures), default=0)
    return sum(
        measure.most * measure.weight * 10 ** (places - measure.places) for measure in measures
    )


class _Reader:
    """Reads the measures of one segment for one period."""

    def __init__(self, segment, specs, vocabulary, milestones, starts_at):
        self.segment, self.specs, self.vocabulary = segment, specs, vocabulary
        self.milestones, self.starts_at = milestones, starts_at

    def measure(self, said, path):
        parts = said.get(RATIO) or [said]
        inputs = []
        for k, part in enumerate(parts):
            below = (*path, RATIO, k) if RATIO in said else path
            found = self._sum(part, below) if SUM in part else self._metric(part[METRIC], below)
            if RATIO in said and len(found) > 1:
                raise MeasureError(below, _("expected a figure that is one number"))
            inputs += found
        weight = Decimal(str(said.get("weight", 0)))
        scaled = weight.scaleb(WEIGHT_PLACES)
        if scaled != scaled.to_integral_value():
            text = _("expected at most %(places)d decimal places") % {"places": WEIGHT_PLACES}
            raise MeasureError((*path, "weight"), text)
        return Measure(
            inputs=tuple(inputs),
            descending=said.get("order", "desc") == "desc",
            percentile=said.get("percentile", False),
            weight=int(scaled),
            title=said.get("title", {}),
            said=said,
        )

    def _sum(self, part, path):
        facts = part.get("facts", self.segment.facts)
        start, end = facts_window(facts, self.milestones, self.starts_at)
        source = f"{part['of']}_{'days' if _whole_days(start, end) else 'hours'}"
        # An empty window sums nothing; the spec is made of another one to be checked all the same.
        window = Window(start, end) if start is None or start < end else Window(None, end)
        spec = self._spec(
            path,
            code=part[SUM],
            level=part["of"],
            function=Function.SUM,
            source=source,
            field=part[SUM],
            window=window,
        )
        column = spec.column
        is_empty = start is not None and start >= end
        return [Input(None if is_empty else spec, None, column.unit, column.places)]

    def _spec(self, path, **terms):
        try:
            return StatisticSpec(**terms)
        except StatisticError as error:
            raise MeasureError(path, str(error)) from error

    def _metric(self, code, path):
        metric = self.vocabulary.metrics[code]
        if metric.type not in _RANKED_TYPES:
            text = _("%(metric)s is not a number") % {"metric": code}
            raise MeasureError((*path, METRIC), text)
        if metric.fact_set == STATISTICS_SET or metric.computed is not None:
            return self._statistic(code, path)
        if metric.type == MetricType.RATIO:
            return [
                Input(None, metric, metric.unit, metric.places),
                Input(None, metric, "", metric.denominator_places, is_denominator=True),
            ]
        return [Input(None, metric, metric.unit, metric.places)]

    def _statistic(self, code, path):
        row = next(row for row in self.specs.statistics if row.code == code)
        if row.level == ENTRY:
            raise MeasureError((*path, METRIC), _("expected a statistic of sellers or items"))
        try:
            spec = self.specs.spec(row)
        except StatisticError as error:
            raise MeasureError((*path, METRIC), str(error)) from error
        parts = (
            (spec.numerator, spec.denominator)
            if spec.function == Statistic.Function.RATIO
            else (spec,)
        )
        for part in parts:
            if part.function not in AGGREGATES:
                text = _("a race cannot rank by %(function)s; expected one of %(known)s") % {
                    "function": part.function,
                    "known": " ".join(sorted(AGGREGATES)),
                }
                raise MeasureError((*path, METRIC), text)
        return [Input(part, None, part.shape.unit, part.shape.places) for part in parts]


def _whole_days(start, end):
    bounds = [bound for bound in (start, end) if bound is not None]
    return all(local_midnight(local_date(bound)) == bound for bound in bounds)
