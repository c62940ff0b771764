"""List prices and parallel prices: spans that close, what is in force, what is marked."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sellers.feeds.loading import load_file
from sellers.models import ChangedSubject, FactChange, Item, ListPrice, ParallelPrice, TrackedFact
from sellers.prices import apply_due
from tests.factories import ItemFactory
from tests.sellers.feeds.conftest import counts
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def item():
    """An item without a price."""
    return ItemFactory(code="i1", list_price=None, known_at=None)


def spans(model=ListPrice, **conditions):
    """(price, start, end) of every price, dates as text."""

    def text(at):
        return at and at.astimezone(local("2023-05-01").tzinfo).strftime("%m-%d %H:%M")

    rows = model.objects.filter(**conditions).order_by("item__code", "starts_at")
    return [(str(row.price), text(row.starts_at), text(row.ends_at)) for row in rows]


def list_price(item):
    """The item's list price as it is stored."""
    return Item.objects.get(pk=item.pk).list_price


def test_a_price_ends_where_the_next_begins(feed, item, small_chunks):
    text = "item,price,starts_at\ni1,100,2023-05-01T00:00Z\ni1,90,2023-05-20T00:00Z\n"
    text += "i1,95,2023-05-09T00:00Z\n"
    assert counts(feed("list_prices", text)) == (3, 0, 3, 0, 0, 0)
    assert spans() == [
        ("100.00", "05-01 00:00", "05-09 00:00"),
        ("95.00", "05-09 00:00", "05-20 00:00"),
        ("90.00", "05-20 00:00", None),
    ]
    assert list_price(item) == Decimal("95.00")
    # One more between two that are there.
    more = "item,price,starts_at\ni1,97,2023-05-05T00:00Z\n"
    assert counts(feed("list_prices", more)) == (1, 0, 1, 0, 0, 0)
    assert spans()[:2] == [
        ("100.00", "05-01 00:00", "05-05 00:00"),
        ("97.00", "05-05 00:00", "05-09 00:00"),
    ]
    assert counts(feed("list_prices", text)) == (3, 0, 0, 0, 3, 0)


def test_a_stated_end_holds_unless_the_next_price_begins_before(feed, item):
    text = "item,price,starts_at,ends_at\n"
    text += "i1,100,2023-05-01T00:00Z,2023-05-03T00:00Z\ni1,90,2023-05-06T00:00Z,"
    text += "2023-05-30T00:00Z\ni1,80,2023-05-20T00:00Z,\n"
    feed("list_prices", text)
    assert spans() == [
        ("100.00", "05-01 00:00", "05-03 00:00"),
        ("90.00", "05-06 00:00", "05-20 00:00"),
        ("80.00", "05-20 00:00", None),
    ]
    # Called off: its end is its start, and the price before it runs on to its own end.
    text = "item,starts_at,ends_at\ni1,2023-05-20T00:00Z,2023-05-20T00:00Z\n"
    assert counts(feed("list_prices", text)) == (1, 0, 0, 1, 0, 0)
    assert spans()[1:] == [
        ("90.00", "05-06 00:00", "05-30 00:00"),
        ("80.00", "05-20 00:00", "05-20 00:00"),
    ]


@pytest.mark.rule("G520-032")
def test_a_struck_through_price_is_no_list_price(feed, item):
    text = "item,price,struck,starts_at\ni1,200,true,2023-05-01\ni1,150,false,2023-05-01\n"
    assert counts(feed("list_prices", text)) == (2, 0, 2, 0, 0, 0)
    assert list_price(item) == Decimal("150.00")
    feed("list_prices", "item,price,struck,starts_at\ni1,10,true,2023-05-02\n")
    assert list_price(item) == Decimal("150.00")
    # A struck-through price does not end a list price either; without the column none is struck.
    assert [end for _price, _start, end in spans(struck=False)] == [None]
    feed("list_prices", "item,price,starts_at\ni1,140,2023-05-03\n")
    assert list_price(item) == Decimal("140.00")


def test_a_scheduled_price_comes_into_force_when_due(feed, item, django_assert_max_num_queries):
    text = "item,price,starts_at,ends_at\ni1,100,2023-05-01,\ni1,88,2023-05-19,2023-05-21\n"
    feed("list_prices", text)
    assert list_price(item) == Decimal("100.00")
    ChangedSubject.objects.all().delete()
    assert apply_due(local("2023-05-18 23:59:59")) == 0
    assert (list_price(item), ChangedSubject.objects.count()) == (Decimal("100.00"), 0)
    assert apply_due(local("2023-05-19 00:00:00")) == 1
    assert list_price(item) == Decimal("88.00")
    assert ChangedSubject.objects.get().subject_id == item.pk
    assert apply_due(local("2023-05-19 00:00:00")) == 0
    assert apply_due(local("2023-05-10 00:00:00")) == 0
    assert list_price(item) == Decimal("88.00")
    assert apply_due(local("2023-05-20 23:59:59")) == 0
    assert apply_due(local("2023-05-21")) == 1
    assert list_price(item) is None


def test_an_older_file_does_not_turn_the_clock_of_prices_back(feed, item):
    feed("list_prices", "item,price,starts_at\ni1,100,2023-05-01\ni1,90,2023-05-15\n")
    apply_due(local("2023-05-16"))
    assert list_price(item) == Decimal("90.00")
    feed("list_prices", "item,price,starts_at\ni1,80,2023-05-02\n", at="2023-05-11")
    assert list_price(item) == Decimal("90.00")


