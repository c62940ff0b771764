"""Stored boards as people and machines read them: exact figures, scores taken apart, any period.

Nothing here counts rows: a board knows how many took part in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Max, Q, QuerySet

from campaigns.measures import WEIGHT_PLACES
from campaigns.models import Board, BoardRow, Campaign
from campaigns.racing.labels import Labels, Words
from sellers.bulk_write import PERCENTILE_PLACES
from sellers.models import Item, Seller


@dataclass(frozen=True)
class InputColumn:
    """One figure of a measure: its name, its unit, and where a row has it (``input_n``)."""

    label: str
    unit: str
    places: int
    field: str

    def value(self, row: BoardRow) -> Decimal | None:
        """The figure, exact; None where nothing was known."""
        return _scaled(getattr(row, self.field), self.places)


@dataclass(frozen=True)
class MeasureColumn:
    """One measure of a board. ``weight`` is None unless a weighted sum decided; ``field`` is where
    a row has the value."""

    number: int
    label: str
    unit: str
    places: int
    descending: bool
    percentile: bool
    weight: Decimal | None
    inputs: tuple[InputColumn, ...]
    field: str

    @property
    def is_plain(self) -> bool:
        """Whether the value is the one input itself."""
        return len(self.inputs) == 1 and not self.percentile

    def value(self, row: BoardRow) -> Decimal | None:
        """The value that was ranked by; a percentile from 0 to 1, None where nothing was known."""
        return _scaled(getattr(row, self.field), self.places)

    def part(self, value: Decimal | None) -> Decimal | None:
        """What the value adds to the score: what is missing adds nothing, and what is better the
        lower counts against. None without a weight."""
        if self.weight is None:
            return None
        lower = not self.descending and not self.percentile
        return (value or Decimal(0)) * (-self.weight if lower else self.weight)


@dataclass(frozen=True)
class Figure:
    """A measure of one candidate: its value, its inputs, and its part of the score."""

    column: MeasureColumn
    value: Decimal | None
    inputs: tuple[tuple[InputColumn, Decimal | None], ...]
    part: Decimal | None


@dataclass(frozen=True)
class ReadRow:
    """A candidate's place on a board with all that it was ranked by. ``score`` is None unless a
    weighted sum decided, and then the sum of the figures' parts."""

    group: str
    place: int
    seller: Seller
    item: Item | None
    entry_id: int
    filed_at: datetime | None
    score: Decimal | None
    figures: tuple[Figure, ...]


def measure_columns(board: Board, words: Words | None = None) -> list[MeasureColumn]:
    """The board's measures in the order in which they decided, named in the reader's language;
    ``words`` are those of its version, where they are known already."""
    labels = Labels(board, words)
    weighted = bool(board.measures) and all(told["weight"] is not None for told in board.measures)
    return [
        _column(number, told, labels, weighted) for number, told in enumerate(board.measures, 1)
    ]


def board_rows(
    board: Board,
    rows: QuerySet[BoardRow] | Iterable[BoardRow] | None = None,
    *,
    columns: Sequence[MeasureColumn] | None = None,
) -> list[ReadRow]:
    """Rows of the board, by group and place; all of them, or those of ``rows``. One query."""
    if rows is None:
        rows = rows_on(board)
    columns = measure_columns(board) if columns is None else columns
    return [read_row(board, row, columns) for row in rows]


def rows_on(board: Board) -> QuerySet[BoardRow]:
    """The board's rows with seller and item, by group and place."""
    rows = BoardRow.objects.filter(board=board).select_related("seller", "item")
    return rows.order_by("group", "place")


def read_row(board: Board, row: BoardRow, columns: Sequence[MeasureColumn]) -> ReadRow:
    """One row, read."""
    figures = []
    for column in columns:
        value = column.value(row)
        inputs = tuple((each, each.value(row)) for each in column.inputs)
        figures.append(Figure(column, value, inputs, column.part(value)))
    return ReadRow(
        group=row.group,
        place=row.place,
        seller=row.seller,
        item=row.item,
        entry_id=row.entry_id,
        filed_at=row.filed_at,
        score=score_of(board, row),
        figures=tuple(figures),
    )


def score_of(board: Board, row: BoardRow) -> Decimal | None:
    """A row's score, exact; None where one measure decided after the other."""
    return _scaled(row.score, board.score_places + WEIGHT_PLACES)


def boards_at(
    campaign: Campaign, at: datetime, *, race: str | None = None, venue: int | None = None
) -> QuerySet[Board]:
    """The boards that held at an instant, however long ago, as they were made (D12-136); of all
    races and venues or of one (a code, an id)."""
    boards = made(Board.objects.filter(campaign=campaign, starts_at__lte=at, ends_at__gt=at))
    if race is not None:
        boards = boards.filter(race_code=race)
    if venue is not None:
        boards = boards.filter(venue=venue)
    return boards.select_related("venue", "version").order_by("race_code", "venue", "segment_code")


def latest_boards(
    campaign: Campaign, pairs: Iterable[tuple[str, int]], at: datetime
) -> dict[tuple[str, int], list[Board]]:
    """For each race and venue (code, id) the boards that hold at the instant, several where
    segments divide its groups; where none holds, the last one that did. Two queries."""
    pairs = set(pairs)
    if not pairs:
        return {}
    found = made(
        Board.objects.filter(
            campaign=campaign,
            race_code__in={race for race, _venue in pairs},
            venue__in={venue for _race, venue in pairs},
            starts_at__lte=at,
        )
    )
    lasts = [
        (race, venue, segment, starts_at)
        for race, venue, segment, starts_at in found.order_by()
        .values_list("race_code", "venue", "segment_code")
        .annotate(Max("starts_at"))
        if (race, venue) in pairs
    ]
    if not lasts:
        return {}
    condition = Q()
    for race, venue, segment, starts_at in lasts:
        condition |= Q(race_code=race, venue=venue, segment_code=segment, starts_at=starts_at)
    boards = {}
    for board in found.filter(condition).select_related("venue", "version"):
        boards.setdefault((board.race_code, board.venue_id), []).append(board)
    return {pair: _current(rows, at) for pair, rows in boards.items()}


def made(boards: QuerySet[Board]) -> QuerySet[Board]:
    """Those that are made; one that is being made shows nothing yet."""
    return boards.filter(state=Board.State.MADE)


def _current(boards, at):
    holding = [board for board in boards if board.ends_at > at]
    holding = holding or [max(boards, key=lambda board: (board.starts_at, board.pk))]
    return sorted(holding, key=lambda board: board.segment_code)


def _column(number, told, labels, weighted):
    inputs = tuple(
        InputColumn(label, each["unit"], each["places"], f"input_{each['place']}")
        for label, each in zip(labels.inputs(told), told["inputs"], strict=True)
    )
    plain = len(inputs) == 1 and not told["percentile"]
    return MeasureColumn(
        number=number,
        label=labels.measure(told),
        unit=told["unit"],
        places=PERCENTILE_PLACES if told["percentile"] else told["places"],
        descending=told["descending"],
        percentile=told["percentile"],
        weight=Decimal(str(told["weight"])) if weighted else None,
        inputs=inputs,
        field=inputs[0].field if plain else f"value_{number}",
    )


def _scaled(value, places):
    return None if value is None else Decimal(value).scaleb(-places)
