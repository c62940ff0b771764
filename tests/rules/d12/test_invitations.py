"""Sections 3.2 to 3.4: outer is by invitation, of sellers of some strength, with few items each."""

import pytest
from django.urls import reverse

from campaigns.inviting import invitations_of
from campaigns.models import Allotment, Channel, Delivery, Invitation, Notice
from campaigns.notices import send_ready
from campaigns.standing import is_campaign_item
from campaigns.uninviting import revoke
from sellers import clock
from sellers.models import Seller
from tests.factories import MembershipFactory
from tests.rules.d12.network import INVITED, codes_of, filed, invite, outcomes, withdraw
from tests.times import local

OUTER = "outer"
NOON = "2015-11-20 12:00:00"


@pytest.mark.rule("D12-075")
def test_only_the_item_that_is_invited_enters(world):
    world.items({"code": "o2"})
    invite(world, "o1")

    assert outcomes(world.file("o1", "o2", venue=OUTER)) == [
        ("approved", []), ("rejected", ["not_invited"]),
    ]  # fmt: skip


@pytest.mark.rule("D12-075")
def test_an_invitation_is_of_one_seller(world):
    world.sellers({"code": "s2"})
    world.items({"code": "i2", "seller": "s2"})
    world.ready("s2")
    invite(world, "", seller="s2")

    assert world.refused("o1", venue=OUTER) == ["not_invited"]
    assert world.refused("i2", venue=OUTER, seller="s2") == []


@pytest.mark.rule("D12-075")
@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"expires_at": local("2015-11-20 12:00:01")}, []),
        ({"expires_at": local("2015-11-20 12:00:00")}, ["not_invited"]),
        ({"at": local("2015-11-20 12:00:00")}, []),
        ({"at": local("2015-11-20 12:00:01")}, ["not_invited"]),
    ],
)
def test_an_invitation_is_open_from_its_issue_until_it_expires(world, change, codes):
    invite(world, "o1", **change)

    assert world.refused("o1", venue=OUTER, at=local(NOON)) == codes


@pytest.mark.rule("D12-075")
def test_one_that_is_taken_back_lets_nothing_in(world):
    invite(world, "o1")
    revoke(Invitation.objects.all(), at=INVITED)

    assert world.refused("o1", venue=OUTER) == ["not_invited"]


@pytest.mark.rule("D12-075")
@pytest.mark.parametrize(
    ("at", "codes"),
    [
        ("2015-10-28 23:59:59", ["window_closed"]),
        ("2015-10-29 00:00:00", []),
        ("2015-12-12 23:59:59", []),
        ("2015-12-13 00:00:00", ["window_closed"]),
    ],
)
def test_invited_items_enter_from_29_october_to_12_december(world, at, codes):
    # A promotion that is set on the 28th, so that nothing but the window is in the way.
    world.sellers({"code": "s2"})
    world.items({"code": "i2", "seller": "s2"})
    invite(world, "i2", seller="s2", at=local("2015-10-20"))
    world.ready("s2", tools=())

    (row,) = world.file("i2", venue=OUTER, seller="s2", at=local(at))

    assert [code for code in codes_of(row) if not code.startswith("D12-")] == codes


@pytest.mark.rule("D12-076")
@pytest.mark.parametrize(("price", "status"), [("100.00", "approved"), ("100.01", "rejected")])
def test_what_the_system_approves_in_outer_is_a_campaign_item_at_once(world, price, status):
    invite(world, "o1")

    (row,) = world.file("o1", venue=OUTER, price=price)

    assert row.status == status
    assert is_campaign_item(row.entry) is (status == "approved")


@pytest.mark.rule("D12-077")
def test_an_invited_seller_has_so_many_places_and_a_cancelled_entry_frees_one(world):
    codes = ["o1", "o2", "o3", "o4"]
    world.items(*({"code": code} for code in codes[1:]))
    invite(world, *codes)
    Allotment.objects.create(
        campaign=world.campaign, quota_code="outer_invited", places=3,
        seller=Seller.objects.get(code="s1"), decided_at=INVITED,
    )  # fmt: skip
    three = world.file(*codes[:3], venue=OUTER)
    assert outcomes(three) == [("approved", [])] * 3

    assert world.refused("o4", venue=OUTER) == ["quota_full"]
    withdraw(world, three[0].entry, "2015-11-20 13:00:00")

    filed(world, "o4", venue=OUTER, at=local("2015-11-20 14:00"))
    assert world.refused("o1", venue=OUTER, at=local("2015-11-20 15:00")) == ["quota_full"]


@pytest.mark.rule("D12-079")
def test_an_invitation_is_told_once_through_the_messenger_and_in_the_inbox(world):
    world.sellers({"code": "s2"})
    seller = Seller.objects.get(code="s1")
    Channel.objects.create(seller=seller, name="shop", url="wecombot://shop", language="en")
    for _issued_twice in range(2):
        invite(world, "o1", expires_at=local("2015-12-13"))
    send_ready(at=INVITED)

    notices = Notice.objects.filter(cause="invited")
    assert [(notice.seller.code, notice.params["venue"]["en"]) for notice in notices] == [
        ("s1", "Outer venue")
    ]
    assert Delivery.objects.filter(notice__in=notices).count() == 1


@pytest.mark.rule("D12-079")
@pytest.mark.parametrize(
    ("at", "codes"), [("2015-12-01 23:59:59", ["o1", "o2"]), ("2015-12-02 00:00:00", ["o2"])]
)
def test_open_invitations_are_listed_and_expired_ones_not(world, client, monkeypatch, at, codes):
    world.items({"code": "o2"})
    invite(world, "o1", source="short", expires_at=local("2015-12-02"))
    invite(world, "o2")
    seller = Seller.objects.get(code="s1")
    monkeypatch.setattr(clock, "now", lambda: local(at))
    client.force_login(MembershipFactory(seller=seller).user)

    page = client.get(reverse("portal:invitations", args=[seller.pk]))

    assert sorted(row.item.code for row in page.context["page"].rows) == codes
    listed = invitations_of(seller, local(at)).order_by("item__code")
    assert [row.item.code for row in listed] == codes


@pytest.mark.rule("D12-082")
@pytest.mark.parametrize(
    ("facts", "codes"),
    [
        ({"service_score": "4.70"}, []),
        ({"service_score": "4.69"}, ["D12-082"]),
        ({"operating_score": "60.00"}, []),
        ({"operating_score": "59.99"}, ["D12-082"]),
    ],
)
def test_invited_items_are_of_shops_of_the_strength_that_the_operator_sets(world, facts, codes):
    invite(world, "o1")
    world.sellers({"code": "s1", **facts})

    assert world.refused("o1", venue=OUTER) == codes


@pytest.mark.rule("D12-082")
def test_a_place_of_free_choice_asks_for_no_such_strength(world):
    world.sellers({"code": "s1", "service_score": "4.69"})
    world.feed(
        "qualifications",
        {"seller": "s1", "code": "enterprise", "valid_from": "2015-01-01 00:00:00"},
    )

    assert world.refused("o1", venue=OUTER) == []
