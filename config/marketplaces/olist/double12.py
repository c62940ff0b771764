"""A Double 12 on Olist, whose sale day is Black Friday of 2017."""

import csv
from datetime import date
from pathlib import Path

from config.marketplaces import columns
from config.marketplaces.double12 import facts
from config.marketplaces.double12 import pages as plan_pages
from config.marketplaces.double12.calendar import Double12
from config.marketplaces.double12.stalls import Market, Stall, Ware
from config.marketplaces.double12.venues import Own
from config.marketplaces.files import Folder, Marketplace
from config.marketplaces.generated import GENERATED
from config.marketplaces.olist import pages, source
from config.marketplaces.olist.filings import Story
from config.marketplaces.olist.shelves import Goods, Shelves, Shop

# The sale day is 2017-11-24.
PREHEAT = date(2017, 11, 19)
# Only shops that sold so much in the three months before take part; of these so many of 100.
FEWEST, SHARE = 12, 90
# Facts of the general list that a Double 12 does not use.
UNUSED = ("registrations", "entry.tools", "changes during the campaign")


def _branches() -> dict[str, str]:
    file = Path(__file__).with_name("double12_branches.csv")
    with file.open(encoding="utf-8", newline="") as stream:
        return {
            category: row["branch"]
            for row in csv.DictReader(stream)
            for category in row["categories"].split()
        }


OWN = Own(
    branches=_branches(),
    volatile=("watches_gifts", "computers"),
    stock_exempt=("food", "food_drink", "flowers"),
    womens=("fashio_female_clothing", "fashion_bags_accessories"),
    stock=30,
    sales=1,
    operating="2.60",
    service="4.30",
)


def write(source_folder: Path, folder: Path, *, seed: int, starts: date = PREHEAT) -> Marketplace:
    """Write Olist's files as the marketplace of a Double 12; see `olist.write`."""
    from config.marketplaces.olist import ZONE

    calendar = Double12(starts)
    shelves = Shelves(source.read(Path(source_folder)), calendar, seed)
    out = Folder(Path(folder))
    pages.write_facts(out, shelves, Story())
    lines = pages.write_trade(out, shelves)
    market = _market(shelves, calendar)
    counts = plan_pages.write_plan(out, market)
    plan_pages.write_nights(out, market, columns.NIGHTLY)
    generated = {name: how for name, how in GENERATED.items() if name not in UNUSED}
    marketplace = Marketplace(
        name="olist",
        seed=seed,
        size="",
        zone=ZONE,
        starts=starts.isoformat(),
        title={"en": "Olist, Brazil", "zh-hans": "巴西 Olist"},
        generated={**generated, **facts.GENERATED},
        counts={
            "sellers": len(shelves.shops), "items": len(shelves.goods), "lines": lines, **counts
        },
    )  # fmt: skip
    out.cover(marketplace)
    return marketplace


def _market(shelves: Shelves, calendar: Double12) -> Market:
    low, high = calendar.at(calendar.TRADE), calendar.at(0)
    stalls = []
    for shop in shelves.shops.values():
        sold = sum(
            sale.paid is not None and low <= sale.placed < high
            for goods in shop.goods
            for sale in goods.sales
        )
        if sold >= FEWEST and shop.listed_at < calendar.at(-34):
            stalls.append(_stall(shelves, shop))
    return Market(
        calendar=calendar,
        draws=lambda *names: shelves.draws("double12", *names),
        stalls=stalls,
        share=SHARE,
        categories=sorted(shelves.source.categories),
    )


def _stall(shelves: Shelves, shop: Shop) -> Stall:
    return Stall(
        code=shop.code,
        main_category=shop.main_category,
        wares=[_ware(goods) for goods in shop.goods],
        known_at=shelves.told(shop.listed_at),
    )


def _ware(goods: Goods) -> Ware:
    category = goods.product.category
    return Ware(
        code=goods.code,
        category=category,
        branch=OWN.branch(category),
        presale=OWN.presale(category),
        stock=goods.facts.stock,
        listed_at=goods.facts.first_listed_at,
        price=goods.sales[0].price,
        sales=[(sale.placed, sale.price, 1) for sale in goods.sales if sale.paid is not None],
    )
