"""Prices over time: where one ends as the next begins, and which list price is in force.

A list price is in force from its start until its end; a struck-through price never is (G520-032).
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import models
from django.db.models import Case, DateTimeField, F, Max, Min, OuterRef, Q, Subquery, When
from django.db.models.functions import Coalesce

from sellers.bulk_write import (
    CHUNK,
    Differs,
    short_transaction,
    update_from_query,
    upsert_rows,
)
from sellers.changes import later_of, mark_changed, tracked_metrics
from sellers.metrics.slots import to_text
from sellers.models import FactChange, FeedRun, Item, ListPrice, SubjectKind

METRIC = "item.list_price"
# The kinds of runs that say up to when list prices have been brought into force.
FED, DUE = "list_prices", "prices_due"


def close_spans(model: type[models.Model], items: models.QuerySet, *, by: Sequence[str]) -> int:
    """Let each price of `items` end where the next begins, if not before; returns how many moved.

    `model` is ListPrice or ParallelPrice, `items` selects item ids, and `by` names the fields that
    prices of one row of time share. A price whose stated end is its start was called off: it is
    never in force, and ends none before it. To be called in the transaction that writes prices, for
    a few thousand items.
    """
    later = model.objects.filter(
        starts_at__gt=OuterRef("starts_at"), **{name: OuterRef(name) for name in by}
    ).exclude(stated_ends_at=F("starts_at"))
    following = later.order_by("starts_at").values("starts_at")[:1]
    spans = model.objects.filter(item__in=items).annotate(
        following=Subquery(following), end=_earlier_of("following", "stated_ends_at")
    )
    moved = spans.filter(Differs(F("end"), F("ends_at")))
    return update_from_query(moved.values_list("pk", "end"), model, ["ends_at"])


def apply_due(at: datetime) -> int:
    """Bring into force the list prices that have begun or ended by `at`; returns how many items
    have another list price now.

    Repeatable; looks only at what has come due since it last ran. An `at` before that changes
    nothing.
    """
    mark = FeedRun.objects.filter(kind=DUE).order_by("-at").first()
    if mark is None:
        mark = FeedRun(kind=DUE, file_name="", state=FeedRun.State.DONE)
        due = ListPrice.objects.filter(starts_at__lte=at)
    elif mark.at >= at:
        return 0
    else:
        span = {"gt": mark.at, "lte": at}
        begun = Q(**{f"starts_at__{bound}": value for bound, value in span.items()})
        ended = Q(**{f"ends_at__{bound}": value for bound, value in span.items()})
        due = ListPrice.objects.filter(begun | ended)
    ids = due.filter(struck=False).order_by("item_id").values_list("item_id", flat=True).distinct()
    ends = ids.aggregate(first=Min("item_id"), last=Max("item_id"))
    changed = 0
    if ends["first"] is not None:
        found = list(ids)
        for start in range(0, len(found), CHUNK):
            first, last = found[start], found[min(start + CHUNK, len(found)) - 1]
            with short_transaction():
                items = due.filter(struck=False, item__gte=first, item__lte=last).values("item_id")
                changed += bring_into_force(items, at=at)
    mark.at, mark.updated = at, changed
    mark.save()
    return changed


def in_force_at(at: datetime) -> datetime:
    """The time as of which `Item.list_price` holds: `at`, or later where that was done already."""
    done = FeedRun.objects.filter(kind__in=[FED, DUE], state=FeedRun.State.DONE)
    return max(at, done.aggregate(last=Max("at"))["last"] or at)


def bring_into_force(items: models.QuerySet, *, at: datetime) -> int:
    """Set the list price of `items` to the one in force at `at`; returns how many changed.

    `items` selects item ids. An item without a price in force has none (unknown). The change is
    logged where list prices are tracked, in effect from the price's start, or from the end of the
    one before. In the caller's transaction, for a few thousand items.
    """
    prices = ListPrice.objects.filter(item=OuterRef("pk"), struck=False, starts_at__lte=at)
    current = prices.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at)).order_by("-starts_at")
    ended = prices.filter(ends_at__lte=at).order_by("-ends_at")
    moved = Item.objects.filter(pk__in=items).annotate(
        now=Subquery(current.values("price")[:1]),
        since=Coalesce(
            Subquery(current.values("starts_at")[:1]),
            Subquery(ended.values("ends_at")[:1]),
            models.Value(at, output_field=DateTimeField()),
        ),
        heard_at=Coalesce(
            Subquery(current.values("known_at")[:1]), Subquery(ended.values("known_at")[:1])
        ),
    )
    moved = moved.filter(Differs(F("now"), F("list_price")))
    if METRIC in tracked_metrics():
        _log(moved)
    mark_changed(moved, subject_kind=SubjectKind.ITEM, subject="pk", at=at)
    return update_from_query(
        moved.values_list("pk", "now", later_of("known_at", "heard_at")),
        Item,
        ["list_price", "known_at"],
    )


def _log(moved):
    changes = moved.order_by("pk").values_list("pk", "now", "since", "heard_at")
    upsert_rows(
        FactChange,
        [
            (pk, to_text("decimal", price, 2), since, heard_at or since)
            for pk, price, since, heard_at in changes
        ],
        ["subject_id", "value", "effective_at", "known_at"],
        key=["metric", "subject_id", "effective_at", "known_at"],
        constants={"metric": METRIC},
    )


def _earlier_of(first, second):
    return Case(
        When(Q(**{f"{first}__lt": F(second)}), then=F(first)),
        When(Q(**{f"{second}__isnull": True}), then=F(first)),
        default=F(second),
    )
