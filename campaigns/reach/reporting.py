"""A count in numbers, for a page."""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from campaigns.eligibility.bound import is_active
from campaigns.models import ReachCount, Requirement, Venue
from campaigns.reach.asking import UNDER_WAY, State, is_abandoned
from campaigns.reach.wording import digest


@dataclass(frozen=True)
class Numbers:
    """How many live entries were looked at, and of these failed or had no answer."""

    live: int
    failed: int
    held: int

    @property
    def share(self) -> Decimal:
        """Failed in per cent of the live ones, to a tenth; 0 of nothing."""
        if not self.live:
            return Decimal("0.0")
        share = Decimal(100 * self.failed) / self.live
        return share.quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Reach:
    """A count as its page shows it. ``venues`` are (code, Numbers) pairs; ``is_earlier`` says that
    the requirement has changed since the count began; ``seconds`` is how long it took. ``remarks``
    tell why it asks nothing now, though it was counted: "not_yet", "over", "replaced"."""

    count: ReachCount
    numbers: Numbers
    venues: list[tuple[str, Numbers]]
    is_earlier: bool
    is_abandoned: bool
    steps: int
    seconds: float | None
    remarks: list[str]

    @property
    def is_under_way(self) -> bool:
        """Whether it is queued or running, and somebody may be at it."""
        return self.count.state in UNDER_WAY and not self.is_abandoned


def reach_of(requirement: Requirement, now: datetime) -> Reach | None:
    """The requirement's latest count, None if nobody has asked for one."""
    count = ReachCount.objects.filter(requirement=requirement).first()
    if count is None:
        return None
    codes = dict(Venue.objects.filter(pk__in=count.by_venue).values_list("pk", "code"))
    venues = sorted(
        (codes.get(int(pk), pk), Numbers(*numbers)) for pk, numbers in count.by_venue.items()
    )
    sums = [sum(column) for column in zip(*count.by_venue.values(), strict=True)] or [0, 0, 0]
    seconds = None
    if count.started_at and count.finished_at:
        seconds = round((count.finished_at - count.started_at).total_seconds(), 1)
    return Reach(
        count=count,
        numbers=Numbers(*sums),
        venues=venues,
        is_earlier=count.state == State.DONE and count.digest != digest(requirement),
        is_abandoned=is_abandoned(count, now),
        steps=len(count.plan),
        seconds=seconds,
        remarks=_remarks(requirement, now),
    )


def _remarks(requirement, now):
    remarks = []
    if requirement.active_from is not None and now < requirement.active_from:
        remarks.append("not_yet")
    if requirement.active_until is not None and requirement.active_until <= now:
        remarks.append("over")
    others = requirement.version.requirement_set.filter(replaces=requirement.code, venue_code="")
    if any(is_active(other, now) and not other.venue_kinds for other in others):
        remarks.append("replaced")
    return remarks
