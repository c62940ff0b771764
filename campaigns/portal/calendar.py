"""A campaign's timeline as a seller reads it, worked out from rows already read."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils.timesince import timeuntil
from django.utils.translation import gettext as _

from campaigns import timeline
from campaigns.models import Campaign, Milestone, RulebookVersion
from campaigns.templatetags.figures import localised

OPEN, SOON, PAUSED, OVER, SUSPENDED = "open", "soon", "paused", "over", "suspended"


@dataclass(frozen=True)
class Calendar:
    """The milestones of a version at an instant; read them and the pauses beforehand."""

    campaign: Campaign
    version: RulebookVersion
    at: datetime

    @cached_property
    def milestones(self) -> list[Milestone]:
        """Every milestone by its start, then its end; each with ``state`` past, now or ahead."""
        rows = sorted(
            self.version.milestone_set.all(), key=lambda row: (row.starts_at, row.ends_at)
        )
        for row in rows:
            row.state = (
                "past" if row.ends_at <= self.at else "now" if row.starts_at <= self.at else ""
            )
        return rows

    @cached_property
    def phases(self) -> list[Milestone]:
        """The milestones open now that mark a phase: registration, preheat, live."""
        kinds = {Milestone.Kind.REFERENCE, Milestone.Kind.OTHER}
        return [row for row in self.milestones if row.state == "now" and row.kind not in kinds]

    @cached_property
    def pauses(self) -> list[timeline.Window]:
        """The pauses of registration that are not over, earliest first."""
        return [pause for pause in timeline.pauses(self.version) if pause.ends_at > self.at]

    @property
    def pause(self) -> timeline.Window | None:
        """The pause that is running."""
        return next((pause for pause in self.pauses if self.at in pause), None)

    @property
    def next(self) -> str:
        """The next thing that happens, with the time left in words; "" when all is over."""
        event = timeline.next_event(self.version, self.at)
        if event is None:
            return ""
        texts = {"starts": _("%(what)s starts in %(left)s"), "ends": _("%(what)s ends in %(left)s")}
        return texts[event.what] % {
            "what": localised(event.milestone.title) or event.milestone.get_kind_display(),
            "left": left(event.at, self.at),
        }

    @property
    def joining(self) -> str:
        """Whether shops may join: open, soon, paused, over or suspended."""
        return self._step(Milestone.Kind.SELLER_REGISTRATION)

    @property
    def filing(self) -> str:
        """Whether items may be filed: open, soon, paused, over or suspended."""
        return self._step(Milestone.Kind.ITEM_REGISTRATION)

    @property
    def closes_at(self) -> datetime | None:
        """When the item registration that is open closes."""
        ends = [
            row.ends_at
            for row in self.milestones
            if row.kind == Milestone.Kind.ITEM_REGISTRATION and row.state == "now"
        ]
        return max(ends, default=None)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left of the timeline, or the campaign was ended."""
        ended = self.campaign.state == Campaign.State.ENDED
        return ended or all(row.state == "past" for row in self.milestones)

    def _step(self, kind):
        if self.is_over:
            return OVER
        if self.campaign.state == Campaign.State.SUSPENDED:
            return SUSPENDED
        windows = [row for row in self.milestones if row.kind == kind]
        if any(row.state == "now" for row in windows):
            return PAUSED if self.pause else OPEN
        return SOON if any(row.state == "" for row in windows) else OVER


def left(until: datetime, at: datetime) -> str:
    """The time from ``at`` to ``until`` in words, its two largest parts."""
    if until - at < timedelta(minutes=1):
        return _("less than a minute")
    return timeuntil(until, at, depth=2)


def current_versions(campaigns: list[Campaign], at: datetime) -> dict[int, RulebookVersion]:
    """Campaign id to the version in force at the instant, its timeline read; three queries.

    A campaign whose first version is not in force yet has that one.
    """
    rows = (
        RulebookVersion.objects.filter(
            campaign__in=campaigns, state=RulebookVersion.State.PUBLISHED
        )
        .order_by("effective_at", "number")
        .prefetch_related("milestone_set", "pause_set")
    )
    found = {}
    for row in rows:
        if row.effective_at <= at or row.campaign_id not in found:
            found[row.campaign_id] = row
    return found
