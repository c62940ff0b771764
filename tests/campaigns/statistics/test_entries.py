"""Statistics of each entry, since it was filed: the law, the borders, and where they are asked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import statistics
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.frame import Frame
from campaigns.eligibility.vocabulary import statistic_metric, vocabulary_of
from campaigns.models import Entry, Statistic
from campaigns.windows import words
from sellers.metrics.slots import from_slot
from tests.campaigns.statistics import reference, test_law
from tests.campaigns.statistics.strategies import AT, ROWS, instants, statistics_of_entries
from tests.factories import (
    FILED,
    EntryFactory,
    ItemFactory,
    ListPriceFactory,
    MilestoneFactory,
    OrderFactory,
    OrderLineFactory,
    QualificationFactory,
    RequirementFactory,
    StatisticFactory,
    ViolationFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db
TICK = timedelta(microseconds=1)
SOLD_EARLY = {
    "level": "entry",
    "function": "min",
    "source": "order_lines",
    "field": "unit_price",
    "where": ["abnormal", "==", False],
    "window": {"since_filing": True},
}


@pytest.fixture
def world():
    return test_law.World()


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_the_database_counts_as_python_does(world, data):
    row = data.draw(statistics_of_entries(), label="statistic")
    entries = list(Entry.objects.order_by("pk"))
    for entry in entries:
        entry.submitted_at = data.draw(st.none() | instants, label="filed")
        entry.save()
    source, of = row["source"], row["of"]
    drawn = {source: [data.draw(ROWS[source], label=source) for _item in world.items]}
    written = world.write(of, drawn)[source]
    statistic = stored(world.version, **row)
    expected = {
        entry.pk: reference.value(
            row, written[getattr(entry, f"{of}_id")], AT, filed=entry.submitted_at
        )
        for entry in entries
    }
    assert measured(statistic, AT) == expected


def stored(version, code="entry.asked", **row):
    """The statistic as the version has it."""
    version.statistic_set.filter(code=code).delete()
    statistic = Statistic.objects.create(version=version, code=code, **row)
    assert statistics.problems(version) == []
    return statistic


def metric_of(statistic):
    """The statistic as conditions know it."""
    return statistic_metric(statistic, statistics.Specs(statistic.version))


def measured(statistic, at):
    """The figure of every entry by its id."""
    metric = metric_of(statistic)
    column = Frame("entry", at, {}).column(metric)
    rows = Entry.objects.annotate(asked=column).values_list("pk", "asked")
    return {pk: from_slot(metric.type, figure, metric.places) for pk, figure in rows}


def sold(entry, price, paid_at, **more):
    order = OrderFactory(placed_at=paid_at)
    return OrderLineFactory(order=order, item=entry.item, unit_price=price, **more)


@pytest.mark.parametrize(
    ("paid_at", "counts"),
    [
        (FILED - TICK, False),
        (FILED, True),
        (AT, True),
        (AT + TICK, False),
    ],
)
def test_what_was_sold_from_the_filing_until_now_counts(paid_at, counts):
    entry = EntryFactory()
    sold(entry, "99.99", paid_at)
    found = measured(stored(entry.version, **SOLD_EARLY), AT)
    assert found == {entry.pk: Decimal("99.99") if counts else None}


def test_every_entry_counts_since_its_own_filing():
    first = EntryFactory(status=Entry.Status.CLEARED_OUT)
    second = EntryFactory(
        registration=first.registration, item=first.item, submitted_at=FILED + timedelta(days=2)
    )
    draft = EntryFactory(
        registration=first.registration, item=first.item, status=Entry.Status.DRAFT
    )
    other = EntryFactory(registration=first.registration, item=ItemFactory(seller=first.seller))
    sold(first, "80.00", FILED + timedelta(days=1))
    sold(first, "90.00", FILED + timedelta(days=2))
    sold(first, "10.00", FILED + timedelta(days=3), abnormal=True)
    lowest = stored(first.version, **SOLD_EARLY)
    assert measured(lowest, AT) == {
        first.pk: Decimal("80.00"),
        second.pk: Decimal("90.00"),
        draft.pk: None,
        other.pk: None,
    }
    number = stored(first.version, **{**SOLD_EARLY, "function": "count", "field": ""})
    # Nothing sold is 0; without a filing nothing is known.
    assert measured(number, AT) == {first.pk: 2, second.pk: 1, draft.pk: None, other.pk: 0}
    latest = stored(first.version, **{**SOLD_EARLY, "function": "last", "where": None})
    assert measured(latest, AT)[second.pk] == Decimal("10.00")


@pytest.mark.parametrize(
    ("until", "code", "text"),
    [
        ({"milestone": "live"}, "milestone:live", "until “live” starts"),
        ("2023-05-12 00:00:00", "2023-05-12", "until before 2023-05-12"),
    ],
)
def test_a_window_may_end(until, code, text):
    entry = EntryFactory()
    MilestoneFactory(version=entry.version, code="live", starts_at=local("2023-05-12"))
    sold(entry, "70.00", local("2023-05-12"))
    sold(entry, "80.00", local("2023-05-12") - TICK)
    window = {"since_filing": True, "until": until}
    statistic = stored(entry.version, **{**SOLD_EARLY, "window": window})
    assert measured(statistic, AT) == {entry.pk: Decimal("80.00")}
    assert metric_of(statistic).window == f"filing/{code}"
    assert words(f"filing/{code}") == f"since the entry was filed, {text}"


def test_an_entry_filed_after_the_end_has_sold_nothing():
    entry = EntryFactory()
    sold(entry, "80.00", FILED)
    window = {"since_filing": True, "until": "2023-05-10 12:00:00"}
    assert measured(stored(entry.version, **{**SOLD_EARLY, "window": window}), AT) == {
        entry.pk: None
    }


def test_rows_of_the_seller_and_rows_that_hold_for_a_time():
    entry = EntryFactory()
    version = entry.version
    ViolationFactory(seller=entry.seller, points=6, penalised_at=FILED)
    ViolationFactory(seller=entry.seller, points=5, penalised_at=FILED - TICK)
    ViolationFactory(seller=entry.seller, points=3, penalised_at=FILED, verified=False)
    ViolationFactory(seller=entry.seller, points=2, penalised_at=FILED, known_at=AT + TICK)
    points = {
        "level": "entry", "of": "seller", "function": "sum", "source": "violations",
        "field": "points", "where": ["verified", "==", True], "window": {"since_filing": True},
    }  # fmt: skip
    assert measured(stored(version, **points), AT) == {entry.pk: 6}
    QualificationFactory(seller=entry.seller, code="gold", valid_to=FILED)
    QualificationFactory(seller=entry.seller, code="silver", valid_to=FILED + TICK)
    held = {
        "level": "entry", "function": "count", "source": "qualifications",
        "window": {"since_filing": True},
    }  # fmt: skip
    assert measured(stored(version, **held), AT) == {entry.pk: 1}
    ListPriceFactory(item=entry.item, price="60.00", ends_at=FILED + TICK)
    ListPriceFactory(item=entry.item, price="50.00", starts_at=AT + TICK, known_at=FILED)
    lowest = {
        "level": "entry", "function": "min", "source": "list_prices", "field": "price",
        "window": {"since_filing": True},
    }  # fmt: skip
    assert measured(stored(version, **lowest), AT) == {entry.pk: Decimal("60.00")}
    due = {**lowest, "include_scheduled": True}
    assert measured(stored(version, **due), AT) == {entry.pk: Decimal("50.00")}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"window": {"since": "2023-01-01 00:00:00"}}, "window"),
        ({"window": {}}, "window"),
        ({"level": "item", "of": ""}, "window"),
        ({"level": "item", "of": "seller", "window": {}}, "of"),
        ({"function": "avg"}, "function"),
        ({"function": "ratio", "numerator": "entry.n", "denominator": "entry.n"}, "function"),
        ({"source": "item_days", "field": "quantity"}, "source"),
        ({"source": "list_prices", "field": "price", "of": "seller", "where": None}, "of"),
        ({"window": {"since_filing": True, "until": {"milestone": "x"}}}, "window.until.milestone"),
        ({"window": {"since_filing": True, "to": "2023-01-01 00:00:00"}}, "window"),
    ],
)
def test_what_cannot_be_worked_out_is_told(changes, path):
    entry = EntryFactory()
    row = {**SOLD_EARLY, **changes}
    count = {**SOLD_EARLY, "function": "count"}
    StatisticFactory(version=entry.version, code="entry.n", **count)
    StatisticFactory(version=entry.version, code=f"{row['level']}.asked", **row)
    (problem,) = statistics.problems(entry.version)
    assert problem.path == path


@pytest.fixture
def checked():
    """An entry at 88.00 and the requirement that its item was not sold for less since."""
    entry = EntryFactory()
    StatisticFactory(
        version=entry.version,
        code="entry.lowest_sold",
        title={"en": "Lowest price sold at since filing", "zh-hans": "报名后最低成交价"},
        **SOLD_EARLY,
    )
    statistics.assign_slots(entry.version)
    RequirementFactory(
        version=entry.version,
        code="sold_early",
        require=["entry.lowest_sold", ">=", {"metric": "entry.activity_price"}],
        missing="pass",
        stages={"admission": "reject", "recheck": "clear_out"},
    )
    return entry


@pytest.mark.parametrize(("price", "fails"), [("88.00", False), ("87.99", True)])
@pytest.mark.parametrize("stage", ["recheck", "admission"])
def test_a_requirement_asks_it_with_its_grounds(checked, price, fails, stage):
    sold(checked, price, FILED)
    checker = Checker(version=checked.version, stage=stage, at=AT)
    explained = checker.explain([checked.pk])[checked.pk]
    assert [draft.outcome for draft in explained] == ["fail" if fails else "pass"]
    (ground,) = explained[0].grounds
    assert (ground.measured, ground.threshold, ground.result) == (price, "88.00", not fails)
    metric = ground.comparison.metric
    assert (metric.window, metric.unit) == ("filing/", "CNY")
    assert bool(checker.findings([checked.pk])) is fails


def test_before_the_filing_it_is_missing(checked):
    sold(checked, "1.00", FILED)
    Entry.objects.update(submitted_at=None, status=Entry.Status.DRAFT)
    (draft,) = Checker(version=checked.version, stage="admission", at=AT).explain([checked.pk])[
        checked.pk
    ]
    assert (draft.outcome, draft.grounds[0].measured) == ("pass", None)


def test_it_needs_no_slot_and_two_queries_whatever_the_rows(checked, django_assert_num_queries):
    assert Statistic.objects.get(code="entry.lowest_sold").slot == ""
    for _number in range(3):
        sold(checked, "50.00", FILED)
    checker = Checker(
        version=checked.version, stage="recheck", at=AT, vocabulary=vocabulary_of(checked.version)
    )
    with django_assert_num_queries(2):
        checker.findings([checked.pk])


@pytest.mark.django_db(transaction=True)
def test_a_prepared_check_counts_until_its_own_instant(checked):
    """The query is compiled once for every instant, and nothing of the first one stays in it."""
    sold(checked, "50.00", AT)
    failed = []
    for at in (AT - TICK, AT, AT - timedelta(days=1), AT + timedelta(days=1)):
        checker = Checker(version=checked.version, stage="admission", at=at)
        failed.append(bool(checker.findings([checked.pk])))
    assert failed == [False, True, False, True]
