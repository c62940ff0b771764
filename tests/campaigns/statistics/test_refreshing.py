"""Whose figures are computed, where they are kept, and that doing it again changes nothing."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import statistics
from campaigns.models import Entry, Registration
from sellers import bulk_write
from sellers.models import FactSet, ItemDay, ItemSlots, SellerSlots
from tests.factories import (
    EntryFactory,
    ItemFactory,
    OrderLineFactory,
    RegistrationFactory,
    StatisticFactory,
    VenueFactory,
    VersionFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-16 02:00")
SOLD = {"level": "item", "function": "sum", "source": "item_days", "field": "quantity"}
ORDERED = {"level": "item", "function": "count", "source": "order_lines"}
LINES = {"level": "seller", "function": "count", "source": "order_lines"}


@pytest.fixture
def version():
    found = VersionFactory()
    StatisticFactory(version=found, code="item.sold", **SOLD)
    StatisticFactory(version=found, code="seller.lines", **LINES)
    statistics.assign_slots(found)
    return found


def live(version, **entry):
    """A live entry's item, which sold 5 yesterday."""
    found = EntryFactory(campaign=version.campaign, **entry)
    ItemDay.objects.create(item=found.item, day=date(2023, 5, 15), quantity=5)
    return found


def refresh(version, level="item", at=AT, **more):
    facts = statistics.fact_set_for("run:1", at=AT)
    return statistics.refresh_range(version=version, at=at, fact_set=facts, level=level, **more)


def rows(model=ItemSlots, key="run:1"):
    """Slot rows without their ids: natural keys and business columns."""
    names = [f.name for f in model._meta.concrete_fields if f.name not in ("id", "fact_set")]
    return list(model.objects.filter(fact_set__key=key).order_by(names[-1]).values_list(*names))


def sold(key="run:1"):
    """Units sold by item."""
    return dict(ItemSlots.objects.filter(fact_set__key=key).values_list("item", "number_01"))


@pytest.mark.parametrize("status", Entry.Status.values)
def test_items_of_live_entries_get_a_row(version, status):
    item = live(version, status=status).item
    is_live = status in ("approved", "at_risk", "abnormal", "unpublished")
    assert refresh(version) == is_live
    assert sold() == ({item.pk: 5} if is_live else {})


def test_an_item_of_several_live_entries_gets_one_row(version):
    entry = live(version)
    venue = VenueFactory(campaign=version.campaign, code="second")
    EntryFactory(registration=entry.registration, item=entry.item, venue=venue)
    assert refresh(version) == 1
    assert sold() == {entry.item_id: 5}


def test_items_without_sales_get_their_zero_and_others_no_row(version):
    entry = EntryFactory(campaign=version.campaign)
    live(VersionFactory())
    ItemFactory(seller=entry.seller)
    assert refresh(version) == 1
    assert sold() == {entry.item_id: 0}
    row = ItemSlots.objects.get()
    assert (row.known_at, row.effective_at, row.number_02) == (AT, AT, None)


@pytest.mark.parametrize("status", Registration.Status.values)
def test_sellers_of_joined_registrations_get_a_row(version, status):
    seller = RegistrationFactory(campaign=version.campaign, status=status).seller
    item = ItemFactory(seller=seller)
    OrderLineFactory.create_batch(2, item=item)
    assert refresh(version, "seller") == (status == "joined")
    found = dict(SellerSlots.objects.values_list("seller", "number_01"))
    assert found == ({seller.pk: 2} if status == "joined" else {})


def test_a_range_is_half_open_and_ranges_add_up(version):
    items = [live(version).item_id for _ in range(4)]
    assert refresh(version, low=items[1], high=items[3]) == 2
    assert sold() == dict.fromkeys(items[1:3], 5)
    assert refresh(version, high=items[1]) == 1
    assert refresh(version, low=items[3]) == 1
    apart = rows()
    assert refresh(version) == 4
    assert rows() == apart


def test_a_range_done_again_is_as_if_done_once(version):
    gone, stays, other = (live(version) for _ in range(3))
    refresh(version)
    ItemSlots.objects.filter(item=stays.item).delete()
    ItemSlots.objects.filter(item=other.item).update(number_01=99)
    Entry.objects.filter(pk=gone.pk).update(status="withdrawn")
    assert refresh(version) == 2
    assert sold() == {stays.item_id: 5, other.item_id: 5}
    again = rows()
    assert refresh(version) == 2
    assert rows() == again


def test_what_a_killed_worker_left_is_replaced(version, monkeypatch):
    """On SQLite it leaves whole chunks behind."""
    monkeypatch.setattr(bulk_write.transactions, "CHUNK", 2)
    items = [live(version).item_id for _ in range(5)]
    refresh(version)
    whole = rows()
    ItemSlots.objects.filter(item__in=items[2:]).delete()
    assert refresh(version) == 5
    assert rows() == whole


