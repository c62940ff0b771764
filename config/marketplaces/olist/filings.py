"""What Olist's sellers do in the campaign: join, and file every item that they lately sold."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.marketplaces.draws import Draws, Wheel
from config.marketplaces.olist.shelves import Goods, Shelves, Shop

DAYS_BEFORE = 90
TOOL = "cross_shop_reduction"
# The day a seller joins, counted from the first day of the preheat.
JOINING = Wheel(
    [
        *((-20, 24), (-19, 14), (-18, 10), (-16, 10), (-14, 9)),
        *((-12, 9), (-10, 8), (-7, 7), (-5, 5), (-3, 4)),
    ]
)
# Which price of its own history a seller files.
CHOICES = Wheel([("lowest", 62), ("latest", 28), ("highest", 10)])


@dataclass(slots=True)
class Filing:
    """One item that its seller files; the price in cents."""

    at: datetime
    shop: Shop
    goods: Goods
    price: int
    list_source: str
    tools: str


@dataclass
class Story:
    """What is made up of the weeks of the campaign."""

    acts: list[tuple[datetime, str, str]] = field(default_factory=list)
    shops: list[tuple[datetime, Shop, bool]] = field(default_factory=list)
    goods: list[tuple[datetime, Goods, int | None]] = field(default_factory=list)


def draw_up(shelves: Shelves) -> Iterator[Filing]:
    """Yield a filing for every item paid for in the 90 days before the campaign's start.

    A seller files what it had sold when it joined, and the rest on the day of the start.
    """
    calendar = shelves.calendar
    low, high = calendar.at(-DAYS_BEFORE), calendar.at(0)
    for shop in shelves.shops.values():
        draws = shelves.draws("filing", shop.code)
        first = joins_at(shelves, shop, draws) + timedelta(minutes=40)
        last = max(high + timedelta(seconds=draws.between(9 * 3600, 21 * 3600)), first)
        for goods in shop.goods:
            prices = goods.paid_prices(low, first)
            at = first
            if not prices:
                prices, at = goods.paid_prices(low, high), last
            if prices:
                yield _filing(shelves, shop, goods, at, prices)


def joins_at(shelves: Shelves, shop: Shop, draws: Draws) -> datetime:
    """Return when a seller joins: not before it is known, nor before registration opens."""
    calendar = shelves.calendar
    chosen = calendar.at(JOINING.draw(draws)) + timedelta(seconds=draws.between(32400, 75600))
    opens = calendar.registration_opens + timedelta(seconds=draws.between(0, 6 * 3600))
    known = shelves.told(shop.listed_at) + timedelta(hours=9)
    return max(chosen, opens, known)


def _filing(shelves: Shelves, shop: Shop, goods: Goods, at: datetime, prices: list[int]) -> Filing:
    draws = shelves.draws("price", goods.code)
    price = {"lowest": min(prices), "latest": prices[-1], "highest": max(prices)}[
        CHOICES.draw(draws)
    ]
    return Filing(
        at=at,
        shop=shop,
        goods=goods,
        price=price,
        list_source="recommended_list" if goods.facts.recommended else "stock_list",
        tools=TOOL if draws.percent(97) else "",
    )


def unfold(shelves: Shelves, filed: list[Filing]) -> Story:
    """Draw what happens to sellers and filed items, and who joins when."""
    story, calendar = Story(), shelves.calendar
    joined = {}
    for filing in filed:
        joined.setdefault(filing.shop.code, filing.shop)
    for code, shop in joined.items():
        at = joins_at(shelves, shop, shelves.draws("filing", code))
        story.acts.append((at, code, "join"))
        draws = shelves.draws("fate", code)
        day = draws.between(-17, 4)
        known = calendar.at(day, 12) > shelves.told(shop.listed_at)
        if draws.percent(2) and known and not shop.facts.one_click_closed:
            story.shops.append((calendar.at(day, 12), shop, True))
            story.shops.append((calendar.at(day + draws.between(1, 4), 12), shop, False))
    for filing in filed:
        draws = shelves.draws("happening", filing.goods.code)
        since = (filing.at.date() - calendar.starts).days + 1
        day = draws.between(since, max(since, 5))
        if draws.percent(5):
            broken = None if draws.percent(20) else draws.one((72, 96))
            story.goods.append((calendar.at(day, 12), filing.goods, broken))
            mended = day + draws.between(1, 4)
            if draws.percent(75):
                story.goods.append((calendar.at(mended, 12), filing.goods, 48))
    return story
