"""What the shops sell: items with prices that rose and fell."""

from datetime import datetime, timedelta

from config.marketplaces.draws import Draws, Wheel
from config.marketplaces.synthetic.catalogue import EDITIONS, LEAF, LEAVES, STYLES, Leaf
from config.marketplaces.synthetic.world import Goods, PriceSpan, Shop, World

ENDINGS = Wheel([(0, 45), (90, 20), (99, 15), (80, 10), (50, 10)])
SHARES = Wheel([(leaf.code, leaf.share) for leaf in LEAVES])
# Days on sale before the levels were frozen. A fifth are newer than the sales test asks (30 days).
AGES = Wheel([((2, 29), 14), ((30, 34), 6), ((35, 120), 35), ((121, 400), 30), ((401, 1500), 15)])


def fill_shelves(world: World) -> None:
    """Give every shop its items: the cases what they ask for, the crowd the rest by their pull."""
    fixed = sum(shop.room for shop in world.shops if shop.room is not None)
    crowd = [shop for shop in world.shops if shop.room is None]
    left = max(world.size.items - fixed, len(crowd))
    whole = sum(shop.pull for shop in crowd)
    number = 0
    taken = passed = 0
    for shop in world.shops:
        room = shop.room
        if room is None:
            # Shares of a running sum, so that the parts add up to the whole exactly.
            passed += shop.pull
            room = max(1, left * passed // whole - taken)
            taken += room
        draws = world.draws("goods", shop.code)
        for _place in range(room):
            number += 1
            goods = new_goods(world, shop, draws, f"I{number:07}")
            if shop.case:
                make_plain(world, goods, every=8)
            shop.goods.append(goods)


def new_goods(world: World, shop: Shop, draws: Draws, code: str, category: str = "") -> Goods:
    """Return one item of a shop, most often of its main category."""
    chosen = category or (shop.main_category if draws.percent(75) else SHARES.draw(draws))
    leaf = LEAF[chosen]
    low, high = AGES.draw(draws)
    listed = world.calendar.levels_frozen - timedelta(
        days=draws.between(low, high), seconds=-draws.between(8 * 3600, 22 * 3600)
    )
    price = list_price(draws, leaf)
    goods = Goods(
        code=code,
        shop=shop,
        title=_title(draws, leaf),
        category=leaf.code,
        industry=leaf.root,
        stock=draws.spread(160),
        first_listed_at=listed,
        ship_time_hours=_ship_time(draws, leaf),
        on_stock_list=draws.percent(94),
        recommended=draws.percent(7),
        volume=draws.spread(leaf.litres * 1000),
        weight=draws.spread(leaf.grams),
        free_shipping=leaf.root != "global_purchase" and draws.percent(93),
        cost_price=price * draws.between(35, 70) // 100,
        brand_score=draws.between(0, 1000) if draws.percent(80) else None,
        scarcity_score=draws.between(0, 1000) if draws.percent(60) else None,
        theme_fit=draws.between(0, 1000),
        # One in twenty hardly sells at all.
        pull=max(1, draws.spread(shop.pull) // (20 if draws.percent(5) else 1)),
    )
    goods.prices = _prices(world, draws, listed, price)
    return goods


def list_price(draws: Draws, leaf: Leaf) -> int:
    """Return a list price in cents as shops write them: 129.00, 129.90, 129.99."""
    yuan = max(5, draws.spread(leaf.price) // 100)
    return yuan * 100 + ENDINGS.draw(draws)


def _title(draws: Draws, leaf: Leaf) -> str:
    goods, style, edition = draws.one(leaf.goods), draws.one(STYLES), draws.one(EDITIONS)
    english = f"{style[0]} {goods[0]}" + (f", {edition[0]}" if edition[0] else "")
    return f"{english} {style[1]}{goods[1]}{edition[1]}"


def _ship_time(draws: Draws, leaf: Leaf) -> int | None:
    """Most sellers set what the category asks or better; some too long, some nothing."""
    chance = draws.below(100)
    if chance < 3:
        return None
    if chance < 7:
        return leaf.ship_hours + draws.one((1, 24, 72))
    return leaf.ship_hours if chance < 75 else max(24, leaf.ship_hours // 2)


def _prices(world: World, draws: Draws, listed: datetime, price: int) -> list[PriceSpan]:
    """Return the history of an item's list price up to the campaign, and what is scheduled."""
    calendar = world.calendar
    spans = [PriceSpan(price, listed)]
    if draws.percent(35):
        # It was dearer or cheaper before.
        days = max(2, (calendar.levels_frozen - listed).days)
        changed = listed + timedelta(days=draws.between(1, days - 1) if days > 2 else 1)
        before = price * draws.one((85, 90, 110, 120, 125)) // 100
        spans = [PriceSpan(before, listed, changed), PriceSpan(price, changed)]
    if draws.percent(12):
        spans.append(
            PriceSpan(price * draws.between(120, 200) // 100, spans[-1].starts, struck=True)
        )
    chance = draws.below(1000)
    if chance < 20:
        # A short cut that is over before the reference window of the lowest price opens.
        starts = calendar.at(-draws.between(9, 12), 10)
        ends = calendar.window_opens
    elif chance < 45:
        # A cut inside the window, known from the beginning.
        starts = calendar.at(draws.between(-5, 5))
        ends = starts + timedelta(days=draws.between(1, 3)) if draws.percent(60) else None
    else:
        return spans
    return with_cut(spans, price * draws.between(70, 95) // 100, starts, ends)


def make_plain(world: World, goods: Goods, every: int) -> None:
    """Make an item an unremarkable one that sells one unit `every` so many days, so that nothing
    but its case, or its shop's, can matter."""
    calendar = world.calendar
    goods.on_stock_list, goods.recommended = True, False
    goods.ship_time_hours = 24
    opened = goods.shop.known_at
    goods.first_listed_at = opened or calendar.at(-200, 9)
    goods.prices = [PriceSpan(goods.prices[0].price, goods.first_listed_at)]
    days = [calendar.at(-55).date() + timedelta(days=day) for day in range(0, 61, every)]
    goods.sales = [(day, 1) for day in days if opened is None or day > opened.date()]


def with_cut(
    spans: list[PriceSpan],
    price: int,
    starts: datetime,
    ends: datetime | None,
    known: datetime | None = None,
) -> list[PriceSpan]:
    """Return the spans with a lower price in [starts, ends), after which the old one is back."""
    last = next(span for span in reversed(spans) if not span.struck)
    rest = [span for span in spans if span is not last]
    after = [] if ends is None else [PriceSpan(last.price, ends, last.ends, known=known)]
    return [
        *rest,
        PriceSpan(last.price, last.starts, starts, known=last.known),
        PriceSpan(price, starts, ends, known=known),
        *after,
    ]
