"""Factories of everything a test may need; each makes a small valid world around what it makes.

``EntryFactory()`` alone gives a campaign in its registration window with one published version and
one venue, a joined seller, an item of theirs, and an approved entry that holds its venue's claim.
"""

from dataclasses import dataclass
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from campaigns.claims import venue_scope
from campaigns.lifecycle import HOLDS_CLAIM, LIVE, PENDING
from campaigns.models import (
    Allotment,
    Bonus,
    BonusGrant,
    Campaign,
    Claim,
    ClaimScope,
    Conflict,
    Entry,
    Filing,
    Invitation,
    Lock,
    Milestone,
    ParameterRow,
    ParameterTable,
    Pause,
    Promotion,
    Quota,
    Registration,
    Requirement,
    Round,
    RoundResult,
    RulebookVersion,
    Snapshot,
    Statistic,
    SweepRun,
    ValueList,
    Venue,
    VenueAssignment,
    VenueTerms,
)
from sellers.models import (
    Agency,
    Category,
    FactDefinition,
    Item,
    LegalEntity,
    ListPrice,
    Membership,
    Order,
    OrderLine,
    ParallelPrice,
    Qualification,
    Seller,
    User,
    Violation,
)
from tests.times import local

BEFORE = local("2023-04-01")
# Within the registration window and before the pause of `open_campaign`.
FILED = local("2023-05-10 12:00")


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User
        django_get_or_create = ["username"]
        skip_postgeneration_save = True

    username = factory.Sequence("user{}".format)
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")
    # Hashing a password costs more than most tests; log in with `client.force_login`.
    password = "!"


class LegalEntityFactory(DjangoModelFactory):
    class Meta:
        model = LegalEntity

    code = factory.Sequence("entity{}".format)


class AgencyFactory(DjangoModelFactory):
    class Meta:
        model = Agency

    code = factory.Sequence("agency{}".format)


class SellerFactory(DjangoModelFactory):
    """A marketplace shop that meets every seller requirement of the 520 rulebook."""

    class Meta:
        model = Seller

    code = factory.Sequence("seller{}".format)
    shop_type = Seller.ShopType.MARKETPLACE
    marketing_rules_ok = True
    dingtalk_activated = False
    dingtalk_by_main_account = False
    dingtalk_bound = True
    one_click_closed = False
    growth_level = 5
    industry_featured = False
    known_at = BEFORE
    effective_at = BEFORE


class MembershipFactory(DjangoModelFactory):
    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    seller = factory.SubFactory(SellerFactory)


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = Category

    code = factory.Sequence("category{}".format)
    parent = None
    path = factory.LazyAttribute(
        lambda category: f"{category.parent.path if category.parent else '/'}{category.code}/"
    )


class ItemFactory(DjangoModelFactory):
    """An item on the stock list, listed in January, shipped within 48 hours."""

    class Meta:
        model = Item

    code = factory.Sequence("item{}".format)
    seller = factory.SubFactory(SellerFactory)
    category = factory.SubFactory(CategoryFactory)
    list_price = Decimal("100.00")
    stock = 500
    first_listed_at = local("2023-01-01")
    published_at = local("2023-01-01")
    ship_time_hours = 48
    on_stock_list = True
    recommended = False
    known_at = BEFORE
    effective_at = BEFORE


class ListPriceFactory(DjangoModelFactory):
    class Meta:
        model = ListPrice

    item = factory.SubFactory(ItemFactory)
    price = Decimal("100.00")
    starts_at = local("2023-01-01")
    known_at = factory.SelfAttribute("starts_at")


class ParallelPriceFactory(DjangoModelFactory):
    class Meta:
        model = ParallelPrice

    item = factory.SubFactory(ItemFactory)
    channel = "group_buy"
    price = Decimal("88.00")
    starts_at = BEFORE
    known_at = factory.SelfAttribute("starts_at")


