"""Rules that look the same and are not: Double 12 and its counterpart side by side."""

from decimal import Decimal

import pytest
from django.utils.timezone import get_default_timezone

from campaigns import bonuses
from campaigns.models import Entry
from campaigns.quotas import places_of
from campaigns.registering import republish_entry
from campaigns.rulebooks.versions import version_in_force
from campaigns.withdrawing import withdraw_entry
from sellers.rollups import roll_up
from tests.rules.boards import board, ranked
from tests.rules.d12.racing import carts, hourly, shops, sold
from tests.rules.d12.test_refiling import free_places
from tests.rules.g520.world import World as GiftingSeason
from tests.times import local

SPRING = "2015-03-01 10:00:00"
LAST_DAY = "2014-12-31 12:00:00"
DEAR = "500.00"


@pytest.fixture
def season(world, tmp_path_factory):
    """The 520 gifting season, which the same seller takes part in."""
    folder = tmp_path_factory.mktemp("season")
    GiftingSeason.build(folder)
    return GiftingSeason(folder)


@pytest.mark.rule("D12-038", "D12-059", "D12-084")
@pytest.mark.parametrize(
    ("price", "presale", "branch", "outer"),
    [
        ("79.99", False, False, False),
        ("80.00", False, True, False),
        ("80.01", True, True, True),
    ],
)
def test_pair_1_at_the_lowest_sold_price_branches_refuse_and_the_others_take(
    world, price, presale, branch, outer
):
    world.items({"code": "i2"}, sold="80.00")

    assert ("D12-038" in world.found("i2", venue="presale_women", price=price)) is presale
    assert ("D12-059" in world.found("i2", venue="women", price=price)) is branch
    assert ("D12-084" in world.found("i2", venue="outer", price=price)) is outer


@pytest.mark.rule("D12-097", "G520-033", "G520-046")
@pytest.mark.parametrize(("below", "double12"), [("0.00", "approved"), ("0.01", "cleared_out")])
def test_pair_4_selling_below_the_campaign_price_before_the_sale_clears_out_of_double_12_alone(
    world, season, below, double12
):
    (branch,) = world.approved(venue="women", price="99.00")
    (gift,) = season.approved(price="88.00")
    world.sell(
        {"item": "b1", "unit_price": str(Decimal("99.00") - Decimal(below)), "quantity": "30"},
        paid_at="2015-12-05 10:00:00",
    )
    season.sell(
        {"item": "i1", "unit_price": str(Decimal("88.00") - Decimal(below))},
        paid_at="2023-05-12 10:00:00",
    )

    world.sweep("2015-12-06 02:00:00")
    season.sweep("2023-05-13 02:00:00")

    assert (world.status(branch), season.status(gift)) == (double12, "approved")
    assert (world.reason(branch) == "sold_early") is (double12 == "cleared_out")


@pytest.mark.rule("D12-007", "D12-034", "D12-055")
@pytest.mark.parametrize(
    ("severity", "joins", "presale", "branch"),
    [("general", True, ["D12-034"], ["D12-055"]), ("serious", False, ["D12-034"], ["D12-055"])],
)
def test_pair_5_six_points_must_be_serious_for_the_campaign_and_any_for_presale_and_branches(
    world, severity, joins, presale, branch
):
    world.sellers({"code": "s2"})
    for seller in ("s1", "s2"):
        world.violation("quality_check", points=6, severity=severity, on=SPRING, seller=seller)

    assert world.kept_out("s2") == ([] if joins else ["D12-007"])
    assert world.found(venue="presale_women") == presale
    assert world.found(venue="women") == branch
    assert ("D12-007" in world.found(venue="outer")) is not joins


@pytest.mark.rule("D12-008", "D12-036", "D12-080")
@pytest.mark.parametrize(
    ("points", "on", "general", "this_year"),
    [
        (23, LAST_DAY, False, False),
        (24, LAST_DAY, True, False),
        (0, SPRING, True, True),
    ],
)
def test_pair_6_the_campaign_looks_at_two_years_presale_and_outer_at_this_one_as_well(
    world, points, on, general, this_year
):
    world.violation("counterfeit", points=points, on=on)

    presale = world.found(venue="presale_women")
    outer = world.found(venue="outer")
    branch = world.found(venue="women")

    assert {"D12-008" in codes for codes in (presale, outer, branch)} == {general}
    assert ("D12-036" in presale, "D12-080" in outer) == (this_year, this_year)


