"""The slots of a version's statistics and snapshots, and what keeps them from being computed."""

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass

from campaigns.models import RulebookVersion, Snapshot, Statistic
from campaigns.statistics.specs import Specs
from sellers.metrics.registry import MetricType
from sellers.metrics.slots import SlotsFull, allocate, slot_family
from sellers.metrics.snapshots import freezable
from sellers.metrics.statistics import ENTRY, StatisticError


@dataclass(frozen=True)
class Problem:
    """What is wrong with a version's statistic or snapshot: ``section`` ("statistics" or
    "snapshots"), its place among those, ``path`` in its row, and a message."""

    section: str
    index: int
    path: str
    message: str


def problems(version: RulebookVersion) -> list[Problem]:
    """All that keeps the version's statistics and snapshots from being computed."""
    specs = _own_specs(version)
    found = [*_problems_of_statistics(specs), *_problems_of_snapshots(version)]
    if found:
        return found
    try:
        _assign(specs)
    except StatisticError as error:
        index = [row.code for row in specs.statistics].index(error.path)
        return [Problem("statistics", index, "", error.message)]
    return []


def assign_slots(version: RulebookVersion) -> None:
    """Give the version's statistics and snapshots the slots that they lack; those that have one
    that fits keep it. Called whenever the rows were written. Raises StatisticError, whose path is
    the statistic's code where no slot is left, and ValueError for what cannot be frozen."""
    for statistic in _assign(_own_specs(version)):
        slots = {"slot": statistic.slot, "slot_denominator": statistic.slot_denominator}
        Statistic.objects.filter(pk=statistic.pk).update(**slots)
    for snapshot in version.snapshot_set.all():
        # Each snapshot has a fact set of its own.
        slot = allocate(freezable(snapshot.metric).type, ())
        if snapshot.slot != slot:
            Snapshot.objects.filter(pk=snapshot.pk).update(slot=slot)


def _problems_of_statistics(specs) -> Iterator[Problem]:
    for index, statistic in enumerate(specs.statistics):
        try:
            specs.spec(statistic)
        except StatisticError as error:
            yield Problem("statistics", index, error.path, error.message)


def _problems_of_snapshots(version) -> Iterator[Problem]:
    for index, snapshot in enumerate(version.snapshot_set.all()):
        try:
            freezable(snapshot.metric)
        except ValueError as error:
            yield Problem("snapshots", index, "metric", str(error))


def _own_specs(version):
    """Specs of statistics that are the caller's alone: `_assign` changes them."""
    specs = Specs(version)
    specs.statistics = [copy(row) for row in version.statistic_set.all()]
    return specs


def _assign(specs) -> list[Statistic]:
    """Set slots on the statistics that need other ones; returns these."""
    wanted = {}
    for statistic in specs.statistics:
        spec = specs.spec(statistic)
        if spec.level == ENTRY:
            # Worked out where it is asked.
            continue
        kind = MetricType.INTEGER if spec.shape.type == MetricType.RATIO else spec.shape.type
        wanted[statistic] = (kind, len(spec.slots))
    taken, without = {}, []
    for statistic, (kind, count) in wanted.items():
        own = [statistic.slot, statistic.slot_denominator]
        others = taken.setdefault(statistic.level, set())
        if _fits(own, kind, count, others):
            others |= set(own[:count])
        else:
            without.append(statistic)
    for statistic in without:
        kind, count = wanted[statistic]
        own, others = ["", ""], taken[statistic.level]
        for place in range(count):
            try:
                own[place] = allocate(kind, others)
            except SlotsFull as error:
                raise StatisticError(statistic.code, str(error)) from error
            others.add(own[place])
        statistic.slot, statistic.slot_denominator = own
    return without


def _fits(own, kind, count, taken):
    used, unused = own[:count], own[count:]
    return (
        all(name.startswith(f"{slot_family(kind)}_") for name in used)
        and len({*used} - taken) == count
        and not any(unused)
    )
