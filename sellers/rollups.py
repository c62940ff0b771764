"""From order lines to what items and sellers sold by hour (of UTC) and by local day.

The feeds mark the hours of items whose sums may have changed (DirtyHour), and what they brought of
sellers and days (FedFigures.pending); only these are worked out again, from the lines themselves,
so that a line that moved, was refunded or turned out abnormal counts as it stands now. Repeatable;
killed at any moment, what was not finished is still marked.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack

from django.db import models
from django.db.models import Count, F, Q, Value
from django.db.models.functions import NullIf

from sellers import figures
from sellers.bulk_write import (
    CHUNK,
    HourOf,
    insert_from_query,
    short_transaction,
    upsert_from_query,
)
from sellers.models import FED_FIGURES, DirtyHour, Seller
from sellers.series import ITEM_HOURS, SERIES, Mark, joined, kept, spans, total


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
    """Work out every marked hour and day again, and what they are part of, of items and their
    sellers; returns how many were marked.

    `progress` is called with the number of these done and of all. Not to be called within
    `atomic()`: a few thousand of some sellers are one transaction. Several may run at a time.
    """
    marked = _marked()
    whole, done = sum(marked.values()), 0
    for first, last in _chunks(sorted(marked.items())):
        with short_transaction():
            done += _roll_up_sellers(first, last)
        if progress is not None:
            progress(done, whole)
    return done


def _marked():
    """How many hours and days are marked, by seller."""
    rows = [(DirtyHour.objects.all(), ITEM_HOURS)]
    rows += [(figures.pending(series), series) for series in figures.FED_SERIES]
    marked = Counter()
    for found, series in rows:
        counted = found.order_by(series.owner).values_list(series.owner)
        marked.update(dict(counted.annotate(marks=Count("pk"))))
    return marked


def _chunks(marked):
    """Ranges of seller ids, each with about CHUNK marks. All of a seller's are in one, so that its
    own sums are worked out once."""
    first, marks = None, 0
    for seller, count in marked:
        first = seller if first is None else first
        marks += count
        if marks >= CHUNK:
            yield first, seller
            first, marks = None, 0
    if first is not None:
        yield first, marked[-1][0]


def _roll_up_sellers(first, last):
    _lock_sellers(first, last)
    dirty = DirtyHour.objects.filter(item__seller__gte=first, item__seller__lte=last)
    dirty = dirty.order_by("item", "hour").select_for_update(of=["self"])
    hours = dirty.values_list("pk", "item_id", "item__seller_id", "hour")
    marks = {ITEM_HOURS: [Mark(*row) for row in hours], **figures.take_up(first, last)}
    with ExitStack() as stack:
        found = [(series, stack.enter_context(spans(series, marks))) for series in SERIES]
        for series, model in found:
            _write_sums(series, model)
        figures.write_figures(found, marks)
        for series, model in found:
            _drop_empty(series, model)
        (_series, hours), *_rest = found
        DirtyHour.objects.filter(pk__in=hours.objects.values("pk")).delete()
        figures.settle(marks)
    return sum(map(len, marks.values()))


def _lock_sellers(first, last):
    """Two rollups at a time would write one seller's day from two states of its orders."""
    marked = DirtyHour.objects.filter(item__seller__gte=first, item__seller__lte=last)
    wanted = Q(pk__in=marked.values("item__seller"))
    for series in figures.FED_SERIES:
        wanted |= Q(pk__in=figures.pending(series).values(series.owner))
    sellers = Seller.objects.filter(wanted, pk__gte=first, pk__lte=last).order_by("pk")
    list(sellers.select_for_update(no_key=True).values_list("pk"))


def _write_sums(series, model):
    abnormal, clean = Q(row__abnormal=True), Q(row__abnormal=False)
    sums = {
        "quantity": total("quantity"),
        "orders": Count("row__order", distinct=True),
        "buyers": Count(NullIf("row__order__buyer", Value("")), distinct=True),
        "paid_amount": total("paid_amount"),
        "abnormal_quantity": total("quantity", abnormal),
        "abnormal_amount": total("paid_amount", abnormal),
        "refunded_amount": total("refunded_amount", clean),
    }
    rows = joined(model.objects.all(), "subject__order_lines", "paid_at").annotate(**sums)
    upsert_from_query(
        rows.values_list("subject", "label", *sums),
        series.model,
        [series.subject, series.time, *sums],
        key=[series.subject, series.time],
    )


def _drop_empty(series, model):
    """Delete rows that say nothing: a day without sales has no row, so that the least of its days
    is one with sales."""
    nothing = {f"row__{name}": 0 for name in ("orders", *FED_FIGURES)}
    empty = kept(series, model).filter(**nothing)
    series.model.objects.filter(pk__in=empty.values("row__id")).delete()
