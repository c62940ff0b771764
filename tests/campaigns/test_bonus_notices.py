"""Sellers are told once of the places that a run gives them, or takes back."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from campaigns import bonuses
from campaigns.bonus_decisions import confirm, refuse, take_back
from campaigns.bonuses import BonusBook, grant_due
from campaigns.models import BonusGrant, Notice, Quota
from campaigns.notice_texts import heading, sentences, todo
from tests.factories import (
    FILED,
    BonusFactory,
    MilestoneFactory,
    QuotaFactory,
    RegistrationFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

ENDS = local("2023-05-11")


@pytest.fixture
def opened():
    """Two quotas, and a milestone "cart"."""
    opened = open_campaign()
    for code, title in (("free", {"en": "Free choice", "zh-hans": "自选"}), ("outer", {})):
        QuotaFactory(version=opened.version, code=code, ceiling=0, title=title)
    MilestoneFactory(version=opened.version, code="cart", starts_at=FILED, ends_at=ENDS)
    return opened


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def bonus(opened, code, **more):
    more.setdefault("quota", "free")
    return BonusFactory(version=opened.version, code=code, **more)


def told():
    """(seller, cause, params, state) of every notice."""
    rows = Notice.objects.order_by("seller", "id")
    return list(rows.values_list("seller", "cause", "params", "state"))


def test_what_is_granted_in_one_go_is_one_notice(opened, registration):
    bonus(opened, "gold", kept=True, places=8, title={"en": "Gold", "zh-hans": "金牌"}, position=1)
    bonus(opened, "cart", kept=True, places=5, title={}, quota="outer", position=2)
    for _again in range(2):
        grant_due(opened.version, FILED)

    assert told() == [
        (
            registration.seller_id,
            "bonus_granted",
            {
                "bonus": [{"en": "Gold", "zh-hans": "金牌"}, "cart"],
                "places": 13,
                "quota": [{"en": "Free choice", "zh-hans": "自选"}, "outer"],
            },
            "ready",
        )
    ]
    notice = Notice.objects.get()
    assert (notice.campaign, notice.at) == (opened.campaign, FILED)
    assert sentences(notice) == ["13 more places: Free choice, outer.", "Because of: Gold, cart."]
    with override("zh-hans"):
        assert any("自选" in text for text in sentences(notice))


def test_a_later_grant_is_a_notice_of_its_own_and_says_until_when(opened, registration):
    bonus(opened, "gold", kept=True, position=1)
    grant_due(opened.version, FILED)
    bonus(opened, "cart", kept=True, file_in="cart", title={"en": "Cart"}, position=2)
    BonusBook(version=opened.version, registrations=[registration.pk], at=FILED).grant()
    second = Notice.objects.latest("id")
    assert Notice.objects.count() == 2
    assert sentences(second)[-2:] == [
        "Because of: Cart.",
        "They may be used until 10 May 2023, 24:00.",
    ]


def test_what_just_holds_is_told_to_nobody(opened, registration):
    bonus(opened, "gold")
    grant_due(opened.version, FILED)
    assert told() == []


def test_a_confirmation_is_told_and_asking_for_it_is_not(opened):
    registrations = RegistrationFactory.create_batch(
        2, campaign=opened.campaign, version=opened.version
    )
    bonus(opened, "gold", confirmed=True)
    grant_due(opened.version, FILED)
    assert told() == []
    given = {"version": opened.version, "at": FILED, "actor": None}
    for _again in range(2):
        confirm(grants=BonusGrant.objects.filter(registration=registrations[0]), **given)
    assert [row[:2] for row in told()] == [(registrations[0].seller_id, "bonus_granted")]


def test_a_refusal_is_told_with_the_operators_word(opened, registration):
    bonus(opened, "gold", confirmed=True, title={"en": "Gold"})
    grant_due(opened.version, FILED)
    for _again in range(2):
        refuse(grants=BonusGrant.objects.all(), at=FILED, actor=None, note=" too late ")
    (notice,) = Notice.objects.all()
    assert heading(notice) == "Extra places refused"
    assert sentences(notice) == ["Not given for: Gold.", "Reason: too late"]


@pytest.mark.rule("D12-A10")
@pytest.mark.parametrize("is_confirmed", [True, False])
def test_what_is_taken_back_is_told_and_not_granted_again(opened, registration, is_confirmed):
    Quota.objects.filter(code="free").update(free_choice=True)
    bonus(opened, "gold", kept=True, confirmed=is_confirmed, places=8, title={"en": "Gold"})
    grant_due(opened.version, FILED)
    grants = BonusGrant.objects.all()
    confirm(grants=grants, version=opened.version, at=FILED, actor=None)
    Notice.objects.all().delete()

    assert [take_back(grants=grants, at=FILED, actor=None, note="misuse") for _ in "12"] == [1, 0]

    (notice,) = Notice.objects.all()
    assert sentences(notice) == [
        "8 places: Free choice.",
        "They had been given for: Gold.",
        "Reason: misuse",
    ]
    assert todo(notice) == "Entries that use them stay; nothing more is filed under them."
    assert grant_due(opened.version, FILED) == 0
    book = BonusBook(version=opened.version, registrations=[registration.pk], at=FILED)
    assert [(row.given, row.reason.code) for row in book.standings()[registration.pk]] == [
        (0, "bonus_refused")
    ]
    assert Notice.objects.count() == 1


def test_the_number_of_queries_is_that_of_one(opened, monkeypatch):
    monkeypatch.setattr(bonuses, "CHUNK", 100)
    bonus(opened, "gold", kept=True)
    counts = []
    for number in (1, 3, 60):
        RegistrationFactory.create_batch(number, campaign=opened.campaign, version=opened.version)
        Notice.objects.all().delete()
        BonusGrant.objects.all().delete()
        with CaptureQueriesContext(connection) as captured:
            grant_due(opened.version, FILED)
        assert Notice.objects.count() == BonusGrant.objects.count() >= number
        counts.append(len(captured))
    assert len(set(counts)) == 1
