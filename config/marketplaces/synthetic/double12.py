"""A Double 12 on the made-up marketplace."""

from datetime import date
from pathlib import Path

from config.marketplaces import columns
from config.marketplaces.double12 import facts
from config.marketplaces.double12 import pages as plan_pages
from config.marketplaces.double12.calendar import PREHEAT_2015, Double12
from config.marketplaces.double12.stalls import Market, Stall, Ware
from config.marketplaces.double12.venues import Own
from config.marketplaces.files import Folder, Marketplace
from config.marketplaces.synthetic import pages, shops, stock
from config.marketplaces.synthetic.catalogue import LEAF, LEAVES
from config.marketplaces.synthetic.trade import Trade
from config.marketplaces.synthetic.world import SIZES, Goods, World

SHARE = 94
ROOTS = {
    "women": "women",
    "men": "men",
    "underwear": "lingerie",
    "shoes": "shoes",
    "bags": "bags",
    "jewellery": "accessories",
    "watches": "accessories",
    "beauty": "beauty",
    "flowers": "farm",
    "gifts": "household",
    "digital": "digital",
    "home": "home_textiles",
    "furniture": "furniture",
    "appliances": "appliances",
    "food": "food",
    "global_purchase": "global_buys",
    "virtual": "virtual_life",
}
OWN = Own(
    branches={leaf.code: ROOTS[leaf.root] for leaf in LEAVES},
    volatile=("virtual", "digital", "jewellery"),
    stock_exempt=("food", "virtual"),
    womens=("women",),
    stock=60,
    sales=1,
    operating="2.60",
    service="4.30",
)


def write(folder: Path, *, seed: int, size: str = "M", starts: date = PREHEAT_2015) -> Marketplace:
    """Write the made-up marketplace of a Double 12; see `synthetic.write`."""
    from config.marketplaces.synthetic import ZONE

    calendar = Double12(starts)
    world = World(seed, SIZES[size], calendar)
    shops.open_shops(world, ())
    stock.fill_shelves(world)
    trade = Trade(world)
    out = Folder(Path(folder))
    pages.write_start(out, world)
    lines = pages.write_trade(out, world, trade, [])
    market = _market(world, trade, calendar)
    counts = plan_pages.write_plan(out, market)
    plan_pages.write_nights(out, market, columns.NIGHTLY)
    marketplace = Marketplace(
        name="synthetic",
        seed=seed,
        size=size,
        zone=ZONE,
        starts=starts.isoformat(),
        title={"en": "A made-up marketplace", "zh-hans": "虚构的市场"},
        generated=facts.GENERATED,
        counts={"sellers": len(world.shops), "items": len(world.goods), "lines": lines, **counts},
    )
    out.cover(marketplace)
    return marketplace


def _market(world: World, trade: Trade, calendar: Double12) -> Market:
    sales: dict[str, list[tuple]] = {}
    for day in trade.days:
        for basket in trade.days[day]:
            if basket.fate == "closed" or basket.abnormal:
                continue
            for sale in basket.sales:
                price = pages.unit_price(sale.goods, basket)
                sales.setdefault(sale.goods.code, []).append((basket.placed, price, sale.quantity))
    return Market(
        calendar=calendar,
        draws=lambda *names: world.draws("double12", *names),
        stalls=[
            Stall(
                code=shop.code,
                main_category=shop.main_category,
                wares=[_ware(one, sales.get(one.code, [])) for one in shop.goods],
                known_at=calendar.facts_known,
            )
            for shop in world.shops
        ],
        share=SHARE,
        categories=sorted(LEAF),
    )


def _ware(goods: Goods, sales: list[tuple]) -> Ware:
    return Ware(
        code=goods.code,
        category=goods.category,
        branch=OWN.branch(goods.category),
        presale=OWN.presale(goods.category),
        stock=goods.stock,
        listed_at=goods.first_listed_at,
        price=goods.prices[-1].price,
        sales=sales,
    )
