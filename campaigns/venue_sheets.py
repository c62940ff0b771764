"""A draft's venues as one table, out and in: looked at first, then taken in whole or not at all."""

import hashlib
import json
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import RulebookVersion, Venue
from campaigns.rulebooks import bindings, registry, sheets
from campaigns.rulebooks.loading import problems_of_meaning
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.reading import parse
from campaigns.rulebooks.rulebook import read_version
from campaigns.rulebooks.sheets import CellProblem
from campaigns.rulebooks.versions import require_draft
from sellers.models import User

SECTION = "venues"
# Beside what the rulebook says of a venue: who owns it. That is the installation's business and
# holds at once, whatever becomes of the draft.
OWNER = "owner"


class SheetRefused(Exception):
    """A table that is not taken in; the message says why. Nothing was changed."""


@dataclass(frozen=True)
class Preview:
    """What taking a table in would change: sentences, and the numbers of venues by kind of change.

    ``problems`` are those of its cells, ``elsewhere`` those that it would make in other sections;
    with any of them it is not taken in. ``seen`` stands for what is stored now.
    """

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    problems: list[CellProblem] = field(default_factory=list)
    elsewhere: list[Problem] = field(default_factory=list)
    number: int = 0
    seen: str = ""

    @property
    def is_sound(self) -> bool:
        """Whether it can be taken in."""
        return not self.problems and not self.elsewhere

    @property
    def changes_anything(self) -> bool:
        """Whether taking it in would change something."""
        return bool(self.added or self.removed or self.changed or self.owners)


@dataclass(frozen=True)
class _Taken:
    rows: list[dict]
    owners: dict[str, User | None]


def table(version: RulebookVersion) -> list[list[str]]:
    """The version's venues as a table, a line of columns first."""
    section = registry.section(SECTION)
    owners = _owners(version)
    header = [column.name for column in sheets.columns(section)]
    lines = [
        [*sheets.cells(section, row), owners.get(row["code"], "")] for row in section.read(version)
    ]
    return [[*header, OWNER], *lines]


def preview(version: RulebookVersion, text: str) -> Preview:
    """What taking the table in would change. Raises spreadsheets.UnreadableSheet."""
    found, _taken = _looked_at(version, text)
    return found


@transaction.atomic
def take_in(version: RulebookVersion, text: str, *, seen: str) -> Preview:
    """Make the table's venues the draft's, in its order, and their owners the venues' own.

    ``seen`` is the preview's. Raises SheetRefused if the table is not sound or the venues changed
    since they were looked at, VersionRefused unless the version is a draft, and UnreadableSheet.
    """
    version = require_draft(version)
    found, taken = _looked_at(version, text)
    if not found.is_sound:
        raise SheetRefused(_("The table has problems; nothing was changed."))
    if found.seen != seen:
        raise SheetRefused(
            _("The venues were changed by somebody else meanwhile; look at the differences again.")
        )
    section = registry.section(SECTION)
    section.clear(version)
    section.save(version, taken.rows)
    venues = Venue.objects.filter(campaign=version.campaign, code__in=taken.owners)
    changed = []
    for venue in venues:
        owner = taken.owners[venue.code]
        if venue.owner_id != (owner.pk if owner else None):
            venue.owner = owner
            changed.append(venue)
    Venue.objects.bulk_update(changed, ["owner"])
    return found


def _looked_at(version, text):
    section = registry.section(SECTION)
    book = read_version(version)
    stored = book.rows[SECTION]
    sheet = sheets.read(text, section, stored, more=(OWNER,))
    document = book.render()
    present, _problems = parse(document, bindings.metrics())
    before = {*_problems, *problems_of_meaning(present, _problems)}
    document[SECTION] = sheet.rows
    judged, problems = parse(document, bindings.metrics())
    problems += problems_of_meaning(judged, problems)
    owners, owner_problems = _named_owners(sheet)
    cell_problems = [*sheet.problems, *owner_problems]
    elsewhere = []
    for problem in dict.fromkeys(problems):
        if problem.path[:1] == (SECTION,) and len(problem.path) > 1:
            cell_problems.append(_in_its_cell(problem, section, sheet))
        elif problem not in before:
            elsewhere.append(problem)
    cell_problems.sort(key=lambda problem: problem.line)
    seen = _fingerprint(version, section, stored)
    if cell_problems or elsewhere:
        found = Preview(
            problems=cell_problems, elsewhere=elsewhere, number=len(sheet.rows), seen=seen
        )
        return found, None
    rows = judged.rows[SECTION]
    return (
        Preview(
            **_changes(section, stored, rows),
            owners=_owner_changes(version, owners),
            number=len(rows),
            seen=seen,
        ),
        _Taken(rows, owners),
    )


def _changes(section, old, new):
    """Codes added and removed, and sentences on what changes in the others."""
    before = {row["code"]: row for row in old}
    after = {row["code"]: row for row in new}
    kept = [code for code in before if code in after]
    changed = list(
        section.differences([before[code] for code in kept], [after[code] for code in kept])
    )
    if kept != [code for code in after if code in before]:
        changed.append(_("The venues come in another order"))
    return {
        "added": [code for code in after if code not in before],
        "removed": [code for code in before if code not in after],
        "changed": changed,
    }


def _named_owners(sheet):
    """The owners by venue code where the table has the column, and names that nobody has."""
    names = {
        row["code"]: (line, more[OWNER])
        for row, line, more in zip(sheet.rows, sheet.lines, sheet.more, strict=True)
        if OWNER in more and "code" in row
    }
    wanted = {name for _line, name in names.values() if name}
    staff = User.objects.filter(username__in=wanted, is_staff=True, is_active=True)
    users = {user.username: user for user in staff}
    problems = [
        CellProblem(line, OWNER, _("no active member of staff is called “%(name)s”") % {"name": n})
        for line, n in names.values()
        if n and n not in users
    ]
    return {code: users.get(name) for code, (_line, name) in names.items()}, problems


def _owner_changes(version, owners):
    """A sentence for each owner that changes."""
    present = _owners(version)
    return [
        _("Venue %(code)s, owner: %(was)s → %(now)s")
        % {
            "code": code,
            "was": present.get(code) or _("none"),
            "now": owner.username if owner else _("none"),
        }
        for code, owner in owners.items()
        if present.get(code, "") != (owner.username if owner else "")
    ]


def _owners(version):
    """User names by venue code."""
    owned = Venue.objects.filter(campaign=version.campaign_id, owner__isnull=False)
    return dict(owned.values_list("code", "owner__username"))


def _in_its_cell(problem, section, sheet):
    """A problem of the row's document as one of the table's."""
    _section, index, *rest = problem.path
    place = [part for part in rest if isinstance(part, str)]
    column = sheets.columns_of(place[0], section, sheet.columns) if place else ""
    return CellProblem(sheet.lines[index], column, problem.message)


def _fingerprint(version, section, rows):
    """What stands for the venues as they are stored, owners included."""
    said = json.dumps([section.render(rows), sorted(_owners(version).items())], default=str)
    return hashlib.sha256(said.encode()).hexdigest()
