"""The registry of metrics: what can be compared, where it lives, and what it is called."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum


class MetricType(StrEnum):
    """What kind of value a metric has; it decides which comparisons make sense."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    RATIO = "ratio"  # two integers, numerator over denominator; over 0 it is missing
    BOOLEAN = "boolean"
    TEXT = "text"
    DATETIME = "datetime"
    AGE = "age"  # whole local days since a stored instant
    CATEGORY = "category"
    SET = "set"


NUMERIC = frozenset({MetricType.INTEGER, MetricType.DECIMAL, MetricType.RATIO})
STAGES = frozenset({"admission", "recheck", "reward"})

# Where a metric's column lives: on the subject itself, or in a slot row of a fact set.
OWN_COLUMN = ""
CURRENT_SET = "current"
STATISTICS_SET = "statistics"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A named fact: code, subject, type, unit, label, definition, and where its value is.

    ``path`` is the column on the subject's model (or on its slot row when ``fact_set`` names
    one); ``denominator`` the second column of a ratio. ``places`` is the number of decimal places
    of the scaled integers in those columns. ``known_path`` is where the subject says when the
    value was known. A SET names its rows by ``path`` (a reverse relation), ``value_field``, and
    optionally the fields that bound the time in which a row holds. A value without a column is
    ``computed``: a function that gives the expression over the subject's rows for an instant, or
    for what stands for it in a prepared query.
    """

    code: str
    type: MetricType
    label: dict = field(hash=False)
    definition: dict = field(default_factory=dict, hash=False)
    unit: str = ""
    path: str = ""
    places: int = 0
    denominator: str = ""
    denominator_places: int = 0
    fact_set: str = OWN_COLUMN
    known_path: str = ""
    value_field: str = ""
    valid_from: str = ""
    valid_to: str = ""
    choices: tuple = ()
    window: str = ""
    stages: frozenset = STAGES
    computed: Callable | None = field(default=None, hash=False, compare=False)

    @property
    def subject(self):
        """seller, item, entry or registration: the part of the code before the dot."""
        return self.code.partition(".")[0]


class UnknownMetric(LookupError):
    """No metric of that code is registered."""


class DuplicateMetric(ValueError):
    """Two metrics with one code."""


_metrics = {}


def register(*metrics):
    """Add metrics to the registry. The same definition again is harmless; another one raises."""
    for metric in metrics:
        if _metrics.setdefault(metric.code, metric) != metric:
            raise DuplicateMetric(metric.code)


def get(code):
    """The metric of that code; raises UnknownMetric."""
    try:
        return _metrics[code]
    except KeyError:
        raise UnknownMetric(code) from None


def all_metrics():
    """Every registered metric by code, a new dict."""
    return dict(_metrics)
