"""What changes while the campaign runs: facts that arrive in later feeds, and what sellers do."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.marketplaces.synthetic.cases import Filing
from config.marketplaces.synthetic.catalogue import LEAF
from config.marketplaces.synthetic.stock import with_cut
from config.marketplaces.synthetic.world import Goods, PriceSpan, Shop, World

GROUP_BUY = "group_buy"
NOON = 12
LAST = 5  # days from the first day of the preheat


@dataclass(slots=True)
class ParallelOffer:
    """A price in another channel in [starts, ends), told `at`."""

    at: datetime
    goods: Goods
    price: int
    starts: datetime
    ends: datetime


@dataclass(slots=True)
class Act:
    """What a seller does: join, withdraw (everything, or one item), reprice, republish."""

    at: datetime
    shop: Shop
    what: str
    goods: Goods | None = None
    price: int | None = None


@dataclass
class Happenings:
    """Everything that happens, in no order; whoever writes it down sorts it by its instant."""

    shops: list[tuple[datetime, Shop, dict]] = field(default_factory=list)
    goods: list[tuple[datetime, Goods, dict]] = field(default_factory=list)
    prices: list[tuple[datetime, Goods, PriceSpan]] = field(default_factory=list)
    offers: list[ParallelOffer] = field(default_factory=list)
    acts: list[Act] = field(default_factory=list)


def unfold(world: World, first: list[Filing], second: list[tuple[Filing, bool]]) -> Happenings:
    """Draw what happens to the shops and to the items that were filed."""
    found = Happenings()
    for shop in world.shops:
        if shop.joins_at is not None:
            found.acts.append(Act(shop.joins_at, shop, "join"))
        _shop(world, found, shop)
    for filing, too_slow in second:
        if too_slow:
            limit = LEAF[filing.goods.category].ship_hours
            noon = filing.at.replace(hour=NOON, minute=0)
            found.goods.append((noon, filing.goods, {"ship_time_hours": limit}))
    again = {filing.goods.code for filing, _slow in second}
    for filing in first:
        if filing.goods.case:
            _case(world, found, filing)
        elif filing.goods.code not in again and not filing.goods.shop.case:
            _item(world, found, filing)
    return found


# What becomes of the shops that stand for a case: (days from the preheat, what changes).
FATES = {
    "level 5 on the day, 6 later": ((-5, {"growth_level": 6}),),
    "level 4 on the day, 3 later": ((-5, {"growth_level": 3}),),
    "closes by one key and opens again": (
        (-8, {"one_click_closed": True}),
        (-5, {"one_click_closed": False}),
    ),
    "closes by one key for good": ((-6, {"one_click_closed": True}),),
    "becomes a Tmall shop": ((-5, {"shop_type": "tmall"}),),
    "loses the marketing rules": ((-4, {"marketing_rules_ok": False}),),
    "unbinds the messenger": ((-3, {"dingtalk_bound": False}),),
    "binds the messenger and tries again": ((-19, {"dingtalk_bound": True}),),
}


def _shop(world: World, found: Happenings, shop: Shop) -> None:
    at = world.calendar.at
    for days, values in FATES.get(shop.case, ()):
        found.shops.append((at(days, NOON), shop, values))
    if shop.case == "joins a second too early":
        opens = world.calendar.registration_opens
        found.acts.append(Act(opens + timedelta(minutes=3), shop, "join"))
    elif shop.case == "withdraws altogether":
        found.acts.append(Act(at(-4, 15), shop, "withdraw_registration"))
    elif shop.case == "binds the messenger and tries again":
        found.acts.append(Act(at(-19, NOON, 30), shop, "join"))
    elif not shop.case:
        _crowd(world, found, shop)


def _crowd(world: World, found: Happenings, shop: Shop) -> None:
    draws = world.draws("fate", shop.code)

    def change(days: int, **values: object) -> None:
        found.shops.append((world.calendar.at(days, NOON), shop, values))

    day = draws.between(-17, LAST)
    chance = draws.below(1000)
    if chance < 25 and not shop.one_click_closed:
        change(day, one_click_closed=True)
        if draws.percent(60) and day + 3 <= LAST:
            change(day + 3, one_click_closed=False)
    elif chance < 34 and shop.marketing_rules_ok:
        change(day, marketing_rules_ok=False)
    elif chance < 40:
        change(day, dingtalk_activated=False, dingtalk_bound=False)
    elif chance < 70 and shop.growth_level is not None and shop.growth_level < 8:
        change(-5, growth_level=shop.growth_level + 1)


def _case(world: World, found: Happenings, filing: Filing) -> None:
    at, goods = world.calendar.at, filing.goods
    match goods.case:
        case "group-buy price equal":
            _offer(world, found, goods, -4, filing.price)
        case "group-buy price unequal":
            _offer(world, found, goods, -4, filing.price + 1)
        case "group-buy price unequal, then corrected":
            _offer(world, found, goods, -4, filing.price - 100)
            _meet(found, goods, at(-2, 10), filing.price - 100)
        case "shipping time broken, then mended":
            found.goods.append((at(-5, NOON), goods, {"ship_time_hours": 72}))
            found.goods.append((at(-3, NOON), goods, {"ship_time_hours": 48}))
        case "shipping time broken for good":
            found.goods.append((at(-5, NOON), goods, {"ship_time_hours": 72}))
        case "list price cut below the campaign price":
            _cut(found, goods, at(-4, NOON), filing.price - 800)
        case "campaign price cut":
            act = Act(at(-5, 14), goods.shop, "reprice", goods, filing.price - 300)
            found.acts.append(act)
        case "withdrawn by its seller":
            found.acts.append(Act(at(-3, 14), goods.shop, "withdraw", goods))


def _item(world: World, found: Happenings, filing: Filing) -> None:
    goods, calendar = filing.goods, world.calendar
    draws = world.draws("happening", goods.code)
    filed = (filing.at.date() - calendar.starts).days
    day = draws.between(filed + 1, LAST)
    chance = draws.below(1000)
    if filing.price is None:
        return
    if chance < 65:
        limit = LEAF[goods.category].ship_hours
        broken = None if draws.percent(20) else limit + draws.one((24, 48, 72))
        found.goods.append((calendar.at(day, NOON), goods, {"ship_time_hours": broken}))
        mended = day + draws.between(1, 4)
        if draws.percent(75) and mended <= LAST:
            found.goods.append((calendar.at(mended, NOON), goods, {"ship_time_hours": limit}))
    elif chance < 100:
        _cut(found, goods, calendar.at(day, NOON), max(100, filing.price * 9 // 10))
    elif chance < 118:
        other = max(100, filing.price + draws.one((-500, -1, 1, 300)))
        offer = _offer(world, found, goods, day, other)
        if draws.percent(50) and day + 2 <= LAST:
            if other < filing.price:
                _meet(found, goods, calendar.at(day + 2, 10), other)
            else:
                _lower(found, offer, calendar.at(day + 2, NOON), filing.price)
    elif chance < 140:
        _offer(world, found, goods, day, filing.price)
    elif chance < 150:
        found.acts.append(Act(calendar.at(day, 14), goods.shop, "withdraw", goods))
    elif chance < 165:
        cut = max(100, filing.price * 95 // 100)
        found.acts.append(Act(calendar.at(day, 14), goods.shop, "reprice", goods, cut))


def _offer(world: World, found: Happenings, goods: Goods, day: int, price: int) -> ParallelOffer:
    at = world.calendar.at(day, NOON)
    offer = ParallelOffer(at, goods, price, at, world.calendar.ends)
    found.offers.append(offer)
    return offer


def _meet(found: Happenings, goods: Goods, at: datetime, price: int) -> None:
    """The seller cuts the campaign price to the other channel's and publishes again."""
    found.acts.append(Act(at, goods.shop, "reprice", goods, price))
    found.acts.append(Act(at + timedelta(minutes=5), goods.shop, "republish", goods))


