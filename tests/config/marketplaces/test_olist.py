"""Olist's files as feeds, shown on a few made-up lines in their format."""

import gzip
from decimal import Decimal

import pytest

from config.marketplaces import olist
from config.marketplaces.files import read_cover
from config.marketplaces.olist.source import Unreadable
from tests.config.marketplaces.folders import digest, plan, rows

# Code, buyer, state, placed, approved, given to the carrier; the two last columns are not read.
SHORT = """\
delivered,c1,delivered,2018-03-01 10:00:00,2018-03-01 10:10:00,2018-03-02 09:00:00
unapproved,c2,delivered,2018-03-02 11:00:00,,2018-03-03 09:00:00
canceled,c3,canceled,2018-03-03 10:00:00,2018-03-03 10:05:00,
never_paid,c4,canceled,2018-03-04 10:00:00,,
unavailable,c5,unavailable,2018-03-05 10:00:00,2018-03-05 10:30:00,
created,c6,created,2018-03-06 10:00:00,,
processing,c7,processing,2018-04-01 08:00:00,2018-04-01 08:01:00,
across,c8,delivered,2018-04-24 18:00:00,2018-04-24 23:30:00,2018-04-26 09:00:00
in_may,c9,shipped,2018-05-10 10:00:00,2018-05-10 10:10:00,2018-05-11 15:00:00
last_day,c10,delivered,2018-05-14 23:59:00,2018-05-14 23:59:59,2018-05-16 15:00:00
too_late,c11,delivered,2018-05-14 23:59:00,2018-05-15 00:00:00,2018-05-16 15:00:00
too_early,c12,delivered,2018-02-13 10:00:00,2018-02-13 23:59:59,2018-02-16 15:00:00
first_day,c13,delivered,2018-02-13 10:00:00,2018-02-14 00:00:00,2018-02-16 15:00:00
after,c14,delivered,2018-08-01 10:00:00,2018-08-01 10:00:00,2018-08-02 15:00:00
empty,c15,delivered,2018-03-01 10:00:00,2018-03-01 10:10:00,2018-03-02 09:00:00
no_midnight,c16,delivered,2017-10-15 00:30:00,2017-10-15 00:45:00,2017-10-16 09:00:00
"""
ORDERS = (
    '"order_id","customer_id","order_status","order_purchase_timestamp","order_approved_at",'
    '"order_delivered_carrier_date","order_delivered_customer_date",'
    '"order_estimated_delivery_date"\n'
) + SHORT.replace("\n", ",,2018-12-31 00:00:00\n")
LINES = """\
"order_id","order_item_id","product_id","seller_id","price","freight_value"
delivered,1,lamp,anna,100.00,10.00
delivered,2,lamp,anna,100.00,10.00
unapproved,1,lamp,anna,90.00,10.00
canceled,1,lamp,anna,90.00,10.00
never_paid,1,lamp,anna,95.50,10.00
unavailable,1,lamp,bruno,80.00,0.00
created,1,lamp,bruno,80.00,0.00
processing,1,lamp,bruno,85.00,0.00
across,1,vase,anna,20.00,5.00
in_may,1,lamp,anna,120.00,10.00
last_day,1,rug,anna,30.00,5.00
too_late,1,bowl,anna,31.00,5.00
too_early,1,spoon,carla,5.00,5.00
first_day,1,fork,carla,6.00,5.00
after,1,late,anna,50.00,5.00
no_midnight,1,spoon,carla,5.00,5.00
"""
PRODUCTS = """\
"product_id","product_category_name","product_name_lenght","product_description_lenght",\
"product_photos_qty","product_weight_g","product_length_cm","product_height_cm","product_width_cm"
lamp,moveis_decoracao,40,200,1,2500,30,20,15
vase,moveis_decoracao,40,200,1,,,,
rug,,,,,700,100,10,10
bowl,pc_gamer,40,200,1,700,10,10,10
spoon,moveis_decoracao,40,200,1,20001,100,60,100
fork,moveis_decoracao,40,200,1,100,10,10,10
late,moveis_decoracao,40,200,1,100,10,10,10
"""
SELLERS = """\
"seller_id","seller_zip_code_prefix","seller_city","seller_state"
anna,"13023",campinas,SP
bruno,"13844",mogi guacu,SP
carla,"20031",rio de janeiro,RJ
"""
TRANSLATION = """\
\ufeffproduct_category_name,product_category_name_english
moveis_decoracao,furniture_decor
"""
FILES = {
    "olist_orders_dataset.csv": ORDERS,
    "olist_order_items_dataset.csv": LINES,
    "olist_products_dataset.csv": PRODUCTS,
    "olist_sellers_dataset.csv": SELLERS,
    "product_category_name_translation.csv": TRANSLATION,
}


