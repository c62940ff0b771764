"""What happened in each kind of venue: entries by status, refusals and clear-outs by reason."""

from collections import Counter, defaultdict
from datetime import datetime

from django.db.models import Count, QuerySet

from campaigns.models import Campaign, Entry, EntryHistory, Finding, Move, VenueTerms
from campaigns.rulebooks.versions import version_in_force
from config.demo.report import WIDTH, shortened

COLUMN = 9
_S = Entry.Status
# By kind of venue.
Kinds = dict[str, list[int]]


def kinds_of(campaign: Campaign, at: datetime) -> Kinds:
    """Return the kinds of venues that take entries, in rulebook order, each with its venues."""
    version = version_in_force(campaign, at)
    rows = VenueTerms.objects.filter(version=version, takes_registrations=True).order_by("pk")
    found: Kinds = defaultdict(list)
    for kind, venue in rows.values_list("kind", "venue"):
        found[kind].append(venue)
    return dict(found)


def table(campaign: Campaign, at: datetime, kinds: Kinds) -> str:
    """Return the numbers by kind of venue as a table for a terminal."""
    kind_of = {venue: kind for kind, venues in kinds.items() for venue in venues}
    version = version_in_force(campaign, at)
    titles = {
        code: title.get("en", "")
        for code, title in version.requirement_set.values_list("code", "title")
    }
    entries = Entry.objects.filter(campaign=campaign).exclude(status=_S.DRAFT)
    history = EntryHistory.objects.filter(entry__campaign=campaign)
    refused = history.filter(to_status=_S.REJECTED, move__cause=Move.Cause.FILING)
    filing = Finding.objects.filter(
        campaign=campaign,
        stage="admission",
        outcome=Finding.Outcome.FAIL,
        filing__isnull=False,
        entry__in=refused.values("entry"),
    )
    reviewed = history.filter(to_status=_S.REJECTED, move__cause=Move.Cause.REVIEW)
    parts = (
        ("Now", "Entries filed", _count(entries, "status", "venue", "id")),
        ("Refused at filing, by reason", "", _count(filing, "code", "entry__venue", "entry")),
        ("Rejected by the reviewer", "", _count(reviewed, "reason", "entry__venue", "entry")),
        (
            "Cleared out, by reason code",
            "",
            _count(history.filter(to_status=_S.CLEARED_OUT), "reason", "entry__venue", "entry"),
        ),
    )
    lines = [_line("By kind of venue", list(kinds))]
    for heading, total, numbers in parts:
        lines.append(heading)
        rows: dict[str, Counter] = defaultdict(Counter)
        for (name, venue), number in numbers.items():
            rows[name][kind_of[venue]] += number
        lines += [
            _line(f"    {_named(name, titles)}", [rows[name][kind] for kind in kinds])
            for name in sorted(rows, key=lambda name: (-rows[name].total(), name))
        ]
        if total:
            whole = sum(rows.values(), Counter())
            lines.append(_line(f"  {total}", [whole[kind] for kind in kinds]))
    return "\n".join(lines)


def _count(rows: QuerySet, name: str, venue: str, subject: str) -> dict[tuple[str, int], int]:
    found = rows.order_by().values_list(name, venue)
    counted = found.annotate(number=Count(subject, distinct=True))
    return {(code, place): number for code, place, number in counted}


def _named(code: str, titles: dict[str, str]) -> str:
    title = titles.get(code, "")
    return f"{code} {title}" if title else code.replace("_", " ")


def _line(label: str, cells: list) -> str:
    """A label and a column for each kind."""
    room = WIDTH + 8 - COLUMN * len(cells)
    shown = "".join(f"{cell:>{COLUMN},}" if isinstance(cell, int) else f"{cell:>{COLUMN}}"
                    for cell in cells)  # fmt: skip
    return shortened(label, room) + shown
