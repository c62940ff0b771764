"""Feeding one file: staged, checked, compared, written, counted."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sellers.feeds.kinds import feed_of
from sellers.feeds.problems import FeedError, Problem, Problems
from sellers.feeds.reading import opened
from sellers.feeds.staging import Action, Stage, staged
from sellers.feeds.writing import counts, mark, newer_columns, write
from sellers.models import FeedRun

# Called with what is being done ("reading", "writing"), how much is done, and of how much.
Progress = Callable[[str, int, int], None]


@dataclass
class Outcome:
    """What became of one file. `run` is not saved after a dry run."""

    run: FeedRun
    first_problems: list[Problem] = field(default_factory=list)
    # The page of bad lines, where there are any.
    errors: Path | None = None


def load_file(
    *,
    kind: str,
    path: Path,
    at: datetime,
    strict: bool = False,
    dry_run: bool = False,
    errors: Path | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Feed one file and return what became of it.

    `kind` is one of `kinds.KINDS`; `at` is when the file's values are in effect and known unless
    it says so itself. Bad lines go into the CSV file `errors`, good ones are written; with `strict`
    nothing is written if any line is bad, and with `dry_run` nothing in any case, though the counts
    say what would have been. Raises FeedError, and writes nothing, for a file that cannot be taken
    at all, and LookupError for an unknown kind.

    Not to be called within `atomic()`: a file is written in many short transactions. Killed in the
    middle it leaves whole chunks of lines; feeding the file again completes it.
    """
    feed = feed_of(kind)
    run = FeedRun(kind=kind, file_name=path.name[:300], at=at)
    outcome = Outcome(run)
    try:
        with opened(path) as source, Problems(path.name, errors) as problems:
            present = feed.present(source.header)
            run.columns = [column.name for column in present]
            with path.open("rb") as raw:
                run.digest = hashlib.file_digest(raw, "sha256").hexdigest()
            _save(run, dry_run)
            with staged(feed, present, at) as stage:
                _load(stage, source, problems, run, strict, dry_run, progress or _silent)
            outcome.first_problems = problems.first
            outcome.errors = errors if problems.count else None
    except FeedError:
        run.state = FeedRun.State.REFUSED
        _save(run, dry_run)
        raise
    except BaseException:
        run.state = FeedRun.State.FAILED
        _save(run, dry_run)
        raise
    _save(run, dry_run)
    return outcome


def _load(stage: Stage, source, problems, run, strict, dry_run, progress):
    stage.fill(source.batches(), problems, lambda: progress("reading", source.read, source.size))
    stage.check(problems)
    run.read, run.bad = stage.read, stage.read - stage.good
    newer = newer_columns(stage, run.kind, stage.oldest())
    mark(stage, newer)
    found = counts(stage)
    run.inserted, run.updated = found[Action.NEW], found[Action.CHANGED]
    run.unchanged = found[Action.SAME] + found[Action.NONE]
    run.stale = found[Action.STALE] + found[Action.PAST]
    if strict and run.bad:
        run.inserted = run.updated = 0
        run.state = FeedRun.State.REFUSED
        return
    if not dry_run:
        # Before the first row, so that an older file fed after a cut-off run knows of it.
        run.newest = stage.newest()
        _save(run, dry_run)
        stage.feed.prepare(stage)
        write(stage, newer, lambda line: progress("writing", line, stage.last_line))
        stage.feed.finish(stage)
    run.state = FeedRun.State.DONE


def _save(run, dry_run):
    if not dry_run:
        run.save()


def _silent(what, done, size):
    """Progress that nobody looks at."""
