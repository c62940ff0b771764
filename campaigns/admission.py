"""Whether draft rows may stand: the rules of the process and the requirements, all evaluated.

Filing and preview both ask here, over entries stored as drafts, so that they cannot differ.
"""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from campaigns import claims, revocations, statistics, timeline
from campaigns.claims import DECISION, FILING
from campaigns.eligibility.bound import FAIL, HOLD
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.grounds import FindingDraft
from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.evidence import ADMISSION
from campaigns.holdings import Holdings, Wish
from campaigns.models import (
    Campaign,
    Entry,
    Registration,
    RulebookVersion,
    Statistic,
    Venue,
    VenueTerms,
)
from campaigns.published import rows_of
from campaigns.rulebooks.versions import version_in_force
from campaigns.timeline import Refusal
from sellers.models import FactSet


class NoRulebook(Exception):
    """The campaign has no rulebook in force at that time."""


def rulebook_at(campaign: Campaign, at: datetime) -> RulebookVersion:
    """The version in force; raises NoRulebook before the first one."""
    version = version_in_force(campaign, at)
    if version is None:
        raise NoRulebook(campaign.code)
    return version


@dataclass
class Admission:
    """What decides over a venue's filings: a version at an instant, and who brings them."""

    version: RulebookVersion
    venue: Venue
    at: datetime
    source: str = Entry.Source.SELLER
    vocabulary: Vocabulary = field(init=False)
    terms: VenueTerms | None = field(init=False)

    def __post_init__(self):
        self.vocabulary = vocabulary_of(self.version)
        terms = rows_of(self.version, VenueTerms)
        self.terms = next((row for row in terms if row.venue_id == self.venue.pk), None)

    def refusals(self, registration: Registration) -> list[Refusal]:
        """Why nothing at all may be filed here now by this registration.

        What the platform or an import brings is not bound by windows and invitations (G520-012).
        """
        found = timeline.refusals(self.version, self.at, self.venue, timeline.ITEM)
        if self.source != Entry.Source.SELLER:
            found = [refusal for refusal in found if refusal.code == "campaign_suspended"]
        if self.terms is None:
            found.append(Refusal("venue_closed", {"venue": self.venue.code}))
        elif self.source == Entry.Source.SELLER:
            if not self.terms.takes_registrations:
                found.append(Refusal("venue_closed", {"venue": self.venue.code}))
            if self.terms.invitation_only:
                found.append(Refusal("not_invited", {"venue": self.venue.code}))
        if registration.status != Registration.Status.JOINED:
            found.append(Refusal("not_registered", {"registration": registration.status}))
        return found + revocations.refusals(registration.campaign_id, registration.seller_id)

    def refresh(self, *, sellers: Iterable[int], items: Iterable[int]) -> FactSet | None:
        """The version's statistics for these sellers and items as of the instant."""
        return refresh(self.version, self.at, sellers=sellers, items=items)

    def checker(self, facts: FactSet | None) -> Checker:
        """The admission requirements over entries, the seller's own included."""
        return Checker(
            version=self.version,
            stage=ADMISSION,
            at=self.at,
            statistics=facts,
            vocabulary=self.vocabulary,
        )

    def is_refused(self, findings: list[FindingDraft]) -> bool:
        """Whether these findings refuse an entry; in a manual venue they inform the reviewer."""
        return not self.is_manual and any(finding.outcome == FAIL for finding in findings)

    def is_held(self, findings: list[FindingDraft]) -> bool:
        """Whether something cannot be answered, so that a person must look."""
        return any(finding.outcome == HOLD for finding in findings)

    def holdings(self, registration_id: int) -> Holdings:
        """The claims and places of a registration."""
        return Holdings(
            version=self.version,
            registrations=[registration_id],
            at=self.at,
            vocabulary=self.vocabulary,
        )

    @property
    def is_manual(self) -> bool:
        """Whether a person decides whatever the system finds."""
        return self.terms is not None and (self.terms.review_mode == VenueTerms.ReviewMode.MANUAL)

    def status_for(self, findings: list[FindingDraft]) -> str:
        """Where an entry goes that was not refused: approved, or to a person."""
        if self.is_held(findings) or self.terms.review_mode != VenueTerms.ReviewMode.SYSTEM:
            return Entry.Status.IN_REVIEW
        return Entry.Status.APPROVED

    def goals(
        self, entries: Iterable[Entry], found: dict[int, list[FindingDraft]], out: Container[int]
    ) -> dict[int, str]:
        """Where the entries go that are neither in ``out`` nor refused by what was ``found``."""
        return {
            entry.pk: self.status_for(found.get(entry.pk, []))
            for entry in entries
            if entry.pk not in out and not self.is_refused(found.get(entry.pk, []))
        }

    def wishes(self, entries: Iterable[Entry], goals: dict[int, str]) -> list[Wish]:
        """What those entries must hold to get there, in the order given."""
        return [
            Wish(claims.subject(entry), self.moments_for(goals[entry.pk]))
            for entry in entries
            if entry.pk in goals
        ]

    def moments_for(self, status: str) -> tuple[str, ...]:
        """The moments at which an entry that goes there takes its claims now."""
        return (FILING, DECISION) if status == Entry.Status.APPROVED else (FILING,)


def refresh(
    version: RulebookVersion,
    at: datetime,
    *,
    sellers: Iterable[int] = (),
    items: Iterable[int] = (),
) -> FactSet | None:
    """Bring a version's admission statistics and frozen values up for some sellers and items.

    None where the version has no statistics.
    """
    statistics.ensure_snapshots(version, at)
    if not rows_of(version, Statistic):
        return None
    return statistics.refresh(
        version=version,
        at=at,
        fact_set_key=statistics.admission_key(version),
        seller_ids=sorted(set(sellers)),
        item_ids=sorted(set(items)),
    )
