"""A statistic's figures as expressions over its subjects.

A source is either joined to the subjects, which are then grouped with filtered aggregates, or asked
in a subquery for each subject.
"""

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    FilteredRelation,
    Func,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Abs, Coalesce, NullIf
from django.db.models.lookups import IsNull, LessThan

from sellers.metrics.registry import MetricType
from sellers.metrics.statistics import counting
from sellers.metrics.statistics.counting import Moment
from sellers.metrics.statistics.sources import Source
from sellers.metrics.statistics.spec import Function, Shape, StatisticSpec

ALIAS = "counted"
ZERO = Value(0, output_field=BigIntegerField())

_OUTPUTS = {
    MetricType.TEXT: CharField,
    MetricType.BOOLEAN: BooleanField,
    MetricType.DATETIME: DateTimeField,
}
_AGGREGATES = {
    Function.SUM: Sum,
    Function.MIN: Min,
    Function.MAX: Max,
    Function.COUNT: Count,
    Function.COUNT_DISTINCT: Count,
}


class OfSubject(Func):
    """An expression that the subject alone decides, so that grouping by the subject is enough."""

    template = "%(expressions)s"
    arity = 1

    def get_group_by_cols(self):
        return []


class Joined:
    """A source joined to the subjects; ``relation`` joins the rows that any of ``specs`` needs."""

    def __init__(self, source: Source, specs: list[StatisticSpec], moment: Moment):
        self.source, self.moment = source, moment
        self.level = specs[0].level
        self._needed = counting.needed(specs, moment)
        self._specs = specs

    def relation(self, low: int | None, high: int | None) -> FilteredRelation:
        """The join, to be annotated as ``ALIAS``; the range of subjects is repeated on it."""
        name = self.source.relations[self.level]
        prefix = f"{name}__"
        condition = counting.needed(self._specs, self.moment, prefix)
        condition &= counting.allowed(self.source, self.moment, prefix)
        owner = prefix + self.source.owner(self.level)
        if low is not None:
            condition &= Q(**{f"{owner}__gte": low})
        if high is not None:
            condition &= Q(**{f"{owner}__lt": high})
        return FilteredRelation(name, condition=condition)

    def number(self, function: Function, spec: StatisticSpec, *, filtered: bool = True):
        """An aggregate of the rows that the statistic counts."""
        prefix = f"{ALIAS}__"
        condition = Q()
        if counting.in_window(spec, self.moment) != self._needed:
            condition &= counting.in_window(spec, self.moment, prefix)
        if filtered:
            condition &= counting.chosen(spec, prefix)
        value = spec.column.value(prefix) if spec.column else F(f"{prefix}pk")
        distinct = {"distinct": True} if function == Function.COUNT_DISTINCT else {}
        found = _AGGREGATES[function](value, filter=condition or None, **distinct)
        return Coalesce(found, ZERO) if function == Function.SUM else found


class Asked:
    """A source asked in a subquery for each subject."""

    def __init__(self, source: Source, moment: Moment):
        self.source, self.moment = source, moment

    def number(self, function: Function, spec: StatisticSpec, *, filtered: bool = True):
        """An aggregate of the rows that the statistic counts. It is called as a plain function,
        for an aggregate of Django's would group the rows, and find no group where there are none.
        """
        value = spec.column.value() if spec.column else F("pk")
        template = "%(function)s(%(expressions)s)"
        name = function.upper()
        if function == Function.COUNT_DISTINCT:
            name, template = "COUNT", "%(function)s(DISTINCT %(expressions)s)"
        output = _output(spec.shape) if function in (Function.MIN, Function.MAX) else None
        found = Func(
            value, function=name, template=template, output_field=output or BigIntegerField()
        )
        if function == Function.SUM:
            found = Coalesce(found, ZERO)
        return Subquery(self._rows(spec, filtered).values_list(found))

    def latest(self, spec: StatisticSpec):
        """The value of the latest row that the statistic counts."""
        order = [f"-{self.source.time}", *(f"-{name}" for name in self.source.order)]
        rows = self._rows(spec, filtered=True).order_by(*order)
        return Subquery(rows.values_list(spec.column.value())[:1])

    def _rows(self, spec, filtered):
        rows = self.source.model(spec.level)._default_manager.order_by()
        rows = rows.filter(**{self.source.owner(spec.level): OuterRef("pk")})
        rows = rows.filter(counting.allowed(self.source, self.moment))
        rows = rows.filter(counting.in_window(spec, self.moment))
        return rows.filter(counting.chosen(spec)) if filtered else rows


class AskedSince(Asked):
    """A source asked in a subquery for each row of a query that names in the column ``owner`` whose
    rows are counted, and in ``since`` from when on; ``instant`` is what stands for the instant."""

    def __init__(self, source: Source, instant, owner: str, since: str):
        self.source = source
        self._instant, self._owner, self._since = instant, OuterRef(owner), OuterRef(since)

    def _rows(self, spec, filtered):
        rows = self.source.model(spec.owner)._default_manager.order_by()
        rows = rows.filter(**{self.source.owner(spec.owner): self._owner})
        rows = rows.filter(counting.since(spec, self._instant, self._since))
        return rows.filter(counting.chosen(spec)) if filtered else rows


def figures(spec: StatisticSpec, sources: dict) -> list:
    """One expression per slot of the statistic; ``sources`` gives each source Joined or Asked."""
    return [
        OfSubject(figure, output_field=_output(spec.shape)) for figure in _figures(spec, sources)
    ]


def figure_since(spec: StatisticSpec, instant, *, owner: str, since: str):
    """The figure of a statistic of entries over rows with the columns ``owner`` and ``since``, at
    an instant or what stands for it; missing where ``since`` is null."""
    source, function = AskedSince(spec.rows, instant, owner, since), spec.function
    found = source.latest(spec) if function == Function.LAST else source.number(function, spec)
    return Case(
        When(IsNull(F(since), False), then=found), default=None, output_field=_output(spec.shape)
    )


def _figures(spec, sources):
    if spec.function == Function.RATIO:
        (top,), (bottom,) = (_figures(part, sources) for part in (spec.numerator, spec.denominator))
        return _fraction(top, bottom, spec.denominator.column)
    source, function = sources[spec.source], spec.function
    if function == Function.LAST:
        return [Asked(source.source, source.moment).latest(spec)]
    if function == Function.AVG:
        return [source.number(Function.SUM, spec), _positive(source.number(Function.COUNT, spec))]
    if function == Function.SHARE:
        measure = Function.SUM if spec.column else Function.COUNT
        top = source.number(measure, spec)
        return _fraction(top, source.number(measure, spec, filtered=False), spec.column)
    return [source.number(function, spec)]


def _fraction(top, bottom, column):
    """Numerator and denominator, the latter positive or missing, so that cross-multiplying keeps
    the order: where it may be negative, both change their signs."""
    if column is None or not column.may_be_negative:
        return [top, _positive(bottom)]
    signed = Case(
        When(LessThan(bottom, ZERO), then=Func(top, template="(-%(expressions)s)")),
        default=top,
        output_field=BigIntegerField(),
    )
    return [signed, _positive(Abs(bottom))]


def _positive(bottom):
    """Nothing can be divided by 0."""
    return NullIf(bottom, ZERO)


def _output(shape: Shape):
    return _OUTPUTS.get(shape.type, BigIntegerField)()
