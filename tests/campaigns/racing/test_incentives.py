"""The sales incentive: who attains it at which full hour, and what shows when."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import tasks
from campaigns.models import Attainment, Campaign, Entry, Incentive, Registration, ResourceSlot
from campaigns.racing.incentives import are_due, check_attainment, checks, shown, slots_of
from sellers import clock
from sellers.facts import current_fact_set, declare
from sellers.models import FactDefinition, OrderLine, SellerSlots
from sellers.rollups import mark_hours, roll_up
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import (
    EntryFactory,
    ItemFactory,
    MilestoneFactory,
    OrderFactory,
    OrderLineFactory,
    RulebookRowFactory,
    SellerFactory,
    StandingRegistrationFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


class IncentiveFactory(RulebookRowFactory):
    class Meta:
        model = Incentive

    code = "sales"
    measure = "clean_amount"
    reaches = "seller.gmv_reference"
    during = "sale_day"
    shown = "evening"
    slots = ["search_pc", "search_mobile"]


class SlotFactory(RulebookRowFactory):
    class Meta:
        model = ResourceSlot


class World(RaceWorld):
    """A sale day, 17 May, with an incentive that shows from 18:00 on."""

    def __init__(self, **incentive):
        super().__init__()
        for code, starts_at, ends_at in (
            ("sale_day", "2023-05-17", "2023-05-18"),
            ("evening", "2023-05-17 18:00", "2023-05-18"),
        ):
            MilestoneFactory(
                version=self.version, code=code, starts_at=local(starts_at), ends_at=local(ends_at)
            )
        for code, channel, place in (("search_pc", "pc", 30), ("search_mobile", "mobile", 51)):
            SlotFactory(version=self.version, code=code, channel=channel, place=place)
        self.fact = declare(
            code="seller.gmv_reference", subject_kind="seller", type="decimal", unit="CNY", places=2
        )
        self.incentive = IncentiveFactory(version=self.version, **incentive)

    def shop(self, code, reference="5000.00", **entry):
        """A seller with a campaign item and a reference value."""
        seller = self.seller(code, **entry)
        self.reference(seller, reference)
        return seller

    def reference(self, seller, value):
        """Feed the seller's reference value; None for none."""
        scaled = None if value is None else int(Decimal(value).scaleb(self.fact.places))
        SellerSlots.objects.update_or_create(
            fact_set=current_fact_set(), seller=seller, defaults={self.fact.slot: scaled}
        )

    def check(self, at):
        """Check as the job does; how many are new."""
        return check_attainment(self.campaign, local(at))

    def attained(self):
        """Seller to the hour, as local text."""
        rows = Attainment.objects.values_list("seller__code", "attained_at")
        return {code: f"{at + timedelta(hours=8):%d %H:%M}" for code, at in rows}

    def shown(self, at):
        """Codes of those who show, in order."""
        return [row.seller.code for row in shown(self.incentive, at)]


@pytest.fixture
def world():
    return World()


def test_what_crosses_within_an_hour_is_attained_at_its_end(world):
    shop = world.shop("a")
    hour(shop, "2023-05-17 13:00", paid_amount="4999.99")
    hour(shop, "2023-05-17 14:00", paid_amount="0.01")
    assert world.check("2023-05-17 14:59:59") == 0
    assert world.check("2023-05-17 15:00") == 1
    row = Attainment.objects.get()
    assert (row.attained_at, f"{row.day}") == (local("2023-05-17 15:00"), "2023-05-17")
    assert (row.measured, row.reference, row.places) == (500000, 500000, 2)


@pytest.mark.parametrize(
    ("amounts", "is_reached"),
    [
        ({"paid_amount": "5000.00"}, True),
        ({"paid_amount": "4999.99"}, False),
        ({"paid_amount": "5000.00", "abnormal_amount": "0.01"}, False),
        ({"paid_amount": "5000.01", "abnormal_amount": "0.01"}, True),
    ],
)
def test_flagged_orders_do_not_count_and_the_reference_itself_does(world, amounts, is_reached):
    hour(world.shop("a"), "2023-05-17 14:00", **amounts)
    assert world.check("2023-05-17 15:02") == int(is_reached)


def test_from_the_orders_themselves(world):
    shop = world.shop("a")
    item = ItemFactory(seller=shop)
    at = local("2023-05-17 14:20")
    OrderLineFactory(order=OrderFactory(placed_at=at), item=item, unit_price=Decimal("4999.99"))
    flagged = OrderLineFactory(
        order=OrderFactory(placed_at=at), item=item, unit_price=Decimal("0.01"), abnormal=True
    )
    _touch_all()
    assert world.check("2023-05-17 15:02") == 0
    OrderLine.objects.filter(pk=flagged.pk).update(abnormal=False)
    _touch_all()
    # Found to be good later, it counts for the hour in which it was sold.
    assert world.check("2023-05-17 16:02") == 1
    assert world.attained() == {"a": "17 15:00"}


def _touch_all():
    mark_hours(OrderLine.objects.all())
    roll_up()


