"""Works on a count: step by step, so that it can be given back, taken over and watched."""

import logging
from datetime import timedelta

from django.db.models import F

from campaigns.eligibility.conditions import ConditionError
from campaigns.models import ReachCount
from campaigns.reach import facts, measuring
from campaigns.reach.asking import UNDER_WAY, ReachRefused, State, is_abandoned, stage_of
from campaigns.reach.wording import digest
from campaigns.statistics import SELLER
from campaigns.sweeping import workers
from campaigns.sweeping.shards import Clock
from sellers import clock as installation_clock
from sellers.metrics.statistics import StatisticError

logger = logging.getLogger(__name__)

# The rest of an error's text is in the log.
LONGEST = 500


class Lost(Exception):
    """The count was asked for again, or another worker has it."""


def work(
    count_id: int, *, clock: Clock = installation_clock.now, budget: timedelta | None = None
) -> bool:
    """Take a queued or abandoned count and work on it; returns whether some of it is left.

    It is about the instant at which the work begins. With a ``budget`` the worker gives the count
    back after the first step that ends later. A count that is gone, done, or in another worker's
    hands is left alone. What is wrong in the rulebook fails the count with a message; any other
    error fails it and is raised again.
    """
    began = clock()
    count = _take(count_id, began)
    if count is None:
        return False
    try:
        asked = _begin(count, clock)
        while count.done < len(count.plan):
            _step(count, asked, clock)
            if budget is not None and clock() - began > budget and count.done < len(count.plan):
                _save(count, state=State.QUEUED, heard_at=clock(), worker="")
                return True
        _end(count, state=State.DONE, finished_at=clock())
    except Lost:
        logger.info("count %s was asked for again or taken over", count_id)
        _forget_lost(count)
    except (ConditionError, StatisticError, ReachRefused) as error:
        _fail(count, clock, {"message": str(error)[:LONGEST]})
    except Exception as error:
        _fail(count, clock, {"error": f"{type(error).__name__}: {error}"[:LONGEST]})
        raise
    return False


def _take(count_id, now):
    """The count, claimed by compare-and-set; None if there is nothing to take."""
    count = ReachCount.objects.select_related("requirement__version").filter(pk=count_id).first()
    if count is None or not (count.state == State.QUEUED or is_abandoned(count, now)):
        return None
    seen = ReachCount.objects.filter(pk=count.pk, turn=count.turn, state=count.state)
    mine = {"state": State.RUNNING, "worker": workers.identity(), "heard_at": now}
    if not seen.update(turn=F("turn") + 1, **mine):
        return None
    count.turn += 1
    return count


def _begin(count, clock):
    """Read the requirement; begin anew unless it is what the steps done were done with."""
    said = digest(count.requirement)
    if not count.plan or said != count.digest:
        now = clock()
        own = facts.own_prefix(count)
        _save(
            count, at=now, started_at=now, digest=said, stage=stage_of(count.requirement) or "",
            facts=f"{own}{count.turn}:", plan=[], done=0, by_venue={}, examples=[],
        )  # fmt: skip
        facts.forget(own, but=count.facts)
    if not count.stage:
        raise ReachRefused(ReachRefused.NOT_ASKED)
    asked = measuring.read(count)
    if not count.plan:
        _save(count, plan=measuring.plan(asked))
    return asked


def _step(count, asked, clock):
    what, low, high = count.plan[count.done]
    if what == SELLER:
        measuring.refresh_sellers(count, asked, low, high)
        _save(count, heard_at=clock(), done=count.done + 1)
        return
    sums, examples = measuring.measure(count, asked, low, high)
    by_venue = dict(count.by_venue)
    for venue, numbers in sums.items():
        before = by_venue.get(str(venue), [0, 0, 0])
        by_venue[str(venue)] = [sum(pair) for pair in zip(before, numbers, strict=True)]
    _save(
        count, heard_at=clock(), done=count.done + 1, by_venue=by_venue,
        examples=[*count.examples, *examples],
    )  # fmt: skip


def _save(count, **values):
    """Write to the count if this worker still has it. Raises Lost."""
    mine = ReachCount.objects.filter(pk=count.pk, turn=count.turn, state=State.RUNNING)
    if not mine.update(**values):
        raise Lost
    for name, value in values.items():
        setattr(count, name, value)


def _end(count, **values):
    _save(count, worker="", **values)
    facts.forget(facts.own_prefix(count))


def _fail(count, clock, trouble):
    try:
        _end(count, state=State.FAILED, finished_at=clock(), trouble=trouble)
    except Lost:
        _forget_lost(count)


def _forget_lost(count):
    """Delete this worker's figures, unless whoever has the count now goes on with them."""
    used = ReachCount.objects.filter(pk=count.pk, facts=count.facts, state__in=UNDER_WAY)
    if count.facts and not used.exists():
        facts.forget(count.facts)
