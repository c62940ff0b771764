"""Making boards: who takes part, ranked by the database in one query, stored whole, never changed.

A board is taken, filled and closed. Whoever was stopped in between leaves one that is being made:
when its time is up another takes it, clears what is there and makes it anew. What a board causes
is made before it is closed and may be made twice. Boards of one venue, race and segment are made
in order, so that a pause of the clock leaves no gap (late boards) and a second job no double.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from campaigns.eligibility.values import Asking
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.measures import facts_window, measures_of, raced
from campaigns.models import (
    Board,
    BoardRow,
    Campaign,
    Floor,
    Placement,
    Race,
    RaceSegment,
    RulebookVersion,
)
from campaigns.published import rows_of
from campaigns.racing.candidates import candidates, entries_of
from campaigns.racing.causing import cause
from campaigns.racing.figures import Layout, figures
from campaigns.racing.periods import Due, due_boards, spans_of
from campaigns.rulebooks.sections.races import floor_of
from sellers.bulk_write import CHUNK, Ranking, delete_in_chunks, insert_from_query

# A worker that does not close a board by then was stopped.
LEASE = timedelta(minutes=15)
NO_TIME = timedelta()
# Each transaction on SQLite writes most pages of an index in whose order rows do not come.
ROWS_AT_ONCE = 20_000
_MADE, _MAKING = Board.State.MADE, Board.State.MAKING


@dataclass(frozen=True)
class Made:
    """What came of a run: boards made now, those marked late among them, and those that wait for
    another worker, or for an earlier board that does."""

    made: int = 0
    late: int = 0
    waiting: int = 0

    def __add__(self, other: "Made") -> "Made":
        return Made(self.made + other.made, self.late + other.late, self.waiting + other.waiting)


def make_due(campaign: Campaign, at: datetime, *, delay: timedelta = NO_TIME) -> Made:
    """Make every board of the campaign that is due, the oldest first; a board is due ``delay``
    after its period began, when what it ranks by has been fed.

    May run twice, late, at the same time as another, or after one that was stopped.
    """
    if campaign.state != Campaign.State.PUBLISHED:
        return Made()
    return _make_all(due_boards(campaign, at - delay), at)


def are_due(campaign: Campaign, at: datetime, *, delay: timedelta = NO_TIME) -> bool:
    """Whether `make_due` would make any."""
    return campaign.state == Campaign.State.PUBLISHED and bool(due_boards(campaign, at - delay))


def _make_all(due_ones: Iterable[Due], at) -> Made:
    total, waiting, askings = Made(), set(), {}
    for due in due_ones:
        key = (due.terms.venue_id, due.race.code, due.segment.code)
        if key in waiting:
            total += Made(waiting=1)
            continue
        moment = (due.version.pk, due.starts_at)
        if moment not in askings:
            # Boards of one instant ask of the same facts; those of others are over.
            askings = {moment: asking_of(due)}
        board = make(due, at, asking=askings[moment])
        if board is None:
            waiting.add(key)
            total += Made(waiting=1)
        else:
            total += Made(made=1, late=int(board.late))
    return total


def make(due: Due, at: datetime, *, asking: Asking | None = None) -> Board | None:
    """The board of a period, made now unless it is there already; None where another worker is
    making it. ``asking`` may be `asking_of` another board of that version and instant. Not to be
    called within `atomic()`."""
    board, is_new = _taken(due, at)
    if board is None or board.state == _MADE:
        return board
    if not is_new:
        if not _mine(board).exists():
            # Another took it since, and may have made it: what is there is not to be cleared.
            return None
        clear(board)
    asking = asking or asking_of(due)
    layout = layout_of(due, due.segment, asking.vocabulary)
    try:
        board.candidates = _fill(board, due, asking, layout)
    except IntegrityError:
        if _mine(board).exists():
            raise
        return None
    board.measures = layout.told()
    board.score_places = max((each.places for each in layout.measures), default=0)
    board.facts_from, board.facts_to = facts_window(
        due.segment.facts, spans_of(due.version), due.starts_at
    )
    board.floor_code, board.places = places_of(due)
    if not _mine(board).exists():
        return None
    cause(board, due, at)
    return _closed(board, due, at)


def clear(board: Board) -> None:
    """Remove what a worker that was stopped has left of a board that is being made."""
    delete_in_chunks(BoardRow.objects.filter(board=board))
    delete_in_chunks(Placement.objects.filter(board=board))


def asking_of(due: Due) -> Asking:
    """What a board's conditions and metrics are asked of: facts as of its period's beginning."""
    return Asking(due.version, due.starts_at, vocabulary_of(due.version))


def layout_of(due: Due, segment: RaceSegment, vocabulary) -> Layout:
    """How the figures lie that a segment ranks by. Raises MeasureError."""
    return Layout(
        measures_of(
            segment,
            version=due.version,
            vocabulary=vocabulary,
            milestones=spans_of(due.version),
            starts_at=due.starts_at,
        )
    )


def ranking_of(
    due: Due,
    *,
    first: int | None = None,
    segment: RaceSegment | None = None,
    asking: Asking | None = None,
) -> tuple[Ranking, Layout]:
    """The query that ranks a board's candidates, and how its figures lie. ``first`` leaves only so
    many of each group; another ``segment`` ranks by other measures. Raises MeasureError."""
    segment, asking = segment or due.segment, asking or asking_of(due)
    layout = layout_of(due, segment, asking.vocabulary)
    return _ranking(due, segment, asking, layout, first), layout


def _ranking(due, segment, asking, layout, first=None):
    own = asking.speaking(raced(asking.vocabulary, due.terms.code))
    entries = entries_of(due, own, due.starts_at)
    return Ranking(
        candidates=candidates(entries, due, own, layout.own),
        own_figures=len(layout.own),
        figures=figures(layout, due, entries, asking.vocabulary),
        measures=layout.measured(),
        weighted=segment.score == RaceSegment.Score.WEIGHTS,
        ties=tuple(due.race.ties),
        grouped=bool(due.race.group_by),
        first=first,
    )


def _fill(board, due, asking, layout) -> int:
    """Store the rows of a board; returns how many. Most venues of a large campaign have few
    candidates, or none: these need no query, or one that writes at once."""
    entries = entries_of(due, asking, due.starts_at).order_by()
    few = entries.values("pk")[: CHUNK + 1].count()
    if not few:
        return 0
    ranking = _ranking(due, due.segment, asking, layout)
    constants = {"board": board.pk}
    return insert_from_query(
        ranking, BoardRow, ranking.columns, constants, at_once=few <= CHUNK, size=ROWS_AT_ONCE
    )


def places_of(due: Due) -> tuple[str, int | None]:
    """The floor (its code or "") that a board fills, and how many places it has there; None: as
    many as there are."""
    version, race, terms = due.version, due.race, due.terms
    floors = {row.code: row for row in rows_of(version, Floor)}
    venues = {code: row.venue_code for code, row in floors.items()}
    code = floor_of(race.floor_code, terms.code, venues) if race.floor_code else ""
    if race.places is not None:
        return code, race.places
    return code, floors[code].capacity if code else terms.capacity


def latest(version: RulebookVersion, race: Race, venue_id: int, at: datetime) -> list[Board]:
    """The boards of a race that hold in a venue at the instant: one, or one of each segment where
    segments divide its groups."""
    rows = Board.objects.filter(
        campaign=version.campaign_id,
        venue=venue_id,
        race_code=race.code,
        state=_MADE,
        starts_at__lte=at,
        ends_at__gt=at,
    )
    return list(rows.order_by("segment_code"))


def _taken(due, at):
    """The board of a period, made or taken for this worker, and whether it is new; None if another
    worker has it."""
    key = {
        "venue_id": due.terms.venue_id,
        "race_code": due.race.code,
        "segment_code": due.segment.code,
        "starts_at": due.starts_at,
    }
    made = {
        "campaign_id": due.version.campaign_id,
        "version": due.version,
        "unit": due.race.unit,
        "ends_at": due.ends_at,
        "taken_until": at + LEASE,
    }
    with transaction.atomic():
        board, is_new = Board.objects.get_or_create(**key, defaults=made)
    if is_new or board.state == _MADE:
        return board, is_new
    taken = Board.objects.filter(pk=board.pk, state=_MAKING, taken_until__lte=at)
    # What was begun under another version is made by the one that is asked for now.
    if not taken.update(**made):
        return None, False
    board.refresh_from_db()
    return board, False


def _closed(board, due, at):
    """The board, made; compare-and-set on the worker's time."""
    late = at - due.starts_at > timedelta(minutes=due.race.late_after_minutes)
    closing = {
        "state": _MADE,
        "made_at": at,
        "late": late,
        "measures": board.measures,
        "candidates": board.candidates,
        "score_places": board.score_places,
        "facts_from": board.facts_from,
        "facts_to": board.facts_to,
        "floor_code": board.floor_code,
        "places": board.places,
    }
    if not _mine(board).update(**closing):
        return None
    board.refresh_from_db()
    return board


def _mine(board):
    """The board as long as this worker has it."""
    return Board.objects.filter(pk=board.pk, state=_MAKING, taken_until=board.taken_until)
