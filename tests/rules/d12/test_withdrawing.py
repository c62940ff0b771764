"""Section 5.7: what sellers cancel themselves, when, and what it costs."""

import pytest

from campaigns import privileges, standing
from campaigns.models import Entry
from campaigns.withdrawing import closing_soon, withdraw_entry
from tests.rules.d12.test_refiling import free_places
from tests.times import local

PRESALE, BRANCH, OUTER = "presale_women", "lingerie", "outer"
FILED = {PRESALE: "2015-11-10 12:00:00", BRANCH: "2015-11-20 12:00:00",
         OUTER: "2015-11-20 12:00:00"}  # fmt: skip


def cancel(world, entry, at):
    """The seller cancels an entry at a local time; "" where it is cancelled, else why not."""
    entry = Entry.objects.get(pk=entry.pk)
    refusal = withdraw_entry(entry=entry, at=local(at), actor=world.user)
    return refusal.code if refusal else ""


def in_feed(world, at):
    """The items that the privilege feed has at a local time, with their English badge."""
    return {line[2]: line[6] for line in privileges.lines(world.campaign, local(at))}


@pytest.mark.rule("D12-108", "D12-109")
@pytest.mark.parametrize("venue", [PRESALE, BRANCH, OUTER])
def test_what_is_not_approved_yet_is_cancelled_in_every_kind_of_venue(world, venue):
    free_places(world)
    # Who is not known to meet the rules waits for a person, in outer too.
    world.sellers({"code": "s1", "marketing_rules_ok": ""})
    (row,) = world.file(venue=venue)
    assert row.status == "in_review"

    assert cancel(world, row.entry, FILED[venue]) == ""
    assert world.status(row.entry) == "withdrawn"


@pytest.mark.rule("D12-108", "D12-109")
def test_a_decision_that_nobody_was_told_of_does_not_hold_an_entry(world):
    (row,) = world.file(venue=BRANCH)
    assert world.approve(row.entry.pk, at=local("2015-11-20 13:00:00")) == ["kept"]

    assert cancel(world, row.entry, "2015-11-20 14:00:00") == ""


@pytest.mark.rule("D12-109")
@pytest.mark.parametrize(
    ("venue", "refused"),
    [(PRESALE, "not_cancellable"), (BRANCH, "not_cancellable"), (OUTER, "")],
)
def test_once_approved_only_outer_lets_an_entry_go(world, venue, refused):
    free_places(world)
    (entry,) = world.approved(venue=venue)

    assert cancel(world, entry, FILED[venue]) == refused
    assert world.status(entry) == ("approved" if refused else "withdrawn")


@pytest.mark.rule("D12-110")
@pytest.mark.parametrize(
    ("venue", "at", "again"),
    [
        (PRESALE, "2015-11-16 23:59:59", "in_review"),
        (PRESALE, "2015-11-17 00:00:00", "rejected"),
        (BRANCH, "2015-11-24 23:59:59", "in_review"),
        (BRANCH, "2015-11-25 00:00:00", "rejected"),
        (OUTER, "2015-12-12 23:59:59", "approved"),
        (OUTER, "2015-12-13 00:00:00", "rejected"),
    ],
)
def test_a_mistake_is_cancelled_and_filed_again_up_to_the_last_second(world, venue, at, again):
    free_places(world)
    (wrong,) = world.file(venue=venue, price="98.00")

    assert cancel(world, wrong.entry, at) == ""
    (right,) = world.file(venue=venue, price="97.00", at=local(at))
    assert right.status == again
    assert [row.code for row in right.findings if row.outcome == "fail"] == (
        ["window_closed"] if again == "rejected" else []
    )


@pytest.mark.rule("D12-111")
def test_cancelling_ends_badge_standing_and_privileges_at_once(world):
    free_places(world)
    (entry,) = world.approved(venue=OUTER)
    at = "2015-12-08 10:00:00"
    assert in_feed(world, at).keys() == {"o1"}
    assert in_feed(world, at)["o1"] != ""
    assert standing.is_campaign_merchant(world.campaign, entry.seller)

    assert cancel(world, entry, at) == ""

    entry.refresh_from_db()
    assert in_feed(world, at) == {}
    assert standing.badge_of(entry, standing.showings(world.campaign, local(at))) == {}
    assert not standing.is_campaign_item(entry)
    assert not standing.is_campaign_merchant(world.campaign, entry.seller)
    assert list(privileges.lost(world.campaign, local(at))) == [entry]


@pytest.mark.rule("D12-112")
def test_filed_and_approved_again_it_has_its_standing_back_and_both_entries_are_kept(world):
    free_places(world)
    (first,) = world.approved(venue=OUTER)
    assert cancel(world, first, "2015-11-21 10:00:00") == ""
    assert in_feed(world, "2015-12-08 10:00:00") == {}

    (second,) = world.approved(venue=OUTER, price="98.00", at=local("2015-11-21 10:00:01"))

    assert second.pk != first.pk
    assert standing.is_campaign_item(second)
    assert in_feed(world, "2015-12-08 10:00:00").keys() == {"o1"}
    kept = Entry.objects.filter(item=first.item).order_by("id").values_list("status", flat=True)
    assert list(kept) == ["withdrawn", "approved"]
    steps = [list(row.history.order_by("id").values_list("to_status", flat=True))
             for row in (first, second)]  # fmt: skip
    assert steps == [["submitted", "approved", "withdrawn"], ["submitted", "approved"]]


@pytest.mark.rule("D12-113")
@pytest.mark.parametrize(
    ("venue", "at", "warned"),
    [
        (PRESALE, "2015-11-15 23:59:59", False),
        (PRESALE, "2015-11-16 00:00:00", True),
        (PRESALE, "2015-11-16 23:59:59", True),
        (PRESALE, "2015-11-17 00:00:00", False),
        (BRANCH, "2015-11-23 23:59:59", False),
        (BRANCH, "2015-11-24 00:00:00", True),
        (BRANCH, "2015-11-24 23:59:59", True),
        (BRANCH, "2015-11-25 00:00:00", False),
        (OUTER, "2015-12-11 23:59:59", False),
        (OUTER, "2015-12-12 00:00:00", True),
        (OUTER, "2015-12-12 23:59:59", True),
        (OUTER, "2015-12-13 00:00:00", False),
    ],
)
def test_who_cancels_in_the_last_24_hours_is_warned(world, venue, at, warned):
    soon = closing_soon([world.campaign], local(at))

    assert (world.venue(venue).pk in soon) is warned


@pytest.mark.rule("D12-113")
@pytest.mark.parametrize(
    ("at", "warned"), [("2015-11-23 23:59:59", False), ("2015-11-24 00:00:00", True)]
)
def test_the_page_that_asks_before_cancelling_says_so(world, workbench, at, warned):
    (row,) = world.file(venue=BRANCH)

    answer = workbench("withdraw", at=at, entry=row.entry.pk)

    assert answer.context["number"] == 1
    said = b"may not be filed again in time" in answer.content
    assert (said, [ends for _title, ends in answer.context["warned"]]) == (
        warned, [local("2015-11-25 00:00:00")] * warned,
    )  # fmt: skip
