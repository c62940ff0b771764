"""The campaigns that can be demonstrated: a rulebook, its dates, and how a marketplace lives it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from config.marketplaces import olist, synthetic
from config.marketplaces.calendar import PREHEAT_2023, Calendar
from config.marketplaces.double12.calendar import PREHEAT_2015, Double12
from config.marketplaces.double12.venues import Own
from config.marketplaces.files import Marketplace
from config.marketplaces.olist import double12 as olist_double12
from config.marketplaces.synthetic import double12 as synthetic_double12


@dataclass(frozen=True)
class Season:
    """One campaign. `synthetic` and `olist` are each (first day of the preheat, writer, own values
    put into the rulebook or None); `file` begins the names of what is made of it."""

    title: str
    rulebook: str
    file: str
    code: str
    seed: int
    calendar: type[Calendar]
    synthetic: tuple[date, Callable[..., Marketplace], Own | None]
    olist: tuple[date, Callable[..., Marketplace], Own | None]

    def of(self, source: Path | None) -> tuple[date, Callable[..., Marketplace], Own | None]:
        """What holds for a marketplace: Olist's if there is a folder of it."""
        return self.synthetic if source is None else self.olist


SEASONS = {
    "520": Season(
        title="the 520 season of 2023",
        rulebook="g520-2023",
        file="",
        code="g520",
        seed=520,
        calendar=Calendar,
        synthetic=(PREHEAT_2023, synthetic.write, None),
        olist=(olist.PREHEAT, olist.write, None),
    ),
    "double12": Season(
        title="the Double 12 of 2015",
        rulebook="double12-2015",
        file="double12-",
        code="double12",
        seed=1212,
        calendar=Double12,
        synthetic=(PREHEAT_2015, synthetic_double12.write, synthetic_double12.OWN),
        olist=(olist_double12.PREHEAT, olist_double12.write, olist_double12.OWN),
    ),
}