class QualificationFactory(DjangoModelFactory):
    class Meta:
        model = Qualification

    seller = factory.SubFactory(SellerFactory)
    code = "gold"
    valid_from = BEFORE
    known_at = factory.SelfAttribute("valid_from")


class ViolationFactory(DjangoModelFactory):
    class Meta:
        model = Violation

    code = factory.Sequence("violation{}".format)
    seller = factory.SubFactory(SellerFactory)
    category = "counterfeit"
    severity = Violation.Severity.SERIOUS
    points = 12
    occurred_at = BEFORE
    penalised_at = BEFORE
    known_at = factory.SelfAttribute("penalised_at")


class FactDefinitionFactory(DjangoModelFactory):
    class Meta:
        model = FactDefinition

    code = factory.Sequence("item.fact{}".format)
    subject_kind = "item"
    type = FactDefinition.Type.INTEGER
    slot = factory.Sequence(lambda number: f"number_{number % 24 + 1:02}")


class CampaignFactory(DjangoModelFactory):
    class Meta:
        model = Campaign

    code = factory.Sequence("campaign{}".format)
    title = factory.LazyAttribute(lambda campaign: {"en": campaign.code, "zh-hans": campaign.code})
    state = Campaign.State.PUBLISHED


class VersionFactory(DjangoModelFactory):
    """A published rulebook version, in force since before the first test instant."""

    class Meta:
        model = RulebookVersion
        django_get_or_create = ("campaign", "number")

    campaign = factory.SubFactory(CampaignFactory)
    number = 1
    state = RulebookVersion.State.PUBLISHED
    effective_at = BEFORE
    published_at = BEFORE


class RulebookRowFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    version = factory.SubFactory(VersionFactory)
    code = factory.Sequence("row{}".format)


class MilestoneFactory(RulebookRowFactory):
    class Meta:
        model = Milestone

    kind = Milestone.Kind.OTHER
    starts_at = local("2023-04-25 15:00")
    ends_at = local("2023-05-21")


class PauseFactory(RulebookRowFactory):
    class Meta:
        model = Pause


class VenueFactory(DjangoModelFactory):
    class Meta:
        model = Venue
        django_get_or_create = ("campaign", "code")

    campaign = factory.SubFactory(CampaignFactory)
    code = "main"


class VenueTermsFactory(RulebookRowFactory):
    """A venue together with its terms in one version; ``code`` names both."""

    class Meta:
        model = VenueTerms

    code = "main"
    venue = factory.SubFactory(
        VenueFactory,
        campaign=factory.SelfAttribute("..version.campaign"),
        code=factory.SelfAttribute("..code"),
    )


class ClaimScopeFactory(RulebookRowFactory):
    class Meta:
        model = ClaimScope


class ValueListFactory(RulebookRowFactory):
    class Meta:
        model = ValueList


class ParameterTableFactory(RulebookRowFactory):
    class Meta:
        model = ParameterTable

    type = ParameterTable.Type.INTEGER


class ParameterRowFactory(DjangoModelFactory):
    class Meta:
        model = ParameterRow

    table = factory.SubFactory(ParameterTableFactory)
    position = factory.Sequence(int)


class StatisticFactory(RulebookRowFactory):
    class Meta:
        model = Statistic

    level = "item"
    function = Statistic.Function.SUM


class SnapshotFactory(RulebookRowFactory):
    class Meta:
        model = Snapshot

    metric = "seller.growth_level"
    as_of = local("2023-04-25")


class RequirementFactory(RulebookRowFactory):
    """A requirement on the entry, asked at admission and at recheck."""

    class Meta:
        model = Requirement

    subject = Requirement.Subject.ENTRY
    require = factory.LazyFunction(lambda: ["item.ship_time_hours", "<=", 48])
    missing = "fail"
    stages = factory.LazyFunction(lambda: {"admission": "reject", "recheck": "clear_out"})


class QuotaFactory(RulebookRowFactory):
    class Meta:
        model = Quota

    ceiling = 5


class ConflictFactory(RulebookRowFactory):
    class Meta:
        model = Conflict


