"""A quota explains itself: what gives its places, which entries use them, and what blocks."""

from dataclasses import dataclass
from datetime import datetime

from campaigns import timeline
from campaigns.lifecycle import HOLDS_PLACE
from campaigns.models import (
    Campaign,
    Entry,
    Milestone,
    Registration,
    RulebookVersion,
    VenueTerms,
)
from campaigns.published import rows_of
from campaigns.quotas import Place, QuotaBook
from campaigns.timeline import Refusal, Window


@dataclass(frozen=True)
class ExplainedPlace:
    """A quota of one registration: ``place`` with its grants, the ``entries`` that use it now,
    oldest first, and every reason (``blocks``) why it takes no more, or gives less than it may."""

    place: Place
    entries: list[Entry]
    blocks: list[Refusal]


def explain(
    registration: Registration, *, version: RulebookVersion, at: datetime
) -> list[ExplainedPlace]:
    """Every quota of the registration, in rulebook order, with what gives, uses and blocks it.

    Blocks are ``campaign_suspended``, ``not_registered``, ``window_closed`` where none of the
    quota's venues takes items now, ``quota_full``, and the reasons of bonuses that give nothing.
    Two queries a quota, and a handful.
    """
    book = QuotaBook(version=version, registrations=[registration.pk], at=at)
    if not book.quotas:
        return []
    places = book.places()[registration.pk]
    holding = Entry.objects.filter(registration=registration, status__in=HOLDS_PLACE)
    entries = list(holding.select_related("item", "venue").order_by("submitted_at", "id"))
    whole = []
    if version.campaign.state == Campaign.State.SUSPENDED:
        whole.append(Refusal("campaign_suspended"))
    if registration.status != Registration.Status.JOINED:
        whole.append(Refusal("not_registered", {"registration": registration.status}))
    windows = _Windows(version)
    found = []
    for place in places:
        users = set(book.users(place.quota).values_list("id", flat=True)) if place.used else ()
        blocks = list(whole)
        shut = timeline.shut(windows.of(book.venues_of(place.quota)), at)
        if shut is not None:
            blocks.append(Refusal("window_closed", shut))
        if place.left == 0:
            blocks.append(place.full(place.used))
        blocks += [grant.reason for grant in place.grants if grant.reason]
        found.append(ExplainedPlace(place, [row for row in entries if row.pk in users], blocks))
    return found


class _Windows:
    """The filing windows of a version's venues."""

    def __init__(self, version):
        milestones = rows_of(version, Milestone)
        windows = {row.code: Window(row.code, row.starts_at, row.ends_at) for row in milestones}
        general = [
            windows[row.code] for row in milestones if row.kind == Milestone.Kind.ITEM_REGISTRATION
        ]
        self._by_venue = {
            row.venue_id: [windows[code] for code in row.windows if code in windows]
            if row.windows
            else general
            for row in rows_of(version, VenueTerms)
            if row.takes_registrations
        }

    def of(self, venues):
        """The windows in which some of the venues (ids; all where there are none) take items."""
        return [
            window
            for venue, own in self._by_venue.items()
            if not venues or venue in venues
            for window in own
        ]
