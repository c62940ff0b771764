"""Sections 4.2.2 and 6: the campaign price, the lowest list price, group-buy, the locks."""

from decimal import Decimal

import pytest

from campaigns.models import Entry
from campaigns.pricing import change_list_price, reprice_entry
from campaigns.registering import republish_entry
from sellers.models import Item
from tests.times import local


@pytest.mark.rule("G520-030")
@pytest.mark.parametrize(
    ("price", "codes"), [("0.01", []), ("0", ["G520-030"]), (None, ["G520-030"])]
)
def test_a_price_is_filled_in(world, price, codes):
    found = world.refused(price=price)

    assert [code for code in found if code != "G520-031"] == codes


@pytest.mark.rule("G520-031")
@pytest.mark.parametrize(("price", "codes"), [("88.00", []), ("88.01", ["G520-031"])])
def test_the_price_is_at_most_the_lowest_list_price_a_scheduled_one_included(world, price, codes):
    world.items({"code": "i2"}, price="120.00")
    world.list_prices({"item": "i2", "price": "88.00", "starts_at": "2023-05-19 00:00:00"})

    assert world.refused("i2", price=price) == codes


@pytest.mark.rule("G520-031")
@pytest.mark.parametrize(
    ("ends_at", "codes"),
    [("2023-05-09 00:00:00", []), ("2023-05-09 00:00:01", ["G520-031"])],
)
def test_a_price_counts_from_the_first_second_of_the_window(world, ends_at, codes):
    world.items({"code": "i2"}, price="120.00")
    world.list_prices(
        {"item": "i2", "price": "60.00", "starts_at": "2023-02-01 00:00:00", "ends_at": ends_at},
        {"item": "i2", "price": "120.00", "starts_at": ends_at, "ends_at": ""},
    )

    assert world.refused("i2", price="120.00") == codes


@pytest.mark.rule("G520-031")
@pytest.mark.parametrize(
    ("starts_at", "codes"),
    [("2023-05-20 23:59:59", ["G520-031"]), ("2023-05-21 00:00:00", [])],
)
def test_a_price_counts_until_the_last_second_of_the_window(world, starts_at, codes):
    world.items({"code": "i2"}, price="120.00")
    world.list_prices({"item": "i2", "price": "60.00", "starts_at": starts_at})

    assert world.refused("i2", price="120.00") == codes


@pytest.mark.rule("G520-031")
def test_excepted_categories_are_not_tested(world):
    world.items({"code": "i2", "category": "gold_jewellery"})

    assert world.refused("i2", price="500.00", tools=()) == []


@pytest.mark.rule("G520-032")
def test_a_struck_through_price_is_no_list_price(world):
    world.items({"code": "i2"}, {"code": "i3"}, price="150.00")
    struck = {"price": "100.00", "struck": "true", "starts_at": "2023-01-01 00:00:00"}
    world.list_prices({"item": "i2", **struck}, {"item": "i3", **struck})

    assert world.refused("i2", price="150.00") == []
    assert world.refused("i3", price="150.01") == ["G520-031"]


@pytest.mark.rule("G520-033")
def test_selling_below_the_filed_price_is_no_breach_at_any_time(world):
    (entry,) = world.approved()
    world.sell({"item": "i1", "unit_price": "87.99"}, paid_at="2023-05-12 10:00:00")
    world.sell({"item": "i1", "unit_price": "87.99"}, paid_at="2023-05-17 10:00:00")

    assert world.found(world.sweep("2023-05-18 02:00:00")) == []
    assert world.status(entry) == "approved"


@pytest.mark.rule("G520-033")
@pytest.mark.parametrize(
    ("paid_at", "price", "found"),
    [
        ("2023-05-10 18:00:00", "100.00", []),
        ("2023-05-16 19:59:59", "88.01", []),
        ("2023-05-16 20:00:00", "88.01", [("G520-033", "flag")]),
        ("2023-05-16 20:00:00", "88.00", []),
        ("2023-05-20 23:59:59", "88.01", [("G520-033", "flag")]),
        ("2023-05-21 00:00:00", "88.01", []),
    ],
)
def test_selling_above_it_during_live_is_flagged(world, paid_at, price, found):
    (entry,) = world.approved()
    world.sell({"item": "i1", "unit_price": price}, paid_at=paid_at)

    assert world.found(world.sweep("2023-05-21 02:00:00")) == found
    assert world.status(entry) == "approved"


@pytest.mark.rule("G520-034")
def test_an_unequal_group_buy_price_unpublishes_and_the_seller_publishes_again(world):
    (entry,) = world.approved()
    price = {"item": "i1", "channel": "group_buy", "starts_at": "2023-05-01 00:00:00"}
    world.feed("parallel_prices", {**price, "price": "88.00"}, at="2023-05-10 13:00:00")
    world.sweep("2023-05-11 02:00:00")
    assert world.status(entry) == "approved"

    world.feed("parallel_prices", {**price, "price": "88.01"}, at="2023-05-11 12:00:00")
    run = world.sweep("2023-05-12 02:00:00")
    assert world.found(run) == [("G520-034", "unpublish")]
    assert world.status(entry) == "unpublished"

    refused = republish_entry(
        entry=Entry.objects.get(pk=entry.pk), at=local("2023-05-12 10:00"), actor=world.user
    )
    assert refused.refusals or refused.findings

    world.feed("parallel_prices", {**price, "price": "88.00"}, at="2023-05-12 12:00:00")
    world.sweep("2023-05-13 02:00:00")
    assert world.status(entry) == "unpublished"

    republish_entry(
        entry=Entry.objects.get(pk=entry.pk), at=local("2023-05-13 10:00"), actor=world.user
    )
    assert world.status(entry) == "approved"


def reprice(world, price, at):
    (entry,) = world.approved(price="80.00")
    change = reprice_entry(
        entry=Entry.objects.get(pk=entry.pk), price=price, at=local(at), actor=world.user
    )
    return [refusal.code for refusal in change.refusals], Entry.objects.get(
        pk=entry.pk
    ).activity_price


@pytest.mark.rule("G520-046")
@pytest.mark.parametrize(
    ("at", "price", "refused"),
    [
        ("2023-05-14 23:59:59", "80.01", []),
        ("2023-05-15 00:00:00", "80.01", ["price_locked"]),
        ("2023-05-20 23:59:59", "80.01", ["price_locked"]),
        ("2023-05-15 00:00:00", "79.99", []),
    ],
)
def test_while_locked_the_campaign_price_may_fall_and_not_rise(world, at, price, refused):
    codes, kept = reprice(world, price, at)

    assert codes == refused
    assert kept == Decimal("80.00") if refused else Decimal(price)


@pytest.mark.rule("G520-046")
@pytest.mark.parametrize(
    ("at", "price", "refused"),
    [
        ("2023-05-14 23:59:59", "99.00", []),
        ("2023-05-15 00:00:00", "99.00", ["price_locked"]),
        ("2023-05-15 00:00:00", "70.00", ["price_locked"]),
        ("2023-05-20 23:59:59", "99.00", ["price_locked"]),
        ("2023-05-21 00:00:00", "99.00", []),
    ],
)
def test_while_locked_the_list_price_does_not_change(world, at, price, refused):
    world.approved()

    change = change_list_price(item=Item.objects.get(code="i1"), price=price, at=local(at))

    assert [refusal.code for refusal in change.refusals] == refused
