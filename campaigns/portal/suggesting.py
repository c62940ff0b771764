"""The highest campaign price that passes, read off the requirements' own thresholds."""

from collections.abc import Iterable
from decimal import ROUND_DOWN, Decimal, InvalidOperation

from django.http import HttpRequest

from campaigns.eligibility.conditions import MetricValue
from campaigns.eligibility.grounds import FindingDraft, GroundDraft
from campaigns.models import Registration, Venue
from campaigns.portal.worksheet import CENT, Worksheet
from campaigns.previewing import FilingRow, preview_entries
from sellers.models import Item, ListPrice

PRICE = "entry.activity_price"


def prefill(
    request: HttpRequest, registration: Registration, venue: Venue, sheet: Worksheet
) -> None:
    """Note the highest price that passes with every row that has none yet, and fill it in where
    no price was typed. The rows are tried at their list prices; nothing is filed."""
    new = [pk for pk, row in sheet.rows.items() if not row.highest]
    items = [item for pk, item in Item.objects.in_bulk(new).items() if item.list_price is not None]
    if not items:
        return
    tried = preview_entries(
        campaign=registration.campaign,
        seller=request.acting.seller,
        venue=venue,
        rows=[
            FilingRow(item.code, item.list_price, sheet.rows[item.pk].source or None)
            for item in items
        ],
        at=request.at,
    )
    for item, result in zip(items, tried, strict=True):
        row = sheet.rows[item.pk]
        highest = min([item.list_price, *bounds(result.requirements)])
        row.highest = str(highest) if highest > 0 else ""
        row.price = row.price or row.highest


def bounds(requirements: Iterable[FindingDraft]) -> list[Decimal]:
    """The prices that requirements on the campaign price do not let it exceed."""
    found = []
    for draft in requirements:
        for ground in draft.grounds:
            # A comparison that fails in a requirement that passes does not bind.
            if draft.outcome == "pass" and ground.result is False:
                continue
            bound = _bound(ground)
            if bound is not None:
                found.append(bound)
    return found


def list_prices_at(highest: dict[int, Decimal]) -> dict[int, ListPrice]:
    """Item id to the latest list price that is equal to the given one: since when it holds."""
    rows = ListPrice.objects.filter(
        item__in=list(highest), price__in=set(highest.values()), struck=False
    ).order_by("starts_at")
    return {row.item_id: row for row in rows if row.price == highest[row.item_id]}


def _bound(ground: GroundDraft) -> Decimal | None:
    leaf = ground.comparison
    if leaf.path.startswith(("applies_when", "sample")) or ".not" in leaf.path:
        return None
    if leaf.metric.code == PRICE and leaf.op in ("<=", "<", "=="):
        return _lowered(_number(ground.threshold), strict=leaf.op == "<")
    value = leaf.value
    if isinstance(value, MetricValue) and value.metric.code == PRICE and leaf.op in (">=", ">"):
        measured = _number(ground.measured)
        times = _number(value.times)
        if measured is not None and times:
            return _lowered(measured / times, strict=leaf.op == ">")
    return None


def _lowered(bound: Decimal | None, *, strict: bool) -> Decimal | None:
    """The largest price in cents at or, if strict, below the bound."""
    if bound is None:
        return None
    cents = bound.quantize(CENT, rounding=ROUND_DOWN)
    return cents - CENT if strict and cents == bound else cents


def _number(text: str | None) -> Decimal | None:
    try:
        return None if text is None else Decimal(text)
    except InvalidOperation:
        return None
