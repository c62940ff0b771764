"""From a version's stored statistics to specs that can be computed, and to what they measure."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from django.utils.translation import gettext as _

from campaigns.models import Milestone, RulebookVersion, Statistic
from campaigns.published import rows_of
from campaigns.windows import code_of, resolve
from sellers.metrics.registry import MetricType
from sellers.metrics.statistics import (
    ENTRY,
    Function,
    StatisticError,
    StatisticSpec,
    Window,
    figure_since,
)

# For what a statistic is, other than over which days; any instant does.
ANY_TIME = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Described:
    """What a metric over a statistic is: ``value = slot ÷ 10^places``, for a ratio divided by
    ``denominator`` (a slot) ``÷ 10^denominator_places``. ``window`` is a code of `windows`."""

    type: MetricType
    unit: str = ""
    places: int = 0
    denominator: str = ""
    denominator_places: int = 0
    window: str = ""


class Specs:
    """The specs of a version's statistics as of an instant."""

    def __init__(self, version: RulebookVersion, at: datetime = ANY_TIME):
        self.version = version
        self.at = at

    @cached_property
    def statistics(self) -> list[Statistic]:
        """The version's statistics, in order."""
        return rows_of(self.version, Statistic)

    def of(self, level: str) -> list[StatisticSpec]:
        """The specs of each ``level`` ("seller", "item"), in order. Raises StatisticError."""
        return [self.spec(row) for row in self.statistics if row.level == level]

    def spec(self, statistic: Statistic, *, windows: bool = True) -> StatisticSpec:
        """One statistic's spec, its window left open unless ``windows``. Raises StatisticError."""
        if statistic.function == Function.RATIO:
            return self._ratio(statistic, windows)
        return StatisticSpec(
            code=statistic.code,
            level=statistic.level,
            function=statistic.function,
            source=statistic.source,
            of=statistic.of,
            field=statistic.field,
            where=statistic.where,
            window=(
                self._window(statistic)
                if windows
                else Window(since_filing=statistic.level == ENTRY)
            ),
            include_scheduled=statistic.include_scheduled,
            slot=statistic.slot,
            slot_denominator=statistic.slot_denominator,
        )

    def _window(self, statistic):
        named = "milestone" in statistic.window or isinstance(statistic.window.get("until"), dict)
        milestones = self.milestones if named else {}
        return resolve(statistic.window, at=self.at, milestones=milestones)

    def _ratio(self, statistic, windows):
        parts = {}
        for name in ("numerator", "denominator"):
            code = getattr(statistic, name)
            part = next((row for row in self.statistics if row.code == code), None)
            if part is None or part.function == Function.RATIO:
                raise StatisticError(
                    name, _("expected the code of another statistic that is one number")
                )
            parts[name] = self.spec(part, windows=windows)
        return StatisticSpec(
            code=statistic.code,
            level=statistic.level,
            function=statistic.function,
            slot=statistic.slot,
            slot_denominator=statistic.slot_denominator,
            **parts,
        )

    @cached_property
    def milestones(self) -> dict[str, tuple[datetime, datetime]]:
        """The version's milestones by code."""
        rows = rows_of(self.version, Milestone)
        return {row.code: (row.starts_at, row.ends_at) for row in rows}

    def figure_of_entries(self, statistic: Statistic, instant):
        """What works out a statistic of each entry, over entries, at an instant or what stands for
        it in the SQL. Raises StatisticError."""
        spec = self.spec(statistic)
        return figure_since(spec, instant, owner=spec.owner, since="submitted_at")

    def describe(self, statistic: Statistic) -> Described:
        """A statistic as a metric. One that cannot be computed is described as a decimal."""
        window = code_of(statistic.window)
        try:
            shape = self.spec(statistic, windows=False).shape
        except StatisticError:
            return Described(MetricType.DECIMAL, window=window)
        return Described(
            type=shape.type,
            unit=shape.unit,
            places=shape.places,
            denominator=statistic.slot_denominator,
            denominator_places=shape.denominator_places,
            window=window,
        )


def describe(statistic: Statistic) -> Described:
    """A stored statistic as a metric; see `Specs.describe`."""
    return Specs(statistic.version).describe(statistic)
