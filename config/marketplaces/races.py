"""What shoppers put into carts, buy in presale and claim as red packets on a campaign's race days.

A folder of its own in a finished marketplace's, with a cover page like the marketplace's, drawn
from streams of its own: nothing else of the marketplace moves. Every file is one of `carts`.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from config.marketplaces.calendar import Calendar
from config.marketplaces.double12.calendar import Double12
from config.marketplaces.draws import Draws
from config.marketplaces.files import (
    Folder,
    Marketplace,
    instant,
    money,
    read_cover,
    read_plan,
    read_table,
)

FOLDER = "races"
KIND = "carts"
GENERATED = {
    "item_hour.cart_amount": "one unit or more in 10 to 60 % of the hours, by the time of day",
    "seller_day.cart_amount": "around 500.00; of shops in the cart incentive what their carts say",
    "seller_hour.cart_amount, presale_amount": "4 to 8 % of the day's in each evening hour",
    "item presale": "around 4 units a day at the filed price; less in most hours of the first day",
    "seller_day.red_packet_claimed_amount": "around 80.00 for 90 % of the shops",
}
# Of 100 items so many are put into a cart in an hour, by the hour of the day.
BUSY = (
    30, 15, 10, 10, 10, 10, 12, 20, 30, 40, 45, 45, 45, 45, 42, 42, 42, 42, 45, 50, 60, 60, 55, 45,
)  # fmt: skip
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
# How long after its end an hour, a day of sellers and a day of items are told.
TOLD, TOLD_SELLERS, TOLD_ITEMS = (timedelta(minutes=minutes) for minutes in (5, 10, 12))
UNKNOWN_PRICE = 5000


@dataclass(frozen=True)
class Filed:
    """One item that a seller filed: when, and its price in cents."""

    item: str
    seller: str
    at: datetime
    price: int


def write(folder: Path) -> Marketplace:
    """Write the races of a finished marketplace, of a 520 season or a Double 12, into its folder.

    Raises FileNotFoundError where the marketplace is not finished.
    """
    cover = read_cover(folder)
    if cover is None:
        raise FileNotFoundError(folder)
    out = Folder(folder / FOLDER)
    starts = date.fromisoformat(cover.starts)
    if (folder / "plan" / "uploads.csv").exists():
        _double12(out, folder, cover, Double12(starts))
    else:
        _carts_by_hour(out, cover, Calendar(starts), _filings(folder))
    races = replace(cover, feeds=[], generated=GENERATED, counts={})
    out.cover(races)
    return races


def _draws(cover: Marketplace, *names: object) -> Draws:
    return Draws(cover.name, cover.size, cover.seed, "races", *names)


def _filings(folder: Path) -> list[Filed]:
    """The items of a 520 season, at their first filing."""
    found: dict[str, Filed] = {}
    for row in read_plan(folder, "filings"):
        # Some file without a price, or with none that could be.
        cents = int(Decimal(row["activity_price"] or 0).scaleb(2))
        cents = cents if cents > 0 else UNKNOWN_PRICE
        one = Filed(row["item"], row["seller"], instant(row["at"]), cents)
        found.setdefault(one.item, one)
    return [found[item] for item in sorted(found)]


def _uploads(folder: Path, *, presale: bool) -> list[Filed]:
    """The items of a Double 12, at their first upload; of presale venues alone, or of all."""
    found: dict[str, Filed] = {}
    for row in read_plan(folder, "uploads"):
        if presale and not row["venue"].startswith("presale_"):
            continue
        for line in read_table(folder, row["path"]):
            cents = int(Decimal(line["price"]).scaleb(2))
            one = Filed(line["item"], row["seller"], instant(row["at"]), cents)
            found.setdefault(one.item, one)
    return [found[item] for item in sorted(found)]


def _hours(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += HOUR


def _carts_by_hour(out: Folder, cover: Marketplace, calendar: Calendar, filed: list[Filed]) -> None:
    """Items' carts of the two days up to the evening on which a 520 goes live (G520-048, 049)."""
    hours = list(_hours(calendar.at(0), calendar.at(2)))
    rows: dict[datetime, list[tuple]] = defaultdict(list)
    for one in filed:
        draws = _draws(cover, "carts", one.item)
        for hour in hours:
            units = draws.spread(2) + 1 if draws.percent(BUSY[hour.hour]) else 0
            if units and one.at < hour:
                rows[hour].append((one.item, hour, money(units * one.price)))
    for hour in hours:
        out.feed(hour + HOUR + TOLD, KIND, ("item", "hour", "cart_amount"), rows[hour])


