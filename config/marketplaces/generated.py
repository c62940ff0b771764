"""Facts that a real marketplace's published files do not have, drawn from the seed.

Everything here is made up, and the cover page says so: `GENERATED` maps each fact to how.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from config.marketplaces.draws import Draws, Wheel

GENERATED = {
    "seller.name": "the city and state with the first letters of the id",
    "seller.shop_type": "96 % marketplace shops, 3 % tmall, 1 % other",
    "seller.marketing_rules_ok": "true for 98 %",
    "seller.dingtalk_*": "83 % activated by the main account, 13 % bound only, 4 % neither",
    "seller.one_click_closed": "true for 1.5 %",
    "seller.growth_level": "1 to 8 by units sold before, one up or down for some; 6 % none",
    "seller.industry_featured": "true for 24 %",
    "seller.operating_score": "2.20 to 5.00, higher for higher levels",
    "item.title": "the category's name with the first letters of the product's id",
    "item.stock": "around 80",
    "item.first_listed_at": "1 to 45 days before its first sale",
    "item.ship_time_hours": "24 or 48 for 93 %, 72 for 4 %, not set for 3 %",
    "item.on_stock_list": "true for 96 %",
    "item.recommended": "true for 6 %",
    "registrations": "every seller that sold in the 90 days before, on a day from the seed",
    "entry.tools": "the mandatory tool bound for 97 %",
    "changes during the campaign": "5 % of the filed items' shipping times break, most are mended; "
    "2 % of the sellers close for some days",
}  # fmt: skip

SHOP_TYPES = Wheel([("marketplace", 96), ("tmall", 3), ("other", 1)])
# Activated, by the main account, bound.
MESSENGERS = Wheel(
    [
        ((True, True, False), 83),
        ((False, None, True), 13),
        ((True, False, False), 2),
        ((False, None, False), 2),
    ]
)
SHIP_TIMES = Wheel([(24, 30), (48, 63), (72, 4), (None, 3)])
# The fewest units that were sold for levels 2 to 8.
LEVEL_STEPS = (5, 15, 40, 100, 250, 600, 1500)


@dataclass(frozen=True)
class ShopFacts:
    """What is made up about a seller."""

    shop_type: str
    marketing_rules_ok: bool
    dingtalk_activated: bool
    dingtalk_by_main_account: bool | None
    dingtalk_bound: bool
    one_click_closed: bool
    growth_level: int | None
    industry_featured: bool
    operating_score: int  # hundredths


@dataclass(frozen=True)
class ItemFacts:
    """What is made up about an item."""

    stock: int
    first_listed_at: datetime
    ship_time_hours: int | None
    on_stock_list: bool
    recommended: bool


def shop_facts(draws: Draws, units: int) -> ShopFacts:
    """Return the facts of a seller that sold `units` before the campaign."""
    activated, by_main, bound = MESSENGERS.draw(draws)
    level: int | None = 1 + sum(units >= step for step in LEVEL_STEPS)
    level = min(8, max(1, level + draws.one((-1, 0, 0, 0, 0, 1))))
    score = min(500, 220 + 22 * level + draws.between(0, 110))
    return ShopFacts(
        shop_type=SHOP_TYPES.draw(draws),
        marketing_rules_ok=not draws.percent(2),
        dingtalk_activated=activated,
        dingtalk_by_main_account=by_main,
        dingtalk_bound=bound,
        one_click_closed=draws.permille(15),
        growth_level=None if draws.percent(6) else level,
        industry_featured=draws.percent(24),
        operating_score=score,
    )


def item_facts(draws: Draws, first_sold: datetime) -> ItemFacts:
    """Return the facts of an item that was first sold at an instant (local, naive)."""
    return ItemFacts(
        stock=draws.spread(80),
        first_listed_at=first_sold - timedelta(days=draws.between(1, 45)),
        ship_time_hours=SHIP_TIMES.draw(draws),
        on_stock_list=draws.percent(96),
        recommended=draws.percent(6),
    )
