"""The figures that a count needs, in fact sets of its own, and their end."""

from datetime import datetime

from campaigns.eligibility.bound import BoundRequirement
from campaigns.eligibility.conditions import MetricValue, TableValue, comparisons
from campaigns.eligibility.vocabulary import SNAPSHOT_SET
from campaigns.models import ReachCount, RulebookVersion
from campaigns.reach.asking import UNDER_WAY, is_abandoned
from campaigns.statistics import fact_set_for, snapshot_keys
from sellers.bulk_write import delete_in_chunks
from sellers.metrics import snapshots
from sellers.metrics.registry import STATISTICS_SET, Metric
from sellers.models import FactSet, ItemSlots, SellerSlots

PREFIX = "reach:"


def metrics_of(requirement: BoundRequirement) -> list[Metric]:
    """Every metric that the requirement compares, or looks a table up by."""
    found = []
    for node in (requirement.premise, requirement.tree):
        for leaf in comparisons(node):
            found.append(leaf.metric)
            if isinstance(leaf.value, MetricValue):
                found.append(leaf.value.metric)
            elif isinstance(leaf.value, TableValue):
                found.extend(leaf.value.keys)
    return found


def levels(requirement: BoundRequirement) -> frozenset[str]:
    """Of which subjects ("seller", "item") the requirement asks statistics."""
    metrics = metrics_of(requirement)
    return frozenset(m.subject for m in metrics if m.fact_set == STATISTICS_SET)


def statistics_set(count: ReachCount) -> FactSet:
    """The fact set that the count's statistics go to."""
    return fact_set_for(f"{count.facts}statistics", at=count.at)


def frozen_sets(
    count: ReachCount, version: RulebookVersion, requirement: BoundRequirement
) -> dict[str, int]:
    """Ids of the fact sets of frozen values that the campaign has not frozen yet, by their name.

    The first freezing of a value stands for good, so a count does not do it for the campaign: it
    freezes what is due at its instant for itself.
    """
    wanted = {m.fact_set for m in metrics_of(requirement) if m.fact_set.startswith(SNAPSHOT_SET)}
    keys = snapshot_keys(version)
    frozen = snapshots.frozen(keys.values())
    own = {}
    for row in version.snapshot_set.all():
        name = SNAPSHOT_SET + row.code
        if name not in wanted or row.as_of > count.at or keys[row.code] in frozen:
            continue
        key = f"{count.facts}{row.pk}"
        snapshots.freeze(key=key, metric=row.metric, slot=row.slot, as_of=row.as_of, at=count.at)
        own[name] = FactSet.objects.get(key=key).pk
    return own


def forget(prefix: str, *, but: str = "") -> None:
    """Delete the fact sets whose keys begin with ``prefix``, but not those that begin with
    ``but``."""
    sets = FactSet.objects.filter(key__startswith=prefix)
    if but:
        sets = sets.exclude(key__startswith=but)
    for fact_set in sets:
        for slots in (ItemSlots, SellerSlots):
            delete_in_chunks(slots.objects.filter(fact_set=fact_set))
        FactSet.objects.filter(pk=fact_set.pk).delete()


def own_prefix(count: ReachCount) -> str:
    """How the keys of all fact sets of the count, of any turn, begin."""
    return f"{PREFIX}{count.pk}:"


def purge(*, now: datetime) -> int:
    """Delete the fact sets of counts that are over, abandoned or gone; returns how many."""
    running = ReachCount.objects.filter(state__in=UNDER_WAY).exclude(facts="")
    kept = {count.facts for count in running if not is_abandoned(count, now)}
    left = [
        key
        for key in FactSet.objects.filter(key__startswith=PREFIX).values_list("key", flat=True)
        if not any(key.startswith(facts) for facts in kept)
    ]
    for key in left:
        forget(key)
    return len(left)
