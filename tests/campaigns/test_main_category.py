"""The main category that a shop joined with, and a requirement that it stay so (D12-100)."""

import pytest

from campaigns import joining
from campaigns.eligibility.checker import Checker
from campaigns.models import Registration
from campaigns.withdrawing import withdraw_registration
from sellers.facts import current_fact_set
from sellers.models import Seller, SellerSlots
from tests.factories import (
    FILED,
    CategoryFactory,
    EntryFactory,
    FactDefinitionFactory,
    RequirementFactory,
    SellerFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(db):
    made = open_campaign()
    FactDefinitionFactory(
        code="seller.main_category_change", subject_kind="seller", type="text", slot="text_01"
    )
    RequirementFactory(
        version=made.version,
        code="kept_category",
        subject="registration",
        applies_when={"not": ["seller.main_category_change", "==", "platform"]},
        require=["seller.main_category", "==", {"metric": "registration.main_category"}],
        missing="fail",
    )
    return made


def join(opened, seller):
    return joining.join(campaign=opened.campaign, seller=seller, at=FILED, actor=None)


def test_the_category_of_joining_is_kept_and_asked_again_when_joining_anew(opened):
    first, second = CategoryFactory(), CategoryFactory()
    seller = SellerFactory(main_category=first)
    # A question asked earlier keeps what the shop had then; joining looks again.
    joining.check_seller(campaign=opened.campaign, seller=seller, at=FILED)
    Seller.objects.update(main_category=second)
    joined = join(opened, seller)
    assert (joined.joined, joined.registration.main_category) == (True, second)
    Seller.objects.update(main_category=first)
    assert join(opened, seller).registration.main_category == second
    withdraw_registration(registration=joined.registration, at=FILED, actor=None)
    again = join(opened, seller)
    assert (again.joined, again.registration.main_category) == (True, first)
    assert Registration.objects.get(pk=joined.registration.pk).main_category == second


@pytest.mark.parametrize(
    ("now", "change", "outcome"),
    [
        ("same", None, "pass"),
        ("same", "own", "pass"),
        ("other", "own", "fail"),
        ("other", "platform", "pass"),
        ("other", None, "fail"),
        ("child", "own", "fail"),
        ("none", "own", "fail"),
        ("none", "platform", "pass"),
    ],
)
@pytest.mark.parametrize("base", ["entry", "registration"])
def test_a_change_of_its_own_fails_at_recheck(opened, now, change, outcome, base):
    same = CategoryFactory()
    seller = SellerFactory(main_category=same)
    registration = join(opened, seller).registration
    entry = EntryFactory(registration=registration)
    others = {"other": CategoryFactory(), "child": CategoryFactory(parent=same), "none": None}
    seller.main_category = same if now == "same" else others[now]
    seller.save()
    SellerSlots.objects.create(fact_set=current_fact_set(), seller=seller, text_01=change)
    checker = Checker(version=opened.version, stage="recheck", at=FILED, base=base)
    pk = entry.pk if base == "entry" else registration.pk
    (found,) = checker.explain([pk])[pk]
    assert found.outcome == outcome
    ground = found.grounds[-1]
    assert (ground.measured, ground.threshold) == (
        seller.main_category and seller.main_category.code, same.code,
    )  # fmt: skip
