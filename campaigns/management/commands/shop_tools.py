"""Imports promotions that shops set elsewhere: ``manage.py shop_tools CAMPAIGN tools.csv``."""

from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from campaigns.admission import NoRulebook
from campaigns.models import Campaign
from campaigns.tool_imports import import_tools
from sellers import clock
from sellers.feeds.problems import FeedError
from sellers.localtime import from_local


class Command(BaseCommand):
    help = (
        "Import which shops set or cancelled which promotions elsewhere: a CSV file with the "
        "columns seller, tool, state (set or cancelled) and at."
    )

    def add_arguments(self, parser):
        parser.add_argument("campaign")
        parser.add_argument("file", type=Path)
        parser.add_argument("--at", help="when it becomes known (default: now)")
        parser.add_argument(
            "--errors",
            type=Path,
            help="the page of bad lines (default: FILE.errors.csv beside the file)",
        )

    def handle(self, *args, campaign, file, at, errors, **options):
        found = Campaign.objects.filter(code=campaign).first()
        if found is None:
            raise CommandError(f"there is no campaign {campaign}")
        errors = errors or file.with_name(f"{file.name}.errors.csv")
        instant = _instant(at) if at else clock.now()
        try:
            result = import_tools(campaign=found, path=file, at=instant, errors=errors)
        except FeedError as error:
            raise CommandError(f"{file}: {error}") from error
        except NoRulebook:
            raise CommandError(f"{campaign} has no rulebook in force") from None
        for problem in result.first_problems:
            self.stderr.write(
                f"{file.name}:{problem.line}: {problem.field} “{problem.value}” {problem.reason}"
            )
        if result.bad:
            self.stderr.write(f"All bad lines: {errors}")
        self.stdout.write(
            f"{result.read} read, {result.bad} bad, {result.changed} tools of shops changed"
        )


def _instant(text):
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--at: expected a date and time in ISO 8601, found {text}") from None
    return found if found.tzinfo else from_local(found)
