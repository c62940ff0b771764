"""Boards: which there are, their rows, who stands because of them, and a board as a table.

Staff see all; reviewers those of their venues; a seller those of public races that it is on.
"""

from collections.abc import Iterator
from itertools import chain

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from campaigns import permissions
from campaigns.api.filters import BoardFilter, BoardRowFilter, PlacementFilter
from campaigns.models import Board, BoardRow, Placement, VenueTerms
from campaigns.published import rows_of
from campaigns.racing.reading import (
    MeasureColumn,
    board_rows,
    made,
    measure_columns,
    read_row,
    rows_on,
)
from campaigns.spreadsheets import csv_stream
from sellers.api.decimals import ExactModelSerializer
from sellers.pagination import KeysetPagination

PERSONALISED = "personalised"
# Rows of a table that are read at a time.
CHUNK = 2_000
GROUP = OpenApiParameter(
    "group", str, description="The group; the rows of one without groups are in the group “”."
)


class LatestFirst(KeysetPagination):
    """The newest first: boards are made in the order of their periods."""

    ordering = "-pk"


class ByPlace(KeysetPagination):
    """The best first; places are unique within a group."""

    ordering = "place"


class BoardSerializer(ExactModelSerializer):
    """A board: whose it is, its period [starts_at, ends_at), and of which time its figures are."""

    campaign = serializers.SlugRelatedField("code", read_only=True)
    venue = serializers.SlugRelatedField("code", read_only=True)
    race = serializers.CharField(source="race_code")
    segment = serializers.CharField(source="segment_code")
    floor = serializers.CharField(source="floor_code", help_text="Empty for the venue itself.")
    version = serializers.IntegerField(source="version.number", read_only=True)

    class Meta:
        model = Board
        fields = [
            "id", "campaign", "venue", "race", "segment", "unit", "starts_at", "ends_at",
            "facts_from", "facts_to", "floor", "places", "candidates", "version", "made_at", "late",
        ]  # fmt: skip


class InputSerializer(serializers.Serializer):
    """A figure that a measure is made of."""

    label = serializers.CharField()
    unit = serializers.CharField()


class MeasureSerializer(serializers.Serializer):
    """A measure, named in the reader's language."""

    label = serializers.CharField()
    unit = serializers.CharField()
    descending = serializers.BooleanField(help_text="Whether more is better.")
    percentile = serializers.BooleanField(
        help_text="The share of the group's others that are worse, from 0 to 1."
    )
    weight = serializers.CharField(
        allow_null=True, help_text="A decimal; null where one measure decides after the other."
    )
    inputs = InputSerializer(many=True)


class BoardDetailSerializer(BoardSerializer):
    """A board with what it was ranked by, in the order in which that decided."""

    measures = serializers.SerializerMethodField()
    candidate_pool = serializers.SerializerMethodField(
        help_text="Whether a rank makes a candidate only, for the venue's display is personal."
    )

    class Meta(BoardSerializer.Meta):
        fields = [*BoardSerializer.Meta.fields, "measures", "candidate_pool"]

    def get_measures(self, board) -> MeasureSerializer(many=True):
        """As the rulebook then had them."""
        return MeasureSerializer(measure_columns(board), many=True).data

    def get_candidate_pool(self, board) -> bool:
        """By the venue's placement mode."""
        return is_candidate_pool(board)


class FigureSerializer(serializers.Serializer):
    """A measure of one candidate: decimals as text, null where nothing was known."""

    value = serializers.CharField(allow_null=True)
    inputs = serializers.SerializerMethodField()
    part = serializers.CharField(allow_null=True, help_text="What it adds to the score.")

    def get_inputs(self, figure) -> list[str | None]:
        """In the order of the measure's inputs."""
        return [None if value is None else f"{value:f}" for _column, value in figure.inputs]

    def to_representation(self, figure) -> dict:
        """Decimals with all their places, never with an exponent."""
        shown = super().to_representation(figure)
        return {**shown, "value": _text(figure.value), "part": _text(figure.part)}


class BoardRowSerializer(serializers.Serializer):
    """A candidate's rank with all that it was ranked by; `figures` are in the order of measures."""

    group = serializers.CharField()
    rank = serializers.IntegerField(source="place")
    seller = serializers.CharField(source="seller.code")
    item = serializers.CharField(source="item.code", allow_null=True, default=None)
    entry = serializers.IntegerField(source="entry_id")
    filed_at = serializers.DateTimeField(allow_null=True)
    score = serializers.SerializerMethodField()
    figures = FigureSerializer(many=True)

    def get_score(self, row) -> str | None:
        """A decimal; null where one measure decided after the other."""
        return _text(row.score)


class PlacementSerializer(ExactModelSerializer):
    """Who stands where because of a board, or no longer does."""

    seller = serializers.SlugRelatedField("code", read_only=True)
    item = serializers.SlugRelatedField("code", read_only=True, allow_null=True)
    source = serializers.SlugRelatedField(
        "code", read_only=True, allow_null=True, help_text="The venue by whose entry it stands."
    )
    candidate_pool = serializers.SerializerMethodField(
        help_text="True where the venue's display is personal: a candidate, no promise to be shown."
    )

    class Meta:
        model = Placement
        fields = [
            "group", "position", "rank", "outcome", "pinned", "seller", "item", "source",
            "candidate_pool",
        ]  # fmt: skip

    def get_candidate_pool(self, _placement) -> bool:
        """The same for every one of a board."""
        return self.context["candidate_pool"]


