"""Computes a run's statistics for a shard's items or sellers."""

from campaigns.models import SweepRun
from campaigns.statistics import (
    ITEM,
    SELLER,
    ensure_snapshots,
    fact_set_for,
    refresh_range,
    run_key,
)
from campaigns.sweeping.shards import Claimed
from campaigns.sweeping.subjects import joined_registrations, live_entries


def prepare(run: SweepRun) -> None:
    """Give a new run the fact set that its statistics go to."""
    run.statistics = fact_set_for(run_key(run.pk), at=run.at)
    run.save(update_fields=["statistics"])


def freeze(run: SweepRun) -> None:
    """Freeze what is to be frozen by the run's instant, before anything is evaluated."""
    ensure_snapshots(run.version, run.at)


def refresh_items(run: SweepRun, shard: Claimed) -> int:
    """The figures of the shard's items that have live entries; returns how many."""
    return _refresh(run, shard, ITEM, live_entries(run))


def refresh_sellers(run: SweepRun, shard: Claimed) -> int:
    """The figures of the shard's registered sellers; returns how many."""
    return _refresh(run, shard, SELLER, joined_registrations(run))


def _refresh(run, shard, level, rows):
    # What an earlier attempt has written is replaced.
    return refresh_range(
        version=run.version,
        at=run.at,
        fact_set=run.statistics,
        level=level,
        low=shard.low,
        high=shard.high,
        rows=rows,
    )
