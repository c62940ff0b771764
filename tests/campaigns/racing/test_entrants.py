"""In which races a seller takes part, when their next board is, and what its entries lack."""

import pytest
from django.utils.translation import override

from campaigns.racing.entrants import entrants
from tests.campaigns.racing.world import RaceWorld
from tests.factories import (
    BonusGrantFactory,
    EntryFactory,
    FactDefinitionFactory,
    InvitationFactory,
    ItemFactory,
    RegistrationFactory,
    SellerFactory,
    VenueTermsFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db
AT = local("2023-05-17 12:10")
GROWN = ["seller.growth_level", ">=", 5]
CHEAP = ["entry.activity_price", "<=", "50.00"]


@pytest.fixture
def world():
    return RaceWorld()


def found(world, seller, at=AT):
    return entrants(world.version, seller, at)


def is_in(world, seller):
    return [one.is_candidate for one in found(world, seller)]


def test_an_approved_entry_in_the_venue_takes_part(world):
    world.race()
    world.segment()
    (one,) = found(world, world.seller("a"))
    assert (one.pair, one.is_candidate, one.lacks) == (("race", world.venue.pk), True, ())
    assert one.next_at == local("2023-05-17 13:00")
    for status in ("submitted", "rejected", "draft"):
        assert found(world, world.seller(f"{status}-one", status=status)) == []
    assert is_in(world, world.seller("at-risk", status="at_risk")) == [True]
    assert is_in(world, world.seller("gone", status="abnormal")) == [False]


def test_the_next_board_is_that_of_any_segment_and_none_after_the_last(world):
    world.race()
    world.segment(code="days", during="preheat", every="day")
    world.segment()
    seller = world.seller("a")
    for at, next_at in (
        ("2023-05-14", "2023-05-15"),
        ("2023-05-15", "2023-05-16"),
        ("2023-05-16 08:00", "2023-05-16 20:00"),
        ("2023-05-16 20:00", "2023-05-16 21:00"),
        ("2023-05-20 22:59:59", "2023-05-20 23:00"),
    ):
        assert found(world, seller, local(at))[0].next_at == local(next_at)
    for at in ("2023-05-20 23:00", "2023-05-21", "2023-06-01"):
        assert found(world, seller, local(at))[0].next_at is None


def test_venues_that_feed_one_bring_its_race(world):
    top = VenueTermsFactory(version=world.version, code="top", feeds_from=["main"])
    world.race(venue_codes=["top"], candidates="feeding")
    world.race(code="own", venue_codes=["top"])
    world.segment()
    (one,) = found(world, world.seller("a"))
    assert one.pair == ("race", top.venue_id)


def test_a_race_for_the_enrolled_or_invited_is_theirs_alone(world):
    world.race(enrolled_in="bonus", invited=True)
    world.segment()
    first, second, third = (world.seller(code) for code in "abc")
    BonusGrantFactory(registration=first.registrations.get(), bonus_code="bonus", enrolled_at=AT)
    InvitationFactory(venue=world.venue, seller=second)
    assert [is_in(world, seller) for seller in (first, second, third)] == [[True], [True], []]


@pytest.fixture
def affiliate(world):
    """A race that asks for two facts, with remedies for the first."""
    FactDefinitionFactory(
        code="seller.affiliate_on", subject_kind="seller", type="boolean", slot="flag_01",
        label={"en": "Affiliate promotion", "zh-hans": "淘宝客推广"},
    )  # fmt: skip
    world.version.settings = {
        "campaign": {
            "remedies": [
                {
                    "metric": "seller.affiliate_on",
                    "text": {"en": "Switch it on.", "zh-hans": "请开通。"},
                    "link": "https://affiliate.example/open",
                }
            ]
        }
    }
    world.version.save()
    world.race(where={"all": [["seller.affiliate_on", "==", True], CHEAP]})
    world.segment()
    return world


@pytest.mark.rule("D12-142")
def test_what_entries_lack_is_said_with_what_helps_and_where(affiliate):
    seller = affiliate.seller("a", activity_price="50.00")
    (one,) = found(affiliate, seller)
    assert not one.is_candidate
    (lack,) = one.lacks
    assert (lack.sentence, lack.remedy, lack.link) == (
        "Affiliate promotion is yes",
        "Switch it on.",
        "https://affiliate.example/open",
    )
    with override("zh-hans"):
        (lack,) = found(affiliate, seller)[0].lacks
        assert (lack.remedy, "淘宝客推广" in lack.sentence) == ("请开通。", True)


@pytest.mark.rule("D12-142")
def test_who_has_what_is_asked_is_told_nothing(world):
    world.race(where={"all": [GROWN, CHEAP]})
    world.segment()
    seller = world.seller("a", activity_price="50.00")
    for level, lacking in ((4, 1), (5, 0)):
        type(seller).objects.filter(pk=seller.pk).update(growth_level=level)
        (one,) = found(world, seller)
        assert (one.is_candidate, len(one.lacks)) == (not lacking, lacking)


def test_the_entry_that_lacks_least_is_spoken_of(world):
    world.race(where={"all": [GROWN, CHEAP, ["entry.activity_price", ">=", "60.00"]]})
    world.segment()
    seller = SellerFactory(growth_level=4)
    registration = RegistrationFactory(
        campaign=world.campaign, seller=seller, version=world.version
    )
    for price in ("50.00", "55.00"):
        EntryFactory(
            registration=registration, venue=world.venue, item=ItemFactory(seller=seller),
            activity_price=price,
        )  # fmt: skip
    (one,) = found(world, seller)
    assert [lack.sentence.split(" is ")[1] for lack in one.lacks] == [
        "at least 5 level",
        "at least 60.00 CNY",
    ]
    assert {lack.link for lack in one.lacks} == {""}


def test_after_the_last_board_nothing_is_asked(world):
    world.race(where=GROWN)
    world.segment()
    seller = world.seller("a")
    type(seller).objects.filter(pk=seller.pk).update(growth_level=1)
    assert found(world, seller)[0].lacks
    assert not found(world, seller, local("2023-05-21"))[0].lacks


@pytest.mark.parametrize("number", [1, 3, 70])
def test_as_many_queries_for_many_races_and_entries(world, number, django_assert_num_queries):
    # More conditions than one mask has bits.
    for n in range(number):
        world.race(code=f"r{n}", where=["seller.growth_level", ">=", n])
        world.segment(code=f"s{n}", race=f"r{n}")
    seller = world.seller("a")
    type(seller).objects.filter(pk=seller.pk).update(growth_level=2)
    for item in ItemFactory.create_batch(number, seller=seller):
        EntryFactory(campaign=world.campaign, venue=world.venue, item=item)
    found(world, seller)
    with django_assert_num_queries(QUERIES):
        rows = found(world, seller)
    assert [one.is_candidate for one in rows] == [n <= 2 for n in range(number)]


QUERIES = 12


def test_without_races_nothing_is_asked_of_the_entries(world, django_assert_num_queries):
    seller = world.seller("a")
    with django_assert_num_queries(2):
        assert found(world, seller) == []
