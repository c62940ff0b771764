"""The races' figures: drawn beside a marketplace, from the seed, in files that the feeds take."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest

from config.marketplaces import races, synthetic
from config.marketplaces.files import instant
from config.marketplaces.olist import double12 as olist
from config.marketplaces.synthetic import double12 as made_up
from sellers.feeds.loading import load_file
from sellers.models import SellerDay
from sellers.rollups import roll_up
from tests.config.marketplaces import double12 as sample
from tests.config.marketplaces.folders import cover_feeds, digest, plan, read, rows
from tests.times import local

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Marketplaces with their races: the 520's, a Double 12's, and Olist's Double 12."""
    base = tmp_path_factory.mktemp("races")
    synthetic.write(base / "520", seed=520, size="S")
    made_up.write(base / "double12", seed=1212, size="S")
    olist.write(sample.lay_out(base / "source"), base / "olist", seed=1212)
    found = {name: base / name for name in ("520", "double12", "olist")}
    for folder in found.values():
        before = digest(folder)
        races.write(folder)
        (folder / races.FOLDER).rename(base / "aside")
        # The marketplace itself is as it was.
        assert digest(folder) == before
        (base / "aside").rename(folder / races.FOLDER)
    return found


@pytest.fixture(params=["520", "double12", "olist"])
def folder(folders, request):
    """One of them."""
    return folders[request.param]


def told(folder, *columns):
    """The races' rows with these columns, in the order of arrival."""
    found = rows(folder / races.FOLDER, "carts")
    return [row for row in found if set(columns) == set(row) - {"told"}]


def test_a_marketplace_gives_the_same_races_again(folder):
    before = digest(folder / races.FOLDER)
    races.write(folder)
    assert digest(folder / races.FOLDER) == before
    assert {feed["kind"] for feed in cover_feeds(folder / races.FOLDER)} == {"carts"}


def test_there_are_no_races_of_a_marketplace_that_is_not_finished(tmp_path):
    with pytest.raises(FileNotFoundError):
        races.write(tmp_path)


def test_the_520_has_carts_of_every_hour_of_two_days(folders):
    found = told(folders["520"], "item", "hour", "cart_amount")
    hours = sorted({row["hour"] for row in found})
    assert (len(hours), hours[0], hours[-1]) == (48, "2023-05-15 00:00:00", "2023-05-16 23:00:00")
    filed = {row["item"]: row["at"] for row in reversed(plan(folders["520"], "filings"))}
    for row in found:
        assert instant(row["told"]) == instant(row["hour"]) + HOUR + races.TOLD
        assert filed[row["item"]] < row["hour"]
        assert Decimal(row["cart_amount"]) > 0


def test_the_double_12s_presale_is_by_the_hour_on_its_first_day_and_then_by_the_day(folders):
    figures = ("presale_amount", "presale_quantity")
    hours = told(folders["double12"], "item", "hour", *figures)
    assert {row["hour"][:10] for row in hours} == {"2015-11-25"}
    days = told(folders["double12"], "item", "day", *figures)
    assert Counter(row["day"] for row in days).keys() == {
        *(f"2015-11-{day}" for day in range(26, 31)),
        *(f"2015-12-{day:02}" for day in range(1, 12)),
    }
    prices = {}
    for upload in plan(folders["double12"], "uploads"):
        if upload["venue"].startswith("presale_"):
            for line in read(folders["double12"] / upload["path"]):
                prices.setdefault(line["item"], Decimal(line["price"]))
    for row in [*hours, *days]:
        assert Decimal(row["presale_amount"]) == prices[row["item"]] * int(row["presale_quantity"])
        assert int(row["presale_quantity"]) > 0


def test_the_double_12s_shops_have_carts_and_red_packets_by_the_day(folders):
    folder = folders["double12"]
    names = ("cart_amount", "presale_amount", "red_packet_claimed_amount")
    days = {(row["seller"], row["day"]): row for row in told(folder, "seller", "day", *names)}
    assert {day for _seller, day in days} == {f"2015-12-{day:02}" for day in range(7, 12)}
    # Of the shops in the cart incentive the amounts are those of the marketplace's own feeds.
    owners = {row["code"]: row["seller"] for row in rows(folder, "items")}
    own = {
        (owners[row["item"]], row["hour"][:10]): Decimal(row["cart_amount"])
        for row in rows(folder, "carts")
        if row["hour"] >= "2015-12-07"
    }
    assert own
    assert {key: Decimal(days[key]["cart_amount"]) for key in own} == own
    presale = Counter()
    for row in told(folder, "item", "day", "presale_amount", "presale_quantity"):
        presale[owners[row["item"]], row["day"]] += Decimal(row["presale_amount"])
    for key, row in days.items():
        assert Decimal(row["presale_amount"]) == presale[key]
    evening = told(folder, "seller", "hour", "cart_amount", "presale_amount")
    assert {row["hour"] for row in evening} == {
        f"2015-12-11 {hour}:00:00" for hour in range(17, 24)
    }
    of_day = Counter()
    for row in evening:
        of_day[row["seller"]] += Decimal(row["cart_amount"])
    for seller, amount in of_day.items():
        assert amount <= Decimal(days[seller, "2015-12-11"]["cart_amount"])


@pytest.mark.django_db
def test_the_feeds_take_them(folders):
    folder = folders["double12"]

    def feed(base, one):
        run = load_file(
            kind=one["kind"], path=base / one["path"], at=local(one["at"]), strict=True
        ).run
        assert (run.state, run.bad) == ("done", 0)

    for one in cover_feeds(folder):
        if one["kind"] in ("categories", "sellers", "items") and one["lines"]:
            feed(folder, one)
    base = folder / races.FOLDER
    # Every shape: hours and days of items, days and hours of sellers.
    last = [one for one in cover_feeds(base) if one["at"] >= "2015-12-11 23:00"]
    for one in [cover_feeds(base)[0], *last]:
        feed(base, one)
    roll_up()
    names = ("cart_amount", "presale_amount", "red_packet_claimed_amount")
    wanted = {
        row["seller"]: [Decimal(row[name]) for name in names]
        for row in told(folder, "seller", "day", *names)
        if row["day"] == "2015-12-11"
    }
    stored = SellerDay.objects.filter(day="2015-12-11").values_list("seller__code", *names)
    found = {code: amounts for code, *amounts in stored}
    assert found == {seller: amounts for seller, amounts in wanted.items() if any(amounts)}
    assert len(found) > 10
