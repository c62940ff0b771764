"""The Olist marketplace: real orders of Brazil, 2016 to 2018, as this software's feeds.

Source: "Brazilian E-Commerce Public Dataset by Olist" on Kaggle, https://www.kaggle.com/olistbr.
"""

from datetime import date
from pathlib import Path

from config.marketplaces import columns
from config.marketplaces.calendar import Calendar
from config.marketplaces.files import Folder, Marketplace
from config.marketplaces.generated import GENERATED
from config.marketplaces.olist import filings, pages, source
from config.marketplaces.olist.shelves import Shelves

ZONE = "America/Sao_Paulo"
PREHEAT = date(2018, 5, 15)
WHERE_TO_GET_IT = (
    'The files are the "Brazilian E-Commerce Public Dataset by Olist" on Kaggle: '
    "olist_orders_dataset.csv, olist_order_items_dataset.csv, olist_products_dataset.csv, "
    "olist_sellers_dataset.csv and product_category_name_translation.csv, "
    "each as it is or as .csv.gz"
)


def write(source_folder: Path, folder: Path, *, seed: int, starts: date = PREHEAT) -> Marketplace:
    """Write the Olist files of a folder as a marketplace's folder; return its cover page.

    What Olist has is taken from it, local to Brazil; what it lacks is drawn from the seed
    (`GENERATED`). `starts` is the first day of the campaign's preheat; nothing that Olist shows
    after the campaign's end is used. Raises `source.Unreadable` for a file or a line that is not
    Olist's.
    """
    calendar = Calendar(starts)
    found = source.read(Path(source_folder))
    shelves = Shelves(found, calendar, seed)
    filed = list(filings.draw_up(shelves))
    story = filings.unfold(shelves, filed)
    out = Folder(Path(folder))
    pages.write_facts(out, shelves, story)
    lines = pages.write_trade(out, shelves)
    out.nightly(calendar.nights(), columns.NIGHTLY)
    counts = pages.write_plan(out, filed, story)
    marketplace = Marketplace(
        name="olist",
        seed=seed,
        size="",
        zone=ZONE,
        starts=starts.isoformat(),
        title={"en": "Olist, Brazil", "zh-hans": "巴西 Olist"},
        generated=GENERATED,
        counts={
            "sellers": len(shelves.shops), "items": len(shelves.goods), "lines": lines, **counts
        },
    )  # fmt: skip
    out.cover(marketplace)
    return marketplace
