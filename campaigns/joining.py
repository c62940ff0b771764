"""The first of the two steps: a seller joins a campaign (G520-001, 015..018, 062)."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q, Subquery

from campaigns import notices, revocations, timeline
from campaigns.admission import refresh, rulebook_at
from campaigns.eligibility.bound import FAIL
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.grounds import FindingDraft
from campaigns.eligibility.values import Asking
from campaigns.evidence import ADMISSION, save_refusals, save_requirements
from campaigns.lifecycle import transition_registrations
from campaigns.models import Campaign, Finding, Move, Registration, RulebookVersion
from campaigns.timeline import Refusal
from sellers.models import Seller

ASKING_LASTS = timedelta(hours=1)

_S = Registration.Status


@dataclass(frozen=True)
class JoinResult:
    """What became of joining: the registration, joined or rejected, and what was found.

    ``repeated`` says that the seller had joined before.
    """

    registration: Registration
    findings: list[Finding] = field(default_factory=list)
    repeated: bool = False

    @property
    def joined(self) -> bool:
        """Whether the seller takes part."""
        return self.registration.status == _S.JOINED


@dataclass(frozen=True)
class SellerCheck:
    """Whether a seller may join: process reasons, and every requirement with what was measured.

    ``version`` is what was asked, ``asking`` asks it of more, with its statistics of the seller.
    """

    registration: Registration
    refusals: list[Refusal]
    requirements: list[FindingDraft]
    version: RulebookVersion
    asking: Asking

    @property
    def joined(self) -> bool:
        """Whether the seller has joined already."""
        return self.registration.status == _S.JOINED

    @property
    def may_join(self) -> bool:
        """Whether joining now would succeed."""
        failed = any(draft.outcome == FAIL for draft in self.requirements)
        return not self.joined and not self.refusals and not failed


def join(*, campaign: Campaign, seller: Seller, at: datetime, actor) -> JoinResult:
    """Join the campaign. Who has joined is told so; who was rejected or has left may try again.

    A requirement that cannot be answered does not stop the seller; their entries are held for a
    reviewer. Raises NoRulebook.
    """
    version = rulebook_at(campaign, at)
    existing = joined_registration(campaign, seller)
    if existing is not None:
        return JoinResult(existing, repeated=True)
    draft = asking_registration(campaign=campaign, seller=seller, version=version, at=at)
    _note_main_category(draft)
    refusals = timeline.refusals(version, at, step=timeline.SELLER)
    refusals += revocations.refusals(campaign, seller)
    found = seller_checker(version, seller, at).findings([draft.pk])
    failed = any(row.outcome == FAIL for row in found.get(draft.pk, []))
    to_status = _S.REJECTED if refusals or failed else _S.JOINED
    try:
        with transaction.atomic():
            moved = transition_registrations(
                registrations={draft.pk: draft.revision},
                from_status=_S.DRAFT,
                to_status=to_status,
                cause=Move.Cause.FILING,
                at=at,
                actor=actor,
                notice_key=f"registration:{draft.pk}",
            )
            if moved:
                save_requirements(found, owner="registration", version=version, at=at)
                save_refusals(
                    [({"registration": draft.pk}, refusal) for refusal in refusals],
                    version=version,
                    at=at,
                )
                notices.close(key=f"registration:{draft.pk}")
    except IntegrityError:
        # Somebody joined the same seller meanwhile, with another draft.
        return JoinResult(joined_registration(campaign, seller), repeated=True)
    draft.refresh_from_db()
    return JoinResult(draft, findings_of(draft), repeated=not moved)


def check_seller(
    *, campaign: Campaign, seller: Seller, at: datetime, version: RulebookVersion | None = None
) -> SellerCheck:
    """Whether the seller may join, with every requirement, measured and threshold; moves nothing.

    ``version`` is the one in force, or the first to come; without it, it is looked up. Raises
    NoRulebook where none is in force.
    """
    version = version or rulebook_at(campaign, at)
    registration = registration_for(campaign=campaign, seller=seller, version=version, at=at)
    checker = seller_checker(version, seller, at)
    return SellerCheck(
        registration=registration,
        refusals=[
            *timeline.refusals(version, at, step=timeline.SELLER),
            *revocations.refusals(campaign, seller),
        ],
        requirements=checker.explain([registration.pk])[registration.pk],
        version=version,
        asking=Asking(version, at, checker.vocabulary, checker.statistics, checker.fact_sets),
    )


def seller_checker(version: RulebookVersion, seller: Seller, at: datetime) -> Checker:
    """The seller-level admission requirements over registrations, statistics refreshed."""
    return Checker(
        version=version,
        stage=ADMISSION,
        at=at,
        base="registration",
        statistics=refresh(version, at, sellers=[seller.pk]),
    )


def joined_registration(campaign: Campaign, seller: Seller) -> Registration | None:
    """The seller's standing registration, None if they have not joined."""
    return Registration.objects.filter(campaign=campaign, seller=seller, status=_S.JOINED).first()


def registration_for(
    *, campaign: Campaign, seller: Seller, version: RulebookVersion, at: datetime
) -> Registration:
    """The standing registration, or else a draft to ask and to file under.

    What is filed under a draft is refused as ``not_registered`` (G520-002).
    """
    asking = _asking(version, at)
    rows = Registration.objects.filter(
        asking | Q(status=_S.JOINED), campaign=campaign, seller=seller
    )
    found = sorted(rows, key=lambda row: (row.status != _S.JOINED, row.pk))
    return found[0] if found else _ask(campaign, seller, version, at)


def asking_registration(
    *, campaign: Campaign, seller: Seller, version: RulebookVersion, at: datetime
) -> Registration:
    """A draft registration that expires in an hour, used again while it lasts."""
    drafts = Registration.objects.filter(_asking(version, at), campaign=campaign, seller=seller)
    return drafts.order_by("id").first() or _ask(campaign, seller, version, at)


def _asking(version, at):
    """The drafts under which the version may be asked."""
    return Q(status=_S.DRAFT, version=version, expires_at__gt=at)


def _ask(campaign, seller, version, at):
    return Registration.objects.create(
        campaign=campaign,
        seller=seller,
        version=version,
        status=_S.DRAFT,
        main_category_id=seller.main_category_id,
        created_at=at,
        expires_at=at + ASKING_LASTS,
    )


def _note_main_category(draft: Registration) -> None:
    """Keep the shop's main category of this moment with the registration: from now on it is what
    the shop had when it joined (D12-100)."""
    now = Seller.objects.filter(pk=draft.seller_id).values("main_category")
    drafts = Registration.objects.filter(pk=draft.pk, status=_S.DRAFT)
    drafts.update(main_category=Subquery(now))


def findings_of(registration: Registration) -> list[Finding]:
    """What was found of the registration itself, requirements and grounds read along."""
    rows = Finding.objects.filter(registration=registration, entry=None, filing=None, run=None)
    return list(rows.select_related("requirement").prefetch_related("grounds").order_by("id"))
