"""What is open when: a campaign's phases, registration windows and pauses, at an instant.

Windows are half-open, [starts_at, ends_at). Nothing of this is stored; an operator only publishes,
suspends or ends a campaign.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.timezone import get_default_timezone

from campaigns.models import Campaign, Milestone, Pause, RulebookVersion, Venue, VenueTerms
from campaigns.published import rows_of

SELLER, ITEM = "seller", "item"
STEPS = {
    SELLER: Milestone.Kind.SELLER_REGISTRATION,
    ITEM: Milestone.Kind.ITEM_REGISTRATION,
}


@dataclass(frozen=True)
class Refusal:
    """Why something is closed: a process reason's code and the values of its message."""

    code: str
    params: dict = field(default_factory=dict)


@dataclass(frozen=True)
class Window:
    """[starts_at, ends_at) under a code."""

    code: str
    starts_at: datetime
    ends_at: datetime

    def __contains__(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True)
class NextEvent:
    """The next thing that happens: ``what`` ("starts" or "ends") to a milestone, and when."""

    milestone: Milestone
    what: str
    at: datetime


def phases(version: RulebookVersion, at: datetime) -> set[str]:
    """Codes of the milestones open at the instant; several may be (G520-001..005)."""
    return {row.code for row in rows_of(version, Milestone) if row.starts_at <= at < row.ends_at}


def pauses(version: RulebookVersion) -> list[Window]:
    """The pauses of registration with their ends worked out, earliest first.

    One with an anchor moves with that milestone's start: live − 2 h to + 0.5 h (G520-003).
    """
    rows = rows_of(version, Pause)
    starts = {}
    if any(row.anchor for row in rows):
        starts = {row.code: row.starts_at for row in rows_of(version, Milestone)}
    windows = []
    for row in rows:
        if row.anchor:
            anchor = starts[row.anchor]
            begins = anchor + timedelta(minutes=row.start_offset_minutes)
            ends = anchor + timedelta(minutes=row.end_offset_minutes)
        else:
            begins, ends = row.starts_at, row.ends_at
        windows.append(Window(row.code, begins, ends))
    return sorted(windows, key=lambda window: window.starts_at)


def registration_windows(
    version: RulebookVersion, *, step: str, venue: Venue | None = None
) -> list[Window]:
    """When sellers join (``step`` "seller") or items are filed ("item"), earliest first.

    A venue whose terms name milestones takes items in those instead of every item window.
    """
    named = []
    if step == ITEM and venue is not None:
        terms = (row for row in rows_of(version, VenueTerms) if row.venue_id == venue.pk)
        named = next((row.windows for row in terms), [])
    windows = [
        Window(row.code, row.starts_at, row.ends_at)
        for row in rows_of(version, Milestone)
        if (row.code in named if named else row.kind == STEPS[step])
    ]
    return sorted(windows, key=lambda window: window.starts_at)


def filing_ends(version: RulebookVersion) -> dict[int, datetime]:
    """When each venue's last filing window ends, by venue id.

    A venue without any window is not in the result.
    """
    milestones = rows_of(version, Milestone)
    ends = {row.code: row.ends_at for row in milestones}
    general = [row.ends_at for row in milestones if row.kind == STEPS[ITEM]]
    found = {}
    for terms in rows_of(version, VenueTerms):
        named = terms.windows
        own = [ends[code] for code in named if code in ends] if named else general
        if own:
            found[terms.venue_id] = max(own)
    return found


def refusals(
    version: RulebookVersion, at: datetime, venue: Venue | None = None, step: str = SELLER
) -> list[Refusal]:
    """Every reason why the step is closed at the instant; none when it is open.

    ``campaign_suspended``; ``window_closed`` with ``opens_at`` or ``closed_at``;
    ``registration_paused`` with ``paused_at`` and ``resumes_at``. Times are local ISO strings.
    """
    found = []
    if version.campaign.state == Campaign.State.SUSPENDED:
        found.append(Refusal("campaign_suspended"))
    closed = _closed_window(version, at, venue, step)
    if closed:
        found.append(closed)
    for pause in pauses(version):
        if at in pause:
            params = {"paused_at": shown(pause.starts_at), "resumes_at": shown(pause.ends_at)}
            found.append(Refusal("registration_paused", params))
            break
    return found


def registration_open(
    version: RulebookVersion, at: datetime, venue: Venue | None = None, step: str = SELLER
) -> Refusal | None:
    """The first reason why the step is closed at the instant, None when it is open."""
    return next(iter(refusals(version, at, venue, step)), None)


def next_event(version: RulebookVersion, at: datetime) -> NextEvent | None:
    """The first milestone start or end after the instant; starts before ends at the same one."""
    events = [
        (when, order, row.position, row.code, NextEvent(row, what, when))
        for row in rows_of(version, Milestone)
        for order, (what, when) in enumerate((("starts", row.starts_at), ("ends", row.ends_at)))
        if when > at
    ]
    return min(events, key=lambda event: event[:4])[-1] if events else None


def milestone_windows(version: RulebookVersion, codes: Iterable[str]) -> dict[str, Window]:
    """The version's milestones of these codes as windows, by code."""
    codes = set(codes)
    return {
        row.code: Window(row.code, row.starts_at, row.ends_at)
        for row in rows_of(version, Milestone)
        if row.code in codes
    }


def shut(windows: Iterable[Window], at: datetime) -> dict[str, str] | None:
    """None if one of the windows is open at the instant; else ``opens_at``, when the next one
    does, or ``closed_at``, when the last one did. Local ISO strings."""
    windows = list(windows)
    if any(at in window for window in windows):
        return None
    ahead = [window.starts_at for window in windows if window.starts_at > at]
    if ahead:
        return {"opens_at": shown(min(ahead))}
    return {"closed_at": shown(max(window.ends_at for window in windows))} if windows else {}


def shown(at: datetime) -> str:
    """An instant as findings keep it: ISO in the installation's zone, offset included."""
    return at.astimezone(get_default_timezone()).isoformat()


def _closed_window(version, at, venue, step):
    state = version.campaign.state
    if state in {Campaign.State.DRAFT, Campaign.State.ENDED}:
        return Refusal("window_closed", {"campaign": state})
    closed = shut(registration_windows(version, step=step, venue=venue), at)
    return None if closed is None else Refusal("window_closed", closed)
