"""What a board causes: who stands where, and whom it invites.

All of it is made of the stored board, so that it may be made twice.
"""

from datetime import datetime

from django.db.models import QuerySet

from campaigns.inviting import Issue, invite_selected
from campaigns.models import Board, BoardRow, Invitation
from campaigns.racing.periods import Due, spans_of
from campaigns.racing.placing import place
from sellers.models import Seller


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
    issue = Issue(
        venue=board.venue,
        source=_source(board),
        at=at,
        expires_at=until,
        kind=Invitation.Kind.REVERSE,
        items=segment.invited_items,
    )
    invite_selected(issue, Seller.objects.filter(pk__in=winners.values("seller")), fresh=True)


def _source(board):
    return f"race:{board.race_code}:{board.segment_code}:{board.starts_at:%Y%m%dT%H%MZ}"[:80]