def test_only_the_day_counts_and_midnight_begins_it(world):
    shop = world.shop("a")
    hour(shop, "2023-05-16 23:00", paid_amount="9000.00")
    assert world.check("2023-05-17 00:00") == 0
    hour(shop, "2023-05-17 00:00", paid_amount="5000.00")
    assert world.check("2023-05-17 01:00") == 1
    assert world.attained() == {"a": "17 01:00"}


def test_a_seller_needs_a_campaign_item_of_then(world):
    without = SellerFactory(code="none")
    StandingRegistrationFactory(campaign=world.campaign, seller=without, version=world.version)
    world.reference(without, "1.00")
    pending = world.shop("pending", status="in_review")
    late = world.shop("late", approved_at=local("2023-05-17 15:00:01"))
    at_risk = world.shop("at_risk", status="at_risk", approved_at=local("2023-05-17 15:00"))
    for shop in (without, pending, late, at_risk):
        hour(shop, "2023-05-17 14:00", paid_amount="5000.00")
    world.check("2023-05-17 16:02")
    assert world.attained() == {"at_risk": "17 15:00", "late": "17 16:00"}


def test_entries_must_meet_the_condition(world):
    Incentive.objects.update(where=["entry.activity_price", "<", "88.00"])
    for code, price in (("dear", "88.00"), ("cheap", "87.99")):
        hour(
            world.shop(code, activity_price=Decimal(price)), "2023-05-17 14:00", paid_amount="5000"
        )
    world.check("2023-05-17 15:00")
    assert world.attained() == {"cheap": "17 15:00"}


def test_without_a_reference_nothing_is_attained(world):
    unknown, absent = world.shop("unknown", None), world.seller("absent")
    for shop in (unknown, absent):
        hour(shop, "2023-05-17 14:00", paid_amount="9999999.00")
    assert world.check("2023-05-17 15:00") == 0
    # Of nothing the sum is 0, which reaches 0.
    world.shop("zero", "0.00")
    assert world.check("2023-05-17 15:00") == 1
    assert world.attained() == {"zero": "17 01:00"}


def test_a_reference_of_other_decimal_places_is_compared_exactly(world):
    declare(code="seller.target", subject_kind="seller", type="decimal", unit="CNY", places=3)
    Incentive.objects.update(reaches="seller.target")
    world = _of_fact(world, "seller.target")
    for code, reference in (("below", "5000.001"), ("reached", "5000.000")):
        hour(world.shop(code, reference), "2023-05-17 14:00", paid_amount="5000.00")
    world.check("2023-05-17 15:00")
    row = Attainment.objects.get()
    assert (row.seller.code, row.measured, row.reference, row.places) == (
        "reached", 5000000, 5000000, 3,
    )  # fmt: skip


def _of_fact(world, code):
    world.fact = FactDefinition.objects.get(code=code)
    return world


@pytest.mark.parametrize(
    "runs",
    [
        ["13:02", "14:02", "15:02", "16:02", "17:02"],
        ["15:02", "15:02", "16:02", "17:02"],
        ["13:02", "17:40"],
        ["17:02"],
    ],
)
def test_late_twice_or_not_for_hours_it_comes_out_the_same(world, runs):
    first, second, third = world.shop("a"), world.shop("b"), world.shop("c")
    hour(first, "2023-05-17 15:00", paid_amount="5000.00")
    hour(second, "2023-05-17 13:00", paid_amount="2500.00")
    hour(second, "2023-05-17 14:00", paid_amount="2500.00")
    hour(third, "2023-05-17 17:00", paid_amount="5000.00")
    new = sum(world.check(f"2023-05-17 {at}") for at in runs)
    assert new == 2
    assert world.attained() == {"a": "17 16:00", "b": "17 15:00"}
    assert Attainment.objects.get(seller=second).measured == 500000


def test_what_was_attained_stays_when_an_order_is_flagged_later(world):
    shop = world.shop("a")
    hour(shop, "2023-05-17 14:00", paid_amount="5000.00")
    world.check("2023-05-17 15:02")
    hour(shop, "2023-05-17 14:00", paid_amount="5000.00", abnormal_amount="1.00")
    assert world.check("2023-05-17 16:02") == 0
    assert world.attained() == {"a": "17 15:00"}


def test_the_last_check_is_that_of_the_last_hour(world):
    hour(world.shop("a"), "2023-05-17 23:00", paid_amount="5000.00")
    hour(world.shop("b"), "2023-05-18 00:00", paid_amount="5000.00")
    # The job of 00:02 on the day after, and one that was away until noon.
    assert world.check("2023-05-18 12:02") == 1
    assert world.attained() == {"a": "18 00:00"}
    assert f"{Attainment.objects.get().day}" == "2023-05-17"
    assert are_due(world.campaign, local("2023-05-18 23:59"))
    assert not are_due(world.campaign, local("2023-05-19 00:00"))


@pytest.mark.parametrize("state", ["draft", "suspended", "ended"])
def test_only_a_campaign_that_runs_is_checked(world, state):
    hour(world.shop("a"), "2023-05-17 14:00", paid_amount="5000.00")
    world.campaign.state = state
    assert world.check("2023-05-17 15:02") == 0


