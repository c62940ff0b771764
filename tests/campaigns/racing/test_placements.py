"""Who stands on which page because of boards: the export, and the pages themselves."""

import csv
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import placements, privileges, standing
from campaigns.models import Entry, Pin
from sellers.facts import current_fact_set, declare
from sellers.models import ItemSlots, Seller
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import EntryFactory, ItemFactory, MilestoneFactory, VenueTermsFactory
from tests.times import local

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
AT = "2023-05-17 10:00"


class World(RaceWorld):
    """Branches that feed a main venue which takes no registrations, with two places."""

    def __init__(self, **main):
        super().__init__()
        MilestoneFactory(
            version=self.version, code="shown_then", starts_at=local("2023-05-17 10:00"),
            ends_at=local("2023-05-17 12:00"),
        )  # fmt: skip
        terms = {"code": "top", "kind": "main", "takes_registrations": False, "capacity": 2}
        made = VenueTermsFactory(
            version=self.version, online="shown_then", feeds_from=["main"], **{**terms, **main}
        )
        self.top = made.venue
        self.race(venue_codes=["top"], candidates="feeding")
        self.segment()

    def shops(self, **amounts):
        """Sellers with what each sold in the hour before the board."""
        for code, amount in amounts.items():
            hour(self.seller(code), "2023-05-17 09:00", paid_amount=amount)

    def export(self, tmp_path, at=AT):
        """The lines of the exported file."""
        path = tmp_path / "places.csv"
        call_command(
            "privileges", str(path), "--campaign", self.campaign.code, "--at", at,
            "--list", "places",
        )  # fmt: skip
        return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))

    def on_page(self, at=AT, venue=None):
        """Item codes of a venue's page."""
        shown = standing.showings(self.campaign, local(at))
        venue = venue or self.top
        venue.campaign = self.campaign
        found = privileges.on_page(venue, shown)
        return sorted(found.values_list("item__code", flat=True))


@pytest.fixture
def world():
    return World()


def places(lines):
    return [(line["position"], line["seller"]) for line in lines]


def test_a_line_tells_who_stands_where_and_why(world, tmp_path):
    world.shops(a="5.00", b="7.00", c="6.00")
    world.make(AT)
    lines = world.export(tmp_path)
    assert lines[0] == {
        "campaign": world.campaign.code, "venue": "top", "kind": "main", "floor": "",
        "race": "race", "group": "", "position": "1", "rank": "1", "seller": "b", "item": "",
        "pinned": "false", "source": "seller", "from_venue": "main", "candidate_pool": "false",
        "since": "2023-05-17T10:00:00+08:00", "until": "2023-05-17T11:00:00+08:00",
    }  # fmt: skip
    assert places(lines) == [("1", "b"), ("2", "c")]


def test_only_the_board_that_holds_counts_and_only_while_the_page_is_online(world, tmp_path):
    world.shops(a="5.00", b="7.00")
    hour(Seller.objects.get(code="a"), "2023-05-17 10:00", paid_amount="1.00")
    world.make("2023-05-17 09:00")
    world.make("2023-05-17 11:00")
    world.make("2023-05-17 12:00")
    seen = {
        at: places(world.export(tmp_path, f"2023-05-17 {at}"))
        for at in ("09:59:59", "10:00", "10:59:59", "11:00", "11:59:59", "12:00")
    }
    first, second = [("1", "b"), ("2", "a")], [("1", "a"), ("2", "b")]
    assert seen == {
        "09:59:59": [], "10:00": first, "10:59:59": first, "11:00": second, "11:59:59": second,
        "12:00": [],
    }  # fmt: skip


def test_both_sources_are_recorded_and_pins_are_marked(world, tmp_path):
    world.shops(a="5.00", b="7.00")
    Entry.objects.filter(seller__code="a").update(source="platform")
    c = world.seller("c", venue=VenueTermsFactory(version=world.version, code="other").venue)
    Pin.objects.create(
        venue=world.top, race_code="race", position=1, seller=c, starts_at=local(AT),
        ends_at=local("2023-05-17 11:00"), pinned_at=local(AT), reason="choice",
    )  # fmt: skip
    VenueTerms = type(world.version.venueterms_set.get(code="top"))
    VenueTerms.objects.filter(code="top").update(capacity=3)
    world.make(AT)
    lines = world.export(tmp_path)
    assert [(line["seller"], line["pinned"], line["source"], line["rank"]) for line in lines] == [
        ("c", "true", "platform", ""),
        ("b", "false", "seller", "1"),
        ("a", "false", "platform", "2"),
    ]


@pytest.mark.parametrize(
    ("status", "stays"), [("at_risk", True), ("abnormal", False), ("cleared_out", False)]
)
def test_who_is_no_campaign_merchant_any_more_is_out_at_once(world, tmp_path, status, stays):
    world.shops(a="5.00", b="7.00")
    world.make(AT)
    Entry.objects.filter(seller__code="b").update(status=status)
    assert places(world.export(tmp_path)) == [("1", "b")] * stays + [("2", "a")]
    assert world.on_page() == ["a-item", *["b-item"] * stays]


def test_a_personalised_page_is_a_candidate_pool(tmp_path):
    world = World(placement_mode="personalised")
    world.shops(a="5.00")
    world.make(AT)
    assert [line["candidate_pool"] for line in world.export(tmp_path)] == ["true"]


