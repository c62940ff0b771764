"""What the tests of killed workers do in other processes, each with the environment it is given.

    python -m tests.campaigns.sweeping.other_process seed | finish
    celery -A tests.campaigns.sweeping.other_process worker …

A worker that is ready takes up what waits, as the timetable's job does every minute. One with
DIES_AFTER_SHARD=3 kills itself with SIGKILL once the third shard that it finishes is committed, one
with DIES_IN_SHARD=3 when that shard's work is written and not yet marked as done.
"""

import json
import os
import signal
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from celery.signals import worker_ready  # noqa: E402
from django.core.management import call_command  # noqa: E402

from campaigns import tasks  # noqa: E402
from campaigns.models import SweepRun  # noqa: E402
from campaigns.sweeping import shards, stages, start  # noqa: E402
from config.celery import app  # noqa: E402
from tests.campaigns.sweeping.worlds import NIGHT, a_varied_world  # noqa: E402
from tests.checksum import checksums  # noqa: E402

PATIENCE = 120


def seed():
    """Make the database, the campaign in it, and the night's run that nobody has worked on yet."""
    call_command("migrate", verbosity=0)
    campaign = a_varied_world().campaign
    start(campaign=campaign, at=NIGHT, mode="enforce", shard_count=2)


def finish():
    """Wait for the end of the run and print its checksums."""
    deadline = time.monotonic() + PATIENCE
    while SweepRun.objects.filter(state__in=stages.OPEN_STATES).exists():
        if time.monotonic() > deadline:
            raise SystemExit("the run was not finished")
        time.sleep(0.1)
    print(json.dumps(checksums()))  # noqa: T201


@worker_ready.connect
def take_up(**_options):
    """Ask the queue, and so this worker, for what waits."""
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge(tasks.SWEEPS)
    tasks.take_up_sweeps()


def dies(variable, before):
    """Replace the end of a shard by one that kills this process at the shard of that number."""
    number, finish_shard = int(os.environ.get(variable, 0)), shards.Claimed.finish
    finished = 0

    def finish_and_die(claimed, counts):
        nonlocal finished
        finished += 1
        if before and finished == number:
            os.kill(os.getpid(), signal.SIGKILL)
        finish_shard(claimed, counts)
        if finished == number:
            os.kill(os.getpid(), signal.SIGKILL)

    if number:
        shards.Claimed.finish = finish_and_die


dies("DIES_AFTER_SHARD", before=False)
dies("DIES_IN_SHARD", before=True)

if __name__ == "__main__":
    {"seed": seed, "finish": finish}[sys.argv[1]]()
