"""A file's good lines in a temporary table, and what is wrong with them beside the database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db import models
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from sellers.bulk_write import Differs, copy_rows, settle_temporary, temporary_model
from sellers.changes import tracked_metrics
from sellers.feeds.description import EFFECTIVE, KNOWN, Check, Column, Feed, Level
from sellers.feeds.problems import Problems
from sellers.feeds.reading import Batch
from sellers.feeds.values import BadCell, Code, Money
from sellers.metrics.slots import from_slot, to_text


class Action(IntEnum):
    """What a staged line does to the row that it is about."""

    BAD = -1
    NONE = 0
    NEW = 1
    CHANGED = 2
    SAME = 3
    STALE = 4  # older than what is known
    PAST = 5  # the same file has a later value


class Stage:
    """The staging table of one feed: its good lines, one row each, by line number.

    `present` are the file's columns; `at` is when its values are in effect and known, unless the
    file says so itself.
    """

    def __init__(
        self, feed: Feed, present: Sequence[Column], at: datetime, model: type[models.Model]
    ):
        self.feed, self.present, self.at, self.model = feed, present, at, model
        self.read = self.good = 0
        self.last_line = 0
        self.has_past = False
        self.tracked = _tracked(present)
        self.levels = feed.levels(present)
        self.key = _key_columns(feed, present)
        self._given = [column for column in self.key if column not in present]
        self._names = [
            *("id", EFFECTIVE, KNOWN),
            *(column.cell for column in self._cells()),
            *(f"text_{column.staged}" for column in self.tracked),
        ]

    def has(self, name: str) -> bool:
        """Whether the file has the column."""
        return any(column.name == name for column in self.present)

    def rows(self) -> models.QuerySet:
        """All staged rows, joined as the feed says."""
        return self.feed.rows(self.model)

    def part(self, first: int, last: int) -> models.QuerySet:
        """The rows of the lines first to last."""
        return self.rows().filter(pk__range=(first, last))

    def fill(self, batches: Iterator[Batch], problems: Problems, progress) -> None:
        """Stage the good lines of a file and tell of the others."""
        readers = [column.cells() for column in self.present]
        for batch in batches:
            self.read += len(batch.lines) + len(batch.broken)
            for line, reason in batch.broken:
                problems.add(line, "", None, reason)
            values = [
                reader.read(cells) for reader, cells in zip(readers, batch.columns, strict=True)
            ]
            bad = set()
            for column, reader, cells, read in zip(
                self.present, readers, batch.columns, values, strict=True
            ):
                if reader.failed:
                    bad |= _tell(problems, column, batch.lines, cells, read)
            rows = self._staged(batch.lines, dict(zip(self.present, values, strict=True)))
            if bad:
                rows = (row for row in rows if row[0] not in bad)
            self.good += copy_rows(self.model, list(rows), self._names, temporary=True)
            self.last_line = max([self.last_line, *batch.lines])
            progress()
        # Lines that repeat a key, or follow each other in time, are looked for by it.
        settle_temporary(self.model, [column.staged for column in self.key])

    def _cells(self):
        return [*_plain(self.present), *self._given]

    def _staged(self, lines, values):
        by_name = {column.name: cells for column, cells in values.items()}
        known = [at or self.at for at in by_name.get(KNOWN, ())] or [self.at] * len(lines)
        effective = by_name.get(EFFECTIVE)
        # Without a time of its own a value is in effect from when it became known.
        effective = [at or own for at, own in zip(effective or known, known, strict=True)]
        cells = [values[column] for column in _plain(self.present)]
        cells += [[column.default] * len(lines) for column in self._given]
        texts = [_texts(column, values[column]) for column in self.tracked]
        return zip(lines, effective, known, *cells, *texts, strict=True)

    def check(self, problems: Problems) -> None:
        """Tell of the lines that do not fit the database or each other, and drop them."""
        for check in [*self._own_checks(), *self.feed.checks(self)]:
            self._apply(check, problems)
        self.model.objects.filter(action=Action.BAD).delete()
        self._drop_repeated(problems)
        self.good = self.model.objects.count()

    def _own_checks(self):
        for column in self.present:
            if isinstance(column.kind, Code) and column.kind.must_exist:
                known = column.kind.model.objects.filter(code=OuterRef(column.cell))
                condition = Q(**{f"{column.cell}__isnull": False}) & ~Exists(known)
                yield Check(condition, column, _("is not known"))
            if column.name in (EFFECTIVE, KNOWN):
                late = Q(**{f"{column.name}__gt": self.at})
                yield Check(late, column, _("lies after the time of the feed"))

        missing = sorted(self.feed.new_needs - {column.name for column in self.present})
        if missing:
            reason = _("is not known, and a new row needs: %s") % ", ".join(missing)
            level = self.levels[-1]
            yield Check(Q(**{f"{level.found}__id__isnull": True}), self.key[-1], reason)

    def _apply(self, check, problems):
        bad = self.rows().filter(check.condition)
        cells = ["pk", check.column.cell, *([check.other] if check.other else [])]
        for line, cell, *other in bad.order_by("pk").values_list(*cells).iterator():
            reason = check.reason % tuple(other) if other else check.reason
            problems.add(line, check.column.name, _shown(check.column, cell), reason)
        self.model.objects.filter(pk__in=bad.values("pk")).update(action=Action.BAD)

    def _drop_repeated(self, problems):
        """Of lines that say something of the same thing at the same time, the last counts."""
        names = [column.cell for column in self.key]
        times = [EFFECTIVE] if self.has(EFFECTIVE) else []
        if self._several(names + times):
            same = self._alike(names + times).order_by("-pk")
            lines = self.model.objects.annotate(last=Subquery(same.values("pk")[:1]))
            repeated = lines.filter(last__gt=F("pk"))
            told = repeated.order_by("pk").values_list("pk", "last", *names)
            for line, last, *cells in told.iterator():
                shown = map(_shown, self.key, cells)
                problems.add(
                    line,
                    ", ".join(column.name for column in self.key),
                    ", ".join(map(str, shown)),
                    _("stands there again in line %d, which counts") % last,
                )
            self.model.objects.filter(pk__in=repeated.values("pk")).delete()
        if times and self._several(names):
            later = self._alike(names).filter(effective_at__gt=OuterRef(EFFECTIVE))
            self.model.objects.filter(Exists(later)).update(action=Action.PAST)
            self.has_past = True

    def _several(self, names):
        """Whether any lines share these columns."""
        groups = self.model.objects.values(*names).annotate(lines=Count("pk"))
        return groups.filter(lines__gt=1).exists()

    def _alike(self, names):
        """The lines that share these columns with an outer query's."""
        return self.model.objects.filter(**{name: OuterRef(name) for name in names})

    def oldest(self) -> datetime:
        """The earliest time of the staged values, as the first level's `times` count it."""
        return self._ends()["oldest"] or self.at

    def newest(self) -> datetime:
        """The latest of them."""
        return self._ends()["newest"] or self.at

    def _ends(self):
        if not self.has(self.clock):
            return {"oldest": self.at, "newest": self.at}
        return self.model.objects.aggregate(oldest=Min(self.clock), newest=Max(self.clock))

    @property
    def clock(self) -> str:
        """The time that decides which of two values is the newer: `effective_at` or `known_at`."""
        times = [time for level in self.levels for time in level.times]
        return times[0] if times else KNOWN


