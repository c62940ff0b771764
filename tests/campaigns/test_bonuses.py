"""Bonuses: what gives places to whom, when, and why not; enrolment, grants, confirmation."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import bonuses
from campaigns.bonus_decisions import confirm, refuse
from campaigns.bonuses import BonusBook, enrol, grant_due
from campaigns.models import BonusGrant, Quota
from campaigns.quotas import places_of
from campaigns.statistics import assign_slots
from tests.factories import (
    BEFORE,
    FILED,
    AllotmentFactory,
    BonusFactory,
    BonusGrantFactory,
    MilestoneFactory,
    OrderFactory,
    OrderLineFactory,
    QualificationFactory,
    QuotaFactory,
    RegistrationFactory,
    SellerFactory,
    StatisticFactory,
    UserFactory,
    ViolationFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
STARTS, ENDS = local("2023-05-02 10:00"), local("2023-05-11 18:00")
LEVEL = ["seller.growth_level", ">=", 5]


@pytest.fixture
def opened():
    """A free choice without places of its own, and a milestone "cart"."""
    opened = open_campaign()
    QuotaFactory(version=opened.version, code="free", ceiling=0, free_choice=True)
    MilestoneFactory(version=opened.version, code="cart", starts_at=STARTS, ends_at=ENDS)
    return opened


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def bonus(opened, code="carts", **more):
    return BonusFactory(version=opened.version, code=code, **more)


def place(registration, opened, at=FILED):
    (found,) = places_of(registration, version=opened.version, at=at)
    return found


def standing(registration, opened, at=FILED):
    """(places given, the reason's code) of the only bonus."""
    book = BonusBook(version=opened.version, registrations=[registration.pk], at=at)
    (found,) = book.standings()[registration.pk]
    return found.given, found.reason and found.reason.code


def test_qualifications_add_up(opened, registration):
    codes = ["gold", "enterprise", "quality", "home", "china"]
    for number, code in enumerate(codes, 1):
        bonus(opened, code, places=8, position=number,
              when=["seller.qualifications", "contains", code])  # fmt: skip
    assert place(registration, opened).ceiling == 0
    for number, code in enumerate(codes, 1):
        QualificationFactory(seller=registration.seller, code=code)
        assert place(registration, opened).ceiling == 8 * number
    grants = place(registration, opened).grants
    assert [(grant.kind, grant.code, grant.given) for grant in grants] == [
        ("ceiling", "free", 0), *(("bonus", code, 8) for code in codes),
    ]  # fmt: skip


def test_a_bonus_comes_on_top_of_an_allotment(opened, registration):
    Quota.objects.update(ceiling=10, floor=2, allotted=True)
    AllotmentFactory(
        campaign=opened.campaign, seller=registration.seller, quota_code="free", places=20
    )
    bonus(opened)
    found = place(registration, opened)
    assert (found.ceiling, found.allotted) == (15, 20)
    assert [(grant.kind, grant.given) for grant in found.grants] == [
        ("allotment", 10),
        ("bonus", 5),
    ]


def test_no_ceiling_stays_none(opened, registration):
    Quota.objects.update(ceiling={"metric": "seller.operating_score"})
    bonus(opened)
    assert (place(registration, opened).ceiling, place(registration, opened).left) == (None, None)


@pytest.mark.parametrize(
    ("level", "expected"),
    [(5, (5, None)), (4, (0, "bonus_condition")), (None, (0, "bonus_condition"))],
)
def test_a_condition_must_be_true(opened, level, expected):
    bonus(opened, when=LEVEL)
    registration = RegistrationFactory(
        campaign=opened.campaign,
        version=opened.version,
        seller=SellerFactory(growth_level=level),
    )
    assert standing(registration, opened) == expected


@pytest.mark.parametrize(("points", "given"), [(5, 0), (6, 5)])
def test_a_condition_may_look_at_a_statistic(opened, registration, points, given):
    StatisticFactory(
        version=opened.version,
        code="seller.points",
        level="seller",
        function="sum",
        source="violations",
        field="points",
        window={"since": "2023-01-01"},
    )
    assign_slots(opened.version)
    ViolationFactory(seller=registration.seller, points=points)
    bonus(opened, when=["seller.points", ">=", 6])
    assert standing(registration, opened)[0] == given


@pytest.mark.parametrize(
    ("at", "refused", "given"),
    [
        (STARTS - SECOND, "enrolment_closed", 0),
        (STARTS, None, 5),
        (ENDS - SECOND, None, 5),
        (ENDS, "enrolment_closed", 0),
    ],
)
def test_sellers_enrol_in_the_milestone(opened, registration, at, refused, given):
    bonus(opened, enrol_in="cart")
    found = enrol(registration=registration, bonus="carts", version=opened.version, at=at)
    assert (found and found.code) == refused
    expected = (given, None if given else "bonus_not_enrolled")
    assert standing(registration, opened, at) == expected


def test_enrolling_twice_keeps_the_first(opened, registration):
    bonus(opened, enrol_in="cart")
    for at in (FILED, FILED + SECOND):
        assert (
            enrol(registration=registration, bonus="carts", version=opened.version, at=at) is None
        )
    assert BonusGrant.objects.get().enrolled_at == FILED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status": "withdrawn"}, "not_registered"),
        ({}, None),
    ],
)
def test_who_has_not_joined_does_not_enrol(opened, change, code):
    bonus(opened, enrol_in="cart")
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version, **change)
    found = enrol(registration=registration, bonus="carts", version=opened.version, at=FILED)
    assert (found and found.code) == code


