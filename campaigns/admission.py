"""Whether draft rows may stand: the rules of the process and the requirements, all evaluated.

Filing and preview both ask here, over entries stored as drafts, so that they cannot differ.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property

from campaigns import claims, revocations, statistics, timeline
from campaigns.claims import DECISION, FILING
from campaigns.conflicts import conflicts_of
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
from campaigns.quotas import QuotaBook
from campaigns.rulebooks.versions import version_in_force
from campaigns.slots import Slots, slots_of
from campaigns.timeline import Refusal
from sellers.models import FactSet, User

# People in charge of a venue that a refusal names.
MOST_NAMED = 3


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

        What the platform or an import brings is not bound by windows and invitations (G520-012),
        but comes from a source that the installation knows (D12-045). Once filing has ended the
        refusal names the venue's contact and who is in charge of it (D12-106).
        """
        found = timeline.refusals(self.version, self.at, self.venue, timeline.ITEM)
        if self.source != Entry.Source.SELLER:
            found = [refusal for refusal in found if refusal.code == "campaign_suspended"]
        found = [self._with_contact(refusal) for refusal in found]
        if self.source not in Entry.Source.values:
            found.append(Refusal("unknown_source", {"source": self.source[:80]}))
        closed = self.terms is None or (
            self.source == Entry.Source.SELLER and not self.terms.takes_registrations
        )
        if closed:
            found.append(Refusal("venue_closed", {"venue": self.venue.code}))
        if registration.status != Registration.Status.JOINED:
            found.append(Refusal("not_registered", {"registration": registration.status}))
        return found + revocations.refusals(registration.campaign_id, registration.seller_id)

    def rows_refused(
        self, registration: Registration, entries: Sequence[Entry], slots: Slots
    ) -> dict[int, list[Refusal]]:
        """Why rows (entry ids) may not be filed by the rules of the process: what holds of the
        whole filing, what stands in the way elsewhere, and that nobody invited them.

        Asked under the registration's lock it stays true.
        """
        whole = self.refusals(registration)
        # Who has won an invitation by rank may file all the same.
        inside = [refusal for refusal in whole if not _is_shut(refusal)]
        found = {
            entry.pk: list(reasons)
            for entry in entries
            if (reasons := inside if entry.pk in slots.opened else whole)
        }
        if any("contact" in refusal.params for refusal in whole):
            self._name_cleared_out(found, entries)
        for more in (conflicts_of(self.version, entries), slots.refused):
            for pk, reasons in more.items():
                found.setdefault(pk, []).extend(reasons)
        return found

    def slots(self, entries: Sequence[Entry], quotas: QuotaBook) -> Slots:
        """Where the rows' places may come from; nothing where everybody may file now."""
        if not self.asks_for_slots:
            return Slots()
        return slots_of(
            {self.venue.pk: self.venue.code},
            entries,
            quotas,
            self.at,
            by_invitation=self.is_by_invitation,
            shut=self.is_shut,
        )

    def _with_contact(self, refusal):
        if refusal.code != "window_closed" or "closed_at" not in refusal.params:
            return refusal
        names = [user.get_full_name() for user in self._in_charge()]
        contact = {
            "contact": self.terms.contact if self.terms else "",
            "owner": ", ".join(name for name in names if name),
        }
        return replace(refusal, params=refusal.params | contact)

    def _in_charge(self):
        """The venue's owner, or else who decides in it, or else the campaign's owner."""
        if self.venue.owner_id is not None:
            return [self.venue.owner]
        assigned = User.objects.filter(venue_assignments__venue=self.venue).order_by("id")
        owner = User.objects.filter(pk=self.version.campaign.owner_id)
        return list(assigned[:MOST_NAMED]) or list(owner)

    def _name_cleared_out(self, found, entries):
        """Say of rows whose item was cleared out here that only the venue can bring it back."""
        cleared = dict(
            Entry.objects.filter(
                venue=self.venue,
                item__in={entry.item_id for entry in entries},
                status=Entry.Status.CLEARED_OUT,
            )
            .order_by("id")
            .values_list("item", "id")
        )
        for entry in entries:
            if entry.item_id in cleared and entry.pk in found:
                found[entry.pk] = [
                    replace(row, params=row.params | {"cleared_out": cleared[entry.item_id]})
                    if "contact" in row.params
                    else row
                    for row in found[entry.pk]
                ]

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

    def holdings(self, registration_id: int, facts: FactSet | None) -> Holdings:
        """The claims and places of a registration; ``facts`` are its seller's statistics."""
        return Holdings(
            version=self.version,
            registrations=[registration_id],
            at=self.at,
            vocabulary=self.vocabulary,
            facts=facts,
        )

    @property
    def is_by_invitation(self) -> bool:
        """Whether rows need an invitation or a free choice; only what sellers file does."""
        by_seller = self.source == Entry.Source.SELLER and self.terms is not None
        return by_seller and self.terms.invitation_only

    @cached_property
    def is_shut(self) -> bool:
        """Whether the venue's windows keep sellers from filing now. An invitation won by rank opens
        them; a campaign that does not run, a suspension or a pause is not opened by it."""
        if self.source != Entry.Source.SELLER:
            return False
        found = timeline.refusals(self.version, self.at, self.venue, timeline.ITEM)
        return any(_is_shut(refusal) for refusal in found)

    @property
    def asks_for_slots(self) -> bool:
        """Whether rows need something to be filed under."""
        return self.is_by_invitation or self.is_shut

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

    def wishes(self, entries: Iterable[Entry], goals: dict[int, str], slots: Slots) -> list[Wish]:
        """What those entries must hold to get there, in the order given."""
        return [
            Wish(
                claims.subject(entry),
                self.moments_for(goals[entry.pk]),
                choices=slots.choices.get(entry.pk, ()),
                offers=tuple(slots.invited.get(entry.pk, ())),
            )
            for entry in entries
            if entry.pk in goals
        ]

    def moments_for(self, status: str) -> tuple[str, ...]:
        """The moments at which an entry that goes there takes its claims now."""
        return (FILING, DECISION) if status == Entry.Status.APPROVED else (FILING,)


def _is_shut(refusal: Refusal) -> bool:
    """Whether it is only the window that is not open: the campaign itself runs."""
    return refusal.code == "window_closed" and "campaign" not in refusal.params


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
