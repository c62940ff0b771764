"""Slots: which column a value gets, and that what goes in comes out."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from sellers.metrics.slots import (
    SlotsFull,
    allocate,
    from_slot,
    from_text,
    slot_family,
    slot_model,
    slot_names,
    to_slot,
    to_text,
)
from sellers.models import ItemSlots, SellerSlots
from tests.times import local


@pytest.mark.parametrize(
    ("type", "family"),
    [
        ("integer", "number"),
        ("decimal", "number"),
        ("category", "number"),
        ("boolean", "flag"),
        ("text", "text"),
        ("datetime", "time"),
        ("age", "time"),
    ],
)
def test_each_type_has_its_family_of_columns(type, family):
    assert slot_family(type) == family
    assert allocate(type, ()) == f"{family}_01"
    for model in (SellerSlots, ItemSlots):
        columns = [f.name for f in model._meta.get_fields() if f.name.startswith(f"{family}_")]
        assert slot_names(family) == columns


def test_a_type_without_slots_is_refused_by_name():
    with pytest.raises(ValueError, match="type set cannot"):
        slot_family("set")


def test_the_first_free_slot_is_taken():
    assert allocate("integer", ["number_01", "number_02", "flag_03"]) == "number_03"
    assert allocate("decimal", ["number_02"]) == "number_01"


def test_a_full_family_says_so():
    last = slot_names("time")[-1]
    assert allocate("datetime", set(slot_names("time")) - {last}) == last
    with pytest.raises(SlotsFull, match="all 8 time slots are taken"):
        allocate("datetime", slot_names("time"))


def test_the_slot_rows_of_a_kind_of_subject():
    assert slot_model("seller") is SellerSlots
    assert slot_model("item") is ItemSlots
    with pytest.raises(ValueError, match="entry"):
        slot_model("entry")


@pytest.mark.parametrize(
    ("type", "value", "places", "stored"),
    [
        ("integer", 7, 0, 7),
        ("decimal", Decimal("88.50"), 2, 8850),
        ("decimal", "88.5", 2, 8850),
        ("decimal", 3, 4, 30000),
        ("boolean", False, 0, False),
        ("text", "甲", 0, "甲"),
        ("datetime", local("2023-05-16 20:00"), 0, local("2023-05-16 20:00")),
        ("decimal", None, 2, None),
    ],
)
def test_what_a_slot_stores(type, value, places, stored):
    assert to_slot(type, value, places) == stored


@pytest.mark.parametrize(
    ("type", "value", "places"),
    [
        ("integer", True, 0),
        ("integer", "7", 0),
        ("integer", 2**63, 0),
        ("decimal", 0.5, 2),
        ("decimal", "0.123", 2),
        ("decimal", Decimal(10) ** 13, 2),
        ("boolean", 1, 0),
        ("text", "x" * 201, 0),
        ("text", 5, 0),
        ("datetime", datetime(2023, 5, 16), 0),  # noqa: DTZ001 - naive is what is refused
    ],
)
def test_what_a_slot_cannot_hold_exactly_is_refused(type, value, places):
    with pytest.raises(ValidationError):
        to_slot(type, value, places)


def values_of_slots():
    """(type, value, places) of everything that a slot can hold."""
    places = st.integers(0, 6)
    return st.one_of(
        st.tuples(st.just("integer"), st.integers(-(2**63) + 1, 2**63 - 1), st.just(0)),
        places.flatmap(
            lambda p: st.tuples(
                st.just("decimal"),
                st.integers(-(10**13), 10**13).map(lambda n: Decimal(n).scaleb(-p)),
                st.just(p),
            )
        ),
        st.tuples(st.just("boolean"), st.booleans(), st.just(0)),
        st.tuples(st.just("text"), st.text(max_size=200), st.just(0)),
        st.tuples(st.just("datetime"), st.datetimes(timezones=st.just(UTC)), st.just(0)),
    )


@given(values_of_slots())
def test_what_goes_in_comes_out(case):
    type, value, places = case
    assert from_slot(type, to_slot(type, value, places), places) == value
    text = to_text(type, value, places)
    assert from_text(type, text, places) == value
    assert to_text(type, from_text(type, text, places), places) == text


def test_text_forms_are_one_for_each_value():
    assert to_text("decimal", Decimal("0.9"), 2) == to_text("decimal", "0.900", 2) == "0.90"
    assert to_text("boolean", True) == "true"
    assert to_text("datetime", local("2023-05-16 20:00")) == "2023-05-16 12:00:00.000000"
    assert to_text("integer", None) is None
    with pytest.raises(ValidationError):
        from_text("boolean", "yes")
