"""Inviting the lines of a table from the command line."""

from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from campaigns.inviting import Issue, invite_from
from campaigns.models import Invitation, Venue
from sellers import clock
from sellers.feeds.problems import FeedError
from sellers.localtime import from_local


class Command(BaseCommand):
    """Invite sellers to a venue, with an item each or with any."""

    help = (
        "Invites the lines of a CSV with the columns seller and item (left out or empty: any item) "
        "to a venue. The same file with the same source again changes nothing."
    )

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("campaign", help="the campaign's code")
        parser.add_argument("venue", help="the venue's code")
        parser.add_argument("file", type=Path)
        parser.add_argument("--source", help="what names the batch; default: the file's name")
        parser.add_argument("--expires", type=_instant, help="ISO; the first instant outside")
        parser.add_argument(
            "--kind", choices=Invitation.Kind.values, default=Invitation.Kind.PLATFORM
        )
        parser.add_argument("--at", type=_instant, help="ISO; local time; default: now")

    def handle(self, *args, **options) -> None:
        """Invite, and print what came of it."""
        venue = Venue.objects.filter(
            campaign__code=options["campaign"], code=options["venue"]
        ).first()
        if venue is None:
            raise CommandError(
                _("there is no venue %(venue)s in %(campaign)s")
                % {"venue": options["venue"], "campaign": options["campaign"]}
            )
        try:
            issue = Issue(
                venue,
                options["source"] or options["file"].name,
                options["at"] or clock.now(),
                options["expires"],
                options["kind"],
            )
            done = invite_from(issue, options["file"])
        except (FeedError, ValueError) as error:
            raise CommandError(str(error)) from error
        for problem in done.problems:
            line = f"{options['file']}:{problem.line}: {problem.field} {problem.value!r}"
            self.stderr.write(f"{line}: {problem.reason}")
        self.stdout.write(
            _("%(new)d invited, %(repeated)d there already, %(bad)d left out")
            % {"new": done.new, "repeated": done.repeated, "bad": len(done.problems)}
        )


def _instant(text):
    found = datetime.fromisoformat(text)
    return from_local(found) if found.tzinfo is None else found
