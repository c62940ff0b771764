"""What if: a board's candidates ranked by other measures or weights, without storing anything."""

from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass

from django.db import DataError
from django.utils.translation import gettext as _

from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.measures import MeasureError, problems_of_segment
from campaigns.models import Board, BoardRow, Milestone, Race, RaceSegment, VenueTerms
from campaigns.published import rows_of
from campaigns.racing.boards import ranking_of
from campaigns.racing.labels import Words
from campaigns.racing.periods import Due, spans_of
from campaigns.racing.reading import MeasureColumn, ReadRow, measure_columns, read_row
from campaigns.rulebooks.section import Names
from campaigns.rulebooks.sections.races import SEGMENTS
from sellers.models import Item, Seller

# So many of a group are ranked anew; a larger number would take the page's time.
MOST_ROWS = 100
# Of a board without places: how many of its first are compared.
FIRST = 10


class SupposingRefused(Exception):
    """Measures that cannot be ranked by; the message says why."""


@dataclass(frozen=True)
class Moved:
    """A candidate by the other measures, and its rank on the stored board (None: not on it)."""

    row: ReadRow
    was: int | None

    @property
    def by(self) -> int | None:
        """How many ranks higher it is now; negative for lower."""
        return None if self.was is None else self.was - self.row.place

    @property
    def down(self) -> int:
        """How many ranks lower it is now."""
        return max(-(self.by or 0), 0)


@dataclass(frozen=True)
class Gone:
    """A candidate of the stored board's first that is not among the other ranking's first; ``now``
    is None where it is beyond what was ranked anew."""

    seller: Seller
    item: Item | None
    was: int
    now: int | None


@dataclass(frozen=True)
class Supposed:
    """The other ranking of one group: its first rows, and of the first ``first`` those who come in
    and who goes out."""

    columns: list[MeasureColumn]
    weighted: bool
    rows: list[Moved]
    first: int
    come: list[Moved]
    gone: list[Gone]


def due_of(board: Board) -> Due:
    """What the board was made of: the rows of its own version. Raises LookupError where these do
    not have it."""
    version = board.version
    found = {
        "race": [row for row in rows_of(version, Race) if row.code == board.race_code],
        "segment": [
            row
            for row in rows_of(version, RaceSegment)
            if (row.race, row.code) == (board.race_code, board.segment_code)
        ],
        "terms": [row for row in rows_of(version, VenueTerms) if row.venue_id == board.venue_id],
    }
    if not all(found.values()):
        raise LookupError(str(board))
    first = {name: rows[0] for name, rows in found.items()}
    return Due(version, **first, starts_at=board.starts_at, ends_at=board.ends_at)


def suppose(
    board: Board, *, measures: list[dict], score: str, group: str = "", most: int = MOST_ROWS
) -> Supposed:
    """Rank a group of the board's candidates by other measures, of the same time; entries and
    figures are those known now. Nothing is stored. Raises SupposingRefused."""
    due = due_of(board)
    segment = copy(due.segment)
    segment.measures, segment.score = measures, score
    if due.race.group_by:
        segment.only_groups, segment.except_groups = [group], []
    vocabulary = vocabulary_of(due.version)
    for problem in _problems(due, segment, vocabulary):
        raise SupposingRefused(problem)
    # The candidates of one group: others need not be ranked.
    narrowed = Due(due.version, due.race, segment, due.terms, due.starts_at, due.ends_at)
    try:
        ranking, layout = ranking_of(narrowed, first=most, segment=segment)
        found = ranking.rows()
    except MeasureError as error:
        raise SupposingRefused(error.message) from error
    except (DataError, OverflowError) as error:
        text = _("The scores would be too large to add up; take smaller weights.")
        raise SupposingRefused(text) from error
    supposed = copy(board)
    supposed.measures = layout.told()
    supposed.score_places = max((each.places for each in layout.measures), default=0)
    columns = measure_columns(supposed, Words(due.version))
    rows = _rows(supposed, ranking.columns, found)
    moved = _moved(board, [read_row(supposed, row, columns) for row in rows])
    first = board.places or FIRST
    return Supposed(
        columns=columns,
        weighted=score == RaceSegment.Score.WEIGHTS,
        rows=moved,
        first=first,
        come=[
            each
            for each in moved
            if each.row.place <= first and (each.was is None or each.was > first)
        ],
        gone=_gone(board, group, moved, first),
    )


def _problems(due, segment, vocabulary: Vocabulary) -> Iterable[str]:
    """What a load of the rulebook would say of the segment's measures; nothing is stored."""
    row = {column: getattr(segment, column) for column in SEGMENTS.columns}
    names = Names(
        codes={"milestones": {each.code for each in rows_of(due.version, Milestone)}},
        rows={"races": [{"code": due.race.code, "group_by": due.race.group_by}]},
        metrics=set(vocabulary.metrics),
    )
    for problem in SEGMENTS.problems([row], names):
        yield problem.message
        return
    for _path, message in problems_of_segment(
        segment,
        due.race,
        version=due.version,
        vocabulary=vocabulary,
        milestones=spans_of(due.version),
    ):
        yield message


def _rows(board, columns, found):
    """What the database returned as rows of a board that is not stored."""
    taken = [name for name in columns if name not in ("seller", "item", "filed_at")]
    rows = [dict(zip(columns, values, strict=True)) for values in found]
    sellers = Seller.objects.in_bulk({row["seller"] for row in rows})
    items = Item.objects.in_bulk({row["item"] for row in rows if row["item"]})
    return [
        BoardRow(
            board=board,
            seller=sellers[row["seller"]],
            item=items.get(row["item"]),
            **{name: row[name] for name in taken},
        )
        for row in rows
    ]


def _moved(board, rows: list[ReadRow]) -> list[Moved]:
    """With the rank that each has on the stored board; one query."""
    stored = BoardRow.objects.filter(board=board).filter(seller__in={row.seller.pk for row in rows})
    ranks = {
        (group, seller, item): place
        for group, seller, item, place in stored.values_list("group", "seller", "item", "place")
    }
    return [
        Moved(row, ranks.get((row.group, row.seller.pk, row.item.pk if row.item else None)))
        for row in rows
    ]


def _gone(board, group, moved, first):
    now = {
        (row.seller.pk, row.item.pk if row.item else None): row.place
        for row in (each.row for each in moved)
    }
    before = BoardRow.objects.filter(board=board, group=group, place__lte=first)
    gone = []
    for row in before.select_related("seller", "item").order_by("place"):
        place = now.get((row.seller_id, row.item_id))
        if place is None or place > first:
            gone.append(Gone(row.seller, row.item, row.place, place))
    return gone