class BonusFactory(RulebookRowFactory):
    """Five places more for the quota "free"."""

    class Meta:
        model = Bonus

    quota = "free"
    places = 5


class RoundFactory(RulebookRowFactory):
    class Meta:
        model = Round

    kind = Round.Kind.PRESELECTION


class LockFactory(RulebookRowFactory):
    class Meta:
        model = Lock

    field = "entry.activity_price"
    direction = Lock.Direction.RAISE
    starts_at = local("2023-05-15")
    ends_at = local("2023-05-21")


class PromotionFactory(RulebookRowFactory):
    class Meta:
        model = Promotion

    kind = Promotion.Kind.VOLUNTARY


class AllotmentFactory(DjangoModelFactory):
    class Meta:
        model = Allotment

    campaign = factory.SubFactory(CampaignFactory)
    seller = factory.SubFactory(SellerFactory)
    decided_at = BEFORE


class VenueAssignmentFactory(DjangoModelFactory):
    class Meta:
        model = VenueAssignment

    user = factory.SubFactory(UserFactory)
    venue = factory.SubFactory(VenueFactory)


class RegistrationFactory(DjangoModelFactory):
    class Meta:
        model = Registration

    campaign = factory.SubFactory(CampaignFactory)
    seller = factory.SubFactory(SellerFactory)
    status = Registration.Status.JOINED
    version = factory.SubFactory(VersionFactory, campaign=factory.SelfAttribute("..campaign"))
    created_at = local("2023-05-01 12:00")
    joined_at = factory.LazyAttribute(
        lambda registration: (
            None if registration.status == Registration.Status.DRAFT else registration.created_at
        )
    )


class StandingRegistrationFactory(RegistrationFactory):
    """The seller's registration in the campaign, made where there is none."""

    class Meta:
        model = Registration
        django_get_or_create = ("campaign", "seller", "status")


class BonusGrantFactory(DjangoModelFactory):
    class Meta:
        model = BonusGrant

    registration = factory.SubFactory(RegistrationFactory)


class RoundResultFactory(DjangoModelFactory):
    class Meta:
        model = RoundResult

    registration = factory.SubFactory(RegistrationFactory)
    state = RoundResult.State.APPLIED
    applied_at = FILED


class InvitationFactory(DjangoModelFactory):
    """An open invitation of any item of the seller's; give ``item`` and it is of this one."""

    class Meta:
        model = Invitation

    venue = factory.SubFactory(VenueFactory)
    campaign = factory.SelfAttribute("venue.campaign")
    seller = factory.SubFactory(SellerFactory)
    source = "batch"
    issued_at = BEFORE


class FilingFactory(DjangoModelFactory):
    class Meta:
        model = Filing

    registration = factory.SubFactory(RegistrationFactory)
    venue = factory.SubFactory(
        VenueFactory, campaign=factory.SelfAttribute("..registration.campaign")
    )
    key = factory.Sequence("filing{}".format)
    at = FILED
    done = True


