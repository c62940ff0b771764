"""What a kind of feed is: its columns, its natural key, and the rows that it writes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from sellers.feeds.problems import FeedError
from sellers.feeds.values import Cells, Code, Instant, kind_of
from sellers.metrics.registry import OWN_COLUMN, MetricType, all_metrics

EFFECTIVE, KNOWN = "effective_at", "known_at"
# An age is an instant that changes under its own code; a set's rows have times of their own.
TRACKABLE = frozenset(MetricType) - {MetricType.AGE, MetricType.SET, MetricType.RATIO}


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a file.

    `name` stands in the header, `field` is the model's field (by default of the same name), and
    `staged` the staging table's. `needed` columns must be in every file; `required` ones must not
    be empty where they are in the file. An empty cell otherwise means `default`, None being
    "not known". `metric` is the code under which changes of the value may be tracked.
    """

    name: str
    kind: Any
    field: str = ""
    staged: str = ""
    needed: bool = False
    required: bool = False
    default: Any = None
    metric: str = ""

    def __post_init__(self):
        object.__setattr__(self, "field", self.field or self.name)
        object.__setattr__(self, "staged", self.staged or self.field)

    @property
    def value(self) -> F:
        """The expression, over the staging table, of what is written into the model's field."""
        return F(f"{self.staged}__id" if isinstance(self.kind, Code) else self.staged)

    @property
    def cell(self) -> str:
        """The staging table's column that holds what stood in the file."""
        return f"{self.staged}_id" if isinstance(self.kind, Code) else self.staged

    def as_needed(self) -> "Column":
        """The same column, which every file must have."""
        return replace(self, needed=True)

    def cells(self) -> Cells:
        """A reader of the column's cells."""
        return Cells(self.kind, required=self.required, default=self.default)


@dataclass(frozen=True)
class Check:
    """Rows of the staging table that match `condition` are bad, because of `column` and for
    `reason`; where `other` names an expression, its value is put into the reason's %s."""

    condition: Q
    column: Column
    reason: str
    other: str = ""


def columns_of(model: type[models.Model], *names: str, **options: Any) -> tuple[Column, ...]:
    """Columns named like fields of `model`, with the kinds, needs and defaults that follow.

    An empty cell of a field that cannot be null means its default, or empty text; where it has
    neither, the cell is required. `least` narrows the numbers.
    """
    least = options.pop("least", None)
    return tuple(_column(model._meta.get_field(name), least, options) for name in names)


def own_code(model: type[models.Model]) -> Column:
    """The column `code` by which a feed's rows are known; it joins the row as `found`."""
    kind = Code(model, must_exist=False)
    return Column(name="code", kind=kind, staged="found", needed=True, required=True)


def _column(field, least, options):
    default = None if field.null else field.get_default()
    if default == "" and not field.blank:
        default = None
    required = not field.null and default is None
    column = Column(
        name=field.name, kind=kind_of(field, least=least), required=required, default=default
    )
    return replace(column, **options)


def with_metrics(subject: str, *columns: Column) -> tuple[Column, ...]:
    """The columns with the codes of the metrics that are these columns of the subject."""
    found = {
        metric.path: metric.code
        for metric in all_metrics().values()
        if metric.subject == subject and metric.fact_set == OWN_COLUMN and metric.type in TRACKABLE
    }
    return tuple(replace(column, metric=found.get(column.field, "")) for column in columns)


KNOWN_COLUMN = Column(name=KNOWN, kind=Instant())
TIMES = (Column(name=EFFECTIVE, kind=Instant()), KNOWN_COLUMN)


@dataclass(frozen=True, kw_only=True)
class Level:
    """One model that a feed writes.

    `found` is the name under which `Feed.rows` joins the row that is there already. `columns` are
    those of the file that are written to the model; `times` its fields that say how old a row's
    values are, as seen from `found`, the first of which decides; `fixed` further fields of new
    rows, as expressions over the staging table. A model without times says in `standing` which rows
    have something of a column to lose to an older file. With `first_of` only the first of the lines
    that share this staged column writes the model. `action` is where the staging table keeps what
    happens.
    """

    model: type[models.Model]
    found: str
    columns: tuple[Column, ...]
    times: tuple[str, ...] = ()
    fixed: dict[str, Any] = field(default_factory=dict)
    standing: Callable[[Column], Q] | None = None
    first_of: str = ""
    action: str = "action"


class Feed:
    """A kind of feed. A subclass says what it is in attributes and overrides what is special."""

    kind: str
    columns: tuple[Column, ...]
    # What the changes are about: the kind of subject, and its id as seen from the staging table.
    subjects: tuple[tuple[str, str], ...] = ()
    # Whether new rows, too, change their subjects (an event does, a new item cannot).
    new_rows_change = True
    # Columns without which a row that is not there yet cannot be made.
    new_needs: frozenset[str] = frozenset()
    hints: dict[str, str] = {}

    def key(self, present: Sequence[Column]) -> tuple[str, ...]:
        """Names of the columns that tell a file's lines apart; the last of equal lines counts. A
        column that the file lacks has its default in every line."""
        raise NotImplementedError

    def levels(self, present: Sequence[Column]) -> list[Level]:
        """The models to write, in order, for a file with these columns."""
        raise NotImplementedError

    def rows(self, model: type[models.Model]) -> models.QuerySet:
        """The staging table's rows, joined with what the levels call `found`."""
        return model.objects.all()

    def checks(self, stage) -> Iterable[Check]:
        """What is wrong with lines that can be read, seen against the database."""
        return ()

    def prepare(self, stage) -> None:
        """Called before anything is written."""

    def before(self, stage, part: models.QuerySet) -> None:
        """Called in a chunk's transaction before its rows are written."""

    def after(self, stage, part: models.QuerySet) -> None:
        """Called in a chunk's transaction when its rows are written."""

    def finish(self, stage) -> None:
        """Called when everything is written."""

    def alike(self, names: Sequence[str]) -> bool:
        """Whether a file of this kind with these columns is about the same things as this one, so
        that its values may be newer than this one's."""
        return True

    def present(self, header: Sequence[str]) -> list[Column]:
        """The columns that a header names, in its order. Raises FeedError for a header that this
        feed cannot take."""
        known = {column.name: column for column in self.columns}
        names = [name.encode("utf-8", "replace").decode() for name in header]
        if not set(names) & set(known):
            raise FeedError(
                _("the first line names no column of this feed; is the header missing? It is: %s")
                % ", ".join(known)
            )
        if empty := [place for place, name in enumerate(names, 1) if not name]:
            raise FeedError(_("column %d has no name") % empty[0])
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise FeedError(_("the column %s stands there twice") % twice[0])
        for name in names:
            if name not in known:
                raise FeedError(self._unknown(name, known))
        if missing := [c.name for c in self.columns if c.needed and c.name not in names]:
            raise FeedError(_("the column %s is missing") % ", ".join(missing))
        return [known[name] for name in names]

    def _unknown(self, name, known):
        text = _("there is no column %s in this feed.") % name
        if name in self.hints:
            return f"{text} {self.hints[name]}"
        if near := get_close_matches(name.lower(), known, n=1):
            return f"{text} " + _("Did you mean %s?") % near[0]
        return f"{text} " + _("It has: %s") % ", ".join(known)
