"""The made-up marketplace: the same for a seed and a size, its borderline cases among it."""

from collections import Counter
from datetime import date, timedelta
from decimal import Decimal

import pytest

from config.marketplaces import synthetic
from config.marketplaces.files import instant, read_cover
from tests.config.marketplaces.folders import cover_feeds, digest, plan, rows

SEED = 520
# Changes with every change of what the marketplace holds, never with the machine or the Python.
DIGEST = "7171b4d19decd14de999ec1206239e78e9055e2718747a17e0527bdbec0638f1"


def days(first, last):
    """Every day from the first to the last."""
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The smallest marketplace."""
    folder = tmp_path_factory.mktemp("synthetic") / "S"
    synthetic.write(folder, seed=SEED, size="S")
    return folder


@pytest.fixture(scope="module")
def cases(folder):
    """Case to the code of the seller or item that stands for it."""
    found = {row["case"]: row["code"] for row in plan(folder, "cases")}
    assert len(found) == len(plan(folder, "cases"))
    return found


@pytest.fixture(scope="module")
def items(folder):
    """Item code to its first row."""
    found = {}
    for row in rows(folder, "items"):
        found.setdefault(row["code"], row)
    return found


@pytest.fixture(scope="module")
def sellers(folder):
    """Seller code to its first row."""
    found = {}
    for row in rows(folder, "sellers"):
        found.setdefault(row["code"], row)
    return found


@pytest.fixture(scope="module")
def filings(folder):
    """Item code to its first filing."""
    found = {}
    for row in plan(folder, "filings"):
        found.setdefault(row["item"], row)
    return found


@pytest.fixture(scope="module")
def spans(folder):
    """Item code to its list prices: (price, struck, start, end), as last told, by start."""
    found = {}
    for row in rows(folder, "list_prices"):
        key = (row["starts_at"], row["struck"])
        found.setdefault(row["item"], {})[key] = (row["price"], row["ends_at"])
    return {
        item: [
            (Decimal(price), struck == "true", instant(start), instant(end) if end else None)
            for (start, struck), (price, end) in sorted(told.items())
        ]
        for item, told in found.items()
    }


def test_the_bytes_are_pinned(folder):
    assert digest(folder) == DIGEST


def test_the_same_seed_and_size_give_the_same_bytes(folder, tmp_path):
    synthetic.write(tmp_path / "again", seed=SEED, size="S")
    assert digest(tmp_path / "again") == digest(folder)


def test_another_seed_gives_another_marketplace(folder, tmp_path):
    synthetic.write(tmp_path / "other", seed=SEED + 1, size="S")
    assert digest(tmp_path / "other") != digest(folder)


def test_another_start_moves_every_day_by_as_many(folder, tmp_path):
    synthetic.write(tmp_path / "later", seed=SEED, size="S", starts=date(2024, 5, 15))
    moved = date(2024, 5, 15) - date(2023, 5, 15)
    before = {row["item"]: instant(row["at"]) for row in plan(folder, "filings")}
    after = {row["item"]: instant(row["at"]) for row in plan(tmp_path / "later", "filings")}
    showcase = {code for code in before if code.startswith("I9")}
    assert {after[code] - before[code] for code in showcase} == {moved}


def test_the_cover_lists_every_file_in_the_order_of_arrival(folder):
    feeds = cover_feeds(folder)
    assert [feed["at"] for feed in feeds] == sorted(feed["at"] for feed in feeds)
    there = {file.relative_to(folder).as_posix() for file in folder.glob("feeds/*/*.csv")}
    assert {feed["path"] for feed in feeds} == there
    assert len(feeds) == len(there)
    assert {feed["at"][-8:] for feed in feeds if not feed["lines"]} == {"00:30:00"}
    # Parents arrive before their children.
    kinds = [feed["kind"] for feed in feeds if feed["at"] == feeds[0]["at"]]
    assert kinds == ["categories", "sellers", "items", "list_prices", "orders"]


def test_size_s_is_about_60_sellers_and_800_items(sellers, items):
    assert len(sellers) == 60
    assert 800 <= len(items) <= 900


def test_every_reference_is_to_something_told_before(folder):
    told = {"sellers": {}, "items": {}, "categories": {}}
    for kind in told:
        for row in rows(folder, kind):
            told[kind].setdefault(row["code"], row["told"])
    for row in rows(folder, "items"):
        assert told["sellers"][row["seller"]] <= row["told"]
        assert row["category"] in told["categories"]
    for row in rows(folder, "orders"):
        assert told["items"][row["item"]] <= row["told"]
    for row in plan(folder, "filings"):
        assert told["items"][row["item"]] < row["at"]


def test_items_are_filed_by_their_own_seller(items, folder):
    for row in plan(folder, "filings"):
        assert items[row["item"]]["seller"] == row["seller"]


def test_nothing_is_told_before_it_happened(folder):
    for row in rows(folder, "orders"):
        for moment in ("placed_at", "paid_at", "shipped_at"):
            assert row[moment] <= row["told"]
        assert row["refunded_amount"] in {"0.00", row["paid_amount"]}
        assert (row["state"] == "refunded") == (row["refunded_amount"] != "0.00")


def test_list_prices_of_an_item_follow_each_other_without_gap_or_overlap(spans):
    for told in spans.values():
        shown = [span for span in told if not span[1]]
        assert [end for _p, _s, _start, end in shown[:-1]] == [
            start for _p, _s, start, _e in shown[1:]
        ]


@pytest.mark.parametrize(
    ("case", "above"),
    [
        ("price at the lowest list price", "0.00"),
        ("price a cent above the lowest list price", "0.01"),
        ("price at a list price scheduled inside the window", "0.00"),
        ("price a cent above a list price scheduled inside the window", "0.01"),
        ("a lower list price ended as the window opened", "0.00"),
        ("a lower list price ended at 23:59:59 before the window", "0.00"),
        ("a lower list price still in force as the window opened", "28.00"),
        ("struck-through price above the list price", "0.00"),
        ("struck-through price below the list price", "0.00"),
    ],
)
def test_prices_stand_on_the_border_of_the_lowest_list_price(case, above, cases, filings, spans):
    item = cases[case]
    low, high = instant("2023-05-09 00:00:00"), instant("2023-05-21 00:00:00")
    lowest = min(
        price
        for price, struck, start, end in spans[item]
        if not struck and start < high and (end is None or low < end)
    )
    assert Decimal(filings[item]["activity_price"]) - lowest == Decimal(above)


def test_a_scheduled_cut_is_told_before_it_takes_effect(cases, folder):
    item = cases["price at a list price scheduled inside the window"]
    (cut,) = (
        row
        for row in rows(folder, "list_prices")
        if row["item"] == item and row["price"] == "88.00"
    )
    assert (cut["told"], cut["starts_at"]) == ("2023-04-24 20:00:00", "2023-05-19 00:00:00")


def test_a_price_ended_a_second_before_the_window_and_one_a_second_after(cases, spans):
    def sixty(case):
        ((_price, _struck, _start, end),) = (span for span in spans[cases[case]] if span[0] == 60)
        return end

    before = sixty("a lower list price ended at 23:59:59 before the window")
    after = sixty("a lower list price still in force as the window opened")
    assert [str(before), str(after)] == ["2023-05-08 23:59:59", "2023-05-09 00:00:01"]


@pytest.mark.parametrize(
    ("case", "hours"),
    [
        ("shipping time at the limit", "48"),
        ("shipping time an hour over the limit", "49"),
        ("shipping time not set", ""),
        ("flowers at their limit", "24"),
        ("flowers an hour over their limit", "25"),
    ],
)
def test_shipping_times_stand_on_the_border(case, hours, cases, items):
    assert items[cases[case]]["ship_time_hours"] == hours


@pytest.mark.parametrize(
    ("case", "age", "units"),
    [
        ("listed 29 days, none sold", 29, 0),
        ("listed 30 days, none sold", 30, 0),
        ("listed 31 days, none sold", 31, 0),
        ("listed 31 days, one sold", 31, 1),
        ("listed 31 days, one sold 30 days ago", 31, 1),
        ("listed 31 days, one sold 31 days ago", 31, 0),
    ],
)
def test_ages_and_sales_stand_on_the_border(case, age, units, cases, items, filings, folder):
    item = cases[case]
    filed = instant(filings[item]["at"]).date()
    assert (filed - instant(items[item]["first_listed_at"]).date()).days == age
    days = {filed - timedelta(days=back) for back in range(1, 31)}
    sold = {
        (row["order"], row["line"]): int(row["quantity"])
        for row in rows(folder, "orders")
        if row["item"] == item and row["paid_at"] and instant(row["paid_at"]).date() in days
    }
    assert sum(sold.values()) == units


@pytest.mark.parametrize("level", ["1", "2", "3", "4", "5", "6", "7", "8", ""])
@pytest.mark.parametrize("featured", ["true", "false"])
def test_every_growth_level_is_there_featured_or_not(level, featured, sellers, cases):
    case = f"level {level or 'none'}, {'featured' if featured == 'true' else 'not featured'}"
    row = sellers[cases[case]]
    assert (row["growth_level"], row["industry_featured"]) == (level, featured)


@pytest.mark.parametrize(
    ("case", "ceiling"),
    [
        ("level 1, not featured", 5),
        ("level 3, featured", 10),
        ("level 4, not featured", 12),
        ("level 5, not featured", 30),
        ("level none, featured", 3),
        ("allotted 4 of 3 to 5", 4),
        ("not known on the day", 3),
    ],
)
def test_shops_file_more_than_they_may(case, ceiling, cases, folder):
    filed = Counter(
        row["seller"] for row in plan(folder, "filings") if row["list_source"] == "stock_list"
    )
    assert filed[cases[case]] > ceiling


def test_allotments_stand_inside_and_outside_their_range(cases, folder):
    places = {row["seller"]: int(row["places"]) for row in plan(folder, "allotments")}
    assert places[cases["allotted 4 of 3 to 5"]] == 4
    assert places[cases["allotted less than the range"]] == 2
    assert places[cases["allotted more than the range"]] == 40


@pytest.mark.parametrize(
    ("case", "columns"),
    [
        ("Tmall shop", {"shop_type": "tmall"}),
        ("type of shop not known", {"shop_type": ""}),
        ("breaks the marketing rules", {"marketing_rules_ok": "false"}),
        ("messenger bound only", {"dingtalk_activated": "false", "dingtalk_bound": "true"}),
        (
            "messenger activated by a sub-account",
            {
                "dingtalk_activated": "true",
                "dingtalk_by_main_account": "false",
                "dingtalk_bound": "false",
            },
        ),
        ("no messenger", {"dingtalk_activated": "false", "dingtalk_bound": "false"}),
        ("one-key closed", {"one_click_closed": "true"}),
    ],
)
def test_sellers_stand_on_the_border_of_admission(case, columns, cases, sellers):
    row = sellers[cases[case]]
    assert {name: row[name] for name in columns} == columns


def test_a_shop_joins_a_second_too_early_and_again(cases, folder):
    joins = [
        row["at"]
        for row in plan(folder, "acts")
        if row["seller"] == cases["joins a second too early"] and row["what"] == "join"
    ]
    assert joins == ["2023-04-25 14:59:59", "2023-04-25 15:03:00"]


def test_lists_and_parallel_prices_stand_on_the_border(cases, items, filings, folder):
    neither = items[cases["on no list"]]
    assert (neither["on_stock_list"], neither["recommended"]) == ("false", "false")
    recommended = cases["on the recommended list only"]
    assert filings[recommended]["list_source"] == "recommended_list"
    offers = {row["item"]: Decimal(row["price"]) for row in rows(folder, "parallel_prices")}
    differences = [
        offers[cases[case]] - Decimal(filings[cases[case]]["activity_price"])
        for case in ("group-buy price equal", "group-buy price unequal")
    ]
    assert differences == [Decimal("0.00"), Decimal("0.01")]


def test_shipping_times_break_and_are_mended(cases, folder):
    told = [
        (row["told"], row["ship_time_hours"])
        for row in rows(folder, "items")
        if row["code"] == cases["shipping time broken, then mended"]
    ]
    assert told == [
        ("2023-04-24 20:00:00", "24"),
        ("2023-05-10 12:00:00", "72"),
        ("2023-05-12 12:00:00", "48"),
    ]


def test_the_cover_reads_back(folder):
    cover = read_cover(folder)
    assert (cover.name, cover.seed, cover.size, cover.zone) == (
        "synthetic",
        SEED,
        "S",
        "Asia/Shanghai",
    )
    first_night = cover.feeds_between(
        instant("2023-04-24 20:00:00"), instant("2023-04-25 00:30:00")
    )
    assert [feed.kind for feed in first_night] == [
        "sellers",
        "items",
        "list_prices",
        "parallel_prices",
        "orders",
    ]


def test_every_feed_comes_every_night_to_the_end(folder):
    nights = {f"2023-{day:%m-%d} 00:30:00" for day in days(date(2023, 4, 25), date(2023, 5, 21))}
    for kind in ("sellers", "items", "list_prices", "parallel_prices", "orders"):
        told = {feed["at"] for feed in cover_feeds(folder) if feed["kind"] == kind}
        assert nights <= told


def test_a_folder_without_its_cover_was_not_finished(folder, tmp_path):
    assert read_cover(tmp_path) is None


@pytest.mark.heavy
def test_the_largest_ceilings_are_exceeded_at_size_m(tmp_path):
    synthetic.write(tmp_path / "M", seed=SEED, size="M")
    cases = {row["case"]: row["code"] for row in plan(tmp_path / "M", "cases")}
    filed = Counter(row["seller"] for row in plan(tmp_path / "M", "filings"))
    ceilings = {
        "level 4, featured": 150,
        "level 6, not featured": 300,
        "level 8, not featured": 600,
    }
    assert {case: filed[cases[case]] for case in ceilings} == {
        case: ceiling + 2 for case, ceiling in ceilings.items()
    }
