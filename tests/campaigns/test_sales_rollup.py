"""What a campaign sold by the hour: which sales count, and that adding up again changes nothing."""

from decimal import Decimal

import pytest

from campaigns.lifecycle import transition
from campaigns.models import CampaignHour, CampaignSales, CampaignTop, Venue
from campaigns.sales_rollup import roll_up_all
from sellers.models import ItemHour
from tests.campaigns.sales_world import SalesWorld
from tests.factories import EntryFactory, MilestoneFactory, SellerFactory, VersionFactory
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    return SalesWorld()


def hours(world):
    """Local hour to the clean amount, of hours in which something was sold."""
    rows = CampaignHour.objects.filter(campaign=world.campaign, quantity__gt=0).order_by("hour")
    return {row.hour: row.clean_amount for row in rows}


def tops(world, kind):
    rows = CampaignTop.objects.filter(campaign=world.campaign, kind=kind).order_by("place")
    path = "item__code" if kind == "item" else "seller__code"
    return list(rows.values_list("place", path, "amount"))


def test_an_hour_is_the_sum_of_the_campaigns_items(world):
    first, second = world.item("a"), world.item("b")
    world.sold(first, "2023-05-17 09:00", "500.10", quantity=3)
    world.sold(second, "2023-05-17 09:00", "0.90", quantity=2)

    world.add_up("2023-05-17 09:30")

    row = CampaignHour.objects.get(hour=local("2023-05-17 09:00"))
    assert (row.paid_amount, row.clean_amount) == (Decimal("501.00"), Decimal("501.00"))
    assert (row.quantity, row.orders) == (5, 2)


def test_hours_without_sales_are_there_with_nothing(world):
    world.add_up("2023-05-16 22:59")

    rows = CampaignHour.objects.order_by("hour").values_list("hour", "clean_amount")
    assert list(rows) == [
        (local("2023-05-16 20:00"), 0),
        (local("2023-05-16 21:00"), 0),
        (local("2023-05-16 22:00"), 0),
    ]


@pytest.mark.rule("D12-145")
def test_abnormal_orders_are_not_counted_until_unflagged(world):
    item = world.item("a")
    world.sold(item, "2023-05-17 09:00", "1000.00", abnormal="100.00")
    world.add_up("2023-05-17 09:30")
    row = CampaignHour.objects.get(hour=local("2023-05-17 09:00"))
    assert (row.paid_amount, row.clean_amount) == (Decimal("1000.00"), Decimal("900.00"))

    world.sold(item, "2023-05-17 09:00", "1000.00")
    world.add_up("2023-05-17 09:35")
    assert hours(world) == {local("2023-05-17 09:00"): Decimal("1000.00")}


def test_only_the_hours_of_the_sale_count(world):
    item = world.item("a")
    for hour in ("16 19:00", "16 20:00", "20 23:00", "21 00:00"):
        world.sold(item, f"2023-05-{hour}", "1.00")

    world.add_up("2023-05-21 06:00")

    assert list(hours(world)) == [local("2023-05-16 20:00"), local("2023-05-20 23:00")]


def test_sales_count_from_the_first_hour_that_begins_approved(world):
    early = world.item("a", approved_at=local("2023-05-17 09:00"))
    late = world.item("b", approved_at=local("2023-05-17 09:00:01"))
    for hour in ("08", "09", "10"):
        world.sold(early, f"2023-05-17 {hour}:00", "1.00")
        world.sold(late, f"2023-05-17 {hour}:00", "0.10")

    world.add_up("2023-05-17 10:30")

    assert hours(world) == {
        local("2023-05-17 09:00"): Decimal("1.00"),
        local("2023-05-17 10:00"): Decimal("1.10"),
    }


@pytest.mark.parametrize("status", ["submitted", "in_review", "rejected"])
def test_an_item_that_was_never_approved_does_not_count(world, status):
    item = world.item("a", status=status)
    world.sold(item, "2023-05-17 09:00", "1.00")

    world.add_up("2023-05-17 09:30")

    assert hours(world) == {}


@pytest.mark.parametrize("status", ["approved", "at_risk", "abnormal", "unpublished"])
def test_an_item_counts_while_its_entry_lives(world, status):
    item = world.item("a", status=status)
    world.sold(item, "2023-05-17 09:00", "1.00")

    world.add_up("2023-05-17 09:30")

    assert list(hours(world)) == [local("2023-05-17 09:00")]


def test_what_was_sold_before_an_entry_ended_stays_sold(world):
    item = world.item("a")
    entry = item.entries.get()
    for hour in ("09", "10", "11"):
        world.sold(item, f"2023-05-17 {hour}:00", "1.00")
    transition(
        entries={entry.pk: entry.revision}, from_status="approved", to_status="cleared_out",
        cause="operator", at=local("2023-05-17 11:00"),
    )  # fmt: skip

    world.add_up("2023-05-17 12:30")

    assert list(hours(world)) == [local("2023-05-17 09:00"), local("2023-05-17 10:00")]


def test_an_item_in_two_venues_counts_once(world):
    item = world.item("a")
    other = Venue.objects.create(campaign=world.campaign, code="other")
    EntryFactory(campaign=world.campaign, venue=other, item=item, version=world.version)
    world.sold(item, "2023-05-17 09:00", "1.00")

    world.add_up("2023-05-17 09:30")

    assert hours(world) == {local("2023-05-17 09:00"): Decimal("1.00")}
    assert tops(world, "item") == []
    world.add_up("2023-05-17 10:00")
    assert tops(world, "item") == [(1, "a", Decimal("1.00"))]


def test_another_campaigns_items_do_not_count(world):
    other = SalesWorld()
    world.sold(other.item("theirs"), "2023-05-17 09:00", "1.00")
    world.add_up("2023-05-17 09:30")
    assert hours(world) == {}


