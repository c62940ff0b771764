"""The breaker, and going on after it."""

from datetime import timedelta

import pytest

from campaigns.models import EntryHistory, Finding, PlannedMove, SweepRun
from campaigns.sweeping import SweepRefused, cancel, confirm, start, work
from sellers.models import FeedRun
from tests.campaigns.sweeping.worlds import NIGHT, World, change_item, status_of
from tests.factories import VenueTermsFactory

pytestmark = pytest.mark.django_db

SHIPS = ["item.ship_time_hours", "<=", 48]
STOCKED = ["item.stock", ">=", 10]
TRIPPED, DONE = SweepRun.State.TRIPPED, SweepRun.State.DONE


def a_world(failing, passing, *, requirement=True, **campaign):
    world = World(**campaign)
    if requirement:
        world.requires("SHIP", SHIPS, "clear_out")
    for number in range(failing + passing):
        world.entry(ship_time_hours=72 if number < failing else 48)
    return world


@pytest.mark.parametrize(("failing", "state"), [(2, DONE), (3, TRIPPED)])
def test_the_share_may_reach_the_limit_and_not_pass_it(failing, state):
    world = a_world(failing, 10 - failing, breaker_share="0.2000", breaker_minimum=0)
    run = world.sweep()
    assert run.state == state
    assert EntryHistory.objects.count() == (2 if state == DONE else 0)
    assert Finding.objects.filter(run=run).count() == failing


@pytest.mark.parametrize(("minimum", "state"), [(3, DONE), (2, TRIPPED)])
def test_few_moves_never_trip_it(minimum, state):
    assert a_world(3, 1, breaker_share="0.1000", breaker_minimum=minimum).sweep().state == state


def test_the_reason_says_what_was_measured_and_what_the_limit_is():
    run = a_world(3, 9, breaker_share="0.2000").sweep()
    assert run.trip_reason == {
        "shares": [
            {"venue": "", "moves": 3, "live": 12, "share": "0.2500", "limit": "0.2000"},
            {"venue": "main", "moves": 3, "live": 12, "share": "0.2500", "limit": "0.2000"},
        ],
        "stale": [],
    }
    assert (run.live, run.counts["planned"]) == (12, {"cleared_out": 3})


def test_one_venue_trips_it_for_the_whole_campaign():
    world = a_world(0, 17, breaker_share="0.2000")
    venue = VenueTermsFactory(version=world.version, code="branch").venue
    for hours in (72, 72, 48):
        world.entry(venue=venue, ship_time_hours=hours)
    run = world.sweep()
    assert [(row["venue"], row["moves"]) for row in run.trip_reason["shares"]] == [("branch", 2)]
    assert run.state == TRIPPED
    assert not EntryHistory.objects.exists()


def test_only_moves_off_approved_count():
    world = a_world(0, 4, breaker_share="0.1000")
    for _number in range(4):
        world.entry("abnormal")
    for _number in range(4):
        world.entry("abnormal", ship_time_hours=72)
    run = world.sweep()
    assert run.state == DONE
    assert (run.counts["recovered"], run.counts["moved"]) == (4, {"cleared_out": 4})


@pytest.mark.parametrize("mode", ["preview", "shadow"])
def test_a_run_that_only_looks_is_not_stopped_but_says_that_it_would_be(mode):
    run = a_world(3, 1, breaker_share="0.2000").sweep(mode=mode)
    assert run.state == DONE
    assert run.trip_reason["shares"]


def feed(kind, at, state="done"):
    FeedRun.objects.create(kind=kind, file_name="x.csv", at=at, state=state)


@pytest.mark.parametrize(("late", "state"), [(0, DONE), (1, TRIPPED)])
def test_facts_older_than_the_limit_trip_it(late, state):
    world = a_world(1, 9, stale_after_hours=24)
    feed("items", NIGHT - timedelta(days=9))
    feed("items", NIGHT - timedelta(hours=24, microseconds=late))
    feed("items", NIGHT + timedelta(hours=1))
    run = world.sweep()
    assert run.state == state
    if late:
        (stale,) = run.trip_reason["stale"]
        assert (stale["feed"], stale["hours"]) == ("items", 24)


def test_a_feed_that_was_refused_is_no_feed():
    world = a_world(1, 9, stale_after_hours=24)
    feed("items", NIGHT - timedelta(hours=30))
    feed("items", NIGHT, state="refused")
    assert world.sweep().state == TRIPPED


def test_feeds_that_no_requirement_rests_on_may_be_old():
    world = a_world(1, 9, stale_after_hours=24)
    feed("sellers", NIGHT - timedelta(days=9))
    assert world.sweep().state == DONE


def test_a_feed_that_never_came_is_not_late():
    assert a_world(1, 9, stale_after_hours=1).sweep().state == DONE


def test_a_confirmation_evaluates_again_and_moves_what_both_decided():
    world = a_world(0, 2, breaker_share="0.2000")
    world.requires("STOCK", STOCKED, "abnormal")
    stays, mended, other = (world.entry(ship_time_hours=72) for _number in range(3))
    later = world.entry()
    run = world.sweep()
    assert run.state == TRIPPED
    change_item(mended, ship_time_hours=48)
    change_item(later, ship_time_hours=72)
    # Fails still, but something else follows from it than what was confirmed.
    change_item(other, ship_time_hours=48, stock=9)
    confirming = work(confirm(run))
    assert confirming.state == DONE
    assert status_of(stays) == "cleared_out"
    assert {status_of(entry) for entry in (mended, other, later)} == {"approved"}
    assert confirming.counts["moved"] == {"cleared_out": 1}
    assert confirming.counts["unconfirmed"] == 2
    assert (confirming.confirms, confirming.at) == (run, NIGHT)


def test_confirming_twice_is_confirming_once():
    run = a_world(3, 1, breaker_share="0.2000").sweep()
    first = work(confirm(run))
    assert confirm(run) == first
    assert EntryHistory.objects.count() == 3


def test_only_a_stopped_run_can_be_confirmed():
    run = a_world(1, 9).sweep()
    with pytest.raises(SweepRefused):
        confirm(run)


def test_working_on_a_stopped_run_does_not_move_anything():
    world = a_world(3, 1, breaker_share="0.2000")
    run = world.sweep()
    assert work(run).state == TRIPPED
    assert world.sweep().state == TRIPPED
    assert not EntryHistory.objects.exists()
    assert set(PlannedMove.objects.values_list("state", flat=True)) == {"planned"}


def test_a_stopped_run_may_be_cancelled_and_a_finished_one_not():
    run = a_world(3, 1, breaker_share="0.2000").sweep()
    assert cancel(run).state == SweepRun.State.CANCELLED
    with pytest.raises(SweepRefused):
        confirm(run)
    done = a_world(0, 1).sweep()
    with pytest.raises(SweepRefused):
        cancel(done)


def test_a_cancelled_run_is_not_worked_on():
    world = a_world(1, 1)
    run = cancel(start(campaign=world.campaign, at=NIGHT, mode="enforce"))
    assert work(run).state == SweepRun.State.CANCELLED
    assert not Finding.objects.exists()