def test_there_is_no_enrolment_for_other_bonuses(opened, registration):
    bonus(opened)
    for code in ("carts", "nothing"):
        found = enrol(registration=registration, bonus=code, version=opened.version, at=FILED)
        assert found.code == "unknown_bonus"
    assert not BonusGrant.objects.exists()


def test_a_suspended_campaign_takes_no_enrolment(opened, registration):
    bonus(opened, enrol_in="cart")
    opened.campaign.state = "suspended"
    opened.campaign.save()
    found = enrol(registration=registration, bonus="carts", version=opened.version, at=FILED)
    assert found.code == "campaign_suspended"


def test_a_kept_bonus_stays_with_the_places_it_had(opened, registration):
    row = bonus(opened, kept=True, when=LEVEL)
    book = BonusBook(version=opened.version, registrations=[registration.pk], at=FILED)
    assert (book.grant(), book.grant()) == (1, 0)
    registration.seller.growth_level = 4
    registration.seller.save()
    row.places = 9
    row.save()
    found = place(registration, opened, FILED + SECOND).grants[1]
    assert (found.given, found.places, found.since) == (5, 5, FILED)


def test_one_that_is_not_kept_ends_with_its_condition(opened, registration):
    bonus(opened, when=LEVEL)
    BonusBook(version=opened.version, registrations=[registration.pk], at=FILED).grant()
    assert not BonusGrant.objects.exists()
    registration.seller.growth_level = 4
    registration.seller.save()
    assert standing(registration, opened) == (0, "bonus_condition")


def test_enrolling_grants_what_is_kept_and_met(opened, registration):
    bonus(opened, kept=True, enrol_in="cart", when=LEVEL)
    enrol(registration=registration, bonus="carts", version=opened.version, at=FILED)
    grant = BonusGrant.objects.get()
    assert (grant.enrolled_at, grant.granted_at, grant.places) == (FILED, FILED, 5)


def test_a_kept_one_is_granted_later_to_who_enrolled_early(opened, registration):
    registration.seller.growth_level = 4
    registration.seller.save()
    bonus(opened, kept=True, enrol_in="cart", when=LEVEL)
    enrol(registration=registration, bonus="carts", version=opened.version, at=FILED)
    assert grant_due(opened.version, FILED) == 0
    registration.seller.growth_level = 5
    registration.seller.save()
    assert [grant_due(opened.version, FILED + SECOND), grant_due(opened.version, FILED)] == [1, 0]
    assert BonusGrant.objects.get().granted_at == FILED + SECOND


@pytest.mark.parametrize("kept", [True, False])
def test_an_operators_word_is_waited_for(opened, registration, kept):
    bonus(opened, confirmed=True, kept=kept, when=LEVEL)
    assert standing(registration, opened) == (0, "bonus_unconfirmed")
    assert [grant_due(opened.version, FILED), grant_due(opened.version, FILED)] == [1, 0]
    operator = UserFactory()
    grants = BonusGrant.objects.all()
    done = confirm(grants=grants, version=opened.version, at=FILED, actor=operator)
    assert (done.granted, done.unmet) == (1, 0)
    assert standing(registration, opened) == (5, None)
    assert grants.get().decided_by == operator
    registration.seller.growth_level = 4
    registration.seller.save()
    assert standing(registration, opened) == ((5, None) if kept else (0, "bonus_condition"))


