"""A quota explains itself."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.explaining import explain
from tests.factories import (
    FILED,
    BonusFactory,
    EntryFactory,
    MilestoneFactory,
    QuotaFactory,
    RegistrationFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened():
    return open_campaign()


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def explained(registration, opened, at=FILED):
    return explain(registration, version=opened.version, at=at)


def blocks(registration, opened, at=FILED):
    (found,) = explained(registration, opened, at)
    return [refusal.code for refusal in found.blocks]


def test_it_says_what_gives_what_uses_and_what_blocks(opened, registration):
    MilestoneFactory(version=opened.version, code="cart", starts_at=local("2023-05-12"),
                     ends_at=local("2023-05-14"))  # fmt: skip
    QuotaFactory(version=opened.version, code="free", ceiling=1)
    BonusFactory(version=opened.version, code="later", file_in="cart", position=1)
    BonusFactory(version=opened.version, code="enrol", enrol_in="cart", position=2)
    BonusFactory(version=opened.version, code="word", confirmed=True, position=3)
    BonusFactory(version=opened.version, code="given", places=2, position=4)
    mine = EntryFactory.create_batch(3, registration=registration, venue=opened.venue)
    EntryFactory(registration=registration, venue=opened.venue, status="withdrawn")
    EntryFactory(venue=opened.venue)
    (found,) = explained(registration, opened)
    assert (found.place.ceiling, found.place.used, found.place.left) == (3, 3, 0)
    assert [(grant.code, grant.given) for grant in found.place.grants] == [
        ("free", 1), ("later", 0), ("enrol", 0), ("word", 0), ("given", 2),
    ]  # fmt: skip
    assert found.entries == mine
    assert [(refusal.code, refusal.params.get("bonus")) for refusal in found.blocks] == [
        ("quota_full", None),
        ("bonus_window", "later"),
        ("bonus_not_enrolled", "enrol"),
        ("bonus_unconfirmed", "word"),
    ]


def test_nothing_blocks_what_has_a_place_left(opened, registration):
    QuotaFactory(version=opened.version, ceiling=2)
    EntryFactory(registration=registration, venue=opened.venue)
    assert blocks(registration, opened) == []
    EntryFactory(registration=registration, venue=opened.venue)
    assert blocks(registration, opened) == ["quota_full"]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (local("2023-05-11 23:59:59"), ["window_closed"]),
        (local("2023-05-12"), []),
        (local("2023-05-13 23:59:59"), []),
        (local("2023-05-14"), ["window_closed"]),
    ],
)
def test_the_windows_are_those_of_its_venues(opened, registration, at, expected):
    MilestoneFactory(version=opened.version, code="cart", starts_at=local("2023-05-12"),
                     ends_at=local("2023-05-14"))  # fmt: skip
    VenueTermsFactory(version=opened.version, code="outer", kind="outer", windows=["cart"])
    QuotaFactory(version=opened.version, venue_kinds=["outer"])
    assert blocks(registration, opened, at) == expected


def test_a_registration_that_has_ended_is_named(opened):
    QuotaFactory(version=opened.version)
    registration = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, status="withdrawn"
    )
    opened.version.campaign.state = "suspended"
    assert blocks(registration, opened) == ["campaign_suspended", "not_registered"]


def test_without_quotas_there_is_nothing_to_explain(opened, registration):
    assert explained(registration, opened) == []


def test_the_number_of_queries_does_not_grow_with_the_entries(opened):
    QuotaFactory(version=opened.version, code="free", ceiling=600)
    BonusFactory(version=opened.version, when=["seller.growth_level", ">=", 5])
    counts = {}
    for number in (1, 3, 600):
        registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
        EntryFactory.create_batch(
            number, registration=registration, venue=opened.venue, claim=False
        )
        with CaptureQueriesContext(connection) as captured:
            (found,) = explained(registration, opened)
            assert len({entry.item.code for entry in found.entries}) == number
        counts[number] = len(captured)
    assert counts[1] == counts[3] == counts[600] <= 25
