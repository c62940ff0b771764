"""Writes Olist down as feeds by the night on which each thing becomes known."""

import csv
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from config.marketplaces import columns
from config.marketplaces.files import Folder, money
from config.marketplaces.olist.filings import Filing, Story
from config.marketplaces.olist.shelves import (
    Goods,
    Shelves,
    Shop,
    cancelled_at,
    item_code,
    night_after,
    paid_at,
    pretty,
)
from config.marketplaces.olist.source import Line, Order


def write_facts(out: Folder, shelves: Shelves, story: Story) -> None:
    """Write categories, sellers, items and list prices, and what changes later."""
    known, ends = shelves.calendar.facts_known, shelves.calendar.ends
    categories, in_chinese = shelves.source.categories, _chinese_names()
    out.feed(
        known,
        "categories",
        columns.CATEGORIES,
        ((code, pretty(code), in_chinese.get(code), None, code) for code in categories),
    )
    shops: dict[datetime, list[Shop]] = {}
    for shop in shelves.shops.values():
        shops.setdefault(shelves.told(shop.listed_at), []).append(shop)
    for at in sorted(shops):
        out.feed(at, "sellers", columns.SELLERS, (_seller(shop, False) for shop in shops[at]))
    goods: dict[datetime, list[Goods]] = {}
    prices: dict[datetime, list[tuple]] = {}
    for one in shelves.goods.values():
        goods.setdefault(shelves.told(one.facts.first_listed_at), []).append(one)
        for at, row in _prices(shelves, one):
            prices.setdefault(at, []).append(row)
    for at in sorted(goods):
        out.feed(at, "items", columns.ITEMS, (_item(one) for one in goods[at]))
    for at in sorted(prices):
        if at <= night_after(ends):
            out.feed(at, "list_prices", columns.LIST_PRICES, prices[at])
    closings: dict[datetime, list[tuple]] = {}
    for at, shop, closed in story.shops:
        closings.setdefault(at, []).append(_seller(shop, closed))
    for at in sorted(closings):
        out.feed(at, "sellers", columns.SELLERS, closings[at])
    changes: dict[datetime, list[tuple]] = {}
    for at, one, hours in story.goods:
        changes.setdefault(at, []).append(_item(one, hours))
    for at in sorted(changes):
        out.feed(at, "items", columns.ITEMS, changes[at])


def write_trade(out: Folder, shelves: Shelves) -> int:
    """Write the orders: as they stood at the beginning, then every night those that moved."""
    calendar, orders = shelves.calendar, shelves.source.orders
    moved: dict[datetime, dict[str, None]] = {}
    for code in shelves.orders:
        order = orders.get(code)
        if order is None:
            continue
        for at in (order.placed, paid_at(order), order.shipped, cancelled_at(order)):
            if at is not None and at < calendar.ends:
                moved.setdefault(_told(shelves, at), {})[code] = None
    lines = 0
    for told in sorted(moved):
        rows = [row for code in moved[told] for row in _order(shelves, orders[code], told)]
        lines += len(rows)
        out.feed(told, "orders", columns.ORDERS, rows)
    return lines


def _told(shelves: Shelves, at: datetime) -> datetime:
    """When an order's change is told: on some days a minute after its hour, else at night."""
    if shelves.calendar.is_hourly(at.date()):
        return at.replace(minute=1, second=0, microsecond=0) + timedelta(hours=1)
    return shelves.told(at)


def write_plan(out: Folder, filed: list[Filing], story: Story) -> dict[str, int]:
    """Write what the sellers do; return the counts."""
    out.plan("allotments", columns.ALLOTMENTS, ())
    out.plan("cases", columns.CASES, ())
    out.plan("logins", columns.LOGINS, _logins(filed))
    filings = out.plan(
        "filings",
        columns.FILINGS,
        (
            (one.at, one.shop.code, one.goods.code, money(one.price), one.list_source, one.tools)
            for one in sorted(filed, key=lambda one: (one.at, one.shop.code, one.goods.code))
        ),
    )
    acts = out.plan(
        "acts",
        columns.ACTS,
        ((at, code, what, None, None) for at, code, what in sorted(story.acts)),
    )
    return {"filings": filings, "acts": acts}


def _chinese_names() -> dict[str, str]:
    """Our own Chinese names of Olist's categories, by their English codes."""
    file = Path(__file__).with_name("categories_zh.csv")
    with file.open(encoding="utf-8", newline="") as stream:
        return {row["code"]: row["name_zh"] for row in csv.DictReader(stream)}


def _logins(filed: list[Filing]) -> list[tuple]:
    """The seller that files most and the one in the middle."""
    by_seller = Counter(one.shop.code for one in filed)
    ranked = sorted(by_seller, key=lambda code: (-by_seller[code], code))
    return [("seller", ranked[0]), ("seller2", ranked[len(ranked) // 2])] if ranked else []


def _seller(shop: Shop, closed: bool) -> tuple:
    facts = shop.facts
    return (
        shop.code, shop.name, "shop", None, None, shop.main_category, facts.shop_type,
        facts.marketing_rules_ok, facts.dingtalk_activated, facts.dingtalk_by_main_account,
        facts.dingtalk_bound, closed or facts.one_click_closed, facts.growth_level,
        facts.industry_featured, money(facts.operating_score), None,
    )  # fmt: skip


def _item(goods: Goods, *changed: int | None) -> tuple:
    """A row of an item; `changed` is its shipping time after a change."""
    facts, product = goods.facts, goods.product
    hours = changed[0] if changed else facts.ship_time_hours
    return (
        goods.code, goods.seller, goods.title, product.category, product.category,
        facts.stock, facts.first_listed_at, facts.first_listed_at,
        hours, facts.on_stock_list, facts.recommended,
        None if product.volume is None else Decimal(product.volume).scaleb(-6),
        None if product.weight is None else Decimal(product.weight).scaleb(-3),
        goods.freights == 0, None, None, None, None,
    )  # fmt: skip


def _prices(shelves: Shelves, goods: Goods) -> Iterator[tuple[datetime, tuple]]:
    """Yield (when it is told, row) of the list price's history; an end is told when it is known."""
    for price, starts, ends in goods.list_prices():
        told = shelves.told(starts)
        closed = ends is not None and shelves.told(ends) <= told
        yield told, (goods.code, money(price), False, starts, ends if closed else None)
        if ends is not None and not closed:
            yield shelves.told(ends), (goods.code, money(price), False, starts, ends)


def _order(shelves: Shelves, order: Order, told: datetime) -> Iterator[tuple]:
    """Yield the lines of an order as it stands when it is `told`."""
    paid, cancelled = paid_at(order), cancelled_at(order)
    paid = paid if paid is not None and paid <= told else None
    shipped = order.shipped if order.shipped is not None and order.shipped <= told else None
    gone = cancelled is not None and cancelled <= told
    if gone:
        state = "closed" if paid is None else "refunded"
    elif shipped is not None and paid is not None:
        state = "shipped"
    else:
        state = "placed" if paid is None else "paid"
    for line in shelves.orders[order.code]:
        code = item_code(line)
        if code not in shelves.goods:
            continue
        amount = 0 if paid is None else line.price
        yield _line(order, line, state, paid, shipped, amount, amount if gone else 0)


def _line(
    order: Order,
    line: Line,
    state: str,
    paid: datetime | None,
    shipped: datetime | None,
    amount: int,
    refunded: int,
) -> tuple:
    return (
        order.code, line.number, order.buyer, order.code, state, order.placed, paid, shipped, None,
        None, line.seller, item_code(line), 1, money(line.price), money(amount), money(refunded),
        False,
    )  # fmt: skip
