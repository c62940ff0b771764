"""One board: the ranking with every figure, who stands where, who left; and as a table."""

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.translation import gettext as _

from campaigns.admin import keyset, shown
from campaigns.admin.race_figures import BoardTable, column_head, placement_words
from campaigns.admin.race_pins import may_pin_positions
from campaigns.models import Board, BoardRow, Placement, Race, RaceSegment
from campaigns.published import rows_of
from campaigns.racing.progress import placed
from campaigns.racing.reading import measure_columns, read_row, rows_on
from campaigns.spreadsheets import csv_stream
from sellers.models import Item, Seller

# A list of groups longer than this is no list to choose from.
MOST_GROUPS = 500
RANKS, STANDS, LEFT = "ranks", "stands", "left"


class RaceBoards:
    """The pages of a campaign's boards."""

    def get_urls(self):
        """With a board's page and its table."""
        view = self.admin_site.admin_view
        own = [
            path(
                "<int:campaign>/boards/<int:board>/",
                view(self.board_view),
                name="campaigns_campaign_board",
            ),
            path(
                "<int:campaign>/boards/<int:board>/board.csv",
                view(self.board_table_view),
                name="campaigns_campaign_board_table",
            ),
        ]
        return [*own, *super().get_urls()]

    def board_view(self, request, campaign, board):
        """The ranking; ``?show=stands`` and ``?show=left`` what came of it. ``?group=`` leaves one
        group, ``?find=`` one seller or item."""
        found, board = self._board(request, campaign, board)
        show = request.GET.get("show", RANKS)
        show = show if show in (STANDS, LEFT) else RANKS
        groups = groups_of(board)
        chosen = request.GET.get("group") if request.GET.get("group") in groups else None
        context = {
            **board_context(board),
            "campaign": found,
            "show": show,
            "groups": groups if len(groups) > 1 or groups[:1] != [""] else [],
            "group": chosen,
            "find": request.GET.get("find", ""),
            "held": placed([board])[board.pk],
            "may_pin": board.places is not None and may_pin_positions(request.user),
            **self._shown(request, board, show, chosen),
        }
        return self._page(request, "board", _("Board"), context)

    def board_table_view(self, request, campaign, board):
        """The whole board, a line for each candidate."""
        found, board = self._board(request, campaign, board)
        name = f"{found.code}-{board.race_code}-{board.venue.code}-{board.starts_at:%Y%m%dT%H%MZ}"
        return csv_stream(f"{name}.csv", BoardTable(board).lines())

    def _shown(self, request, board, show, group):
        if show != RANKS:
            return {"page": self._placements(request, board, show, group)}
        columns = measure_columns(board)
        rows = rows_on(board)
        rows = rows.filter(group=group) if group is not None else rows
        rows = found_in(rows, request.GET.get("find", "").strip())
        page = keyset.page_of(rows, request.GET, ("group", "place"))
        stands = placements_of(board, page.rows)
        weighted = any(column.weight is not None for column in columns)
        lines = [
            {
                "row": read_row(board, row, columns),
                "placement": stands.get((row.group, row.seller_id, row.item_id)),
            }
            for row in page.rows
        ]
        for line in lines:
            line["words"] = placement_words(line["placement"], board.places)
        return {
            "page": page,
            "lines": lines,
            "columns": [column_head(column) for column in columns],
            "weighted": weighted,
        }

    def _placements(self, request, board, show, group):
        rows = Placement.objects.filter(board=board).select_related("seller", "item", "source")
        rows = rows.filter(group=group) if group is not None else rows
        rows = found_in(rows, request.GET.get("find", "").strip())
        if show == STANDS:
            rows = rows.filter(position__isnull=False)
            page = keyset.page_of(rows, request.GET, ("group", "position"))
        else:
            page = keyset.page_of(rows.filter(position__isnull=True), request.GET, ("pk",))
        for placement in page.rows:
            placement.words = placement_words(placement, board.places)
        return page

    def _board(self, request, campaign, board):
        found = self._raced(request, campaign)
        rows = Board.objects.select_related("venue", "version")
        board = get_object_or_404(rows, pk=board, campaign=found, state=Board.State.MADE)
        board.campaign = board.version.campaign = found
        return found, board


def board_context(board: Board) -> dict:
    """What every page of a board says of it."""
    race = next((r for r in rows_of(board.version, Race) if r.code == board.race_code), None)
    segments = rows_of(board.version, RaceSegment)
    segment = next(
        (s for s in segments if (s.race, s.code) == (board.race_code, board.segment_code)), None
    )
    return {
        "board": board,
        "race": (shown.text(race.title) if race else "") or board.race_code,
        "segment": (shown.text(segment.title) if segment else "") or board.segment_code,
        "venue": shown.venue_titles([board.venue_id]).get(board.venue_id) or board.venue.code,
        "is_item": board.unit == Race.Unit.ITEM,
        "grouped": bool(race and race.group_by),
    }


def groups_of(board: Board) -> list[str]:
    """The board's groups: each has a first."""
    rows = BoardRow.objects.filter(board=board, place=1).order_by("group")
    return list(rows.values_list("group", flat=True)[:MOST_GROUPS])


def placements_of(board: Board, rows) -> dict:
    """What came of the candidates of these rows, by group, seller and item (ids)."""
    found = Placement.objects.filter(board=board, seller__in={row.seller_id for row in rows})
    return {(row.group, row.seller_id, row.item_id): row for row in found}


def found_in(rows, code: str):
    """The rows of the seller, or of the item, of that code; all for none."""
    if not code:
        return rows
    items = Item.objects.filter(code=code)
    sellers = Seller.objects.filter(code=code)
    return rows.filter(Q(seller__in=sellers) | Q(item__in=items, seller__in=items.values("seller")))
