"""What the synthetic marketplace is made of while it is being made up."""

from dataclasses import dataclass, field
from datetime import date, datetime

from config.marketplaces.calendar import Calendar
from config.marketplaces.draws import Draws


@dataclass(frozen=True)
class Size:
    """How much of everything: shops, items, and order lines on an ordinary day."""

    name: str
    shops: int
    items: int
    lines_a_day: int
    # Shops that own more items than the largest ceilings allow (150, 300, 600) need room.
    big_shops: bool


SIZES = {
    "S": Size("S", 60, 800, 100, big_shops=False),
    "M": Size("M", 300, 5_000, 600, big_shops=True),
    "L": Size("L", 3_000, 60_000, 7_000, big_shops=True),
}


@dataclass(slots=True)
class PriceSpan:
    """A list price in cents in [starts, ends), as the list-price feed tells it."""

    price: int
    starts: datetime
    ends: datetime | None = None
    struck: bool = False
    known: datetime | None = None  # None: with the first feed

    def in_force(self, at: datetime) -> bool:
        """Whether it is in force at the instant."""
        return self.starts <= at and (self.ends is None or at < self.ends)


@dataclass(slots=True)
class Goods:
    """An item. Amounts in cents, weights in grams, volumes in cubic centimetres."""

    code: str
    shop: "Shop"
    title: str
    category: str
    industry: str
    stock: int
    first_listed_at: datetime | None
    ship_time_hours: int | None
    on_stock_list: bool | None
    recommended: bool | None
    volume: int | None
    weight: int | None
    free_shipping: bool | None
    cost_price: int | None
    brand_score: int | None
    scarcity_score: int | None
    theme_fit: int | None
    prices: list[PriceSpan] = field(default_factory=list)
    # How well it sells, and the sales that a borderline case prescribes instead.
    pull: int = 100
    sales: list[tuple[date, int]] | None = None
    case: str = ""

    def list_price(self, at: datetime) -> int | None:
        """The list price in force at the instant, the one that began last; struck ones never."""
        found = [span for span in self.prices if not span.struck and span.in_force(at)]
        return max(found, key=lambda span: span.starts).price if found else None

    def lowest(self, low: datetime, high: datetime) -> int | None:
        """The lowest list price in force or scheduled in [low, high) (G520-031)."""
        found = [
            span.price
            for span in self.prices
            if not span.struck and span.starts < high and (span.ends is None or low < span.ends)
        ]
        return min(found, default=None)


@dataclass(slots=True)
class Shop:
    """A seller and its story."""

    code: str
    name: str
    shop_type: str | None = "marketplace"
    marketing_rules_ok: bool | None = True
    dingtalk_activated: bool | None = True
    dingtalk_by_main_account: bool | None = True
    dingtalk_bound: bool | None = False
    one_click_closed: bool | None = False
    growth_level: int | None = 3
    industry_featured: bool | None = False
    operating_score: int | None = 400
    service_score: int | None = 450
    main_category: str = ""
    entity: str = ""
    agency: str = ""
    allotment: int | None = None
    # How many items it is given; None: its share of what is left.
    room: int | None = None
    pull: int = 100
    goods: list[Goods] = field(default_factory=list)
    joins_at: datetime | None = None
    known_at: datetime | None = None  # None: with the first feed
    case: str = ""


@dataclass
class World:
    """The whole marketplace: what is drawn and what has been made so far."""

    seed: int
    size: Size
    calendar: Calendar
    shops: list[Shop] = field(default_factory=list)

    @property
    def goods(self) -> list[Goods]:
        """Every item, shop by shop."""
        return [goods for shop in self.shops for goods in shop.goods]

    def draws(self, *names: object) -> Draws:
        """A stream of draws of this marketplace's own."""
        return Draws("synthetic", self.seed, self.size.name, *names)
