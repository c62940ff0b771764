"""What runs leave behind, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import Finding, Ground, Hit, PlannedMove, SweepRun
from campaigns.sweeping import purge, start, work
from sellers.models import FactSet
from tests.campaigns.sweeping.worlds import NEXT_NIGHT, NIGHT, World

pytestmark = pytest.mark.django_db

WORKED = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def world():
    world = World()
    world.requires("SHIP", ["item.ship_time_hours", "<=", 48], "abnormal")
    world.entry(ship_time_hours=72)
    return world


def sweep(world, mode, at=NIGHT):
    return work(start(campaign=world.campaign, at=at, mode=mode), clock=lambda: WORKED)


def test_a_preview_is_gone_after_seven_days_with_all_that_it_found(world):
    preview = sweep(world, "preview")
    assert preview.expires_at == WORKED + timedelta(days=7)
    purge(now=WORKED + timedelta(days=7) - timedelta(microseconds=1))
    assert Finding.objects.filter(run=preview).count() == 1
    assert purge(now=WORKED + timedelta(days=7))["previews"] == 1
    for model in (SweepRun, Finding, Ground, Hit, PlannedMove):
        assert not model.objects.exists(), model


@pytest.mark.parametrize("mode", ["shadow", "enforce"])
def test_findings_of_scheduled_runs_are_kept_for_good(world, mode):
    run = sweep(world, mode)
    purge(now=WORKED + timedelta(days=365))
    assert Finding.objects.get().run == run
    assert Ground.objects.exists()
    assert not Hit.objects.exists()
    assert not PlannedMove.objects.exists()


def test_hits_and_plans_stay_for_a_month(world):
    sweep(world, "shadow")
    purge(now=WORKED + timedelta(days=29))
    assert Hit.objects.exists()
    assert PlannedMove.objects.exists()


def test_old_statistics_go_and_the_newest_night_keeps_its_own(world):
    runs = [sweep(world, "enforce", at) for at in (NIGHT, NEXT_NIGHT)]
    assert FactSet.objects.filter(kind="statistics").count() == 2
    purge(now=WORKED + timedelta(days=3))
    for run in runs:
        run.refresh_from_db()
    assert runs[0].statistics is None
    assert runs[1].statistics is not None


def test_runs_at_work_are_left_alone(world):
    start(campaign=world.campaign, at=NIGHT, mode="preview")
    purge(now=WORKED + timedelta(days=999))
    assert SweepRun.objects.count() == 1
