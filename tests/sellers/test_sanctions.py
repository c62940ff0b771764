"""Violations bar their sellers for some months, once, as long as they stand."""

from datetime import date, timedelta

import pytest

from campaigns.eligibility.checker import Checker
from sellers import sanctions
from sellers.models import ChangedSubject, Sanction, SanctionPolicy, Violation
from sellers.violations import set_verified, take_in
from tests.factories import (
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    UserFactory,
    ViolationFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db
PENALTY = local("2015-12-12")
LATER = local("2015-12-20")
SECOND = timedelta(seconds=1)


@pytest.fixture
def policy(db):
    return SanctionPolicy.objects.create(category="market_disturbance", months=12)


def penalised(at=PENALTY, **more):
    return ViolationFactory(category="market_disturbance", penalised_at=at, **more)


@pytest.mark.parametrize(
    ("day", "months", "end"),
    [
        (date(2015, 12, 12), 12, date(2016, 12, 12)),
        (date(2015, 1, 31), 1, date(2015, 2, 28)),
        (date(2016, 1, 31), 1, date(2016, 2, 29)),
        (date(2016, 2, 29), 12, date(2017, 2, 28)),
        (date(2015, 12, 31), 2, date(2016, 2, 29)),
        (date(2015, 11, 30), 1, date(2015, 12, 30)),
        (date(2015, 12, 1), 0, date(2015, 12, 1)),
    ],
)
def test_months_are_counted_on_the_calendar(day, months, end):
    assert sanctions.months_later(day, months) == end


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (PENALTY - SECOND, "pass"),
        (PENALTY, "fail"),
        (local("2016-12-11 23:59:59"), "fail"),
        (local("2016-12-12"), "pass"),
    ],
)
def test_a_seller_is_barred_until_the_day_a_year_later(policy, at, outcome):
    registration = RegistrationFactory(seller=penalised().seller)
    RequirementFactory(
        version=registration.version, subject="seller",
        require=["seller.sanctions", "not_contains", "ban"], stages={"admission": "reject"},
    )  # fmt: skip
    assert sanctions.apply(at=LATER) == 1
    checker = Checker(version=registration.version, stage="admission", at=at, base="registration")
    (found,) = checker.explain([registration.pk])[registration.pk]
    assert found.outcome == outcome
    assert found.grounds[0].measured == ("ban" if outcome == "fail" else "–")


def test_the_end_is_the_local_midnight_whatever_the_hour(policy):
    penalised(local("2015-12-12 23:59:59"))
    sanctions.apply(at=LATER)
    assert Sanction.objects.get().ends_at == local("2016-12-12")


def test_a_violation_bars_once_and_marks_its_seller(policy):
    violation = penalised()
    penalised(verified=False)
    penalised(known_at=LATER + SECOND)
    ViolationFactory(category="counterfeit")
    assert sanctions.apply(at=LATER) == 1
    assert ChangedSubject.objects.get().subject_id == violation.seller_id
    ChangedSubject.objects.all().delete()
    assert sanctions.apply(at=LATER) == 0
    assert Sanction.objects.get().violation == violation
    assert not ChangedSubject.objects.exists()
    policy.months = 24
    policy.save()
    assert sanctions.apply(at=LATER) == 0


def test_what_is_not_verified_any_more_bars_no_more_and_again_when_it_is(policy):
    violation = penalised()
    sanctions.apply(at=LATER)
    ChangedSubject.objects.all().delete()
    assert set_verified(violation, False, at=LATER)
    sanction = Sanction.objects.get()
    assert (sanction.ends_at, sanction.ended_at) == (LATER, LATER)
    assert ChangedSubject.objects.get().subject_id == violation.seller_id
    assert not set_verified(violation, False, at=LATER + SECOND)
    assert sanctions.apply(at=LATER + SECOND) == 0
    assert set_verified(violation, True, at=LATER + SECOND)
    sanction = Sanction.objects.get()
    assert (sanction.ends_at, sanction.ended_at) == (local("2016-12-12"), None)


def test_a_corrected_penalty_moves_its_bar(policy):
    violation = penalised()
    sanctions.apply(at=LATER)
    Violation.objects.update(penalised_at=local("2015-12-14"))
    assert sanctions.apply(at=LATER) == 1
    sanction = Sanction.objects.get(violation=violation)
    assert (sanction.starts_at, sanction.ends_at) == (local("2015-12-14"), local("2016-12-14"))


def test_a_removed_violation_bars_nobody(policy):
    penalised().delete()
    violation = penalised()
    sanctions.apply(at=LATER)
    violation.delete()
    assert not Sanction.objects.exists()


def test_what_an_operator_ended_stays_ended(policy):
    violation, author = penalised(), UserFactory()
    sanctions.apply(at=LATER)
    ended = sanctions.end_early(Sanction.objects.all(), at=LATER, actor=author)
    assert [row.violation for row in ended] == [violation]
    assert not sanctions.end_early(Sanction.objects.all(), at=LATER + SECOND, actor=None)
    set_verified(violation, False, at=LATER + SECOND)
    set_verified(violation, True, at=LATER + 2 * SECOND)
    sanctions.apply(at=LATER + 3 * SECOND)
    sanction = Sanction.objects.get()
    assert (sanction.ends_at, sanction.ended_by) == (LATER, author)


def test_what_an_operator_takes_in_is_verified_and_bars_at_once(policy):
    seller, author = SellerFactory(), UserFactory()
    violation = Violation(
        seller=seller, category="market_disturbance", severity="serious", points=0,
        occurred_at=PENALTY, penalised_at=PENALTY, evidence="Order 77 shows it.", verified=False,
    )  # fmt: skip
    take_in(violation, author=author, at=LATER)
    stored = Violation.objects.get()
    assert (stored.verified, stored.author, stored.known_at) == (True, author, LATER)
    assert stored.code.startswith("operator-")
    assert Sanction.objects.get().seller == seller
    assert ChangedSubject.objects.get().subject_id == seller.pk