def lay_out(folder, *, packed=(), **changed):
    """Write the sample into a folder; `changed` replaces files by the beginning of their names."""
    folder.mkdir()
    for name, text in FILES.items():
        replaced = next((new for start, new in changed.items() if name.startswith(start)), text)
        if name in packed:
            (folder / f"{name}.gz").write_bytes(gzip.compress(replaced.encode()))
        else:
            (folder / name).write_text(replaced, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The sample as a marketplace."""
    base = tmp_path_factory.mktemp("olist")
    packed = ["olist_orders_dataset.csv", "olist_sellers_dataset.csv"]
    olist.write(lay_out(base / "source", packed=packed), base / "out", seed=1)
    return base / "out"


def orders(folder, code):
    """What was told of an order: (told, state, paid, paid amount, refunded amount) of line 1."""
    return [
        (row["told"], row["state"], row["paid_at"], row["paid_amount"], row["refunded_amount"])
        for row in rows(folder, "orders")
        if row["order"] == code and row["line"] == "1"
    ]


START = "2018-04-24 20:00:00"


@pytest.mark.parametrize(
    ("code", "state", "paid_at", "paid", "refunded"),
    [
        ("delivered", "shipped", "2018-03-01 10:10:00", "100.00", "0.00"),
        ("unapproved", "shipped", "2018-03-02 11:00:00", "90.00", "0.00"),
        ("canceled", "refunded", "2018-03-03 10:05:00", "90.00", "90.00"),
        ("never_paid", "closed", "", "0.00", "0.00"),
        ("unavailable", "refunded", "2018-03-05 10:30:00", "80.00", "80.00"),
        ("created", "placed", "", "0.00", "0.00"),
        ("processing", "paid", "2018-04-01 08:01:00", "85.00", "0.00"),
    ],
)
def test_an_order_of_the_past_stands_as_it_ended(folder, code, state, paid_at, paid, refunded):
    assert orders(folder, code) == [(START, state, paid_at, paid, refunded)]


def test_an_order_of_these_weeks_is_told_again_whenever_it_moves(folder):
    assert orders(folder, "across") == [
        (START, "placed", "", "0.00", "0.00"),
        ("2018-04-25 00:30:00", "paid", "2018-04-24 23:30:00", "20.00", "0.00"),
        ("2018-04-27 00:30:00", "shipped", "2018-04-24 23:30:00", "20.00", "0.00"),
    ]
    assert orders(folder, "after") == []


def test_each_row_of_order_items_is_one_unit(folder):
    lines = [row for row in rows(folder, "orders") if row["order"] == "delivered"]
    assert [(row["line"], row["quantity"]) for row in lines] == [("1", "1"), ("2", "1")]
    assert {row["buyer"] for row in lines} == {"c1"}


def test_an_item_is_a_seller_and_a_product(folder):
    codes = {row["code"] for row in rows(folder, "items")}
    assert {"lamp-anna", "lamp-bruno"} <= codes
    # First sold in August: not listed before the campaign's end.
    assert "late-anna" not in codes


def test_sizes_and_categories_are_olists_own(folder):
    items = {row["code"]: row for row in rows(folder, "items")}
    lamp, vase = items["lamp-anna"], items["vase-anna"]
    assert (lamp["weight_kg"], Decimal(lamp["volume_m3"])) == ("2.500", Decimal("0.009"))
    assert (vase["weight_kg"], vase["volume_m3"]) == ("", "")
    assert items["spoon-carla"]["weight_kg"] == "20.001"
    assert lamp["category"] == "furniture_decor"
    assert items["rug-anna"]["category"] == "uncategorised"
    assert items["bowl-anna"]["category"] == "pc_gamer"
    categories = {row["code"]: row for row in rows(folder, "categories")}
    assert categories["furniture_decor"]["name"] == "Furniture decor"
    assert categories["furniture_decor"]["name_zh"] == "家具装饰"
    assert set(categories) == {"furniture_decor", "uncategorised", "pc_gamer"}
    assert (lamp["free_shipping"], items["lamp-bruno"]["free_shipping"]) == ("false", "true")


def test_a_sale_at_another_price_shows_another_list_price(folder):
    told = [
        (row["told"], row["price"], row["starts_at"], row["ends_at"])
        for row in rows(folder, "list_prices")
        if row["item"] == "lamp-anna"
    ]
    listed = told[0][2]
    assert "2018-01-15" < listed < "2018-03-01"
    assert told == [
        (START, "100.00", listed, "2018-03-02 11:00:00"),
        (START, "90.00", "2018-03-02 11:00:00", "2018-03-04 10:00:00"),
        (START, "95.50", "2018-03-04 10:00:00", ""),
        ("2018-05-11 00:30:00", "95.50", "2018-03-04 10:00:00", "2018-05-10 10:00:00"),
        ("2018-05-11 00:30:00", "120.00", "2018-05-10 10:00:00", ""),
    ]


def test_every_pair_sold_in_the_90_days_before_is_filed_at_a_price_it_was_sold_at(folder):
    filed = {row["item"]: row["activity_price"] for row in plan(folder, "filings")}
    # `too_early` was paid a second before the 90 days, `too_late` as the campaign began.
    assert set(filed) == {"lamp-anna", "lamp-bruno", "vase-anna", "rug-anna", "fork-carla"}
    seen = {"lamp-anna": {"100.00", "90.00", "120.00"}, "lamp-bruno": {"80.00", "85.00"}}
    for item, prices in seen.items():
        assert filed[item] in prices
    assert (filed["rug-anna"], filed["fork-carla"]) == ("30.00", "6.00")


def test_a_filing_comes_after_the_sale_whose_price_it_names(folder):
    at = {row["item"]: row["at"] for row in plan(folder, "filings")}
    assert at["rug-anna"] > "2018-05-14 23:59:59"
    assert min(at.values()) >= "2018-04-25 15:00:00"
    joined = {row["seller"]: row["at"] for row in plan(folder, "acts") if row["what"] == "join"}
    assert set(joined) == {"anna", "bruno", "carla"}
    for row in plan(folder, "filings"):
        assert row["at"] > joined[row["seller"]]


def test_a_time_that_brazilian_clocks_skipped_is_passed_on_as_it_is(folder):
    (line,) = (row for row in rows(folder, "orders") if row["order"] == "no_midnight")
    assert line["paid_at"] == "2017-10-15 00:45:00"


def test_the_cover_says_what_was_made_up(folder):
    cover = read_cover(folder)
    assert cover.zone == "America/Sao_Paulo"
    assert {"seller.growth_level", "item.ship_time_hours", "item.on_stock_list"} <= set(
        cover.generated
    )


def test_the_same_seed_gives_the_same_bytes_and_another_other_facts(folder, tmp_path):
    source = lay_out(tmp_path / "source")
    olist.write(source, tmp_path / "same", seed=1)
    olist.write(source, tmp_path / "other", seed=2)
    assert digest(tmp_path / "same") == digest(folder)
    assert digest(tmp_path / "other") != digest(folder)
    # What is Olist's own does not depend on the seed.
    assert rows(tmp_path / "other", "orders") == rows(folder, "orders")


@pytest.mark.parametrize(
    ("name", "broken", "message"),
    [
        (
            "olist_order_items",
            LINES.replace("100.00", "a lot", 1),
            "olist_order_items_dataset.csv, line 2, price: expected an amount such as 58.90,"
            " found 'a lot'",
        ),
        (
            "olist_orders",
            ORDERS.replace("2018-03-02 11:00:00", "yesterday"),
            "olist_orders_dataset.csv, line 3, order_purchase_timestamp: expected a date and time"
            " such as 2018-05-15 10:00:00, found 'yesterday'",
        ),
        (
            "olist_sellers",
            SELLERS.replace("seller_city", "city"),
            "olist_sellers_dataset.csv, line 1: there is no column seller_city",
        ),
        ("olist_products", PRODUCTS + "x\n", "olist_products_dataset.csv, line 9: the line is too"),
    ],
)
def test_what_is_not_olists_is_refused_with_its_place(name, broken, message, tmp_path):
    source = lay_out(tmp_path / "source", **{name: broken})
    with pytest.raises(Unreadable) as refusal:
        olist.write(source, tmp_path / "out", seed=1)
    assert str(refusal.value).startswith(message)
    assert read_cover(tmp_path / "out") is None


def test_a_missing_file_is_named(tmp_path):
    source = lay_out(tmp_path / "source")
    (source / "olist_sellers_dataset.csv").unlink()
    with pytest.raises(Unreadable, match=r"neither olist_sellers_dataset.csv nor .*\.gz"):
        olist.write(source, tmp_path / "out", seed=1)
