"""What changed: the log of tracked facts, and the subjects that a targeted sweep takes up."""

from datetime import datetime

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, When

from sellers.bulk_write import Differs, insert_from_query, upsert_from_query
from sellers.models import ChangedSubject, FactChange, TrackedFact


def tracked_metrics() -> frozenset[str]:
    """The codes of the metrics whose changes are logged."""
    return frozenset(TrackedFact.objects.values_list("metric", flat=True))


def log_values(
    rows: models.QuerySet,
    *,
    metric: str,
    subject: str,
    value: models.F | models.Value,
    always: Q | None = None,
) -> int:
    """Log the values that a tracked metric took; returns how many were new to the log.

    Each row of `rows` says that the subject whose id stands in the column `subject` had the text
    `value` (the form of `sellers.metrics.slots.to_text`; null: unknown) from `effective_at` on,
    known from `known_at` on; (subject, effective_at, known_at) must be unique among the rows. A
    value that repeats the one in effect before it adds nothing, unless the row matches `always`:
    say so of rows that follow each other within `rows`. A few thousand rows, in the caller's
    transaction.
    """
    before = FactChange.objects.filter(
        metric=metric, subject_id=OuterRef(subject), effective_at__lte=OuterRef("effective_at")
    ).order_by("-effective_at", "-known_at")
    last = Subquery(before.values("value")[:1])
    news = Q(Differs(value, F("last_logged")))
    if always is not None:
        news |= always
    rows = rows.annotate(last_logged=last).filter(news)
    written = upsert_from_query(
        rows.values_list(subject, value, "effective_at", "known_at"),
        FactChange,
        ["subject_id", "value", "effective_at", "known_at"],
        key=["metric", "subject_id", "effective_at", "known_at"],
        constants={"metric": metric},
    )
    return written.inserted + written.updated


def mark_changed(rows: models.QuerySet, *, subject_kind: str, subject: str, at: datetime) -> int:
    """Mark the sellers or items whose ids stand in the column `subject` of `rows` as changed at
    `at`, so that "at once" a targeted sweep takes them up; returns how many.

    Call it in the transaction that changes them. A mark that is there already is touched: a sweep
    that is taking it up at this moment ends first, and the subject is marked anew.
    """
    subjects = rows.filter(**{f"{subject}__isnull": False}).order_by(subject).distinct()
    return insert_from_query(
        subjects.values_list(subject),
        ChangedSubject,
        ["subject_id"],
        {"subject_kind": subject_kind, "changed_at": at},
        touched=["subject_kind", "subject_id"],
        at_once=True,
    )


def later_of(first: str, second: str) -> Case:
    """The later of two instants by column name; a null one does not count."""
    return Case(
        When(Q(**{f"{first}__gt": F(second)}), then=F(first)),
        When(Q(**{f"{second}__isnull": True}), then=F(first)),
        default=F(second),
    )
