"""Reading stored boards: exact figures, scores taken apart, names, any past period."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from campaigns.models import BoardRow
from campaigns.racing.reading import (
    board_rows,
    boards_at,
    latest_boards,
    measure_columns,
    rows_on,
)
from tests.campaigns.racing.world import RaceWorld, day, hour
from tests.times import local

pytestmark = pytest.mark.django_db
ELEVEN = "2023-05-17 11:00"


@pytest.fixture
def world():
    return RaceWorld()


def labels(board):
    return [column.label for column in measure_columns(board)]


def test_a_sum_is_named_by_its_column_and_its_time(world):
    world.race()
    world.segment(
        during="live",
        every="hour",
        measures=[
            {"sum": "cart_amount", "of": "seller"},
            {"sum": "clean_amount", "of": "seller", "facts": {"milestone": "preheat"}},
            {"sum": "quantity", "of": "item", "facts": {"before": "live"}},
            {"sum": "orders", "of": "seller", "facts": {"since": "live"}},
        ],
    )
    world.seller("a")
    world.make("2023-05-17 11:00")
    assert labels(world.board(ELEVEN)) == [
        "add-to-cart amount, previous hour",
        "paid amount less abnormal amount, during “preheat”",
        "units sold of the items, before “live”",
        "orders, since “live” began",
    ]


def test_a_title_comes_first_and_in_the_readers_language(world):
    title = {"en": "Carts", "zh-hans": "加购"}
    world.race()
    world.segment(measures=[{"sum": "cart_amount", "of": "seller", "title": title}])
    world.seller("a")
    world.make(ELEVEN)
    assert labels(world.board(ELEVEN)) == ["Carts"]
    with override("zh-hans"):
        assert labels(world.board(ELEVEN)) == ["加购"]


def test_figures_are_exact_and_a_ratio_keeps_both_of_its_own(world):
    world.race(unit="item")
    world.segment(
        measures=[
            {"ratio": [{"sum": "quantity", "of": "item"}, {"metric": "entry.activity_price"}]},
            {"sum": "clean_amount", "of": "item"},
        ]
    )
    seller = world.seller("a")
    item = seller.items.get()
    hour(item, "2023-05-17 10:00", paid_amount="500.01", abnormal_amount="0.02")
    item.hours.update(quantity=7)
    world.make(ELEVEN)
    board = world.board(ELEVEN)
    (row,) = board_rows(board)
    ratio, sales = row.figures
    assert (row.place, row.seller, row.item, row.score) == (1, seller, item, None)
    # 7 over 88.00, to six places and no further.
    assert ratio.value == Decimal("0.079545")
    assert [(value, column.unit) for column, value in ratio.inputs] == [
        (Decimal(7), "units"),
        (Decimal("88.00"), "CNY"),
    ]
    assert ratio.column.label == "units sold, previous hour ÷ Campaign price"
    assert (sales.value, sales.column.unit, sales.part) == (Decimal("499.99"), "CNY", None)
    assert sales.column.is_plain
    assert not ratio.column.is_plain


def test_a_score_is_the_sum_of_its_parts(world):
    world.race()
    world.segment(
        score="weights",
        measures=[
            {"sum": "clean_amount", "of": "seller", "weight": 0.7, "percentile": True},
            {"metric": "seller.growth_level", "weight": 0.3, "order": "asc"},
            {"sum": "cart_amount", "of": "seller", "weight": 0.0001},
        ],
    )
    for number, code in enumerate("abc"):
        seller = world.seller(code)
        hour(seller, "2023-05-17 10:00", paid_amount=f"{number}.01", cart_amount="10.05")
    world.make(ELEVEN)
    board = world.board(ELEVEN)
    rows = board_rows(board)
    assert [row.seller.code for row in rows] == ["c", "b", "a"]
    for row in rows:
        assert row.score == sum(figure.part for figure in row.figures)
    first, level, carts = rows[1].figures
    assert (first.value, first.part, first.column.unit) == (Decimal("0.5"), Decimal("0.35"), "")
    # What is better the lower counts against.
    assert level.part == -level.value * Decimal("0.3") < 0
    assert carts.part == Decimal("0.001005")


def test_a_figure_that_is_not_known_is_none(world):
    world.race()
    world.segment(measures=[{"metric": "seller.operating_score"}])
    world.seller("a")
    world.make(ELEVEN)
    (row,) = board_rows(world.board(ELEVEN))
    assert (row.figures[0].value, row.figures[0].part) == (None, None)


@pytest.mark.rule("D12-136")
def test_a_past_hour_gives_the_board_and_its_inputs_as_they_were(world):
    world.race()
    world.segment()
    first, second = world.seller("a"), world.seller("b")
    hour(first, "2023-05-17 10:00", paid_amount="500.00")
    hour(second, "2023-05-17 10:00", paid_amount="500.01")
    world.make(ELEVEN)
    # What is known later, and who leaves, changes the next board and not this one.
    hour(first, "2023-05-17 10:00", paid_amount="900.00")
    second.entries.update(status="withdrawn")
    world.make("2023-05-17 13:00")
    for instant in ("2023-05-17 11:00:00", "2023-05-17 11:59:59"):
        (board,) = boards_at(world.campaign, local(instant), race="race", venue=world.venue.pk)
        assert [
            (row.place, row.seller.code, row.figures[0].value) for row in board_rows(board)
        ] == [(1, "b", Decimal("500.01")), (2, "a", Decimal("500.00"))]
    (board,) = boards_at(world.campaign, local("2023-05-17 12:00"))
    assert [row.seller.code for row in board_rows(board)] == ["a"]
    assert not boards_at(world.campaign, local("2023-05-17 14:00"))
    assert not boards_at(world.campaign, local(ELEVEN), race="another")


def test_a_board_that_is_being_made_is_not_shown(world):
    world.race()
    world.segment()
    world.seller("a")
    world.make(ELEVEN)
    board = world.board(ELEVEN)
    type(board).objects.filter(pk=board.pk).update(state="making")
    assert not boards_at(world.campaign, local(ELEVEN))
    found = latest_boards(world.campaign, [("race", world.venue.pk)], local(ELEVEN))
    assert [row.starts_at for row in found["race", world.venue.pk]] == [local("2023-05-17 10:00")]


def test_the_latest_board_is_the_one_that_holds_else_the_last(world):
    world.race()
    world.segment(code="days", during="preheat", every="day", facts="previous_day")
    world.segment()
    world.seller("a")
    pair = ("race", world.venue.pk)
    assert latest_boards(world.campaign, [pair], local("2023-05-15")) == {}
    world.make("2023-05-16 19:00")
    world.make("2023-05-16 21:00")
    for at, starts_at in (
        ("2023-05-16 19:59:59", "2023-05-16"),
        ("2023-05-16 20:00", "2023-05-16 20:00"),
        ("2023-06-01", "2023-05-16 21:00"),
    ):
        (board,) = latest_boards(world.campaign, [pair], local(at))[pair]
        assert board.starts_at == local(starts_at)


@pytest.mark.parametrize("number", [1, 3, 1000])
def test_a_board_is_read_in_as_many_queries_however_long(world, number, django_assert_num_queries):
    world.race()
    world.segment()
    seller = world.seller("a")
    world.make(ELEVEN)
    board = world.board(ELEVEN)
    BoardRow.objects.filter(board=board).delete()
    BoardRow.objects.bulk_create(
        BoardRow(board=board, place=place, seller=seller, entry_id=1, input_1=place)
        for place in range(1, number + 1)
    )
    columns = measure_columns(board)
    with django_assert_num_queries(1):
        assert len(board_rows(board, rows_on(board), columns=columns)) == number


def test_a_daily_board_says_the_previous_day(world):
    world.race()
    world.segment(during="preheat", every="day", facts="previous_day")
    seller = world.seller("a")
    day(seller, "2023-05-15", paid_amount="3.00")
    world.make("2023-05-16 01:00")
    board = world.board("2023-05-16")
    assert labels(board) == ["paid amount less abnormal amount, previous day"]
    assert board_rows(board)[0].figures[0].value == Decimal("3.00")
