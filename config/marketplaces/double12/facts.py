"""Facts of a Double 12 that neither marketplace has, and what its shops do; all from the seed."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from config.marketplaces.double12.stalls import Market, Stall
from config.marketplaces.draws import Draws, Wheel

# What the cover page says of them.
GENERATED = {
    "seller.qualifications": "gold_medal 14 %, enterprise 12 %, quality_plus 9 %, jiyoujia 6 %, "
    "china_made 9 %, seven_day_return 85 %",
    "seller.deposit_amount": "1,000.00 or more for 88 %",
    "seller.credit_level": "3 to 14; below 6 for a sixth",
    "seller.cart_amount_reference": "2,000.00 to 9,000.00",
    "seller.main_category_change": "2.5 % change it in the campaign, half of them by the platform",
    "item.has_mobile_detail": "true for 90 %",
    "violations": "3 % of the sellers had some this year, 3 % get one in the campaign, most "
    "of these with an item",
    "carts": "12 days of carts for every seller that enrols in the incentive; 55 % of them reach "
    "their reference",
    "rounds": "65 % apply for the pre-selection in its first window, most others in the second; "
    "86 % of them pass; 92 % pass the exam",
    "shop tools": "94 % set a red packet and 93 % cash-back; 5 % cancel one, half of these set it "
    "again",
    "invitations": "by CSV for every second shop, up to 8 items each, and a second round",
    "feeds": "the declared facts stay away for three nights, so that the breaker asks",
    "filings": "a CSV for each shop and venue; prices by share of what the item sold for",
}  # fmt: skip

BONUSES = (
    ("gold_medal", 14), ("enterprise", 12), ("quality_plus", 9), ("jiyoujia", 6), ("china_made", 9),
)  # fmt: skip
KINDS = Wheel(
    [("not_as_described", 40), ("image_theft", 20), ("false_material", 20), ("fake_trade", 20)]
)
OLD_KINDS = Wheel([("prohibited", 45), ("quality_check", 30), ("counterfeit", 25)])
# What is set, from which day on.
TOOLS = (("shop_red_packet", 94, -38), ("cashback", 93, -38))


@dataclass(slots=True)
class Breach:
    """One violation; `told` is when it is fed, `mended` when it is withdrawn (None: never)."""

    told: datetime
    code: str
    item: str
    category: str
    severity: str
    points: int
    penalised_at: datetime
    mended: datetime | None = None


@dataclass
class ShopStory:
    """What a shop is, and what it does beside filing."""

    joins_at: datetime
    bonuses: list[str]
    seven_days: bool
    deposit: int
    credit: int
    reference: int
    applies_at: datetime | None
    exam: str  # passed, failed, or "" for who does not sit it
    exam_day: int
    # The day on which the results of both rounds are there.
    ready_day: int
    enrols: bool
    reaches: bool
    # (at, tool, set or cancelled)
    tools: list[tuple[datetime, str, str]] = field(default_factory=list)
    breaches: list[Breach] = field(default_factory=list)
    # (told, new main category, own or platform)
    category: tuple[datetime, str, str] | None = None


def story_of(market: Market, stall: Stall) -> ShopStory:
    """Draw a shop's story."""
    draws, calendar = market.draws("story", stall.code), market.calendar
    low, high = calendar.JOINS
    known = (stall.known_at.date() - calendar.starts).days + 1
    day = max(draws.between(low, high), draws.between(low, high) if draws.percent(15) else low)
    joins = calendar.at(max(day, known)) + timedelta(seconds=draws.between(32400, 75600))
    applies, exam_day = _applies(draws, calendar, joins), _exam_day(draws, calendar, joins)
    (first, decided), (_second, later) = calendar.PRESELECTION, calendar.SUPPLEMENT
    is_first = applies is not None and applies < calendar.at(first[1] + 1)
    story = ShopStory(
        joins_at=joins,
        bonuses=[code for code, share in BONUSES if draws.percent(share)],
        seven_days=draws.percent(85),
        deposit=draws.one((100000, 100000, 200000, 300000))
        if draws.percent(88)
        else draws.between(0, 999) * 100,
        credit=draws.between(6, 14) if draws.percent(84) else draws.between(3, 5),
        reference=draws.between(20, 90) * 10000,
        applies_at=applies,
        exam="passed" if draws.percent(92) else ("failed" if draws.percent(60) else ""),
        exam_day=exam_day,
        ready_day=max(exam_day, decided if is_first else later),
        enrols=draws.percent(30),
        reaches=draws.percent(55),
    )
    _tools(draws, calendar, joins, story)
    _breaches(draws, calendar, stall, story)
    if draws.permille(25):
        at = calendar.at(draws.between(-20, 3), 12)
        others = [code for code in market.categories if code != stall.main_category]
        story.category = (at, draws.one(others), draws.one(("own", "platform")))
    return story


def _applies(draws: Draws, calendar, joins: datetime) -> datetime | None:
    chance = draws.below(100)
    (low, high), _decided = calendar.PRESELECTION if chance < 65 else calendar.SUPPLEMENT
    at = calendar.at(draws.between(low, high)) + timedelta(seconds=draws.between(30000, 80000))
    if at <= joins:
        (low, high), _decided = calendar.SUPPLEMENT
        at = calendar.at(draws.between(low, high), 15, 20)
    return at if chance < 92 and at > joins else None


def _exam_day(draws: Draws, calendar, joins: datetime) -> int:
    """The first day of results after joining, a later one for some."""
    days = [day for day in calendar.EXAMS if calendar.at(day) > joins]
    return days[0] if draws.percent(88) or len(days) < 2 else days[1]


def _tools(draws: Draws, calendar, joins: datetime, story: ShopStory) -> None:
    for code, share, first in TOOLS:
        if not draws.percent(share):
            continue
        at = max(calendar.at(first, 10), joins) + timedelta(hours=draws.between(1, 20))
        story.tools.append((at, code, "set"))
        if draws.permille(25):
            gone = calendar.at(draws.between(-11, 3), 13)
            if gone > at:
                story.tools.append((gone, code, "cancelled"))
                if draws.percent(50):
                    story.tools.append((gone + timedelta(hours=26), code, "set"))


def _breaches(draws: Draws, calendar, stall: Stall, story: ShopStory) -> None:
    if draws.permille(30):
        kind = OLD_KINDS.draw(draws)
        year = datetime(calendar.starts.year, 1, 1)  # noqa: DTZ001 - local by definition
        days = max(1, (calendar.facts_known - year).days - 1)
        at = year + timedelta(days=draws.between(0, days), hours=10)
        points = 0 if kind == "counterfeit" else draws.one((2, 4, 6, 12))
        severity = draws.one(("general", "serious"))
        story.breaches.append(
            Breach(calendar.facts_known, f"V-{stall.code[:20]}-1", "", kind, severity, points, at)
        )
    if draws.permille(30):
        at = calendar.at(draws.between(-18, 3), 12)
        of_shop = draws.percent(30)
        item = "" if of_shop or not stall.wares else draws.one(stall.wares).code
        mended = at + timedelta(hours=30) if draws.percent(25) else None
        story.breaches.append(
            Breach(at, f"V-{stall.code[:20]}-2", item, KINDS.draw(draws), "general", 2, at, mended)
        )
