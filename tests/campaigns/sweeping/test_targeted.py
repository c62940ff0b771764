"""Re-checks of what a feed has just changed."""

from datetime import timedelta

import pytest

from campaigns.models import Campaign, Finding, SweepRun, SweepSubject
from campaigns.sweeping import confirm, take_changes, targeted, work
from sellers.models import ChangedSubject
from tests.campaigns.sweeping.worlds import NIGHT, World, change_item, change_seller, status_of

pytestmark = pytest.mark.django_db

SHIPS = ["item.ship_time_hours", "<=", 48]
OPEN = ["seller.one_click_closed", "==", False]


def mark(kind, pk):
    ChangedSubject.objects.create(subject_kind=kind, subject_id=pk, changed_at=NIGHT)


@pytest.fixture
def world():
    world = World()
    world.requires("SHIP", SHIPS, "abnormal")
    world.requires("OPEN", OPEN, "unpublish", subject="seller")
    return world


def sweep(world, at=NIGHT):
    run = targeted(campaign=world.campaign, at=at)
    return run and work(run)


@pytest.mark.rule("G520-035")
def test_a_changed_item_is_swept_at_once_and_nothing_else(world):
    changed, unmarked = world.entry(), world.entry(ship_time_hours=72)
    change_item(changed, ship_time_hours=72)
    mark("item", changed.item_id)
    run = sweep(world)
    assert (status_of(changed), status_of(unmarked)) == ("abnormal", "approved")
    assert (run.live, run.scope, run.counts["moved"]) == (1, "targeted:1", {"abnormal": 1})
    assert not ChangedSubject.objects.exists()
    change_item(changed, ship_time_hours=48)
    mark("item", changed.item_id)
    sweep(world, NIGHT + timedelta(minutes=1))
    assert status_of(changed) == "approved"


def test_a_changed_seller_takes_all_its_entries_along(world):
    seller = world.seller()
    entries = [world.entry(seller=seller) for _number in range(3)]
    other = world.entry()
    change_seller(entries[0], one_click_closed=True)
    mark("seller", seller.pk)
    sweep(world)
    assert {status_of(entry) for entry in entries} == {"unpublished"}
    assert status_of(other) == "approved"
    assert Finding.objects.count() == 1


def test_an_entry_does_not_recover_while_its_seller_still_fails(world):
    world.requires("SHUT", OPEN, "abnormal", subject="seller")
    entry = world.entry("abnormal", ship_time_hours=72, seller=world.seller(one_click_closed=True))
    change_item(entry, ship_time_hours=48)
    mark("item", entry.item_id)
    sweep(world)
    assert status_of(entry) == "unpublished"


def test_without_changes_there_is_no_run(world):
    world.entry()
    assert sweep(world) is None
    assert not SweepRun.objects.exists()


def test_changes_that_concern_no_live_entry_are_cleared_without_a_run(world):
    entry = world.entry("submitted")
    mark("item", entry.item_id)
    assert sweep(world) is None
    assert not ChangedSubject.objects.exists()
    assert not SweepRun.objects.exists()


def test_every_published_campaign_sees_a_change(world):
    other = World()
    other.requires("SHIP", SHIPS, "abnormal")
    ended = World(state=Campaign.State.ENDED)
    first = world.entry()
    second, third = other.entry(item=joined(other, first)), ended.entry(item=joined(ended, first))
    change_item(first, ship_time_hours=72)
    mark("item", first.item_id)
    runs = take_changes(at=NIGHT)
    assert {run.campaign for run in runs} == {world.campaign, other.campaign}
    for run in runs:
        work(run)
    assert [status_of(e) for e in (first, second, third)] == ["abnormal", "abnormal", "approved"]


def joined(world, entry):
    """The entry's item, its seller registered in another campaign."""
    from tests.factories import RegistrationFactory

    RegistrationFactory(campaign=world.campaign, seller=entry.seller, version=world.version)
    return entry.item


def test_two_runs_at_one_instant_are_two(world):
    entries = [world.entry(), world.entry()]
    for entry in entries:
        mark("item", entry.item_id)
        sweep(world)
    assert sorted(SweepRun.objects.values_list("scope", flat=True)) == ["targeted:1", "targeted:2"]


def test_a_big_change_is_measured_against_all_live_entries():
    world = World(breaker_share="0.5000", breaker_minimum=0)
    world.requires("SHIP", SHIPS, "abnormal")
    changed = [world.entry(ship_time_hours=72) for _number in range(2)]
    others = [world.entry() for _number in range(2)]
    for entry in changed:
        mark("item", entry.item_id)
    assert sweep(world).state == SweepRun.State.DONE
    change_item(others[0], ship_time_hours=72)
    change_item(others[1], ship_time_hours=72)
    world.entry("abnormal")
    for entry in others:
        mark("item", entry.item_id)
    # 2 of 5 live entries.
    assert sweep(world, NIGHT + timedelta(minutes=1)).state == SweepRun.State.DONE


def test_a_stopped_targeted_run_is_confirmed_for_the_same_entries():
    world = World(breaker_share="0.2000", breaker_minimum=0)
    world.requires("SHIP", SHIPS, "abnormal")
    entries = [world.entry(ship_time_hours=72) for _number in range(2)]
    for entry in entries[:1]:
        mark("item", entry.item_id)
    run = sweep(world)
    assert run.state == SweepRun.State.TRIPPED
    confirming = work(confirm(run))
    assert [status_of(entry) for entry in entries] == ["abnormal", "approved"]
    assert SweepSubject.objects.filter(run=confirming).count() == 1
    assert confirming.live == 1


def test_a_mark_set_after_the_take_stays(world, monkeypatch):
    from campaigns.sweeping import targeting as module

    first, second = world.entry(), world.entry()
    mark("item", first.item_id)
    begin = module.begin

    def begin_while_a_feed_marks(**options):
        mark("item", second.item_id)
        return begin(**options)

    monkeypatch.setattr(module, "begin", begin_while_a_feed_marks)
    take_changes(at=NIGHT)
    assert list(ChangedSubject.objects.values_list("subject_id", flat=True)) == [second.item_id]
