"""Campaigns to sweep: requirements over plain item and seller facts, and entries that fail them."""

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


def change_item(entry, **facts):
    """Change facts of an entry's item, as a feed does: the entry itself is not edited."""
    Item.objects.filter(pk=entry.item_id).update(**facts)


def change_seller(entry, **facts):
    """Change facts of an entry's seller, as a feed does."""
    Seller.objects.filter(pk=entry.seller_id).update(**facts)


def status_of(entry):
    """The entry's status in the database."""
    return Entry.objects.values_list("status", flat=True).get(pk=entry.pk)
