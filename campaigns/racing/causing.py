"""What a board causes: who stands where, and whom it invites.

All of it is made of the stored board, so that it may be made twice.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from campaigns.inviting import Issue, invite_selected
from campaigns.models import Board, BoardRow, Invitation
from campaigns.racing.periods import Due, spans_of
from campaigns.racing.placing import place
from sellers.models import Seller

_REVERSE = Invitation.Kind.REVERSE


def cause(board: Board, due: Due, at: datetime) -> None:
    """Place the winners, tell who left, and invite; before the board is closed."""
    place(board, due)
    _invite(board, due, at)


def invited_by(board: Board) -> QuerySet[Invitation]:
    """The invitations that a board issued."""
    return Invitation.objects.filter(venue=board.venue_id, source=_source(board))


def _invite(board, due, at):
    """Invite the best by rank who have no open invitation to the venue and no entry that stands in
    it (D12-131, 133, 135). A late board whose period is over invites nobody."""
    segment, until = due.segment, due.ends_at
    if not segment.invites or at >= due.ends_at:
        return
    if segment.invited_until:
        until = spans_of(due.version)[segment.invited_until].ends_at
    if until <= at:
        return
    winners = BoardRow.objects.filter(board=board, place__lte=segment.invites)
    ranks = dict(winners.order_by("-place").values_list("seller", "place"))
    issue = Issue(
        venue=board.venue,
        source=_source(board),
        at=at,
        expires_at=until,
        kind=Invitation.Kind.REVERSE,
        items=segment.invited_items,
        told={seller: {"rank": place} for seller, place in ranks.items()},
    )
    invite_selected(issue, Seller.objects.filter(pk__in=winners.values("seller")), fresh=True)


@dataclass(frozen=True)
class Won:
    """What won a seller an invitation: the board, and the best of its ranks on it."""

    board: Board
    rank: int


def won_by(invitations: Iterable[Invitation]) -> dict[int, Won]:
    """For each of the invitations (ids) that a board issued, what won it; two queries."""
    boards = {row.pk: _board_id(row.source) for row in invitations if row.kind == _REVERSE}
    ids = {pk for pk in boards.values() if pk is not None}
    if not ids:
        return {}
    known = Board.objects.in_bulk(ids)
    sellers = {row.seller_id for row in invitations}
    ranks = {}
    rows = BoardRow.objects.filter(board__in=known, seller__in=sellers).order_by("-place")
    for board, seller, rank in rows.values_list("board", "seller", "place"):
        ranks[board, seller] = rank
    return {
        row.pk: Won(known[boards[row.pk]], ranks[boards[row.pk], row.seller_id])
        for row in invitations
        if (boards.get(row.pk), row.seller_id) in ranks
    }


def _source(board):
    """One for each board; race and key, for the race's code may be long."""
    return f"race:{board.race_code}:{board.pk}"


def _board_id(source):
    """The key of the board that a source names, None where it names none."""
    kind, _colon, rest = source.partition(":")
    key = rest.rpartition(":")[2]
    return int(key) if kind == "race" and key.isascii() and key.isdigit() else None
