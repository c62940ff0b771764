"""Values of a past date: what is logged, what is frozen, and that it stays."""

from datetime import timedelta
from decimal import Decimal

import pytest

from sellers.facts import current_fact_set, declare
from sellers.metrics import snapshots
from sellers.metrics.slots import to_slot
from sellers.metrics.snapshots import freezable, freeze, frozen, key_of, track
from sellers.models import FactChange, FactSet, ItemSlots, SellerSlots, TrackedFact
from tests.factories import CategoryFactory, ItemFactory, SellerFactory
from tests.times import local

pytestmark = pytest.mark.django_db

AS_OF = local("2023-04-25")
AT = local("2023-05-16 02:00")
LEVEL = "seller.growth_level"
SECOND = timedelta(seconds=1)


def change(subject, value, effective_at, known_at=None, metric=LEVEL):
    """One logged value."""
    FactChange.objects.create(
        metric=metric,
        subject_id=subject.pk,
        value=value,
        effective_at=effective_at,
        known_at=known_at or effective_at,
    )


def levels(key="frozen:1"):
    """Frozen numbers by seller."""
    rows = SellerSlots.objects.filter(fact_set__key=key)
    return dict(rows.values_list("seller", "number_01"))


def freeze_levels(at=AT, **more):
    return freeze(**{"key": "frozen:1", "metric": LEVEL, "as_of": AS_OF, "at": at, **more})


@pytest.mark.rule("G520-028")
@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ([("5", AS_OF)], 5),
        ([("5", AS_OF + SECOND)], None),
        ([("5", AS_OF - SECOND), ("6", local("2023-05-10"))], 5),
        ([("4", local("2023-04-01")), ("5", AS_OF)], 5),
        ([("4", local("2023-04-01")), (None, AS_OF - SECOND)], None),
        ([], None),
    ],
)
def test_the_value_in_force_at_the_instant_is_frozen(changes, level):
    seller = SellerFactory()
    for value, effective_at in changes:
        change(seller, value, effective_at)
    assert freeze_levels()
    assert levels() == ({} if level is None else {seller.pk: level})


def test_what_was_learned_later_counts_if_it_was_known_when_frozen():
    """A correction replaces the value that was in effect since the same instant."""
    first, second = SellerFactory(), SellerFactory()
    for seller in (first, second):
        change(seller, "5", AS_OF, known_at=AS_OF)
    change(first, "6", AS_OF, known_at=AT)
    change(second, "6", AS_OF, known_at=AT + SECOND)
    freeze_levels()
    assert levels() == {first.pk: 6, second.pk: 5}


def test_the_latest_in_effect_wins_over_the_latest_known():
    seller = SellerFactory()
    change(seller, "5", AS_OF - SECOND)
    change(seller, "3", AS_OF - 2 * SECOND, known_at=AT)
    freeze_levels()
    assert levels() == {seller.pk: 5}


@pytest.mark.rule("G520-028")
def test_a_frozen_value_never_changes():
    seller = SellerFactory()
    change(seller, "5", AS_OF)
    assert freeze_levels()
    change(seller, "6", AS_OF, known_at=AT)
    assert not freeze_levels(at=AT + timedelta(days=1))
    assert levels() == {seller.pk: 5}
    row = SellerSlots.objects.get()
    assert (row.effective_at, row.known_at) == (AS_OF, AS_OF)
    fact_set = FactSet.objects.get()
    assert (fact_set.kind, fact_set.as_of, fact_set.complete) == ("frozen", AS_OF, True)


def test_many_changes_are_read_by_pages(monkeypatch):
    monkeypatch.setattr(snapshots, "CHUNK", 3)
    sellers = [SellerFactory() for _ in range(7)]
    for number, seller in enumerate(sellers):
        for step in range(number):
            change(seller, str(step), AS_OF - (10 - step) * SECOND)
    freeze_levels()
    assert levels() == {seller.pk: n - 1 for n, seller in enumerate(sellers) if n}


