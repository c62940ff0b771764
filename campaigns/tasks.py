"""Jobs of campaigns: ids in, one call of the domain each. Safe to repeat and to run late."""

import logging
from datetime import timedelta

from celery import shared_task

from campaigns import (
    alerts,
    bonuses,
    delivering,
    drafts,
    notices,
    reach,
    releasing,
    sweeping,
    tallies,
)
from campaigns.models import Campaign, Release, SweepRun
from campaigns.racing import incentives
from campaigns.rulebooks.versions import version_in_force
from campaigns.sweeping.shards import is_idle
from campaigns.sweeping.stages import OPEN_STATES
from sellers import clock
from sellers.rollups import roll_up

logger = logging.getLogger(__name__)

SWEEPS = "sweeps"
# A worker hands a long sweep on to the queue this often, so that no message stays with one for
# longer than the queue waits for a killed worker.
TURN = timedelta(minutes=5)
# So long may one job send to addresses that answer slowly; the next goes on.
POST = timedelta(minutes=1)


@shared_task
def sweep_shards(run_id: int) -> None:
    """Work on a sweep until it is closed; several of these may do so at once."""
    run = SweepRun.objects.filter(pk=run_id).first()
    if run is None:
        logger.warning("sweep %s is not there any more", run_id)
        return
    if sweeping.work(run, budget=TURN).state in OPEN_STATES:
        sweep_shards.apply_async([run_id], queue=SWEEPS)


@shared_task
def nightly_sweeps() -> None:
    """Start tonight's sweep of every published campaign, at the full hour."""
    at = clock.now().replace(minute=0, second=0, microsecond=0)
    for campaign in Campaign.objects.filter(state=Campaign.State.PUBLISHED).order_by("pk"):
        try:
            run = sweeping.start(campaign=campaign, at=at, mode=SweepRun.Mode.ENFORCE)
        except sweeping.SweepRefused as refusal:
            logger.info("no sweep: %s", refusal)
        else:
            enqueue(run)


@shared_task
def targeted_sweeps() -> None:
    """Sweep the entries of what feeds have changed since the last time."""
    for run in sweeping.take_changes(at=clock.now()):
        enqueue(run)


@shared_task
def take_up_sweeps() -> None:
    """Take up sweeps that nobody works on: their worker was killed, or their message lost."""
    for run in SweepRun.objects.filter(state__in=sorted(OPEN_STATES)).order_by("pk"):
        if is_idle(run, clock.now()):
            enqueue(run)


@shared_task
def purge_sweeps() -> None:
    """Remove expired previews and what closed sweeps and counts no longer need."""
    sweeping.purge(now=clock.now())
    reach.purge(now=clock.now())


@shared_task
def count_reach(count_id: int) -> None:
    """Count the live entries that a requirement would touch; a long count in several turns."""
    if reach.work(count_id, budget=TURN):
        enqueue_count(count_id)


@shared_task
def release_results() -> None:
    """Publish the results that are due, and take up releases that were cut off."""
    releasing.work_due(clock.now())


@shared_task
def work_release(release_id: int) -> None:
    """Publish what an operator asked for; a release that is finished stays so."""
    row = Release.objects.filter(pk=release_id, finished_at=None).first()
    if row is not None:
        releasing.work(row, at=clock.now())


@shared_task
def send_notices() -> None:
    """Queue what the outbox has ready for every address, and send what is due."""
    notices.send_ready(at=clock.now())
    delivering.send_due(at=clock.now(), budget=POST)


@shared_task
def purge_deliveries() -> None:
    """Remove deliveries that were sent, or given up, long ago."""
    delivering.purge(at=clock.now())


@shared_task
def raise_alerts() -> None:
    """Alert operators to new violations of the kinds that campaigns monitor."""
    alerts.raise_alerts(at=clock.now())


@shared_task
def fold_tallies() -> None:
    """Add what has been counted since the last time to the tallies."""
    tallies.fold()


@shared_task
def grant_bonuses() -> None:
    """Grant the bonuses that are due in every published campaign."""
    at = clock.now()
    for campaign in Campaign.objects.filter(state=Campaign.State.PUBLISHED).order_by("pk"):
        version = version_in_force(campaign, at)
        if version is not None:
            bonuses.grant_due(version, at)


@shared_task
def check_attainment() -> None:
    """Note who has attained an incentive by the full hours that are over, in every published
    campaign."""
    at = clock.now()
    for campaign in Campaign.objects.filter(state=Campaign.State.PUBLISHED).order_by("pk"):
        if incentives.are_due(campaign, at):
            # Only what is marked is added up, so a second time costs nothing.
            roll_up()
            incentives.check_attainment(campaign, at)


@shared_task
def expire_drafts() -> None:
    """Remove the drafts of questions and of filings that were cut off."""
    drafts.expire(clock.now())


def enqueue(run: SweepRun) -> None:
    """Ask the workers for sweeps to work on a run, two shards of a stage to each."""
    for _worker in range(max(1, run.shard_count // 2)):
        sweep_shards.apply_async([run.pk], queue=SWEEPS)


def enqueue_release(row: Release) -> None:
    """Ask a worker to publish results."""
    work_release.apply_async([row.pk])


def enqueue_count(count_id: int) -> None:
    """Ask a worker to count what a requirement would touch."""
    count_reach.apply_async([count_id], queue=SWEEPS)
