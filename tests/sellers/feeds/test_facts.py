"""Declared facts in their slots, and the log of what is tracked."""

from decimal import Decimal

import pytest

from sellers.feeds.problems import FeedError
from sellers.metrics.slots import to_text
from sellers.models import (
    ChangedSubject,
    FactChange,
    FactSet,
    Item,
    ItemSlots,
    Seller,
    SellerSlots,
    TrackedFact,
)
from tests.factories import CategoryFactory, FactDefinitionFactory, ItemFactory, SellerFactory
from tests.sellers.feeds.conftest import counts
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts():
    """One declared fact of each type."""
    FactDefinitionFactory(code="item.rank", type="integer", slot="number_03")
    FactDefinitionFactory(code="item.rate", type="decimal", places=4, slot="number_07")
    FactDefinitionFactory(code="item.brand", type="text", slot="text_02")
    FactDefinitionFactory(code="item.seen", type="datetime", slot="time_08")
    FactDefinitionFactory(code="item.bulky", type="boolean", slot="flag_12")
    FactDefinitionFactory(
        code="seller.deposit", subject_kind="seller", type="decimal", places=2, slot="number_01"
    )


def log(metric):
    """(subject, value, effective day, known day) of a metric's log."""
    rows = FactChange.objects.filter(metric=metric).order_by("subject_id", "effective_at")
    rows = rows.values_list("subject_id", "value", "effective_at", "known_at")
    return [(pk, value, f"{e:%m-%d}", f"{k:%m-%d}") for pk, value, e, k in rows]


def test_every_type_of_fact(feed, facts):
    first, second = ItemFactory(code="i1"), ItemFactory(code="i2")
    text = "item,item.rank,item.rate,item.brand,item.seen,item.bulky\n"
    text += "i1,-7,0.1234,名牌,2023-05-01 08:00,yes\ni2,,,,,\n"
    assert counts(feed("facts", text)) == (2, 0, 2, 0, 0, 0)
    row = ItemSlots.objects.get(item=first)
    assert row.fact_set == FactSet.objects.get(key="current", kind="current")
    assert (row.number_03, row.number_07, row.text_02) == (-7, 1234, "名牌")
    assert (row.time_08, row.flag_12) == (local("2023-05-01 08:00"), True)
    assert row.known_at == row.effective_at == local("2023-05-10 02:00")
    row = ItemSlots.objects.get(item=second)
    assert {row.number_03, row.number_07, row.text_02, row.time_08, row.flag_12} == {None}
    assert counts(feed("facts", text)) == (2, 0, 0, 0, 2, 0)
    ChangedSubject.objects.all().delete()
    outcome = feed("facts", "item,item.bulky\ni1,no\n", at="2023-05-11")
    assert counts(outcome) == (1, 0, 0, 1, 0, 0)
    row = ItemSlots.objects.get(item=first)
    assert (row.flag_12, row.number_03) == (False, -7)
    assert ChangedSubject.objects.get().subject_id == first.pk


def test_facts_of_sellers(feed, facts):
    seller = SellerFactory(code="s1")
    other = FactSet.objects.create(kind="frozen", key="frozen:1")
    SellerSlots.objects.create(fact_set=other, seller=seller, number_01=5)
    assert counts(feed("facts", "seller,seller.deposit\ns1,1000.50\n")) == (1, 0, 1, 0, 0, 0)
    assert SellerSlots.objects.get(fact_set__key="current").number_01 == 100050
    assert SellerSlots.objects.get(fact_set=other).number_01 == 5
    assert ChangedSubject.objects.get().subject_kind == "seller"


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("item,item.rnk", r"no column item.rnk in this feed. Did you mean item.rank\?"),
        ("item.rank,item.rate", "a column seller or a column item"),
        ("item,seller,item.rank", "a column seller or a column item"),
        ("item,seller.deposit", "seller.deposit is a fact of the other kind of subject, seller"),
    ],
)
def test_a_header_that_facts_cannot_have(feed, facts, header, message):
    with pytest.raises(FeedError, match=message):
        feed("facts", header + "\n")


def test_bad_values_of_facts(feed, facts, errors):
    ItemFactory(code="i1")
    text = "item,item.rank,item.rate,item.brand\n"
    text += f"i1,1,0.12345,x\ni1,1,0,{'x' * 201}\ni1,1.5,0,\ni9,1,1,\n,1,1,\n"
    assert counts(feed("facts", text)) == (5, 5, 0, 0, 0, 0)
    assert [(line, field, reason) for line, field, _value, reason in sorted(errors())] == [
        (2, "item.rate", "has more than 4 decimal places"),
        (3, "item.brand", "is longer than 200 characters"),
        (4, "item.rank", "is not a whole number"),
        (5, "item", "is not known"),
        (6, "item", "must not be empty"),
    ]


def test_facts_of_one_row_come_from_feeds_of_different_times(feed, facts):
    """A slow feed is not stale because a quick one has touched the same row since."""
    item = ItemFactory(code="i1")
    feed("facts", "item,item.rank\ni1,1\n", at="2023-05-01")
    feed("facts", "item,item.rate\ni1,0.5\n", at="2023-05-03")
    assert counts(feed("facts", "item,item.rank\ni1,2\n", at="2023-05-02"))[3:] == (1, 0, 0)
    row = ItemSlots.objects.get(item=item)
    assert (row.number_03, row.number_07) == (2, 5000)
    assert row.effective_at == local("2023-05-03")
    assert counts(feed("facts", "item,item.rank\ni1,3\n", at="2023-05-01"))[3:] == (0, 0, 1)