def test_it_shows_from_the_evening_or_from_when_it_is_attained(world):
    for code, at in (("early", "14:00"), ("later", "19:00")):
        hour(world.shop(code), f"2023-05-17 {at}", paid_amount="5000.00")
    world.check("2023-05-17 20:02")
    evening, eight = local("2023-05-17 18:00"), local("2023-05-17 20:00")
    assert world.shown(evening - SECOND) == []
    assert world.shown(evening) == ["early"]
    assert world.shown(eight - SECOND) == ["early"]
    assert world.shown(eight) == ["early", "later"]
    assert world.shown(local("2023-05-17 23:59:59")) == ["early", "later"]
    assert world.shown(local("2023-05-18")) == []


def test_who_attained_first_stands_in_front_then_who_joined_first(world):
    shops = {code: world.shop(code) for code in ("a", "b", "c")}
    for code, at in (("a", "15:00"), ("b", "15:00"), ("c", "14:00")):
        hour(shops[code], f"2023-05-17 {at}", paid_amount="5000.00")
    for code, joined in (("a", "2023-05-02"), ("b", "2023-05-01"), ("c", "2023-05-03")):
        Registration.objects.filter(seller=shops[code]).update(joined_at=local(joined))
    world.check("2023-05-17 17:00")
    assert world.shown(local("2023-05-17 18:00")) == ["c", "b", "a"]


def test_who_has_no_campaign_item_any_more_does_not_show(world):
    shop = world.shop("a")
    EntryFactory(campaign=world.campaign, venue=world.venue, seller=shop, status="rejected")
    hour(shop, "2023-05-17 14:00", paid_amount="5000.00")
    world.check("2023-05-17 15:00")
    assert world.shown(local("2023-05-17 18:00")) == ["a"]
    Entry.objects.filter(status="approved").update(status="abnormal")
    assert world.shown(local("2023-05-17 18:00")) == []


def test_nothing_shows_of_a_campaign_that_is_over(world):
    hour(world.shop("a"), "2023-05-17 14:00", paid_amount="5000.00")
    world.check("2023-05-17 15:00")
    world.incentive.version.campaign.state = Campaign.State.ENDED
    assert world.shown(local("2023-05-17 18:00")) == []


def test_the_export_names_them_in_order_with_the_positions(world, tmp_path):
    for code, at in (("early", "14:00"), ("later", "19:00")):
        hour(world.shop(code), f"2023-05-17 {at}", paid_amount="5000.00")
    world.check("2023-05-17 20:02")
    path = tmp_path / "incentives.csv"

    def exported(at):
        call_command(
            "privileges", str(path), "--campaign", world.campaign.code, "--at", at,
            "--list", "incentives",
        )  # fmt: skip
        return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))

    assert exported("2023-05-17 17:59:59") == []
    shared = {"campaign": world.campaign.code, "incentive": "sales", "day": "2023-05-17"}
    shared["slots"] = "pc=30, mobile=51"
    evening, eight = "2023-05-17T18:00:00+08:00", "2023-05-17T20:00:00+08:00"
    assert exported("2023-05-17 20:00") == [
        {**shared, "position": "1", "seller": "early", "shown_from": evening,
         "attained_at": "2023-05-17T15:00:00+08:00"},
        {**shared, "position": "2", "seller": "later", "shown_from": eight, "attained_at": eight},
    ]  # fmt: skip
    assert exported("2023-05-18 00:00") == []


def test_it_has_its_positions(world):
    assert [(row.channel, row.place) for row in slots_of(world.incentive)] == [
        ("pc", 30), ("mobile", 51),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "found"),
    [
        ("10:00", "12:00", ["11:00", "12:00"]),
        ("10:00:01", "12:00", ["11:00", "12:00"]),
        ("09:59:59", "11:59:59", ["10:00", "11:00"]),
        ("10:00", "10:59:59", []),
        ("10:00", "09:00", []),
    ],
)
def test_checks_are_the_full_hours_that_end_within(starts_at, ends_at, found):
    got = checks(local(f"2023-05-17 {starts_at}"), local(f"2023-05-17 {ends_at}"))
    assert list(got) == [local(f"2023-05-17 {each}") for each in found]


def test_one_statement_checks_an_hour_however_many_sellers(world):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            world.check("2023-05-17 01:02")
        return len(captured)

    hour(world.shop("first"), "2023-05-17 00:00", paid_amount="5000.00")
    statements()
    hour(world.shop("one"), "2023-05-17 00:00", paid_amount="5000.00")
    few = statements()
    for number in range(20):
        hour(world.shop(f"more{number}"), "2023-05-17 00:00", paid_amount="5000.00")
    assert statements() == few
    assert Attainment.objects.count() == 22


def test_the_job_checks_what_runs(world, monkeypatch):
    hour(world.shop("a"), "2023-05-17 14:00", paid_amount="5000.00")
    monkeypatch.setattr(clock, "now", lambda: local("2023-05-17 15:02"))
    tasks.check_attainment()
    assert world.attained() == {"a": "17 15:00"}
