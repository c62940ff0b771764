"""Rows of a filing as draft entries: how they are read, stored, and cleared away when they expire.

A draft is seen by nobody and holds nothing. Admission evaluates it; filing moves it on, preview
deletes it, and what a killed process left behind expires.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from campaigns.evidence import save_refusals
from campaigns.lifecycle import LARGEST_BATCH
from campaigns.models import (
    Entry,
    EntryTool,
    Filing,
    Finding,
    Registration,
    RulebookVersion,
    Venue,
)
from campaigns.timeline import Refusal
from sellers.bulk_write import copy_rows, delete_in_chunks
from sellers.models import Item

LARGEST_FILING = LARGEST_BATCH
DRAFTS_LAST = timedelta(days=1)

_LONGEST_KEY = Filing._meta.get_field("key").max_length
_LONGEST_TOOL = EntryTool._meta.get_field("code").max_length
_LARGEST_QUANTITY = 2**31 - 1
_PRICE = Entry._meta.get_field("activity_price")
_COLUMNS = [
    "campaign",
    "venue",
    "registration",
    "seller",
    "version",
    "filing",
    "source",
    "expires_at",
    "line",
    "item",
    "activity_price",
    "list_source",
    "min_order_qty",
]


class UnreadableRequest(ValueError):
    """A filing that cannot be read at all; nothing of it is stored."""


@dataclass(frozen=True)
class FilingRow:
    """One item to file: its code, the campaign price, the list it is picked from, bound tools.

    ``price`` is a Decimal or its text. Without ``list_source`` an item is picked from the
    recommended list if it is on it, else from the stock list if it is on that.
    """

    item: str
    price: Decimal | str | None = None
    list_source: str | None = None
    tools: tuple[str, ...] = ()
    min_order_qty: int | None = None


def readable(
    registration: Registration, venue: Venue, rows: Sequence[FilingRow], key: str
) -> list[FilingRow]:
    """The rows as a list; raises UnreadableRequest where the request makes no sense as a whole."""
    rows = list(rows)
    if not rows:
        raise UnreadableRequest("no rows")
    if len(rows) > LARGEST_FILING:
        raise UnreadableRequest(f"{len(rows)} rows; at most {LARGEST_FILING} a filing")
    if not key or len(key) > _LONGEST_KEY:
        raise UnreadableRequest(f"a key of 1 to {_LONGEST_KEY} characters is needed")
    if venue.campaign_id != registration.campaign_id:
        raise UnreadableRequest("the venue is another campaign's")
    for line, row in enumerate(rows, 1):
        if not isinstance(row.item, str) or not row.item:
            raise UnreadableRequest(f"row {line}: no item code")
        if row.list_source and row.list_source not in Entry.ListSource.values:
            raise UnreadableRequest(f"row {line}: unknown list {row.list_source!r}")
        if any(not tool or len(tool) > _LONGEST_TOOL for tool in row.tools):
            raise UnreadableRequest(
                f"row {line}: a tool's code has 1 to {_LONGEST_TOOL} characters"
            )
    return rows


@transaction.atomic
def store(
    *,
    registration: Registration,
    venue: Venue,
    version: RulebookVersion,
    rows: Sequence[FilingRow],
    at: datetime,
    actor,
    key: str,
    source: str,
    lasts: timedelta = DRAFTS_LAST,
) -> Filing:
    """Write a filing's rows as drafts, with what is wrong with a row in itself; one transaction.

    A row whose item is not the seller's leaves only a finding. A source that nobody knows is kept
    as an import, which admission refuses. A filing of that key which exists is
    returned as it is; raises UnreadableRequest if it was for another venue.
    """
    filing, created = Filing.objects.get_or_create(
        registration=registration,
        key=key,
        defaults={"venue": venue, "actor": actor, "at": at},
    )
    if not created:
        if filing.venue_id != venue.pk:
            raise UnreadableRequest(f"the key {key!r} was used for another venue")
        return filing
    items = {
        item.code: item
        for item in Item.objects.filter(code__in={row.item for row in rows}).only(
            "code", "seller", "on_stock_list", "recommended"
        )
    }
    own, faults, drafts = {}, [], []
    common = (
        registration.campaign_id,
        venue.pk,
        registration.pk,
        registration.seller_id,
        version.pk,
        filing.pk,
        source if source in Entry.Source.values else Entry.Source.IMPORT,
        at + lasts,
    )
    for line, row in enumerate(rows, 1):
        item = items.get(row.item)
        if item is None or item.seller_id != registration.seller_id:
            code = "unknown_item" if item is None else "not_your_item"
            faults.append((None, Refusal(code, {"line": line, "item": row.item})))
            continue
        price, quantity, wrong = _values(row)
        if item.pk in own:
            wrong.append(Refusal("duplicate_row", {"line": own[item.pk]}))
        own.setdefault(item.pk, line)
        faults += [(line, refusal) for refusal in wrong]
        listed = row.list_source or _list_of(item)
        drafts.append((*common, line, item.pk, price, listed, quantity))
    copy_rows(Entry, drafts, _COLUMNS)
    ids = dict(Entry.objects.filter(filing=filing).values_list("line", "id"))
    copy_rows(EntryTool, _tools(rows, ids), ["entry", "code"])
    save_refusals(
        [
            ({"entry": ids[line]} if line else {"registration": registration.pk}, refusal)
            for line, refusal in faults
        ],
        version=version,
        at=at,
        filing=filing,
    )
    return filing


def drafts_of(filing: Filing) -> QuerySet[Entry]:
    """The filing's rows that are still drafts, in file order."""
    rows = Entry.objects.filter(filing=filing, status=Entry.Status.DRAFT)
    return rows.order_by("line")


