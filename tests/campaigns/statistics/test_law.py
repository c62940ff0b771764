"""What the database computes is what counting row by row in Python gives, for random rows, times
and statistics, whichever source is joined and whether by range or by ids."""

from fractions import Fraction

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns import statistics
from campaigns.models import Statistic
from sellers.metrics.slots import from_slot, slot_model
from sellers.models import (
    ItemDay,
    ItemHour,
    ListPrice,
    OrderLine,
    ParallelPrice,
    Qualification,
    SellerDay,
    SellerHour,
    Violation,
)
from tests.campaigns.statistics import reference
from tests.campaigns.statistics.strategies import AT, EVENTS, ROWS, pages_of_statistics
from tests.factories import EntryFactory, ItemFactory, OrderFactory

pytestmark = pytest.mark.django_db

MODELS = {
    "item_days": ItemDay,
    "seller_days": SellerDay,
    "item_hours": ItemHour,
    "seller_hours": SellerHour,
    "list_prices": ListPrice,
    "parallel_prices": ParallelPrice,
    "qualifications": Qualification,
    "violations": Violation,
    "order_lines": OrderLine,
}
BOUNDS = {
    "list_prices": ("starts_at", "ends_at"),
    "parallel_prices": ("starts_at", "ends_at"),
    "qualifications": ("valid_from", "valid_to"),
}
DERIVED = {"clean_quantity", "clean_amount", "net_amount", "a", "b", "tie", "buyer", "ship_region"}


class World:
    """A campaign with live entries of two items, to whose rows the examples are written."""

    def __init__(self):
        entry = EntryFactory()
        other = EntryFactory(registration=entry.registration, item=ItemFactory(seller=entry.seller))
        self.version = entry.version
        self.seller, self.items = entry.seller, [entry.item, other.item]
        self.orders = [
            OrderFactory(buyer=buyer, ship_region=region)
            for buyer, region in (("b0", "north"), ("b1", "south"), ("b0", ""))
        ]
        self.facts = statistics.fact_set_for("run:1", at=AT)

    def subjects(self, level):
        """The subjects of a level, by id."""
        return {row.pk: row for row in ([self.seller] if level == "seller" else self.items)}

    def write(self, level, drawn):
        """Replace every source's rows with those drawn; returns them by source and subject id."""
        for model in MODELS.values():
            model.objects.all().delete()
        written = {}
        for source, lists in drawn.items():
            by_subject = {pk: [] for pk in self.subjects(level)}
            for item, rows in zip(self.items, lists, strict=True):
                for number, row in enumerate(rows):
                    pk = item.pk if level == "item" else self.seller.pk
                    by_subject[pk].append(self.completed(source, row, item, number))
            if level == "seller" and source not in EVENTS:
                by_subject = {
                    self.seller.pk: [self.completed(source, row, None, 0) for row in lists[0]]
                }
            written[source] = by_subject
            MODELS[source].objects.bulk_create(
                MODELS[source](**self.columns(source, row, pk, level))
                for pk, rows in by_subject.items()
                for row in rows
            )
        return written

    def completed(self, source, row, item, number):
        """A drawn row with the fields that follow from where it stands."""
        row = dict(row)
        if source in BOUNDS:
            row |= dict(zip(BOUNDS[source], (row["time"], row["ends"]), strict=True))
            row["tie"] = row.get("channel") or row.get("code") or ""
        if source == "violations":
            row |= {"penalised_at": row["time"], "item": item.pk, "tie": f"{item.pk:09}-{number}"}
        if source == "order_lines":
            order = self.orders[row["order"]]
            row |= {"paid_at": row["time"], "item": item.pk, "order": order.pk}
            row |= {"buyer": order.buyer, "ship_region": order.ship_region}
            row["tie"] = (order.code, item.pk * 10 + number)
        return row

    def columns(self, source, row, pk, level):
        """A row's columns by name."""
        kept = {name: value for name, value in row.items() if name not in DERIVED}
        kept.pop("time", None), kept.pop("ends", None)
        if "known" in kept:
            kept["known_at"] = kept.pop("known")
        for name in ("item", "order"):
            if name in kept:
                kept[f"{name}_id"] = kept.pop(name)
        if source == "violations":
            kept |= {"code": row["tie"], "seller": self.seller}
        elif source == "order_lines":
            kept |= {"number": row["tie"][1], "seller": self.seller}
        else:
            kept[f"{level}_id"] = pk
        return kept


@pytest.fixture
def world():
    return World()


def figures(metrics, level, facts):
    """Figures by subject id and code, read from the slots."""
    found = {}
    for row in slot_model(level).objects.filter(fact_set=facts):
        found[getattr(row, f"{level}_id")] = {
            code: figure(row, statistic, metric) for code, (statistic, metric) in metrics.items()
        }
    return found


def figure(row, statistic, metric):
    """One figure as the reference gives it."""
    stored = getattr(row, statistic.slot)
    if not metric.denominator:
        return from_slot(metric.type, stored, metric.places)
    below = getattr(row, metric.denominator)
    assert below is None or below > 0
    if stored is None or below is None:
        return None
    return Fraction(stored, below) / Fraction(10) ** (metric.places - metric.denominator_places)


@pytest.mark.parametrize("level", ["item", "seller"])
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_the_database_counts_as_python_does(world, level, data):
    page = data.draw(pages_of_statistics(level), label="statistics")
    sources = {row["source"] for row in page.values() if "source" in row}
    drawn = {
        source: [data.draw(ROWS[source], label=source) for _item in world.items]
        for source in sorted(sources)
    }
    written = world.write(level, drawn)
    world.version.statistic_set.all().delete()
    Statistic.objects.bulk_create(
        Statistic(version=world.version, code=code, **row) for code, row in page.items()
    )
    assert statistics.problems(world.version) == []

    expected = {}
    for pk in world.subjects(level):
        own = {}
        for code, row in page.items():
            rows = written[row["source"]][pk] if "source" in row else []
            own[code] = reference.value(row, rows, AT, own)
        expected[pk] = own

    asked = {"version": world.version, "at": AT}
    count = statistics.refresh_range(fact_set=world.facts, level=level, **asked)
    metrics = {
        row.code: (row, statistics.describe(row)) for row in world.version.statistic_set.all()
    }
    assert count == len(expected)
    assert figures(metrics, level, world.facts) == expected
    renewed = statistics.refresh(
        fact_set_key="admission:1:1", **{f"{level}_ids": world.subjects(level)}, **asked
    )
    assert figures(metrics, level, renewed) == expected
