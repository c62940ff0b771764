"""Joining a campaign, and asking whether one may."""

import pytest

from campaigns import joining
from campaigns.models import Finding, Notice, Registration, TallyDelta
from campaigns.registering import NoRulebook, check_seller, join
from tests.factories import (
    CampaignFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-10 12:00")


@pytest.fixture
def opened():
    made = open_campaign()
    RequirementFactory(
        version=made.version,
        code="closed",
        subject="seller",
        require=["seller.one_click_closed", "==", False],
        missing="hold",
        position=1,
    )
    RequirementFactory(
        version=made.version,
        code="shop",
        subject="seller",
        require=["seller.shop_type", "==", "marketplace"],
        position=2,
    )
    # Neither an item's nor a venue's requirement is asked of who joins.
    RequirementFactory(version=made.version, code="ship", require=["item.stock", ">", 10**6])
    RequirementFactory(
        version=made.version,
        code="level",
        subject="seller",
        venue_code="main",
        require=["seller.growth_level", ">", 7],
    )
    return made


def codes(result):
    return [finding.code for finding in result.findings]


def test_a_seller_who_meets_the_requirements_joins(opened):
    seller = SellerFactory()
    result = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert (result.joined, result.repeated, result.findings) == (True, False, [])
    registration = Registration.objects.get()
    assert result.registration == registration
    assert (registration.status, registration.joined_at, registration.expires_at) == (
        "joined",
        AT,
        None,
    )
    assert (registration.version, registration.seller) == (opened.version, seller)
    assert registration.history.get().from_status == "draft"
    tally = TallyDelta.objects.get()
    assert (tally.name, tally.delta, tally.venue) == ("registration.joined", 1, None)
    notice = Notice.objects.get()
    assert (notice.seller, notice.cause, notice.state) == (seller, "registration_joined", "ready")


def test_a_seller_who_fails_is_rejected_with_every_reason(opened):
    seller = SellerFactory(shop_type="tmall", one_click_closed=True)
    result = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert not result.joined
    assert result.registration.status == "rejected"
    assert codes(result) == ["closed", "shop"]
    ground = result.findings[1].grounds.get()
    assert (ground.metric, ground.measured, ground.threshold) == (
        "seller.shop_type",
        "tmall",
        "marketplace",
    )
    assert result.findings[0].registration == result.registration


def test_what_cannot_be_answered_does_not_stop_a_seller(opened):
    seller = SellerFactory(one_click_closed=None)
    result = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert result.joined
    assert [(f.code, f.outcome) for f in result.findings] == [("closed", "hold")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-25 14:59:59", ["window_closed"]),
        ("2023-04-25 15:00:00", []),
        ("2023-05-16 18:00:00", ["registration_paused"]),
        ("2023-05-16 20:30:00", []),
        ("2023-05-20 23:59:59", []),
        ("2023-05-21 00:00:00", ["window_closed"]),
    ],
)
def test_sellers_join_within_the_window(opened, text, expected):
    result = join(campaign=opened.campaign, seller=SellerFactory(), at=local(text), actor=None)
    assert codes(result) == expected
    assert result.joined == (not expected)


def test_joining_twice_is_joining_once(opened):
    seller = SellerFactory()
    first = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    second = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert second.repeated
    assert second.registration == first.registration
    assert Registration.objects.count() == 1


def test_who_was_rejected_may_try_again(opened):
    seller = SellerFactory(shop_type="tmall")
    join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    seller.shop_type = "marketplace"
    seller.save()
    result = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert result.joined
    assert sorted(Registration.objects.values_list("status", flat=True)) == ["joined", "rejected"]


def test_somebody_joins_the_same_seller_meanwhile(opened, monkeypatch):
    seller = SellerFactory()
    checker = joining.seller_checker

    def other_first(*args):
        RegistrationFactory(campaign=opened.campaign, seller=seller, version=opened.version)
        return checker(*args)

    monkeypatch.setattr(joining, "seller_checker", other_first)
    result = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert (result.joined, result.repeated) == (True, True)
    assert Registration.objects.filter(status="joined").count() == 1
    assert not Finding.objects.exists()


def test_the_same_draft_is_joined_by_somebody_else_meanwhile(opened, monkeypatch):
    seller = SellerFactory()
    move = joining.transition_registrations

    def other_first(**kwargs):
        monkeypatch.setattr(joining, "transition_registrations", move)
        join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
        return move(**kwargs)

    monkeypatch.setattr(joining, "transition_registrations", other_first)
    result = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert (result.joined, result.repeated) == (True, True)
    assert Registration.objects.get().history.count() == 1
    assert Notice.objects.count() == 1


def test_without_a_rulebook_nobody_joins():
    with pytest.raises(NoRulebook):
        join(campaign=CampaignFactory(), seller=SellerFactory(), at=AT, actor=None)


def test_asking_tells_every_requirement_met_or_not(opened):
    seller = SellerFactory(shop_type="tmall", one_click_closed=None)
    check = check_seller(campaign=opened.campaign, seller=seller, at=AT)
    assert [(row.code, row.outcome) for row in check.requirements] == [
        ("closed", "hold"),
        ("shop", "fail"),
    ]
    assert (check.may_join, check.joined, check.refusals) == (False, False, [])
    seller.shop_type = "marketplace"
    seller.save()
    check = check_seller(campaign=opened.campaign, seller=seller, at=AT)
    assert [row.outcome for row in check.requirements] == ["hold", "pass"]
    (ground,) = check.requirements[1].grounds
    assert (ground.measured, ground.threshold) == ("marketplace", "marketplace")
    assert check.may_join
    closed = check_seller(campaign=opened.campaign, seller=seller, at=local("2023-06-01"))
    assert [refusal.code for refusal in closed.refusals] == ["window_closed"]
    assert not closed.may_join


def test_asking_leaves_one_draft_that_expires_and_joining_uses_it(opened):
    seller = SellerFactory()
    for _ in range(3):
        check_seller(campaign=opened.campaign, seller=seller, at=AT)
    draft = Registration.objects.get()
    assert (draft.status, draft.expires_at) == ("draft", AT + joining.ASKING_LASTS)
    assert not Finding.objects.exists()
    result = join(campaign=opened.campaign, seller=seller, at=AT, actor=None)
    assert result.registration == draft


def test_asking_as_one_who_has_joined(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    check = check_seller(campaign=opened.campaign, seller=registration.seller, at=AT)
    assert (check.registration, check.joined, check.may_join) == (registration, True, False)
    assert [row.outcome for row in check.requirements] == ["pass", "pass"]
