"""manage.py rulebook: check, load, dump, compare and publish rulebooks."""

import json
from datetime import date, datetime

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.eligibility.sentences import localised
from campaigns.models import Campaign, RulebookVersion
from campaigns.rulebooks import bindings, loading, schema, versions
from campaigns.rulebooks.problems import RulebookErrors
from campaigns.rulebooks.rulebook import Rulebook, read_version
from campaigns.rulebooks.values import show_time
from sellers import clock
from sellers.localtime import from_local


class Command(BaseCommand):
    """Each action is a method; none of them knows what is in a rulebook."""

    help = "Check, load, dump, compare and publish rulebooks (docs/rulebooks.md)."

    def add_arguments(self, parser):
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")

        check = actions.add_parser("check", help="say everything that is wrong; store nothing")
        check.add_argument("files", nargs="+", metavar="FILE", help="a file or a library name")

        load = actions.add_parser("load", help="take a rulebook in as its campaign's next draft")
        load.add_argument("file", metavar="NAME_OR_FILE", help="a library name or a file")
        load.add_argument("--code", help="load it under another campaign code")
        load.add_argument(
            "--starts",
            type=_day,
            metavar="DATE",
            help="move every date so that the preheat (or live) starts that day",
        )
        load.add_argument("--replace", action="store_true", help="discard the campaign's draft")
        load.add_argument("--publish", action="store_true", help="publish it too")
        _add_times(load)

        dump = actions.add_parser("dump", help="write a version as a file")
        dump.add_argument("code", metavar="CODE", help="the campaign's code")
        _add_number(dump)

        diff = actions.add_parser("diff", help="say in words what changes from A to B")
        for name in ("a", "b"):
            text = "a campaign's code (its latest version), CODE@NUMBER, a file or a library name"
            diff.add_argument(name, metavar=name.upper(), help=text)
        diff.add_argument("--language", choices=versions.LANGUAGES, default="en")

        publish = actions.add_parser("publish", help="publish the campaign's draft")
        publish.add_argument("code", metavar="CODE", help="the campaign's code")
        _add_times(publish)

        actions.add_parser("list", help="the library, and what is loaded")
        metrics = actions.add_parser("metrics", help="what conditions can compare")
        metrics.add_argument("--language", choices=versions.LANGUAGES, default="en")
        actions.add_parser("schema", help="the JSON Schema of a rulebook file")

    def handle(self, *, action, **options):
        try:
            getattr(self, f"do_{action}")(options)
        except RulebookErrors as errors:
            for problem in errors.problems:
                self.stderr.write(str(problem))
            raise CommandError(_counted(errors.problems)) from None
        except versions.VersionRefused as refused:
            raise CommandError(str(refused)) from None

    def do_check(self, options):
        """Check files; the command fails if any of them has a problem."""
        found = []
        for name in options["files"]:
            text, source = loading.open_rulebook(name)
            problems = loading.check(text)
            found += problems
            for problem in problems:
                self.stderr.write(f"{source}: {problem}")
            if not problems:
                self.stdout.write(_("%(name)s: no problem") % {"name": source})
        if found:
            raise CommandError(_counted(found))

    def do_load(self, options):
        """Load a file or a rulebook of the library, and publish it if asked to."""
        text, source = loading.open_rulebook(options["file"])
        with transaction.atomic():
            loaded = loading.load(
                text,
                source=source,
                code=options["code"],
                starts=options["starts"],
                replace=options["replace"],
            )
            version = loaded.version
            if options["publish"] and version.state == RulebookVersion.State.DRAFT:
                version = self._published(version, options)
        said = _("%(version)s is loaded") if loaded.is_new else _("%(version)s says the same")
        self.stdout.write(said % {"version": version})
        if options["publish"]:
            self._say_in_force(version)

    def do_dump(self, options):
        """Write a version's file."""
        version = _version(options["code"], options["number"])
        self.stdout.write(loading.dump(version), ending="")

    def do_diff(self, options):
        """Write one sentence for each difference."""
        told = versions.differences(_rulebook(options["a"]), _rulebook(options["b"]))
        for sentence in told:
            self.stdout.write(sentence[options["language"]])
        if not told:
            self.stdout.write(_("no difference"))

    def do_publish(self, options):
        """Publish the campaign's draft."""
        draft = versions.draft_of(_campaign(options["code"]))
        if draft is None:
            raise CommandError(_("%(code)s has no draft") % {"code": options["code"]})
        self._say_in_force(self._published(draft, options))

    def do_list(self, options):
        """Write what the library has, then every version."""
        for name, path in loading.library().items():
            self.stdout.write(_("library: %(name)s (%(file)s)") % {"name": name, "file": path.name})
        for version in RulebookVersion.objects.select_related("campaign").order_by(
            "campaign__code", "number"
        ):
            since = show_time(version.effective_at) if version.effective_at else "–"
            self.stdout.write(f"{version}: {version.get_state_display()}, {since}")

    def do_metrics(self, options):
        """Write every metric: code, type, unit, label."""
        for code, metric in sorted(bindings.metrics().items()):
            label = localised(metric.label, options["language"])
            kind = f"{metric.type}, {metric.unit}" if metric.unit else metric.type
            self.stdout.write(f"{code} ({kind}): {label}")

    def do_schema(self, options):
        """Write the JSON Schema."""
        self.stdout.write(json.dumps(schema.json_schema(), ensure_ascii=False, indent=2))

    def _published(self, version, options):
        at = options["at"] or clock.now()
        return versions.publish(version, at=at, effective_at=options["effective"])

    def _say_in_force(self, version):
        text = _("%(version)s is published, in force from %(since)s")
        since = show_time(version.effective_at)
        self.stdout.write(text % {"version": version, "since": since})


def _add_times(parser):
    parser.add_argument("--at", type=_instant, metavar="TIME", help="when it is published")
    parser.add_argument(
        "--effective", type=_instant, metavar="TIME", help="when it takes effect; default: at once"
    )


def _add_number(parser):
    parser.add_argument("--version", type=int, dest="number", metavar="N", help="default: latest")


def _day(text):
    return date.fromisoformat(text)


def _instant(text):
    """A time without an offset is local to the installation's zone."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else from_local(found)


def _campaign(code):
    try:
        return Campaign.objects.get(code=code)
    except Campaign.DoesNotExist:
        raise CommandError(_("no campaign is called “%(code)s”") % {"code": code}) from None


def _version(code, number=None):
    campaign = _campaign(code)
    if number is None:
        version = versions.latest_version(campaign)
    else:
        version = campaign.versions.filter(number=number).first()
    if version is None:
        values = {"code": code, "number": number or "–"}
        raise CommandError(_("%(code)s has no version %(number)s") % values)
    return version


def _rulebook(name) -> Rulebook:
    code, _at, number = name.partition("@")
    if number.isdigit() or Campaign.objects.filter(code=name).exists():
        return read_version(_version(code, int(number) if number else None))
    text, _source = loading.open_rulebook(name)
    return loading.read_rulebook(text)


def _counted(problems):
    text = ngettext(
        "%(count)d problem; nothing was stored",
        "%(count)d problems; nothing was stored",
        len(problems),
    )
    return text % {"count": len(problems)}
