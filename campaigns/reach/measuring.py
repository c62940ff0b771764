"""What a requirement does to the live entries of a range of items, as a set."""

from dataclasses import dataclass

from django.db.models import Count, Q

from campaigns.eligibility.bound import FAIL, HOLD, BoundRequirement, requirement_alone
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.models import ReachCount, RulebookVersion
from campaigns.reach import facts
from campaigns.statistics import ITEM, SELLER, assign_slots, refresh_range
from campaigns.statistics.refreshing import joined_registrations, live_entries
from campaigns.sweeping.shards import ranges, within

ENTRY = "entry"
# Few large ranges are quicker, several small ones show how far the count is.
ROWS_A_STEP = 50_000
MOST_STEPS = 40
# Examples that are kept of each outcome.
EXAMPLES = {FAIL: 15, HOLD: 5}
_MASKS = {FAIL: "fails", HOLD: "holds"}


@dataclass(frozen=True)
class Asked:
    """What a count evaluates: the requirement as its stage applies it, None where another one
    takes its place everywhere; ``levels`` of which it asks statistics ("seller", "item"); and the
    fact sets of frozen values that are the count's own."""

    version: RulebookVersion
    vocabulary: Vocabulary
    requirement: BoundRequirement | None
    levels: frozenset[str]
    frozen: dict[str, int]


def read(count: ReachCount) -> Asked:
    """The count's requirement as it is stored. Raises ConditionError and StatisticError."""
    version = count.requirement.version
    if version.state == version.State.DRAFT:
        # Rows that a form has saved have no slots yet.
        assign_slots(version)
    vocabulary = vocabulary_of(version)
    requirement = requirement_alone(count.requirement, count.stage, vocabulary, count.at)
    levels, frozen = frozenset(), {}
    if requirement is not None:
        levels = facts.levels(requirement)
        frozen = facts.frozen_sets(count, version, requirement)
    return Asked(version, vocabulary, requirement, levels, frozen)


def plan(asked: Asked) -> list[list]:
    """The steps [what, low, high): sellers' statistics first, if any are asked, then entries."""
    steps = []
    if SELLER in asked.levels:
        steps += _steps(SELLER, joined_registrations(asked.version), "seller_id")
    return [*steps, *_steps(ENTRY, live_entries(asked.version), "item_id")]


def refresh_sellers(count: ReachCount, asked: Asked, low: int, high: int) -> None:
    """Compute the statistics of the registered sellers with ids in [low, high)."""
    _refresh(count, asked, SELLER, low, high)


def measure(
    count: ReachCount, asked: Asked, low: int, high: int
) -> tuple[dict[int, list[int]], list[dict]]:
    """The live entries of items with ids in [low, high): venue id to [live, failed, held], and
    examples, as many as the count still wants."""
    rows = live_entries(asked.version).filter(within("item_id", low, high))
    sums = {venue: [live, 0, 0] for venue, live in _by_venue(rows, live=Count("pk"))}
    if asked.requirement is None:
        return sums, []
    if ITEM in asked.levels:
        _refresh(count, asked, ITEM, low, high)
    checker = _checker(count, asked, low, high)
    bad = checker.failing(rows)
    failed, held = Count("pk", filter=Q(fails=1)), Count("pk", filter=Q(holds=1))
    for venue, *numbers in _by_venue(bad, failed=failed, held=held):
        sums.setdefault(venue, [0, 0, 0])[1:] = numbers
    return sums, _examples(count, checker, bad)


def _steps(what, rows, key):
    enough = -(-rows.count() // ROWS_A_STEP)
    count = max(1, min(MOST_STEPS, enough))
    return [[what, low, high] for low, high in ranges(rows, key, count)]


def _refresh(count, asked, level, low, high):
    refresh_range(
        version=asked.version,
        at=count.at,
        fact_set=facts.statistics_set(count),
        level=level,
        low=low,
        high=high,
    )


def _by_venue(rows, **numbers):
    return rows.order_by().values("venue_id").annotate(**numbers).values_list("venue_id", *numbers)


def _checker(count, asked, low, high):
    checker = Checker(
        version=asked.version,
        stage=count.stage,
        at=count.at,
        statistics=facts.statistics_set(count) if asked.levels else None,
        low=low,
        high=high,
        vocabulary=asked.vocabulary,
        given=[asked.requirement],
    )
    checker.fact_sets.update(asked.frozen)
    return checker


def _examples(count, checker, bad):
    hits = []
    for outcome, most in EXAMPLES.items():
        wanted = most - sum(example["outcome"] == outcome for example in count.examples)
        if wanted > 0:
            rows = bad.filter(**{_MASKS[outcome]: 1}).order_by("item_id", "pk")
            hits += rows.values_list("pk", "fails", "holds")[:wanted]
    found = checker.findings_of_hits(hits)
    return [
        {
            "entry": pk,
            "outcome": draft.outcome,
            "grounds": [_ground(ground) for ground in draft.grounds],
        }
        for pk, _fails, _holds in hits
        for draft in found.get(pk, ())
    ]


def _ground(ground):
    leaf = ground.comparison
    return {
        "metric": leaf.metric.code,
        "measured": ground.measured,
        "comparator": leaf.op,
        "threshold": ground.threshold,
        "unit": leaf.metric.unit,
        "window": leaf.metric.window,
        "result": ground.result,
    }