def test_an_older_price_does_not_overwrite_a_newer_one(feed, item):
    feed("list_prices", "item,price,starts_at\ni1,100,2023-05-01\n", at="2023-05-02")
    feed("list_prices", "item,price,starts_at\ni1,95,2023-05-01\n", at="2023-05-04")
    outcome = feed("list_prices", "item,price,starts_at\ni1,99,2023-05-01\n", at="2023-05-03")
    assert counts(outcome) == (1, 0, 0, 0, 0, 1)
    assert list_price(item) == Decimal("95.00")


def test_bad_prices(feed, item, errors):
    text = "item,price,starts_at,ends_at\ni1,-1,2023-05-01,\ni1,,2023-05-02,\n"
    text += "i1,5,2023-05-03,2023-05-02\ni9,5,2023-05-03,\ni1,5,2023-05-03,\ni1,6,2023-05-03,\n"
    assert counts(feed("list_prices", text)) == (6, 5, 1, 0, 0, 0)
    assert sorted(errors()) == [
        (2, "price", "-1", "is not between 0 and 100000000000.00"),
        (3, "price", "", "must not be empty"),
        (4, "ends_at", "2023-05-01 16:00:00+00:00", "lies before starts_at"),
        (5, "item", "i9", "is not known"),
        (
            6,
            "item, struck, starts_at",
            "i1, False, 2023-05-02 16:00:00+00:00",
            "stands there again in line 7, which counts",
        ),
    ]


def test_a_new_price_needs_the_price(feed, item, errors):
    outcome = feed("list_prices", "item,starts_at,ends_at\ni1,2023-05-03,2023-05-04\n")
    assert counts(outcome) == (1, 1, 0, 0, 0, 0)
    assert errors()[0][3] == "is not known, and a new row needs: price"


def test_the_log_of_list_prices(feed, item):
    TrackedFact.objects.create(metric="item.list_price")
    text = "item,price,starts_at,ends_at\ni1,100,2023-05-01,\ni1,88,2023-05-19,2023-05-21\n"
    feed("list_prices", text)
    apply_due(local("2023-05-19 08:00"))
    apply_due(local("2023-05-22"))
    logged = FactChange.objects.order_by("effective_at")
    assert list(logged.values_list("metric", "subject_id", "value", "effective_at")) == [
        ("item.list_price", item.pk, "100.00", local("2023-05-01")),
        ("item.list_price", item.pk, "88.00", local("2023-05-19")),
        ("item.list_price", item.pk, None, local("2023-05-21")),
    ]
    assert {change.known_at for change in logged} == {local("2023-05-10 02:00")}


def test_parallel_prices_of_a_channel_follow_each_other(feed, item):
    text = "item,channel,price,starts_at\ni1,group,88,2023-05-01T00:00Z\n"
    text += "i1,live,70,2023-05-02T00:00Z\ni1,group,85,2023-05-04T00:00Z\n"
    assert counts(feed("parallel_prices", text)) == (3, 0, 3, 0, 0, 0)
    assert spans(ParallelPrice, channel="group") == [
        ("88.00", "05-01 00:00", "05-04 00:00"),
        ("85.00", "05-04 00:00", None),
    ]
    assert spans(ParallelPrice, channel="live") == [("70.00", "05-02 00:00", None)]
    assert set(ChangedSubject.objects.values_list("subject_kind", "subject_id")) == {
        ("item", item.pk)
    }
    assert list_price(item) is None
    ChangedSubject.objects.all().delete()
    assert counts(feed("parallel_prices", text)) == (3, 0, 0, 0, 3, 0)
    assert not ChangedSubject.objects.exists()
    feed("parallel_prices", text.replace("88", "87"))
    assert ChangedSubject.objects.count() == 1


STARTS = st.integers(1, 9)
LINES = st.lists(st.tuples(STARTS, st.integers(1, 5), st.none() | st.integers(0, 4)), max_size=4)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(files=st.lists(LINES, max_size=3))
def test_spans_are_those_of_all_files_together(tmp_path, files):
    """Whatever is fed in whatever order: each price ends at its stated end or the next start."""
    Item.objects.all().delete()
    item = ItemFactory(code="i1", list_price=None)
    known = {}
    for number, lines in enumerate(files):
        text = "item,price,starts_at,ends_at\n"
        for start, price, length in lines:
            end = None if length is None else start + length
            known[start] = (price, end)
            text += f"i1,{price},2023-05-{start:02},{f'2023-05-{end:02}' if end else ''}\n"
        path = tmp_path / "prices.csv"
        path.write_text(text)
        at = local(f"2023-05-10 0{number}:00")
        load_file(kind="list_prices", path=path, at=at)
    expected = []
    live = sorted(start for start, (_price, end) in known.items() if end != start)
    for start, (price, end) in sorted(known.items()):
        ends = [end] if end else []
        ends += [later for later in live if later > start][:1]
        expected.append((Decimal(price), start, min(ends) if ends else None))
    rows = ListPrice.objects.filter(item=item).order_by("starts_at")
    zone = local("2023-05-01").tzinfo
    days = {local(f"2023-05-{day:02}").astimezone(zone): day for day in range(1, 20)}
    found = [(row.price, days[row.starts_at], row.ends_at and days[row.ends_at]) for row in rows]
    assert found == expected
    in_force = [price for price, start, end in expected if start <= 10 and (not end or end > 10)]
    assert list_price(item) == (in_force[-1] if in_force else None)
    assert len(in_force) <= 1
