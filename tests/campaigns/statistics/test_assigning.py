"""Which slots a version's statistics and snapshots get, and what is said where they get none."""

import pytest

from campaigns import statistics
from campaigns.statistics import Described, Problem
from sellers.metrics.registry import MetricType
from sellers.metrics.statistics import StatisticError
from tests.factories import (
    MilestoneFactory,
    SnapshotFactory,
    StatisticFactory,
    VersionFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

SOLD = {"level": "item", "function": "sum", "source": "item_days", "field": "quantity"}
LINES = {"level": "item", "source": "order_lines"}


def slots_of(version):
    """Slots by code."""
    rows = version.statistic_set.values_list("code", "slot", "slot_denominator")
    return {code: (slot, below) for code, slot, below in rows}


def test_each_level_has_its_own_slots_in_order():
    version = VersionFactory()
    page = {
        "item.sold": SOLD,
        "item.mean": {**SOLD, "function": "avg"},
        "item.region": {**LINES, "function": "last", "field": "ship_region"},
        "item.paid_at": {**LINES, "function": "max", "field": "paid_at"},
        "item.fake": {**LINES, "function": "last", "field": "abnormal"},
        "item.lines": {**LINES, "function": "count"},
        "seller.lines": {**LINES, "level": "seller", "function": "count"},
    }
    for position, (code, row) in enumerate(page.items()):
        StatisticFactory(version=version, code=code, position=position, **row)
    statistics.assign_slots(version)
    assert slots_of(version) == {
        "item.sold": ("number_01", ""),
        "item.mean": ("number_02", "number_03"),
        "item.region": ("text_01", ""),
        "item.paid_at": ("time_01", ""),
        "item.fake": ("flag_01", ""),
        "item.lines": ("number_04", ""),
        "seller.lines": ("number_01", ""),
    }


def test_slots_that_fit_are_kept_when_rows_change():
    version = VersionFactory()
    first = StatisticFactory(version=version, code="item.a", position=1, **SOLD)
    StatisticFactory(version=version, code="item.b", position=2, **SOLD)
    statistics.assign_slots(version)
    first.delete()
    StatisticFactory(version=version, code="item.c", position=0, **{**SOLD, "function": "avg"})
    statistics.assign_slots(version)
    assert slots_of(version) == {"item.c": ("number_01", "number_03"), "item.b": ("number_02", "")}
    version.statistic_set.filter(code="item.c").update(function="max")
    version.statistic_set.filter(code="item.b").update(
        source="order_lines", function="last", field="buyer"
    )
    statistics.assign_slots(version)
    assert slots_of(version) == {"item.c": ("number_01", ""), "item.b": ("text_01", "")}


def test_two_rows_never_share_a_slot():
    version = VersionFactory()
    StatisticFactory(version=version, code="item.a", slot="number_05", **SOLD)
    StatisticFactory(version=version, code="item.b", slot="number_05", **SOLD)
    statistics.assign_slots(version)
    assert slots_of(version) == {"item.a": ("number_05", ""), "item.b": ("number_01", "")}


def test_the_statistic_too_many_is_named():
    version = VersionFactory()
    for number in range(24):
        StatisticFactory(version=version, code=f"item.s{number:02}", position=number, **SOLD)
    assert statistics.problems(version) == []
    StatisticFactory(version=version, code="item.last", position=24, **SOLD)
    [problem] = statistics.problems(version)
    assert (problem.section, problem.index, problem.path) == ("statistics", 24, "")
    assert "all 24 number slots are taken" in problem.message
    with pytest.raises(StatisticError, match="all 24 number slots are taken"):
        statistics.assign_slots(version)


def test_problems_name_their_row_and_place():
    version = VersionFactory()
    StatisticFactory(version=version, code="item.a", position=0, **SOLD)
    StatisticFactory(version=version, code="item.b", position=1, **{**SOLD, "field": "sold"})
    StatisticFactory(
        version=version, code="item.c", position=2, window={"milestone": "live"}, **SOLD
    )
    StatisticFactory(
        version=version,
        code="item.d",
        position=3,
        level="item",
        function="ratio",
        numerator="item.a",
        denominator="item.none",
    )
    SnapshotFactory(version=version, code="seller.frozen", metric="seller.qualifications")
    found = [(p.section, p.index, p.path) for p in statistics.problems(version)]
    assert found == [
        ("statistics", 1, "field"),
        ("statistics", 2, "window.milestone"),
        ("statistics", 3, "denominator"),
        ("snapshots", 0, "metric"),
    ]
    MilestoneFactory(
        version=version,
        code="live",
        starts_at=local("2023-05-16 20:00"),
        ends_at=local("2023-05-21"),
    )
    assert statistics.problems(version)[1] == Problem(
        "statistics", 2, "window", "a series of days needs a window of whole local days"
    )


def test_a_statistic_as_a_metric():
    version = VersionFactory()
    paid = StatisticFactory(
        version=version,
        code="item.paid",
        window={"trailing_days": 30},
        **{**SOLD, "field": "paid_amount"},
    )
    lines = StatisticFactory(version=version, code="item.lines", function="count", **LINES)
    ratio = StatisticFactory(
        version=version,
        code="item.price",
        level="item",
        function="ratio",
        numerator=paid.code,
        denominator=lines.code,
    )
    statistics.assign_slots(version)
    ratio.refresh_from_db()
    assert statistics.describe(paid) == Described(MetricType.DECIMAL, "CNY", 2, window="30d")
    assert statistics.describe(lines) == Described(MetricType.INTEGER)
    assert statistics.describe(ratio) == Described(
        MetricType.RATIO, "CNY", 2, denominator=ratio.slot_denominator, denominator_places=0
    )


def test_a_statistic_that_cannot_be_computed_is_still_described():
    broken = StatisticFactory(source="nothing", window={"trailing_days": 7})
    assert statistics.describe(broken) == Described(MetricType.DECIMAL, window="7d")


@pytest.mark.parametrize(
    ("metric", "slot"),
    [
        ("seller.growth_level", "number_01"),
        ("seller.main_category", "number_01"),
        ("seller.shop_type", "text_01"),
        ("item.first_listed_at", "time_01"),
        ("item.age_days", "time_01"),
        ("item.recommended", "flag_01"),
    ],
)
def test_a_snapshot_has_a_fact_set_of_its_own(metric, slot):
    snapshot = SnapshotFactory(metric=metric)
    SnapshotFactory(version=snapshot.version, metric=metric)
    statistics.assign_slots(snapshot.version)
    assert list(snapshot.version.snapshot_set.values_list("slot", flat=True)) == [slot, slot]
