"""Sections 1.3.3, 2.5.2 and 3.4: prices, stock and sales of an item."""

import pytest

from tests.times import local

VOLATILE = ("virtual", "phones", "air_travel", "jewellery")
STOCK_EXEMPT = ("snacks", "mother_baby_non_standard", "virtual_living", "live_pets")


def list_prices(world, code, *, lowest, until, on_the_day):
    """An item listed at ``lowest`` until a time, then higher, and at ``on_the_day`` from 12
    December on."""
    world.list_prices(
        {"item": code, "price": lowest, "starts_at": "2015-02-01", "ends_at": until},
        {"item": code, "price": "500.00", "starts_at": until},
        {"item": code, "price": on_the_day, "starts_at": "2015-12-12"},
    )


# Filed at noon on 10 November in presale, on the 20th in a branch: the 30 whole days before.
FIRST_DAY = {"presale_women": "2015-10-11 00:00:00", "outer": "2015-10-21 00:00:00"}
BEFORE = {"presale_women": "2015-10-10 23:59:59", "outer": "2015-10-20 23:59:59"}
LAST_SECOND = {"presale_women": "2015-11-09 23:59:59", "outer": "2015-11-19 23:59:59"}


def against_list_price(world, rule, venue, code="i2"):
    return rule in world.found(code, venue=venue, price="10.00")


@pytest.mark.rule("D12-037")
@pytest.mark.parametrize(("on_the_day", "is_found"), [("100.00", False), ("100.01", True)])
def test_presale_list_price_on_the_day_is_at_most_the_lowest_of_30_days(
    world, on_the_day, is_found
):
    world.items({"code": "i2"})
    list_prices(world, "i2", lowest="100.00", until="2015-11-05", on_the_day=on_the_day)

    assert against_list_price(world, "D12-037", "presale_women") is is_found


@pytest.mark.rule("D12-083")
@pytest.mark.parametrize(("on_the_day", "is_found"), [("50.00", False), ("50.01", True)])
def test_outer_list_price_on_the_day_is_at_most_the_lowest_of_30_days(world, on_the_day, is_found):
    world.items({"code": "i2"})
    list_prices(world, "i2", lowest="50.00", until="2015-11-05", on_the_day=on_the_day)

    assert against_list_price(world, "D12-083", "outer") is is_found


@pytest.mark.rule("D12-037", "D12-083")
@pytest.mark.parametrize(("rule", "venue"), [("D12-037", "presale_women"), ("D12-083", "outer")])
def test_a_list_price_counts_from_30_whole_days_before(world, rule, venue):
    world.items({"code": "i2"}, {"code": "i3"})
    first = FIRST_DAY[venue]
    after = first.replace("00:00:00", "00:00:01")
    list_prices(world, "i2", lowest="100.00", until=first, on_the_day="100.01")
    list_prices(world, "i3", lowest="100.00", until=after, on_the_day="100.01")

    assert not against_list_price(world, rule, venue, "i2")
    assert against_list_price(world, rule, venue, "i3")


def sold_at(world, code, price, paid_at, category="dresses", **more):
    """An item that sold at 300.00 on 1 November, and at another price at another time."""
    world.items({"code": code, "category": category}, sold="300.00")
    world.sell({"item": code, "unit_price": price, **more}, paid_at=paid_at)


@pytest.mark.rule("D12-038", "D12-084")
@pytest.mark.parametrize(("price", "is_found"), [("80.00", False), ("80.01", True)])
@pytest.mark.parametrize(("rule", "venue"), [("D12-038", "presale_women"), ("D12-084", "outer")])
def test_presale_and_outer_price_is_at_most_the_lowest_sold_at(world, rule, venue, price, is_found):
    sold_at(world, "i2", "80.00", "2015-11-05 10:00:00")

    assert (rule in world.found("i2", venue=venue, price=price)) is is_found