def _double12(out: Folder, folder: Path, cover: Marketplace, calendar: Double12) -> None:
    presold = _presale(out, cover, calendar, _uploads(folder, presale=True))
    filed = _uploads(folder, presale=False)
    owners = {one.item: one.seller for one in filed}
    joined: dict[str, datetime] = {}
    for one in filed:
        joined[one.seller] = min(one.at, joined.get(one.seller, one.at))
    told = _told_carts(folder, cover, owners)
    by_seller: dict[tuple[str, datetime], int] = defaultdict(int)
    for (item, day), cents in presold.items():
        by_seller[owners[item], day] += cents
    days: dict[datetime, list[tuple]] = defaultdict(list)
    hours: dict[datetime, list[tuple]] = defaultdict(list)
    last = calendar.at(calendar.LIVE_DAY - 1)
    for seller in sorted(joined):
        draws = _draws(cover, "shop", seller)
        for number in range(calendar.LIVE_DAY):
            day = calendar.at(number)
            carts = draws.spread(50000 + 7500 * number)
            if seller in told:
                # The incentive counts what is put into carts (D12-117): it stays what it was.
                carts = told[seller].get(day.date(), 0)
            packets = draws.spread(8000) if draws.percent(90) else 0
            presale = by_seller[seller, day]
            if joined[seller] >= day:
                continue
            row = (seller, day.date(), money(carts), money(presale), money(packets))
            days[day].append(row)
            # On the last evening each hour is raced by the one before, the first by 17:00's
            # (D12-132).
            for hour in _hours(day + 17 * HOUR, day + DAY) if day == last else ():
                amounts = [
                    money(cents * draws.between(40, 80) // 1000) for cents in (carts, presale)
                ]
                hours[hour].append((seller, hour, *amounts))
    columns = ("seller", "day", "cart_amount", "presale_amount", "red_packet_claimed_amount")
    for day in sorted(days):
        out.feed(day + DAY + TOLD_SELLERS, KIND, columns, days[day])
    for hour in sorted(hours):
        columns = ("seller", "hour", "cart_amount", "presale_amount")
        out.feed(hour + HOUR + TOLD, KIND, columns, hours[hour])


def _presale(
    out: Folder, cover: Marketplace, calendar: Double12, filed: list[Filed]
) -> dict[tuple[str, datetime], int]:
    """Items' presale: by the hour on its first day, then by the day (D12-125 to 127).

    Nothing is sold before it opens. Returns the cents of each item and day.
    """
    first = calendar.at(calendar.CARTS)
    days = [first + number * DAY for number in range((calendar.at(calendar.LIVE_DAY) - first).days)]
    by_hour: dict[datetime, list[tuple]] = defaultdict(list)
    by_day: dict[datetime, list[tuple]] = defaultdict(list)
    found: dict[tuple[str, datetime], int] = defaultdict(int)
    for one in filed:
        draws = _draws(cover, "presale", one.item)
        for hour in _hours(first, first + DAY):
            units = draws.spread(1) + 1 if draws.percent(BUSY[hour.hour] // 2) else 0
            if units and one.at < hour:
                by_hour[hour].append((one.item, hour, money(units * one.price), units))
                found[one.item, first] += units * one.price
        for day in days[1:]:
            units = draws.spread(4)
            if units and one.at < day:
                by_day[day].append((one.item, day.date(), money(units * one.price), units))
                found[one.item, day] += units * one.price
    for hour in sorted(by_hour):
        columns = ("item", "hour", "presale_amount", "presale_quantity")
        out.feed(hour + HOUR + TOLD, KIND, columns, by_hour[hour])
    for day in sorted(by_day):
        columns = ("item", "day", "presale_amount", "presale_quantity")
        out.feed(day + DAY + TOLD_ITEMS, KIND, columns, by_day[day])
    return found


def _told_carts(
    folder: Path, cover: Marketplace, owners: dict[str, str]
) -> dict[str, dict[date, int]]:
    """Cents that the marketplace's own feeds say of the carts of a seller on a day."""
    found: dict[str, dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for feed in cover.feeds:
        if feed.kind == KIND and feed.lines:
            for row in read_table(folder, feed.path):
                day = instant(row["hour"]).date()
                cents = int(Decimal(row["cart_amount"]).scaleb(2))
                found[owners[row["item"]]][day] += cents
    return found
