"""Shops and items as the plan of a Double 12 sees them, whichever marketplace they come from."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.marketplaces.double12.calendar import Double12
from config.marketplaces.draws import Draws

# So many days back sales count for the price and the sales standard (D12-059, 061).
WINDOW = 30


@dataclass(slots=True)
class Ware:
    """One item; its sales are (when placed, cents, units), in order."""

    code: str
    category: str
    branch: str  # the industry branch that it belongs to
    presale: str
    stock: int
    listed_at: datetime
    price: int  # cents, when nothing was sold
    sales: list[tuple[datetime, int, int]] = field(default_factory=list)

    def sold(self, at: datetime) -> tuple[int, int | None]:
        """Return (units, lowest price in cents) of the 30 days before an instant's day."""
        high = datetime.combine(at.date(), datetime.min.time())
        low = high - timedelta(days=WINDOW)
        found = [(units, price) for when, price, units in self.sales if low <= when < high]
        return sum(units for units, _price in found), min(
            (price for _units, price in found), default=None
        )


@dataclass(slots=True)
class Stall:
    """One shop with its items."""

    code: str
    main_category: str
    wares: list[Ware]
    known_at: datetime


@dataclass
class Market:
    """All shops; `draws` gives a stream by its names. `share` of 100 shops take part."""

    calendar: Double12
    draws: Callable[..., Draws]
    stalls: list[Stall]
    share: int
    categories: list[str]  # those that shops have as their main one
