"""“Am I eligible?” over the API."""

import pytest
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.api import eligibility
from campaigns.models import Entry
from tests.factories import (
    FILED,
    ItemFactory,
    MembershipFactory,
    RequirementFactory,
    SellerFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(monkeypatch):
    monkeypatch.setattr(eligibility.clock, "now", lambda: FILED)
    opened = open_campaign()
    RequirementFactory(version=opened.version, code="SHIPS")
    RequirementFactory(
        version=opened.version, code="OPEN", subject="seller",
        require=["seller.one_click_closed", "==", False],
    )  # fmt: skip
    return opened


def ask(opened, seller, user=None, **question):
    client = APIClient()
    client.force_authenticate(user or MembershipFactory(seller=seller).user)
    address = reverse("eligibility", args=[opened.campaign.code])
    return client.post(address, {"seller": seller.code, **question})


def test_a_seller_learns_every_requirement_before_joining(opened):
    seller = SellerFactory(one_click_closed=True)

    answer = ask(opened, seller).json()

    assert (answer["joined"], answer["may_join"]) == (False, False)
    (verdict,) = answer["requirements"]
    assert (verdict["code"], verdict["outcome"]) == ("OPEN", "fail")
    (ground,) = verdict["grounds"]
    assert (ground["measured"], ground["threshold"]) == ("true", "false")


def test_items_are_checked_without_a_trace(opened):
    seller = SellerFactory()
    good = ItemFactory(seller=seller, ship_time_hours=48)
    late = ItemFactory(seller=seller, ship_time_hours=49)
    items = [{"item": item.code, "price": "88.00"} for item in (good, late)]

    answer = ask(opened, seller, venue="main", items=items).json()

    outcomes = [
        {verdict["code"]: verdict["outcome"] for verdict in row["requirements"]}
        for row in answer["items"]
    ]
    assert outcomes == [{"SHIPS": "pass", "OPEN": "pass"}, {"SHIPS": "fail", "OPEN": "pass"}]
    assert not Entry.objects.exists()


def test_nobody_asks_for_another_shop(opened):
    stranger = MembershipFactory().user

    assert ask(opened, SellerFactory(), user=stranger).status_code == 404


def test_a_question_that_makes_no_sense_is_a_clear_error(opened):
    answer = ask(opened, SellerFactory(), items=[{"price": "88.00"}])

    assert answer.status_code == 400
    assert answer.json() == {"items": {"0": {"item": ["This field is required."]}}}
