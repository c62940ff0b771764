"""Who stands as what in a campaign, and what of that shows at an instant.

A campaign item is an entry that is approved, its notice of a failure running or not (D12-010, 076);
a campaign merchant is a seller with at least one (D12-012). Both follow the status and nothing
else: they begin and end in the transaction that moves the entry. Whether a page is online, its
items are on sale and their badges show are three separate windows of the venue (D12-018, 031, 140).
"""

from dataclasses import dataclass, field
from datetime import datetime
from zlib import crc32

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from campaigns.lifecycle import BADGED
from campaigns.models import Campaign, Entry
from campaigns.rulebooks.versions import version_in_force
from sellers.models import Seller

SHOWN_STATES = frozenset({Campaign.State.PUBLISHED, Campaign.State.SUSPENDED})


@dataclass(frozen=True)
class Showing:
    """What of a venue shows at an instant, ``at``. ``badge`` is a text by language, empty for
    none; ``placement_mode`` is as the rulebook has it."""

    venue_id: int
    code: str
    title: dict = field(default_factory=dict)
    kind: str = ""
    group: str = ""
    is_online: bool = False
    is_on_sale: bool = False
    badge: dict = field(default_factory=dict)
    takes_registrations: bool = True
    placement_mode: str = ""
    at: datetime | None = None


def is_campaign_item(entry: Entry) -> bool:
    """Whether the entry makes its item a campaign item now."""
    return entry.status in BADGED


def campaign_items(campaign: Campaign) -> QuerySet[Entry]:
    """The entries that make their items campaign items now."""
    return Entry.objects.filter(campaign=campaign, status__in=BADGED)


def is_campaign_merchant(campaign: Campaign, seller: Seller) -> bool:
    """Whether the seller has a campaign item now."""
    return campaign_items(campaign).filter(seller=seller).exists()


def campaign_merchants(campaign: Campaign) -> QuerySet[Seller]:
    """The sellers that have a campaign item now."""
    return Seller.objects.filter(Exists(campaign_items(campaign).filter(seller=OuterRef("pk"))))


def with_effective_price(entries: QuerySet[Entry]) -> QuerySet[Entry]:
    """The entries with ``effective_price``: the campaign price of the entry by which their item
    stands in the campaign, the one approved last where it stands by several (D12-044)."""
    standing = Entry.objects.filter(
        campaign=OuterRef("campaign"), item=OuterRef("item"), status__in=BADGED
    )
    latest = standing.order_by("-approved_at", "-pk").values("activity_price")[:1]
    return entries.annotate(effective_price=Subquery(latest))


def showings(campaign: Campaign, at: datetime) -> dict[int, Showing]:
    """What shows of every venue at the instant, by venue id, in the rulebook's order.

    A venue that the rulebook then in force does not have is left out. Nothing shows of a campaign
    that is not published yet or has ended. Three queries at most.
    """
    version = version_in_force(campaign, at)
    if version is None:
        return {}
    windows = {row.code: row.starts_at <= at < row.ends_at for row in version.milestone_set.all()}
    is_shown = campaign.state in SHOWN_STATES
    found = {}
    for terms in version.venueterms_set.all():
        # A window that is not named is no limit.
        online, on_sale, badged = (
            is_shown and (windows.get(code, False) if code else True)
            for code in (terms.online, terms.on_sale, terms.badged)
        )
        found[terms.venue_id] = Showing(
            venue_id=terms.venue_id,
            code=terms.code,
            title=terms.title,
            kind=terms.kind,
            group=terms.group,
            is_online=online,
            is_on_sale=on_sale,
            badge=_style(campaign, terms) if badged else {},
            takes_registrations=terms.takes_registrations,
            placement_mode=terms.placement_mode,
            at=at,
        )
    return found


def badge_of(entry: Entry, shown: dict[int, Showing]) -> dict:
    """The badge that the entry's item shows, a text by language; empty for none (D12-011)."""
    showing = shown.get(entry.venue_id)
    return showing.badge if showing and is_campaign_item(entry) else {}


def _style(campaign, terms):
    """One of the badge's styles, the same for the whole campaign and on every day."""
    styles = [style for style in (terms.badge, *terms.badge_styles) if style]
    return styles[crc32(campaign.code.encode()) % len(styles)] if styles else {}
