"""A campaign's timeline as a picture: a bar for each milestone and pause, grouped by kind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.dateformat import format as date_format
from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.admin import shown
from campaigns.models import Milestone, RulebookVersion
from campaigns.timeline import Window, pauses
from sellers.localtime import from_local, local_date, local_midnight

MOST_TICKS = 9
STEPS_OF_HOURS = (1, 2, 3, 6, 12)
STEPS_OF_DAYS = (1, 2, 5, 7, 14, 28, 56, 112, 224, 448)
DAY = timedelta(days=1)
# Beyond this a tick's label is written to its left.
LAST_LABEL = 94


@dataclass(frozen=True)
class Bar:
    """One window; ``x`` and ``width`` are percent of the picture's width, as text."""

    title: str
    starts_at: datetime
    ends_at: datetime
    state: str
    x: str
    width: str


@dataclass(frozen=True)
class Bars:
    """The windows of a kind."""

    title: str
    tone: str
    bars: list[Bar]


@dataclass(frozen=True)
class Tick:
    """A mark of the time axis. A minor one has no room for its label on a phone."""

    x: str
    label: str
    is_minor: bool
    is_last: bool


@dataclass(frozen=True)
class Timeline:
    """What the template draws. ``now`` is None where the instant lies outside."""

    groups: list[Bars]
    ticks: list[Tick]
    now: str | None


def timeline(version: RulebookVersion, at: datetime) -> Timeline | None:
    """The picture of a version's milestones and pauses at an instant; None without any."""
    milestones = list(version.milestone_set.order_by("starts_at", "ends_at", "position"))
    stops = pauses(version)
    if not milestones and not stops:
        return None
    windows = [*milestones, *stops]
    first = min(window.starts_at for window in windows)
    last = max(window.ends_at for window in windows)
    scale = _Scale(first, max(last, first + timedelta(minutes=1)))

    def bar(window, title):
        return Bar(
            title=title,
            starts_at=window.starts_at,
            ends_at=window.ends_at,
            state=_state(window, at),
            x=scale.percent(window.starts_at),
            width=scale.share(window.ends_at - window.starts_at),
        )

    groups = []
    for kind in Milestone.Kind:
        bars = [bar(row, shown.text(row.title) or row.code) for row in milestones
                if row.kind == kind]  # fmt: skip
        if bars:
            groups.append(Bars(kind.label, kind.value, bars))
    if stops:
        bars = [bar(window, _("Pause “%(code)s”") % {"code": window.code}) for window in stops]
        groups.append(Bars(_("pauses of registration"), "pause", bars))
    return Timeline(groups, _ticks(scale), scale.percent(at) if first <= at < last else None)


@dataclass(frozen=True)
class _Scale:
    first: datetime
    last: datetime

    def percent(self, at):
        return self.share(at - self.first)

    def share(self, span):
        return f"{100 * (span / (self.last - self.first)):.3f}%"


def _state(window: Milestone | Window, at):
    if at >= window.ends_at:
        return "past"
    return "open" if at >= window.starts_at else "ahead"


def _ticks(scale):
    """Midnights, or full hours where the whole is but a few days, as many as can be read."""
    span = scale.last - scale.first
    if span <= 2 * DAY:
        step = next((hours for hours in STEPS_OF_HOURS if span / timedelta(hours=hours)
                     <= MOST_TICKS), STEPS_OF_HOURS[-1])  # fmt: skip
        marks = _hours(scale, step)
        form = pgettext("format of a time on an axis", "H:i")
    else:
        step = next((days for days in STEPS_OF_DAYS if span / timedelta(days=days) <= MOST_TICKS),
                    STEPS_OF_DAYS[-1])  # fmt: skip
        day = local_date(scale.first)
        marks = []
        while local_midnight(day) < scale.last:
            marks.append(local_midnight(day))
            day += timedelta(days=step)
        form = pgettext("format of a day on an axis", "j M")
    zone = get_default_timezone()
    found = [at for at in marks if at >= scale.first]
    return [
        Tick(
            x=scale.percent(at),
            label=date_format(at.astimezone(zone), form),
            is_minor=bool(i % 3),
            is_last=float(scale.percent(at)[:-1]) > LAST_LABEL,
        )
        for i, at in enumerate(found)
    ]


def _hours(scale, step):
    zone = get_default_timezone()
    naive = scale.first.astimezone(zone).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    naive = naive.replace(hour=naive.hour - naive.hour % step)
    marks = []
    while from_local(naive) < scale.last:
        marks.append(from_local(naive))
        naive += timedelta(hours=step)
    return marks
