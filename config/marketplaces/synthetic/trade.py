"""What is sold: orders by the day, from two months before the campaign to its end."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.marketplaces.draws import Draws, Wheel
from config.marketplaces.synthetic.catalogue import REGIONS
from config.marketplaces.synthetic.world import Goods, World

DESTINATIONS = Wheel(list(REGIONS))
QUANTITIES = Wheel([(1, 86), (2, 10), (3, 3), (5, 1)])
LINES = Wheel([(1, 70), (2, 20), (3, 8), (4, 2)])
# An ordinary hour's share of a day's orders, midnight first.
HOURS = Wheel(list(enumerate((
    12, 7, 4, 2, 2, 3, 8, 16, 30, 48, 60, 56, 48, 46, 50, 52, 50, 48, 52, 66, 84, 88, 68, 34,
))))  # fmt: skip
# How one order ends.
FATES = Wheel([("shipped", 930), ("paid", 15), ("closed", 25), ("refunded", 30)])
# What a buyer pays of the list price, in percent: coupons, small offers.
PAID_SHARES = Wheel([(100, 70), (95, 12), (90, 12), (85, 6)])


@dataclass(slots=True)
class Sale:
    """Units of one item in one order, before prices are known."""

    goods: Goods
    quantity: int


@dataclass(slots=True)
class Basket:
    """One order: what is in it, when, and how it ends."""

    placed: datetime
    sales: list[Sale]
    fate: str
    buyer: str
    region: str
    share: int
    abnormal: bool
    hours_to_ship: int


class Trade:
    """The orders of every day, drawn once; prices come when they are written down."""

    def __init__(self, world: World) -> None:
        self.world = world
        goods = [one for one in world.goods if one.sales is None]
        self._wheel = Wheel([(one, one.pull) for one in goods])
        self._shelves = {
            shop.code: Wheel([(one, one.pull) for one in shop.goods if one.sales is None])
            for shop in world.shops
            if any(one.sales is None for one in shop.goods)
        }
        self._scripted: dict[date, list[Sale]] = {}
        for one in world.goods:
            for day, quantity in one.sales or ():
                self._scripted.setdefault(day, []).append(Sale(one, quantity))
        self.days = {
            world.calendar.starts + timedelta(days=offset): self._day(offset)
            for offset in range(world.calendar.TRADE, world.calendar.END)
        }

    def units_before(self, day: date, days: int = 30) -> Counter[str]:
        """Return the paid units by item code in the `days` whole days before `day`."""
        found: Counter[str] = Counter()
        for back in range(1, days + 1):
            for basket in self.days.get(day - timedelta(days=back), ()):
                if basket.fate == "closed":
                    continue
                for sale in basket.sales:
                    found[sale.goods.code] += sale.quantity
        return found

    def _day(self, offset: int) -> list[Basket]:
        day = self.world.calendar.starts + timedelta(days=offset)
        draws = self.world.draws("trade", offset)
        busy = 100 + 15 * (day.weekday() >= 5) + 20 * (offset >= 0)
        live = self.world.calendar.LIVE_DAY
        if offset > live:
            busy += 80
        elif offset == live:
            busy += 50
        wanted = self.world.size.lines_a_day * busy // 100
        baskets = []
        while wanted > 0:
            basket = self._basket(draws, day, offset)
            if basket.sales:
                baskets.append(basket)
            wanted -= max(1, len(basket.sales))
        for sale in self._scripted.get(day, ()):
            basket = self._shell(draws, datetime.combine(day, time(12)))
            basket.fate, basket.abnormal, basket.sales = "shipped", False, [sale]
            baskets.append(basket)
        baskets.sort(key=lambda basket: basket.placed)
        return baskets

    def _shell(self, draws: Draws, placed: datetime) -> Basket:
        return Basket(
            placed=placed,
            sales=[],
            fate=FATES.draw(draws),
            buyer=f"B{draws.below(self.world.size.lines_a_day * 40) + 1:07}",
            region=DESTINATIONS.draw(draws),
            share=PAID_SHARES.draw(draws),
            abnormal=draws.permille(6),
            hours_to_ship=draws.between(4, 46),
        )

    def _basket(self, draws: Draws, day: date, offset: int) -> Basket:
        hour = HOURS.draw(draws)
        calendar = self.world.calendar
        if offset == calendar.LIVE_DAY and draws.percent(45):
            hour = calendar.LIVE_HOUR  # the rush of the first live hour
        seconds = hour * 3600 + draws.below(3600)
        basket = self._shell(draws, datetime.combine(day, time()) + timedelta(seconds=seconds))
        first = self._wheel.draw(draws)
        chosen = {first.code: first}
        for _line in range(LINES.draw(draws) - 1):
            # Most further lines come from the same shop's shelves.
            wheel = self._shelves[first.shop.code] if draws.percent(80) else self._wheel
            other = wheel.draw(draws)
            chosen.setdefault(other.code, other)
        for one in chosen.values():
            if one.first_listed_at is None or one.first_listed_at <= basket.placed:
                basket.sales.append(Sale(one, QUANTITIES.draw(draws)))
        return basket


def numbered(trade: Trade) -> Iterator[tuple[date, list[tuple[str, Basket]]]]:
    """Yield each day with its orders and their codes."""
    for day, baskets in trade.days.items():
        yield day, [(f"O{day:%y%m%d}{n:06}", basket) for n, basket in enumerate(baskets, 1)]
