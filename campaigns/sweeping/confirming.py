"""Goes on after the breaker: a person has looked and confirms."""

from datetime import datetime

from campaigns.models import SweepRun
from campaigns.sweeping.starting import SweepRefused, begin
from campaigns.sweeping.targeting import copy_subjects


def confirm(run: SweepRun, *, at: datetime | None = None, actor=None) -> SweepRun:
    """The run that confirms one which the breaker has stopped; `work` does it.

    It evaluates again, at ``at`` (by default the instant of the stopped run), and moves only what
    both had decided on: an entry mended since is left alone, and one that fails since waits for
    the next night. Confirming twice gives the same run. Raises SweepRefused for a run that the
    breaker has not stopped.
    """
    if run.state != SweepRun.State.TRIPPED:
        raise SweepRefused(f"run {run.pk} was not stopped by the breaker")
    existing = run.confirmations.order_by("pk").first()
    if existing is not None:
        return existing
    return begin(
        campaign=run.campaign,
        at=at or run.at,
        mode=SweepRun.Mode.ENFORCE,
        scope=f"{run.scope}, confirmed"[:80],
        actor=actor,
        shard_count=run.shard_count,
        prepare=lambda confirming: copy_subjects(run, confirming),
        confirms=run,
        is_targeted=run.is_targeted,
    )
