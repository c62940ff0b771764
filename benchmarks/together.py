"""Two campaigns on one marketplace: the nights of each alone, and of both together.

    python -m benchmarks.together build ENTRIES     fills an empty database with both
    python -m benchmarks.together alone|both        their enforcing nights, on a copy each

``alone`` works on one campaign and then on the other, ``both`` starts both before anybody works, as
the timetable does. Two workers in either case. Each prints seconds and moves as a JSON object.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402

from benchmarks import marketplace  # noqa: E402
from campaigns import sweeping  # noqa: E402
from campaigns.models import Campaign, Entry, Registration, SweepRun  # noqa: E402
from campaigns.rulebooks.loading import load  # noqa: E402
from campaigns.rulebooks.versions import publish  # noqa: E402
from sellers.models import Item, Seller  # noqa: E402

RULEBOOK = Path(__file__).parent / "rulebook.yaml"
CODES = ("bench", "bench-too")


def build(entries):
    """One marketplace, two campaigns of the same rulebook, every item approved in both."""
    call_command("migrate", verbosity=0)
    for number, code in enumerate(CODES):
        version = load(RULEBOOK.read_text("utf-8"), source="benchmark", code=code).version
        publish(version, at=marketplace.KNOWN)
        venue = version.campaign.venues.get()
        if number:
            marketplace.enter(entries=entries, version=version, venue=venue, after=entries)
        else:
            marketplace.build(entries=entries, version=version, venue=venue)
    marketplace.count_on(Seller, Item, Registration, Entry)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def nights(groups):
    """Seconds of each group of campaigns' nights, worked on by two workers, and what moved."""
    seconds, moved = [], []
    for codes in groups:
        began = time.perf_counter()
        runs = [
            sweeping.start(
                campaign=Campaign.objects.get(code=code),
                at=marketplace.AT,
                mode=SweepRun.Mode.ENFORCE,
            )
            for code in codes
        ]
        other = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.together", "work", *(str(run.pk) for run in runs)]
        )
        work(runs)
        other.wait()
        seconds.append(round(time.perf_counter() - began, 3))
        for run in runs:
            run.refresh_from_db()
            moved.append(sum(run.counts["moved"].values()))
    return {"seconds": seconds, "moved": moved}


def work(runs):
    """Work on runs one after the other, as a worker takes their messages."""
    for run in runs:
        sweeping.work(run)


def main(what, *arguments):
    """Do one of the parts."""
    if what == "build":
        build(int(arguments[0]))
    elif what == "work":
        work(SweepRun.objects.filter(pk__in=arguments).order_by("pk"))
    else:
        groups = [CODES] if what == "both" else [[code] for code in CODES]
        sys.stdout.write(json.dumps(nights(groups)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
