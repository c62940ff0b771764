"""The log of tracked facts, fed beside the facts themselves."""

from django.db.models import Exists, F, OuterRef, Q

from sellers.bulk_write import chunks, short_transaction, upsert_rows
from sellers.changes import log_values
from sellers.feeds.staging import Action, Stage, differs, outdated
from sellers.feeds.values import Code, Money
from sellers.metrics.slots import from_slot, to_text
from sellers.models import FactChange


def log_chunk(stage: Stage, part, newer: frozenset[str]) -> None:
    """Log the tracked values of a chunk's lines, in the transaction that wrote them."""
    _kind, subject = stage.feed.subjects[0] if stage.tracked else (None, None)
    for column in stage.tracked:
        if column.name in newer:
            _log_standing(stage, part, column)
        # Where the file itself has an earlier value, the log before it says nothing.
        always = Q(Exists(_past(stage))) if stage.has_past else None
        log_values(
            part.exclude(action=Action.PAST),
            metric=column.metric,
            subject=subject,
            value=F(f"text_{column.staged}"),
            always=always,
        )


def log_past(stage: Stage) -> None:
    """Log the values that the same file has later values for; these were never written."""
    if not (stage.tracked and stage.has_past):
        return
    _kind, subject = stage.feed.subjects[0]
    lines = stage.model.objects.filter(action=Action.PAST).order_by("pk").values_list("pk")
    first, last = lines.first()[0], lines.last()[0]
    for start, end in chunks(first, last):
        part = stage.part(start, end).filter(action=Action.PAST)
        with short_transaction():
            for column in stage.tracked:
                log_values(
                    part,
                    metric=column.metric,
                    subject=subject,
                    value=F(f"text_{column.staged}"),
                    always=Q(pk__gt=0),
                )


def _past(stage):
    key = {column.cell: OuterRef(column.cell) for column in stage.key}
    return stage.model.objects.filter(action=Action.PAST, **key)


def _log_standing(stage, part, column):
    """Log what a row has had since, where an older value now goes into the log before it.

    The log leaves out values that repeat the one before; an older value between the two would
    otherwise seem to hold until today.
    """
    (level,) = stage.levels
    _kind, subject = stage.feed.subjects[0]
    clock = f"{level.found}__{level.times[0]}"
    logged = FactChange.objects.filter(
        metric=column.metric,
        subject_id=OuterRef(subject),
        effective_at__gt=OuterRef(level.times[0]),
        effective_at__lte=OuterRef(clock),
    )
    rows = part.filter(outdated(level, column), differs(level, column))
    rows = rows.exclude(action=Action.PAST).filter(~Exists(logged))
    value = f"{level.found}__{column.field}" + ("__code" if isinstance(column.kind, Code) else "")
    known = f"{level.found}__{level.times[-1]}"
    places = getattr(column.kind, "places", 0)
    standing = []
    for key, stored, *times in rows.order_by("pk").values_list(subject, value, clock, known):
        # A slot holds a decimal as an integer, a column of its own as a Decimal.
        scaled = isinstance(column.kind, Money) and isinstance(stored, int)
        found = from_slot(column.kind.type, stored, places) if scaled else stored
        standing.append((key, to_text(column.kind.type, found, places), *times))
    upsert_rows(
        FactChange,
        standing,
        ["subject_id", "value", "effective_at", "known_at"],
        key=["metric", "subject_id", "effective_at", "known_at"],
        constants={"metric": column.metric},
    )
