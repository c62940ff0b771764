"""Qualifications and violations: events of sellers, known from a time on."""

import pytest

from sellers.models import ChangedSubject, Qualification, Sanction, SanctionPolicy, Violation
from tests.factories import ItemFactory, SellerFactory, ViolationFactory
from tests.sellers.feeds.conftest import counts
from tests.times import local

pytestmark = pytest.mark.django_db

VIOLATIONS = """code,seller,item,category,subcategory,severity,points,is_special_zero,occurred_at,\
penalised_at,verified,known_at
v1,s1,i1,counterfeit,brand,serious,24,false,2023-04-01,2023-04-02 10:00,true,2023-04-03
v2,s1,,delay,,general,0,yes,2023-04-01,2023-04-02,,
"""


@pytest.fixture
def seller():
    """A seller with an item."""
    return ItemFactory(code="i1", seller=SellerFactory(code="s1")).seller


def marked():
    """The marks, which are cleared."""
    found = set(ChangedSubject.objects.values_list("subject_kind", "subject_id"))
    ChangedSubject.objects.all().delete()
    return found


def test_violations(feed, seller):
    assert counts(feed("violations", VIOLATIONS)) == (2, 0, 2, 0, 0, 0)
    first, second = Violation.objects.order_by("code")
    assert (first.seller, first.item.code, first.category) == (seller, "i1", "counterfeit")
    assert (first.subcategory, first.severity, first.points) == ("brand", "serious", 24)
    assert (first.is_special_zero, first.verified) == (False, True)
    assert (first.occurred_at, first.penalised_at) == (
        local("2023-04-01"),
        local("2023-04-02 10:00"),
    )
    assert first.known_at == local("2023-04-03")
    assert (second.item, second.subcategory, second.points) == (None, "", 0)
    # An empty cell of what cannot be unknown is its default.
    assert (second.is_special_zero, second.verified) == (True, True)
    assert second.known_at == local("2023-05-10 02:00")
    assert marked() == {("seller", seller.pk)}
    assert counts(feed("violations", VIOLATIONS)) == (2, 0, 0, 0, 2, 0)
    assert marked() == set()


def test_a_violation_is_verified_by_its_code_alone(feed, seller, errors):
    ViolationFactory(code="v1", seller=seller, verified=False)
    outcome = feed("violations", "code,verified\nv1,true\nv9,true\n")
    assert counts(outcome) == (2, 1, 0, 1, 0, 0)
    assert Violation.objects.get(code="v1").verified is True
    assert Violation.objects.get(code="v1").points == 12
    assert marked() == {("seller", seller.pk)}
    assert errors() == [
        (
            3,
            "code",
            "v9",
            "is not known, and a new row needs: "
            "category, occurred_at, penalised_at, points, seller, severity",
        )
    ]


def test_an_older_word_on_a_violation_does_not_count(feed, seller):
    ViolationFactory(code="v1", seller=seller, verified=False, known_at=local("2023-04-01"))
    feed("violations", "code,verified\nv1,true\n", at="2023-05-03")
    outcome = feed("violations", "code,verified\nv1,false\n", at="2023-05-02")
    assert counts(outcome) == (1, 0, 0, 0, 0, 1)
    assert Violation.objects.get().verified is True
    assert counts(feed("violations", "code,verified\nv1,false\n", at="2023-05-04"))[3] == 1


def test_an_item_of_another_seller_is_a_bad_line(feed, seller, errors):
    ItemFactory(code="i2", seller=SellerFactory(code="s2"))
    text = VIOLATIONS.replace("i1", "i2").replace("v2,s1,,", "v2,s1,i1,")
    assert counts(feed("violations", text)) == (2, 1, 1, 0, 0, 0)
    assert errors() == [(2, "item", "i2", "is an item of s2")]
    assert counts(feed("violations", "code,item\nv2,i2\nv2,i1\n")) == (2, 1, 0, 0, 1, 0)


def test_qualifications(feed, seller, errors):
    text = "seller,code,valid_from,valid_to\ns1,gold,2023-01-01,2024-01-01\n"
    text += "s1,gold,2024-01-01,\ns1,china_made,2023-01-01,\ns1,gold,2022-01-01,2021-01-01\n"
    assert counts(feed("qualifications", text)) == (4, 1, 3, 0, 0, 0)
    assert errors() == [(5, "valid_to", "2020-12-31 16:00:00+00:00", "lies before valid_from")]
    rows = Qualification.objects.order_by("code", "valid_from")
    assert [(row.code, row.valid_from, row.valid_to) for row in rows] == [
        ("china_made", local("2023-01-01"), None),
        ("gold", local("2023-01-01"), local("2024-01-01")),
        ("gold", local("2024-01-01"), None),
    ]
    assert marked() == {("seller", seller.pk)}
    outcome = feed(
        "qualifications", text.replace("china_made,2023-01-01,", "china_made,2023-01-01,2023-06-01")
    )
    assert counts(outcome) == (4, 1, 0, 1, 2, 0)
    assert Qualification.objects.get(code="china_made").valid_to == local("2023-06-01")
    outcome = feed("qualifications", "seller,code,valid_from\ns1,gold,2024-01-01\n")
    assert counts(outcome) == (1, 0, 0, 0, 1, 0)


def test_violations_bar_their_sellers_and_no_more_when_they_do_not_stand(feed, seller):
    SanctionPolicy.objects.create(category="counterfeit", months=1)
    feed("violations", VIOLATIONS)
    sanction = Sanction.objects.get()
    assert (sanction.seller, sanction.violation.code) == (seller, "v1")
    assert (sanction.starts_at, sanction.ends_at) == (
        local("2023-04-02 10:00"),
        local("2023-05-02"),
    )
    Sanction.objects.update(ends_at=local("2023-08-02"))
    feed("violations", VIOLATIONS)
    marked()
    feed("violations", "code,verified\nv1,false\n")
    sanction.refresh_from_db()
    assert sanction.ends_at == local("2023-05-10 02:00")
    assert marked() == {("seller", seller.pk)}
