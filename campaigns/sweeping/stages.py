"""The stages of a run and the barrier between them.

    refresh -> sellers -> entries -> (breaker) -> apply -> closed

Whoever finds every shard of a stage done closes it by compare-and-set and opens the next in the
same transaction, so a stage is opened once however many workers look, and a worker killed before
the commit leaves it to the next one.
"""

from datetime import timedelta

from django.db import transaction

from campaigns import notices
from campaigns.models import PlannedMove, SweepRun, SweepShard
from campaigns.sweeping import breaker, planning, reporting, shards
from campaigns.sweeping.subjects import joined_registrations, live_entries
from sellers.bulk_write import settle
from sellers.models import ItemSlots, SellerSlots

REFRESH, SELLERS, ENTRIES, APPLY, CLOSED = "refresh", "sellers", "entries", "apply", ""
MOVES_WORTH_A_SHARD = 10_000
PREVIEWS_KEPT = timedelta(days=7)

_Mode, _State = SweepRun.Mode, SweepRun.State
STATE_OF = {
    REFRESH: _State.REFRESHING,
    SELLERS: _State.EVALUATING,
    ENTRIES: _State.EVALUATING,
    APPLY: _State.APPLYING,
}
OPEN_STATES = frozenset(STATE_OF.values())


def open_first(run: SweepRun) -> None:
    """Write the shards of the first stage; the caller has just made the run, in a transaction."""
    shards.make(run, REFRESH, _ranges(run, REFRESH))


def close(run: SweepRun, clock: shards.Clock) -> None:
    """Close the run's open stage, all of whose shards are done, and open the next one."""
    stage = run.stage
    if stage == REFRESH:
        _open(run, SELLERS)
    elif stage == SELLERS:
        if not run.is_targeted:
            settle(SellerSlots, ItemSlots)
        _open(run, ENTRIES)
    elif stage == ENTRIES:
        _judge(run, clock)
    elif stage == APPLY:
        _close(run, clock)


def _open(run, stage, **values):
    ranges = _ranges(run, stage)
    with transaction.atomic():
        if _compare_and_set(run, stage, state=STATE_OF[stage], **values):
            shards.make(run, stage, ranges)


def _ranges(run, stage):
    if stage == SELLERS:
        return shards.ranges(joined_registrations(run), "seller_id", run.shard_count)
    if stage == APPLY:
        planned = PlannedMove.objects.filter(run=run, state=PlannedMove.State.PLANNED)
        # Every shard moves each reason apart, so a few moves are best left together.
        enough = -(-planned.count() // MOVES_WORTH_A_SHARD)
        return shards.ranges(planned, "order_key", max(1, min(run.shard_count, enough)))
    if stage == ENTRIES:
        # The ranges of the refresh: they cover every id, so what came since falls into one too.
        done = SweepShard.objects.filter(run=run, stage=REFRESH).order_by("number")
        return list(done.values_list("low", "high"))
    return shards.ranges(live_entries(run), "item_id", run.shard_count)


def _judge(run, clock):
    """After the evaluation: the breaker, then applying, or the end of a run that only looks."""
    if run.confirms_id:
        planning.drop_unconfirmed(run)
    looked_at = breaker.looked_at(run)
    reason = {} if run.confirms_id else breaker.trip_reason(run, looked_at)
    found = {
        "live": sum(looked_at.values()),
        "counts": reporting.evaluated(run),
        "trip_reason": reason,
    }
    if run.mode == _Mode.ENFORCE and not reason:
        _open(run, APPLY, **found)
        return
    now = clock()
    if run.mode == _Mode.PREVIEW:
        found["expires_at"] = now + PREVIEWS_KEPT
    state = _State.TRIPPED if run.mode == _Mode.ENFORCE else _State.DONE
    _compare_and_set(run, CLOSED, state=state, finished_at=now, **found)


def _close(run, clock):
    counts = run.counts | reporting.applied(run)
    with transaction.atomic():
        if _compare_and_set(run, CLOSED, state=_State.DONE, finished_at=clock(), counts=counts):
            notices.close(key=f"run:{run.pk}")


def fail(run: SweepRun, error: BaseException) -> None:
    """Stop a run whose shards end in an error again and again; `starting.resume` lets it go on."""
    reason = {"error": f"{type(error).__name__}: {error}"[:500]}
    open_run = SweepRun.objects.filter(pk=run.pk, state__in=sorted(OPEN_STATES))
    open_run.update(state=_State.FAILED, trip_reason=reason)


def _compare_and_set(run, stage, **values):
    """Set the run's stage and other values if it is still in the stage that the caller saw."""
    seen = SweepRun.objects.filter(pk=run.pk, stage=run.stage, state__in=sorted(OPEN_STATES))
    return seen.update(stage=stage, **values)
