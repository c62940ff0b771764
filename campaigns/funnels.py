"""How far entries have come, venue by venue, from the tallies; entries are never counted."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

from campaigns import tallies
from campaigns.lifecycle import PENDING
from campaigns.models import Campaign, Entry, RulebookVersion, Venue, VenueTerms

_S = Entry.Status
# What was done so far: the moves that count for it.
DONE = {
    "filed": lambda source, _target: source == _S.DRAFT,
    "refused": lambda source, target: source == _S.DRAFT and target == _S.REJECTED,
    "decided": lambda source, target: source in PENDING and target in {_S.APPROVED, _S.REJECTED},
}
# What stands where now.
STANDING = {
    "pending": PENDING,
    "approved": {_S.APPROVED},
    "at_risk": {_S.AT_RISK},
    "abnormal": {_S.ABNORMAL, _S.UNPUBLISHED},
    "cleared_out": {_S.CLEARED_OUT},
    "left": {_S.WITHDRAWN, _S.SUPERSEDED, _S.VOID},
}
STEPS = (
    "filed", "refused", "pending", "decided", "approved", "at_risk", "abnormal", "cleared_out",
    "left",
)  # fmt: skip


@dataclass(frozen=True)
class VenueFunnel:
    """One venue's counts by step. ``terms`` is None for a venue that the rulebook no longer has."""

    venue: Venue
    terms: VenueTerms | None
    counts: dict[str, int]
    is_overdue: bool

    @property
    def kind(self) -> str:
        """The venue's kind, empty where it has none any more."""
        return self.terms.kind if self.terms else ""


@dataclass(frozen=True)
class KindFunnel:
    """The venues of a kind with their sums."""

    kind: str
    venues: list[VenueFunnel]

    @property
    def counts(self) -> dict[str, int]:
        """The sums by step."""
        return {step: sum(venue.counts[step] for venue in self.venues) for step in STEPS}

    @property
    def overdue(self) -> int:
        """In how many venues results are overdue."""
        return sum(venue.is_overdue for venue in self.venues)


def by_venue(
    campaign: Campaign, version: RulebookVersion | None, at: datetime
) -> list[VenueFunnel]:
    """Every venue of the version in its order, then those that only have counts left.

    ``filed``, ``refused`` (at filing) and ``decided`` are how many so far, the other steps how many
    stand there now. Results are overdue when they were due at ``at`` or before and entries are
    still pending (D12-048). Four queries.
    """
    terms = {row.code: row for row in version.venueterms_set.all()} if version else {}
    counted = defaultdict(Counter)
    for (code, name), number in tallies.totals(campaign).items():
        if code is not None:
            for step in _steps_of(name):
                counted[code][step] += number
    venues = {venue.code: venue for venue in campaign.venues.order_by("code")}
    codes = [*terms, *(code for code in venues if code not in terms and counted[code])]
    found = []
    for code in codes:
        counts = {step: counted[code][step] for step in STEPS}
        due = terms[code].results_due if code in terms else None
        is_overdue = due is not None and due <= at and counts["pending"] > 0
        found.append(VenueFunnel(venues[code], terms.get(code), counts, is_overdue))
    return found


def of_campaign(campaign: Campaign) -> dict[str, int]:
    """The campaign's counts by step, over all venues. Two queries."""
    counts = dict.fromkeys(STEPS, 0)
    for (code, name), number in tallies.totals(campaign).items():
        if code is not None:
            for step in _steps_of(name):
                counts[step] += number
    return counts


def by_kind(funnels: list[VenueFunnel], order: str = "") -> list[KindFunnel]:
    """The venues grouped by kind, in their order; or by a step of ``STEPS``, kinds by their sums
    and venues within them, ``-step`` the largest first. Another order is none."""
    kinds = defaultdict(list)
    for funnel in funnels:
        kinds[funnel.kind].append(funnel)
    step = order.removeprefix("-")
    found = [KindFunnel(kind, venues) for kind, venues in kinds.items()]
    if step not in STEPS:
        return found
    is_falling = order.startswith("-")
    for kind in found:
        kind.venues.sort(key=lambda funnel: funnel.counts[step], reverse=is_falling)
    return sorted(found, key=lambda kind: kind.counts[step], reverse=is_falling)


def _steps_of(name):
    """The steps that a tally counts for."""
    what, _dot, rest = name.partition(".")
    if what == "status":
        return [step for step, statuses in STANDING.items() if rest in statuses]
    if what == "moved":
        source, _dot, target = rest.partition(".")
        return [step for step, counts in DONE.items() if counts(source, target)]
    return []
