"""Campaigns inviting the shop: the list, what has been seen, and answers."""

import pytest

from campaigns.models import Board, BoardRow, Invitation
from campaigns.portal import reasons
from tests.campaigns.portal.conftest import text_of
from tests.campaigns.racing.world import RaceFactory
from tests.factories import (
    FILED,
    InvitationFactory,
    ItemFactory,
    MembershipFactory,
    MilestoneFactory,
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


@pytest.fixture
def won(opened, shop, registration):
    """An invitation that a board has won the shop, to a branch whose window is over."""
    MilestoneFactory(
        version=opened.version,
        code="over",
        kind="other",
        starts_at=local("2023-04-25"),
        ends_at=local("2023-04-26"),
    )
    branch = VenueTermsFactory(version=opened.version, code="branch", windows=["over"]).venue
    RaceFactory(version=opened.version, venue_codes=["branch"], title={"en": "Daily race"})
    board = Board.objects.create(
        campaign=opened.campaign,
        version=opened.version,
        venue=branch,
        race_code="race",
        segment_code="days",
        unit="seller",
        state=Board.State.MADE,
        starts_at=local("2023-05-01"),
        ends_at=local("2023-05-02"),
    )
    for place, seller in enumerate((SellerFactory(), SellerFactory(), shop), 1):
        BoardRow.objects.create(board=board, place=place, seller=seller, entry_id=place)
    return InvitationFactory(
        venue=branch,
        seller=shop,
        kind=Invitation.Kind.REVERSE,
        items=1,
        source=f"race:race:{board.pk}",
        expires_at=local("2023-05-21"),
    )


def test_what_won_it_is_told_with_how_many_items_until_when(pages, won):
    text = text_of(pages.get("invitations"))
    assert "won by rank Rank 3 on the board “Daily race” of 1 May 2023, 00:00" in text
    assert "1 item may be filed" in text
    assert "20 May 2023, 24:00" in text


def test_one_won_by_rank_leads_to_filing_although_the_window_is_over(pages, won, opened, shop):
    answer = pages.client.post(pages.address("answer", won.pk), {"accept": "1"}, follow=True)
    address = pages.address("choose", opened.campaign.code, "branch")
    assert f'href="{address}"' in answer.content.decode()
    assert pages.client.get(address).status_code == 200


def test_of_a_second_item_the_page_says_what_uses_it():
    params = {"venue": "branch", "limit": 1, "used": 1, "entry": 12}
    assert reasons.in_full("invitation_used", params) == (
        "The invitation is used up – The invitation is for 1 item. Entry 12 uses it."
    )
