"""Works on a run: takes shards until none is left, and closes stages on the way."""

import logging
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, OperationalError

from campaigns.models import SweepRun, SweepShard
from campaigns.sweeping import (
    applying,
    evaluating,
    planning,
    refreshing,
    shards,
    stages,
)
from sellers import clock as installation_clock
from sellers.bulk_write import large_queries

logger = logging.getLogger(__name__)

# How often a worker without a shard looks whether the others have closed the stage.
PATIENCE = 0.2

Progress = Callable[[str, int, int], None]


def work(
    run: SweepRun,
    *,
    clock: shards.Clock = installation_clock.now,
    wait: bool = True,
    progress: Progress | None = None,
    budget: timedelta | None = None,
) -> SweepRun:
    """Work on the run until it is closed; returns it as it then is.

    Any number of workers may do so at once, and a run may be worked on again after any of them was
    killed. ``clock`` measures leases and the time taken, nothing that a decision rests on.
    Without ``wait`` the call returns as soon as the other workers have all that is left, and with
    a ``budget`` after the first shard that ends later than that. ``progress(stage, done, total)``
    is called for each shard done. What an error in a shard raises is raised again, and the shard
    is free for another try.
    """
    with large_queries():
        return _work(run, clock, wait, progress, budget)


def _work(run, clock, wait, progress, budget):
    began = clock()
    SweepRun.objects.filter(pk=run.pk, started_at=None).update(started_at=began)
    while True:
        run = SweepRun.objects.select_related("campaign", "version", "statistics").get(pk=run.pk)
        if run.state not in stages.OPEN_STATES:
            return run
        if budget is not None and clock() - began > budget:
            return run
        try:
            shard = shards.claim(run, clock)
        except shards.Exhausted as error:
            stages.fail(run, error)
            continue
        if shard is not None:
            _do(run, shard)
            if progress is not None:
                progress(run.stage, *_progress(run))
        elif shards.is_finished(run):
            stages.close(run, clock)
        elif not wait:
            return run
        else:
            time.sleep(PATIENCE)


def _do(run, shard):
    try:
        counts = _STAGES[run.stage](run, shard)
        shard.finish(counts)
    except shards.LostShard:
        logger.warning("run %s: shard %s was taken over", run.pk, shard.shard.pk)
    except Exception as error:
        shard.release()
        if shard.is_last_attempt:
            stages.fail(run, error)
        if not isinstance(error, OperationalError | IntegrityError):
            raise
        # A deadlock, a lost connection, a locked database, rows that a worker has written who has
        # lost the shard and does not know it yet: worth another try.
        logger.warning("run %s: shard %s is tried again", run.pk, shard.shard.pk, exc_info=True)


def _refresh(run, shard):
    if shard.is_first:
        refreshing.freeze(run)
    return {"items": refreshing.refresh_items(run, shard)}


def _sellers(run, shard):
    if not shard.is_first_attempt:
        planning.forget_registrations(run, shard)
        evaluating.forget(run, shard, evaluating.REGISTRATION)
    refreshing.refresh_sellers(run, shard)
    checker = evaluating.checker_of(run, evaluating.REGISTRATION, shard)
    evaluated = evaluating.evaluate_registrations(run, shard, checker)
    planning.find_registrations(run, shard, checker)
    return {"registrations": evaluated}


def _entries(run, shard):
    if not shard.is_first_attempt:
        planning.forget(run, shard)
        evaluating.forget(run, shard, evaluating.ENTRY)
    checkers = planning.Checkers(
        registration=evaluating.checker_of(run, evaluating.REGISTRATION),
        entry=evaluating.checker_of(run, evaluating.ENTRY, shard),
    )
    evaluating.evaluate_entries(run, shard, checkers.entry)
    planning.plan_entries(run, shard, checkers)
    return {}


def _apply(run, shard):
    applying.apply(run, shard)
    return {}


_STAGES = {
    stages.REFRESH: _refresh,
    stages.SELLERS: _sellers,
    stages.ENTRIES: _entries,
    stages.APPLY: _apply,
}


def _progress(run):
    states = list(
        SweepShard.objects.filter(run=run, stage=run.stage).values_list("state", flat=True)
    )
    return states.count(SweepShard.State.DONE), len(states)
