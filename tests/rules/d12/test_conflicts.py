"""Clauses 2.1.3 F, 2.2.3 and 3.4 item C: where else an item may stand, and which place rules."""

from decimal import Decimal

import pytest

from campaigns import privileges
from campaigns.models import Campaign, Finding
from campaigns.rulebooks.loading import load
from campaigns.rulebooks.versions import publish
from tests.rules.d12.network import (
    SHOWN_ON,
    approve,
    decide,
    effective_price,
    filed,
    in_the_way,
    invite,
    publish_results,
    reject,
    withdraw,
)
from tests.rules.d12.world import World, rulebook_text
from tests.times import local

# Days on which presale and the branches are both open, as outer is.
MORNING, NOON, EVENING = (f"2015-11-14 {hour}:00:00" for hour in ("09", "12", "18"))
LATER = "2015-11-16 12:00:00"
PRESALE, BRANCH, OUTER = "presale_women", "women", "outer"


def put(world, venue, how):
    """An item "i2" that was filed in a venue, and then, as ``how`` says; its entry."""
    world.items({"code": "i2"})
    invite(world, "i2")
    entry = filed(world, "i2", venue=venue, at=local(MORNING))
    if how == "approved" and world.status(entry) != "approved":
        approve(world, entry, NOON)
    elif how == "rejected":
        reject(world, entry, NOON)
    elif how == "withdrawn":
        withdraw(world, entry, NOON)
    assert world.status(entry) == how
    return entry


def superseded_by(world, entry):
    """(status, the venue whose approval ended it)."""
    venues = Finding.objects.filter(entry=entry, code="superseded_by").values_list("params")
    return world.status(entry), [params["venue"] for (params,) in venues]


@pytest.mark.rule("D12-026", "D12-085")
@pytest.mark.parametrize("venue", [BRANCH, OUTER])
@pytest.mark.parametrize(
    ("how", "is_barred"),
    [("in_review", True), ("approved", True), ("rejected", False), ("withdrawn", False)],
)
def test_an_item_registered_for_presale_enters_no_branch_and_not_outer(
    world, venue, how, is_barred
):
    put(world, PRESALE, how)

    (row,) = world.file("i2", venue=venue, at=local(LATER))

    assert in_the_way(row) == [("in_presale", PRESALE, how)] * is_barred


@pytest.mark.rule("D12-026", "D12-043")
@pytest.mark.parametrize("venue", [PRESALE, OUTER])
@pytest.mark.parametrize(
    ("how", "is_barred"),
    [("in_review", True), ("approved", True), ("rejected", False), ("withdrawn", False)],
)
def test_an_item_registered_for_a_branch_enters_neither_presale_nor_outer(
    world, venue, how, is_barred
):
    put(world, BRANCH, how)

    (row,) = world.file("i2", venue=venue, at=local(LATER))

    assert in_the_way(row) == [("in_branch", BRANCH, how)] * is_barred


@pytest.mark.rule("D12-026", "D12-085")
@pytest.mark.parametrize(("how", "is_barred"), [("approved", True), ("withdrawn", False)])
def test_an_item_of_outer_enters_no_presale(world, how, is_barred):
    put(world, OUTER, how)

    (row,) = world.file("i2", venue=PRESALE, at=local(LATER))

    assert in_the_way(row) == [("in_outer", OUTER, how)] * is_barred


@pytest.mark.rule("D12-026", "D12-043")
def test_another_item_of_the_shop_is_not_in_the_way(world):
    put(world, PRESALE, "approved")

    assert world.refused("b1", venue=BRANCH, at=local(LATER)) == []


@pytest.mark.rule("D12-027")
def test_where_an_item_stands_in_another_campaign_is_no_bar(world):
    text = rulebook_text().replace("code: double12-2015", "code: double11-2015")
    publish(load(text, source="double11.yaml").version, at=local("2015-10-01"))
    other = World(world.folder)
    other.campaign = Campaign.objects.get(code="double11-2015")
    world.items({"code": "i2"})
    other.ready("s1")
    approve(other, filed(other, "i2", venue=BRANCH, at=local(MORNING)), NOON)

    (here,) = world.file("i2", venue=PRESALE, at=local(LATER))
    (there,) = other.file("i2", venue=PRESALE, at=local(LATER))

    assert (here.status, in_the_way(here)) == ("in_review", [])
    assert in_the_way(there) == [("in_branch", BRANCH, "approved")]


@pytest.mark.rule("D12-042")
@pytest.mark.parametrize(("first", "other"), [("women", "men"), ("men", "women")])
def test_of_two_branches_the_first_to_approve_prevails_whichever_was_filed_first(
    world, first, other
):
    entries = {
        "women": filed(world, "b1", venue="women", at=local(MORNING)),
        "men": filed(world, "b1", venue="men", at=local(NOON)),
    }
    assert {world.status(entry) for entry in entries.values()} == {"in_review"}

    approve(world, entries[first], EVENING)

    assert world.status(entries[first]) == "approved"
    assert superseded_by(world, entries[other]) == ("superseded", [first])


@pytest.mark.rule("D12-042")
def test_results_that_are_published_together_let_the_first_decision_prevail(world):
    women = filed(world, "b1", venue="women", at=local(MORNING))
    men = filed(world, "b1", venue="men", at=local(MORNING))

    assert decide(world, men, NOON).outcome == "kept"
    assert decide(world, women, EVENING).outcome == "refused"
    assert (world.status(men), world.status(women)) == ("in_review", "in_review")
    publish_results(world, LATER)

    assert world.status(men) == "approved"
    assert superseded_by(world, women) == ("superseded", ["men"])


@pytest.mark.rule("D12-042")
@pytest.mark.parametrize(
    ("how", "found"), [("approved", [("in_other_branch", "women", "approved")]), ("rejected", [])]
)
def test_an_item_approved_in_a_branch_is_filed_for_no_other(world, how, found):
    put(world, "women", how)

    (row,) = world.file("i2", venue="men", at=local(LATER))

    assert in_the_way(row) == found


@pytest.mark.rule("D12-044")
def test_approval_in_a_branch_ends_the_outer_entry_and_its_price_rules(world):
    invite(world, "b1")
    outer = filed(world, "b1", venue=OUTER, price="50.00", at=local(MORNING))
    branch = filed(world, "b1", venue=BRANCH, price="48.00", at=local(NOON))

    def now():
        return world.status(outer), world.status(branch), effective_price(branch)

    assert now() == ("approved", "in_review", Decimal("50.00"))
    decide(world, branch, EVENING)
    assert now() == ("approved", "in_review", Decimal("50.00"))
    publish_results(world, LATER)

    assert now() == ("superseded", "approved", Decimal("48.00"))
    assert superseded_by(world, outer) == ("superseded", [BRANCH])
    columns = [privileges.HEADER.index(name) for name in ("venue", "effective_price")]
    lines = [
        [line[column] for column in columns] for line in privileges.lines(world.campaign, SHOWN_ON)
    ]
    assert lines == [[BRANCH, Decimal("48.00")]]


@pytest.mark.rule("D12-044")
@pytest.mark.parametrize("end", [reject, withdraw])
def test_the_outer_entry_stays_as_it_was_when_the_branch_does_not_take_the_item(world, end):
    invite(world, "b1")
    outer = filed(world, "b1", venue=OUTER, price="50.00", at=local(MORNING))
    branch = filed(world, "b1", venue=BRANCH, price="48.00", at=local(NOON))

    end(world, branch, EVENING)

    assert (world.status(outer), effective_price(outer)) == ("approved", Decimal("50.00"))