@pytest.mark.rule("D12-109")
@pytest.mark.parametrize(
    ("venue", "refused"),
    [("presale_women", "not_cancellable"), ("women", "not_cancellable"), ("outer", "")],
)
def test_pair_7_an_approved_entry_is_cancelled_in_outer_and_in_520_not_in_presale_and_branches(
    world, season, venue, refused
):
    free_places(world)
    (entry,) = world.approved(venue=venue)
    (gift,) = season.approved()

    assert cancelled(world, entry, local("2015-11-24 23:59:59")) == refused
    assert cancelled(season, gift, local("2023-05-10 12:00:01")) == ""


def cancelled(world, entry, at):
    refusal = withdraw_entry(entry=Entry.objects.get(pk=entry.pk), at=at, actor=world.user)
    return refusal.code if refusal else ""


@pytest.mark.rule("D12-095", "D12-105", "G520-034", "G520-035")
def test_pair_8_a_failure_ends_it_in_double_12_and_passes_or_waits_for_the_seller_in_520(
    world, season
):
    season.items({"code": "i2"})
    (branch,) = world.approved(venue="lingerie")
    slow, unequal = season.approved("i1", "i2")
    group_buy = {"item": "i2", "channel": "group_buy", "starts_at": "2023-05-01 00:00:00"}

    def statuses():
        return [world.status(branch), season.status(slow), season.status(unequal)]

    world.feed("items", {"code": "b1", "stock": "199"}, at="2015-11-20 18:00:00")
    season.feed("items", {"code": "i1", "ship_time_hours": "49"}, at="2023-05-11 12:00:00")
    season.feed("parallel_prices", {**group_buy, "price": "88.01"}, at="2023-05-11 12:00:00")
    world.sweep("2015-11-21 02:00:00")
    season.sweep("2023-05-12 02:00:00")
    assert statuses() == ["cleared_out", "abnormal", "unpublished"]

    world.feed("items", {"code": "b1", "stock": "200"}, at="2015-11-21 18:00:00")
    season.feed("items", {"code": "i1", "ship_time_hours": "48"}, at="2023-05-12 12:00:00")
    season.feed("parallel_prices", {**group_buy, "price": "88.00"}, at="2023-05-12 12:00:00")
    world.sweep("2015-11-22 02:00:00")
    season.sweep("2023-05-13 02:00:00")
    assert statuses() == ["cleared_out", "approved", "unpublished"]

    (again,) = world.approved("b1", venue="lingerie", at=local("2015-11-23 12:00:00"))
    republish_entry(
        entry=Entry.objects.get(pk=unequal.pk), at=local("2023-05-13 10:00"), actor=season.user
    )
    assert statuses() == ["cleared_out", "approved", "approved"]
    assert again.pk != branch.pk


@pytest.mark.rule("D12-051", "D12-052", "D12-133", "G520-047", "G520-048", "G520-049", "G520-050")
def test_pair_12_races_look_at_the_day_the_hour_the_preheat_or_history_by_their_phase(
    world, season
):
    shops(world, "a", "b")
    season.sellers({"code": "sa"}, {"code": "sb"})
    for code in "ab":
        season.items({"code": code, "seller": f"s{code}", "industry": "apparel"})
        season.approved(code, seller=f"s{code}", at=local(f"2023-05-10 1{'ab'.index(code)}:00"))
    # b has something at each time, a nothing.
    carts(world, "2015-12-07", b="1.00")
    hourly(world, "2015-12-11 23:00:00", b="1.00")
    sold(world, "2015-12-12 10:30:00", b="1.00")
    bought = {"item": "b", "seller": "sb", "unit_price": "1.00"}
    season.sell(bought, paid_at="2023-05-14 12:00:00")
    season.sell(bought, paid_at="2023-05-17 09:30:00")
    for hour in ("2023-05-16 09:00:00", "2023-05-15 12:00:00"):
        season.carts({"item": "b", "hour": hour, "cart_amount": "1.00"})

    def read(marketplace, race, at, venue):
        made = board(marketplace, race, at, venue)
        window = [bound and local_text(bound) for bound in (made.facts_from, made.facts_to)]
        return window, ranked(made)

    double12 = {
        phase: read(world, "branch", at, "women")
        for phase, at in (
            ("day", "2015-12-08 00:00:00"),
            ("next day", "2015-12-09 00:00:00"),
            ("hour", "2015-12-12 11:00:00"),
            ("next hour", "2015-12-12 12:00:00"),
        )
    }
    assert double12 == {
        "day": (["2015-12-07 00:00", "2015-12-08 00:00"], ["b", "a"]),
        "next day": (["2015-12-08 00:00", "2015-12-09 00:00"], ["a", "b"]),
        "hour": (["2015-12-12 10:00", "2015-12-12 11:00"], ["b", "a"]),
        "next hour": (["2015-12-12 11:00", "2015-12-12 12:00"], ["a", "b"]),
    }
    window, _rows = read(world, "outer", "2015-12-12 00:00:00", "women")
    assert window == ["2015-12-07 00:00", "2015-12-12 00:00"]

    gifts = {
        phase: read(season, "industry", at, "main")
        for phase, at in (
            ("history", "2023-05-15 00:00:00"),
            ("hour of carts", "2023-05-16 10:00:00"),
            ("next hour", "2023-05-16 11:00:00"),
            ("preheat", "2023-05-16 20:00:00"),
            ("hour of sales", "2023-05-17 10:00:00"),
        )
    }
    assert gifts == {
        "history": ([None, "2023-05-15 00:00"], ["b", "a"]),
        "hour of carts": (["2023-05-16 09:00", "2023-05-16 10:00"], ["b", "a"]),
        "next hour": (["2023-05-16 10:00", "2023-05-16 11:00"], ["a", "b"]),
        "preheat": (["2023-05-15 00:00", "2023-05-16 20:00"], ["b", "a"]),
        "hour of sales": (["2023-05-17 09:00", "2023-05-17 10:00"], ["b", "a"]),
    }