def discard(filing: Filing) -> None:
    """Remove a filing that was only looked at, with its drafts and findings."""
    Entry.objects.filter(filing=filing, status=Entry.Status.DRAFT).delete()
    filing.delete()


def expire(at: datetime) -> int:
    """Remove the drafts that expired by the instant; returns how many entries went.

    With them go the filings that were never finished, so that their key can be used again, and
    registrations that were only asked about.
    """
    gone = Entry.objects.filter(status=Entry.Status.DRAFT, expires_at__lte=at)
    number = gone.count()
    delete_in_chunks(gone)
    entries = Entry.objects.filter(filing=OuterRef("pk"))
    unfinished = Filing.objects.filter(~Exists(entries), done=False, at__lte=at - DRAFTS_LAST)
    delete_in_chunks(unfinished)
    asked = Registration.objects.filter(
        ~Exists(Entry.objects.filter(registration=OuterRef("pk"))),
        ~Exists(Finding.objects.filter(registration=OuterRef("pk"))),
        status=Registration.Status.DRAFT,
        expires_at__lte=at,
    )
    delete_in_chunks(asked)
    return number


def _values(row):
    """(price, minimum quantity, refusals): values that a column cannot hold are refused."""
    price, quantity, wrong = row.price, row.min_order_qty, []
    try:
        price = None if price in (None, "") else _PRICE.to_python(price)
        if price is not None and (price < 0 or _PRICE.scale(price) is None):
            raise ValidationError("below 0")
    except ValidationError:
        wrong.append(Refusal("price_unreadable", {"given": str(row.price)[:80]}))
        price = None
    if quantity is not None and not (
        isinstance(quantity, int) and 0 <= quantity <= _LARGEST_QUANTITY
    ):
        wrong.append(Refusal("quantity_unreadable", {"given": str(quantity)[:80]}))
        quantity = None
    return price, quantity, wrong


def _list_of(item):
    if item.recommended:
        return Entry.ListSource.RECOMMENDED
    return Entry.ListSource.STOCK if item.on_stock_list else None


def _tools(rows, ids):
    return [
        (ids[line], code)
        for line, row in enumerate(rows, 1)
        if line in ids
        for code in dict.fromkeys(row.tools)
    ]
