"""Boards: which are due, what feeds them, who is on them, and that they stay as they are."""

import pytest

from campaigns.models import Board, BoardRow
from campaigns.racing.boards import Made
from tests.campaigns.racing.world import RaceWorld, hour
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    world = RaceWorld()
    world.race()
    world.segment()
    return world


def test_the_hour_before_feeds_a_board(world):
    first, second = world.seller("a"), world.seller("b")
    hour(first, "2023-05-17 09:00", paid_amount="500.00")
    hour(second, "2023-05-17 09:00", paid_amount="500.01")
    hour(first, "2023-05-17 10:00", paid_amount="1.00")
    world.make("2023-05-17 10:00")
    assert world.ranked("2023-05-17 10:00") == ["b", "a"]
    world.make("2023-05-17 11:00")
    assert world.ranked("2023-05-17 11:00") == ["a", "b"]
    board = world.board("2023-05-17 10:00")
    assert (board.facts_from, board.facts_to) == (
        local("2023-05-17 09:00"),
        local("2023-05-17 10:00"),
    )
    rows = BoardRow.objects.filter(board=board).order_by("place")
    assert list(rows.values_list("place", "input_1", "score")) == [
        (1, 50001, None),
        (2, 50000, None),
    ]


def test_made_again_a_board_is_the_same(world):
    seller = world.seller("a")
    hour(seller, "2023-05-16 19:00", paid_amount="5.00")
    assert world.make("2023-05-16 20:00") == Made(made=1)
    hour(seller, "2023-05-16 19:00", paid_amount="7.00")
    assert world.make("2023-05-16 20:10") == Made()
    row = BoardRow.objects.get()
    assert row.input_1 == 500


def test_late_boards_leave_no_gap_and_are_marked(world):
    world.seller("a")
    world.make("2023-05-16 20:00")
    assert world.make("2023-05-16 23:05") == Made(made=3, late=2)
    boards = Board.objects.order_by("starts_at")
    assert list(boards.values_list("starts_at", "late")) == [
        (local("2023-05-16 20:00"), False),
        (local("2023-05-16 21:00"), True),
        (local("2023-05-16 22:00"), True),
        (local("2023-05-16 23:00"), False),
    ]
