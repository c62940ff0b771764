"""The series that are kept of items and sellers, and the spans of them that a rollup works out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache

from django.db import models
from django.db.models import BigIntegerField, F, FilteredRelation, Q, Sum, Value
from django.db.models.functions import Coalesce

from sellers.bulk_write import copy_rows, settle_temporary, temporary_model
from sellers.localtime import local_date, local_midnight
from sellers.models import (
    FedItemDay,
    FedSellerDay,
    FedSellerHour,
    Item,
    ItemDay,
    ItemHour,
    Seller,
    SellerDay,
    SellerHour,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Series:
    """One series that is kept: whose, over which spans, and the model of what is fed of these.

    An item's hours have no such model: what is fed of them stands in their own rows.
    """

    model: type[models.Model]
    subject: str
    subjects: type[models.Model]
    time: str
    fed: type[models.Model] | None = None

    @property
    def owner(self) -> str:
        """The path from a row, or from a mark of its kind, to the seller."""
        return "item__seller" if self.subject == "item" else "seller"


ITEM_HOURS = Series(ItemHour, "item", Item, "hour")
ITEM_DAYS = Series(ItemDay, "item", Item, "day", FedItemDay)
SELLER_HOURS = Series(SellerHour, "seller", Seller, "hour", FedSellerHour)
SELLER_DAYS = Series(SellerDay, "seller", Seller, "day", FedSellerDay)
# A seller's days come last: they may be added up from any of the others.
SERIES = (ITEM_HOURS, ITEM_DAYS, SELLER_HOURS, SELLER_DAYS)


@dataclass(frozen=True)
class Mark:
    """One hour or day whose sums may have changed: its mark's key, subject, seller and label."""

    pk: int
    subject: int
    seller: int
    label: datetime | date


# Marks by the series whose rows they name.
Marks = dict[Series, list[Mark]]


@contextmanager
def spans(series: Series, marks: Marks) -> Iterator[type[models.Model]]:
    """A temporary model with the spans of time of a series that the marks touch.

    Its rows are (subject, label, starts_at, ends_at); those of item hours have the marks' ids.
    """
    subject = models.ForeignKey(
        series.subjects, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    label = models.DateTimeField() if series.time == "hour" else models.DateField()
    bounds = {"starts_at": models.DateTimeField(), "ends_at": models.DateTimeField()}
    with temporary_model({"subject": subject, "label": label, **bounds}) as model:
        rows = _rows(series, marks)
        copy_rows(model, rows, ["id", "subject", "label", *bounds], temporary=True)
        settle_temporary(model)
        yield model


def _rows(series, marks):
    if series is ITEM_HOURS:
        return [
            (mark.pk, mark.subject, mark.label, mark.label, mark.label + HOUR)
            for mark in marks[ITEM_HOURS]
        ]
    found = {}
    days_of = cache(_days)
    for marked, rows in marks.items():
        if not _reaches(marked, series):
            continue
        for mark in rows:
            subject = mark.subject if marked.subject == series.subject else mark.seller
            for span in days_of(mark.label) if series.time == "day" else [_hour(mark.label)]:
                found[subject, span[0]] = span
    return [
        (number, subject, *span)
        for number, ((subject, _label), span) in enumerate(sorted(found.items()), 1)
    ]


def _reaches(marked, series):
    """Whether rows of one series are among what the other is added up from, or are its own."""
    upwards = marked.subject in ("item", series.subject)
    return upwards and marked.time in ("hour", series.time)


def _hour(hour):
    return hour, hour, hour + HOUR


def _days(label: datetime | date) -> list[tuple[date, datetime, datetime]]:
    """A day; or the local days in which an hour of UTC lies: two where a zone is off by part of
    an hour."""
    days = {label}
    if isinstance(label, datetime):
        days = {local_date(label), local_date(label + HOUR - timedelta.resolution)}
    return [(day, local_midnight(day), local_midnight(day + DAY)) for day in sorted(days)]


def joined(rows: models.QuerySet, path: str, time: str) -> models.QuerySet:
    """Spans with what `path` leads to within them, as `row`, grouped by subject and label.

    `time` is an instant's field, or `day`.
    """
    if time == "day":
        within = Q(**{f"{path}__day": F("label")})
    else:
        within = Q(**{f"{path}__{time}__gte": F("starts_at"), f"{path}__{time}__lt": F("ends_at")})
    rows = rows.annotate(row=FilteredRelation(path, condition=within))
    return rows.values("subject", "label")


def kept(series: Series, model: type[models.Model]) -> models.QuerySet:
    """The spans with their rows of the series, as `row`."""
    path = f"subject__{series.time}s"
    same = Q(**{f"{path}__{series.time}": F("label")})
    return model.objects.annotate(row=FilteredRelation(path, condition=same))


def total(field: str, condition: Q | None = None) -> Coalesce:
    """The sum of a field of the joined rows, as the database holds it; 0 of nothing."""
    return Coalesce(
        Sum(f"row__{field}", filter=condition), Value(0), output_field=BigIntegerField()
    )
