"""manage.py privileges: who is entitled to a campaign's traffic, as a file for search, carts and
pages: its campaign items, who stands where because of boards, or whose incentives show."""

import csv
import gzip
import os
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from tqdm import tqdm

from campaigns import placements, privileges
from campaigns.models import Campaign
from campaigns.racing import incentives
from campaigns.spreadsheets import harmless
from sellers import clock
from sellers.localtime import from_local

ITEMS, PLACES, INCENTIVES = "items", "places", "incentives"
FEEDS = {ITEMS: privileges, PLACES: placements, INCENTIVES: incentives}


class Command(BaseCommand):
    """Writes a line for each of what is asked for; a file of that name is replaced once all is
    there."""

    help = (
        "Write a campaign's items with venue, badge and prices as CSV (FILE.csv, or FILE.csv.gz "
        "packed), or its places or incentives. Who is in is as of now; what shows is as of --at."
    )

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument("--campaign", required=True, help="the campaign's code")
        parser.add_argument("--at", help="ISO; local time unless it names a zone; default: now")
        parser.add_argument(
            "--list",
            dest="feed",
            choices=sorted(FEEDS),
            default=ITEMS,
            help="items (default); places: who stands where because of boards, the affiliate "
            "venues' lists among them; incentives: whose show, with their positions",
        )
        parser.add_argument("file", type=Path, metavar="FILE.csv[.gz]")

    def handle(self, *args, campaign, at, feed, file, **options) -> None:
        """Write the file and say how many lines it has."""
        found = Campaign.objects.filter(code=campaign).first()
        if found is None:
            raise CommandError(_("No campaign “%(code)s”.") % {"code": campaign})
        instant = _instant(at) if at else clock.now()
        number = 0
        try:
            with _replacing(file) as stream:
                writer = csv.writer(stream)
                writer.writerow(FEEDS[feed].HEADER)
                lines = FEEDS[feed].lines(found, instant)
                for line in tqdm(lines, unit="line", unit_scale=True, disable=None, leave=False):
                    writer.writerow([harmless(cell) for cell in line])
                    number += 1
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror or error}") from error
        self.stdout.write(_said(feed) % {"file": file, "number": number})


def _said(feed):
    if feed == PLACES:
        return _("%(file)s: %(number)d places")
    if feed == INCENTIVES:
        return _("%(file)s: %(number)d sellers with an incentive")
    return _("%(file)s: %(number)d campaign items")


@contextmanager
def _replacing(path: Path):
    """A text stream that becomes the file when all was written; else the file stays as it was."""
    with NamedTemporaryFile("wb", dir=path.parent, prefix=f".{path.name}-", delete=False) as raw:
        try:
            if path.suffix == ".gz":
                with gzip.open(raw, "wt", encoding="utf-8", newline="") as packed:
                    yield packed
            else:
                with open(raw.fileno(), "w", encoding="utf-8", newline="", closefd=False) as text:
                    yield text
            raw.close()
            Path(raw.name).chmod(0o666 & ~_umask())
            os.replace(raw.name, path)
        except BaseException:
            Path(raw.name).unlink(missing_ok=True)
            raise


def _umask():
    """The process's mask, which can only be read by setting it."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _instant(text):
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(
            _("--at: expected a date and time in ISO 8601, found %(text)s") % {"text": text}
        ) from None
    return found if found.tzinfo else from_local(found)
