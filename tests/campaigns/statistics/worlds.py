"""A live item and its seller, and asking for one statistic of theirs."""

from fractions import Fraction

from campaigns import statistics
from sellers.metrics.slots import from_slot, slot_model
from tests.factories import EntryFactory, StatisticFactory
from tests.times import local

AT = local("2023-05-16 02:00:00")


class World:
    """One live entry, asked about at `AT` unless said otherwise."""

    def __init__(self):
        self.entry = EntryFactory()
        self.version = self.entry.version
        self.item, self.seller = self.entry.item, self.entry.seller

    def subject(self, level):
        """The item or the seller."""
        return getattr(self, level)

    def ask(self, *, at=AT, level="item", code=None, **statistic):
        """The figure of a statistic of the item or seller, newly written to a sweep's set."""
        code = code or f"{level}.asked"
        self.version.statistic_set.filter(code=code).delete()
        row = StatisticFactory(version=self.version, code=code, level=level, **statistic)
        assert statistics.problems(self.version) == []
        facts = statistics.fact_set_for("run:1", at=at)
        statistics.refresh_range(version=self.version, at=at, fact_set=facts, level=level)
        row.refresh_from_db()
        slots = slot_model(level).objects.get(fact_set=facts, **{level: self.subject(level)})
        return figure(slots, row)


def figure(slots, row):
    """A statistic's figure in a slot row: a Fraction for a ratio, else a Python value or None."""
    metric = statistics.describe(row)
    stored = getattr(slots, row.slot)
    if not metric.denominator:
        return from_slot(metric.type, stored, metric.places)
    below = getattr(slots, metric.denominator)
    if stored is None or below is None:
        return None
    return Fraction(stored, below) / Fraction(10) ** (metric.places - metric.denominator_places)
