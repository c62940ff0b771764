"""Who is entitled to a campaign's traffic: its campaign items, for search, carts and pages.

An item is in from the moment it is approved and out from the moment it is cleared out, cancelled or
abnormal (D12-013, 104, 111): both follow the entry's status, and nothing is copied. Whether it also
stands on a venue's page depends on the venue (D12-070), and what shows on the instant.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils.timezone import get_default_timezone

from campaigns.lifecycle import BADGED
from campaigns.models import Campaign, Entry, Venue
from campaigns.placements import placed_on
from campaigns.standing import Showing, campaign_items, showings, with_effective_price

CHUNK = 2000
LANGUAGES = ("en", "zh-hans")
HEADER = (
    "campaign", "seller", "item", "venue", "kind", "on_sale", *(f"badge_{code}" for code in
    LANGUAGES), "campaign_price", "effective_price", "since", "updated",
)  # fmt: skip
COLUMNS = (
    "seller__code", "item__code", "venue_id", "venue__code", "activity_price", "effective_price",
    "approved_at", "move__at",
)  # fmt: skip
RELATED = ("item", "seller", "venue", "move")


def privileged(campaign: Campaign) -> QuerySet[Entry]:
    """The campaign's items with what a feed of them tells, in no order yet."""
    return with_effective_price(campaign_items(campaign)).select_related(*RELATED)


def lost(campaign: Campaign, since: datetime) -> QuerySet[Entry]:
    """The entries that were campaign items once and are not, by a move at ``since`` or later: what
    a reader of the feed takes out."""
    moved = Entry.objects.filter(campaign=campaign, approved_at__isnull=False, move__at__gte=since)
    return with_effective_price(moved.exclude(status__in=BADGED)).select_related(*RELATED)


def on_page(venue: Venue, shown: dict[int, Showing]) -> QuerySet[Entry]:
    """The items of a venue's page: its own campaign items, and none while it is offline or not in
    the rulebook in force. Those of other venues, such as an outer one, are not among them; but in a
    venue that takes no registrations, what stands there because of a board is (D12-003, 137)."""
    showing = shown.get(venue.pk)
    found = privileged(venue.campaign)
    if showing is None or not showing.is_online:
        return found.none()
    if showing.takes_registrations:
        return found.filter(venue=venue)
    return placed_on(found, venue, showing.at)


def venues_of_kind(shown: dict[int, Showing], kind: str) -> list[int]:
    """Ids of the venues of a kind."""
    return [pk for pk, showing in shown.items() if showing.kind == kind]


def lines(campaign: Campaign, at: datetime) -> Iterator[list]:
    """The whole feed as the cells of its lines, items in the order in which they came to be known.

    Who stands is as of now, what shows is of ``at``. Read a chunk at a time, never all at once.
    """
    shown = showings(campaign, at)
    # The campaign's items in the order of the index that has them.
    rows = privileged(campaign).order_by("item_id", "pk").values_list(*COLUMNS)
    for row in rows.iterator(chunk_size=CHUNK):
        yield _line(campaign.code, row, shown)


def _line(code, row, shown):
    """A line's cells; every row is a campaign item, so the venue's badge is the item's."""
    seller, item, venue_id, venue, price, effective, approved_at, moved_at = row
    showing = shown.get(venue_id)
    badge = showing.badge if showing else {}
    return [
        code,
        seller,
        item,
        venue,
        showing.kind if showing else "",
        "true" if showing and showing.is_on_sale else "false",
        *(badge.get(language, "") for language in LANGUAGES),
        price,
        effective,
        _local(approved_at),
        _local(moved_at or approved_at),
    ]


def _local(at):
    return "" if at is None else at.astimezone(get_default_timezone()).isoformat()
