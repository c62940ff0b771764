"""``milestones`` and ``pauses``: when what is open."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Milestone, Pause
from campaigns.rulebooks.fields import Choice, Code, Offset, Time
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import Section, row_fields


def ends_before_it_starts(row, path, start="starts_at", end="ends_at"):
    """A problem if a half-open window holds nothing."""
    starts_at, ends_at = row[start], row[end]
    if starts_at is not None and ends_at is not None and ends_at <= starts_at:
        yield Problem(path, _("expected an end after the start"))


@dataclass(frozen=True, kw_only=True)
class MilestoneSection(Section):
    """Dated windows."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            yield from ends_before_it_starts(row, (self.key, i, "ends"))


@dataclass(frozen=True, kw_only=True)
class PauseSection(Section):
    """Pauses, by offsets from a milestone's start or by times of their own."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            path = (self.key, i)
            offsets = row["start_offset_minutes"], row["end_offset_minutes"]
            times = row["starts_at"], row["ends_at"]
            if row["anchor"]:
                known = names.codes["milestones"]
                yield from names.unknown(_("milestone"), row["anchor"], known, (*path, "anchor"))
                if None in offsets or times != (None, None):
                    yield Problem(
                        path, _("with anchor, expected start_offset and end_offset alone")
                    )
                elif offsets[1] <= offsets[0]:
                    yield Problem((*path, "end_offset"), _("expected an end after the start"))
            elif None in times or offsets != (None, None):
                yield Problem(path, _("without anchor, expected starts and ends alone"))
            else:
                yield from ends_before_it_starts(row, (*path, "ends"))


MILESTONES = MilestoneSection(
    key="milestones",
    noun=gettext_lazy("Milestone"),
    model=Milestone,
    help="dated windows; the end is the first instant that is outside",
    fields=row_fields(
        Choice(name="kind", required=True, choices=Milestone.Kind),
        Time(name="starts", column="starts_at", required=True),
        Time(name="ends", column="ends_at", required=True, help="the first instant outside"),
    ),
)

PAUSES = PauseSection(
    key="pauses",
    noun=gettext_lazy("Pause"),
    model=Pause,
    help="when registration of sellers and items rests",
    fields=row_fields(
        Code(name="anchor", help="a milestone from whose start the offsets count"),
        Offset(name="start_offset", column="start_offset_minutes"),
        Offset(name="end_offset", column="end_offset_minutes"),
        Time(name="starts", column="starts_at"),
        Time(name="ends", column="ends_at", help="the first instant outside"),
    ),
)
