"""A marketplace that is made up: the same for a seed and a size, on every machine."""

from datetime import date
from pathlib import Path

from config.marketplaces import columns
from config.marketplaces.calendar import PREHEAT_2023, Calendar
from config.marketplaces.files import Folder, Marketplace
from config.marketplaces.synthetic import cases, filings, happenings, pages, shops, stock
from config.marketplaces.synthetic.trade import Trade
from config.marketplaces.synthetic.world import SIZES, World

ZONE = "Asia/Shanghai"


def write(folder: Path, *, seed: int, size: str = "M", starts: date = PREHEAT_2023) -> Marketplace:
    """Write the marketplace of a seed and a size ("S", "M" or "L") into an empty folder.

    `starts` is the first day of the campaign's preheat. Returns the cover page. The same arguments
    give the same bytes; nothing is read from the machine, its clock or its settings.
    """
    world = World(seed, SIZES[size], Calendar(starts))
    shops.open_shops(world, shops.cases_of(world))
    stock.fill_shelves(world)
    showcase = list(cases.set_out(world))
    filings.join_up(world)
    trade = Trade(world)
    first = [*showcase, *filings.draw_up(world, trade)]
    out = Folder(Path(folder))
    pages.write_start(out, world)
    second = list(filings.second_tries(world, first))
    story = happenings.unfold(world, first, second)
    pages.write_changes(out, world, story)
    filed = [*first, *(filing for filing, _too_slow in second)]
    lines = pages.write_trade(out, world, trade, filed)
    out.nightly(world.calendar.nights(), columns.NIGHTLY)
    counts = pages.write_plan(out, world, filed, story)
    marketplace = Marketplace(
        name="synthetic",
        seed=seed,
        size=size,
        zone=ZONE,
        starts=starts.isoformat(),
        title={"en": "A made-up marketplace", "zh-hans": "虚构的市场"},
        counts={"sellers": len(world.shops), "items": len(world.goods), "lines": lines, **counts},
    )
    out.cover(marketplace)
    return marketplace
