"""What adds places to a registration's quotas, and why or why not (D12-114..117, 119).

A bonus that is not ``kept`` holds while its condition does; what was filed under it stays when it
ends (D12-A10). A kept one is granted once: its row in ``BonusGrant`` keeps the places.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db import connection, transaction
from django.db.models import QuerySet

from campaigns import bonus_notices, statistics, timeline
from campaigns.eligibility.conditions import comparisons, parse
from campaigns.eligibility.values import Asking
from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.models import (
    Bonus,
    BonusGrant,
    Campaign,
    Registration,
    RulebookVersion,
    Statistic,
)
from campaigns.published import rows_of
from campaigns.timeline import Refusal
from sellers.bulk_write import insert_rows
from sellers.metrics.registry import STATISTICS_SET
from sellers.models import FactSet

# Registrations whose bonuses are granted at a time.
CHUNK = 1_000
UNCONFIRMED = "bonus_unconfirmed"


@dataclass(frozen=True)
class BonusStanding:
    """A bonus as it stands for one registration.

    ``given`` are the places that it adds for filing now. ``since`` is when it was granted for good
    or confirmed, None for one that just holds. ``reason`` says why it gives nothing: codes
    ``bonus_condition``, ``bonus_not_enrolled``, ``bonus_unconfirmed``, ``bonus_refused`` and
    ``bonus_window`` (its places are used in another window).
    """

    bonus: Bonus
    given: int
    since: datetime | None = None
    enrolled_at: datetime | None = None
    reason: Refusal | None = None
    # All that it asks is met, and it is not kept yet.
    is_met: bool = False


class BonusBook:
    """The bonuses of a version for some of its registrations (ids) at an instant.

    ``facts`` holds the version's statistics of their sellers as of then; without it they are
    refreshed where a condition looks at one. ``asking`` is of the version at the instant, where
    somebody has asked before.
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
        self.bonuses = rows_of(version, Bonus)
        self._given_vocabulary = asking.vocabulary if asking else vocabulary
        self._given_facts = facts
        self._given_asking = asking

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """What the conditions speak of."""
        return self._given_vocabulary or vocabulary_of(self.version)

    @cached_property
    def facts(self) -> FactSet | None:
        """The sellers' statistics as of the instant, None where no condition looks at one."""
        if self._given_facts is not None or not self._looks_at_statistics():
            return self._given_facts
        return facts_of(self.version, self.at, self.registrations)

    def standings(self) -> dict[int, list[BonusStanding]]:
        """For each registration every bonus, in rulebook order; a handful of queries."""
        if not self.bonuses or not self.registrations:
            return {pk: [] for pk in self.registrations}
        grants = self._grants()
        return {
            pk: [self._standing(bonus, pk, grants.get((pk, bonus.code))) for bonus in self.bonuses]
            for pk in self.registrations
        }

    def meets(self, bonus: Bonus, registration_id: int) -> bool:
        """Whether the bonus's condition is true of the registration."""
        return bonus.when is None or bonus.code in self._holding[registration_id]

    def grant(self) -> int:
        """Keep what is granted once and now due; returns how many grants were written.

        Safe to repeat, and beside another that does the same: a grant is written once, and each
        seller gets one notice of all of theirs.
        """
        if not any(bonus.kept and not bonus.confirmed for bonus in self.bonuses):
            return 0
        due = {}
        for pk, standings in self.standings().items():
            for found in standings:
                if found.bonus.kept and not found.bonus.confirmed and found.is_met:
                    due.setdefault(found.bonus, []).append(pk)
        if not due:
            return 0
        with transaction.atomic():
            granted = [row for bonus, ids in due.items() for row in self._grant(bonus, ids)]
            bonus_notices.tell(
                granted,
                versions={self.version.campaign_id: self.version},
                cause=bonus_notices.GRANTED,
                at=self.at,
            )
        return len(granted)

    def ask_for_confirmation(self) -> int:
        """Put those before operators who meet a bonus that wants a word; returns how many."""
        if not any(bonus.confirmed for bonus in self.bonuses):
            return 0
        asking = [
            (pk, found.bonus.code)
            for pk, standings in self.standings().items()
            for found in standings
            if found.reason and found.reason.code == UNCONFIRMED and found.enrolled_at is None
        ]
        return insert_rows(BonusGrant, asking, ["registration", "bonus_code"]) if asking else 0

    def _grant(self, bonus, ids):
        if not bonus.enrol_in:
            insert_rows(
                BonusGrant, [(pk, bonus.code) for pk in ids], ["registration", "bonus_code"]
            )
        waiting = BonusGrant.objects.filter(
            registration__in=ids,
            bonus_code=bonus.code,
            granted_at__isnull=True,
            refused_at__isnull=True,
        )
        return settle(waiting, granted_at=self.at, places=bonus.places)

    def _standing(self, bonus, pk, grant):
        since = grant.granted_at if grant else None
        enrolled_at = grant.enrolled_at if grant else None
        kept = bonus.kept and since is not None
        reason = None if kept else self._missing(bonus, pk, grant)
        is_met = reason is None and not kept
        if reason is None and bonus.file_in:
            shut = timeline.shut(self._window(bonus.file_in), self.at)
            if shut is not None:
                reason = Refusal("bonus_window", {"bonus": bonus.code, **shut})
        places = grant.places if kept else bonus.places
        return BonusStanding(
            bonus, 0 if reason else places, since, enrolled_at, reason, is_met=is_met
        )

    def _missing(self, bonus, pk, grant):
        """What a bonus that is not kept yet lacks, None where it lacks nothing."""
        if grant and grant.refused_at:
            return Refusal("bonus_refused", {"bonus": bonus.code})
        if bonus.enrol_in and not (grant and grant.enrolled_at):
            windows = self._window(bonus.enrol_in)
            shut = timeline.shut(windows, self.at)
            params = {"closes_at": timeline.shown(windows[0].ends_at)} if shut is None else shut
            return Refusal("bonus_not_enrolled", {"bonus": bonus.code, **params})
        if not self.meets(bonus, pk):
            return Refusal("bonus_condition", {"bonus": bonus.code})
        if bonus.confirmed and not (grant and grant.granted_at):
            return Refusal(UNCONFIRMED, {"bonus": bonus.code})
        return None

    @cached_property
    def _holding(self):
        """The codes of the bonuses whose condition is true, by registration."""
        trees = {bonus.code: bonus.when for bonus in self.bonuses if bonus.when is not None}
        if not trees:
            return {}
        asking = self._given_asking or Asking(self.version, self.at, self.vocabulary)
        return asking.given(self.facts).truths(trees, self.registrations)

    def _grants(self):
        codes = [bonus.code for bonus in self.bonuses]
        rows = BonusGrant.objects.filter(registration__in=self.registrations, bonus_code__in=codes)
        return {(row.registration_id, row.bonus_code): row for row in rows}

    @cached_property
    def _windows(self):
        named = [code for bonus in self.bonuses for code in (bonus.enrol_in, bonus.file_in)]
        return timeline.milestone_windows(self.version, named)

    def _window(self, milestone):
        return [self._windows[milestone]] if milestone in self._windows else []

    def _looks_at_statistics(self):
        trees = [
            parse(bonus.when, self.vocabulary, "when")
            for bonus in self.bonuses
            if bonus.when is not None
        ]
        return any(_asks_statistics(leaf) for tree in trees for leaf in comparisons(tree))


