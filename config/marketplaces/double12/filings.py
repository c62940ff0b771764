"""What sellers file in the venues of a Double 12, when, and at what price."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from config.marketplaces.double12.facts import ShopStory
from config.marketplaces.double12.stalls import Market, Stall, Ware
from config.marketplaces.draws import Draws, Wheel

OUTER = "outer"
# The price in percent of the lowest that the item sold at in 30 days; at 100 a branch refuses it.
PRICES = Wheel([(95, 34), (90, 30), (85, 14), (80, 10), (100, 8), (105, 4)])
OUTER_PRICES = Wheel([(100, 18), (95, 34), (90, 28), (85, 16), (105, 4)])
FEATURED = {
    "china_made": "china_made",
    "jiyoujia": "jiyoujia",
    "quality_plus": "quality_plus",
    "enterprise": "global_buys",
}
OTHERS = (
    "ifashion", "designers", "local_china", "handmade", "foodies", "young_style", "families",
    "daily_specials", "coin_market", "trials",
)  # fmt: skip
# The most items that a shop files in a kind of venue.
MOST = {"presale": 6, "outer": 8, "branch": 14, "late": 5}


@dataclass(slots=True)
class Upload:
    """One table that a seller uploads in a venue: pairs of an item and a price in cents."""

    at: datetime
    seller: str
    venue: str
    lines: list[tuple[str, int]]


@dataclass(slots=True)
class Filed:
    """What one shop files, and the items that it is invited with, by round of invitations."""

    uploads: list[Upload]
    invited: tuple[list[str], list[str]]


def draw_up(market: Market, stall: Stall, story: ShopStory) -> Filed:
    """Return everything that one shop files: presale, outer, branches, and outer again."""
    draws = market.draws("files", stall.code)
    shelf = _Shelf(market, stall, story, draws)
    presale = list(shelf.presale())
    outer, invited_early = shelf.outer_early()
    branches = list(shelf.branches())
    late, invited_late = shelf.outer_late()
    return Filed([*presale, *outer, *branches, *late], (invited_early, invited_late))


class _Shelf:
    """One shop choosing, venue after venue; what it has filed before steers what it files next."""

    def __init__(self, market: Market, stall: Stall, story: ShopStory, draws: Draws) -> None:
        self.market, self.stall, self.story, self.draws = market, stall, story, draws
        self.calendar = market.calendar
        self.used: dict[str, set[str]] = {"presale": set(), "outer": set(), "branch": set()}
        self.strong = draws.percent(55)

    def presale(self) -> Iterator[Upload]:
        """A third of the shops put a few items into presale (D12-029)."""
        if not self.draws.percent(34):
            return
        at = self._moment(self.calendar.PRESALE)
        chosen = self._choose(at, MOST["presale"], avoid=())
        self.used["presale"] = {ware.code for ware in chosen}
        yield from self._by_venue(at, chosen, lambda ware: ware.presale, OUTER_PRICES)

    def outer_early(self) -> tuple[list[Upload], list[str]]:
        """Invited shops file most of what they were invited with; others try free choices."""
        low, high = self.calendar.OUTER_EARLY
        if self.draws.percent(92):
            # Outer asks for the exam, so most file after its results (D12-081).
            low = max(low, min(self.story.exam_day + 1, high))
        at = self._moment((low, high))
        wares = self._choose(at, MOST["outer"], avoid=("presale",))
        invited = [ware.code for ware in wares] if self.strong else []
        if not self.strong and not (self.story.bonuses and self.draws.percent(70)):
            # A few try without either.
            wares = wares[:2] if self.draws.percent(12) else []
        wares = [ware for ware in wares if self.draws.percent(85)]
        more = self._choose(at, MOST["outer"] + 4, avoid=("presale",))
        if self.strong and self.story.bonuses:
            wares += [ware for ware in more if ware not in wares and self.draws.percent(40)]
        self.used["outer"] = {ware.code for ware in wares}
        return list(self._by_venue(at, wares, lambda _ware: OUTER, OUTER_PRICES)), invited

    def branches(self) -> Iterator[Upload]:
        """Most file in their industry's branch; some file an item in a featured one as well."""
        if not self.draws.percent(88):
            return
        low, high = self.calendar.BRANCH
        if self.draws.percent(90):
            # The branches ask for both rounds, so most file after their results (D12-047, 057).
            low = max(low, min(self.story.ready_day + 1, high))
        at = self._moment((low, high))
        chosen = self._choose(at, MOST["branch"], avoid=("presale",))
        chosen = [
            ware for ware in chosen if ware.code not in self.used["outer"] or self.draws.percent(45)
        ]
        self.used["branch"] = {ware.code for ware in chosen}
        yield from self._by_venue(at, chosen, lambda ware: ware.branch, PRICES)
        if chosen and self.draws.percent(40):
            mine = [FEATURED[code] for code in self.story.bonuses if code in FEATURED]
            venue = self.draws.one(mine or OTHERS)
            later = at + timedelta(hours=self.draws.between(2, 20))
            if later < self.calendar.at(self.calendar.BRANCH[1] + 1):
                again = chosen[: self.draws.between(1, 5)]
                yield from self._by_venue(later, again, lambda _ware: venue, PRICES)

    def outer_late(self) -> tuple[list[Upload], list[str]]:
        """After the branches' results: second invitations, free choices, cart places."""
        at = self._moment(self.calendar.OUTER_LATE)
        if not (self.story.enrols or self.draws.percent(45)):
            return [], []
        wares = self._choose(at, MOST["late"] + len(self.used["outer"]), avoid=("outer",))
        wares = wares[: MOST["late"]]
        invited = [ware.code for ware in wares] if self.strong and self.draws.percent(50) else []
        if not invited and not self.story.bonuses and not self.story.enrols:
            return [], []
        return list(self._by_venue(at, wares, lambda _ware: OUTER, OUTER_PRICES)), invited

    def _moment(self, days: tuple[int, int]) -> datetime:
        """An instant of a day among these, not before the shop has joined."""
        first = (self.story.joins_at.date() - self.calendar.starts).days + 1
        low, high = days
        day = self.draws.between(min(max(low, first), high), high)
        return self.calendar.at(day) + timedelta(seconds=self.draws.between(32400, 79200))

    def _choose(self, at: datetime, most: int, avoid: tuple[str, ...]) -> list[Ware]:
        """The items that sell best, and some that do not; a slip of 4 % files what it should not.

        Only what is known by then can be filed.
        """
        taken = set().union(*(self.used[kind] for kind in avoid)) if avoid else set()
        known = at - timedelta(days=2)
        found = []
        for ware in self.stall.wares:
            units, _lowest = ware.sold(at)
            if ware.listed_at >= known or (ware.code in taken and not self.draws.percent(4)):
                continue
            if units or self.draws.percent(10):
                found.append((-units, ware.code, ware))
        return [ware for _units, _code, ware in sorted(found)[:most]]

    def _by_venue(self, at, wares, venue_of, prices: Wheel) -> Iterator[Upload]:
        """One table for each venue; they come minutes after each other."""
        tables: dict[str, list[tuple[str, int]]] = {}
        for ware in wares:
            tables.setdefault(venue_of(ware), []).append((ware.code, self._price(at, ware, prices)))
        for number, (venue, lines) in enumerate(sorted(tables.items())):
            yield Upload(at + timedelta(minutes=3 * number), self.stall.code, venue, lines)

    def _price(self, at: datetime, ware: Ware, prices: Wheel) -> int:
        lowest = ware.sold(at)[1] or ware.price
        return max(1, lowest * prices.draw(self.draws) // 100)
