"""Items that stand on the border of a rule, on either side of it, and how each is filed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.marketplaces.synthetic.stock import make_plain, new_goods
from config.marketplaces.synthetic.world import Goods, PriceSpan, World

TOOL = "cross_shop_reduction"
STOCK, RECOMMENDED = "stock_list", "recommended_list"
CASES_FILED = -10  # days from the first day of the preheat


@dataclass(slots=True)
class Filing:
    """One item that its seller files: the price in cents, None where the field stays blank."""

    at: datetime
    goods: Goods
    price: int | None
    list_source: str | None = STOCK
    tools: tuple[str, ...] = (TOOL,)


@dataclass(frozen=True)
class Case:
    """What is special about an item; `shape` makes it so, the rest says how it is filed.

    `price` is added to the lowest list price of the window, in cents; None leaves it blank.
    """

    name: str
    category: str = "tops"
    shape: Callable[[World, Goods], None] | None = None
    price: int | None = 0
    fixed_price: int | None = None
    list_source: str | None = STOCK
    tools: tuple[str, ...] = (TOOL,)


def _set(**values: object) -> Callable[[World, Goods], None]:
    """A shape that sets columns."""

    def shape(_world: World, goods: Goods) -> None:
        for name, value in values.items():
            setattr(goods, name, value)

    return shape


def _aged(days: int | None, *sold: tuple[int, int]) -> Callable[[World, Goods], None]:
    """A shape: first listed `days` before it is filed; `sold` pairs days before and units."""

    def shape(world: World, goods: Goods) -> None:
        filed = world.calendar.at(CASES_FILED)
        goods.first_listed_at = (
            None if days is None else filed - timedelta(days=days) + timedelta(hours=9)
        )
        goods.sales = [((filed - timedelta(days=back)).date(), units) for back, units in sold]
        goods.prices = [PriceSpan(8800, goods.first_listed_at or world.calendar.at(-60))]

    return shape


def _priced(*spans: tuple, struck: tuple[int, ...] = ()) -> Callable[[World, Goods], None]:
    """A shape: list prices (cents, start, end), each instant (days, hour, minute, second)."""

    def shape(world: World, goods: Goods) -> None:
        at = world.calendar.at
        listed = goods.first_listed_at
        goods.prices = [
            PriceSpan(price, at(*start) if start else listed, at(*end) if end else None)
            for price, start, end in spans
        ] + [PriceSpan(price, listed, struck=True) for price in struck]

    return shape


CASES = (
    Case("price at the lowest list price", shape=_priced((8800, None, None))),
    Case("price a cent above the lowest list price", shape=_priced((8800, None, None)), price=1),
    Case(
        "price at a list price scheduled inside the window",
        shape=_priced((12000, None, (4,)), (8800, (4,), None)),
    ),
    Case(
        "price a cent above a list price scheduled inside the window",
        shape=_priced((12000, None, (4,)), (8800, (4,), None)),
        price=1,
    ),
    Case(
        "a lower list price ended as the window opened",
        shape=_priced((6000, None, (-6,)), (8800, (-6,), None)),
    ),
    Case(
        "a lower list price ended at 23:59:59 before the window",
        shape=_priced((6000, None, (-7, 23, 59, 59)), (8800, (-7, 23, 59, 59), None)),
    ),
    Case(
        "a lower list price still in force as the window opened",
        shape=_priced((6000, None, (-6, 0, 0, 1)), (8800, (-6, 0, 0, 1), None)),
        fixed_price=8800,
    ),
    Case(
        "struck-through price above the list price",
        shape=_priced((15000, None, None), struck=(20000,)),
    ),
    Case(
        "struck-through price below the list price",
        shape=_priced((15000, None, None), struck=(10000,)),
    ),
    Case("price left blank", price=None),
    Case("price of nothing", fixed_price=0),
    Case("gold above its lowest list price", "gold_jewellery", price=5000),
    Case("shipping time at the limit", shape=_set(ship_time_hours=48)),
    Case("shipping time an hour over the limit", shape=_set(ship_time_hours=49)),
    Case("shipping time not set", shape=_set(ship_time_hours=None)),
    Case("flowers at their limit", "fresh_flowers", _set(ship_time_hours=24)),
    Case("flowers an hour over their limit", "fresh_flowers", _set(ship_time_hours=25)),
    Case("sofa at its limit", "sofas", _set(ship_time_hours=120)),
    Case("sofa an hour over its limit", "sofas", _set(ship_time_hours=121)),
    Case("made to order at its limit", "custom_gifts", _set(ship_time_hours=168)),
    Case("made to order an hour over its limit", "custom_gifts", _set(ship_time_hours=169)),
    Case("listed 29 days, none sold", shape=_aged(29)),
    Case("listed 30 days, none sold", shape=_aged(30)),
    Case("listed 31 days, none sold", shape=_aged(31)),
    Case("listed 31 days, one sold", shape=_aged(31, (3, 1))),
    Case("listed 31 days, one sold 30 days ago", shape=_aged(31, (30, 1))),
    Case("listed 31 days, one sold 31 days ago", shape=_aged(31, (31, 1))),
    Case("first listing not known, none sold", shape=_aged(None)),
    Case("on no list", shape=_set(on_stock_list=False, recommended=False)),
    Case("on the recommended list only", shape=_set(on_stock_list=False, recommended=True),
         list_source=RECOMMENDED),
    Case("on both lists", shape=_set(on_stock_list=True, recommended=True),
         list_source=RECOMMENDED),
    Case("filed from a list it is not on", shape=_set(on_stock_list=True, recommended=False),
         list_source=RECOMMENDED),
    Case("without the mandatory tool", tools=()),
    Case("category without the mandatory tool", "prepaid_cards", tools=()),
    Case("0.6 m³ and 20 kg", "lamps", _set(volume=600_000, weight=20_000)),
    Case("0.601 m³", "lamps", _set(volume=601_000, weight=20_000)),
    Case("20.001 kg", "lamps", _set(volume=600_000, weight=20_001)),
    Case("imported, not shipped free", "imported_food", _set(free_shipping=False)),
    # What happens to these later is told in happenings.py.
    Case("group-buy price equal", shape=_priced((8800, None, None))),
    Case("group-buy price unequal", shape=_priced((8800, None, None))),
    Case("group-buy price unequal, then corrected", shape=_priced((8800, None, None))),
    Case("shipping time broken, then mended"),
    Case("shipping time broken for good"),
    Case("list price cut below the campaign price", shape=_priced((8800, None, None))),
    Case("campaign price cut", shape=_priced((8800, None, None))),
    Case("sold above the campaign price while live", shape=_priced((8800, None, None))),
    Case("withdrawn by its seller"),
)  # fmt: skip


def set_out(world: World) -> Iterator[Filing]:
    """Give the showcase shop one item for every case, and yield how each is filed."""
    shop = world.shops[0]
    filed = world.calendar.at(CASES_FILED, 10)
    for number, case in enumerate(CASES, 1):
        draws = world.draws("case", case.name)
        goods = new_goods(world, shop, draws, f"I9{number:06}", case.category)
        make_plain(world, goods, every=1)
        if case.shape is not None:
            case.shape(world, goods)
        goods.case = case.name
        shop.goods.append(goods)
        yield Filing(filed, goods, _price(world, goods, case), case.list_source, case.tools)


def _price(world: World, goods: Goods, case: Case) -> int | None:
    if case.price is None or case.fixed_price is not None:
        return case.fixed_price
    lowest = goods.lowest(world.calendar.window_opens, world.calendar.ends)
    return lowest + case.price
