"""Where one seller is on boards: its best place, whether it stands, how far the next place is, and
its places over the last periods."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Max, Min, Q, Window
from django.db.models.functions import RowNumber

from campaigns.models import Board, BoardRow, Placement
from campaigns.racing.gaps import Gap, gap
from campaigns.racing.labels import Words, words_of
from campaigns.racing.reading import MeasureColumn, made, measure_columns
from sellers.models import Seller

# Periods that a history goes back.
PERIODS = 24


@dataclass(frozen=True)
class Standing:
    """A seller's row on a board, its best one unless another was asked for.

    ``number`` is how many rows it has there. ``position`` is the place on the page, None where it
    does not stand. ``last_place`` is the rank of the last that stands by rank, None where nobody
    does or the board gives no places.
    """

    board: Board
    columns: tuple[MeasureColumn, ...]
    row: BoardRow
    number: int
    position: int | None
    last_place: int | None
    to_next: Gap | None
    to_last: Gap | None


@dataclass(frozen=True)
class Period:
    """A board of the past and the seller's best rank on it; None where it was not on it."""

    board: Board
    rank: int | None
    position: int | None


def standings(
    boards: Iterable[Board], seller: Seller, *, chosen: Mapping[int, tuple[str, int]] | None = None
) -> dict[int, Standing]:
    """By board (id) where the seller is; boards that it is not on are left out.

    ``chosen`` names another row of a board: its group and place. A constant number of queries, and
    one for each rulebook version.
    """
    boards = {board.pk: board for board in boards}
    rows = {row.board_id: row for row in _own(boards, seller)}
    if chosen:
        rows |= {row.board_id: row for row in _chosen(seller, chosen, rows)}
    if not rows:
        return {}
    positions, lasts = _positions(rows, seller), _lasts(rows)
    others = _others(rows, lasts)
    words = words_of(boards[pk] for pk in rows)
    return {
        pk: _standing(boards[pk], row, positions, lasts, others, words)
        for pk, row in sorted(rows.items())
    }


def history(
    board: Board, seller: Seller, *, group: str | None = None, periods: int = PERIODS
) -> list[Period]:
    """The seller's best rank on the last boards of the board's race and venue up to it, the oldest
    first; in one of the groups, or in whichever it was best. Four queries."""
    boards = made(
        Board.objects.filter(
            venue=board.venue_id, race_code=board.race_code, starts_at__lte=board.starts_at
        )
    )
    # Where segments divide the groups there are several of a period.
    starts = list(
        boards.order_by("-starts_at").values_list("starts_at", flat=True).distinct()[:periods]
    )
    boards = list(boards.filter(starts_at__in=starts).order_by("starts_at", "segment_code"))
    rows = BoardRow.objects.filter(seller=seller, board__in=boards)
    stands = Placement.objects.filter(seller=seller, board__in=boards, position__isnull=False)
    if group is not None:
        rows, stands = rows.filter(group=group), stands.filter(group=group)
    ranks = dict(rows.order_by().values_list("board").annotate(Min("place")))
    positions = dict(stands.order_by().values_list("board").annotate(Min("position")))
    found = {}
    for one in boards:
        period = Period(one, ranks.get(one.pk), positions.get(one.pk))
        known = found.get(one.starts_at)
        if known is None or known.rank is None:
            found[one.starts_at] = period
    return list(found.values())


def _own(boards, seller):
    """The best row of the seller on each board, with ``number``: how many it has."""
    rows = BoardRow.objects.filter(seller=seller, board__in=list(boards)).select_related("item")
    rows = rows.annotate(
        nth=Window(RowNumber(), partition_by=F("board"), order_by=["place", "group"]),
        number=Window(Count("pk"), partition_by=F("board")),
    )
    return rows.filter(nth=1)


def _chosen(seller, chosen, best):
    condition = Q()
    for pk, (group, place) in chosen.items():
        condition |= Q(board=pk, group=group, place=place)
    rows = BoardRow.objects.filter(condition, seller=seller, board__in=list(best))
    found = list(rows.select_related("item"))
    for row in found:
        row.number = best[row.board_id].number
    return found


def _positions(rows, seller):
    """The places on the page by (board, group, item)."""
    found = Placement.objects.filter(
        seller=seller, board__in=list(rows), position__isnull=False
    ).values_list("board", "group", "item", "position")
    return {tuple(key): position for *key, position in found}


def _lasts(rows):
    """The rank of the last that stands by rank, by (board, group); pinned ones stand anyway."""
    found = Placement.objects.filter(board__in=list(rows), position__isnull=False, pinned=False)
    ranks = found.order_by().values_list("board", "group").annotate(Max("rank"))
    return {(board, group): rank for board, group, rank in ranks}


def _others(rows, lasts):
    """The rows just before these and those of the last that stand, by (board, place)."""
    condition = Q()
    for row in rows.values():
        places = {row.place - 1, lasts.get((row.board_id, row.group))} - {0, None}
        if places:
            condition |= Q(board=row.board_id, group=row.group, place__in=places)
    if not condition:
        return {}
    return {(row.board_id, row.place): row for row in BoardRow.objects.filter(condition)}


def _standing(board, row, positions, lasts, others, words: Mapping[int, Words]):
    columns = tuple(measure_columns(board, words[board.version_id]))
    position = positions.get((board.pk, row.group, row.item_id))
    last = lasts.get((board.pk, row.group))
    before, at_last = others.get((board.pk, row.place - 1)), others.get((board.pk, last))
    return Standing(
        board=board,
        columns=columns,
        row=row,
        number=row.number,
        position=position,
        last_place=last,
        to_next=gap(board, columns, row, before) if before else None,
        to_last=gap(board, columns, row, at_last)
        if at_last and position is None and last < row.place - 1
        else None,
    )
