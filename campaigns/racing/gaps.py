"""How far a candidate is behind another: by the first thing that tells them apart, exactly."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from campaigns.models import Board, BoardRow
from campaigns.racing.reading import MeasureColumn, score_of


class By(StrEnum):
    """What tells two candidates apart."""

    MEASURE = "measure"
    MISSING = "missing"  # the one behind has no figure at all
    SCORE = "score"
    FILED = "filed"
    ID = "id"


@dataclass(frozen=True)
class Gap:
    """What is between a row and one before it, whose place is ``place``.

    ``amount`` is how much it is behind, in the unit of ``column`` (a score has none); for MISSING
    it is what the other has. The one behind passes with more than that; with as much, the later
    measures decide and then the ties.
    """

    place: int
    by: By
    amount: Decimal | None = None
    column: MeasureColumn | None = None


def gap(board: Board, columns: Sequence[MeasureColumn], mine: BoardRow, theirs: BoardRow) -> Gap:
    """What ``mine`` is behind ``theirs``, a row of the same group and a better place."""
    ahead, behind = score_of(board, theirs), score_of(board, mine)
    if ahead is not None and behind is not None:
        if ahead != behind:
            return Gap(theirs.place, By.SCORE, ahead - behind)
    else:
        for column in columns:
            better, worse = column.value(theirs), column.value(mine)
            if better == worse:
                continue
            if worse is None:
                return Gap(theirs.place, By.MISSING, better, column)
            return Gap(theirs.place, By.MEASURE, abs(better - worse), column)
    is_earlier = theirs.filed_at is not None and (
        mine.filed_at is None or theirs.filed_at < mine.filed_at
    )
    return Gap(theirs.place, By.FILED if is_earlier else By.ID)
