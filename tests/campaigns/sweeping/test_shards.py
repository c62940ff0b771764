"""Ranges, and who may work on them."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import Entry, SweepShard
from campaigns.sweeping import shards, workers
from campaigns.sweeping.shards import HIGHEST, LEASE, LOWEST, LostShard, claim
from sellers.models import Seller
from tests.factories import CampaignFactory, EntryFactory, SellerFactory, SweepRunFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self):
        self.now = NOW

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def run():
    run = SweepRunFactory(stage="entries")
    shards.make(run, "entries", [(0, 10), (10, 20)])
    return run


def test_shards_are_claimed_once_in_order(run, clock):
    assert [claim(run, clock).low, claim(run, clock).low] == [0, 10]
    assert claim(run, clock) is None


def test_a_lease_that_ran_out_frees_a_shard(run, clock):
    first = claim(run, clock)
    claim(run, clock)
    clock.now = NOW + LEASE
    assert claim(run, clock) is None
    clock.now = NOW + LEASE + timedelta(microseconds=1)
    again = claim(run, clock)
    assert (again.low, again.is_first_attempt) == (0, False)
    assert first.is_first_attempt


def test_a_transaction_renews_the_lease(run, clock):
    first = claim(run, clock)
    claim(run, clock)
    clock.now = NOW + LEASE
    with first.transaction():
        pass
    clock.now = NOW + LEASE + timedelta(seconds=1)
    assert claim(run, clock).low == 10


def test_a_worker_that_was_killed_frees_its_shard_at_once(run, clock, monkeypatch):
    place, pid, started = workers.identity().split("/")
    killed = f"{place}/{pid}/{int(started) - 1}"
    with monkeypatch.context() as patch:
        patch.setattr(workers, "identity", lambda: killed)
        claim(run, clock)
    assert claim(run, clock).low == 0
    assert claim(run, clock).low == 10
    assert claim(run, clock) is None


def test_whoever_lost_a_shard_writes_nothing_more(run, clock):
    slow = claim(run, clock)
    clock.now = NOW + LEASE * 2
    quick = claim(run, clock)
    assert quick.low == slow.low
    with pytest.raises(LostShard), slow.transaction():
        SellerFactory(code="written by a worker that lost its shard")
    with pytest.raises(LostShard):
        slow.finish({})
    slow.release()
    assert SweepShard.objects.get(pk=quick.shard.pk).state == SweepShard.State.RUNNING
    quick.finish({"n": 1})
    assert SweepShard.objects.get(pk=quick.shard.pk).state == SweepShard.State.DONE
    assert not Seller.objects.exists()


def test_a_released_shard_is_claimed_again(run, clock):
    claim(run, clock).release()
    assert claim(run, clock).shard.attempts == 2


def test_a_shard_is_not_tried_for_ever(run, clock):
    SweepShard.objects.update(attempts=shards.MOST_ATTEMPTS - 1)
    claim(run, clock).release()
    with pytest.raises(shards.Exhausted):
        claim(run, clock)
    shards.forget_attempts(run)
    assert not claim(run, clock).is_first_attempt


def test_a_run_is_idle_while_nobody_works_on_what_is_left(run, clock):
    assert shards.is_idle(run, NOW)
    first, second = claim(run, clock), claim(run, clock)
    assert not shards.is_idle(run, NOW)
    first.finish({})
    assert not shards.is_idle(run, NOW)
    assert shards.is_idle(run, NOW + LEASE * 2)
    second.finish({})
    assert shards.is_finished(run)
    assert shards.is_idle(run, NOW)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 50])
def test_ranges_cover_every_id_once(count):
    campaign = CampaignFactory()
    ids = [EntryFactory(campaign=campaign).item_id for _number in range(7)]
    found = shards.ranges(Entry.objects.all(), "item_id", count)
    assert found[0][0] == LOWEST
    assert found[-1][1] == HIGHEST
    assert [high for _low, high in found[:-1]] == [low for low, _high in found[1:]]
    sizes = [sum(low <= pk < high for pk in ids) for low, high in found]
    assert sum(sizes) == 7
    assert max(sizes) - min(sizes) <= 1
    assert len(found) == min(count, 7)


def test_entries_of_one_item_stay_in_one_range():
    campaign = CampaignFactory()
    first = EntryFactory(campaign=campaign)
    for code in "abcde":
        EntryFactory(
            campaign=campaign,
            registration=first.registration,
            seller=first.seller,
            item=first.item,
            venue__code=code,
        )
    assert shards.ranges(Entry.objects.all(), "item_id", 4) == [(LOWEST, HIGHEST)]


def test_without_rows_there_is_one_range():
    assert shards.ranges(Entry.objects.all(), "item_id", 4) == [(LOWEST, HIGHEST)]
