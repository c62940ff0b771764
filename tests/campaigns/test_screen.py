"""What a data screen shows: figures of rollups, boards and tallies, at a cost that stays."""

import json

import pytest

from benchmarks import screen as benchmark
from campaigns.models import Campaign, TallyDelta
from campaigns.screen import gather
from tests.campaigns.racing.world import hour
from tests.campaigns.sales_world import AT, SalesWorld, busy_world
from tests.factories import CampaignFactory, MilestoneFactory, SellerFactory
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return SalesWorld()


def shown(world, at=AT):
    return gather(
        Campaign.objects.get(pk=world.campaign.pk), local(at) if isinstance(at, str) else at
    )


def test_sales_are_compared_with_the_target(world):
    item = world.item("a")
    world.sold(item, "2023-05-16 20:00", "199.00", quantity=2)
    world.sold(item, "2023-05-17 09:00", "0.99", quantity=1)
    world.target("200.00")
    world.add_up(AT)

    sales = shown(world)["sales"]

    assert sales == {
        "as_of": "2023-05-17T14:05:00+08:00",
        "amount": "199.99",
        "paid_amount": "199.99",
        "quantity": 3,
        "orders": 2,
        "target": "200.00",
        "share": "99.99",
    }
    world.sold(item, "2023-05-17 10:00", "0.01")
    world.add_up("2023-05-17 14:10")
    assert shown(world, "2023-05-17 14:10")["sales"]["share"] == "100"


def test_a_share_is_never_rounded_up_to_the_whole(world):
    world.sold(world.item("a"), "2023-05-16 20:00", "999999.99")
    world.target("1000000")
    world.add_up(AT)
    assert shown(world)["sales"]["share"] == "99.99"


def test_without_a_target_none_is_shown(world):
    world.add_up(AT)
    sales = shown(world)["sales"]
    assert (sales["target"], sales["share"], sales["amount"]) == (None, None, "0.00")


@pytest.mark.parametrize(
    ("at", "phase", "dates"),
    [
        ("2023-05-16 19:59:59", "before", []),
        ("2023-05-16 20:00:00", "live", ["2023-05-16", "2023-05-15"]),
        ("2023-05-17 00:00:00", "live", ["2023-05-17", "2023-05-16"]),
        ("2023-05-20 23:59:59", "live", ["2023-05-20", "2023-05-19"]),
        ("2023-05-21 00:00:00", "after", ["2023-05-20", "2023-05-19"]),
        ("2023-06-21 00:00:00", "after", ["2023-05-20", "2023-05-19"]),
    ],
)
def test_the_phase_follows_the_sale(world, at, phase, dates):
    found = shown(world, at)
    assert (found["phase"], [day["date"] for day in found["days"]]) == (phase, dates)
    assert found["sale"] == {
        "starts_at": "2023-05-16T20:00:00+08:00",
        "ends_at": "2023-05-21T00:00:00+08:00",
    }


def test_between_two_parts_of_a_sale(world):
    MilestoneFactory(
        version=world.version, code="again", kind="live",
        starts_at=local("2023-05-25"), ends_at=local("2023-05-26"),
    )  # fmt: skip
    assert shown(world, "2023-05-23")["phase"] == "between"
    assert shown(world, "2023-05-25")["phase"] == "live"


def test_hours_are_those_of_the_local_day(world):
    item = world.item("a")
    for at, amount in (("16 23:00", "1.00"), ("17 00:00", "2.00"), ("17 14:00", "3.00")):
        world.sold(item, f"2023-05-{at}", amount, quantity=7)
    world.add_up(AT)

    today, before = shown(world)["days"]

    assert len(today["hours"]) == len(before["hours"]) == 24
    assert today["hours"][0] == {"label": "00:00", "amount": "2.00", "quantity": 7}
    assert today["hours"][13] == {"label": "13:00", "amount": "0.00", "quantity": 0}
    assert today["hours"][14]["amount"] == "3.00"
    # Not sold yet, and before the sale: nothing is known, which is not nothing sold.
    assert today["hours"][15]["amount"] is None
    assert before["hours"][19]["amount"] is None
    assert before["hours"][23]["amount"] == "1.00"


def test_what_comes_next_and_what_is_open(world):
    found = shown(world, "2023-05-16 19:00")
    assert [row["code"] for row in found["open"]] == ["preheat", "items", "sellers"]
    assert (found["next"]["code"], found["next"]["what"]) == ("live", "starts")
    assert found["next"]["at"] == "2023-05-16T20:00:00+08:00"
    assert shown(world, "2023-05-21")["next"] is None


def test_the_next_board_is_the_first_to_begin(world):
    world.race(title={"en": "Hourly"})
    world.segment()
    before = shown(world, "2023-05-16 12:00")["next_board"]
    assert (before["at"], before["race"]) == ("2023-05-16T20:00:00+08:00", "race")
    assert before["title"] == {"en": "Hourly"}
    assert shown(world)["next_board"]["at"] == "2023-05-17T15:00:00+08:00"
    assert shown(world, "2023-05-20 23:00")["next_board"] is None


def test_without_a_race_there_is_no_next_board(world):
    assert shown(world)["next_board"] is None


def test_the_funnel_is_that_of_all_venues(world):
    world.counted(
        moved__draft__submitted=7, moved__draft__rejected=2, status__approved=4, status__void=1
    )
    assert {row["step"]: row["entries"] for row in shown(world)["funnel"]} == {
        "filed": 9, "refused": 2, "pending": 0, "approved": 4, "at_risk": 0, "abnormal": 0,
        "cleared_out": 0, "left": 1,
    }  # fmt: skip


def test_a_campaign_without_a_rulebook_in_force(world):
    campaign = CampaignFactory()
    found = gather(campaign, AT)
    assert (found["phase"], found["next"], found["campaign"]["version"]) == ("none", None, None)
    assert [ranking["rows"] for ranking in found["rankings"]] == [[], []]


def test_it_can_be_written_as_json():
    world = busy_world()
    world.add_up(AT)
    world.make(AT)
    assert json.loads(json.dumps(shown(world))) == shown(world)


# A published rulebook is remembered outside a transaction.
@pytest.mark.django_db(transaction=True)
def test_it_costs_the_same_with_ten_entries_and_a_thousand():
    """And with a hundred times the sales, boards' candidates and tallies."""
    small, large = SalesWorld(), SalesWorld()
    counts = []
    for world, entries in ((small, 10), (large, 1000)):
        world.race()
        world.segment()
        seller = SellerFactory()
        items = [world.item(f"{world.campaign.code}-{n}", seller=seller) for n in range(entries)]
        for item in items:
            world.sold(item, "2023-05-17 13:00", "1.00")
        hour(seller, "2023-05-17 13:00", paid_amount="5.00")
        world.counted(status__approved=entries)
        world.add_up(AT)
        world.make(AT)
        counts.append(len(benchmark.queries(Campaign.objects.get(pk=world.campaign.pk), AT)))
    assert shown(large)["sales"]["amount"] == "1000.00"
    assert TallyDelta.objects.exists()
    assert counts[0] == counts[1] <= 8
