"""The plan of a campaign's resource positions: which is given to what on which day (D12-004)."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign, ResourceSlot, RulebookVersion, SlotAllotment, Venue
from sellers.localtime import local_date

# A slip of the year is no plan.
MOST_DAYS = 366


class AllotmentRefused(Exception):
    """A position that cannot be given so; the message says why. Nothing was given."""


@dataclass(frozen=True)
class PlannedDay:
    """A day with what is given on it, by the position's code."""

    day: date
    given: dict[str, SlotAllotment]

    def mainly(self, kinds: dict[int, str]) -> str:
        """The kind of venue that more than half of what is given pushes, "" for none (D12-032).

        ``kinds`` are those of the venues, by id.
        """
        counts = Counter(kinds.get(allotted.venue_id, "") for allotted in self.given.values())
        kind, number = counts.most_common(1)[0] if counts else ("", 0)
        return kind if number * 2 > len(self.given) else ""


def days_of(version: RulebookVersion) -> list[date]:
    """The local days of the campaign, from its first milestone's to its last one's."""
    windows = list(version.milestone_set.values_list("starts_at", "ends_at"))
    if not windows:
        return []
    first = local_date(min(start for start, _end in windows))
    # The end is the first instant outside.
    last = local_date(max(end for _start, end in windows) - timedelta(microseconds=1))
    return [first + timedelta(days=i) for i in range(min((last - first).days + 1, MOST_DAYS))]


def plan(campaign: Campaign, version: RulebookVersion) -> list[PlannedDay]:
    """Every day of the campaign, and any other on which something is given; two queries."""
    given = defaultdict(dict)
    for allotted in campaign.slot_allotments.select_related("venue"):
        given[allotted.day][allotted.slot_code] = allotted
    days = sorted({*days_of(version), *given})
    return [PlannedDay(day, given[day]) for day in days]


def allot(
    *,
    campaign: Campaign,
    version: RulebookVersion,
    slot: str,
    first: date,
    last: date,
    venue: Venue | None = None,
    note: str = "",
) -> list[SlotAllotment]:
    """Give a position of the version's catalogue to the campaign or to one of its venues, on every
    day from ``first`` to ``last``. All or nothing: raises AllotmentRefused."""
    if not ResourceSlot.objects.filter(version=version, code=slot).exists():
        raise AllotmentRefused(
            _("The rulebook has no resource position “%(code)s”.") % {"code": slot}
        )
    if venue is not None and venue.campaign_id != campaign.pk:
        raise AllotmentRefused(_("The venue belongs to another campaign."))
    length = (last - first).days + 1
    if length < 1:
        raise AllotmentRefused(_("The last day comes before the first."))
    if length > MOST_DAYS:
        raise AllotmentRefused(
            _("That is %(days)d days; at most %(most)d are given at once.")
            % {"days": length, "most": MOST_DAYS}
        )
    days = [first + timedelta(days=i) for i in range(length)]
    rows = [
        SlotAllotment(campaign=campaign, slot_code=slot, day=day, venue=venue, note=note)
        for day in days
    ]
    with transaction.atomic():
        # The campaign's row lets one after the other give, so that a day is told as taken.
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        taken = campaign.slot_allotments.filter(slot_code=slot, day__in=days).order_by("day")
        if found := [f"{day:%Y-%m-%d}" for day in taken.values_list("day", flat=True)]:
            raise AllotmentRefused(
                _("Given already: %(slot)s on %(days)s.") % {"slot": slot, "days": ", ".join(found)}
            )
        return SlotAllotment.objects.bulk_create(rows)


def take_back(*, campaign: Campaign, allotments: Iterable[int]) -> int:
    """Free the positions of these allotments of the campaign; returns how many were given."""
    number, _by_model = campaign.slot_allotments.filter(pk__in=list(allotments)).delete()
    return number
