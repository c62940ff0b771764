"""What the Double 12 rulebook says."""

from collections import Counter
from datetime import date

import pytest

from campaigns.rulebooks import loading, yaml_text
from campaigns.rulebooks.loading import load
from campaigns.rulebooks.rulebook import read_version
from tests.campaigns.rulebooks.test_library import numbers_named

TEXT = loading.library()["double12-2015"].read_text(encoding="utf-8")
D12 = yaml_text.read(TEXT).data


def rows(key):
    """The rows of a section, by code."""
    return {row["code"]: row for row in D12[key]}


def test_it_names_every_rule_it_is_made_of():
    assert numbers_named(D12, "D12") == {
        *(1, 3, 4, 5, 6, 7, 8, 9, 11, 16, 17, 18, 25, 26),
        *range(29, 45),
        *(46, 47, 48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 67, 68, 69),
        *(70, 72, 73, 74, 75, 77, *range(80, 86), 87, 88, 89, 90, 92),
        *(96, 97, 98, 99, 100, 101, 106, 109, 113, 114, 115, 116, 117, 118, 119),
        *range(120, 136),
        *range(137, 143),
        *(14, 143, 144, 145, 146, 147, 149),
    }


@pytest.mark.parametrize(
    ("code", "starts", "ends"),
    [
        ("seller_registration", "2015-10-19 00:00:00", "2015-12-13 00:00:00"),
        ("presale_registration", "2015-10-19 00:00:00", "2015-11-17 00:00:00"),
        ("outer_registration", "2015-10-29 00:00:00", "2015-12-13 00:00:00"),
        ("preselection_supplement", "2015-11-12 00:00:00", "2015-11-19 00:00:00"),
        ("branch_registration", "2015-11-13 00:00:00", "2015-11-25 00:00:00"),
        ("presale_sale", "2015-11-25 00:00:00", "2015-12-12 02:00:00"),
        ("presale_online", "2015-11-25 00:00:00", "2015-12-12 00:00:00"),
        ("presale_push", "2015-11-25 00:00:00", "2015-12-01 00:00:00"),
        ("refund_without_consent", "2015-11-25 00:00:00", "2015-12-12 00:00:00"),
        ("presale_hourly_race", "2015-11-25 00:00:00", "2015-11-26 00:00:00"),
        ("presale_daily_race", "2015-11-26 00:00:00", "2015-12-01 00:00:00"),
        ("presale_group_rate_race", "2015-12-01 00:00:00", "2015-12-12 00:00:00"),
        ("cart_incentive", "2015-12-02 10:00:00", "2015-12-11 18:00:00"),
        ("preheat", "2015-12-07 00:00:00", "2015-12-12 00:00:00"),
        ("affiliate_shown", "2015-12-07 00:00:00", "2015-12-13 00:00:00"),
        ("outer_hourly_race", "2015-12-11 18:00:00", "2015-12-12 00:00:00"),
        ("live", "2015-12-12 00:00:00", "2015-12-13 00:00:00"),
        ("sales_incentive_shown", "2015-12-12 18:00:00", "2015-12-13 00:00:00"),
    ],
)
def test_its_calendar(code, starts, ends):
    milestone = rows("milestones")[code]
    assert (milestone["starts"], milestone["ends"]) == (starts, ends)


def test_its_venues():
    kinds = Counter((row["kind"], row.get("group", "")) for row in D12["venues"])
    assert kinds == {
        ("main", ""): 1,
        ("branch", "industry"): 20,
        ("branch", "featured"): 10,
        ("branch", "business"): 4,
        ("presale_main", ""): 1,
        ("presale", ""): 21,
        ("outer", ""): 1,
        ("affiliate_main", ""): 1,
        ("affiliate", ""): 27,
    }


def test_each_branch_has_a_standard_of_stock_and_of_sales():
    branches = [row["code"] for row in D12["venues"] if row["kind"] == "branch"]
    for code in ("branch_stock", "branch_sales"):
        table = rows("tables")[code]
        assert sorted(code for row in table["rows"] for code in row["keys"][0]) == sorted(branches)


@pytest.mark.parametrize(
    ("table", "kind"), [("home_branch", "branch"), ("affiliate_branch", "affiliate")]
)
def test_who_races_for_which_venue_names_venues_of_its_kind(table, kind):
    table = rows("tables")[table]
    venues = {row["code"] for row in D12["venues"] if row["kind"] == kind}
    assert {table["default"], *(row["value"] for row in table["rows"])} <= venues


def test_the_presale_venues_are_listed():
    presale = [row["code"] for row in D12["venues"] if row["kind"] == "presale"]
    assert rows("lists")["presale_venues"]["values"] == presale


def test_what_a_recheck_does_and_what_history_calls_it():
    done = {}
    for code, row in rows("requirements").items():
        recheck = row["stages"].get("recheck")
        action = recheck["action"] if isinstance(recheck, dict) else recheck
        if (action, row.get("reason")) != ("clear_out", None):
            done[code] = (action, row.get("reason"))
    assert done == {
        "D12-147": ("clear_out", "barred"),
        "D12-096-shop": ("clear_out", "shop_violation"),
        "D12-096-item": ("clear_out", "item_violation"),
        "D12-100": ("clear_out", "main_category_changed"),
        "D12-097": ("clear_out", "sold_early"),
        "D12-098": ("clear_out", "red_packet_cancelled"),
        "D12-099": ("clear_out", "cashback_cancelled"),
        "D12-059": (None, None),
        "D12-082": (None, None),
        "jiyoujia_landing_page": ("flag", None),
    }


def test_each_reason_of_a_requirement_has_words():
    reasons = rows("reasons")
    asked = {row["reason"] for row in D12["requirements"] if "reason" in row}
    assert asked <= set(reasons)
    assert {reasons[code]["use"] for code in asked} == {"clear_out"}


def test_the_monitored_violations_are_those_that_take_off():
    for code in ("entry.shop_violations", "entry.item_violations"):
        (categories,) = (
            part[2] for part in rows("statistics")[code]["where"]["all"] if part[0] == "category"
        )
        assert categories == D12["campaign"]["monitors"]


@pytest.mark.django_db
def test_on_other_dates_the_sale_is_black_friday():
    version = load(TEXT, code="black-friday-2017", starts=date(2017, 11, 19)).version
    document = read_version(version).render()
    moved = {row["code"]: (row["starts"], row["ends"]) for row in document["milestones"]}
    assert moved["preheat"] == ("2017-11-19 00:00:00", "2017-11-24 00:00:00")
    assert moved["live"] == ("2017-11-24 00:00:00", "2017-11-25 00:00:00")
    assert moved["presale_sale"] == ("2017-11-07 00:00:00", "2017-11-24 02:00:00")
    assert moved["presale_registration"] == ("2017-10-01 00:00:00", "2017-10-30 00:00:00")
    assert moved["cart_incentive"] == ("2017-11-14 10:00:00", "2017-11-23 18:00:00")
    due = {row.get("results_due") for row in document["venues"]}
    assert due == {None, "2017-11-13 00:00:00"}
    windows = {row["code"]: row.get("window") for row in document["statistics"]}
    # What is since 1 January stays so.
    assert windows["seller.counterfeit_this_year"]["since"] == "2017-01-01 00:00:00"
    assert windows["seller.counterfeit_points_last_year"]["from"] == "2016-01-01 00:00:00"
    assert windows["seller.counterfeit_points_last_year"]["to"] == "2017-01-01 00:00:00"
    tools = {row["code"]: row for row in document["promotions"]}
    assert tools["cashback"]["setup_until"] == "2017-11-24 00:00:00"