def test_who_does_not_meet_it_is_not_confirmed(opened, registration):
    bonus(opened, confirmed=True, when=LEVEL)
    grant_due(opened.version, FILED)
    registration.seller.growth_level = 4
    registration.seller.save()
    done = confirm(grants=BonusGrant.objects.all(), version=opened.version, at=FILED, actor=None)
    assert (done.granted, done.unmet) == (0, 1)
    assert BonusGrant.objects.get().granted_at is None


def test_a_refused_one_gives_nothing_until_it_is_confirmed_after_all(opened, registration):
    bonus(opened, confirmed=True)
    grant_due(opened.version, FILED)
    grants = BonusGrant.objects.all()
    assert refuse(grants=grants, at=FILED, actor=None) == 1
    assert refuse(grants=grants, at=FILED, actor=None) == 0
    assert standing(registration, opened) == (0, "bonus_refused")
    assert grant_due(opened.version, FILED) == 0
    confirm(grants=grants, version=opened.version, at=FILED, actor=None)
    assert standing(registration, opened) == (5, None)
    assert refuse(grants=grants, at=FILED, actor=None) == 0


@pytest.mark.parametrize(
    ("at", "given", "reason"),
    [
        (STARTS - SECOND, 0, {"bonus": "carts", "opens_at": "2023-05-02T10:00:00+08:00"}),
        (STARTS, 5, None),
        (ENDS - SECOND, 5, None),
        (ENDS, 0, {"bonus": "carts", "closed_at": "2023-05-11T18:00:00+08:00"}),
    ],
)
def test_its_places_are_used_in_its_window(opened, registration, at, given, reason):
    bonus(opened, file_in="cart")
    book = BonusBook(version=opened.version, registrations=[registration.pk], at=at)
    (found,) = book.standings()[registration.pk]
    assert (found.given, found.reason and found.reason.params) == (given, reason)


def test_the_same_bonus_of_another_registration_is_nobody_elses(opened, registration):
    bonus(opened, enrol_in="cart")
    BonusGrantFactory(bonus_code="carts", enrolled_at=BEFORE)
    assert standing(registration, opened) == (0, "bonus_not_enrolled")


def test_many_registrations_take_no_more_queries_than_one(opened):
    StatisticFactory(
        version=opened.version,
        code="seller.paid",
        level="seller",
        function="sum",
        source="order_lines",
        field="paid_amount",
        window={"since": "2023-01-01"},
    )
    assign_slots(opened.version)
    bonus(opened, "paid", when=["seller.paid", ">=", 88], kept=True, position=1)
    bonus(opened, "level", when=LEVEL, file_in="cart", position=2)
    registrations = RegistrationFactory.create_batch(
        5, campaign=opened.campaign, version=opened.version
    )
    for registration in registrations[:2]:
        line = OrderLineFactory(seller=registration.seller, order=OrderFactory())
        assert line.paid_amount == 88
    # The first to look makes the fact set.
    BonusBook(version=opened.version, registrations=[registrations[0].pk], at=FILED).standings()
    counts, given = {}, {}
    for number in (1, 3, 5):
        ids = [registration.pk for registration in registrations[:number]]
        with CaptureQueriesContext(connection) as captured:
            book = BonusBook(version=opened.version, registrations=ids, at=FILED)
            found = book.standings()
        counts[number] = len(captured)
        given[number] = [sum(row.given for row in found[pk]) for pk in ids]
    assert given[5] == [10, 10, 5, 5, 5]
    assert counts[1] == counts[3] == counts[5]


def test_everyone_is_granted_by_the_chunk(opened, monkeypatch):
    monkeypatch.setattr(bonuses, "CHUNK", 2)
    bonus(opened, kept=True, when=LEVEL)
    for level in (5, 4, 5, 5, 4):
        RegistrationFactory(
            campaign=opened.campaign,
            version=opened.version,
            seller=SellerFactory(growth_level=level),
        )
    RegistrationFactory(campaign=opened.campaign, version=opened.version, status="withdrawn")
    assert [grant_due(opened.version, FILED), grant_due(opened.version, FILED)] == [3, 0]
