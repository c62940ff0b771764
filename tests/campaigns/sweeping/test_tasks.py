"""The jobs of sweeps: thin, and safe to repeat."""

from datetime import UTC, datetime

import pytest

from campaigns import tasks
from campaigns.models import Campaign, SweepRun, SweepShard
from campaigns.sweeping import start, work
from campaigns.sweeping.shards import claim
from sellers import clock
from sellers.models import ChangedSubject
from tests.campaigns.sweeping.worlds import NIGHT, World, status_of
from tests.factories import CampaignFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch):
    """The sweeps that were handed to the queue, by run id; nothing is sent."""
    sent = []

    def remember(args, queue):
        assert queue == "sweeps"
        sent.extend(args)

    monkeypatch.setattr(tasks.sweep_shards, "apply_async", remember)
    return sent


@pytest.fixture
def world():
    world = World()
    world.requires("SHIP", ["item.ship_time_hours", "<=", 48], "abnormal")
    return world


def test_the_nightly_job_starts_one_run_a_night_however_often_it_comes(world, sent, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: datetime(2023, 5, 16, 18, 0, 7, tzinfo=UTC))
    CampaignFactory()
    for state in (Campaign.State.ENDED, Campaign.State.DRAFT, Campaign.State.SUSPENDED):
        World(state=state)
    tasks.nightly_sweeps()
    monkeypatch.setattr(clock, "now", lambda: datetime(2023, 5, 16, 18, 9, tzinfo=UTC))
    tasks.nightly_sweeps()
    run = SweepRun.objects.get()
    assert (run.campaign, run.at, run.mode) == (world.campaign, NIGHT, "enforce")
    assert set(sent) == {run.pk}


def test_a_task_works_its_run_off(world, sent):
    entry = world.entry(ship_time_hours=72)
    run = start(campaign=world.campaign, at=NIGHT, mode="enforce")
    tasks.sweep_shards(run.pk)
    assert status_of(entry) == "abnormal"
    assert sent == []


def test_a_task_for_a_run_that_is_gone_says_so(caplog):
    tasks.sweep_shards(987)
    assert "987" in caplog.text


def test_a_task_hands_a_long_run_on(world, sent, monkeypatch):
    from datetime import timedelta

    world.entry()
    monkeypatch.setattr(tasks, "TURN", timedelta(seconds=-1))
    run = start(campaign=world.campaign, at=NIGHT, mode="enforce")
    tasks.sweep_shards(run.pk)
    assert sent == [run.pk]


def test_only_abandoned_runs_are_taken_up(world, sent):
    world.entry()
    waiting = start(campaign=world.campaign, at=NIGHT, mode="enforce")
    done = world.sweep(mode="preview")
    tasks.take_up_sweeps()
    assert set(sent) == {waiting.pk}
    sent.clear()
    assert claim(waiting, clock.now)
    tasks.take_up_sweeps()
    assert sent == []
    SweepShard.objects.update(lease_until=datetime(2000, 1, 1, tzinfo=UTC))
    tasks.take_up_sweeps()
    assert set(sent) == {waiting.pk}
    sent.clear()
    work(waiting)
    tasks.take_up_sweeps()
    assert sent == []
    assert done.state == SweepRun.State.DONE


def test_changed_subjects_start_a_targeted_run(world, sent):
    entry = world.entry(ship_time_hours=72)
    ChangedSubject.objects.create(subject_kind="item", subject_id=entry.item_id, changed_at=NIGHT)
    tasks.targeted_sweeps()
    tasks.targeted_sweeps()
    assert set(sent) == {SweepRun.objects.get().pk}


def test_purging_is_repeatable(world):
    world.sweep(mode="preview")
    tasks.purge_sweeps()
    tasks.purge_sweeps()
    assert SweepRun.objects.count() == 1