class BoardViewSet(viewsets.ReadOnlyModelViewSet):
    """Boards that are made, newest first."""

    serializer_class = BoardSerializer
    filterset_class = BoardFilter
    pagination_class = LatestFirst
    queryset = Board.objects.none()

    def get_queryset(self) -> QuerySet[Board]:
        """Those that the caller may see."""
        return _visible(self.request)

    @extend_schema(responses=BoardDetailSerializer)
    def retrieve(self, request: Request, *args, **kwargs) -> Response:
        """One board with its measures."""
        board = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        return Response(BoardDetailSerializer(board).data)


class _PartsOfBoard(generics.ListAPIView):
    """What belongs to the board of the address; a 404 for one that the caller may not see."""

    @cached_property
    def board(self) -> Board:
        """Read once for the page."""
        return get_object_or_404(_visible(self.request), pk=self.kwargs["pk"])


class BoardRowsView(_PartsOfBoard):
    """The rows of one group, best first (of `group`, by default of “”), or all of one seller's."""

    serializer_class = BoardRowSerializer
    filterset_class = BoardRowFilter
    pagination_class = ByPlace
    queryset = BoardRow.objects.none()

    @extend_schema(parameters=[GROUP])
    def get(self, request: Request, *args, **kwargs) -> Response:
        """A page of them, with every figure that they were ranked by."""
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[BoardRow]:
        """Within one group, for places are unique there and found by key."""
        asked = self.request.query_params
        rows = rows_on(self.board)
        if "group" in asked or not asked.get("seller"):
            rows = rows.filter(group=asked.get("group", ""))
        return rows

    def paginate_queryset(self, queryset: QuerySet[BoardRow]) -> list:
        """The rows, read."""
        return board_rows(self.board, super().paginate_queryset(queryset))


class PlacementsView(_PartsOfBoard):
    """Who stands because of the board, by group and position; with `stands=false` who no longer
    does, with its rank."""

    serializer_class = PlacementSerializer
    filterset_class = PlacementFilter
    pagination_class = KeysetPagination
    queryset = Placement.objects.none()

    def get_queryset(self) -> QuerySet[Placement]:
        """Stored by group and position."""
        found = Placement.objects.filter(board=self.board)
        return found.select_related("seller", "item", "source")

    def get_serializer_context(self) -> dict:
        """With whether a placement is no more than a candidacy."""
        context = super().get_serializer_context()
        if getattr(self, "swagger_fake_view", False):
            return context
        return {**context, "candidate_pool": is_candidate_pool(self.board)}


class BoardTableView(APIView):
    """A whole board as CSV (UTF-8), sent row by row."""

    @extend_schema(responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, pk: int) -> StreamingHttpResponse:
        """Every row by group and rank; the header in the caller's language."""
        board = get_object_or_404(_visible(request), pk=pk)
        return csv_stream(f"board-{board.pk}.csv", _lines(board, measure_columns(board)))


def _visible(request):
    boards = made(permissions.visible_boards(request.user))
    return boards.select_related("campaign", "venue", "version")


def is_candidate_pool(board: Board) -> bool:
    """Whether the venue's display was personal by the board's rulebook version (G520-014)."""
    terms = rows_of(board.version, VenueTerms)
    return any(
        row.venue_id == board.venue_id and row.placement_mode == PERSONALISED for row in terms
    )


def _lines(board: Board, columns: list[MeasureColumn]) -> Iterator[list]:
    """The header and a line for each row. Three queries, the rows read in chunks."""
    display = "candidate_pool" if is_candidate_pool(board) else ""
    stands = Placement.objects.filter(board=board, position__isnull=False, rank__isnull=False)
    positions = {
        (group, rank): position
        for group, rank, position in stands.values_list("group", "rank", "position")
    }
    return chain([_header(columns)], _body(board, columns, positions, display))


def _header(columns):
    header = [
        _("group"), _("rank"), _("shop"), _("shop’s name"), _("item"), _("title"), _("filed at"),
        _("place on the page"), _("display"),
    ]  # fmt: skip
    for column in columns:
        header.append(_named(column.label, column.unit))
        if not column.is_plain:
            header += [_named(each.label, each.unit) for each in column.inputs]
        if column.weight is not None:
            weighted = {"measure": column.label, "weight": column.weight}
            header.append(_("%(measure)s × %(weight)s") % weighted)
    return [*header, _("score")]


def _body(board, columns, positions, display):
    # In the caller's language the header is; the rows are written after the answer has begun.
    for stored in rows_on(board).iterator(chunk_size=CHUNK):
        row = read_row(board, stored, columns)
        line = [
            row.group,
            row.place,
            row.seller.code,
            row.seller.name,
            row.item.code if row.item else "",
            row.item.title if row.item else "",
            row.filed_at.isoformat() if row.filed_at else "",
            positions.get((row.group, row.place)),
            display,
        ]
        for figure in row.figures:
            line.append(figure.value)
            if not figure.column.is_plain:
                line += [value for _column, value in figure.inputs]
            if figure.part is not None:
                line.append(figure.part)
        yield [*line, row.score]


def _named(label, unit):
    return f"{label} ({unit})" if unit else label


def _text(value):
    return None if value is None else f"{value:f}"
