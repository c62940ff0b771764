"""How boards' columns, figures and placements are said and listed."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from campaigns.models import Board, Placement, Race
from campaigns.racing.reading import MeasureColumn, measure_columns, read_row, rows_on
from campaigns.templatetags.board_figures import unit
from sellers.localtime import local_text

CHUNK = 2000
_O = Placement.Outcome


def column_head(column: MeasureColumn) -> dict:
    """A measure's column: its name, unit, and how it counts."""
    notes = []
    if not column.descending:
        notes.append(_("the lowest first"))
    if column.percentile:
        notes.append(_("percentile"))
    if column.weight is not None:
        notes.append(_("weight %(weight)s") % {"weight": column.weight})
    return {
        "title": column.label,
        "unit": unit(column.unit),
        "notes": " · ".join(notes),
        "column": column,
    }


def placement_words(placement: Placement | None, places: int | None) -> dict:
    """What came of a candidate: words, tone, and why."""
    if placement is None:
        return {}
    tones = {_O.PROMOTED: "good", _O.KEPT: "plain", _O.DEMOTED: "bad", _O.LEFT: "warn"}
    why = ""
    if placement.outcome == _O.DEMOTED:
        why = _("rank %(rank)d, needed %(places)d") % {"rank": placement.rank, "places": places}
        if placement.rank <= places:
            why = _("rank %(rank)d, but pinned ones came before it") % {"rank": placement.rank}
    elif placement.outcome == _O.LEFT:
        why = _("it is not on the board: no approved entry takes part")
    return {
        "text": placement.get_outcome_display(),
        "tone": tones[placement.outcome],
        "why": why,
        "position": placement.position,
        "pinned": placement.pinned,
    }


class BoardTable:
    """A board as the lines of a table."""

    def __init__(self, board: Board):
        self.board = board
        self.columns = measure_columns(board)
        self.weighted = any(column.weight is not None for column in self.columns)
        self.is_item = board.unit == Race.Unit.ITEM

    def lines(self) -> Iterator[list]:
        """The heading, then every candidate by group and rank."""
        yield self.heading()
        placements = self._placements()
        for row in rows_on(self.board).iterator(chunk_size=CHUNK):
            read = read_row(self.board, row, self.columns)
            outcome, position, pinned = placements.get(
                (row.group, row.seller_id, row.item_id), ("", "", "")
            )
            cells = [row.group, row.place, row.seller.code, row.seller.name]
            if self.is_item:
                cells += [row.item.code, row.item.title]
            for figure in read.figures:
                cells.append(figure.value)
                if not figure.column.is_plain:
                    cells += [value for _column, value in figure.inputs]
                if self.weighted:
                    # What counts against may be −0.
                    cells.append(figure.part + 0)
            if self.weighted:
                cells.append(read.score)
            filed = local_text(row.filed_at) if row.filed_at else ""
            yield [*cells, filed, position, "pinned" if pinned else "", outcome]

    def heading(self) -> list[str]:
        """The columns' names; units in brackets."""
        heads = ["group", "rank", "seller", "seller_name"]
        if self.is_item:
            heads += ["item", "item_title"]
        for column in self.columns:
            heads.append(_with_unit(column.label, column.unit))
            if not column.is_plain:
                heads += [_with_unit(each.label, each.unit) for each in column.inputs]
            if self.weighted:
                heads.append(f"{column.label} × {column.weight}")
        if self.weighted:
            heads.append("score")
        return [*heads, "filed_at", "position", "pinned", "outcome"]

    def _placements(self):
        rows = Placement.objects.filter(board=self.board).values_list(
            "group", "seller", "item", "outcome", "position", "pinned"
        )
        return {tuple(row[:3]): row[3:] for row in rows}


def _with_unit(label, code):
    return f"{label} ({unit(code)})" if code else label
