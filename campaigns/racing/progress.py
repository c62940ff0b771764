"""How a campaign's races stand: the boards that hold, the next ones, and those that are overdue."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Count, Q

from campaigns.models import Board, Placement, Race, RaceSegment, RulebookVersion, VenueTerms
from campaigns.racing.boards import NO_TIME
from campaigns.racing.periods import Due, due_boards, periods, races_of, spans_of, venues_of
from campaigns.racing.reading import boards_at

_O = Placement.Outcome


@dataclass(frozen=True)
class Held:
    """A board that holds, and how many stand because of it, are pinned, and changed with it."""

    board: Board
    stand: int = 0
    pinned: int = 0
    promoted: int = 0
    demoted: int = 0
    left: int = 0


@dataclass(frozen=True)
class VenueProgress:
    """A race in one venue. ``due`` boards wait to be made, ``overdue`` of them for longer than the
    race allows; ``oldest`` is when the first of them should have held from."""

    terms: VenueTerms
    held: list[Held]
    due: int = 0
    overdue: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True)
class RaceProgress:
    """A race with its venues, and when its next period begins (None: never again)."""

    race: Race
    segments: list[RaceSegment]
    next_at: datetime | None
    venues: list[VenueProgress] = field(default_factory=list)

    @property
    def overdue(self) -> int:
        """Boards of all its venues that are overdue."""
        return sum(venue.overdue for venue in self.venues)


def progress(
    version: RulebookVersion, at: datetime, *, delay: timedelta = NO_TIME
) -> list[RaceProgress]:
    """Every race of the version in force, in rulebook order; a few queries, however many venues."""
    campaign = version.campaign
    held = defaultdict(list)
    for one in _held(boards_at(campaign, at)):
        held[one.board.race_code, one.board.venue_id].append(one)
    waiting = defaultdict(list)
    for due in due_boards(campaign, at - delay):
        waiting[due.race.code, due.terms.venue_id].append(due)
    spans = spans_of(version)
    found = []
    for race, segments in races_of(version):
        venues = []
        for terms in venues_of(version, race):
            key = (race.code, terms.venue_id)
            mine = waiting[key]
            venues.append(
                VenueProgress(
                    terms=terms,
                    held=held[key],
                    due=len(mine),
                    overdue=sum(is_overdue(due, at) for due in mine),
                    oldest=min((due.starts_at for due in mine), default=None),
                )
            )
        found.append(RaceProgress(race, segments, next_period(segments, spans, at), venues))
    return found


def is_overdue(due: Due, at: datetime) -> bool:
    """Whether a board that is not made would be marked late by now."""
    return at - due.starts_at > timedelta(minutes=due.race.late_after_minutes)


def next_period(segments: Iterable[RaceSegment], spans, at: datetime) -> datetime | None:
    """When the next period of any segment begins after the instant."""
    begins = []
    for segment in segments:
        span = spans[segment.during]
        begins += [start for start, _end in periods(segment, span) if start > at][:1]
    return min(begins, default=None)


def overdue_by_race(dues: Iterable[Due], at: datetime) -> dict[str, Counter]:
    """Of boards that are due: how many by race, how many of them overdue, in how many venues."""
    found, venues = defaultdict(Counter), defaultdict(set)
    for due in dues:
        found[due.race.code]["due"] += 1
        found[due.race.code]["overdue"] += is_overdue(due, at)
        venues[due.race.code].add(due.terms.venue_id)
    for code, seen in venues.items():
        found[code]["venues"] = len(seen)
    return dict(found)


def placed(boards: Iterable[Board]) -> dict[int, Held]:
    """How many stand and changed by each board, by its id; one query."""
    boards = list(boards)
    rows = (
        Placement.objects.filter(board__in=[board.pk for board in boards])
        .order_by()
        .values_list("board", "outcome")
        .annotate(number=Count("pk"), pinned=Count("pk", filter=Q(pinned=True)))
    )
    numbers = defaultdict(Counter)
    for board, outcome, number, pinned in rows:
        numbers[board][outcome] = number
        numbers[board]["pinned"] += pinned
    return {
        board.pk: Held(
            board=board,
            stand=numbers[board.pk][_O.PROMOTED] + numbers[board.pk][_O.KEPT],
            pinned=numbers[board.pk]["pinned"],
            promoted=numbers[board.pk][_O.PROMOTED],
            demoted=numbers[board.pk][_O.DEMOTED],
            left=numbers[board.pk][_O.LEFT],
        )
        for board in boards
    }


def _held(boards):
    boards = list(boards)
    found = placed(boards)
    return [found[board.pk] for board in boards]
