"""Sellers and items as Olist's own sales show them: an item is a (seller, product) pair."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.marketplaces.calendar import Calendar
from config.marketplaces.draws import Draws
from config.marketplaces.generated import ItemFacts, ShopFacts, item_facts, shop_facts
from config.marketplaces.olist.source import Line, Order, Product, Source

CANCELLED = ("canceled", "unavailable")
NOT_YET_PAID = ("created",)


@dataclass(slots=True)
class Sale:
    """One unit: placed and paid (None: never) local, the price in cents."""

    placed: datetime
    paid: datetime | None
    price: int


@dataclass(slots=True)
class Goods:
    """One item; its sales in the order of their placing."""

    code: str
    seller: str
    product: Product
    title: str
    sales: list[Sale] = field(default_factory=list)
    freights: int = 0
    facts: ItemFacts | None = None

    def list_prices(self) -> list[tuple[int, datetime, datetime | None]]:
        """Return the list price's history: (cents, starts, ends).

        Olist has none, so a sale shows it: a price holds from the first sale at it to the next
        sale at another, the first one from the listing. Of two prices at one instant the lower.
        """
        steps: list[tuple[int, datetime]] = []
        for sale in self.sales:
            if not steps or (sale.price != steps[-1][0] and sale.placed > steps[-1][1]):
                steps.append((sale.price, sale.placed))
        starts = [self.facts.first_listed_at, *(placed for _price, placed in steps[1:])]
        ends = [*starts[1:], None]
        return [(step[0], *span) for step, *span in zip(steps, starts, ends, strict=True)]

    def paid_prices(self, low: datetime | None, high: datetime) -> list[int]:
        """Return the prices of the units paid in [low, high), in the order of their placing."""
        return [
            sale.price
            for sale in self.sales
            if sale.paid is not None and (low is None or low <= sale.paid) and sale.paid < high
        ]


@dataclass(slots=True)
class Shop:
    """One seller."""

    code: str
    name: str
    main_category: str
    facts: ShopFacts
    listed_at: datetime  # when its first item was
    goods: list[Goods]


class Shelves:
    """All sellers and items that were listed before the campaign's end, in the order of ids."""

    def __init__(self, source: Source, calendar: Calendar, seed: int) -> None:
        self.source = source
        self.calendar = calendar
        self.seed = seed
        self.orders: dict[str, list[Line]] = {}
        for line in source.lines:
            self.orders.setdefault(line.order, []).append(line)
        self.goods = self._goods()
        self.shops = self._shops()

    def draws(self, *names: object) -> Draws:
        """Return a stream of draws of this marketplace's own."""
        return Draws("olist", self.seed, *names)

    def _goods(self) -> dict[str, Goods]:
        found: dict[str, Goods] = {}
        for line in self.source.lines:
            order = self.source.orders.get(line.order)
            product = self.source.products.get(line.product)
            if order is None or product is None:
                continue
            code = item_code(line)
            goods = found.get(code)
            if goods is None:
                title = f"{pretty(product.category)} {line.product[:6]}"
                goods = found[code] = Goods(code, line.seller, product, title)
            goods.sales.append(Sale(order.placed, paid_at(order), line.price))
            goods.freights += line.freight
        listed = {}
        for code in sorted(found):
            goods = found[code]
            goods.sales.sort(key=lambda sale: (sale.placed, sale.price))
            goods.facts = item_facts(self.draws("item", code), goods.sales[0].placed)
            if goods.facts.first_listed_at < self.calendar.ends:
                listed[code] = goods
        return listed

    def _shops(self) -> dict[str, Shop]:
        by_seller: dict[str, list[Goods]] = {}
        for goods in self.goods.values():
            by_seller.setdefault(goods.seller, []).append(goods)
        found = {}
        for code in sorted(by_seller):
            goods = by_seller[code]
            city, state = self.source.sellers.get(code, ("", ""))
            units = sum(len(one.paid_prices(None, self.calendar.levels_frozen)) for one in goods)
            # The category of most of its units; of equals the first by name.
            sold: Counter[str] = Counter()
            for one in sorted(goods, key=lambda one: one.product.category):
                sold[one.product.category] += len(one.sales)
            found[code] = Shop(
                code=code,
                name=f"{city.title()} ({state}) {code[:6]}" if city else code[:6],
                main_category=sold.most_common(1)[0][0],
                facts=shop_facts(self.draws("seller", code), units),
                listed_at=min(one.facts.first_listed_at for one in goods),
                goods=goods,
            )
        return found

    def told(self, at: datetime) -> datetime:
        """Return when what happened `at` is fed: with the rest of the beginning, or that night."""
        if at <= self.calendar.facts_known:
            return self.calendar.facts_known
        return night_after(at)


def night_after(at: datetime) -> datetime:
    """Return the instant of the feed of that day's doings."""
    return datetime.combine(at.date(), datetime.min.time()) + timedelta(days=1, minutes=30)


def item_code(line: Line) -> str:
    """Return the code of an item: the product's id and its seller's."""
    return f"{line.product}-{line.seller}"


def pretty(category: str) -> str:
    """Return a category's name from its code."""
    return category.replace("_", " ").capitalize()


def paid_at(order: Order) -> datetime | None:
    """Return when an order was paid: its approval. 14 delivered ones have none: when placed."""
    if order.approved is not None or order.status in (*CANCELLED, *NOT_YET_PAID):
        return order.approved
    return order.placed


def cancelled_at(order: Order) -> datetime | None:
    """Return when a cancellation is told. Olist has no date of it: a day after the last step."""
    if order.status not in CANCELLED:
        return None
    return (order.shipped or order.approved or order.placed) + timedelta(days=1)
