"""One statistic, checked: what it is taken of, over which rows, and what figure it gives."""

import dataclasses
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from sellers.localtime import local_date, local_midnight
from sellers.metrics.registry import MetricType
from sellers.metrics.statistics import filters
from sellers.metrics.statistics.errors import StatisticError
from sellers.metrics.statistics.sources import SOURCES, Source, SourceField, SourceKind

T = MetricType
LONGEST_UNIT = 32
ENTRY = "entry"
# Whose rows a statistic of an entry counts, in this order of preference.
OF_ENTRIES = ("item", "seller", "registration")


class Function(StrEnum):
    """What is done with the rows."""

    MIN = "min"
    MAX = "max"
    SUM = "sum"
    AVG = "avg"
    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    LAST = "last"
    SHARE = "share"
    RATIO = "ratio"


F = Function
# Of nothing these are 0; every other function of nothing is missing (design, section 4).
ZERO_OF_NOTHING = frozenset({F.COUNT, F.COUNT_DISTINCT, F.SUM})
# Kept as numerator and denominator, so that a comparison divides nothing.
IN_TWO = frozenset({F.AVG, F.SHARE, F.RATIO})
# What is worked out for every entry by itself is one number, and begins in the midst of a day.
OF_AN_ENTRY = frozenset(F) - IN_TWO

_FIELDS = {
    F.SUM: {T.INTEGER, T.DECIMAL},
    F.AVG: {T.INTEGER, T.DECIMAL},
    F.SHARE: {T.INTEGER, T.DECIMAL},
    F.MIN: {T.INTEGER, T.DECIMAL, T.DATETIME},
    F.MAX: {T.INTEGER, T.DECIMAL, T.DATETIME},
    F.LAST: {T.INTEGER, T.DECIMAL, T.DATETIME, T.TEXT, T.BOOLEAN},
}


@dataclass(frozen=True)
class Window:
    """The half-open [start, end) of aware instants that a statistic looks at; None: no bound.

    Nothing after the instant of the computation counts, whatever the end, except prices that are
    due later where they are asked for. Without any bound, a source of rows that hold for a time
    gives those in force at the instant, every other all its rows so far. ``since_filing`` begins,
    for statistics of entries alone, with each entry's own filing.
    """

    start: datetime | None = None
    end: datetime | None = None
    since_filing: bool = False


@dataclass(frozen=True)
class Shape:
    """What kind of figure a statistic gives: value = slot (÷ slot of the denominator), scaled.

    ``value = number ÷ 10^places``, for a ratio divided by ``denominator ÷ 10^denominator_places``.
    """

    type: MetricType
    unit: str = ""
    places: int = 0
    denominator_places: int = 0


