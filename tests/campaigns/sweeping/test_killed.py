"""A worker that dies at any moment, and the one that goes on after it.

Here a death is an error that nothing catches, raised in the test's own process; real processes and
real signals are in test_killed_processes.py.
"""

from contextlib import contextmanager

import pytest
from django.db import transaction

from campaigns.models import SweepRun
from campaigns.sweeping import applying, evaluating, resume, shards, stages, start, workers
from campaigns.sweeping import work as work_on
from tests.campaigns.sweeping.worlds import NIGHT, a_varied_world
from tests.checksum import rows

pytestmark = pytest.mark.django_db


class Death(BaseException):
    """The end of a worker: not an Exception, so that no handler mends anything."""


class Mortal:
    """Counts what a worker commits, and kills it at one of these moments."""

    def __init__(self, monkeypatch):
        self.moment, self.dies_at = 0, None
        transact, finish = shards.Claimed.transaction, shards.Claimed.finish

        @contextmanager
        def transaction_then_death(claimed):
            with transact(claimed):
                yield
            self.passes()

        def finish_then_death(claimed, counts):
            self.passes()
            finish(claimed, counts)
            self.passes()

        for module, name in ((stages, "close"), (evaluating, "insert_from_query")):
            monkeypatch.setattr(module, name, self.then_death(getattr(module, name)))
        monkeypatch.setattr(shards.Claimed, "transaction", transaction_then_death)
        monkeypatch.setattr(shards.Claimed, "finish", finish_then_death)
        place, pid, started = workers.identity().split("/")
        self.names = (f"{place}/{pid}/{int(started) - n}" for n in range(1, 10**6))
        # Each worker is another process; all but the present one are gone.
        monkeypatch.setattr(workers, "identity", lambda: self.name)
        monkeypatch.setattr(workers, "is_gone", lambda worker: worker != self.name)

    def then_death(self, function):
        def function_then_death(*args, **options):
            result = function(*args, **options)
            self.passes()
            return result

        return function_then_death

    def passes(self):
        self.moment += 1
        if self.moment == self.dies_at:
            raise Death

    def work(self, run, dies_at=None):
        """Work until the run is closed or the moment has come; whether it died."""
        self.name, self.moment, self.dies_at = next(self.names), 0, dies_at
        try:
            work_on(run)
        except Death:
            return True
        return False


def a_run(world):
    return start(campaign=world.campaign, at=NIGHT, mode="enforce", shard_count=2)


@pytest.fixture
def undisturbed(monkeypatch):
    """A world, a mortal worker, and the rows and the moments of a run that nothing disturbs."""
    monkeypatch.setattr(evaluating, "CHUNK", 3)
    monkeypatch.setattr(applying, "CHUNK", 2)
    world = a_varied_world()
    mortal = Mortal(monkeypatch)
    with transaction.atomic():
        run = a_run(world)
        assert not mortal.work(run)
        end, moments = rows(), mortal.moment
        transaction.set_rollback(True)
    return world, mortal, end, moments


def test_whenever_a_worker_dies_the_end_is_that_of_an_undisturbed_run(undisturbed):
    world, mortal, end, moments = undisturbed
    assert moments > 30
    for moment in range(1, moments + 1):
        with transaction.atomic():
            run = a_run(world)
            assert mortal.work(run, dies_at=moment)
            assert not mortal.work(run)
            assert rows() == end, moment
            transaction.set_rollback(True)


def test_even_if_every_worker_dies_after_a_few_steps(undisturbed):
    world, mortal, end, _moments = undisturbed
    run = a_run(world)
    deaths = 0
    while mortal.work(run, dies_at=7):
        deaths += 1
    assert deaths >= 4
    assert rows() == end


def test_what_is_left_over_would_show(undisturbed, monkeypatch):
    """The comparison is worth something: without the clean-up a death leaves its mark."""
    world, mortal, end, moments = undisturbed
    monkeypatch.setattr("campaigns.sweeping.planning.forget_registrations", lambda run, shard: 0)
    for moment in range(1, moments + 1):
        with transaction.atomic():
            run = a_run(world)
            mortal.work(run, dies_at=moment)
            mortal.work(run)
            differs = rows() != end
            transaction.set_rollback(True)
        if differs:
            return
    pytest.fail("no death left a mark")


def test_a_shard_that_kills_everybody_stops_the_run_and_may_be_tried_again(undisturbed):
    world, mortal, end, _moments = undisturbed
    run = a_run(world)
    deaths = 0
    while mortal.work(run, dies_at=1):
        deaths += 1
        assert deaths <= shards.MOST_ATTEMPTS
    run.refresh_from_db()
    assert (run.state, deaths) == (SweepRun.State.FAILED, shards.MOST_ATTEMPTS)
    assert "20 attempts" in run.trip_reason["error"]
    assert not mortal.work(resume(run))
    assert rows() == end