def test_again_it_changes_nothing_and_an_older_run_neither(world):
    item = world.item("a")
    world.sold(item, "2023-05-17 09:00", "1.00")
    assert world.add_up("2023-05-17 10:30") == 15
    assert world.add_up("2023-05-17 10:30") == 0
    before = list(CampaignHour.objects.order_by("pk").values())
    world.sold(item, "2023-05-17 09:00", "2.00")

    assert world.add_up("2023-05-17 10:29") == 0

    assert list(CampaignHour.objects.order_by("pk").values()) == before
    assert CampaignSales.objects.get().rolled_up_at == local("2023-05-17 10:30")


def test_the_last_48_hours_are_corrected_by_day_and_the_rest_by_night(world):
    item = world.item("a")
    old, young = "2023-05-17 09:00", "2023-05-17 10:00"
    for hour in (old, young):
        world.sold(item, hour, "9.00")
    world.add_up("2023-05-19 10:00")
    for hour in (old, young):
        world.sold(item, hour, "5.00")

    world.add_up("2023-05-19 10:05")
    assert hours(world) == {local(old): Decimal("9.00"), local(young): Decimal("5.00")}
    world.add_up("2023-05-19 10:10", whole=True)
    assert hours(world) == {local(old): Decimal("5.00"), local(young): Decimal("5.00")}


def test_after_a_long_pause_no_hour_is_missing(world):
    item = world.item("a")
    world.add_up("2023-05-16 20:30")
    for day in (16, 17, 18, 19, 20):
        world.sold(item, f"2023-05-{day} 20:00", "1.00")

    world.add_up("2023-05-20 21:00")

    assert len(hours(world)) == 5
    assert CampaignHour.objects.count() == 4 * 24 + 2


def test_sales_that_are_gone_leave_nothing(world):
    item = world.item("a")
    world.sold(item, "2023-05-17 09:00", "1.00")
    world.add_up("2023-05-17 09:30")
    ItemHour.objects.all().delete()

    world.add_up("2023-05-17 09:35")

    assert hours(world) == {}


def test_another_rulebook_changes_which_hours_are_of_the_sale(world):
    item = world.item("a")
    for hour in ("16 20:00", "17 20:00"):
        world.sold(item, f"2023-05-{hour}", "1.00")
    world.add_up("2023-05-17 21:00")
    second = VersionFactory(
        campaign=world.campaign, number=2, effective_at=local("2023-05-17 21:01")
    )
    MilestoneFactory(
        version=second, code="live", kind="live",
        starts_at=local("2023-05-17"), ends_at=local("2023-05-21"),
    )  # fmt: skip

    world.add_up("2023-05-17 21:05")

    assert list(hours(world)) == [local("2023-05-17 20:00")]
    assert CampaignHour.objects.order_by("hour").first().hour == local("2023-05-17")


def test_the_best_are_of_full_hours_the_older_first_if_equal(world):
    shop = SellerFactory(code="shop")
    first, second = world.item("a", seller=shop), world.item("b", seller=shop)
    third = world.item("c", seller=SellerFactory(code="third"))
    world.sold(first, "2023-05-17 08:00", "3.00")
    world.sold(second, "2023-05-17 08:00", "3.00", abnormal="1.00")
    world.sold(third, "2023-05-17 08:00", "3.00")
    world.sold(third, "2023-05-17 09:00", "90.00")

    world.add_up("2023-05-17 09:59")

    assert tops(world, "item") == [
        (1, "a", Decimal("3.00")), (2, "c", Decimal("3.00")), (3, "b", Decimal("2.00")),
    ]  # fmt: skip
    assert tops(world, "seller") == [(1, "shop", Decimal("5.00")), (2, "third", Decimal("3.00"))]
    assert CampaignSales.objects.get().tops_until == local("2023-05-17 09:00")
    world.add_up("2023-05-17 10:00")
    assert tops(world, "seller")[0] == (1, "third", Decimal("93.00"))
    assert len(tops(world, "item")) == 3


def test_ten_are_kept_of_each(world):
    for number in range(12):
        world.sold(world.item(f"i{number:02}"), "2023-05-17 08:00", f"{20 - number}.00")

    world.add_up("2023-05-17 09:00")

    assert [code for _place, code, _amount in tops(world, "item")] == [
        f"i{number:02}" for number in range(10)
    ]


def test_the_job_adds_up_what_is_under_way(world):
    world.sold(world.item("a"), "2023-05-17 09:00", "1.00")
    world.campaign.state = "draft"
    world.campaign.save()
    assert roll_up_all(local("2023-05-17 09:30")) == 0
    world.campaign.state = "suspended"
    world.campaign.save()
    assert roll_up_all(local("2023-05-17 09:30")) == 14


def test_a_sale_long_over_is_left_alone_by_night(world):
    item = world.item("a")
    world.sold(item, "2023-05-17 09:00", "1.00")
    world.add_up("2023-05-21")
    world.sold(item, "2023-05-17 09:00", "2.00")

    assert roll_up_all(local("2023-06-20"), whole=True) == 0
    assert hours(world) == {local("2023-05-17 09:00"): Decimal("1.00")}
    CampaignSales.objects.update(rolled_up_at=local("2023-05-21"))
    assert roll_up_all(local("2023-06-19 23:59:59"), whole=True) == 1
    assert hours(world) == {local("2023-05-17 09:00"): Decimal("2.00")}


def test_without_a_rulebook_or_a_sale_nothing_is_added_up(world):
    assert world.add_up("2023-03-31") == 0
    assert not CampaignSales.objects.exists()
    world.version.milestone_set.filter(kind="live").delete()
    assert world.add_up("2023-05-17") == 0
    assert not CampaignHour.objects.exists()
