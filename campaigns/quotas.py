"""How many places registrations have, who uses them, and how many are left (G520-020..029, 055).

Usage is always counted from the entries, never kept in a counter.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, QuerySet

from campaigns.eligibility.bound import VenuePlaces
from campaigns.eligibility.values import value_of, where_true
from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.lifecycle import HOLDS_PLACE, PLACE_BY_SETTING
from campaigns.models import (
    Allotment,
    Entry,
    Quota,
    Registration,
    RulebookVersion,
)
from campaigns.published import rows_of


@dataclass(frozen=True)
class Place:
    """A quota as it stands for one registration.

    ``ceiling`` is what applies, None where the rulebook sets none; ``top`` and ``floor`` bound the
    range it is allotted in, and ``allotted`` is the allotment as it was decided.
    """

    quota: Quota
    ceiling: int | None
    top: int | None
    floor: int | None
    allotted: int | None
    used: int

    @property
    def left(self) -> int | None:
        """Places still free, never below 0; None without a ceiling."""
        return None if self.ceiling is None else max(0, self.ceiling - self.used)


class QuotaBook:
    """The quotas of a version for some of its registrations (ids) at an instant."""

    def __init__(
        self,
        *,
        version: RulebookVersion,
        registrations: Iterable[int],
        at: datetime,
        vocabulary: Vocabulary | None = None,
    ):
        self.version = version
        self.registrations = list(registrations)
        self.at = at
        rows = rows_of(version, Quota)
        replaced = {
            row.replaces
            for row in rows
            if row.replaces and not row.venue_code and not row.venue_kinds
        }
        self.quotas = [row for row in rows if row.code not in replaced]
        self.vocabulary = vocabulary
        self._places = None
        if self.quotas:
            self.vocabulary = vocabulary or vocabulary_of(version)
            self._places = VenuePlaces(version)

    def places(self) -> dict[int, list[Place]]:
        """For each registration every quota with its ceiling and usage, in rulebook order."""
        allotments = self._allotments()
        places = {pk: [] for pk in self.registrations}
        for quota in self.quotas:
            tops, floors = self._values(quota.ceiling), self._values(quota.floor)
            used = self._usage(quota)
            for pk in self.registrations:
                allotted = allotments.get((quota.code, pk)) if quota.allotted else None
                places[pk].append(
                    Place(
                        quota=quota,
                        ceiling=clamp(allotted, floor=floors[pk], top=tops[pk]),
                        top=tops[pk],
                        floor=floors[pk],
                        allotted=allotted,
                        used=used.get(pk, 0),
                    )
                )
        return places

    def users(self, quota: Quota) -> QuerySet[Entry]:
        """The entries that use the quota's places now."""
        holding = HOLDS_PLACE if quota.abnormal_keeps_place else HOLDS_PLACE - PLACE_BY_SETTING
        return self.counted(
            quota, Entry.objects.filter(registration__in=self.registrations, status__in=holding)
        )

    def counted(self, quota: Quota, entries: QuerySet[Entry]) -> QuerySet[Entry]:
        """Those of ``entries`` that the quota counts, whatever their status.

        A quota of a venue or of kinds of venues counts these; a general one counts every venue but
        those whose own quota replaces it (G520-055); where a condition is given, only what meets it
        (G520-029). A free choice counts the entries that chose it (D12-116).
        """
        if only := self._places.of(quota):
            entries = entries.filter(venue__in=only)
        if apart := self._replaced_in(quota):
            entries = entries.exclude(venue__in=apart)
        if quota.free_choice:
            entries = entries.filter(slot_source=quota.code)
        return where_true(
            entries, quota.where, version=self.version, at=self.at, vocabulary=self.vocabulary
        )

    def counted_ids(self, ids: Iterable[int]) -> dict[str, set[int]]:
        """For each quota (code), which of these entries (ids) it counts; one query a quota."""
        entries = Entry.objects.filter(id__in=list(ids))
        return {
            quota.code: set(self.counted(quota, entries).values_list("id", flat=True))
            for quota in self.quotas
        }

    def _replaced_in(self, quota):
        others = (other for other in self.quotas if other.replaces == quota.code)
        return {pk for other in others for pk in self._places.of(other)}

    def _usage(self, quota):
        users = self.users(quota).order_by().values_list("registration")
        return dict(users.annotate(number=Count("id")))

    def _values(self, spec):
        found = value_of(
            spec,
            version=self.version,
            at=self.at,
            ids=self.registrations,
            vocabulary=self.vocabulary,
        )
        return {pk: None if value is None else int(value) for pk, value in found.items()}

    def _allotments(self):
        codes = [quota.code for quota in self.quotas if quota.allotted]
        if not codes:
            return {}
        sellers = Registration.objects.filter(id__in=self.registrations)
        places = Allotment.objects.filter(
            campaign=self.version.campaign_id,
            quota_code__in=codes,
            seller__in=sellers.values("seller"),
        ).values_list("quota_code", "seller", "places")
        owners = dict(sellers.values_list("seller", "id"))
        return {(code, owners[seller]): number for code, seller, number in places}


def places_of(registration: Registration, *, version: RulebookVersion, at: datetime) -> list[Place]:
    """Every quota of one registration with its ceiling, usage and what is left."""
    book = QuotaBook(version=version, registrations=[registration.pk], at=at)
    return book.places()[registration.pk]


def clamp(allotted: int | None, *, floor: int | None, top: int | None) -> int | None:
    """The ceiling that applies: the allotment within [floor, top], else the top (G520-026)."""
    if allotted is None:
        return top
    if floor is not None:
        allotted = max(allotted, floor)
    return allotted if top is None else min(allotted, top)
