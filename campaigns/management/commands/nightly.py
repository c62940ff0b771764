"""A night of a campaign from the command line."""

import json
import subprocess
import sys
from datetime import datetime, timedelta

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from campaigns import sweeping
from campaigns.models import Campaign, SweepRun
from campaigns.sweeping.table import table
from sellers import clock
from sellers.localtime import from_local

STOPPED_BY_BREAKER = 3
STAGES = 4


class Command(BaseCommand):
    """Re-check a campaign's live entries; or confirm or undo a run."""

    help = (
        "Re-checks a campaign's live entries at an instant and prints what happened. Ends with "
        "code 3 when the breaker stopped it."
    )

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("--campaign", help="the campaign's code")
        parser.add_argument(
            "--at", type=_instant, help="ISO; local time unless it names a zone; default: now"
        )
        parser.add_argument("--mode", choices=SweepRun.Mode.values, default=SweepRun.Mode.ENFORCE)
        parser.add_argument("--workers", type=_positive, default=1, help="processes; default: 1")
        parser.add_argument("--json", action="store_true", help="print the result as JSON")
        what = parser.add_mutually_exclusive_group()
        what.add_argument(
            "--confirm", type=int, metavar="RUN", help="go on with a run that the breaker stopped"
        )
        what.add_argument("--undo", type=int, metavar="RUN", help="take a run's moves back")
        what.add_argument("--join", type=int, metavar="RUN", help="work on a run too")
        parser.add_argument("--dry-run", action="store_true", help="with --undo: only say what")
        parser.add_argument(
            "--hold-hours",
            type=_positive,
            help="with --undo: leave what is taken back alone for so long; default: 168",
        )

    def handle(self, *args, **options) -> None:
        """Do what was asked for and print it."""
        if options["join"]:
            sweeping.work(_run(options["join"]))
        elif options["undo"]:
            self._undo(options)
        else:
            self._sweep(options)

    def _sweep(self, options):
        try:
            run = _started(options)
        except sweeping.SweepRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        others = [_other(run) for _number in range(options["workers"] - 1)]
        try:
            run = _worked_on(run)
        finally:
            for other in others:
                other.wait()
        result = sweeping.summary(run)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            self.stdout.write(table(run, result))
        if run.state == SweepRun.State.TRIPPED:
            raise CommandError(_stopped(run), returncode=STOPPED_BY_BREAKER)
        if run.state != SweepRun.State.DONE:
            raise CommandError(
                _("Run %(run)d is %(state)s.") % {"run": run.pk, "state": run.get_state_display()}
            )

    def _undo(self, options):
        held = {}
        if options["hold_hours"]:
            held["hold_for"] = timedelta(hours=options["hold_hours"])
        try:
            report = sweeping.undo(
                _run(options["undo"]),
                at=options["at"] or clock.now(),
                actor=None,
                dry_run=options["dry_run"],
                **held,
            )
        except sweeping.SweepRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["json"]:
            self.stdout.write(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
            return
        self.stdout.write(_("Restored: %(number)d") % {"number": report.restored})
        for reason, entries in report.left_by_reason().items():
            self.stdout.write(f"  {reason}: {len(entries)}")


def _started(options):
    """The run that was asked for: a confirmation, or the campaign's at the instant."""
    if options["confirm"]:
        run = sweeping.confirm(_run(options["confirm"]), at=options["at"])
    else:
        if not options["campaign"]:
            raise CommandError(_("Give --campaign, --confirm or --undo."))
        campaign = Campaign.objects.filter(code=options["campaign"]).first()
        if campaign is None:
            raise CommandError(_("No campaign “%(code)s”.") % {"code": options["campaign"]})
        run = sweeping.start(
            campaign=campaign,
            at=options["at"] or clock.now(),
            mode=options["mode"],
            shard_count=max(4, 2 * options["workers"]),
        )
    return sweeping.resume(run)


def _worked_on(run):
    """Work on the run, with a bar where somebody looks."""
    with tqdm(total=STAGES * run.shard_count, unit="shard", disable=None, leave=False) as bar:
        done = {}

        def progress(stage, number, _total):
            done[stage] = number
            bar.set_description(stage)
            bar.update(sum(done.values()) - bar.n)

        return sweeping.work(run, progress=progress)


def _other(run):
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "nightly"]
    return subprocess.Popen([*command, "--join", str(run.pk)])


def _run(pk):
    run = SweepRun.objects.filter(pk=pk).first()
    if run is None:
        raise CommandError(_("No run %(run)d.") % {"run": pk})
    return run


def _stopped(run):
    return _(
        "The breaker stopped run %(run)d: nothing was moved. Look at its findings in the admin; "
        "then confirm it with: manage.py nightly --confirm %(run)d"
    ) % {"run": run.pk}


def _instant(text):
    at = datetime.fromisoformat(text)
    return from_local(at) if at.tzinfo is None else at


def _positive(text):
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
