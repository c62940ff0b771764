"""Who joins when, and what each shop files at what price."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from config.marketplaces.draws import Draws, Wheel
from config.marketplaces.synthetic.cases import RECOMMENDED, STOCK, TOOL, Filing
from config.marketplaces.synthetic.catalogue import LEAF
from config.marketplaces.synthetic.shops import CEILINGS
from config.marketplaces.synthetic.trade import Trade
from config.marketplaces.synthetic.world import Goods, Shop, World

LARGEST_FILING = 600
# The day a shop joins, counted from the first day of the preheat: most come early, some late.
DAYS = Wheel(
    [
        *((-20, 22), (-19, 13), (-18, 9), (-17, 7), (-15, 6), (-13, 6), (-12, 5)),
        *((-10, 6), (-8, 6), (-6, 6), (-5, 5), (-3, 5), (-1, 3), (0, 1)),
    ]
)
# The campaign price in percent of the lowest list price of the window; over 100 it must fail.
PRICE_SHARES = Wheel([(100, 15), (95, 20), (90, 25), (85, 14), (80, 13), (70, 9), (106, 2)])


def join_up(world: World) -> None:
    """Say when every shop joins; some never do."""
    opens = world.calendar.registration_opens
    for shop in world.shops:
        draws = world.draws("join", shop.code)
        if shop.case:
            # The cases join in the first hour: the showcase in the first second.
            shop.joins_at = opens + timedelta(seconds=7 * world.shops.index(shop))
        elif draws.percent(90):
            day = DAYS.draw(draws)
            seconds = draws.between(9 * 3600, 21 * 3600)
            shop.joins_at = max(
                world.calendar.at(day) + timedelta(seconds=seconds),
                opens + timedelta(seconds=draws.between(60, 6 * 3600)),
            )
        if shop.case == "joins a second too early":
            shop.joins_at = opens - timedelta(seconds=1)
        if shop.case == "not known on the day":
            shop.joins_at = world.calendar.at(-12, 11)


def draw_up(world: World, trade: Trade) -> Iterator[Filing]:
    """Yield what every shop but the showcase files first."""
    sold: dict[datetime, Counter[str]] = {}
    for shop in world.shops[1:]:
        if shop.joins_at is None:
            continue
        filed = shop.joins_at + timedelta(minutes=40)
        if shop.case == "binds the messenger and tries again":
            filed = world.calendar.at(-19, 13)
        day = world.calendar.at((filed.date() - world.calendar.starts).days)
        if day not in sold:
            sold[day] = trade.units_before(day.date())
        yield from _by_shop(world, shop, filed, sold[day])


def _by_shop(world: World, shop: Shop, filed: datetime, sold: Counter[str]) -> Iterator[Filing]:
    draws = world.draws("filing", shop.code)
    later = filed.replace(hour=10, minute=30) + timedelta(days=draws.between(1, 4))
    in_two = draws.percent(30) and later < world.calendar.at(0, 20) and not shop.case
    if shop.case:
        chosen = shop.goods
    else:
        chosen = [one for one in shop.goods if _wanted(draws, one, filed, sold)]
    room = max(shop.allotment or 0, CEILINGS[shop.growth_level, bool(shop.industry_featured)])
    places = room + (2 if shop.case else draws.one((0, 0, 0, 1, 2)))
    batch = 0
    for goods in chosen:
        filing = _filing(world, draws, goods, filed)
        if filing.list_source == STOCK:
            places -= 1
            if places < 0:
                continue
        filing.at = later if in_two and batch % 2 else filed
        filing.at += timedelta(minutes=batch // LARGEST_FILING)
        batch += 1
        yield filing


def _wanted(draws: Draws, goods: Goods, filed: datetime, sold: Counter[str]) -> bool:
    if goods.first_listed_at is not None and goods.first_listed_at > filed:
        return False
    if not goods.on_stock_list and not goods.recommended:
        return draws.percent(4)
    return draws.percent(88 if sold[goods.code] else 22)


def _filing(world: World, draws: Draws, goods: Goods, filed: datetime) -> Filing:
    calendar = world.calendar
    lowest = goods.lowest(calendar.window_opens, calendar.ends) or goods.prices[-1].price
    source = RECOMMENDED if goods.recommended else STOCK
    if goods.shop.case:
        return Filing(filed, goods, lowest * 9 // 10, source)
    share = PRICE_SHARES.draw(draws)
    price: int | None = lowest if share == 100 else max(100, lowest * share // 100 // 100 * 100)
    if draws.permille(12):
        price = lowest + 1
    elif draws.permille(5):
        price = None
    tools = () if draws.permille(25) and LEAF[goods.category].root != "virtual" else (TOOL,)
    return Filing(filed, goods, price, source, tools)


def second_tries(world: World, first: list[Filing]) -> Iterator[tuple[Filing, bool]]:
    """Yield what is filed again after a refusal that its seller can mend, two days later.

    The second part says that the seller sets a shipping time first.
    """
    calendar = world.calendar
    for filing in first:
        goods = filing.goods
        draws = world.draws("second try", goods.code)
        if goods.shop.case or goods.case or not draws.percent(60):
            continue
        again = filing.at.replace(hour=16, minute=5, second=0) + timedelta(days=2)
        if again >= calendar.at(1, 8):
            continue
        lowest = goods.lowest(calendar.window_opens, calendar.ends)
        limit = LEAF[goods.category].ship_hours
        too_slow = goods.ship_time_hours is None or goods.ship_time_hours > limit
        too_dear = filing.price is None or lowest is None or filing.price > lowest
        if lowest is None or not (too_slow or too_dear or not filing.tools):
            continue
        price = lowest * 95 // 100 if too_dear else filing.price
        yield Filing(again, goods, price, filing.list_source), too_slow
