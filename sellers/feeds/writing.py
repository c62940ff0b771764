"""From the staging table into the models: what is new, what differs, and what is too old."""

from functools import reduce
from operator import or_

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    Max,
    Min,
    Q,
    SmallIntegerField,
    Value,
    When,
)

from sellers.bulk_write import (
    chunks,
    insert_from_query,
    short_transaction,
    update_from_query,
)
from sellers.changes import later_of, mark_changed
from sellers.feeds.staging import Action, Stage, differs, outdated
from sellers.feeds.tracking import log_chunk, log_past
from sellers.feeds.values import Code
from sellers.models import FeedRun

WRITTEN = (Action.NEW, Action.CHANGED)


def newer_columns(stage: Stage, kind: str, oldest) -> frozenset[str]:
    """Columns of which a feed of this kind has brought newer values than this file's oldest.

    Of these a row that has changed since keeps what it has. All other columns may be written
    whatever the row's time is: nothing newer can have been fed.
    """
    runs = FeedRun.objects.filter(kind=kind, newest__gt=oldest)
    files = runs.values_list("columns", flat=True)
    fed = {name for names in files if stage.feed.alike(names) for name in names}
    return frozenset(column.name for column in stage.present if column.name in fed)


def mark(stage: Stage, newer: frozenset[str]) -> None:
    """Note in the staging table what each line does, for every level."""
    for level in stage.levels:
        rows = stage.rows()
        if level.first_of:
            first = stage.model.objects.values(level.first_of).annotate(first=Min("pk"))
            rows = rows.filter(pk__in=first.values("first"))
        else:
            rows = rows.exclude(**{level.action: Action.PAST})
        update_from_query(
            rows.values_list("pk", _action(level, newer)), stage.model, [level.action]
        )


def _action(level, newer):
    """What a line does to the row that its level found."""
    fresh = [column for column in level.columns if column.name not in newer]
    loose = [column for column in level.columns if column.name in newer]
    cases = [When(Q(**{f"{level.found}__id__isnull": True}), then=Value(Action.NEW))]
    if fresh:
        cases.append(When(_any_differs(level, fresh), then=Value(Action.CHANGED)))
    if loose:
        newest = (Q(differs(level, column)) & ~outdated(level, column) for column in loose)
        cases.append(When(reduce(or_, newest), then=Value(Action.CHANGED)))
        cases.append(When(_any_differs(level, loose), then=Value(Action.STALE)))
    return Case(*cases, default=Value(Action.SAME), output_field=SmallIntegerField())


def _any_differs(level, columns):
    return reduce(or_, (Q(differs(level, column)) for column in columns))


def counts(stage: Stage) -> dict[Action, int]:
    """How many lines do what. A line that writes several models counts for the most of it."""
    rank = [Action.NEW, Action.CHANGED, Action.STALE, Action.PAST, Action.SAME, Action.NONE]
    names = [level.action for level in stage.levels]
    found = dict.fromkeys(rank, 0)
    for *actions, number in stage.model.objects.values_list(*names).annotate(n=Count("pk")):
        found[min(map(Action, actions), key=rank.index)] += number
    return found


def write(stage: Stage, newer: frozenset[str], progress) -> None:
    """Write what the marks say, a chunk of lines per transaction."""
    written = reduce(or_, (Q(**{f"{level.action}__in": WRITTEN}) for level in stage.levels))
    # The log of a fact that is tracked since today begins with what has not changed today.
    busy = Q() if stage.tracked else written
    ends = stage.model.objects.filter(busy).aggregate(first=Min("pk"), last=Max("pk"))
    for first, last in chunks(ends["first"] or 1, ends["last"] or 0):
        part = stage.part(first, last)
        if not part.filter(busy).exists():
            continue
        with short_transaction():
            stage.feed.before(stage, part)
            for level in stage.levels:
                _write_level(level, part, newer)
            _mark_subjects(stage, part.filter(written))
            log_chunk(stage, part, newer)
            stage.feed.after(stage, part)
        progress(last)
    log_past(stage)


def _write_level(level, part, newer):
    columns = {column.field: column.value for column in level.columns}
    times = [time for time in level.times if "__" not in time]
    new = part.filter(**{level.action: Action.NEW})
    # A file without the columns that a new row needs has none.
    if new.exists():
        values = {**columns, **{time: F(time) for time in times}, **level.fixed}
        rows = new.order_by("pk").values_list(*values.values())
        insert_from_query(rows, level.model, list(values), at_once=True)
    changed = part.filter(**{level.action: Action.CHANGED})
    if changed.exists():
        kept = [column for column in level.columns if column.name in newer]
        values = {
            **columns,
            **{column.field: _kept(level, column) for column in kept},
            **{time: later_of(f"{level.found}__{time}", time) for time in times},
        }
        rows = changed.values_list(f"{level.found}__id", *values.values())
        update_from_query(rows, level.model, list(values))


def _kept(level, column):
    """The line's value, or the row's own where that is newer."""
    is_code = isinstance(column.kind, Code)
    attribute = level.model._meta.get_field(column.field).attname
    return Case(
        When(outdated(level, column), then=F(f"{level.found}__{attribute}")),
        default=column.value,
        output_field=BigIntegerField() if is_code else column.kind.field(),
    )


def _mark_subjects(stage, part):
    if not stage.feed.new_rows_change:
        part = part.filter(action=Action.CHANGED)
    for kind, path in stage.feed.subjects:
        mark_changed(part, subject_kind=kind, subject=path, at=stage.at)