def test_what_is_pinned_where_nothing_is_won(tmp_path):
    world = World(placement_mode="fixed")
    world.shops(a="5.00", b="7.00")
    for code, position in (("a", 1), ("b", 1), ("b", 2)):
        Pin.objects.create(
            venue=world.top, race_code="race", position=position, starts_at=local(AT),
            seller=Seller.objects.get(code=code), ends_at=local("2023-05-17 11:00"),
            pinned_at=local(AT) + len(code) * SECOND, reason="choice",
        )  # fmt: skip
    Pin.objects.filter(position=1, seller__code="a").update(removed_at=local("2023-05-17 10:30"))
    Pin.objects.filter(position=1, seller__code="b").update(starts_at=local("2023-05-17 10:30"))
    world.make(AT)
    assert places(world.export(tmp_path)) == [("1", "a"), ("2", "b")]
    assert places(world.export(tmp_path, "2023-05-17 10:29:59")) == [("1", "a"), ("2", "b")]
    assert places(world.export(tmp_path, "2023-05-17 10:30")) == [("1", "b"), ("2", "b")]
    assert places(world.export(tmp_path, "2023-05-17 11:00")) == []


def test_a_page_without_registrations_has_the_items_of_who_stands_on_it(world):
    world.shops(a="5.00", b="7.00", c="6.00")
    b = Seller.objects.get(code="b")
    more = ItemFactory(seller=b, code="b-more")
    EntryFactory(campaign=world.campaign, venue=world.venue, item=more)
    other = VenueTermsFactory(version=world.version, code="other").venue
    EntryFactory(campaign=world.campaign, venue=other, item=ItemFactory(seller=b, code="b-other"))
    brought = ItemFactory(code="brought")
    EntryFactory(campaign=world.campaign, venue=world.top, item=brought, source="platform")
    world.make(AT)
    assert world.on_page() == ["b-item", "b-more", "brought", "c-item"]
    assert world.on_page("2023-05-17 09:59:59") == []
    # A venue that takes registrations has its own.
    assert world.on_page(venue=other) == ["b-other"]


class Affiliate(World):
    """An affiliate venue: the list of items that are promoted, by bid and then by commission."""

    def __init__(self):
        super().__init__(kind="affiliate", capacity=None)
        self.bid = declare(
            code="item.smart_bid", subject_kind="item", type="decimal", unit="CNY", places=2
        )
        self.rate = declare(
            code="item.commission_rate", subject_kind="item", type="decimal", places=4
        )
        self.enabled = declare(
            code="seller.affiliate_enabled", subject_kind="seller", type="boolean"
        )
        type(self.version.race_set.get()).objects.update(
            unit="item",
            where={
                "all": [
                    ["seller.affiliate_enabled", "==", True],
                    ["item.commission_rate", ">", "0"],
                ]
            },
        )
        type(self.version.racesegment_set.get()).objects.update(
            measures=[{"metric": "item.smart_bid"}, {"metric": "item.commission_rate"}]
        )

    def promoted(self, code, bid, rate, enabled=True):
        """A shop with an item, its bid and commission, None for none."""
        seller = self.seller(code)
        slots = {}
        for fact, value in ((self.bid, bid), (self.rate, rate)):
            slots[fact.slot] = None if value is None else int(Decimal(value).scaleb(fact.places))
        ItemSlots.objects.create(fact_set=current_fact_set(), item=seller.items.get(), **slots)
        seller.slots.create(fact_set=current_fact_set(), **{self.enabled.slot: enabled})
        return seller


@pytest.fixture
def affiliate():
    return Affiliate()


def test_an_affiliate_venue_lists_by_bid_then_commission(affiliate, tmp_path):
    affiliate.promoted("low", "1.00", "0.5000")
    affiliate.promoted("less", "2.00", "0.0999")
    affiliate.promoted("more", "2.00", "0.1000")
    affiliate.promoted("unset", "9.00", None)
    affiliate.promoted("off", "9.00", "0.5000", enabled=False)
    affiliate.make(AT)
    lines = affiliate.export(tmp_path)
    assert [(line["position"], line["item"], line["kind"]) for line in lines] == [
        ("1", "more-item", "affiliate"), ("2", "less-item", "affiliate"),
        ("3", "low-item", "affiliate"),
    ]  # fmt: skip
    assert affiliate.on_page() == ["less-item", "low-item", "more-item"]


def test_who_sets_a_commission_is_in_with_the_next_board_and_who_ends_is_out_at_once(
    affiliate, tmp_path
):
    affiliate.promoted("a", "1.00", "0.1000")
    affiliate.promoted("b", "2.00", None)
    affiliate.make(AT)
    ItemSlots.objects.filter(item__code="b-item").update(**{affiliate.rate.slot: 1})
    assert places(affiliate.export(tmp_path)) == [("1", "a")]
    affiliate.make("2023-05-17 11:00")
    later = "2023-05-17 11:00"
    assert places(affiliate.export(tmp_path, later)) == [("1", "b"), ("2", "a")]
    Entry.objects.filter(seller__code="b").update(status="abnormal")
    assert places(affiliate.export(tmp_path, later)) == [("2", "a")]
    assert affiliate.on_page(later) == ["a-item"]
    assert places(affiliate.export(tmp_path, "2023-05-17 11:59:59")) == [("2", "a")]
    assert affiliate.export(tmp_path, "2023-05-17 12:00") == []


def test_the_export_takes_as_many_queries_for_thirty_as_for_one(affiliate):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            found = list(placements.lines(affiliate.campaign, local("2023-05-17 11:00")))
        return len(captured), len(found)

    affiliate.promoted("first", "1.00", "0.1")
    affiliate.make("2023-05-17 11:00")
    one, number = queries()
    assert number == 1
    type(affiliate.board("2023-05-17 11:00")).objects.all().delete()
    for code in range(29):
        affiliate.promoted(f"s{code}", "1.00", "0.1")
    affiliate.make("2023-05-17 11:00")
    assert queries() == (one, 30)
