"""Who sees a seller's pages: those who act for the seller, and nobody else."""

import pytest
from django.urls import reverse

from campaigns.models import Channel, Entry, Notice
from campaigns.portal.urls import urlpatterns
from tests.campaigns.racing.stored import stored_board
from tests.campaigns.racing.world import RaceFactory
from tests.factories import (
    AgencyFactory,
    EntryFactory,
    FilingFactory,
    InvitationFactory,
    MembershipFactory,
    PromotionFactory,
    QuotaFactory,
    RegistrationFactory,
    SellerFactory,
    UserFactory,
)

POST_ONLY = {
    "inbox_mark",
    "channel",
    "file_again",
    "file_refused",
    "plays",
    "answer",
    "apply",
    "enrol",
    "tool_decorate",
}
FILING_PAGES = {
    "join", "leave", "items", "choose", "prices", "csv", "csv_template", "withdraw", "reprice",
    "ask_to_cancel", "republish", "file_again", "file_refused", "plays", "channel", "answer",
    "apply", "enrol", "tool", "tool_cancel", "tool_decorate",
}  # fmt: skip


def names_of(patterns, inside=False):
    """Every named address of a seller, however deep."""
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            here = inside or "seller_id" in str(pattern.pattern)
            yield from names_of(pattern.url_patterns, here)
        elif inside:
            yield pattern.name


NAMES = sorted(names_of(urlpatterns))


@pytest.fixture
def world(opened, shop, registration):
    """One of everything that an address may name, of the shop."""
    QuotaFactory(version=opened.version, code="places")
    PromotionFactory(version=opened.version, code="red_packet", kind="mandatory", level="shop")
    filing = FilingFactory(registration=registration, venue=opened.venue)
    entry = EntryFactory(registration=registration, venue=opened.venue, filing=filing)
    RaceFactory(version=opened.version)
    board = stored_board(opened.version, opened.venue, "2023-05-17 12:00", [(shop, 1)])
    notice = Notice.objects.create(
        seller=shop, campaign=opened.campaign, cause="approved", key="k", state="sent",
        at=filing.at,
    )  # fmt: skip
    return {
        "code": opened.campaign.code,
        "venue": opened.venue.code,
        "quota": "places",
        "tool": "red_packet",
        "filing_id": filing.pk,
        "entry_id": entry.pk,
        "notice_id": notice.pk,
        "channel_id": Channel.objects.create(seller=shop, name="n", url="wecombot://a").pk,
        "board_id": board.pk,
        "invitation_id": InvitationFactory(venue=opened.venue, seller=shop).pk,
    }


def address_of(name, seller, world):
    """The address of that name with the arguments that it takes."""
    from django.urls import get_resolver

    resolver = get_resolver("campaigns.portal.urls")
    wanted = {key for possible in resolver.reverse_dict.getlist(name) for key in possible[0][0][1]}
    arguments = {key: world[key] for key in wanted - {"seller_id"}}
    return reverse(f"portal:{name}", kwargs={"seller_id": seller.pk, **arguments})


def request(client, name, address):
    return client.post(address) if name in POST_ONLY else client.get(address)


def test_every_address_of_a_seller_is_tried_here():
    assert len(NAMES) == len(set(NAMES)) >= 24
    assert set(NAMES) >= FILING_PAGES | POST_ONLY


@pytest.mark.parametrize("name", NAMES)
def test_another_sellers_page_is_not_there(name, client, world, shop, at):
    client.force_login(MembershipFactory(seller=SellerFactory()).user)
    address = address_of(name, shop, world)
    assert client.get(address).status_code in ({405} if name in POST_ONLY else {404})
    assert client.post(address).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_a_stranger_is_asked_to_log_in(name, client, world, shop):
    answer = request(client, name, address_of(name, shop, world))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("login"))


