"""Where the metrics of a tree are found from the rows under evaluation, and at which instant."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import DateTimeField, F, FilteredRelation, Q, Value
from django.db.models.expressions import Col

from campaigns.eligibility import sql
from campaigns.eligibility.categories import CategoryTree, Trees
from campaigns.eligibility.vocabulary import is_slot
from campaigns.models import Entry, Registration
from sellers.bulk_write import Given, joins_carry_ranges
from sellers.localtime import local_date, local_midnight
from sellers.metrics.registry import STATISTICS_SET, Metric

MODELS = {"entry": Entry, "registration": Registration}
PREFIXES = {
    "entry": {
        "entry": "",
        "item": "item__",
        "seller": "seller__",
        "registration": "registration__",
    },
    "registration": {"registration": "", "seller": "seller__"},
}
# By whose ids the shards of a base divide its rows.
RANGE_OF = {"entry": "item", "registration": "seller"}
# Slot rows of a fact set that does not exist: every value is missing.
NO_FACT_SET = 0


class JoinedKey(F):
    """The primary key of a joined row, named by the path of another column of its: the path of the
    key itself stands for the foreign key in front of the join."""

    def resolve_expression(self, *args, **kwargs):
        """The key's column in the joined table."""
        column = super().resolve_expression(*args, **kwargs)
        return Col(column.alias, column.target.model._meta.pk)


class GivenMidnight(Given):
    """`Frame.midnight` of the instant that a prepared query is given under a name."""

    def __init__(self, name: str, days: int):
        super().__init__(name, DateTimeField())
        self.days = days

    def of(self, values):
        """The midnight as the database takes it."""
        return super().of({self.name: _midnight(values[self.name], self.days)})


def _midnight(at, days):
    return local_midnight(local_date(at) - timedelta(days=days))


@dataclass
class Frame:
    """The rows under evaluation (``base``: entry or registration), the instant, and the fact
    sets by name. ``low`` and ``high`` bound the subject ids of a shard, half-open; where the
    database needs it, the bound is repeated on every slot table so that each is read by range.
    ``instant`` is what stands for ``at`` in the SQL: the instant itself, or what a prepared query
    is given for it."""

    base: str
    at: datetime
    fact_sets: dict
    low: int | None = None
    high: int | None = None
    instant: object = None
    trees: Trees = field(default_factory=Trees)
    names_categories: bool = field(default=False, init=False)
    aliases: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.instant is None:
            self.instant = self.at

    @property
    def categories(self) -> CategoryTree:
        """The category tree, read once; who asks for it makes SQL that names categories."""
        self.names_categories = True
        return self.trees.tree

    def midnight(self, days: int):
        """The local midnight with which the day so many days before the one of ``at`` begins."""
        if isinstance(self.instant, Given):
            return GivenMidnight(self.instant.name, days)
        return Value(_midnight(self.at, days), output_field=DateTimeField())

    def reaches(self, subject):
        """Whether a subject's metrics can be asked from this base."""
        return subject in PREFIXES[self.base]

    def column(self, metric: Metric, path=None):
        """An expression for one of the metric's columns, ``metric.path`` by default; for a metric
        of the base's own rows that has none, what computes it."""
        if metric.computed is not None:
            return metric.computed(self.instant)
        return F(self.owner(metric) + (path or metric.path))

    def owner(self, metric: Metric):
        """The lookup prefix of the row that holds the metric: the subject or its slot row."""
        prefix = PREFIXES[self.base][metric.subject]
        if not is_slot(metric):
            return prefix
        alias = f"{metric.subject}_{metric.fact_set}".replace(":", "_").replace(".", "_")
        if alias not in self.aliases:
            self.aliases[alias] = self._slots(metric, f"{prefix}slots")
        return f"{alias}__"

    def computed(self):
        """Conditions that what the expressions made so far ask of statistics was computed for a
        row; what became live after that has no slot row."""
        names = [name for name in self.aliases if name.endswith(f"_{STATISTICS_SET}")]
        return [sql.is_known(F(f"{name}__fact_set")) for name in sorted(names)]

    def known_at(self, metric: Metric):
        """An expression for when the value was known, or None."""
        return F(self.owner(metric) + metric.known_path) if metric.known_path else None

    def bounds(self):
        """The shard's bounds on the table of items or sellers, where the join does not do."""
        key = JoinedKey(f"{PREFIXES[self.base][RANGE_OF[self.base]]}code")
        ends = ((">=", self._low), ("<", self._high))
        return [sql.compare(key, op, sql.integer(end)) for op, end in ends if end is not None]

    @property
    def _low(self):
        return None if joins_carry_ranges() else self.low

    @property
    def _high(self):
        return None if joins_carry_ranges() else self.high

    def _slots(self, metric, relation):
        condition = Q(
            **{f"{relation}__fact_set": self.fact_sets.get(metric.fact_set) or NO_FACT_SET}
        )
        range_of = RANGE_OF[self.base]
        if metric.subject == range_of:
            if self._low is not None:
                condition &= Q(**{f"{relation}__{range_of}__gte": self._low})
            if self._high is not None:
                condition &= Q(**{f"{relation}__{range_of}__lt": self._high})
        return FilteredRelation(relation, condition=condition)
