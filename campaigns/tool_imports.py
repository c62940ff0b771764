"""Promotions that shops set or cancel elsewhere, imported from a file.

Columns ``seller``, ``tool``, ``state`` (set or cancelled) and ``at``. A line says that from ``at``
on the shop has the tool, or has it no more. The set-up window binds sellers on their pages; what
was done elsewhere is a fact. Importing a file again changes nothing.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext as _

from campaigns import holdings
from campaigns.admission import rulebook_at
from campaigns.models import Campaign, Registration, ShopTool
from campaigns.shop_tools import shop_promotions
from sellers.bulk_write import short_transaction
from sellers.changes import mark_changed
from sellers.feeds.problems import FeedError, Problem, Problems
from sellers.feeds.reading import opened
from sellers.feeds.values import BadCell, Cells, Choice, Instant, Text
from sellers.models import SubjectKind

SET, CANCELLED = "set", "cancelled"
COLUMNS = {
    "seller": Text(64),
    "tool": Text(64),
    "state": Choice((SET, CANCELLED)),
    "at": Instant(),
}


@dataclass(frozen=True)
class Line:
    """One line that can be read."""

    number: int
    seller: str
    tool: str
    state: str
    at: datetime


@dataclass
class Imported:
    """How many lines were read, and of these bad, and how many changed what was known."""

    read: int = 0
    bad: int = 0
    changed: int = 0
    first_problems: list[Problem] = field(default_factory=list)


def import_tools(
    *, campaign: Campaign, path: Path, at: datetime, errors: Path | None = None
) -> Imported:
    """Import a file into a campaign; good lines count, bad ones are told, and go to the CSV file
    ``errors``.

    Raises FeedError for a file that cannot be read at all, and NoRulebook. Some thousand lines at a
    time are one transaction; a file broken off in the middle is imported again.
    """
    known = {row.code for row in shop_promotions(rulebook_at(campaign, at))}
    result = Imported()
    with opened(path) as source, Problems(path.name, errors) as problems:
        if set(source.header) != set(COLUMNS) or len(source.header) != len(COLUMNS):
            raise FeedError(_("expected the columns %s") % ", ".join(COLUMNS))
        readers = [Cells(COLUMNS[name], required=True, default=None) for name in source.header]
        for batch in source.batches():
            result.read += len(batch.lines) + len(batch.broken)
            result.bad += len(batch.broken)
            for number, reason in batch.broken:
                problems.add(number, "", None, reason)
            lines = list(_lines(batch, source.header, readers, problems))
            result.bad += len(batch.lines) - len(lines)
            good, changed = _write(campaign, lines, known, at, problems)
            result.bad += len(lines) - good
            result.changed += changed
        result.first_problems = problems.first
    return result


def _lines(batch, header, readers, problems) -> Iterator[Line]:
    read = [reader.read(cells) for reader, cells in zip(readers, batch.columns, strict=True)]
    for place, number in enumerate(batch.lines):
        values = {name: cells[place] for name, cells in zip(header, read, strict=True)}
        bad = {name: value for name, value in values.items() if isinstance(value, BadCell)}
        for name, value in bad.items():
            cell = batch.columns[header.index(name)][place]
            problems.add(number, name, cell, str(value))
        if not bad:
            yield Line(number, **values)


def _write(campaign, lines, known, at, problems):
    """How many of the lines were good, and how many changed something."""
    good, changed = 0, set()
    with short_transaction():
        ids = _registrations(campaign, lines)
        holdings.lock_registrations(ids.values())
        # Whoever left while we waited is not in it any more.
        ids = _registrations(campaign, lines)
        rows = _rows(ids.values())
        for line in sorted(lines, key=lambda line: (line.at, line.number)):
            problem = _problem(line, ids, known, at)
            if problem is not None:
                problems.add(line.number, *problem)
                continue
            good += 1
            registration = ids[line.seller]
            if _apply(rows[registration, line.tool], line, registration):
                changed.add((registration, line.tool))
        _save([row for key in changed for row in rows[key]])
        marked = Registration.objects.filter(pk__in={key[0] for key in changed})
        mark_changed(marked, subject_kind=SubjectKind.SELLER, subject="seller_id", at=at)
    return good, len(changed)


def _registrations(campaign, lines):
    """Seller code to the id of its standing registration."""
    found = Registration.objects.filter(
        campaign=campaign,
        status=Registration.Status.JOINED,
        seller__code__in={line.seller for line in lines},
    )
    return dict(found.values_list("seller__code", "pk"))


def _rows(registrations):
    """(registration, tool) to the settings that are known, in order of time."""
    rows = defaultdict(list)
    known = ShopTool.objects.filter(registration__in=registrations).order_by("set_at", "pk")
    for row in known:
        rows[row.registration_id, row.code].append(row)
    return rows


def _problem(line, ids, known, at):
    """(column, value, reason) of a line that cannot be taken, else None."""
    if line.tool not in known:
        return "tool", line.tool, _("is not a promotion that shops set in this campaign")
    if line.seller not in ids:
        return "seller", line.seller, _("has not joined this campaign")
    if line.at > at:
        return "at", line.at, _("lies after the time of the import")
    return None


def _apply(rows, line, registration):
    """Bring one tool's settings in line; whether that changed anything."""
    covering = next((row for row in rows if _covers(row, line.at)), None)
    if line.state == CANCELLED:
        if covering is None or covering.set_at == line.at:
            return False
        covering.cancelled_at, covering.replaced = line.at, False
        return True
    if covering is not None:
        return False
    later = [row.set_at for row in rows if row.set_at > line.at]
    end = min(later, default=None)
    # Set earlier than we knew: what followed without a cancellation goes on.
    rows.append(
        ShopTool(
            registration_id=registration,
            code=line.tool,
            set_at=line.at,
            cancelled_at=end,
            replaced=end is not None,
        )
    )
    rows.sort(key=lambda row: row.set_at)
    return True


def _covers(row, at):
    return row.set_at <= at and (row.cancelled_at is None or row.cancelled_at > at)


def _save(rows):
    # Ends first, so that no two of a tool ever stand at once.
    known = [row for row in rows if row.pk]
    ShopTool.objects.bulk_update(known, ["cancelled_at", "replaced"], batch_size=500)
    ShopTool.objects.bulk_create([row for row in rows if not row.pk], batch_size=500)
