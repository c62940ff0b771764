"""Who is answered by each address of the API: nobody without a login, nobody about another's shop.

A new address fails here until it is listed with what a stranger to the shop gets.
"""

import pytest
from django.urls import get_resolver, reverse
from rest_framework.test import APIClient

from campaigns.models import Finding
from sellers import clock
from sellers.models import Seller
from tests.campaigns.racing.stored import stored_board
from tests.campaigns.racing.world import RaceFactory, RaceSegmentFactory
from tests.factories import (
    FILED,
    EntryFactory,
    InvitationFactory,
    MembershipFactory,
    SweepRunFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db

# What describes the API, and where one logs in.
OPEN = {"api-token", "schema", "api-docs"}
# What somebody who acts for another shop gets; a list has nothing for them.
ANSWERS = {
    "board-detail": 404,
    "board-list": [],
    "board-placements": 404,
    "board-rows": 404,
    "board-table": 404,
    "campaign-detail": 200,
    "campaign-funnel": 403,
    "campaign-list": 200,
    "campaign-timeline": 200,
    "eligibility": 404,
    "entry-detail": 404,
    "entry-list": [],
    "finding-list": [],
    "invitation-list": [],
    "privileges": 403,
    "sweep-detail": 404,
    "sweep-list": [],
    "sweep-requirements": 404,
    "venue-funnel": 403,
    "venue-items": 403,
    "venues": 200,
}
RESOLVER = get_resolver("config.api")


def names_of(patterns):
    """Every named address, however deep."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            yield from names_of(pattern.url_patterns)
        else:
            yield pattern.name


@pytest.fixture
def world(monkeypatch):
    """One of everything that an address may name, of one shop."""
    monkeypatch.setattr(clock, "now", lambda: FILED)
    opened = open_campaign()
    entry = EntryFactory(campaign=opened.campaign, venue=opened.venue, version=opened.version)
    Finding.objects.create(
        campaign=opened.campaign, entry=entry, registration=entry.registration,
        version=opened.version, stage="recheck", code="slow", outcome="fail", at=FILED,
    )  # fmt: skip
    InvitationFactory(venue=opened.venue, seller=entry.seller)
    run = SweepRunFactory(campaign=opened.campaign, version=opened.version)
    RaceFactory(version=opened.version)
    RaceSegmentFactory(version=opened.version)
    board = stored_board(opened.version, opened.venue, "2023-05-17 12:00", [(entry.seller, 1)])
    return {
        "board": board.pk,
        "code": opened.campaign.code,
        "venue": opened.venue.code,
        "entry": entry.pk,
        "sweep": run.pk,
        "seller": entry.seller.code,
    }


def ask(client, name, world):
    """The answer of the address of that name."""
    (possible, *_rest) = RESOLVER.reverse_dict.getlist(name)
    named = {"pk": world.get(name.partition("-")[0]), **world}
    arguments = {key: named[key] for key in possible[0][0][1]}
    address = reverse(name, kwargs=arguments)
    if name == "eligibility":
        return client.post(address, {"seller": world["seller"]})
    return client.get(address)


def test_every_address_is_listed():
    assert set(names_of(RESOLVER.url_patterns)) == OPEN | set(ANSWERS)


def test_nobody_is_answered_without_a_login(world):
    found = {name: ask(APIClient(), name, world).status_code for name in ANSWERS}
    assert found == dict.fromkeys(ANSWERS, 401)


def test_a_stranger_to_the_shop_is_told_nothing_of_it(world):
    client = APIClient()
    client.force_authenticate(MembershipFactory().user)
    found = {name: ask(client, name, world) for name in ANSWERS}
    assert {
        name: answer.data["results"] if ANSWERS[name] == [] else answer.status_code
        for name, answer in found.items()
    } == ANSWERS


def test_the_shop_itself_is_told(world):
    client = APIClient()
    seller = Seller.objects.get(code=world["seller"])
    client.force_authenticate(MembershipFactory(seller=seller).user)
    for name in ("entry-list", "finding-list", "invitation-list"):
        assert len(ask(client, name, world).data["results"]) == 1, name
    for name in ("entry-detail", "eligibility"):
        assert ask(client, name, world).status_code == 200, name
