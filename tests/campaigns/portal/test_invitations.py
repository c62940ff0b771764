"""Campaigns inviting the shop: the list, what has been seen, and answers."""

import pytest

from campaigns.models import Invitation
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    FILED,
    InvitationFactory,
    ItemFactory,
    MembershipFactory,
    RequirementFactory,
    SellerFactory,
    VenueTermsFactory,
)
from tests.times import local


@pytest.fixture
def invite(opened, shop):
    def make(**more):
        return InvitationFactory(**{"venue": opened.venue, "seller": shop, **more})

    return make


def listed(pages):
    return list(pages.get("invitations").context["page"].rows)


def test_open_invitations_are_listed_newest_first(pages, invite, shop):
    first = invite(item=ItemFactory(seller=shop, title="Lamp"))
    second = invite(expires_at=local("2023-05-21"))
    for number, closed in enumerate(
        [{"state": "declined"}, {"state": "revoked"}, {"expires_at": FILED}]
    ):
        invite(source=f"other{number}", **closed)
    invite(seller=SellerFactory())
    assert listed(pages) == [second, first]
    text = text_of(pages.get("invitations"))
    assert "Main venue" in text
    assert "Gifting season" in text
    assert "Lamp" in text
    assert "any item" in text
    assert "Open until Answer Main venue" in text
    assert "20 May 2023" in text


def test_what_is_shown_has_been_seen(pages, invite):
    made = invite()
    assert [row.is_new for row in listed(pages)] == [True]
    made.refresh_from_db()
    assert (made.state, made.seen_at) == ("seen", FILED)
    assert [row.is_new for row in listed(pages)] == [False]


def test_an_empty_list_says_so(pages, opened):
    assert "No campaign invites your shop now" in text_of(pages.get("invitations"))


def test_it_is_accepted_and_then_filed(pages, invite, registration, codes):
    made = invite()
    answer = pages.client.post(pages.address("answer", made.pk), {"accept": "1"}, follow=True)
    assert "The invitation is accepted." in text_of(answer)
    assert f'href="{pages.address("choose", *codes)}"' in answer.content.decode()
    made.refresh_from_db()
    assert (made.state, made.answered_at) == ("accepted", FILED)


def test_what_the_venue_asks_of_shops_is_named(pages, invite, registration, opened):
    RequirementFactory(
        version=opened.version,
        code="exam",
        title={"en": "The exam is passed"},
        remedy={"en": "Sit the exam."},
        subject="registration",
        require=["registration.rounds_passed", "contains", "exam"],
        venue_code="main",
    )
    made = invite()
    answer = pages.client.post(pages.address("answer", made.pk), {"accept": "1"}, follow=True)
    assert "It cannot be accepted yet: The exam is passed – Sit the exam." in text_of(answer)
    made.refresh_from_db()
    assert made.state != "accepted"


def test_who_has_not_joined_is_told_to(pages, invite):
    made = invite()
    answer = pages.client.post(pages.address("answer", made.pk), {"accept": "1"}, follow=True)
    assert "The shop has not joined" in text_of(answer)
    assert "Join the campaign first." in text_of(answer)


def test_it_is_declined(pages, invite):
    made = invite()
    pages.post("answer", made.pk, decline="1")
    made.refresh_from_db()
    assert made.state == "declined"
    answer = pages.client.post(pages.address("answer", made.pk), {"decline": "1"}, follow=True)
    assert "The invitation is not open any more" in text_of(answer)


def test_an_answer_that_is_none_changes_nothing(pages, invite):
    made = invite()
    pages.post("answer", made.pk)
    made.refresh_from_db()
    assert made.state == "issued"


def test_who_may_only_look_gets_no_buttons(pages, invite, shop):
    invite()
    pages.client.force_login(MembershipFactory(seller=shop, can_file=False).user)
    assert "<button class" not in pages.get("invitations").content.decode().split("<main")[1]


@pytest.mark.parametrize("number", [1, 3, 30])
def test_the_number_of_queries_is_the_same(
    pages, invite, opened, number, django_assert_num_queries
):
    for position in range(number):
        venue = VenueTermsFactory(version=opened.version, code=f"venue{position}").venue
        invite(venue=venue)
    # Session, user, seller, membership rights twice, unread notices; invitations, titles, seen.
    with django_assert_num_queries(9):
        assert len(listed(pages)) == number
    assert Invitation.objects.filter(state="seen").count() == number
