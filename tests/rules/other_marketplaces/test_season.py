"""What follows the night under the rules of other marketplaces: undoing, mending, coming back."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from campaigns import sweeping
from campaigns.models import SweepRun
from campaigns.pricing import reprice_entry
from campaigns.registering import republish_entry
from tests.rules.other_marketplaces.item_cases import ITEMS
from tests.rules.other_marketplaces.seller_cases import REPUTATION, SCORE, SELLERS
from tests.rules.other_marketplaces.world import codes
from tests.times import local

LOST = [case for case in (*SELLERS, *ITEMS) if case.night and case.night.status != "approved"]
MORNING = {"at": local("2023-05-10 09:00:00")}


def statuses(world):
    """The statuses of the entries that the night has moved, by case."""
    return {case.name: world.status(f"{case.name}-lost") for case in LOST}


def test_an_undo_brings_back_what_the_night_took_and_holds_it_for_a_week(world):
    found = statuses(world)
    assert found == {case.name: case.night.status for case in LOST}
    out = StringIO()

    run = SweepRun.objects.get()
    call_command("nightly", "--undo", str(run.pk), "--at", "2023-05-10 09:00", "--json", stdout=out)

    assert json.loads(out.getvalue()) == {"restored": len(LOST), "left": []}
    assert set(statuses(world).values()) == {"approved"}
    world.sweep("2023-05-11 02:00:00")
    assert set(statuses(world).values()) == {"approved"}
    # When the hold ends the facts are no better, but for what has left its window by then.
    world.sweep("2023-05-17 08:59:59")
    assert set(statuses(world).values()) == {"approved"}
    world.sweep("2023-05-17 09:00:00")
    past = dict.fromkeys(("prohibited", "refunds-phones", "refunds-7-days"), "approved")
    assert statuses(world) == found | past


def test_the_night_again_changes_nothing(world):
    before, run = statuses(world), SweepRun.objects.get()

    again = sweeping.start(campaign=world.campaign, at=run.at, mode=run.mode)
    sweeping.work(again)

    assert (statuses(world), again) == (before, run)


def test_what_is_mended_comes_back_by_itself_where_the_rule_lets_it(world):
    world.facts({"reputation-lost": {REPUTATION: "green"}, "performance-lost": {SCORE: "5.0"}},
                at="2023-05-10 12:00:00")  # fmt: skip
    world.columns({"stock-lost": {"stock": "10"}}, at="2023-05-10 12:00:00")

    world.sweep("2023-05-11 02:00:00")

    assert world.status("reputation-lost") == "approved"
    assert world.status("stock-lost") == "approved"
    assert world.status("performance-lost") == "cleared_out"


@pytest.mark.parametrize(
    ("at", "status"),
    [("2023-05-11 01:59:59", "at_risk"), ("2023-05-11 02:00:00", "cleared_out")],
)
def test_a_deal_that_runs_short_has_24_hours_to_fill_up(world, at, status):
    world.sweep(at)

    assert world.status("stock-lost") == status


def test_an_unpublished_deal_waits_for_its_seller_to_lower_the_price(world):
    actor = {"actor": world.user, **MORNING}

    refused = republish_entry(entry=world.entry("listed-lost"), **actor)
    assert [finding.code for finding in refused.findings] == ["lowest_of_90_days"]
    assert reprice_entry(entry=world.entry("listed-lost"), price="79.99", **actor).accepted
    assert republish_entry(entry=world.entry("listed-lost"), **actor).accepted

    assert world.status("listed-lost") == "approved"


@pytest.mark.parametrize(
    ("at", "price", "refused"),
    [
        ("2023-05-19 23:59:59", "80.01", []),
        ("2023-05-20 00:00:00", "80.01", ["price_locked"]),
        ("2023-05-24 23:59:59", "80.01", ["price_locked"]),
        ("2023-05-25 00:00:00", "80.01", []),
        ("2023-05-20 00:00:00", "79.99", []),
    ],
)
def test_while_the_deal_runs_its_price_may_fall_and_not_rise(world, at, price, refused):
    change = reprice_entry(entry=world.entry("s1"), price=price, at=local(at), actor=world.user)

    assert [refusal.code for refusal in change.refusals] == refused
    assert str(world.entry("s1").activity_price) == ("80.00" if refused else price)


def test_what_nobody_has_delivered_goes_to_a_person_where_the_rule_says_hold(world):
    world.feed("items", {"code": "new", "seller": "s1", "category": "", "stock": "10"})
    world.facts({"new": {"item.rating": "2.5", "item.reviews": "5"}})

    (row,) = world.file("new")

    assert (row.status, row.entry.held, codes(row.findings)) == ("in_review", True, [])
    held = {(finding.code, finding.outcome) for finding in row.findings}
    assert held == {("restricted", "hold"), ("lowest_of_90_days", "hold")}


def test_a_shop_of_which_nothing_is_known_but_its_colour_joins_and_is_looked_at(world):
    world.feed("sellers", {"code": "new"})
    world.facts({"new": {REPUTATION: "green"}})
    world.items({"new": {}})

    assert world.join("new").joined
    (row,) = world.file("new", seller="new")

    assert (row.status, row.entry.held) == ("in_review", True)
    assert [(finding.code, finding.outcome) for finding in row.findings] == [
        ("without_score", "hold")
    ]
