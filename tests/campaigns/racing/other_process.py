"""What the test of a killed process does in others, each with the environment it is given.

    python -m tests.campaigns.racing.other_process seed | make | finish

With DIES_AT=taken, rows or placed the process that makes boards kills itself with SIGKILL once it
has taken its board, in the middle of the rows (after them where they are one
statement), or once its winners are placed.
"""

import json
import os
import signal
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from campaigns.models import Campaign  # noqa: E402
from campaigns.racing import boards, causing  # noqa: E402
from sellers.bulk_write import target  # noqa: E402
from tests.campaigns.racing.late import FIRST, a_race, state  # noqa: E402
from tests.times import local  # noqa: E402

AT = local(FIRST)


def seed():
    """Make the database, and in it a race whose next board is due at 10 o'clock."""
    call_command("migrate", verbosity=0)
    a_race()


def make(at=AT):
    """Make what is due."""
    boards.make_due(Campaign.objects.get(), at)


def finish():
    """Make what is left once the lease is over, and print what all boards left behind."""
    make(AT + boards.LEASE)
    print(json.dumps(state(), sort_keys=True))  # noqa: T201


def dies(owner, name, *, call, after=False):
    """Replace a function by one that kills this process in its call of that number."""
    function, calls = getattr(owner, name), 0

    def instead(*args, **kwargs):
        nonlocal calls
        calls += 1
        if calls == call and not after:
            os.kill(os.getpid(), signal.SIGKILL)
        result = function(*args, **kwargs)
        if calls == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, name, instead)


match os.environ.get("DIES_AT"):
    case "taken":
        dies(boards, "_fill", call=1)
    case "rows" if connection.vendor == "postgresql":
        dies(boards, "insert_from_query", call=1, after=True)
    case "rows":
        # As if they were many: in portions, not at once.
        boards.CHUNK = 0
        boards.ROWS_AT_ONCE = 2
        dies(target.Target, "move", call=2)
    case "placed":
        dies(causing, "place", call=1, after=True)

if __name__ == "__main__":
    {"seed": seed, "make": make, "finish": finish}[sys.argv[1]]()
