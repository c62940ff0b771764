"""From order lines to what items and sellers sold by hour (of UTC) and by local day.

The feeds mark the hours of items whose sums may have changed (DirtyHour); only these are worked
out again, from the lines themselves, so that a line that moved, was refunded or turned out abnormal
counts as it stands now. Repeatable; killed at any moment, what was not finished is still marked.
"""

from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.db.models import (
    BigIntegerField,
    Count,
    F,
    FilteredRelation,
    Q,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, NullIf

from sellers.bulk_write import (
    CHUNK,
    HourOf,
    copy_rows,
    insert_from_query,
    settle_temporary,
    short_transaction,
    temporary_model,
    upsert_from_query,
)
from sellers.localtime import local_date, local_midnight
from sellers.models import (
    DirtyHour,
    Item,
    ItemDay,
    ItemHour,
    Seller,
    SellerDay,
    SellerHour,
)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class _Series:
    """One series that is kept: whose, and over which spans."""

    model: type[models.Model]
    subject: str
    subjects: type[models.Model]
    time: str


ITEM_HOURS = _Series(ItemHour, "item", Item, "hour")
SERIES = (
    ITEM_HOURS,
    _Series(ItemDay, "item", Item, "day"),
    _Series(SellerHour, "seller", Seller, "hour"),
    _Series(SellerDay, "seller", Seller, "day"),
)


def mark_hours(lines: models.QuerySet) -> int:
    """Mark the hours in which these order lines count; returns how many.

    Call it in the transaction that changes them, before and after. A mark that is there is touched,
    so that a rollup that is taking it up at this moment ends first and the hour is marked anew.
    """
    paid = lines.filter(paid_at__isnull=False).annotate(paid_hour=HourOf(F("paid_at")))
    hours = paid.order_by("item_id", "paid_hour").values_list("item_id", "paid_hour").distinct()
    return insert_from_query(
        hours, DirtyHour, ["item", "hour"], touched=["item", "hour"], at_once=True
    )


def roll_up(*, progress: Callable[[int, int], None] | None = None) -> int:
    """Work out every marked hour again, and its day, of items and their sellers; returns how many
    hours there were.

    `progress` is called with the number of hours done and of all. Not to be called within
    `atomic()`: a few thousand hours of some sellers are one transaction. Several may run at a time.
    """
    marked = DirtyHour.objects.order_by("item__seller").values_list("item__seller")
    marked = list(marked.annotate(hours=Count("pk")))
    total, done = sum(hours for _seller, hours in marked), 0
    for first, last in _chunks(marked):
        with short_transaction():
            done += _roll_up_sellers(first, last)
        if progress is not None:
            progress(done, total)
    return done


def _chunks(marked):
    """Ranges of seller ids, each with about CHUNK marked hours. All of a seller's are in one, so
    that its own sums are worked out once."""
    first, hours = None, 0
    for seller, count in marked:
        first = seller if first is None else first
        hours += count
        if hours >= CHUNK:
            yield first, seller
            first, hours = None, 0
    if first is not None:
        yield first, marked[-1][0]


def _roll_up_sellers(first, last):
    marks = DirtyHour.objects.filter(item__seller__gte=first, item__seller__lte=last)
    # Two rollups at a time would write one seller's day from two states of its orders.
    sellers = Seller.objects.filter(pk__in=marks.values("item__seller")).order_by("pk")
    list(sellers.select_for_update(no_key=True).values_list("pk"))
    marks = marks.order_by("item", "hour").select_for_update(of=["self"])
    marked = list(marks.values_list("pk", "item_id", "item__seller_id", "hour"))
    with ExitStack() as stack:
        spans = [(series, stack.enter_context(_spans(series, marked))) for series in SERIES]
        for series, model in spans:
            _write_sums(series, model)
        if any(_have_carts(series, model) for series, model in spans):
            for series, model in spans:
                if series is not ITEM_HOURS:  # these are fed as they are
                    _write_carts(series, model)
        for series, model in spans:
            _drop_empty(series, model)
        (_series, hours), *_rest = spans
        DirtyHour.objects.filter(pk__in=hours.objects.values("pk")).delete()
    return len(marked)


@contextmanager
def _spans(series, marked):
    """A temporary model with the spans of time of a series that the marked hours touch.

    Its rows are (subject, label, starts_at, ends_at); those of item hours have the marks' ids.
    """
    subject = models.ForeignKey(
        series.subjects, models.DO_NOTHING, related_name="+", db_constraint=False
    )
    label = models.DateTimeField() if series.time == "hour" else models.DateField()
    bounds = {"starts_at": models.DateTimeField(), "ends_at": models.DateTimeField()}
    with temporary_model({"subject": subject, "label": label, **bounds}) as model:
        rows = _span_rows(series, marked)
        copy_rows(model, rows, ["id", "subject", "label", *bounds], temporary=True)
        settle_temporary(model)
        yield model


def _span_rows(series, marked):
    if series is ITEM_HOURS:
        return [(pk, item, hour, hour, hour + HOUR) for pk, item, _seller, hour in marked]
    place = 1 if series.subject == "item" else 2
    spans, found = {}, {}
    for mark in marked:
        hour = mark[3]
        if hour not in spans:
            spans[hour] = _days(hour) if series.time == "day" else [(hour, hour, hour + HOUR)]
        for span in spans[hour]:
            found[mark[place], span[0]] = span
    return [
        (number, subject, *span)
        for number, ((subject, _label), span) in enumerate(sorted(found.items()), 1)
    ]


def _days(hour):
    """The local days in which an hour of UTC lies: two where a zone is off by part of an hour."""
    days = sorted({local_date(hour), local_date(hour + HOUR - timedelta.resolution)})
    return [(day, local_midnight(day), local_midnight(day + DAY)) for day in days]


def _joined(model, path, time):
    """The spans with what `path` leads to within them, as `row`."""
    within = Q(**{f"{path}__{time}__gte": F("starts_at"), f"{path}__{time}__lt": F("ends_at")})
    spans = model.objects.annotate(row=FilteredRelation(path, condition=within))
    return spans.values("subject", "label")


def _write_sums(series, model):
    abnormal, clean = Q(row__abnormal=True), Q(row__abnormal=False)
    sums = {
        "quantity": _sum("quantity"),
        "orders": Count("row__order", distinct=True),
        "buyers": Count(NullIf("row__order__buyer", Value("")), distinct=True),
        "paid_amount": _sum("paid_amount"),
        "abnormal_quantity": _sum("quantity", abnormal),
        "abnormal_amount": _sum("paid_amount", abnormal),
        "refunded_amount": _sum("refunded_amount", clean),
    }
    rows = _joined(model, "subject__order_lines", "paid_at").annotate(**sums)
    upsert_from_query(
        rows.values_list("subject", "label", *sums),
        series.model,
        [series.subject, series.time, *sums],
        key=[series.subject, series.time],
    )


def _sum(field, condition=None):
    return Coalesce(
        Sum(f"row__{field}", filter=condition), Value(0), output_field=BigIntegerField()
    )


def _have_carts(series, model):
    return _kept(series, model).filter(row__cart_amount__gt=0).exists()


def _write_carts(series, model):
    path = "subject__hours" if series.subject == "item" else "subject__items__hours"
    rows = _joined(model, path, "hour").annotate(cart=_sum("cart_amount"))
    upsert_from_query(
        rows.values_list("subject", "label", "cart"),
        series.model,
        [series.subject, series.time, "cart_amount"],
        key=[series.subject, series.time],
    )


def _drop_empty(series, model):
    """Delete rows that say nothing: a day without sales has no row, so that the least of its days
    is one with sales."""
    empty = _kept(series, model).filter(row__orders=0, row__cart_amount=0)
    series.model.objects.filter(pk__in=empty.values("row__id")).delete()


def _kept(series, model):
    """The spans with their rows of the series, as `row`."""
    path = f"subject__{series.time}s"
    same = Q(**{f"{path}__{series.time}": F("label")})
    return model.objects.annotate(row=FilteredRelation(path, condition=same))
