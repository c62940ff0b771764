"""A venue for every policy, and in it an entry in every status, for the state machine's table."""

from itertools import product

from campaigns import sweeping
from campaigns.claims import campaign_scope
from campaigns.models import Claim, Decision, ReasonTemplate
from sellers.models import Item
from tests.factories import (
    CategoryFactory,
    ClaimScopeFactory,
    ConflictFactory,
    EntryFactory,
    ItemFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

AT = local("2023-05-12 10:00")
LATER = local("2023-05-12 12:00")
# Filing is over.
CLOSED = local("2023-05-21 00:00")

DECIDED = "decided"
# Columns of the table. A decided entry is in review, with a decision that is not released yet.
STATUSES = [
    "draft", "submitted", "in_review", DECIDED,
    "approved", "at_risk", "abnormal", "unpublished",
    "rejected", "withdrawn", "cleared_out", "superseded", "void",
]  # fmt: skip


class World:
    """A venue for every policy, and in each an entry in every status, each of a shop of its own."""

    def __init__(self, *, invited=(False,), owned=(False,), results_due=None):
        opened = open_campaign(code="elsewhere")
        self.campaign, self.version = opened.campaign, opened.version
        self.campaign.breaker_share = 1
        self.campaign.save()
        self.staff, self.owner = UserFactory.create_batch(2)
        self.excluding = VenueTermsFactory(
            version=self.version, code="excluding", kind="excluding"
        ).venue
        ConflictFactory(
            version=self.version, code="elsewhere", venue_kinds=["main"], against=["excluding"]
        )
        self.rival = VenueTermsFactory(
            version=self.version, code="rival", kind="rival", review_mode="manual"
        ).venue
        ClaimScopeFactory(
            version=self.version,
            code="place",
            taken="decision",
            takeovers=[["rival", "main"]],
            first_prevails=True,
        )
        self.category = CategoryFactory()
        self.cases = []
        modes = ["system", "manual", "system_then_manual"]
        for mode, lets_go, release, asked, kept_to_owner in product(
            modes, [True, False], ["at_once", "together"], invited, owned
        ):
            if (mode, release) == ("system", "together"):
                continue
            policy = {mode, release} | ({"invited"} if asked else set())
            policy |= set() if lets_go else {"kept"}
            policy |= {"owned"} if kept_to_owner else set()
            terms = VenueTermsFactory(
                version=self.version,
                code="-".join(sorted(policy)),
                review_mode=mode,
                cancellable_after_approval=lets_go,
                release=release,
                invitation_only=asked,
                late_refiles="owner" if kept_to_owner else "reviewer",
                results_due=results_due if release == "together" else None,
            )
            if kept_to_owner:
                terms.venue.owner = self.owner
                terms.venue.save()
            self.cases += [
                (policy, status, self.entry(terms.venue, status, before=kept_to_owner))
                for status in STATUSES
                if status != DECIDED or release == "together"
            ]

    def entry(self, venue, status, *, before=False, **fields):
        """An entry; with ``before`` its item was cleared out of the venue already."""
        if "registration" not in fields:
            seller = SellerFactory()
            fields["registration"] = RegistrationFactory(
                campaign=self.campaign, version=self.version, seller=seller
            )
            fields["item"] = ItemFactory(seller=seller, category=self.category)
        if before:
            EntryFactory(venue=venue, version=self.version, status="cleared_out", **fields)
        real = "in_review" if status == DECIDED else status
        entry = EntryFactory(venue=venue, version=self.version, status=real, **fields)
        if status == DECIDED:
            Decision.objects.create(
                entry=entry,
                venue=venue,
                verdict="approve",
                revision=1,
                decided_at=AT,
                decided_by=self.staff,
            )
        if status in {DECIDED, "approved", "at_risk", "abnormal", "unpublished"}:
            Claim.objects.create(
                scope=campaign_scope(self.campaign.pk, "place"),
                subject_kind="item",
                subject_id=entry.item_id,
                entry=entry,
            )
        return entry

    @property
    def entries(self):
        return [entry for _policy, _status, entry in self.cases]

    @property
    def seen(self):
        return {entry.pk: entry.revision for entry in self.entries}

    def sweep(self, action=None):
        if action:
            RequirementFactory(
                version=self.version,
                code="STOCK",
                reason="sold_out",
                require=["item.stock", ">=", 10],
                stages={"recheck": action},
            )
            Item.objects.filter(entries__in=self.entries).update(stock=0)
        return sweeping.work(
            sweeping.start(campaign=self.campaign, at=LATER, mode="enforce"),
        )

    def template(self, code, use):
        return ReasonTemplate.objects.create(code=code, use=use, text={"en": code})
