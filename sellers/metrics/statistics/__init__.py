"""Statistics: figures over series, prices and events, for many sellers or items at once."""

from sellers.metrics.statistics.computing import compute, figures_of, renew
from sellers.metrics.statistics.errors import StatisticError
from sellers.metrics.statistics.sources import SOURCES, Source, SourceField, SourceKind
from sellers.metrics.statistics.spec import Function, Shape, StatisticSpec, Window

__all__ = [
    "SOURCES",
    "Function",
    "Shape",
    "Source",
    "SourceField",
    "SourceKind",
    "StatisticError",
    "StatisticSpec",
    "Window",
    "compute",
    "figures_of",
    "renew",
]
