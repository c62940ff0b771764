"""Measures one database: ``python -m benchmarks.measure ENTRIES`` prints a JSON object.

DATABASE_URL names an empty database, which is filled and left behind.

Evaluation, its frozen SQL and the row engine are measured in rounds, one after the other, since a
machine is not equally fast at all times. The first round is not counted, so that all three find
their data where later ones do. The seconds are the medians of the others, and each ratio is the
median of the rounds' ratios.
"""

import json
import sqlite3
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from benchmarks import filings, marketplace, row_engine  # noqa: E402
from campaigns import sweeping  # noqa: E402
from campaigns.models import (  # noqa: E402
    Campaign,
    Entry,
    EntryHistory,
    Finding,
    Hit,
    Registration,
    SweepRun,
    SweepShard,
)
from campaigns.rulebooks.loading import load  # noqa: E402
from campaigns.rulebooks.versions import publish  # noqa: E402
from campaigns.sweeping import evaluating  # noqa: E402
from campaigns.sweeping.stages import ENTRIES, SELLERS  # noqa: E402
from sellers.bulk_write import large_queries  # noqa: E402
from sellers.models import Item, Seller  # noqa: E402

FOLDER = Path(__file__).parent
STARTS = marketplace.KNOWN
ROUNDS = 3


@contextmanager
def timed(figures, name):
    """Add the seconds of a block to the figures."""
    began = time.perf_counter()
    yield
    figures[name] = round(time.perf_counter() - began, 3)
    print(f"  {name}: {figures[name]:.1f} s", file=sys.stderr, flush=True)


def frozen(name):
    """Run a file of handwritten SQL in one transaction."""
    statements = (FOLDER / "frozen" / name).read_text("utf-8").split(";\n")
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in statements:
            if statement.strip():
                cursor.execute(statement.replace("%", "%%") if "%" in statement else statement)


def clear(*tables):
    """Empty plain tables."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")


def analyze():
    """Let the database know its tables, as a nightly job would."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def evaluate(run):
    """The evaluation of a run alone, as its workers do it, without findings; hits written."""
    with large_queries():
        for stage, kind, work in (
            (SELLERS, evaluating.REGISTRATION, evaluating.evaluate_registrations),
            (ENTRIES, evaluating.ENTRY, evaluating.evaluate_entries),
        ):
            ranges = SweepShard.objects.filter(run=run, stage=stage).values_list("low", "high")
            for low, high in ranges.order_by("number"):
                shard = Range(low, high)
                work(run, shard, evaluating.checker_of(run, kind, shard))


def in_rounds(run):
    """Evaluation, frozen evaluation and row engine: seconds and ratios."""
    names = ("evaluation", "frozen_evaluation", "row_engine_sample_seconds")
    rounds = []
    for number in range(ROUNDS + 1):
        seconds = {}
        Hit.objects.filter(run=run).delete()
        clear("plain_hit")
        with timed(seconds, "evaluation"):
            evaluate(run)
        with timed(seconds, "frozen_evaluation"):
            frozen("evaluate.sql")
        with timed(seconds, "row_engine_sample_seconds"):
            failing = row_engine.evaluate()
        if number:
            rounds.append(seconds)
    clear("plain_hit")
    return {
        **{name: median(seconds[name] for seconds in rounds) for name in names},
        "rounds": rounds,
        "row_engine_sample": row_engine.sample(),
        "row_engine_failing": failing,
        "evaluation_to_frozen": median(
            seconds["evaluation"] / seconds["frozen_evaluation"] for seconds in rounds
        ),
        "row_engine_to_evaluation": median(
            seconds["row_engine_sample_seconds"] / row_engine.sample() / seconds["evaluation"]
            for seconds in rounds
        ),
    }


@contextmanager
def helper():
    """A second worker, as an installation has one a core; yields how to tell it of the run."""
    command = [sys.executable, "-m", "benchmarks.helper"]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    other.stdout.readline()

    def tell(run):
        other.stdin.write(f"{run.pk}\n")
        other.stdin.flush()

    try:
        yield tell
    finally:
        # Closes its input too: one that was told of no run ends.
        other.communicate()


class Range:
    """What an evaluation needs to know of a shard."""

    def __init__(self, low, high):
        self.low, self.high = low, high


def main(entries):
    """Build, measure, print."""
    figures = {"entries": entries, "vendor": connection.vendor, "sqlite": sqlite3.sqlite_version}
    call_command("migrate", verbosity=0)
    version = load((FOLDER / "rulebook.yaml").read_text("utf-8"), source="benchmark").version
    publish(version, at=STARTS)
    campaign = Campaign.objects.get(code="bench")
    with timed(figures, "build"):
        marketplace.build(entries=entries, version=version, venue=campaign.venues.get())
        filers = filings.build(campaign, sellers=entries // 10, items=entries)
        marketplace.count_on(Seller, Item, Registration, Entry)
    with timed(figures, "prepare_plain"):
        frozen("prepare.sql")
    analyze()

    preview = sweeping.start(campaign=campaign, at=marketplace.AT, mode=SweepRun.Mode.PREVIEW)
    with timed(figures, "preview"):
        preview = sweeping.work(preview)
    planned = preview.counts
    row_engine.prefetch()
    figures |= in_rounds(preview)
    figures["hits"] = Hit.objects.filter(run=preview).exclude(fails=0).count()

    figures["filing_p95"] = filings.p95(campaign, filers[: len(filers) // 2])
    run = sweeping.start(campaign=campaign, at=marketplace.AT, mode=SweepRun.Mode.ENFORCE)
    with helper() as tell, timed(figures, "sweep"):
        tell(run)
        run = sweeping.work(run)
    figures["state"], figures["counts"] = run.state, run.counts
    with timed(figures, "frozen_sweep"):
        frozen("sweep.sql")
    figures["preview_equals_enforce"] = planned["planned"] == run.counts["moved"]
    figures["findings"] = Finding.objects.filter(run=run).count()
    figures["history"] = EntryHistory.objects.filter(move__run=run).count()
    figures["live_after"] = Entry.objects.filter(status="approved").count()

    # The next night runs in a process of its own while sellers file.
    other = subprocess.Popen([sys.executable, "-m", "benchmarks.night"])
    time.sleep(3)
    figures["filing_p95_during_sweep"] = filings.p95(campaign, filers[len(filers) // 2 :])
    figures["sweep_was_running"] = other.poll() is None
    other.wait()
    print(json.dumps(figures))


if __name__ == "__main__":
    main(int(sys.argv[1]))
