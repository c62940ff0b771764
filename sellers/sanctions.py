"""Bars that follow from violations (D12-147).

A verified violation of a category with a ``SanctionPolicy`` bars its seller from the penalty until
00:00 of the same local date so many months later; where that month is shorter, of its last day.
"""

from calendar import monthrange
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet

from sellers.changes import mark_changed
from sellers.localtime import local_date, local_midnight
from sellers.models import Sanction, SanctionPolicy, SubjectKind, Violation

CHUNK = 2_000


def apply(*, at: datetime) -> int:
    """Bring the bars in line with the violations known; returns how many began, changed or ended.

    A violation leads to one bar, once. One that is not verified any more ends its bar at ``at``;
    one that is verified again, or was penalised at another time, has its bar as it should be. What
    an operator ended stays ended. Repeating it changes nothing; it may break off anywhere. Sellers
    whose bars changed are marked for a re-check.
    """
    months = dict(SanctionPolicy.objects.values_list("category", "months"))
    done = _end(at)
    if months:
        done += _mend(months, at)
        done += _begin(months, at)
    return done


def end_early(chosen: QuerySet, *, at: datetime, actor) -> list[Sanction]:
    """End bars by hand; returns those that were in force or to come."""
    standing = chosen.filter(ended_at__isnull=True).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    )
    with transaction.atomic():
        rows = list(standing.order_by("pk"))
        ended = Sanction.objects.filter(pk__in=[row.pk for row in rows], ended_at__isnull=True)
        _mark(ended, at)
        ended.update(ends_at=at, ended_at=at, ended_by=actor)
    return rows


def ends(starts_at: datetime, months: int) -> datetime:
    """The first instant after a bar of so many months that begins then."""
    return local_midnight(months_later(local_date(starts_at), months))


def months_later(day: date, months: int) -> date:
    """The same day so many months later: 31 January and one month is the last day of February."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _begin(months, at):
    """Bar the sellers whose violations have led to no bar yet."""
    new = Violation.objects.filter(
        category__in=months, verified=True, known_at__lte=at, sanction__isnull=True
    )
    done = 0
    while rows := list(new.order_by("pk")[:CHUNK]):
        with transaction.atomic():
            Sanction.objects.bulk_create(
                (
                    Sanction(
                        seller_id=row.seller_id,
                        starts_at=row.penalised_at,
                        ends_at=ends(row.penalised_at, months[row.category]),
                        violation=row,
                    )
                    for row in rows
                ),
                # Somebody else does the same.
                ignore_conflicts=True,
            )
            done += len(rows)
            _mark(Sanction.objects.filter(violation__in=rows), at)
    return done


def _end(at):
    """End the bars whose violation is not verified any more."""
    lapsed = Sanction.objects.filter(violation__verified=False, ended_at__isnull=True)
    lapsed = lapsed.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at))
    done = 0
    while ids := list(lapsed.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            rows = Sanction.objects.filter(pk__in=ids)
            _mark(rows, at)
            done += rows.update(ends_at=at, ended_at=at, lapsed=True)
    return done


def _mend(months, at):
    """Bars of violations that are verified again, or were penalised at another time."""
    wrong = Sanction.objects.filter(
        Q(lapsed=True) | Q(~Q(starts_at=F("violation__penalised_at")), ended_at__isnull=True),
        violation__verified=True,
        violation__category__in=months,
    ).select_related("violation")
    done = 0
    while rows := list(wrong.order_by("pk")[:CHUNK]):
        for row in rows:
            row.starts_at = row.violation.penalised_at
            row.ends_at = ends(row.starts_at, months[row.violation.category])
            row.ended_at, row.lapsed = None, False
        with transaction.atomic():
            done += Sanction.objects.bulk_update(
                rows, ["starts_at", "ends_at", "ended_at", "lapsed"], batch_size=500
            )
            _mark(Sanction.objects.filter(pk__in=[row.pk for row in rows]), at)
    return done


def _mark(sanctions, at):
    mark_changed(sanctions, subject_kind=SubjectKind.SELLER, subject="seller_id", at=at)