def _lower(found: Happenings, offer: ParallelOffer, at: datetime, price: int) -> None:
    """The seller cuts the other channel's price to the campaign price and publishes again."""
    goods = offer.goods
    found.offers.append(ParallelOffer(at, goods, offer.price, offer.starts, at))
    found.offers.append(ParallelOffer(at, goods, price, at, offer.ends))
    found.acts.append(Act(at + timedelta(hours=2), goods.shop, "republish", goods))


def _cut(found: Happenings, goods: Goods, at: datetime, price: int) -> None:
    """A lower list price from `at` on, told when it happens: one span ends, another begins."""
    last = next(span for span in reversed(goods.prices) if not span.struck)
    if last.starts >= at or last.ends is not None:
        return  # a cut is scheduled already
    before = {(span.starts, span.struck): span.ends for span in goods.prices}
    goods.prices = with_cut(goods.prices, price, at, None, known=at)
    for span in goods.prices:
        if before.get((span.starts, span.struck), "new") != span.ends:
            found.prices.append((at, goods, span))


def by_instant(rows: list[tuple]) -> Iterator[tuple[datetime, list[tuple]]]:
    """Yield each instant with its rows, both in order; rows begin with their instant."""
    groups: dict[datetime, list[tuple]] = {}
    for row in rows:
        groups.setdefault(row[0], []).append(row[1:])
    for at in sorted(groups):
        yield at, groups[at]
