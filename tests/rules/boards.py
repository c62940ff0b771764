"""Boards in the rulebooks' worlds: made as the clock makes them, one at a time."""

from decimal import Decimal

from campaigns.models import BoardRow, Placement
from campaigns.racing.boards import make
from campaigns.racing.periods import due_boards
from tests.times import local


def due_ones(world, race, at, venue):
    """Local beginnings of the periods of a race in a venue that are due by a local time."""
    return [due.starts_at for due in _due(world, race, at, venue)]


def periods(world, race, at, venue):
    """(beginning, end) of these."""
    return [(due.starts_at, due.ends_at) for due in _due(world, race, at, venue)]


def in_turn(*starts, until):
    """The periods that begin one where the other ends, the last of them ending ``until``."""
    return list(zip(starts, [*starts[1:], until], strict=True))


def board(world, race, at, venue="main"):
    """The board of the period that begins at a local time, made then; None where none begins.

    A board that is wanted for what stood before is made first, by the one who asks.
    """
    found = [due for due in _due(world, race, at, venue) if due.starts_at == local(at)]
    if not found:
        return None
    (due,) = found
    return make(due, due.starts_at)


def ranked(board, group=None):
    """Codes of who is on a board (sellers or items), best first; of one group of it."""
    rows = BoardRow.objects.filter(board=board).order_by("group", "place")
    if group is not None:
        rows = rows.filter(group=group)
    return list(rows.values_list(_code(board), flat=True))


def row_of(board, code):
    """The row of a seller or an item on a board."""
    return BoardRow.objects.get(board=board, **{_code(board): code})


def stands(board, group=None):
    """Codes of who stands in the venue or floor because of a board, by position."""
    rows = Placement.objects.filter(board=board, position__isnull=False)
    if group is not None:
        rows = rows.filter(group=group)
    return list(rows.order_by("group", "position").values_list(_code(board), flat=True))


def inputs(board, code):
    """What a seller or item is ranked by: every figure of its measures in their units, in order."""
    row, found = row_of(board, code), []
    for measure in board.measures:
        for each in measure["inputs"]:
            value = getattr(row, f"input_{each['place']}")
            found.append(None if value is None else Decimal(value).scaleb(-each["places"]))
    return found


def _due(world, race, at, venue):
    return [
        due
        for due in due_boards(world.campaign, local(at))
        if due.race.code == race and due.terms.code == venue
    ]


def _code(board):
    return "item__code" if board.unit == "item" else "seller__code"
