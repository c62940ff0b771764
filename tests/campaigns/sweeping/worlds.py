"""Campaigns to sweep: requirements over plain item and seller facts, and entries that fail them."""

from datetime import timedelta

from campaigns.models import Entry, SweepRun
from campaigns.sweeping import start, work
from sellers.models import Item, Seller
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    VenueTermsFactory,
    VersionFactory,
)
from tests.times import local

NIGHT = local("2023-05-17 02:00")
NEXT_NIGHT = local("2023-05-18 02:00")


class World:
    """A campaign with one version and one venue ("main"); nothing trips its breaker."""

    def __init__(self, **campaign):
        campaign = {"breaker_share": "1", "breaker_minimum": 0, **campaign}
        self.campaign = CampaignFactory(**campaign)
        self.version = VersionFactory(campaign=self.campaign)
        self.venue = VenueTermsFactory(version=self.version, code="main").venue
        self._position = 0

    def requires(self, code, require, recheck, *, missing="pass", subject="entry", **fields):
        """Add a requirement asked at recheck, an action or a mapping of terms."""
        self._position += 1
        return RequirementFactory(
            version=self.version,
            code=code,
            position=self._position,
            subject=subject,
            require=require,
            missing=missing,
            stages={"recheck": recheck},
            **fields,
        )

    def seller(self, **facts):
        """A seller that has joined."""
        seller = SellerFactory(**facts)
        RegistrationFactory(campaign=self.campaign, seller=seller, version=self.version)
        return seller

    def entry(self, status="approved", *, seller=None, venue=None, item=None, **facts):
        """An entry of an item with these facts, or of ``item``; of a new seller by default."""
        seller = seller or (item.seller if item else self.seller())
        of = {"item": item} if item else {f"item__{name}": facts[name] for name in facts}
        return EntryFactory(
            campaign=self.campaign,
            version=self.version,
            venue=venue or self.venue,
            seller=seller,
            registration=self.campaign.registrations.get(seller=seller),
            status=status,
            **of,
        )

    def sweep(self, at=NIGHT, mode="enforce", **options) -> SweepRun:
        """A run, worked on to its end."""
        return work(start(campaign=self.campaign, at=at, mode=mode, **options))


def a_varied_world() -> World:
    """A campaign after its first night, in which the next one has all kinds of moves to make."""
    world = World(code="varied")
    world.requires("SHIP", ["item.ship_time_hours", "<=", 48], "abnormal")
    world.requires("STOCK", ["item.stock", ">=", 10], "clear_out", missing="hold")
    world.requires(
        "WEIGHT",
        ["item.weight_kg", "is_known"],
        {"action": "at_risk", "grace_hours": 24, "then": "clear_out"},
    )
    world.requires("OPEN", ["seller.one_click_closed", "==", False], "unpublish", subject="seller")
    facts = {"weight_kg": "1.000"}
    for number in range(3):
        seller = world.seller(one_click_closed=number == 0)
        for status in ("approved", "at_risk", "abnormal"):
            world.entry(status, seller=seller, **facts)
        world.entry(seller=seller, stock=9, **facts)
        world.entry(seller=seller, stock=None, ship_time_hours=72)
        world.entry(seller=seller)
    world.sweep(NIGHT - timedelta(days=1))
    change_item(world.campaign.entries.filter(status="at_risk").first(), weight_kg="2.000")
    change_item(world.campaign.entries.filter(status="abnormal").first(), ship_time_hours=48)
    for _number in range(3):
        world.entry(ship_time_hours=72, **facts)
    return world


def change_item(entry, **facts):
    """Change facts of an entry's item, as a feed does: the entry itself is not edited."""
    Item.objects.filter(pk=entry.item_id).update(**facts)


def change_seller(entry, **facts):
    """Change facts of an entry's seller, as a feed does."""
    Seller.objects.filter(pk=entry.seller_id).update(**facts)


def status_of(entry):
    """The entry's status in the database."""
    return Entry.objects.values_list("status", flat=True).get(pk=entry.pk)
