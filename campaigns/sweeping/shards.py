"""Shards: a stage's ranges of subjects, claimed by compare-and-set, fenced and finished.

A shard's number of attempts is its fence: every transaction of a worker first raises the lease of
the attempt that it holds, and one that has lost it (its lease ran out and another took over) stops
there, with nothing written.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import F, Q, QuerySet

from campaigns.models import SweepRun, SweepShard
from campaigns.sweeping import workers
from sellers.bulk_write import short_transaction

# Longer than the longest single statement of a shard of a million entries.
LEASE = timedelta(minutes=10)
# A shard that ended so often without being done has an error, not bad luck.
MOST_ATTEMPTS = 20
# Ids are positive 64-bit integers; the outer ranges are open.
LOWEST, HIGHEST = 0, 2**62

Clock = Callable[[], datetime]
State = SweepShard.State


class LostShard(Exception):
    """Another worker has taken the shard over."""


class Exhausted(Exception):
    """A shard was tried too often: whoever works on it dies of it."""


class Claimed:
    """A shard as the worker that holds it sees it."""

    def __init__(self, shard: SweepShard, clock: Clock):
        self.shard = shard
        self.low, self.high = shard.low, shard.high
        self.is_first = shard.number == 0
        self.is_first_attempt = shard.attempts == 1
        self.is_last_attempt = shard.attempts >= MOST_ATTEMPTS
        self._clock = clock

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction that only the holder of the shard can make. Raises LostShard."""
        with short_transaction():
            if not self._mine().update(lease_until=self._clock() + LEASE):
                raise LostShard(str(self.shard.pk))
            yield

    def finish(self, counts: dict) -> None:
        """Mark the shard done. Raises LostShard."""
        done = {"state": State.DONE, "counts": counts, "lease_until": None, "worker": ""}
        if not self._mine().update(**done):
            raise LostShard(str(self.shard.pk))

    def release(self) -> None:
        """Give the shard back after an error, for whoever claims it next."""
        self._mine().update(state=State.WAITING, lease_until=None, worker="")

    def _mine(self):
        return SweepShard.objects.filter(
            pk=self.shard.pk, attempts=self.shard.attempts, state=State.RUNNING
        )


def claim(run: SweepRun, clock: Clock) -> Claimed | None:
    """Claim a shard of the run's open stage that waits or whose worker is gone; None if none.

    Raises Exhausted for a shard that was tried ``MOST_ATTEMPTS`` times.
    """
    now = clock()
    for shard in _unfinished(run).order_by("number"):
        if not _is_free(shard, now):
            continue
        if shard.attempts >= MOST_ATTEMPTS:
            raise Exhausted(f"shard {shard.number} of {shard.stage}: {shard.attempts} attempts")
        seen = SweepShard.objects.filter(pk=shard.pk, state=shard.state, attempts=shard.attempts)
        claimed = seen.update(
            state=State.RUNNING,
            attempts=F("attempts") + 1,
            lease_until=now + LEASE,
            worker=workers.identity(),
        )
        if claimed:
            shard.refresh_from_db()
            return Claimed(shard, clock)
    return None


def is_idle(run: SweepRun, now: datetime) -> bool:
    """Whether the run has work that nobody does: a free shard, or a stage that nobody closes."""
    shards = list(_unfinished(run))
    return not shards or any(_is_free(shard, now) for shard in shards)


def is_finished(run: SweepRun) -> bool:
    """Whether every shard of the run's open stage is done."""
    return not _unfinished(run).exists()


def forget_attempts(run: SweepRun) -> None:
    """Let the run's unfinished shards be tried anew. What they wrote counts as a former attempt."""
    _unfinished(run).update(attempts=1, state=State.WAITING, lease_until=None, worker="")


def make(run: SweepRun, stage: str, ranges: list[tuple[int, int]]) -> None:
    """Write a stage's shards."""
    SweepShard.objects.bulk_create(
        SweepShard(run=run, stage=stage, number=number, low=low, high=high)
        for number, (low, high) in enumerate(ranges)
    )


def ranges(rows: QuerySet, key: str, count: int) -> list[tuple[int, int]]:
    """Up to `count` half-open ranges of `key` that hold about as many of `rows` each.

    Together they cover every id, so a row that comes later falls into one too. Without rows it is
    one range, of all ids.
    """
    keys = rows.order_by(key).values_list(key, flat=True)
    total = keys.count()
    if not total:
        return [(LOWEST, HIGHEST)]
    bounds = {keys[total * part // count] for part in range(1, count)} - {keys[0]}
    inner = sorted(bounds)
    return list(zip([LOWEST, *inner], [*inner, HIGHEST], strict=True))


def within(key: str, low: int, high: int) -> Q:
    """`key` in [low, high)."""
    return Q(**{f"{key}__gte": low, f"{key}__lt": high})


def _unfinished(run):
    return SweepShard.objects.filter(run=run, stage=run.stage).exclude(state=State.DONE)


def _is_free(shard, now):
    if shard.state == State.WAITING:
        return True
    return shard.lease_until < now or workers.is_gone(shard.worker)
