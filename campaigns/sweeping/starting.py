"""Starts runs, once each."""

from datetime import datetime

from django.db import transaction

from campaigns.models import Campaign, SweepRun
from campaigns.rulebooks.versions import version_in_force
from campaigns.sweeping import refreshing, shards, stages

NIGHTLY = "nightly"
# About twice the workers that an installation has at least; more help, fewer do not hurt.
SHARDS = 4


class SweepRefused(Exception):
    """The run cannot be started, confirmed, cancelled or undone; the message says why."""


def start(
    *,
    campaign: Campaign,
    at: datetime,
    mode: str,
    scope: str = NIGHTLY,
    actor=None,
    shard_count: int = SHARDS,
) -> SweepRun:
    """The run of the campaign at the instant, made if there is none yet.

    ``mode`` is a ``SweepRun.Mode``. A run is one per (campaign, at, mode, scope), so starting it
    twice gives the same run; ``work`` does it. It uses the rulebook version in force at ``at``.
    ``shard_count`` is how many ranges a stage is cut into, best about twice the workers.
    Raises SweepRefused if no version is in force then.
    """
    return begin(
        campaign=campaign, at=at, mode=mode, scope=scope, actor=actor, shard_count=shard_count
    )


def begin(*, campaign, at, mode, scope, actor=None, shard_count=SHARDS, prepare=None, **values):
    """`start` with further fields; ``prepare(run)`` runs with a new run's transaction."""
    if mode not in SweepRun.Mode.values:
        raise ValueError(f"unknown mode {mode!r}")
    version = version_in_force(campaign, at)
    if version is None:
        raise SweepRefused(f"{campaign.code}: no rulebook version is in force at {at.isoformat()}")
    with transaction.atomic():
        run, made = SweepRun.objects.get_or_create(
            campaign=campaign,
            at=at,
            mode=mode,
            scope=scope,
            defaults={
                "version": version,
                "actor": actor,
                "shard_count": max(1, shard_count),
                **values,
            },
        )
        if made:
            refreshing.prepare(run)
            if prepare is not None:
                prepare(run)
            stages.open_first(run)
    return run


def cancel(run: SweepRun) -> SweepRun:
    """Give up a run that has not begun to move anything. Raises SweepRefused if it has."""
    S = SweepRun.State
    before = SweepRun.objects.filter(
        pk=run.pk, state__in=[S.REFRESHING, S.EVALUATING, S.TRIPPED, S.FAILED]
    ).exclude(stage=stages.APPLY)
    if not before.update(state=S.CANCELLED, stage=stages.CLOSED):
        raise SweepRefused(f"run {run.pk} is {run.get_state_display()}")
    run.refresh_from_db()
    return run


def resume(run: SweepRun) -> SweepRun:
    """Let a failed run be worked on again, once what made it fail is mended; others stay."""
    failed = SweepRun.objects.filter(pk=run.pk, state=SweepRun.State.FAILED)
    with transaction.atomic():
        state = stages.STATE_OF.get(run.stage)
        if state is not None and failed.update(state=state, trip_reason={}):
            shards.forget_attempts(run)
    run.refresh_from_db()
    return run
