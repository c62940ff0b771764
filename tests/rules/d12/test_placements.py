"""Sections 4 and 7: what is exported of the campaign's items, and the affiliate venues."""

import csv

import pytest
from django.core.management import call_command

from campaigns import clearing
from campaigns.models import Entry, ReasonTemplate
from tests.rules.boards import board, in_turn, periods, ranked
from tests.rules.d12.racing import item_of, shops
from tests.times import local

EIGHTH = "2015-12-08 00:00:00"
NINTH = "2015-12-09 00:00:00"
AFFILIATES = "affiliate_women"


def exported(world, feed, at):
    """The lines of an exported file, as of a local time."""
    path = world.folder / "export.csv"
    call_command(
        "privileges", str(path), "--campaign", world.campaign.code, "--at", at, "--list", feed
    )
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def affiliates(world, code, *, enabled="true", commission="0.1000", bid="1.00"):
    """What a shop and its item have set with the affiliates; "" for nothing."""
    world.feed("facts", {"seller": code, "seller.affiliate_enabled": enabled}, at="2015-12-01")
    world.feed(
        "facts",
        {"item": item_of(code), "item.commission_rate": commission, "item.smart_bid": bid},
        at="2015-12-01",
    )  # fmt: skip


def listed(world, at=EIGHTH, venue=AFFILIATES):
    """Items on the list of an affiliate venue, in order."""
    return ranked(board(world, "affiliate_main" if venue == "affiliate_main" else "affiliate",
                        at, venue))  # fmt: skip


def take_off(world, code, venue):
    entry = Entry.objects.get(seller__code=code, venue__code=venue)
    clearing.clear_out(
        entries={entry.pk: entry.revision}, at=local("2015-12-08 12:00"), actor=world.user,
        reason=ReasonTemplate.objects.filter(use=ReasonTemplate.Use.CLEAR_OUT).earliest("pk"),
    )  # fmt: skip
    assert world.status(entry) == "cleared_out"


@pytest.mark.rule("D12-013")
def test_campaign_items_are_in_the_export_from_approval_until_they_are_offline(world):
    shops(world, "a")
    (row,) = world.file("b1", venue="women")

    def inside():
        return {line["item"] for line in exported(world, "items", EIGHTH)}

    assert inside() == {"a-item"}
    world.approve(row.entry.pk, at=local("2015-11-24 12:00"), venue="women")
    assert inside() == {"a-item", "b1"}
    take_off(world, "a", "women")
    assert inside() == {"b1"}


@pytest.mark.rule("D12-014", "D12-137")
@pytest.mark.parametrize(
    ("set_up", "inside"),
    [
        ({}, True),
        ({"enabled": "false"}, False),
        ({"enabled": ""}, False),
        ({"commission": ""}, False),
        ({"commission": "0.0000"}, False),
        ({"commission": "0.0001"}, True),
    ],
)
@pytest.mark.parametrize("venue", ["women", "outer"])
def test_an_item_enters_the_affiliate_venue_by_promotion_and_commission(
    world, venue, set_up, inside
):
    shops(world, "a", venue=venue)
    affiliates(world, "a", **set_up)

    found = ["a-item"] if inside else []
    assert listed(world) == listed(world, venue="affiliate_main") == found


@pytest.mark.rule("D12-137")
def test_presale_items_do_not_enter_and_changes_show_at_the_next_refresh(world):
    shops(world, "a", "b")
    shops(world, "c", venue="presale_women")
    for code in "ac":
        affiliates(world, code)
    affiliates(world, "b", commission="")
    assert listed(world) == ["a-item"]

    affiliates(world, "b")
    take_off(world, "a", "women")

    assert listed(world, NINTH) == ["b-item"]


@pytest.mark.rule("D12-137")
def test_an_item_that_is_offline_is_out_of_the_export_at_once(world):
    shops(world, "a")
    affiliates(world, "a")
    listed(world)
    at = "2015-12-08 13:00:00"

    def on_page():
        return [line["item"] for line in exported(world, "places", at)
                if line["venue"] == AFFILIATES]  # fmt: skip

    assert on_page() == ["a-item"]
    take_off(world, "a", "women")
    assert on_page() == []


@pytest.mark.rule("D12-141")
@pytest.mark.parametrize("venue", [AFFILIATES, "affiliate_main"])
@pytest.mark.parametrize(
    ("a", "b", "first"),
    [
        (("1.00", "0.1000"), ("1.00", "0.0999"), "a-item"),
        (("1.00", "0.0999"), ("1.00", "0.1000"), "b-item"),
        (("1.01", "0.0100"), ("1.00", "0.5000"), "a-item"),
        (("1.00", "0.5000"), ("1.01", "0.0100"), "b-item"),
    ],
)
def test_affiliate_venues_are_in_the_order_of_bids_and_then_of_commission(
    world, venue, a, b, first
):
    shops(world, "a", "b")
    for code, (bid, commission) in (("a", a), ("b", b)):
        affiliates(world, code, bid=bid, commission=commission)

    assert listed(world, venue=venue)[0] == first


@pytest.mark.rule("D12-140")
@pytest.mark.parametrize(
    ("at", "shown"),
    [
        ("2015-12-06 23:59:59", False),
        ("2015-12-07 00:00:00", True),
        ("2015-12-12 23:59:59", True),
        ("2015-12-13 00:00:00", False),
    ],
)
def test_the_affiliate_venues_show_from_7_to_12_december(world, at, shown):
    shops(world, "a")
    affiliates(world, "a")
    for day in ("2015-12-07 00:00:00", "2015-12-12 00:00:00"):
        listed(world, day)

    there = {line["venue"] for line in exported(world, "places", at)}

    assert (AFFILIATES in there) is shown


@pytest.mark.rule("D12-140")
@pytest.mark.parametrize("race", ["affiliate", "affiliate_main"])
def test_they_are_put_in_order_on_each_of_their_days(world, race):
    venue = AFFILIATES if race == "affiliate" else race

    found = periods(world, race, "2015-12-14 00:00:00", venue)

    days = [local(f"2015-12-{day:02}") for day in range(7, 13)]
    assert found == in_turn(*days, until=local("2015-12-13"))


@pytest.mark.rule("D12-138")
def test_the_affiliates_channels_are_positions_of_their_own(world):
    found = world.version.resourceslot_set.filter(channel="affiliates")

    assert sorted(row.code for row in found) == ["affiliate_mobile", "affiliate_web"]
