"""Which rows of a source a statistic counts at an instant, as conditions on the source's rows."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from sellers.localtime import local_date
from sellers.metrics.statistics import filters
from sellers.metrics.statistics.sources import Source, SourceKind
from sellers.metrics.statistics.spec import StatisticSpec, Window

# Databases keep microseconds: up to and with an instant is before the next one.
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Moment:
    """The instant of a computation, and what stands in the SQL for it and for the one after it.

    Those are the instants themselves, or what a prepared statement is given for them. Everything
    else in the SQL follows from the statistics, from the local day of ``at``, and from which
    windows end with the moment; a prepared statement is told these.
    """

    at: datetime
    itself: object = None
    after: object = None
    ending: frozenset[Window] | None = None

    def __post_init__(self):
        if self.itself is None:
            object.__setattr__(self, "itself", self.at)
            object.__setattr__(self, "after", self.at + TICK)

    def ends(self, window: Window) -> bool:
        """Whether a window's rows end with the moment: nothing after it counts."""
        if self.ending is not None:
            return window in self.ending
        return window.end is None or self.at + TICK <= window.end


def allowed(source: Source, moment: Moment, prefix: str = "") -> Q:
    """Rows that count at all: of the right kind, and known by then."""
    return _known(source, moment.itself, prefix)


def in_window(spec: StatisticSpec, moment: Moment, prefix: str = "") -> Q:
    """Rows within the statistic's window. Rows that hold for a time are within it if they hold at
    some moment of it; without `include_scheduled`, if they have begun by `at` besides."""
    source = spec.rows
    if source.kind == SourceKind.INTERVAL:
        return _overlap(spec, moment, prefix)
    return _between(source, _bounds(spec, moment), prefix)


def since(spec: StatisticSpec, instant, start) -> Q:
    """Rows that a statistic of entries counts at `instant`: allowed, and in its window, which
    begins with `start`. Both are expressions, or instants. Unlike other windows it looks the same
    in SQL at any instant."""
    source, end = spec.rows, spec.window.end
    condition = _known(source, instant, "")
    if not spec.include_scheduled:
        condition &= Q(**{f"{source.time}__lte": instant})
    if end is not None:
        condition &= Q(**{f"{source.time}__lt": end})
    if source.kind == SourceKind.INTERVAL:
        lasting = Q(**{f"{source.ends}__isnull": True})
        return condition & (lasting | Q(**{f"{source.ends}__gt": start}))
    return condition & Q(**{f"{source.time}__gte": start})


def chosen(spec: StatisticSpec, prefix: str = "") -> Q:
    """Rows that the statistic's own filter lets through."""
    return Q() if spec.where is None else filters.condition(spec.where, spec.rows, prefix)


def needed(specs: list[StatisticSpec], moment: Moment, prefix: str = "") -> Q:
    """Rows within the window of any of the statistics, all of one source; or more rows."""
    source = specs[0].rows
    if source.kind == SourceKind.INTERVAL:
        windows = {(spec.window, spec.include_scheduled) for spec in specs}
        if len(windows) == 1:
            return _overlap(specs[0], moment, prefix)
        if any(spec.include_scheduled for spec in specs):
            return Q()
        return Q(**{f"{prefix}{source.time}__lte": moment.itself})
    spans = [_bounds(spec, moment) for spec in specs]
    first = None if any(low is None for low, _high in spans) else min(low for low, _high in spans)
    # None ends later than the moment does.
    ends = [high for _low, high in spans]
    beyond = moment.after if moment.after in ends else max(ends)
    return _between(source, (first, beyond), prefix)


def _known(source, instant, prefix):
    condition = Q(**{prefix + name: value for name, value in source.only.items()})
    if source.known:
        condition &= Q(**{f"{prefix}{source.known}__lte": instant})
    return condition


def _bounds(spec, moment):
    """The half-open [first, beyond) of a series' days (dates), or of hours and events (instants),
    of which `first` may be None; nothing after the moment is in it. Today counts as a whole day."""
    start, end = spec.window.start, spec.window.end
    if spec.rows.kind == SourceKind.DAY:
        beyond = local_date(moment.at) + timedelta(days=1)
        first = local_date(start) if start else None
        return first, min(local_date(end), beyond) if end else beyond
    return start, moment.after if moment.ends(spec.window) else end


def _between(source, span, prefix):
    first, beyond = span
    condition = Q(**{f"{prefix}{source.time}__lt": beyond})
    return condition if first is None else condition & Q(**{f"{prefix}{source.time}__gte": first})


def _overlap(spec, moment, prefix):
    source, start, end = spec.rows, spec.window.start, spec.window.end
    begun = Q()
    if not spec.include_scheduled:
        begun &= Q(**{f"{prefix}{source.time}__lte": moment.itself})
    if end is not None:
        begun &= Q(**{f"{prefix}{source.time}__lt": end})
    if spec.window == Window():
        # In force at the instant, or later where what is due counts.
        start = moment.itself
    if start is None:
        return begun
    lasting = Q(**{f"{prefix}{source.ends}__isnull": True})
    return begun & (lasting | Q(**{f"{prefix}{source.ends}__gt": start}))
