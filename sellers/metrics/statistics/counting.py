"""Which rows of a source a statistic counts at an instant, as conditions on the source's rows."""

from datetime import datetime, timedelta

from django.db.models import Q

from sellers.localtime import local_date
from sellers.metrics.statistics import filters
from sellers.metrics.statistics.sources import Source, SourceKind
from sellers.metrics.statistics.spec import StatisticSpec, Window

# Databases keep microseconds: up to and with an instant is before the next one.
TICK = timedelta(microseconds=1)


def allowed(source: Source, at: datetime, prefix: str = "") -> Q:
    """Rows that count at all: of the right kind, and known by then."""
    condition = Q(**{prefix + name: value for name, value in source.only.items()})
    if source.known:
        condition &= Q(**{f"{prefix}{source.known}__lte": at})
    return condition


def in_window(spec: StatisticSpec, at: datetime, prefix: str = "") -> Q:
    """Rows within the statistic's window. Rows that hold for a time are within it if they hold at
    some moment of it; without `include_scheduled`, if they have begun by `at` besides."""
    source = spec.rows
    if source.kind == SourceKind.INTERVAL:
        return _overlap(spec, at, prefix)
    return _between(source, bounds(spec, at), prefix)


def chosen(spec: StatisticSpec, prefix: str = "") -> Q:
    """Rows that the statistic's own filter lets through."""
    return Q() if spec.where is None else filters.condition(spec.where, spec.rows, prefix)


def needed(specs: list[StatisticSpec], at: datetime, prefix: str = "") -> Q:
    """Rows within the window of any of the statistics, all of one source; or more rows."""
    source = specs[0].rows
    if source.kind == SourceKind.INTERVAL:
        windows = {(spec.window, spec.include_scheduled) for spec in specs}
        if len(windows) == 1:
            return _overlap(specs[0], at, prefix)
        if any(spec.include_scheduled for spec in specs):
            return Q()
        return Q(**{f"{prefix}{source.time}__lte": at})
    spans = [bounds(spec, at) for spec in specs]
    first = None if any(low is None for low, _high in spans) else min(low for low, _high in spans)
    return _between(source, (first, max(high for _low, high in spans)), prefix)


def bounds(spec: StatisticSpec, at: datetime) -> tuple:
    """The half-open [first, beyond) of a series' days (dates), or of hours and events (instants),
    of which `first` may be None; nothing after `at` is in it. Today counts as a whole day."""
    start, end = spec.window.start, spec.window.end
    if spec.rows.kind == SourceKind.DAY:
        beyond = local_date(at) + timedelta(days=1)
        first = local_date(start) if start else None
        return first, min(local_date(end), beyond) if end else beyond
    return start, min(end, at + TICK) if end else at + TICK


def _between(source, span, prefix):
    first, beyond = span
    condition = Q(**{f"{prefix}{source.time}__lt": beyond})
    return condition if first is None else condition & Q(**{f"{prefix}{source.time}__gte": first})


def _overlap(spec, at, prefix):
    source, window = spec.rows, spec.window
    if window == Window():
        # In force at the instant, or later where what is due counts.
        window = Window(at, None)
        begun = Q() if spec.include_scheduled else Q(**{f"{prefix}{source.time}__lte": at})
    else:
        begun = Q()
        if not spec.include_scheduled:
            begun &= Q(**{f"{prefix}{source.time}__lte": at})
        if window.end is not None:
            begun &= Q(**{f"{prefix}{source.time}__lt": window.end})
    if window.start is None:
        return begun
    lasting = Q(**{f"{prefix}{source.ends}__isnull": True})
    return begun & (lasting | Q(**{f"{prefix}{source.ends}__gt": window.start}))