@dataclass(frozen=True, kw_only=True)
class StatisticSpec:
    """A statistic ready to be computed; a ratio has two other specs and nothing else.

    Raises StatisticError when made of what cannot be computed. ``slot`` and ``slot_denominator``
    are the columns that it is written to; one of level "entry" has none, and counts the rows
    ``of`` the entry's item, seller or registration.
    """

    code: str
    level: str
    function: Function
    source: str = ""
    of: str = ""
    field: str = ""
    where: object = dataclasses.field(default=None, hash=False)
    window: Window = Window()
    include_scheduled: bool = False
    slot: str = ""
    slot_denominator: str = ""
    numerator: "StatisticSpec | None" = None
    denominator: "StatisticSpec | None" = None

    def __post_init__(self):
        if self.function not in list(F):
            raise StatisticError(
                "function", _("unknown function %(name)s") % {"name": self.function}
            )
        if self.function == F.RATIO:
            self._check_ratio()
        else:
            self._check_rows()

    @property
    def rows(self) -> Source:
        """The source that it is taken of."""
        return SOURCES[self.source]

    @property
    def column(self) -> SourceField | None:
        """The source's field that is added up, compared or counted; None: whole rows."""
        return self.rows.fields[self.field] if self.field else None

    @property
    def owner(self) -> str:
        """Whose rows it counts: its level, or of an entry the item, the seller or the
        registration."""
        if self.level != ENTRY:
            return self.level
        return self.of or next((who for who in OF_ENTRIES if who in self.rows.relations), "")

    @property
    def slots(self) -> tuple[str, ...]:
        """The slot columns that it fills; none for one that is worked out where it is asked."""
        if self.level == ENTRY:
            return ()
        return (self.slot, self.slot_denominator) if self.function in IN_TWO else (self.slot,)

    @property
    def shape(self) -> Shape:
        """What kind of figure it gives."""
        if self.function == F.RATIO:
            top, bottom = self.numerator.shape, self.denominator.shape
            unit = "" if top.unit == bottom.unit else f"{top.unit}/{bottom.unit}".rstrip("/")
            return Shape(T.RATIO, unit[:LONGEST_UNIT], top.places, bottom.places)
        if self.function in (F.COUNT, F.COUNT_DISTINCT):
            return Shape(T.INTEGER)
        column = self.column
        if self.function == F.SHARE:
            places = column.places if column else 0
            return Shape(T.RATIO, "", places, places)
        if self.function == F.AVG:
            return Shape(T.RATIO, column.unit, column.places, 0)
        return Shape(column.type, column.unit, column.places)

    def within(self, window: Window) -> "StatisticSpec":
        """The same over another window."""
        return dataclasses.replace(self, window=window)

    def _check_owner(self, source):
        if self.level == ENTRY:
            if self.function not in OF_AN_ENTRY:
                raise StatisticError(
                    "function",
                    _("expected one of %(known)s for each entry")
                    % {"known": " ".join(function for function in F if function in OF_AN_ENTRY)},
                )
            if source.kind in (SourceKind.DAY, SourceKind.HOUR):
                raise StatisticError(
                    "source",
                    _("an entry is filed in the midst of a day; expected orders, prices or events"),
                )
        elif self.of:
            raise StatisticError(
                "of", _("only a statistic of each entry says whose rows it counts")
            )
        if self.owner not in source.relations:
            raise StatisticError(
                "of" if self.of else "level",
                _("%(source)s has no rows of each %(level)s")
                % {"source": self.source, "level": self.owner or self.level},
            )

    def _check_ratio(self):
        if self.level == ENTRY:
            self._check_owner(None)
        for name in ("numerator", "denominator"):
            part = getattr(self, name)
            if part is None:
                raise StatisticError(name, _("expected the code of another statistic"))
            if part.level != self.level:
                raise StatisticError(
                    name, _("expected a statistic of each %(level)s") % {"level": self.level}
                )
            if part.shape.type not in (T.INTEGER, T.DECIMAL):
                raise StatisticError(name, _("expected a statistic that is one number"))

    def _check_rows(self):
        source = SOURCES.get(self.source)
        if source is None:
            raise StatisticError(
                "source",
                _("unknown source %(name)s; expected one of %(known)s")
                % {"name": self.source, "known": " ".join(SOURCES)},
            )
        self._check_owner(source)
        self._check_field(source)
        if self.function == F.SHARE and self.where is None:
            raise StatisticError("where", _("a share needs the condition that it is the share of"))
        if self.where is not None:
            filters.check(self.where, source)
        if self.include_scheduled and source.kind != SourceKind.INTERVAL:
            raise StatisticError("include_scheduled", _("only prices can be due later"))
        self._check_window(source)

    def _check_field(self, source):
        if self.field and self.field not in source.fields:
            raise StatisticError(
                "field",
                _("unknown field %(name)s of %(source)s; expected one of %(known)s")
                % {"name": self.field, "source": self.source, "known": " ".join(source.fields)},
            )
        if not self.field:
            if self.function not in (F.COUNT, F.SHARE):
                raise StatisticError(
                    "field", _("expected a field of %(source)s") % {"source": self.source}
                )
            return
        allowed = _FIELDS.get(self.function)
        if allowed is not None and source.fields[self.field].type not in allowed:
            raise StatisticError(
                "field",
                _("%(function)s cannot be taken of %(name)s")
                % {"function": self.function, "name": self.field},
            )

    def _check_window(self, source):
        start, end = self.window.start, self.window.end
        if self.window.since_filing != (self.level == ENTRY):
            text = _("a statistic of each entry, and no other, looks at the time since_filing")
            raise StatisticError("window", text)
        if start is not None and end is not None and end <= start:
            raise StatisticError("window", _("expected an end after the start"))
        if all(_is_boundary(bound, source.kind) for bound in (start, end) if bound is not None):
            return
        if source.kind == SourceKind.DAY:
            message = _("a series of days needs a window of whole local days")
        else:
            message = _("a series of hours needs a window of whole hours")
        raise StatisticError("window", message)


def _is_boundary(bound, kind):
    if kind == SourceKind.DAY:
        return local_midnight(local_date(bound)) == bound
    if kind == SourceKind.HOUR:
        stored = bound.astimezone(UTC)
        return (stored.minute, stored.second, stored.microsecond) == (0, 0, 0)
    return True
