"""Writes the synthetic marketplace down: its feeds as they arrive, and its sellers' plan."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import chain

from config.marketplaces import columns
from config.marketplaces.files import Folder, money
from config.marketplaces.synthetic.cases import Filing
from config.marketplaces.synthetic.catalogue import LEAVES, ROOTS
from config.marketplaces.synthetic.happenings import GROUP_BUY, Happenings, by_instant
from config.marketplaces.synthetic.trade import Basket, Trade, numbered
from config.marketplaces.synthetic.world import Goods, PriceSpan, Shop, World

# An order is paid so long after it was placed.
PAYMENT = timedelta(minutes=5)
# A refund is told this many days after its order.
REFUND_DAYS = 3


def write_start(out: Folder, world: World) -> None:
    """Write what is known before the campaign: categories, sellers, items, list prices."""
    known = world.calendar.facts_known
    out.feed(known, "categories", columns.CATEGORIES, _categories())
    late = [shop for shop in world.shops if shop.known_at is not None]
    early = [shop for shop in world.shops if shop.known_at is None]
    for at, found in ((known, early), *((shop.known_at, [shop]) for shop in late)):
        goods = [one for shop in found for one in shop.goods]
        out.feed(at, "sellers", columns.SELLERS, (_seller(shop) for shop in found))
        out.feed(at, "items", columns.ITEMS, (_item(one) for one in goods))
        prices = ((one, span) for one in goods for span in one.prices)
        out.feed(at, "list_prices", columns.LIST_PRICES, (_price(*pair) for pair in prices))


def write_changes(out: Folder, world: World, story: Happenings) -> None:
    """Write the facts that change while the campaign runs, a file for each instant."""
    for at, rows in by_instant(story.shops):
        for shop, values in rows:
            for name, value in values.items():
                setattr(shop, name, value)
        out.feed(at, "sellers", columns.SELLERS, (_seller(shop) for shop, _values in rows))
    for at, rows in by_instant(story.goods):
        for goods, values in rows:
            for name, value in values.items():
                setattr(goods, name, value)
        out.feed(at, "items", columns.ITEMS, (_item(goods) for goods, _values in rows))
    for at, rows in by_instant(story.prices):
        out.feed(at, "list_prices", columns.LIST_PRICES, (_price(*row) for row in rows))
    offers = [(offer.at, offer) for offer in story.offers]
    for at, rows in by_instant(offers):
        out.feed(
            at,
            "parallel_prices",
            columns.PARALLEL_PRICES,
            (
                (one.goods.code, GROUP_BUY, money(one.price), one.starts, one.ends)
                for (one,) in rows
            ),
        )


def write_trade(out: Folder, world: World, trade: Trade, filed: list[Filing]) -> int:
    """Write the orders: what came before in one file, then a file each night. Return the lines."""
    known = world.calendar.facts_known
    prices = {one.goods.code: one.price for one in filed if one.price}
    live = world.calendar.live_opens
    days = dict(numbered(trade))
    before = [day for day in days if day < known.date()]
    refund = timedelta(days=REFUND_DAYS)

    def lines(day, *, told: datetime) -> Iterator[tuple]:
        for code, basket in days[day]:
            yield from _order(code, basket, prices, live, told)

    def late_refunds(day, *, told: datetime) -> Iterator[tuple]:
        for code, basket in days.get(day - refund, ()):
            if basket.fate == "refunded":
                yield from _order(code, basket, prices, live, told)

    total = sum(len(basket.sales) for found in days.values() for _code, basket in found)
    out.feed(
        known,
        "orders",
        columns.ORDERS,
        (line for day in before for line in lines(day, told=known)),
    )
    for day in days:
        if day < known.date():
            continue
        if world.calendar.is_hourly(day):
            for told, found in by_the_hour(day, days[day]):
                rows = (_order(code, basket, prices, live, told) for code, basket in found)
                out.feed(told, "orders", columns.ORDERS, chain.from_iterable(rows))
        told = datetime.combine(day, datetime.min.time()) + timedelta(days=1, minutes=30)
        out.feed(
            told, "orders", columns.ORDERS, [*lines(day, told=told), *late_refunds(day, told=told)]
        )
    return total


def by_the_hour(
    day: date, baskets: Sequence[tuple[str, Basket]]
) -> Iterator[tuple[datetime, list[tuple[str, Basket]]]]:
    """Yield a minute after each hour of a day the orders paid by then that the one before lacks."""
    before = datetime.combine(day, time()) - timedelta(hours=1)
    for hour in range(24):
        told = datetime.combine(day, time()) + timedelta(hours=hour + 1, minutes=1)
        yield told, [row for row in baskets if before < row[1].placed + PAYMENT <= told]
        before = told


def write_plan(out: Folder, world: World, filed: list[Filing], story: Happenings) -> dict[str, int]:
    """Write what the sellers do, and which shop and item stands for what. Return the counts."""
    out.plan(
        "allotments",
        columns.ALLOTMENTS,
        ((shop.code, shop.allotment) for shop in world.shops if shop.allotment is not None),
    )
    filings = out.plan(
        "filings",
        columns.FILINGS,
        (
            (
                one.at,
                one.goods.shop.code,
                one.goods.code,
                money(one.price),
                one.list_source,
                " ".join(one.tools),
            )
            for one in sorted(filed, key=lambda one: (one.at, one.goods.shop.code))
        ),
    )
    acts = out.plan(
        "acts",
        columns.ACTS,
        (
            (act.at, act.shop.code, act.what, act.goods and act.goods.code, money(act.price))
            for act in sorted(story.acts, key=lambda act: act.at)
        ),
    )
    logins = {"showcase": "seller", "level 5, not featured": "seller2"}
    out.plan(
        "logins",
        columns.LOGINS,
        ((logins[shop.case], shop.code) for shop in world.shops if shop.case in logins),
    )
    cases = [("seller", shop.code, shop.case) for shop in world.shops if shop.case]
    cases += [("item", one.code, one.case) for one in world.goods if one.case]
    return {
        "filings": filings,
        "acts": acts,
        "cases": out.plan("cases", columns.CASES, cases),
    }


def _categories() -> Iterator[tuple]:
    for code, (name, name_zh) in ROOTS.items():
        yield (code, name, name_zh, None, code)
    for leaf in LEAVES:
        yield (leaf.code, leaf.name, leaf.name_zh, leaf.root, leaf.root)


def _score(value: int | None) -> str:
    return money(value)  # hundredths, as an amount is


def _seller(shop: Shop) -> tuple:
    return (
        shop.code, shop.name, "shop", shop.entity, shop.agency, shop.main_category, shop.shop_type,
        shop.marketing_rules_ok, shop.dingtalk_activated, shop.dingtalk_by_main_account,
        shop.dingtalk_bound, shop.one_click_closed, shop.growth_level, shop.industry_featured,
        _score(shop.operating_score), _score(shop.service_score),
    )  # fmt: skip


def _item(goods: Goods) -> tuple:
    return (
        goods.code, goods.shop.code, goods.title, goods.category, goods.industry,
        goods.stock, goods.first_listed_at, goods.first_listed_at,
        goods.ship_time_hours, goods.on_stock_list, goods.recommended,
        None if goods.volume is None else Decimal(goods.volume).scaleb(-6),
        None if goods.weight is None else Decimal(goods.weight).scaleb(-3),
        goods.free_shipping, money(goods.cost_price), _score(goods.brand_score),
        _score(goods.scarcity_score), _score(goods.theme_fit),
    )  # fmt: skip


def _price(goods: Goods, span: PriceSpan) -> tuple:
    return (goods.code, money(span.price), span.struck, span.starts, span.ends)


def unit_price(goods: Goods, basket: Basket) -> int:
    """Return what a buyer pays for a unit outside the campaign, in cents."""
    return max(1, _shelf_price(goods, basket) * basket.share // 100)


def _shelf_price(goods: Goods, basket: Basket) -> int:
    return goods.list_price(basket.placed) or goods.prices[0].price


def _order(
    code: str, basket: Basket, prices: dict[str, int], live: datetime, told: datetime
) -> Iterable[tuple]:
    """Yield the lines of an order as it stands when it is `told`."""
    paid = None if basket.fate == "closed" else basket.placed + PAYMENT
    refunded = basket.fate == "refunded" and told >= basket.placed + timedelta(days=REFUND_DAYS)
    promised = None if paid is None else paid + timedelta(hours=48)
    shipped = None if paid is None else paid + timedelta(hours=basket.hours_to_ship)
    if basket.fate == "paid" or (shipped is not None and shipped > told):
        shipped = None
    if basket.fate == "closed":
        state = "closed"
    elif refunded:
        state = "refunded"
    else:
        state = "paid" if shipped is None else "shipped"
    for number, sale in enumerate(basket.sales, 1):
        goods = sale.goods
        unit = _shelf_price(goods, basket)
        if goods.code in prices and basket.placed >= live and not goods.case.startswith("sold abo"):
            unit = min(unit, prices[goods.code])
        elif goods.case == "" and goods.shop.case == "":
            unit = unit_price(goods, basket)
        amount = 0 if paid is None else unit * sale.quantity
        yield (
            code, number, basket.buyer, code, state, basket.placed, paid, shipped, promised,
            basket.region, goods.shop.code, goods.code, sale.quantity, money(unit), money(amount),
            money(amount if refunded else 0), basket.abnormal,
        )  # fmt: skip
