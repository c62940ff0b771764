"""What the races came to, and every sum of sales on a board checked against the order lines."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count, Q

from campaigns.models import Board, BoardRow, Campaign, Invitation, Placement, Race
from campaigns.rulebooks.versions import version_in_force
from config.demo.report import WIDTH, shortened

COLUMN = 8
_O = Placement.Outcome
# The clean sales of a seller (or item) in a board's time, from the lines themselves.
SOLD = """
    SELECT l.{owner}_id, SUM(l.paid_amount)
    FROM sellers_orderline l
    WHERE l.paid_at >= %s AND l.paid_at < %s AND NOT l.abnormal
    GROUP BY l.{owner}_id"""
FIELD = "clean_amount"


@dataclass(frozen=True)
class Told:
    """A race's boards so far: how many, late ones among them, who took part on average, and what
    they caused."""

    title: str
    boards: int
    late: int
    candidates: float
    outcomes: Counter
    invited: int
    accepted: int


@dataclass(frozen=True)
class Checked:
    """How many sums of how many boards were compared with the order lines, and how many differ."""

    boards: int
    sums: int
    differences: int


def told(campaign: Campaign, at: datetime) -> list[Told]:
    """Return what came of each race of the rulebook in force, in its order."""
    version = version_in_force(campaign, at)
    made = Board.objects.filter(campaign=campaign, state=Board.State.MADE)
    number = dict(_by_race(made, Count("pk")))
    late = dict(_by_race(made.filter(late=True), Count("pk")))
    took_part = Counter()
    for code, candidates in made.values_list("race_code", "candidates"):
        took_part[code] += candidates
    outcomes: dict[str, Counter] = {}
    placements = Placement.objects.filter(board__campaign=campaign).order_by()
    for code, outcome, count in placements.values_list("board__race_code", "outcome").annotate(
        Count("pk")
    ):
        outcomes.setdefault(code, Counter())[outcome] = count
    found = []
    for race in Race.objects.filter(version=version):
        invitations = Invitation.objects.filter(
            campaign=campaign, source__startswith=f"race:{race.code}:"
        ).aggregate(
            all=Count("pk"), accepted=Count("pk", filter=Q(state=Invitation.State.ACCEPTED))
        )
        boards = number.get(race.code, 0)
        found.append(
            Told(
                title=f"{race.code} {race.title.get('en', '')}".strip(),
                boards=boards,
                late=late.get(race.code, 0),
                candidates=took_part[race.code] / boards if boards else 0,
                outcomes=outcomes.get(race.code, Counter()),
                invited=invitations["all"],
                accepted=invitations["accepted"],
            )
        )
    return found


def check(campaign: Campaign) -> Checked:
    """Compare every sum of sales on every board with what the order lines say."""
    boards = sums = differences = 0
    made = Board.objects.filter(campaign=campaign, state=Board.State.MADE, facts_from__isnull=False)
    sold: dict[tuple, dict[int, int]] = {}
    for board in made.order_by("pk"):
        for measure in board.measures:
            said = measure["said"]
            if said.get("sum") != FIELD or "facts" in said:
                continue
            owner = said["of"]
            if owner != board.unit:
                continue
            key = (owner, board.facts_from, board.facts_to)
            if key not in sold:
                sold[key] = _sold(*key)
            column = f"input_{measure['inputs'][0]['place']}"
            rows = BoardRow.objects.filter(board=board).values_list(owner, column)
            boards += 1
            for subject, amount in rows:
                sums += 1
                differences += amount != sold[key].get(subject, 0)
    return Checked(boards, sums, differences)


def table(found: list[Told]) -> str:
    """Return what came of the races as a table for a terminal."""
    heads = ("boards", "late", "racers", "up", "down", "invited", "came")
    return "\n".join(
        [_line("Races", heads), *(_line(f"  {one.title}", _cells(one)) for one in found)]
    )


def _cells(one: Told) -> tuple:
    return (
        one.boards,
        one.late,
        round(one.candidates),
        one.outcomes[_O.PROMOTED],
        one.outcomes[_O.DEMOTED],
        one.invited,
        one.accepted,
    )


def line(found: Checked) -> str:
    """Say what came of the comparison in one line."""
    text = (
        f"Boards against the order lines: {found.sums:,} sums of sales on {found.boards:,} boards, "
    )
    return text + (f"{found.differences:,} differ." if found.differences else "all equal.")


def _by_race(boards, number):
    return boards.order_by().values_list("race_code").annotate(number)


def _sold(owner, since, until):
    with connection.cursor() as cursor:
        values = [connection.ops.adapt_datetimefield_value(each) for each in (since, until)]
        cursor.execute(SOLD.format(owner=owner), values)
        return {pk: int(amount) for pk, amount in cursor.fetchall()}


def _line(label, cells):
    shown = "".join(
        f"{cell:>{COLUMN},}" if isinstance(cell, int) else f"{cell:>{COLUMN}}" for cell in cells
    )
    return shortened(label, WIDTH + 8 - COLUMN * len(cells)) + shown
