"""What an operator brought back is not cleared out again by the next night."""

from datetime import timedelta

import pytest

from campaigns.clearing import restore
from campaigns.models import Entry, RequirementHold
from campaigns.requirement_holds import HOLD_FOR, hold_what_cleared_out
from tests.campaigns.sweeping.worlds import NIGHT, World, status_of

pytestmark = pytest.mark.django_db

STOCKED = ["item.stock", ">=", 10]
SHIPS = ["item.ship_time_hours", "<=", 48]
OPEN = ["seller.one_click_closed", "==", False]
NOON = NIGHT + timedelta(hours=10)
DAY = timedelta(days=1)


@pytest.fixture
def world():
    world = World()
    world.requires("STOCK", STOCKED, "clear_out", reason="too_few")
    world.requires("SHIP", SHIPS, "clear_out")
    world.requires("OPEN", OPEN, "clear_out", subject="seller")
    return world


def restored(entry):
    entry.refresh_from_db()
    (result,) = restore(entries={entry.pk: entry.revision}, at=NOON, actor=None)
    return result.outcome


def test_for_a_week_what_cleared_it_out_leaves_it_alone(world):
    entry, other = world.entry(stock=9), world.entry(stock=9)
    world.sweep(NIGHT)
    assert [status_of(entry), status_of(other)] == ["cleared_out", "cleared_out"]

    assert restored(entry) == "restored"
    world.sweep(NIGHT + DAY)
    assert [status_of(entry), status_of(other)] == ["approved", "cleared_out"]
    (hold,) = RequirementHold.objects.all()
    assert (hold.entry, hold.requirement_code, hold.until) == (entry, "STOCK", NOON + HOLD_FOR)

    world.sweep(NOON + HOLD_FOR - timedelta(seconds=1))
    assert status_of(entry) == "approved"
    world.sweep(NOON + HOLD_FOR)
    assert status_of(entry) == "cleared_out"


def test_what_it_fails_beside_that_still_clears_it_out(world):
    entry = world.entry(stock=9)
    world.sweep(NIGHT)
    restored(entry)
    entry.item.ship_time_hours = 72
    entry.item.save()
    world.sweep(NIGHT + DAY)
    assert status_of(entry) == "cleared_out"


def test_a_requirement_of_the_shop_is_held_for_the_entry_alone(world):
    closed = world.seller(one_click_closed=True)
    entry, other = world.entry(seller=closed), world.entry(seller=closed)
    world.sweep(NIGHT)
    assert [status_of(entry), status_of(other)] == ["cleared_out", "cleared_out"]
    restored(entry)
    (hold,) = RequirementHold.objects.all()
    assert (hold.entry, hold.requirement_code) == (entry, "OPEN")
    world.sweep(NIGHT + DAY)
    assert [status_of(entry), status_of(other)] == ["approved", "cleared_out"]


def test_what_a_person_cleared_out_has_nothing_to_hold(world):
    entry = world.entry("cleared_out")
    assert restored(entry) == "restored"
    assert not RequirementHold.objects.exists()


def test_the_same_again_changes_nothing(world):
    entry = world.entry(stock=9)
    world.sweep(NIGHT)
    entry = Entry.objects.get(pk=entry.pk)
    assert hold_what_cleared_out([entry], at=NOON) == 1
    assert hold_what_cleared_out([entry], at=NOON) == 1
    assert RequirementHold.objects.count() == 1


@pytest.mark.parametrize("number", [1, 3, 20])
def test_the_queries_are_the_same_however_many_entries(world, number, django_assert_num_queries):
    entries = [world.entry(stock=9) for _number in range(number)]
    world.sweep(NIGHT)
    rows = list(Entry.objects.filter(pk__in=[entry.pk for entry in entries]))
    with django_assert_num_queries(4):
        assert hold_what_cleared_out(rows, at=NOON) == number