@pytest.mark.parametrize("name", NAMES)
def test_who_may_only_look_is_kept_from_filing(name, client, world, shop, at):
    client.force_login(MembershipFactory(seller=shop, can_file=False).user)
    answer = request(client, name, address_of(name, shop, world))
    assert (answer.status_code == 403) == (name in FILING_PAGES)


@pytest.mark.parametrize("name", NAMES)
def test_its_own_pages_are_there(name, pages, world, shop):
    answer = request(pages.client, name, address_of(name, shop, world))
    assert answer.status_code in {200, 302}


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name in {"entry", "reprice", "republish", "filing",
             "ask_to_cancel", "filing_csv", "notice", "file_again", "file_refused", "plays",
             "answer", "board"}],
)  # fmt: skip
def test_what_belongs_to_another_seller_is_not_there(name, client, world, at):
    """One's own address with the number of another's entry, filing or notice."""
    mine = SellerFactory()
    client.force_login(MembershipFactory(seller=mine).user)
    assert request(client, name, address_of(name, mine, world)).status_code == 404


def test_withdrawing_leaves_anothers_entries_alone(client, world, at):
    mine = MembershipFactory(seller=SellerFactory())
    client.force_login(mine.user)
    entry = Entry.objects.get(pk=world["entry_id"])
    answer = client.post(reverse("portal:withdraw", args=[mine.seller.pk]), {"entry": [entry.pk]})
    assert answer.status_code == 302
    entry.refresh_from_db()
    assert entry.status == Entry.Status.APPROVED


def test_a_campaign_that_is_a_draft_is_not_there(pages, opened):
    opened.campaign.state = "draft"
    opened.campaign.save()
    pages.get("campaign", opened.campaign.code, expect=404)


def test_an_ended_campaign_is_there_for_those_who_took_part(pages, opened, registration, client):
    opened.campaign.state = "ended"
    opened.campaign.save()
    pages.get("campaign", opened.campaign.code)
    other = MembershipFactory()
    client.force_login(other.user)
    address = reverse("portal:campaign", args=[other.seller.pk, opened.campaign.code])
    assert client.get(address).status_code == 404


def test_asking_about_a_campaign_is_not_taking_part(pages, opened):
    pages.get("campaign", opened.campaign.code)
    opened.campaign.state = "ended"
    opened.campaign.save()
    pages.get("campaign", opened.campaign.code, expect=404)


def test_the_landing_page_leads_to_the_only_shop(client, user, shop):
    client.force_login(user)
    answer = client.get(reverse("portal:home"))
    assert answer.url == reverse("portal:campaigns", args=[shop.pk])


def test_an_agency_chooses_among_its_shops(client, db, at):
    membership = MembershipFactory(seller=None, agency=AgencyFactory())
    shops = [SellerFactory(agency=membership.agency, name=f"Shop {n}") for n in range(3)]
    SellerFactory(name="Shop of another agency")
    client.force_login(membership.user)
    answer = client.get(reverse("portal:home"), follow=True)
    assert [row.pk for row in answer.context["page"]] == [row.pk for row in shops]
    found = client.get(reverse("portal:shops"), {"q": "shop 1"})
    assert [row.pk for row in found.context["page"]] == [shops[1].pk]
    assert client.get(reverse("portal:campaigns", args=[shops[2].pk])).status_code == 200


def test_a_user_without_a_shop_is_told_so(client, db):
    client.force_login(UserFactory())
    answer = client.get(reverse("portal:home"), follow=True)
    assert "Your account is not connected with a shop" in answer.content.decode()


def test_two_tabs_may_act_for_two_shops(client, at, opened):
    membership = MembershipFactory(seller=None, agency=AgencyFactory())
    one, two = (SellerFactory(agency=membership.agency, name=name) for name in ("One", "Two"))
    RegistrationFactory(campaign=opened.campaign, seller=one, version=opened.version)
    client.force_login(membership.user)
    pages = [client.get(reverse("portal:campaigns", args=[shop.pk])) for shop in (one, two, one)]
    assert [answer.context["page"].rows[0].is_joined for answer in pages] == [True, False, True]
