"""Who stands in a venue or its floor for a board's period (D12-003, 053, 054, 129).

Pinned ones have their positions; the others fill what is left, best first. Who stood there until
now and does not any more is kept with the reason: its rank, and the rank that was needed.
"""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from campaigns.models import Board, BoardRow, Entry, Pin, Placement, Race
from campaigns.racing.periods import Due
from sellers.bulk_write import insert_rows

_O = Placement.Outcome
COLUMNS = (
    "board", "group", "outcome", "position", "rank", "pinned", "seller", "item", "source",
)  # fmt: skip


def place(board: Board, due: Due) -> int:
    """Store who stands where because of the board, and who left; returns how many stand.

    The board has none yet. One without a number of places causes nothing: it is the order of the
    page itself.
    """
    if board.places is None:
        return 0
    pins = _pins(board)
    # As many more as are pinned, for these may be among the best.
    most = board.places + max((len(found) for found in pins.values()), default=0)
    best = defaultdict(list)
    rows = BoardRow.objects.filter(board=board, place__lte=most).order_by("group", "place")
    for row in rows.values_list("group", "place", "seller", "item", "entry_id"):
        best[row[0]].append(row[1:])
    held = _held_before(board, due)
    sources = _sources(entry for found in best.values() for *_rest, entry in found)
    stands, placed = [], set()
    for group in sorted({*best, *pins}):
        for position, rank, seller, item, entry, pinned in _filled(
            board.places, best[group], pins.get(group, {})
        ):
            placed.add((group, seller, item))
            outcome = _O.KEPT if (group, seller, item) in held else _O.PROMOTED
            source = sources.get(entry)
            stands.append((board.pk, group, outcome, position, rank, pinned, seller, item, source))
    left = [key for key in held if key not in placed]
    ranks = _ranks(board, left)
    gone = []
    for group, seller, item in sorted(left, key=lambda key: (key[0], key[1], key[2] or 0)):
        rank = ranks.get((group, seller, item))
        outcome = _O.LEFT if rank is None else _O.DEMOTED
        gone.append((board.pk, group, outcome, None, rank, False, seller, item, None))
    if stands or gone:
        insert_rows(Placement, [*stands, *gone], COLUMNS)
    return len(stands)


def standing(boards: Iterable[Board]) -> QuerySet[Placement]:
    """Who stands because of these boards, by group and position."""
    found = Placement.objects.filter(board__in=list(boards), position__isnull=False)
    return found.select_related("seller", "item").order_by("group", "position")


def pins_at(venue_id: int, race_code: str, at) -> QuerySet[Pin]:
    """The positions that are pinned at the instant, by group and position; of two for one position
    the one pinned last comes last."""
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    kept = Q(removed_at__isnull=True) | Q(removed_at__gt=at)
    rows = Pin.objects.filter(lasting, kept, venue=venue_id, race_code=race_code, starts_at__lte=at)
    return rows.order_by("group", "position", "pinned_at", "pk")


def _pins(board):
    """(seller, item) by position, by group."""
    found = defaultdict(dict)
    for pin in pins_at(board.venue_id, board.race_code, board.starts_at):
        if pin.position <= board.places:
            found[pin.group][pin.position] = (pin.seller_id, pin.item_id)
    return found


def _filled(places, best, pinned):
    """(position, rank, seller, item, entry, pinned) of each position that is filled."""
    fixed = set(pinned.values())
    ranked = {(seller, item): (rank, entry) for rank, seller, item, entry in best}
    others = iter([row for row in best if (row[1], row[2]) not in fixed])
    for position in range(1, places + 1):
        if position in pinned:
            seller, item = pinned[position]
            rank, entry = ranked.get((seller, item), (None, None))
            yield position, rank, seller, item, entry, True
            continue
        row = next(others, None)
        if row is None:
            # Pinned ones may stand further down.
            continue
        rank, seller, item, entry = row
        yield position, rank, seller, item, entry, False


def _held_before(board, due):
    """Who stood in the venue by this race just before: (group, seller, item)."""
    before = Board.objects.filter(
        venue=board.venue_id,
        race_code=board.race_code,
        state=Board.State.MADE,
        starts_at__lt=board.starts_at,
        ends_at__gte=board.starts_at,
    )
    rows = Placement.objects.filter(board__in=before, position__isnull=False)
    if due.segment.only_groups:
        rows = rows.filter(group__in=due.segment.only_groups)
    if due.segment.except_groups:
        rows = rows.exclude(group__in=due.segment.except_groups)
    return set(rows.values_list("group", "seller", "item"))


def _ranks(board, keys):
    """The ranks that these have on the board, by key; who is not on it is not in the result."""
    if not keys:
        return {}
    rows = BoardRow.objects.filter(board=board)
    if board.unit == Race.Unit.ITEM:
        rows = rows.filter(item__in={item for _group, _seller, item in keys})
    else:
        rows = rows.filter(seller__in={seller for _group, seller, _item in keys})
    return {
        (group, seller, item): rank
        for group, seller, item, rank in rows.values_list("group", "seller", "item", "place")
    }


def _sources(entries):
    """The venue of each of these entries (ids)."""
    return dict(Entry.objects.filter(pk__in=set(entries)).values_list("pk", "venue"))