def test_changes_of_a_tracked_column_are_logged(feed):
    TrackedFact.objects.create(metric="seller.growth_level")
    text = "code,growth_level\ns1,5\ns2,\n"
    feed("sellers", text, at="2023-04-20 12:00")
    feed("sellers", text, at="2023-04-21 12:00")
    feed("sellers", "code,growth_level\ns1,6\ns2,1\n", at="2023-04-25 12:00")
    feed("sellers", "code,growth_level\ns1,\ns2,1\n", at="2023-05-10 12:00")
    first, second = Seller.objects.order_by("code").values_list("pk", flat=True)
    assert log("seller.growth_level") == [
        (first, "5", "04-20", "04-20"),
        (first, "6", "04-25", "04-25"),
        (first, None, "05-10", "05-10"),
        (second, "1", "04-25", "04-25"),
    ]


def test_every_type_is_logged_in_its_text_form(feed, facts):
    CategoryFactory(code="lamps")
    item = ItemFactory(code="i1", category=None, stock=None)
    metrics = "item.rank item.rate item.brand item.seen item.bulky item.category item.weight_kg"
    for metric in [*metrics.split(), "item.published_at", "item.recommended"]:
        TrackedFact.objects.create(metric=metric)
    text = "item,item.rank,item.rate,item.brand,item.seen,item.bulky\n"
    feed("facts", text + "i1,7,0.5,x,2023-05-01 08:00,no\n")
    text = "code,category,weight_kg,published_at,recommended\n"
    feed("items", text + "i1,lamps,1.5,2023-05-01,true\n")
    logged = dict(FactChange.objects.filter(subject_id=item.pk).values_list("metric", "value"))
    assert logged == {
        "item.rank": "7",
        "item.rate": "0.5000",
        "item.brand": "x",
        "item.seen": to_text("datetime", local("2023-05-01 08:00")),
        "item.bulky": "false",
        "item.category": "lamps",
        "item.weight_kg": "1.500",
        "item.published_at": "2023-04-30 16:00:00.000000",
        "item.recommended": "true",
    }
    assert to_text("decimal", Decimal("1.5"), 3) == "1.500"


def test_tracking_begins_with_what_is_there(feed):
    text = "code,growth_level\ns1,5\ns2,3\n"
    feed("sellers", text, at="2023-04-20")
    TrackedFact.objects.create(metric="seller.growth_level")
    assert counts(feed("sellers", text, at="2023-04-22 12:00")) == (2, 0, 0, 0, 2, 0)
    assert [row[1:] for row in log("seller.growth_level")] == [
        ("5", "04-22", "04-22"),
        ("3", "04-22", "04-22"),
    ]


def test_a_file_may_bring_the_history_itself(feed, small_chunks):
    TrackedFact.objects.create(metric="seller.growth_level")
    text = "code,growth_level,effective_at\n"
    text += "s1,4,2023-04-01 12:00\ns1,5,2023-04-25 12:00\ns2,2,2023-04-01 12:00\n"
    text += "s1,4,2023-05-09 12:00\ns2,,2023-05-01 12:00\n"
    for _time in range(2):
        feed("sellers", text, at="2023-05-10 12:00")
        first, second = Seller.objects.order_by("code").values_list("pk", flat=True)
        assert log("seller.growth_level") == [
            (first, "4", "04-01", "05-10"),
            (first, "5", "04-25", "05-10"),
            (first, "4", "05-09", "05-10"),
            (second, "2", "04-01", "05-10"),
            (second, None, "05-01", "05-10"),
        ]
    assert dict(Seller.objects.values_list("code", "growth_level")) == {"s1": 4, "s2": None}


def test_a_late_value_is_logged_before_the_one_that_stands(feed):
    """The value of 25 April, heard of in May, does not seem to hold until today."""
    TrackedFact.objects.create(metric="seller.growth_level")
    feed("sellers", "code,growth_level\ns1,4\n", at="2023-04-01 12:00")
    feed("sellers", "code,growth_level,name\ns1,4,New\n", at="2023-05-01 12:00")
    pk = Seller.objects.get().pk
    assert log("seller.growth_level") == [(pk, "4", "04-01", "04-01")]
    text = "code,growth_level,effective_at\ns1,5,2023-04-25 12:00\n"
    assert counts(feed("sellers", text, at="2023-05-10 12:00"))[3:] == (0, 0, 1)
    assert log("seller.growth_level") == [
        (pk, "4", "04-01", "04-01"),
        (pk, "5", "04-25", "05-10"),
        (pk, "4", "05-01", "05-01"),
    ]
    assert Seller.objects.get().growth_level == 4


def test_what_is_not_tracked_is_not_logged(feed):
    TrackedFact.objects.create(metric="seller.growth_level")
    feed("sellers", "code,operating_score\ns1,5\n")
    ItemFactory(code="i1", seller=Seller.objects.get())
    feed("items", "code,stock\ni1,5\n")
    assert Item.objects.get().stock == 5
    assert not FactChange.objects.exists()