@contextmanager
def staged(feed: Feed, present: Sequence[Column], at: datetime) -> Iterator[Stage]:
    """An empty Stage, whose table vanishes at the end of the block."""
    plain = [*_plain(present), *(c for c in _key_columns(feed, present) if c not in present)]
    fields = {
        EFFECTIVE: models.DateTimeField(),
        KNOWN: models.DateTimeField(),
        **{column.staged: column.kind.field() for column in plain},
        **{
            f"text_{column.staged}": models.CharField(max_length=200, null=True)
            for column in _tracked(present)
        },
        **{
            level.action: models.SmallIntegerField(default=Action.NONE)
            for level in feed.levels(present)
        },
    }
    with temporary_model(fields) as model:
        yield Stage(feed, present, at, model)


def _plain(columns):
    return [column for column in columns if column.name not in (EFFECTIVE, KNOWN)]


def _key_columns(feed, present):
    names = feed.key(present)
    return [column for column in feed.columns if column.name in names]


def _tracked(present):
    metrics = tracked_metrics()
    return [column for column in present if column.metric in metrics]


def _tell(problems, column, lines, cells, values):
    bad = set()
    for line, cell, value in zip(lines, cells, values, strict=True):
        if isinstance(value, BadCell):
            problems.add(line, column.name, cell, str(value))
            bad.add(line)
    return bad


def _texts(column, values):
    kind = column.kind
    places = getattr(kind, "places", 0)
    return [
        None
        if isinstance(value, BadCell)
        else to_text(kind.type, from_slot(kind.type, value, places), places)
        for value in values
    ]


def _shown(column, cell: Any):
    if isinstance(column.kind, Money):
        return from_slot("decimal", cell, column.kind.places)
    return cell


def differs(level: Level, column: Column) -> Differs:
    """Whether the row has another value than the line."""
    code = "__code" if isinstance(column.kind, Code) else ""
    return Differs(F(f"{level.found}__{column.field}{code}"), F(column.cell))


def outdated(level: Level, column: Column) -> Q:
    """Whether the row's value of a column is newer than the line's, where the line comes from an
    older file than one fed before."""
    if level.standing is not None:
        return level.standing(column)
    clock = level.times[0]
    return Q(**{f"{level.found}__{clock}__gt": F(clock.rpartition("__")[2])})