def local_text(instant):
    return instant.astimezone(get_default_timezone()).strftime("%Y-%m-%d %H:%M")


@pytest.mark.rule("D12-087", "D12-088", "D12-089")
def test_pair_13_what_the_system_finds_goes_to_people_in_presale_and_ends_it_elsewhere(world):
    (presale,) = world.file(venue="presale_women", price=DEAR)
    (branch,) = world.file(venue="women", price=DEAR)
    (outer,) = world.file(venue="outer", price=DEAR)

    assert (presale.status, branch.status, outer.status) == ("in_review", "rejected", "rejected")


@pytest.mark.rule("D12-114", "D12-115", "D12-117", "G520-028")
def test_pair_14_double_12s_places_follow_qualifications_carts_add_5_once_and_520s_are_frozen(
    world, season
):
    def qualified(*codes, until=""):
        rows = ({"seller": "s1", "code": code, "valid_from": "2015-01-01", "valid_to": until}
                for code in codes)  # fmt: skip
        world.feed("qualifications", *rows)

    def of(marketplace, quota, at):
        registration = marketplace.join("s1").registration
        version = version_in_force(marketplace.campaign, local(at))
        places = places_of(registration, version=version, at=local(at))
        return next(place.ceiling for place in places if place.quota.code == quota)

    def carts(amount):
        world.feed("carts", {"item": "o1", "hour": "2015-11-30 12:00:00", "cart_amount": amount})
        roll_up()
        bonuses.grant_due(world.version, local("2015-12-05 13:00"))
        return of(world, "cart_incentive", "2015-12-05 13:00:00")

    world.feed("facts", {"seller": "s1", "seller.cart_amount_reference": "10000.00"})
    enrolled = bonuses.enrol(
        registration=world.registration(), bonus="cart_incentive", version=world.version,
        at=local("2015-12-05 12:00"),
    )  # fmt: skip
    assert enrolled is None
    # 520: the level of 25 April, whatever comes after. Level 4 has 12 places, level 6 has 300.
    season.sellers({"code": "s1", "growth_level": "4"}, at="2023-04-25 00:00:00")
    assert of(season, "stock_list", "2023-05-10 12:00:00") == 12
    season.sellers({"code": "s1", "growth_level": "6"}, at="2023-05-09 12:00:00")
    assert of(season, "stock_list", "2023-05-10 12:00:00") == 12

    # Double 12: what is held now, added up. Carts give once, whether they grow or shrink.
    qualified("enterprise")
    qualified("gold_medal", until="2015-12-06")
    assert of(world, "qualification", "2015-12-05 23:59:59") == 16
    assert of(world, "qualification", "2015-12-06 00:00:00") == 8
    assert [carts(amount) for amount in ("9999.99", "10000.00", "20000.00", "9999.99")] == [
        0, 5, 5, 5,
    ]  # fmt: skip