class EntryFactory(DjangoModelFactory):
    """An approved entry (or ``status=``) whose parts belong together.

    Give any of ``campaign``, ``registration``, ``venue``, ``item``, ``seller`` and the rest
    follows. ``claim=False`` leaves the venue's claim out.
    """

    class Meta:
        model = Entry
        skip_postgeneration_save = True

    class Params:
        # Not a column: whether the defaults give it a decision.
        decided = factory.LazyAttribute(
            lambda entry: entry.status not in {Entry.Status.DRAFT, *PENDING}
        )

    campaign = factory.SubFactory(CampaignFactory)
    seller = factory.SubFactory(SellerFactory)
    item = factory.SubFactory(ItemFactory, seller=factory.SelfAttribute("..seller"))
    registration = factory.SubFactory(
        StandingRegistrationFactory,
        campaign=factory.SelfAttribute("..campaign"),
        seller=factory.SelfAttribute("..seller"),
    )
    venue = factory.SubFactory(VenueFactory, campaign=factory.SelfAttribute("..campaign"))
    version = factory.SubFactory(VersionFactory, campaign=factory.SelfAttribute("..campaign"))
    status = Entry.Status.APPROVED
    activity_price = Decimal("88.00")
    list_source = Entry.ListSource.STOCK
    submitted_at = factory.LazyAttribute(
        lambda entry: None if entry.status == Entry.Status.DRAFT else FILED
    )
    decided_at = factory.LazyAttribute(lambda entry: FILED if entry.decided else None)
    approved_at = factory.LazyAttribute(lambda entry: FILED if entry.status in LIVE else None)

    @classmethod
    def _generate(cls, strategy, params):
        for given, implied in (
            ("registration", ("campaign", "seller")),
            ("venue", ("campaign",)),
            ("version", ("campaign",)),
            ("item", ("seller",)),
        ):
            for name in implied if given in params else ():
                params.setdefault(name, getattr(params[given], name))
        return super()._generate(strategy, params)

    @factory.post_generation
    def claim(entry, create, extracted, **kwargs):
        if create and extracted is not False and entry.status in HOLDS_CLAIM:
            Claim.objects.create(
                scope=venue_scope(entry.venue_id),
                subject_kind="item",
                subject_id=entry.item_id,
                entry=entry,
            )


class SweepRunFactory(DjangoModelFactory):
    class Meta:
        model = SweepRun

    campaign = factory.SubFactory(CampaignFactory)
    version = factory.SubFactory(VersionFactory, campaign=factory.SelfAttribute("..campaign"))
    at = local("2023-05-17 02:00")
    mode = SweepRun.Mode.ENFORCE


class OrderFactory(DjangoModelFactory):
    class Meta:
        model = Order

    code = factory.Sequence("order{}".format)
    buyer = factory.Sequence("buyer{}".format)
    state = Order.State.PAID
    placed_at = FILED
    paid_at = factory.SelfAttribute("placed_at")
    known_at = factory.SelfAttribute("placed_at")


class OrderLineFactory(DjangoModelFactory):
    class Meta:
        model = OrderLine

    order = factory.SubFactory(OrderFactory)
    number = 1
    item = factory.SubFactory(ItemFactory)
    seller = factory.SelfAttribute("item.seller")
    quantity = 1
    unit_price = Decimal("88.00")
    paid_amount = factory.LazyAttribute(lambda line: line.unit_price * line.quantity)
    paid_at = factory.SelfAttribute("order.paid_at")


@dataclass(frozen=True)
class Opened:
    """A campaign that takes registrations, and what a test most often needs of it."""

    campaign: Campaign
    version: RulebookVersion
    venue: Venue
    terms: VenueTerms


def open_campaign(**terms) -> Opened:
    """A campaign with the 520 timeline, its pause included, and one venue on these ``terms``.

    Both registrations [04-25 15:00, 05-21), preheat [05-15, 05-16 20:00), live [05-16 20:00,
    05-21), pause [live − 2 h, live + 0.5 h), all of 2023. No requirement, no quota.
    """
    version = VersionFactory()
    kinds = Milestone.Kind
    for code, kind, starts_at, ends_at in (
        ("sellers", kinds.SELLER_REGISTRATION, "2023-04-25 15:00", "2023-05-21"),
        ("items", kinds.ITEM_REGISTRATION, "2023-04-25 15:00", "2023-05-21"),
        ("preheat", kinds.PREHEAT, "2023-05-15", "2023-05-16 20:00"),
        ("live", kinds.LIVE, "2023-05-16 20:00", "2023-05-21"),
    ):
        MilestoneFactory(
            version=version,
            code=code,
            kind=kind,
            starts_at=local(starts_at),
            ends_at=local(ends_at),
        )
    PauseFactory(
        version=version,
        code="opening",
        anchor="live",
        start_offset_minutes=-120,
        end_offset_minutes=30,
    )
    made = VenueTermsFactory(version=version, **terms)
    return Opened(version.campaign, version, made.venue, made)
