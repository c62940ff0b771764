"""The best items and sellers of a campaign at an instant, for its data screen: of stored boards
where a race ranks sales, else as the rollup of sales keeps them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import Q

from campaigns.measures import SUM
from campaigns.models import (
    Board,
    BoardRow,
    Campaign,
    CampaignSales,
    CampaignTop,
    Race,
    RaceSegment,
    RulebookVersion,
)
from campaigns.racing.periods import races_of, venues_of
from campaigns.timeline import shown

# A ranking on a wall has so many lines.
MOST_ROWS = 10
# A board is followed by the next; until that is made, which may take a while, it stays.
KEPT = timedelta(hours=1)
# What a race ranks sales by.
SALES = ("clean_amount", "paid_amount")


def rankings(
    campaign: Campaign,
    version: RulebookVersion | None,
    mark: CampaignSales | None,
    at: datetime,
) -> list[dict]:
    """The best items, then the best sellers, at most ten of each, best first.

    ``source`` is "board" for the sales board that holds at ``at`` in the first venue of its race,
    with the time of its figures [``from``, ``until``); "sales" for what the rollup keeps of the
    whole sale until ``until``. With ``version`` None no board is looked for. Amounts are decimals
    as text; a board's are those of its first measure. Four queries.
    """
    boards = {}
    if version:
        boards = {unit: _board(campaign, version, unit, at) for unit in Race.Unit.values}
        boards = {unit: found for unit, found in boards.items() if found}
    rows = _board_rows([board for board, _race in boards.values()])
    tops = [] if len(boards) == len(Race.Unit) else _tops(campaign)
    found = []
    for unit in (Race.Unit.ITEM, Race.Unit.SELLER):
        if unit in boards:
            found.append(_of_board(unit, *boards[unit], version, rows))
        else:
            found.append(
                {
                    "unit": unit.value,
                    "source": "sales",
                    "title": {},
                    "venue": {},
                    "until": shown(mark.tops_until) if mark and mark.tops_until else None,
                    "rows": [
                        _line(row, money(row.amount)) for row in tops if row.kind == unit.value
                    ],
                }
            )
    return found


def money(value: Decimal | int) -> str:
    """An amount as the feed has it: "1234.50"."""
    return f"{Decimal(value):.2f}"


def _board(campaign, version, unit, at):
    """The sales board that holds, and its race; None if there is none. One query."""
    races = [
        (race, codes, venues_of(version, race)[:1])
        for race, segments in races_of(version)
        if race.unit == unit
        and not race.group_by
        and (codes := [row.code for row in segments if _ranks_sales(row)])
    ]
    asked = {
        race.code: (race, Q(venue=terms.venue_id, race_code=race.code, segment_code__in=codes))
        for race, codes, venues in races
        for terms in venues
    }
    if not asked:
        return None
    wanted = Q()
    for _race, condition in asked.values():
        wanted |= condition
    boards = Board.objects.filter(
        wanted,
        campaign=campaign,
        state=Board.State.MADE,
        starts_at__lte=at,
        starts_at__gt=at - timedelta(days=2),
        ends_at__gt=at - KEPT,
    )
    latest = list(boards.order_by("-starts_at", "pk")[: len(asked)])
    if not latest:
        return None
    # Of those that began together, that of the race which the rulebook names first.
    best = min(latest, key=lambda row: (-row.starts_at.timestamp(), [*asked].index(row.race_code)))
    return best, asked[best.race_code][0]


def _ranks_sales(segment: RaceSegment) -> bool:
    first = segment.measures[0] if segment.measures else {}
    is_ordered = segment.score == RaceSegment.Score.ORDER and not first.get("percentile")
    return is_ordered and first.get(SUM) in SALES and first.get("order", "desc") == "desc"


def _board_rows(boards: Iterable[Board]):
    if not boards:
        return []
    rows = BoardRow.objects.filter(board__in=boards, place__lte=MOST_ROWS)
    return list(rows.select_related("seller", "item").order_by("board", "place"))


def _of_board(unit, board, race, version, rows):
    (figure,) = board.measures[0]["inputs"]
    venue = next((row for row in venues_of(version, race) if row.venue_id == board.venue_id), None)
    lines = []
    for row in rows:
        if row.board_id == board.pk:
            scaled = getattr(row, f"input_{figure['place']}")
            value = None if scaled is None else money(Decimal(scaled).scaleb(-figure["places"]))
            lines.append(_line(row, value))
    return {
        "unit": unit.value,
        "source": "board",
        "title": race.title,
        "venue": venue.title if venue else {},
        "from": shown(board.facts_from) if board.facts_from else None,
        "until": shown(board.facts_to) if board.facts_to else None,
        "rows": lines,
    }


def _line(row, amount):
    item = row.item
    return {
        "place": row.place,
        "code": item.code if item else row.seller.code,
        "name": (item.title or item.code) if item else (row.seller.name or row.seller.code),
        "seller": row.seller.name or row.seller.code,
        "amount": amount,
    }


def _tops(campaign):
    rows = CampaignTop.objects.filter(campaign=campaign, place__lte=MOST_ROWS)
    return list(rows.select_related("seller", "item").order_by("kind", "place"))
