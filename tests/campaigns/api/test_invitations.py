"""Invitations in the API, and what asking before filing says of them."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.permissions import OPERATOR
from config.roles import sync_roles
from sellers import clock
from tests.factories import (
    FILED,
    ConflictFactory,
    EntryFactory,
    InvitationFactory,
    ItemFactory,
    MembershipFactory,
    RegistrationFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: FILED)


def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def listed(user, **query):
    return api(user).get(reverse("invitation-list"), query).json()["results"]


def test_a_seller_sees_their_own_open_ones():
    opened = open_campaign()
    mine = InvitationFactory(venue=opened.venue)
    item = ItemFactory(seller=mine.seller)
    second = InvitationFactory(venue=opened.venue, seller=mine.seller, item=item)
    InvitationFactory(venue=opened.venue, seller=mine.seller, source="x", state="declined")
    InvitationFactory(venue=opened.venue, seller=mine.seller, source="y", expires_at=FILED)
    InvitationFactory(venue=opened.venue)
    user = MembershipFactory(seller=mine.seller).user
    assert [(row["id"], row["item"], row["state"]) for row in listed(user)] == [
        (second.pk, item.code, "issued"),
        (mine.pk, None, "issued"),
    ]
    assert [row["id"] for row in listed(user, item=item.code)] == [second.pk]
    assert len(listed(user, at="2023-05-01")) == 3


def test_staff_see_all():
    sync_roles()
    user = UserFactory()
    user.groups.add(Group.objects.get(name=OPERATOR))
    made = [InvitationFactory(), InvitationFactory(state="revoked")]
    assert len(listed(user)) == 2
    assert [row["id"] for row in listed(user, state="revoked")] == [made[1].pk]


def test_the_number_of_queries_is_the_same(django_assert_max_num_queries):
    first = InvitationFactory()
    user, counts = MembershipFactory(seller=first.seller).user, []
    # The first to ask reads the user's groups.
    listed(user)
    for number in (1, 3, 30):
        for position in range(number):
            InvitationFactory(seller=first.seller, source=f"{number}.{position}")
        with django_assert_max_num_queries(10) as captured:
            listed(user)
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]


def test_asking_before_filing_names_conflicts_and_invitations():
    opened = open_campaign(invitation_only=True)
    presale = VenueTermsFactory(version=opened.version, code="presale", kind="presale").venue
    ConflictFactory(
        version=opened.version, code="in_presale", venue_kinds=["main"], against=["presale"]
    )
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    taken = EntryFactory(registration=registration, venue=presale)
    user = MembershipFactory(seller=registration.seller).user
    question = {
        "seller": registration.seller.code,
        "venue": "main",
        "items": [{"item": taken.item.code, "price": "88.00"}],
    }
    answer = api(user).post(
        reverse("eligibility", args=[opened.campaign.code]), question, format="json"
    )
    (row,) = answer.json()["items"]
    assert row["status"] == "rejected"
    assert row["refusals"] == [
        {
            "code": "conflict",
            "params": {
                "conflict": "in_presale",
                "entry": taken.pk,
                "venue": "presale",
                "status": "approved",
            },
        },
        {"code": "not_invited", "params": {"venue": "main"}},
    ]
