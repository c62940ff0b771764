"""A clock that jumps, and workers that come twice, together, or do not come to an end."""

from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.db.models import QuerySet

from campaigns.models import Board, BoardRow
from campaigns.racing import boards, causing
from campaigns.racing.boards import LEASE, Made, make
from campaigns.racing.periods import due_boards
from sellers.bulk_write import target
from tests.campaigns.racing.late import FIRST, SELLERS, a_race, forget, state
from tests.campaigns.racing.world import hour
from tests.races.together import at_once
from tests.times import local

pytestmark = pytest.mark.django_db(transaction=True)

AT = local(FIRST)
HOURS = [AT + timedelta(hours=n) for n in range(4)]


@pytest.fixture
def world():
    return a_race()


class Killed(BaseException):
    """What ends a worker at once: nothing in the code catches it."""


def dying(function, *, call=1, first=True):
    """The function, dying in its call of that number, after its work or (``first``) before it."""
    calls = 0

    def instead(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == call and first:
            raise Killed
        result = function(*args, **kwargs)
        if calls == call:
            raise Killed
        return result

    return instead


def dies_once_taken(patch):
    patch.setattr(boards, "_fill", dying(boards._fill))


def dies_inside_the_rows(patch):
    if connection.vendor == "postgresql":
        # One statement: all of the rows or none of them.
        patch.setattr(boards, "insert_from_query", dying(boards.insert_from_query, first=False))
        return
    patch.setattr(boards, "CHUNK", 0)
    patch.setattr(boards, "ROWS_AT_ONCE", 2)
    patch.setattr(target.Target, "move", dying(target.Target.move, call=2))


def dies_once_placed(patch):
    patch.setattr(causing, "place", dying(causing.place, first=False))


def dies_before_closing(patch):
    patch.setattr(boards, "_closed", dying(boards._closed))


@pytest.mark.parametrize(
    "dies", [dies_once_taken, dies_inside_the_rows, dies_once_placed, dies_before_closing]
)
def test_what_a_killed_worker_began_another_makes_after_the_lease(world, monkeypatch, dies):
    world.make(AT)
    undisturbed = state()
    assert [len(rows) for rows in undisturbed.values()] == [15, 75, 32, 6, 6]
    forget(FIRST)
    with monkeypatch.context() as patch:
        dies(patch)
        with pytest.raises(Killed):
            world.make(AT)
    begun = Board.objects.get(starts_at=AT)
    if dies is dies_inside_the_rows and connection.vendor == "sqlite":
        assert BoardRow.objects.filter(board=begun).count() == 2
    assert state() != undisturbed
    # While the first may still be at work nobody else takes it.
    assert world.make(AT + LEASE - timedelta(microseconds=1)) == Made(waiting=1)
    begun.refresh_from_db()
    assert begun.state == Board.State.MAKING
    assert world.make(AT + LEASE) == Made(made=1)
    assert state() == undisturbed


def test_a_second_time_changes_nothing(world):
    assert world.make(AT) == Made(made=1)
    found = state()
    assert world.make(AT) == Made()
    assert world.make(AT + timedelta(minutes=59)) == Made()
    assert state() == found


def test_three_hours_without_a_job_leave_the_same_boards(world):
    for at in HOURS:
        assert world.make(at) == Made(made=1)
    punctual = state(invited=False)
    for at in reversed(HOURS):
        forget(f"{at + timedelta(hours=8):%Y-%m-%d %H:%M}")
    assert world.make(AT) == Made(made=1)
    assert world.make(HOURS[-1] + timedelta(minutes=5)) == Made(made=3, late=2)
    assert state(invited=False) == punctual


def test_a_worker_that_wakes_after_the_lease_changes_nothing(world, monkeypatch):
    """It took the board, slept, and another made it; what it would rank by has changed since."""
    (due,) = due_boards(world.campaign, AT)
    asked = boards._fill

    def sleeping(*args, **kwargs):
        monkeypatch.setattr(boards, "_fill", asked)
        assert make(due, AT + LEASE).state == Board.State.MADE
        for code in SELLERS:
            hour(world.sellers[code], "2023-05-17 09:00", paid_amount="1.00")
        return asked(*args, **kwargs)

    monkeypatch.setattr(boards, "_fill", sleeping)
    assert make(due, AT) is None
    board = Board.objects.get(starts_at=AT)
    assert board.made_at == AT + LEASE
    rows = BoardRow.objects.filter(board=board).order_by("place")
    assert list(rows.values_list("input_1", flat=True)) == [50000, 40000, 30000, 20000, 10000]


def test_a_worker_that_ends_after_the_lease_does_not_close(world, monkeypatch):
    (due,) = due_boards(world.campaign, AT)
    cause = boards.cause

    def sleeping(*args):
        cause(*args)
        monkeypatch.setattr(boards, "cause", cause)
        assert make(due, AT + LEASE).state == Board.State.MADE

    monkeypatch.setattr(boards, "cause", sleeping)
    assert make(due, AT) is None
    assert Board.objects.get(starts_at=AT).made_at == AT + LEASE


@pytest.mark.postgres
def test_of_two_at_the_same_time_one_makes_it(world, monkeypatch):
    world.make(AT)
    undisturbed = state()
    forget(FIRST)
    create, barrier = QuerySet.create, Barrier(2, timeout=60)

    def together(self, **values):
        if self.model is Board:
            barrier.wait()
        return create(self, **values)

    # Both have seen that there is none before either makes it.
    monkeypatch.setattr(QuerySet, "create", together)
    found = at_once(lambda: world.make(AT), lambda: world.make(AT))
    assert sum(each.made for each in found) >= 1
    assert all(each.made + each.waiting == 1 for each in found)
    assert Board.objects.filter(starts_at=AT).count() == 1
    assert state() == undisturbed


@pytest.mark.postgres
def test_of_two_after_a_lease_one_takes_it(world, monkeypatch):
    world.make(AT)
    undisturbed = state()
    forget(FIRST)
    with monkeypatch.context() as patch:
        dies_once_taken(patch)
        with pytest.raises(Killed):
            world.make(AT)
    barrier, taken = Barrier(2, timeout=60), Board.objects.get_or_create

    def together(**values):
        found = taken(**values)
        barrier.wait()
        return found

    monkeypatch.setattr(Board.objects, "get_or_create", together)
    found = at_once(lambda: world.make(AT + LEASE), lambda: world.make(AT + LEASE))
    assert sorted(found, key=lambda each: each.made) == [Made(waiting=1), Made(made=1)]
    assert state() == undisturbed
