"""How many places registrations have, who uses them, and how many are left (G520-020..029, 055).

Usage is always counted from the entries, never kept in a counter. What gives the places is told
with them: the rulebook's ceiling or the seller's allotment, and every bonus (D12-077, 114..117).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Count, F, QuerySet, Value

from campaigns.bonuses import BonusBook, facts_of
from campaigns.eligibility import sql
from campaigns.eligibility.bound import VenuePlaces
from campaigns.eligibility.frame import Frame
from campaigns.eligibility.preparing import AT, prepared
from campaigns.eligibility.values import Asking
from campaigns.eligibility.vocabulary import Vocabulary
from campaigns.lifecycle import HOLDS_PLACE, PLACE_BY_SETTING
from campaigns.models import (
    Allotment,
    Entry,
    Quota,
    Registration,
    RulebookVersion,
)
from campaigns.published import rows_of
from campaigns.timeline import Refusal
from sellers.bulk_write import one_of, padded
from sellers.metrics.registry import STATISTICS_SET
from sellers.models import FactSet

CEILING, TABLE, METRIC, ALLOTMENT, BONUS = "ceiling", "table", "metric", "allotment", "bonus"


@dataclass(frozen=True)
class Grant:
    """What gives a quota places: ``kind`` "ceiling", "table", "metric", "allotment" or "bonus".

    ``given`` are the places that it gives now; a bonus that gives none has ``places`` all the same,
    and a ``reason``. ``title`` is a text by language.
    """

    kind: str
    code: str
    title: dict
    places: int
    given: int
    since: datetime | None = None
    reason: Refusal | None = None

    def as_params(self) -> dict:
        """The grant as a finding keeps it."""
        params = {"kind": self.kind, "code": self.code, "title": self.title}
        params |= {"places": self.places, "given": self.given}
        return params | ({"reason": self.reason.code, **self.reason.params} if self.reason else {})


@dataclass(frozen=True)
class Place:
    """A quota as it stands for one registration.

    ``ceiling`` is what applies, None where the rulebook sets none; ``top`` and ``floor`` bound the
    range it is allotted in, and ``allotted`` is the allotment as it was decided. ``grants`` say
    what the ceiling is made of: first the rulebook's or the allotment, then the bonuses.
    """

    quota: Quota
    ceiling: int | None
    top: int | None
    floor: int | None
    allotted: int | None
    used: int
    grants: tuple[Grant, ...] = ()

    @property
    def left(self) -> int | None:
        """Places still free, never below 0; None without a ceiling."""
        return None if self.ceiling is None else max(0, self.ceiling - self.used)

    def full(self, used: int) -> Refusal:
        """The refusal of an entry that comes when ``used`` places are taken: ``quota_full``.

        Its values are the ``quota``'s code and ``title`` if it has one, its ``ceiling``, ``used``,
        and where the quota has bonuses every one of its ``grants``, given or not.
        """
        params = {"quota": self.quota.code, "ceiling": self.ceiling, "used": used}
        if self.quota.title:
            params["title"] = self.quota.title
        if any(grant.kind == BONUS for grant in self.grants):
            params["grants"] = [grant.as_params() for grant in self.grants]
        return Refusal("quota_full", params)


class QuotaBook:
    """The quotas of a version for some of its registrations (ids) at an instant.

    ``facts`` are the statistics that ceilings and bonuses may look at; see ``BonusBook``.
    ``asking`` is of the version at the instant, where somebody has asked before.
    """

    def __init__(
        self,
        *,
        version: RulebookVersion,
        registrations: Iterable[int],
        at: datetime,
        vocabulary: Vocabulary | None = None,
        facts: FactSet | None = None,
        asking: Asking | None = None,
    ):
        self.version = version
        self.registrations = list(registrations)
        self.at = at
        self.facts = asking.statistics if asking and facts is None else facts
        self._given_asking = asking
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
            self._places = VenuePlaces(version)

    @cached_property
    def bonuses(self) -> BonusBook:
        """The bonuses that add to these quotas."""
        return BonusBook(
            version=self.version,
            registrations=self.registrations,
            at=self.at,
            asking=self._asking,
            facts=self.facts,
        )

    def grant(self) -> None:
        """Keep the bonuses that are granted once and due now; under the registrations' lock."""
        if self.quotas:
            self.bonuses.grant()

    def places(self) -> dict[int, list[Place]]:
        """For each registration every quota with its ceiling and usage, in rulebook order."""
        allotments = self._allotments()
        places = {pk: [] for pk in self.registrations}
        bounds = [spec for quota in self.quotas for spec in (quota.ceiling, quota.floor)]
        values = iter(self._values(bounds))
        bonuses = self.bonuses.standings() if self.quotas else {}
        usage = self._usage()
        for quota in self.quotas:
            tops, floors = next(values), next(values)
            used = usage[quota.code]
            for pk in self.registrations:
                allotted = allotments.get((quota.code, pk)) if quota.allotted else None
                base = clamp(allotted, floor=floors[pk], top=tops[pk])
                grants = [
                    _bonus_grant(found) for found in bonuses[pk] if found.bonus.quota == quota.code
                ]
                if base is not None:
                    grants.insert(0, _base_grant(quota, base, allotted))
                places[pk].append(
                    Place(
                        quota=quota,
                        ceiling=None if base is None else sum(grant.given for grant in grants),
                        top=tops[pk],
                        floor=floors[pk],
                        allotted=allotted,
                        used=used.get(pk, 0),
                        grants=tuple(grants),
                    )
                )
        return places

    def users(self, quota: Quota) -> QuerySet[Entry]:
        """The entries that use the quota's places now."""
        entries = Entry.objects.filter(registration__in=self.registrations)
        return self._users(quota, entries, self._asking.frame("entry"))

    def counted(
        self, quota: Quota, entries: QuerySet[Entry], frame: Frame | None = None
    ) -> QuerySet[Entry]:
        """Those of ``entries`` that the quota counts, whatever their status.

        A quota of a venue or of kinds of venues counts these; a general one counts every venue but
        those whose own quota replaces it (G520-055); where a condition is given, only what meets it
        (G520-029). A free choice counts the entries that chose it (D12-116).
        """
        if quota.free_choice:
            entries = entries.filter(slot_source=quota.code)
        return self._within(quota, entries, frame or self._asking.frame("entry"))

    def counted_ids(self, ids: Iterable[int]) -> dict[str, set[int]]:
        """For each quota (code), which of these entries (ids) it counts; one query a quota."""
        ids = list(ids)
        return {quota.code: self._ids("counted", quota, ids, self.counted) for quota in self.quotas}

    def free_choices(self, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
        """For each of these entries (ids) the free choices (codes) that it may use, in rulebook
        order; one query for each free choice. Entries without any are not in the result."""
        ids, found = list(ids), {}
        for quota in self.quotas:
            if quota.free_choice:
                for pk in self._ids("free", quota, ids, self._within):
                    found.setdefault(pk, []).append(quota.code)
        return {pk: tuple(codes) for pk, codes in found.items()}

    def venues_of(self, quota: Quota) -> set[int]:
        """The venues (ids) that the quota is for; empty: all."""
        return self._places.of(quota)

    def _within(self, quota, entries, frame):
        """Those of ``entries`` that are in the quota's venues and meet its condition."""
        if only := self._places.of(quota):
            entries = entries.filter(venue__in=only)
        if apart := self._replaced_in(quota):
            entries = entries.exclude(venue__in=apart)
        return self._asking.where(entries, quota.where, frame)

    @cached_property
    def _asking(self):
        return self._given_asking or Asking(self.version, self.at, self.vocabulary)

    def _ids(self, what, quota, ids, of):
        """Which of these entries (ids) ``of`` the quota, the entries and a frame leaves."""
        if not ids:
            return set()
        asked, frame = padded(ids), self._asking.frame("entry", AT)

        def build():
            entries = Entry.objects.filter(id__in=one_of("ids", len(asked)))
            return of(quota, entries, frame).values_list("id")

        query = prepared(self.version, self._name(what, quota, asked), frame, build)
        return {pk for (pk,) in query.rows(ids=asked, at=self.at)}

    def _users(self, quota, entries, frame):
        holding = HOLDS_PLACE if quota.abnormal_keeps_place else HOLDS_PLACE - PLACE_BY_SETTING
        return self.counted(quota, entries.filter(status__in=sorted(holding)), frame)

    def _name(self, what, quota, asked):
        return (what, self._asking.vocabulary, quota.pk, len(asked))

    def _replaced_in(self, quota):
        others = (other for other in self.quotas if other.replaces == quota.code)
        return {pk for other in others for pk in self._places.of(other)}

    def _usage(self):
        """Places used by quota (code), then by registration (id); one query for all quotas."""
        usage = {quota.code: {} for quota in self.quotas}
        if not self.registrations or not self.quotas:
            return usage
        asked, frame = padded(self.registrations), self._asking.frame("entry", AT)

        def build():
            first, *others = (self._counted_users(quota, asked, frame) for quota in self.quotas)
            return first.union(*others, all=True)

        name = ("usage", self._asking.vocabulary, len(asked))
        query = prepared(self.version, name, frame, build)
        for code, registration, number in query.rows(ids=asked, at=self.at):
            usage[code][registration] = number
        return usage

    def _counted_users(self, quota, asked, frame):
        # A relation's own lookup wants ids that it can look at.
        own = sql.members(F("registration_id"), one_of("ids", len(asked)))
        users = self._users(quota, Entry.objects.filter(own), frame).order_by()
        users = users.annotate(quota=Value(quota.code)).values_list("quota", "registration")
        return users.annotate(number=Count("id"))

    def _values(self, specs):
        asking = self._asking
        if any(self._looks_at_statistics(spec) for spec in specs):
            self.facts = self.facts or facts_of(self.version, self.at, self.registrations)
            asking = asking.given(self.facts)
        return [
            {pk: None if value is None else int(value) for pk, value in found.items()}
            for found in asking.values(specs, self.registrations)
        ]

    def _looks_at_statistics(self, spec):
        """Whether a value is a statistic, or looked up by one."""
        if not isinstance(spec, dict):
            return False
        ((kind, code),) = spec.items()
        vocabulary = self._asking.vocabulary
        asked = vocabulary.tables[code].keys if kind == TABLE else (code,)
        return any(vocabulary.metric(each).fact_set == STATISTICS_SET for each in asked)

    def _allotments(self):
        codes = [quota.code for quota in self.quotas if quota.allotted]
        if not codes:
            return {}
        rows = Allotment.objects.filter(
            campaign=self.version.campaign_id,
            quota_code__in=codes,
            seller__registrations__in=self.registrations,
        )
        return {
            (code, registration): number
            for code, registration, number in rows.values_list(
                "quota_code", "seller__registrations", "places"
            )
        }


def _base_grant(quota, places, allotted):
    kind, code = CEILING, quota.code
    if allotted is not None:
        kind = ALLOTMENT
    elif isinstance(quota.ceiling, dict):
        ((kind, code),) = quota.ceiling.items()
    return Grant(kind, code, quota.title, places, places)


def _bonus_grant(found):
    bonus = found.bonus
    places = found.given or bonus.places
    return Grant(BONUS, bonus.code, bonus.title, places, found.given, found.since, found.reason)


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