def test_only_the_range_and_the_set_asked_for_are_touched(version):
    first, second = live(version), live(version)
    refresh(version)
    ItemSlots.objects.update(number_01=99)
    low = max(first.item_id, second.item_id)
    refresh(version, low=low)
    assert sorted(sold().values()) == [5, 99]
    statistics.refresh(version=version, at=AT, fact_set_key="admission:1:1", item_ids=[low])
    assert sorted(sold().values()) == [5, 99]
    assert sold("admission:1:1") == {low: 5}


def test_a_targeted_run_gives_the_entries_it_looks_at(version):
    first, second = live(version), live(version)
    chosen = Entry.objects.filter(pk=second.pk)
    assert refresh(version, rows=chosen) == 1
    assert sold() == {second.item_id: 5}
    assert refresh(version, "seller", rows=chosen) == 1
    assert SellerSlots.objects.get().seller_id == second.seller_id != first.seller_id


def test_a_filing_renews_its_subjects_and_leaves_the_others(version):
    items = [ItemFactory() for _ in range(3)]
    for number, item in enumerate(items):
        ItemDay.objects.create(item=item, day=date(2023, 5, 15), quantity=number)
    key = statistics.admission_key(version)
    ids = {"fact_set_key": key, "item_ids": [item.pk for item in items], "seller_ids": []}
    facts = statistics.refresh(version=version, at=AT, **ids)
    assert (facts.key, facts.kind) == (key, FactSet.Kind.STATISTICS)
    before = rows(key=key)
    later = AT + timedelta(hours=1)
    ItemDay.objects.filter(item=items[2]).update(quantity=7)
    again = statistics.refresh(
        version=version, at=later, fact_set_key=key, item_ids=[items[1].pk, items[2].pk] * 2
    )
    assert again == facts
    assert sold(key) == {items[0].pk: 0, items[1].pk: 1, items[2].pk: 7}
    # A figure is known since it is what it is.
    assert rows(key=key)[:2] == before[:2]
    assert ItemSlots.objects.get(item=items[2]).known_at == later


def test_a_version_without_statistics_writes_nothing():
    version = VersionFactory()
    entry = live(version)
    assert refresh(version) == 0
    statistics.refresh(version=version, at=AT, fact_set_key="a", item_ids=[entry.item_id])
    assert not ItemSlots.objects.exists()


def test_the_number_of_queries_is_that_of_ranges_not_of_rows(version):
    def queries(key):
        facts = statistics.fact_set_for(key, at=AT)
        with CaptureQueriesContext(connection) as captured:
            statistics.refresh_range(version=version, at=AT, fact_set=facts, level="item")
        return len(captured)

    live(version)
    few = queries("run:1")
    for _ in range(9):
        live(version)
    assert queries("run:2") == few


def test_a_draft_gets_its_slots_when_it_is_first_computed():
    version = VersionFactory(state="draft", number=2)
    StatisticFactory(version=version, code="item.sold", **SOLD)
    item = live(version).item
    assert refresh(version) == 1
    assert version.statistic_set.get().slot == "number_01"
    assert sold() == {item.pk: 5}


def test_old_figures_of_admission_are_pruned_and_those_of_runs_are_not(version):
    first, second = live(version), live(version)
    key = statistics.admission_key(version)
    for entry, at in ((first, AT), (second, AT + timedelta(days=1))):
        statistics.refresh(version=version, at=at, fact_set_key=key, item_ids=[entry.item_id])
    refresh(version)
    assert statistics.prune(before=AT) == 0
    assert statistics.prune(before=AT + timedelta(hours=1)) == 1
    assert list(sold(key)) == [second.item_id]
    assert len(sold()) == 2


def test_a_filing_s_figures_end_with_its_own_instant_or_with_the_window():
    noon = local("2023-05-16 12:00")
    version = VersionFactory()
    window = {"from": "2023-05-16 08:00:00", "to": "2023-05-16 12:00:00"}
    StatisticFactory(version=version, code="item.morning", **ORDERED, window=window)
    StatisticFactory(version=version, code="item.so_far", **ORDERED)
    statistics.assign_slots(version)
    item, second = ItemFactory(), timedelta(seconds=1)
    for at in (noon - 4 * second, noon - second, noon, noon + second):
        OrderLineFactory(item=item, order__paid_at=at)

    def figures(at):
        facts = statistics.refresh(
            version=version, at=at, fact_set_key="admission:1:1", item_ids=[item.pk]
        )
        return ItemSlots.objects.values_list("number_01", "number_02").get(fact_set=facts)

    asked = [-5, -4, -1, 0, 1, 0, -5, 1]
    assert [figures(noon + number * second) for number in asked] == [
        (0, 0), (1, 1), (2, 2), (2, 3), (2, 4), (2, 3), (0, 0), (2, 4),
    ]  # fmt: skip


@pytest.mark.parametrize("number", [1, 63, 64, 65, 129])
def test_a_filing_of_any_size_gets_a_row_for_each_of_its_items(version, number):
    items = ItemFactory.create_batch(number)
    ItemDay.objects.create(item=items[-1], day=date(2023, 5, 15), quantity=5)
    for _time in range(2):
        statistics.refresh(
            version=version, at=AT, fact_set_key="run:1", item_ids=[item.pk for item in items]
        )
        assert sold() == {item.pk: 5 if item is items[-1] else 0 for item in items}