@pytest.mark.rule("D12-038", "D12-084")
@pytest.mark.parametrize("category", VOLATILE)
def test_categories_of_volatile_prices_are_excepted(world, category):
    sold_at(world, "i2", "80.00", "2015-11-05 10:00:00", category=category)

    assert "D12-038" not in world.found("i2", venue="presale_women", price="80.01")
    assert "D12-084" not in world.found("i2", venue="outer", price="80.01")


@pytest.mark.rule("D12-059")
@pytest.mark.parametrize(("price", "codes"), [("99.99", []), ("100.00", ["D12-059"])])
@pytest.mark.parametrize("category", ["dresses", "jewellery"])
def test_branch_price_is_below_the_lowest_sold_at_in_every_category(world, category, price, codes):
    sold_at(world, "i2", "100.00", "2015-11-05 10:00:00", category=category)

    assert world.refused("i2", venue="women", price=price) == codes


@pytest.mark.rule("D12-038", "D12-059", "D12-084")
@pytest.mark.parametrize(
    ("rule", "venue"), [("D12-038", "presale_women"), ("D12-059", "women"), ("D12-084", "outer")]
)
def test_a_sale_counts_in_the_30_whole_days_before(world, rule, venue):
    same = {"women": "outer"}.get(venue, venue)
    for code, paid_at in (("i2", BEFORE), ("i3", FIRST_DAY), ("i4", LAST_SECOND)):
        sold_at(world, code, "80.00", paid_at[same])

    assert rule not in world.found("i2", venue=venue, price="80.01")
    assert rule in world.found("i3", venue=venue, price="80.01")
    assert rule in world.found("i4", venue=venue, price="80.01")


@pytest.mark.rule("D12-059")
def test_a_fake_trade_is_no_price_sold_at_and_without_a_sale_nothing_is_compared(world):
    sold_at(world, "i2", "80.00", "2015-11-05 10:00:00", abnormal="true")
    world.items({"code": "i3"}, sold=None)

    assert world.refused("i2", price="299.99") == []
    assert world.refused("i3", price="299.99") == ["D12-061"]


@pytest.mark.rule("D12-060")
@pytest.mark.parametrize(
    ("venue", "stock", "codes"),
    [
        ("women", "200", []),
        ("women", "199", ["D12-060"]),
        ("daily_specials", "300", []),
        ("daily_specials", "299", ["D12-060"]),
    ],
)
def test_stock_reaches_the_venues_standard(world, venue, stock, codes):
    world.items({"code": "i2", "stock": stock})

    assert world.refused("i2", venue=venue) == codes


@pytest.mark.rule("D12-060")
@pytest.mark.parametrize("category", STOCK_EXEMPT)
def test_four_categories_need_no_stock(world, category):
    world.items({"code": "i2", "category": category, "stock": "0"})

    assert world.refused("i2") == []


@pytest.mark.rule("D12-060")
def test_stock_that_nobody_knows_goes_to_a_person(world):
    world.items({"code": "i2", "stock": ""})
    (row,) = world.file("i2")

    assert (row.status, row.entry.held) == ("in_review", True)


@pytest.mark.rule("D12-061")
@pytest.mark.parametrize(
    ("venue", "sold", "codes"),
    [
        ("women", "10", []),
        ("women", "9", ["D12-061"]),
        ("foodies", "20", []),
        ("foodies", "19", ["D12-061"]),
    ],
)
def test_sales_of_30_days_reach_the_venues_standard(world, venue, sold, codes):
    world.items({"code": "i2"}, quantity=sold)

    assert world.refused("i2", venue=venue) == codes


@pytest.mark.rule("D12-061")
@pytest.mark.parametrize(
    ("paid_at", "codes"),
    [
        ("2015-10-20 23:59:59", ["D12-061"]),
        ("2015-10-21 00:00:00", []),
        ("2015-11-19 23:59:59", []),
        ("2015-11-20 00:00:00", ["D12-061"]),
    ],
)
def test_sales_count_in_the_30_whole_days_before(world, paid_at, codes):
    world.items({"code": "i2"}, sold=None)
    world.sell({"item": "i2", "quantity": "10"}, paid_at=paid_at)

    assert world.refused("i2", at=local("2015-11-20 12:00")) == codes
