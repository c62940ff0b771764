"""From fed figures (carts, presale, red packets) to the hours and days of items and sellers.

What is fed of an hour or day itself stands. Where nothing is, a day is the sum of its hours, and a
seller's figure that of its items; a seller's day goes by the seller's own hours where any were fed.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import reduce
from operator import or_

from django.db import models
from django.db.models import Exists, F, FilteredRelation, OuterRef, Q
from django.db.models.functions import Coalesce

from sellers.bulk_write import copy_rows, temporary_model, upsert_from_query
from sellers.models import FED_FIGURES, FedSellerHour
from sellers.series import (
    ITEM_HOURS,
    SELLER_DAYS,
    SERIES,
    Mark,
    Marks,
    Series,
    joined,
    kept,
    total,
)

FED_SERIES = tuple(series for series in SERIES if series.fed is not None)
# From whose rows, and over which of their times, a series is added up.
_PARTS = {
    "ItemDay": ("subject__hours", "hour"),
    "SellerHour": ("subject__items__hours", "hour"),
    "SellerDay": ("subject__items__days", "day"),
}


def pending(series: Series) -> models.QuerySet:
    """What was fed of a series and is not in it yet."""
    return series.fed.objects.filter(pending=True)


def take_up(first: int, last: int) -> Marks:
    """Marks of what is pending of the sellers with these ids, locked until the transaction ends."""
    return {series: _taken(series, first, last) for series in FED_SERIES}


def _taken(series, first, last):
    rows = pending(series).filter(**{f"{series.owner}__gte": first, f"{series.owner}__lte": last})
    rows = rows.order_by(series.subject, series.time).select_for_update(of=["self"])
    names = ("pk", f"{series.subject}_id", f"{series.owner}_id", series.time)
    return [Mark(*row) for row in rows.values_list(*names)]


def write_figures(spans: Sequence[tuple[Series, type[models.Model]]], marks: Marks) -> None:
    """Write the fed figures of the spans, in the order of SERIES, where there are any."""
    fed = any(marks[series] for series in FED_SERIES)
    if not fed and not any(_have_figures(series, model) for series, model in spans):
        return
    for series, model in spans:
        if series is ITEM_HOURS:  # these are fed as they are
            continue
        _add_up(series, model)
        if series is SELLER_DAYS:
            _add_up_own_hours(model)
        _write_fed(series, model)


def settle(marks: Marks) -> None:
    """Note that the marks taken up are in their series."""
    with ExitStack() as stack:
        for series in FED_SERIES:
            if not marks[series]:
                continue
            model = stack.enter_context(temporary_model({}))
            copy_rows(model, [(mark.pk,) for mark in marks[series]], ["id"], temporary=True)
            done = series.fed.objects.filter(pk__in=model.objects.values("pk"))
            done.update(pending=False)


def _have_figures(series, model):
    some = reduce(or_, (Q(**{f"row__{name}__gt": 0}) for name in FED_FIGURES))
    return kept(series, model).filter(some).exists()


def _add_up(series, model):
    path, time = _PARTS[series.model.__name__]
    _write_sums(series, joined(model.objects.all(), path, time), FED_FIGURES)


def _add_up_own_hours(model):
    """Sellers' days of figures that were fed for the seller by the hour."""
    hours = FedSellerHour.objects.filter(
        seller=OuterRef("subject"), hour__gte=OuterRef("starts_at"), hour__lt=OuterRef("ends_at")
    )
    if not model.objects.filter(Exists(hours)).exists():
        return
    for name in FED_FIGURES:
        fed = model.objects.filter(Exists(hours.filter(**{f"{name}__isnull": False})))
        _write_sums(SELLER_DAYS, joined(fed, "subject__hours", "hour"), [name])


def _write_fed(series, model):
    """What was fed of the spans themselves, over what their parts come to."""
    path = f"subject__fed_{series.time}s"
    same = Q(**{f"{path}__{series.time}": F("label")})
    rows = kept(series, model).annotate(fed=FilteredRelation(path, condition=same))
    rows = rows.filter(fed__id__isnull=False)
    if not rows.exists():
        return
    found = {f"new_{name}": Coalesce(f"fed__{name}", f"row__{name}") for name in FED_FIGURES}
    rows = rows.annotate(**found).values_list("subject", "label", *found)
    _write(series, rows, FED_FIGURES)


def _write_sums(series, rows, names):
    sums = {name: total(name) for name in names}
    _write(series, rows.annotate(**sums).values_list("subject", "label", *sums), names)


def _write(series, rows, names):
    """`rows` have a subject, a label and the figures, in this order."""
    key = [series.subject, series.time]
    upsert_from_query(rows, series.model, [*key, *names], key=key)
