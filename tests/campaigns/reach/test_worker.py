"""A count in another process."""

import pytest

from campaigns import reach
from campaigns.tasks import enqueue_count
from sellers import clock
from sellers.models import FactSet
from tests.campaigns.sweeping.worlds import World
from tests.config.test_processes import wait_for

pytestmark = pytest.mark.worker


@pytest.mark.django_db(transaction=True)
def test_a_worker_counts_what_was_asked_before_it_was_there(worker):
    world = World()
    requirement = world.requires("STOCK", ["item.stock", ">=", 10], "clear_out", missing="hold")
    for stock in (3, 30, None):
        world.entry(stock=stock)
    count = reach.ask(requirement, at=clock.now())
    enqueue_count(count.pk)
    enqueue_count(count.pk)

    worker.start()
    wait_for(lambda: reach.reach_of(requirement, clock.now()).count.state == "done", seconds=60)

    found = reach.reach_of(requirement, clock.now())
    assert (found.numbers.live, found.numbers.failed, found.numbers.held) == (3, 1, 1)
    wait_for(lambda: not FactSet.objects.exists(), seconds=30)