def enrol(
    *, registration: Registration, bonus: str, version: RulebookVersion, at: datetime
) -> Refusal | None:
    """Enrol a seller for a bonus in the milestone that it names (D12-119); None, or why not.

    Codes: ``unknown_bonus``, ``enrolment_closed`` with ``opens_at`` or ``closed_at``,
    ``not_registered``, ``campaign_suspended``. Who has enrolled stays so. What is granted at once
    then is.
    """
    book = BonusBook(version=version, registrations=[registration.pk], at=at)
    row = next((row for row in book.bonuses if row.code == bonus and row.enrol_in), None)
    if row is None:
        return Refusal("unknown_bonus", {"bonus": bonus})
    if version.campaign.state != Campaign.State.PUBLISHED:
        return Refusal("campaign_suspended")
    if registration.status != Registration.Status.JOINED:
        return Refusal("not_registered", {"registration": registration.status})
    shut = timeline.shut(timeline.milestone_windows(version, [row.enrol_in]).values(), at)
    if shut is not None:
        return Refusal("enrolment_closed", {"bonus": bonus, **shut})
    BonusGrant.objects.get_or_create(
        registration=registration, bonus_code=bonus, defaults={"enrolled_at": at}
    )
    BonusGrant.objects.filter(
        registration=registration, bonus_code=bonus, enrolled_at__isnull=True
    ).update(enrolled_at=at)
    book.grant()
    return None


def settle(grants: QuerySet[BonusGrant], **values) -> list[BonusGrant]:
    """Give these grants the values and return them as they were before, with their registrations.

    Call it within a transaction: they are locked, so that whoever comes second to the same finds
    only what is left.
    """
    rows = grants.select_related("registration").order_by("id")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    found = list(rows)
    for start in range(0, len(found), CHUNK):
        ids = [row.pk for row in found[start : start + CHUNK]]
        BonusGrant.objects.filter(id__in=ids).update(**values)
    return found


def grant_due(version: RulebookVersion, at: datetime) -> int:
    """Grant what is due to everyone who takes part, and put before operators what wants a word.

    A thousand registrations at a time; safe to repeat. Returns how many rows were written.
    """
    if not any(bonus.kept or bonus.confirmed for bonus in rows_of(version, Bonus)):
        return 0
    joined = Registration.objects.filter(
        campaign=version.campaign_id, status=Registration.Status.JOINED
    ).order_by("id")
    written, last = 0, 0
    while ids := list(joined.filter(id__gt=last).values_list("id", flat=True)[:CHUNK]):
        book = BonusBook(version=version, registrations=ids, at=at)
        written += book.grant() + book.ask_for_confirmation()
        last = ids[-1]
    return written


def facts_of(
    version: RulebookVersion, at: datetime, registrations: Iterable[int]
) -> FactSet | None:
    """The version's statistics of the sellers of these registrations (ids), as of the instant; None
    where it has none."""
    statistics.ensure_snapshots(version, at)
    if not rows_of(version, Statistic):
        return None
    sellers = Registration.objects.filter(id__in=list(registrations)).values_list("seller")
    return statistics.refresh(
        version=version,
        at=at,
        fact_set_key=statistics.admission_key(version),
        seller_ids=sorted({seller for (seller,) in sellers}),
    )


def _asks_statistics(leaf):
    metrics = [leaf.metric, getattr(leaf.value, "metric", None), *getattr(leaf.value, "keys", ())]
    return any(metric is not None and metric.fact_set == STATISTICS_SET for metric in metrics)
