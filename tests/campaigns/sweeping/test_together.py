"""Several workers on one run at once."""

from collections import Counter
from threading import Barrier, Thread

import pytest
from django.db import connection

from campaigns.models import EntryHistory, Finding, SweepRun
from campaigns.sweeping import start, work
from tests.campaigns.sweeping.worlds import NIGHT, a_varied_world

WORKERS = 4


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_workers_at_once_do_everything_once():
    world = a_varied_world()
    preview = world.sweep(mode="preview")
    at_once, ends, errors = Barrier(WORKERS), [], []

    def one():
        try:
            at_once.wait()
            # Starting is a race too: all of them get the same run.
            run = start(campaign=world.campaign, at=NIGHT, mode="enforce", shard_count=8)
            ends.append(work(run))
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [Thread(target=one) for _worker in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(set(ends)) == 1
    run = ends[0]
    assert run.state == SweepRun.State.DONE
    assert run.counts["moved"] == preview.counts["planned"]
    moves = Counter(EntryHistory.objects.filter(move__run=run).values_list("entry", flat=True))
    assert set(moves.values()) == {1}
    assert moves.total() == sum(run.counts["moved"].values()) + run.counts["recovered"]

    def found(run):
        return Counter(Finding.objects.filter(run=run).values_list("entry", "registration", "code"))

    assert found(run) == found(preview)
