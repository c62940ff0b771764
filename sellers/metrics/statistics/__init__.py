"""Statistics: figures over series, prices and events, for many sellers or items at once."""

from sellers.metrics.statistics.computing import compute, figures_of, renew
from sellers.metrics.statistics.errors import StatisticError
from sellers.metrics.statistics.expressions import figure_since
from sellers.metrics.statistics.sources import (
    SOURCES,
    Source,
    SourceField,
    SourceKind,
    register,
)
from sellers.metrics.statistics.spec import (
    ENTRY,
    OF_ENTRIES,
    Function,
    Shape,
    StatisticSpec,
    Window,
)

__all__ = [
    "ENTRY",
    "OF_ENTRIES",
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
    "figure_since",
    "figures_of",
    "register",
    "renew",
]
