"""Facts that an installation declares."""

import pytest

from sellers import facts
from sellers.facts import FactRefused, current_fact_set, declare
from sellers.models import FactDefinition, FactSet

pytestmark = pytest.mark.django_db

SCORE = {
    "code": "item.review_score",
    "subject_kind": "item",
    "type": "decimal",
    "unit": "score",
    "places": 1,
}


def test_a_fact_is_declared_once_with_a_slot_of_its_own():
    first = declare(**SCORE, label={"en": "Review score"})
    second = declare(code="item.reviews", subject_kind="item", type="integer")
    other = declare(code="seller.deposit", subject_kind="seller", type="decimal", places=2)
    text = declare(code="seller.belt", subject_kind="seller", type="text")
    assert [f.slot for f in (first, second, other, text)] == [
        "number_01",
        "number_02",
        "number_01",
        "text_01",
    ]
    again = declare(**SCORE)
    assert (again, again.label) == (first, {"en": "Review score"})
    assert FactDefinition.objects.count() == 4


def test_new_texts_replace_the_old_ones():
    declare(**SCORE, label={"en": "Score"}, definition={"en": "Mean of reviews"})
    declare(**SCORE, label={"en": "Review score"})
    found = FactDefinition.objects.get()
    assert (found.label, found.definition) == ({"en": "Review score"}, {"en": "Mean of reviews"})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"type": "integer", "places": 0}, "declared with type “decimal”, not “integer”"),
        ({"unit": "stars"}, "declared with unit “score”, not “stars”"),
        ({"places": 2}, "declared with places “1”, not “2”"),
    ],
)
def test_another_meaning_is_refused(change, message):
    declare(**SCORE)
    with pytest.raises(FactRefused, match=message):
        declare(**{**SCORE, **change})
    assert FactDefinition.objects.get().places == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"code": "review_score"}, "starts with “seller.” or “item.”"),
        ({"code": "seller.review_score"}, "starts with “seller.” or “item.”"),
        ({"subject_kind": "entry", "code": "entry.x"}, "starts with “seller.” or “item.”"),
        ({"code": "item.list_price"}, "item.list_price is in the catalogue"),
        ({"type": "money"}, "unknown type money; expected one of integer decimal"),
        ({"type": "text"}, "only a decimal has decimal places"),
    ],
)
def test_what_cannot_be_declared_is_said(change, message):
    with pytest.raises(FactRefused, match=message):
        declare(**{**SCORE, **change})
    assert not FactDefinition.objects.exists()


def test_the_fact_too_many_is_named():
    for number in range(8):
        declare(code=f"item.t{number}", subject_kind="item", type="text")
    with pytest.raises(FactRefused, match=r"item\.more: all 8 text slots are taken"):
        declare(code="item.more", subject_kind="item", type="text")


def test_who_loses_the_race_for_a_slot_takes_the_next(monkeypatch):
    allocate = facts.allocate

    def overtaken(*args):
        monkeypatch.setattr(facts, "allocate", allocate)
        declare(code="item.reviews", subject_kind="item", type="integer")
        return "number_01"

    monkeypatch.setattr(facts, "allocate", overtaken)
    assert declare(**SCORE).slot == "number_02"


def test_there_is_one_current_fact_set():
    assert current_fact_set() == current_fact_set() == FactSet.objects.get(key="current")
    assert current_fact_set().kind == FactSet.Kind.CURRENT
