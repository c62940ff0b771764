"""Who stands on the pages of venues because of boards, at an instant (D12-013, 137; G520-010..014).

A board that has a number of places puts winners into positions; one that has none is itself the
list of its page, as the affiliate venue's is. Boards are stored and keep; who is no campaign item
or campaign merchant any more is left out of what is told of them.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from campaigns.models import Board, BoardRow, Campaign, Entry, Pin, Placement, Venue
from campaigns.standing import Showing, campaign_items, showings
from campaigns.timeline import shown as local_text

CHUNK = 2000
HEADER = (
    "campaign", "venue", "kind", "floor", "race", "group", "position", "rank", "seller", "item",
    "pinned", "source", "from_venue", "candidate_pool", "since", "until",
)  # fmt: skip
_COLUMNS = (
    "board", "group", "position", "rank", "seller__code", "item__code", "pinned", "origin",
    "from_venue",
)  # fmt: skip
FIXED, PERSONALISED = "fixed", "personalised"


def holding(campaign: Campaign, at: datetime) -> QuerySet[Board]:
    """The campaign's boards that hold at the instant."""
    return Board.objects.filter(
        campaign=campaign, state=Board.State.MADE, starts_at__lte=at, ends_at__gt=at
    )


def placed_on(entries: QuerySet[Entry], venue: Venue, at: datetime) -> QuerySet[Entry]:
    """Those of the entries that are the venue's own, or stand on its page because of a board: as
    what was ranked, or as items of the seller that was, filed where it was."""
    boards = holding(venue.campaign, at).filter(venue=venue)
    stands = Placement.objects.filter(
        Q(item__isnull=True) | Q(item=OuterRef("item")),
        # A pinned one that is on no board has no venue that it came from.
        Q(source__isnull=True) | Q(source=OuterRef("venue")),
        board__in=boards,
        position__isnull=False,
        seller=OuterRef("seller"),
    )
    lists = boards.filter(places__isnull=True)
    rows = BoardRow.objects.filter(board__in=lists, seller=OuterRef("seller"))
    by_item = rows.filter(entry_id=OuterRef("pk"), item__isnull=False)
    its_venue = Entry.objects.filter(pk=OuterRef("entry_id"), venue=OuterRef(OuterRef("venue")))
    by_seller = rows.filter(Exists(its_venue), item__isnull=True)
    return entries.filter(Q(venue=venue) | Exists(stands) | Exists(by_item) | Exists(by_seller))


def lines(campaign: Campaign, at: datetime) -> Iterator[list]:
    """The cells of a line for everyone who stands on a page that is online: board by board, by
    position; last what is pinned where nothing is won. Who is no campaign item or merchant as of
    now is left out. Read a chunk at a time.

    Of a board that is itself the list the position is the rank. ``source`` is who filed the entry
    by which it takes part (seller, platform, import); what was pinned without one is the
    platform's. In a venue whose pages are made for each visitor the line is of its candidate pool.
    """
    shown = {pk: row for pk, row in showings(campaign, at).items() if row.is_online}
    boards = {
        board.pk: board
        for board in holding(campaign, at).filter(venue__in=shown)
        if shown[board.venue_id].placement_mode != FIXED
    }
    items = campaign_items(campaign)
    with_places = [pk for pk, board in boards.items() if board.places is not None]
    placed = Placement.objects.filter(board__in=with_places, position__isnull=False)
    ranked = BoardRow.objects.filter(
        board=OuterRef("board"), group=OuterRef("group"), place=OuterRef("rank")
    )
    placed = placed.annotate(entry_id=Subquery(ranked.values("entry_id")[:1]))
    listed = BoardRow.objects.filter(board__in=boards.keys() - with_places)
    listed = listed.annotate(position=F("place"), rank=F("place"), pinned=Value(False))
    for rows in (placed, listed):
        rows = _standing(rows, items).order_by("board", "group", "position")
        for row in rows.values_list(*_COLUMNS).iterator(chunk_size=CHUNK):
            board = boards[row[0]]
            yield _line(
                campaign,
                shown[board.venue_id],
                (board.floor_code, board.race_code, *row[1:]),
                board.starts_at,
                board.ends_at,
            )
    yield from _fixed(campaign, [row for row in shown.values() if row.placement_mode == FIXED], at)


def pins_of(venues: Iterable[int], at: datetime) -> QuerySet[Pin]:
    """The positions pinned at the instant in these venues (ids); of two for one position the one
    pinned last comes last."""
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    kept = Q(removed_at__isnull=True) | Q(removed_at__gt=at)
    rows = Pin.objects.filter(lasting, kept, venue__in=list(venues), starts_at__lte=at)
    return rows.order_by("venue", "race_code", "group", "position", "pinned_at", "pk")


def _standing(rows, items):
    """The rows of whom a campaign item stands, with where they came from."""
    merchant = items.filter(seller=OuterRef("seller"))
    by = Entry.objects.filter(pk=OuterRef("entry_id"))
    return rows.filter(
        Q(item__isnull=True) | Exists(items.filter(item=OuterRef("item"))), Exists(merchant)
    ).annotate(
        origin=Coalesce(
            Subquery(by.values("source")[:1]),
            Value(Entry.Source.PLATFORM.value),
            output_field=CharField(),
        ),
        from_venue=Subquery(by.values("venue__code")[:1]),
    )


def _fixed(campaign, venues, at):
    """The positions given by hand in venues where nothing is won (D12-054)."""
    if not venues:
        return
    shown = {row.venue_id: row for row in venues}
    pins = pins_of(shown, at)
    items = campaign_items(campaign)
    pins = pins.filter(
        Q(item__isnull=True) | Exists(items.filter(item=OuterRef("item"))),
        Exists(items.filter(seller=OuterRef("seller"))),
    )
    latest = {}
    for pin in pins.select_related("seller", "item"):
        latest[pin.venue_id, pin.race_code, pin.group, pin.position] = pin
    for (venue, race, group, position), pin in sorted(latest.items()):
        item = pin.item.code if pin.item else None
        source = Entry.Source.PLATFORM.value
        cells = ("", race, group, position, None, pin.seller.code, item, True, source, None)
        yield _line(campaign, shown[venue], cells, pin.starts_at, pin.ends_at)


def _line(campaign, showing: Showing, cells, since, until):
    floor, race, group, position, rank, seller, item, pinned, source, from_venue = cells
    return [
        campaign.code,
        showing.code,
        showing.kind,
        floor,
        race,
        group,
        position,
        rank,
        seller,
        item,
        "true" if pinned else "false",
        source,
        from_venue,
        "true" if showing.placement_mode == PERSONALISED else "false",
        local_text(since),
        local_text(until) if until else "",
    ]
