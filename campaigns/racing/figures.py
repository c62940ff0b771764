"""The sums that a board is ranked by, as queries over sellers' and items' rows."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.db.models import BigIntegerField, Count, F, Max, Min, QuerySet, Sum

from campaigns.measures import Input, Measure
from campaigns.models import Entry, Race
from campaigns.racing.candidates import group_of, group_path
from campaigns.racing.periods import Due
from sellers.bulk_write import RATIO_PLACES, Figures, Measured
from sellers.metrics.statistics import Function, SourceKind, StatisticSpec
from sellers.metrics.statistics.counting import Moment, allowed, chosen, in_window

TICK = timedelta(microseconds=1)
_AGGREGATES = {
    Function.SUM: Sum,
    Function.MIN: Min,
    Function.MAX: Max,
    Function.COUNT: Count,
    Function.COUNT_DISTINCT: Count,
}
_ZERO = frozenset({Function.SUM, Function.COUNT, Function.COUNT_DISTINCT})


class Layout:
    """Where the inputs of a board's measures are among its figures: those read from the candidates
    first, then those of each query over rows."""

    def __init__(self, measures: Sequence[Measure]):
        self.measures = list(measures)
        inputs = [each for measure in measures for each in measure.inputs]
        self.own = [each for each in inputs if each.spec is None]
        summed = defaultdict(list)
        for each in inputs:
            if each.spec is not None:
                spec = each.spec
                zero = spec.function in _ZERO
                summed[spec.level, spec.source, spec.window, zero].append(each)
        self.summed = list(summed.values())
        order = [*self.own, *(each for part in self.summed for each in part)]
        # The same figure may be asked for twice: each asking has a place of its own.
        self._places = {id(each): place for place, each in enumerate(order)}

    def place(self, each: Input) -> int:
        """The number of an input, from 0."""
        return self._places[id(each)]

    def measured(self) -> list[Measured]:
        """What is ranked by, as the database does it. Scores add up values of one scale."""
        places = max((measure.places for measure in self.measures), default=0)
        return [
            Measured(
                inputs=tuple(self.place(each) for each in measure.inputs),
                descending=measure.descending,
                percentile=measure.percentile,
                weight=measure.weight * 10 ** (places - measure.places),
                shift=_shift(measure),
                most=measure.most,
            )
            for measure in self.measures
        ]

    def told(self) -> list[dict]:
        """The measures as a board keeps them; places of inputs are from 1."""
        return [
            {
                "said": measure.said,
                "title": measure.title,
                "unit": measure.unit,
                "places": measure.places,
                "descending": measure.descending,
                "percentile": measure.percentile,
                "weight": measure.said.get("weight"),
                "inputs": [
                    {"place": self.place(each) + 1, "places": each.places, "unit": each.unit}
                    for each in measure.inputs
                ],
            }
            for measure in self.measures
        ]


def figures(layout: Layout, due: Due, entries: QuerySet[Entry], vocabulary) -> list[Figures]:
    """The queries over rows, as the layout has them."""
    return [_figures(part, due, entries, vocabulary) for part in layout.summed]


def _figures(part, due, entries, vocabulary):
    spec = part[0].spec
    moment = Moment(due.starts_at - TICK)
    rows = spec.rows.model(spec.level)._default_manager.order_by()
    rows = rows.filter(allowed(spec.rows, moment), in_window(spec, moment))
    owner = spec.rows.owner(spec.level)
    zero = spec.function in _ZERO
    group = ""
    if spec.level == "item" and due.race.unit == Race.Unit.SELLER:
        # Of a seller the sum over its items, within a group those of the group.
        path = group_path(due.race, vocabulary)
        group = path if path.startswith("item__") else ""
        owner = f"{owner}__seller"
        keys = ("seller", "grp") if group else ("seller",)
    else:
        keys = (spec.level,)
        if _one_row_each(spec, moment):
            # The row of that hour or day itself: whoever has few candidates looks these up.
            values = [_plain(each.spec) for each in part]
            return Figures(rows.values_list(owner, *values), keys, len(part), zero)
    rows = rows.filter(**{f"{owner}__in": entries.order_by().values(keys[0])})
    named = {f"figure_{n}": _aggregate(each.spec) for n, each in enumerate(part)}
    grouped = [owner]
    if group:
        rows = rows.annotate(race_group=group_of(group))
        grouped.append("race_group")
    rows = rows.values(*grouped).annotate(**named).values_list(*grouped, *named)
    return Figures(rows, keys, len(part), zero)


def _one_row_each(spec: StatisticSpec, moment: Moment) -> bool:
    """Whether no subject has two rows in the window, and their values are the figures."""
    if spec.function != Function.SUM or spec.where is not None:
        return False
    start, end = spec.window.start, spec.window.end
    if start is None or end is None:
        return False
    length = {SourceKind.HOUR: timedelta(hours=1), SourceKind.DAY: timedelta(hours=23)}
    most = {SourceKind.HOUR: timedelta(hours=1), SourceKind.DAY: timedelta(hours=25)}
    kind = spec.rows.kind
    return kind in length and length[kind] <= end - start <= most[kind]


def _plain(spec):
    return spec.column.value()


def _aggregate(spec):
    condition = chosen(spec)
    value = spec.column.value() if spec.column else F("pk")
    distinct = {"distinct": True} if spec.function == Function.COUNT_DISTINCT else {}
    return _AGGREGATES[spec.function](
        value, filter=condition or None, output_field=BigIntegerField(), **distinct
    )


def _shift(measure):
    if len(measure.inputs) != 2:
        return 0
    top, bottom = measure.inputs
    return RATIO_PLACES - top.places + bottom.places
