"""Feeds one file: ``manage.py feed items items.csv.gz --at 2023-05-10``."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from sellers import clock
from sellers.feeds.kinds import KINDS
from sellers.feeds.loading import load_file
from sellers.feeds.problems import FeedError
from sellers.localtime import from_local
from sellers.models import FeedRun


class Command(BaseCommand):
    help = "Feed a CSV file (plain or gzip) or a Parquet file. docs/feeds.md describes the kinds."

    def add_arguments(self, parser):
        parser.add_argument("kind", choices=list(KINDS))
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--at",
            help="when the values are in effect and known, unless the file says so (default: now)",
        )
        parser.add_argument(
            "--strict", action="store_true", help="write nothing if any line is bad"
        )
        parser.add_argument(
            "--errors",
            type=Path,
            help="the page of bad lines (default: FILE.errors.csv beside the file)",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="write nothing, only say what would be written"
        )

    def handle(self, *args, kind, file, at, strict, errors, dry_run, **options):
        errors = errors or file.with_name(f"{file.name}.errors.csv")
        with closing(_Bar()) as bar:
            try:
                outcome = load_file(
                    kind=kind,
                    path=file,
                    at=_instant(at) if at else clock.now(),
                    strict=strict,
                    dry_run=dry_run,
                    errors=errors,
                    progress=bar.show,
                )
            except FeedError as error:
                raise CommandError(f"{file}: {error} Nothing was written.") from error
        run = outcome.run
        for problem in outcome.first_problems:
            field = f" {problem.field}" if problem.field else ""
            self.stderr.write(
                f"{file.name}:{problem.line}:{field} “{problem.value}” {problem.reason}"
            )
        if outcome.errors:
            self.stderr.write(f"All bad lines: {outcome.errors}")
        if run.state == FeedRun.State.REFUSED:
            raise CommandError(f"{run.bad} of {run.read} lines are bad. Nothing was written.")
        self.stdout.write(
            f"{kind}: {run.read} read, {run.bad} bad, {run.inserted} inserted, "
            f"{run.updated} updated, {run.unchanged} unchanged, {run.stale} older than what is "
            f"known{' (dry run, nothing written)' if dry_run else ''}"
        )


class _Bar:
    """A progress bar per step, on a terminal only."""

    def __init__(self):
        self._bar = self._what = None

    def show(self, what, done, size):
        if self._what != what:
            self.close()
            self._what = what
            self._bar = tqdm(total=size, desc=what, unit_scale=True, disable=None)
        self._bar.update(done - self._bar.n)

    def close(self):
        if self._bar is not None:
            self._bar.close()


def _instant(text):
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--at: expected a date and time in ISO 8601, found {text}") from None
    return found if found.tzinfo else from_local(found)