def test_a_freezing_that_broke_off_is_not_seen_and_done_anew(monkeypatch):
    seller = SellerFactory()
    change(seller, "5", AS_OF)
    with monkeypatch.context() as broken:
        broken.setattr(snapshots, "copy_rows", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            freeze_levels()
    assert frozen(["frozen:1"]) == frozenset()
    assert freeze_levels()
    assert levels() == {seller.pk: 5}
    assert FactSet.objects.count() == 2
    assert snapshots.prune(before=AS_OF + SECOND) == 0
    assert list(FactSet.objects.values_list("key", flat=True)) == ["frozen:1"]


def test_who_freezes_second_finds_the_set_of_the_first(monkeypatch):
    seller = SellerFactory()
    change(seller, "5", AS_OF)
    copy_rows = snapshots.copy_rows

    def overtaken(*args):
        monkeypatch.setattr(snapshots, "copy_rows", copy_rows)
        assert freeze_levels()
        change(seller, "6", AS_OF, known_at=AT)
        return copy_rows(*args)

    monkeypatch.setattr(snapshots, "copy_rows", overtaken)
    assert not freeze_levels()
    assert levels() == {seller.pk: 5}
    assert FactSet.objects.count() == 1
    assert SellerSlots.objects.count() == 1


def test_tracking_logs_the_present_values_first():
    known = SellerFactory(
        growth_level=5, effective_at=local("2023-04-01"), known_at=local("2023-04-02")
    )
    fed = SellerFactory(growth_level=6, effective_at=None, known_at=local("2023-04-03"))
    SellerFactory(growth_level=None)
    SellerFactory(growth_level=7, effective_at=None, known_at=None)
    assert track(LEVEL)
    rows = FactChange.objects.values_list(
        "metric", "subject_id", "value", "effective_at", "known_at"
    )
    assert set(rows) == {
        (LEVEL, known.pk, "5", local("2023-04-01"), local("2023-04-02")),
        (LEVEL, fed.pk, "6", local("2023-04-03"), local("2023-04-03")),
    }
    assert list(TrackedFact.objects.values_list("metric", flat=True)) == [LEVEL]


def test_tracking_again_changes_nothing():
    seller = SellerFactory(growth_level=5)
    track(LEVEL)
    seller.growth_level = 6
    seller.save()
    assert not track(LEVEL)
    assert FactChange.objects.get().value == "5"


@pytest.mark.parametrize(
    ("metric", "values", "column", "stored"),
    [
        ("item.list_price", {"list_price": Decimal("88.50")}, "number_01", 8850),
        ("item.weight_kg", {"weight_kg": Decimal("20.001")}, "number_01", 20001),
        ("item.recommended", {"recommended": True}, "flag_01", True),
        ("item.industry", {"industry": "女装 'x'"}, "text_01", "女装 'x'"),
        (
            "item.first_listed_at",
            {"first_listed_at": local("2023-05-16 20:00:00.000001")},
            "time_01",
            local("2023-05-16 20:00:00.000001"),
        ),
        ("item.age_days", {"first_listed_at": AS_OF}, "time_01", AS_OF),
    ],
)
def test_every_type_is_tracked_and_frozen(metric, values, column, stored):
    item = ItemFactory(**values)
    track(metric)
    assert freeze(key="frozen:1", metric=metric, as_of=AS_OF, at=AT)
    row = ItemSlots.objects.get()
    assert (row.item, getattr(row, column)) == (item, stored)


def test_a_category_is_logged_by_code_and_frozen_as_itself():
    category = CategoryFactory()
    item = ItemFactory(category=category)
    track("item.category")
    assert FactChange.objects.get().value == category.code
    freeze(key="frozen:1", metric="item.category", as_of=AS_OF, at=AT)
    assert ItemSlots.objects.get(item=item).number_01 == category.pk


def test_a_declared_fact_is_tracked_and_frozen():
    fact = declare(code="item.review_score", subject_kind="item", type="decimal", places=1)
    item = ItemFactory()
    ItemSlots.objects.create(
        fact_set=current_fact_set(),
        item=item,
        known_at=AS_OF,
        effective_at=AS_OF,
        **{fact.slot: to_slot("decimal", "4.5", 1)},
    )
    track(fact.code)
    assert FactChange.objects.get().value == "4.5"
    freeze(key="frozen:1", metric=fact.code, slot="number_07", as_of=AS_OF, at=AT)
    assert ItemSlots.objects.get(fact_set__key="frozen:1").number_07 == 45


@pytest.mark.parametrize(
    ("metric", "message"),
    [
        ("seller.growth", "unknown metric seller.growth"),
        ("seller.qualifications", "cannot be frozen"),
        ("entry.activity_price", "cannot be frozen"),
    ],
)
def test_what_is_no_single_value_of_a_seller_or_item_is_refused(metric, message):
    for refused in (lambda: freezable(metric), lambda: track(metric)):
        with pytest.raises(ValueError, match=message):
            refused()
    assert not TrackedFact.objects.exists()


def test_a_key_says_whose_what_and_when():
    longest = f"{10**9}:{'x' * 64}"
    assert len(key_of(longest, LEVEL, AS_OF)) <= FactSet._meta.get_field("key").max_length
    keys = {
        key_of("1:a", LEVEL, AS_OF),
        key_of("1:b", LEVEL, AS_OF),
        key_of("1:a", "seller.shop_type", AS_OF),
        key_of("1:a", LEVEL, AS_OF + SECOND),
    }
    assert len(keys) == 4
