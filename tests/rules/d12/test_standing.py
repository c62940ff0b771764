"""Sections 1.3 and 3.1: campaign items, what they wear, campaign merchants, where items show."""

import pytest
from django.db import transaction

from campaigns import privileges
from campaigns.models import Entry
from campaigns.standing import (
    badge_of,
    campaign_items,
    campaign_merchants,
    is_campaign_item,
    is_campaign_merchant,
    showings,
)
from sellers.models import Seller
from tests.rules.d12.network import SHOWN_ON, approve, filed, invite
from tests.times import local

STYLES = {"1212 annual gala", "1212", "1212 price"}
NOON = "2015-11-20 12:00:00"
BRANCHES = 34


def items_of(world):
    return sorted(campaign_items(world.campaign).values_list("item__code", flat=True))


def badge(world, entry, at=SHOWN_ON):
    """The badge of an entry's item, in English."""
    entry = Entry.objects.get(pk=entry.pk)
    return badge_of(entry, showings(world.campaign, at)).get("en", "")


def clear_out(world, at="2015-11-22 02:00:00"):
    """The shop no longer meets the general rules, and a night passes."""
    world.sellers({"code": "s1", "marketing_rules_ok": "false"}, at="2015-11-21 12:00:00")
    world.sweep(at)


@pytest.mark.rule("D12-010")
def test_a_branch_item_is_a_campaign_item_in_the_transaction_that_approves_it(world):
    entry = filed(world, "b1")
    assert (is_campaign_item(entry), items_of(world)) == (False, [])

    with transaction.atomic():
        approve(world, entry, NOON)
        assert items_of(world) == ["b1"]
        transaction.set_rollback(True)
    assert items_of(world) == []
    approve(world, entry, NOON)

    entry.refresh_from_db()
    assert (is_campaign_item(entry), items_of(world)) == (True, ["b1"])


@pytest.mark.rule("D12-010")
def test_an_outer_item_is_one_with_its_approval_by_the_system(world):
    invite(world, "o1")

    entry = filed(world, "o1", venue="outer")

    assert (entry.status, items_of(world)) == ("approved", ["o1"])


@pytest.mark.rule("D12-011")
def test_branch_and_outer_items_have_three_styles_of_badge(world):
    terms = list(world.version.venueterms_set.filter(kind__in=["branch", "outer"]))

    assert len(terms) == BRANCHES + 1
    for row in terms:
        assert {style["en"] for style in (row.badge, *row.badge_styles)} == STYLES


@pytest.mark.rule("D12-011")
def test_approved_items_wear_one_of_them_and_pending_ones_none(world):
    invite(world, "o1")
    outer = filed(world, "o1", venue="outer")
    branch = filed(world, "b1")
    pending = badge(world, branch)
    approve(world, branch, NOON)

    worn = [badge(world, entry) for entry in (outer, branch)]
    clear_out(world)

    assert pending == ""
    assert set(worn) <= STYLES
    assert [badge(world, entry) for entry in (outer, branch)] == ["", ""]


@pytest.mark.rule("D12-012")
def test_a_seller_is_a_campaign_merchant_as_long_as_one_item_is_approved(world):
    seller = Seller.objects.get(code="s1")
    entry = filed(world, "b1")

    def merchants():
        found = list(campaign_merchants(world.campaign).values_list("code", flat=True))
        assert is_campaign_merchant(world.campaign, seller) is ("s1" in found)
        return found

    assert merchants() == []
    approve(world, entry, NOON)
    assert merchants() == ["s1"]
    clear_out(world)

    assert world.status(entry) == "cleared_out"
    assert merchants() == []


@pytest.mark.rule("D12-012")
def test_with_another_item_left_the_seller_stays_one(world):
    world.items({"code": "b2"})
    first, second = filed(world, "b1"), filed(world, "b2")
    for entry in (first, second):
        approve(world, entry, NOON)
    world.violation("not_as_described", points=2, on="2015-11-20 18:00:00", item="b1")
    world.sweep("2015-11-21 02:00:00")

    assert (world.status(first), world.status(second)) == ("cleared_out", "approved")
    assert is_campaign_merchant(world.campaign, Seller.objects.get(code="s1"))


@pytest.mark.rule("D12-070")
def test_outer_items_are_in_the_privilege_feed_and_on_no_page_of_the_others(world):
    invite(world, "o1")
    filed(world, "o1", venue="outer")
    approve(world, filed(world, "b1", venue="women"), NOON)
    shown = showings(world.campaign, SHOWN_ON)

    fed = [line[2] for line in privileges.lines(world.campaign, SHOWN_ON)]
    pages = {
        venue.code: list(privileges.on_page(venue, shown).values_list("item__code", flat=True))
        for venue in world.campaign.venues.all()
        if shown[venue.pk].kind in ("main", "branch", "presale_main", "presale")
    }

    assert sorted(fed) == ["b1", "o1"]
    assert len(pages) == 1 + BRANCHES + 1 + 21
    assert {code: items for code, items in pages.items() if items} == {"women": ["b1"]}


@pytest.mark.rule("D12-070")
def test_an_outer_item_that_is_not_approved_is_not_in_the_feed(world):
    invite(world, "o1")
    world.file("o1", venue="outer", price="100.01")

    assert list(privileges.lines(world.campaign, local(NOON))) == []
