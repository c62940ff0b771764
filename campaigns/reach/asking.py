"""Asking for a count, and whether one that was asked for is still under way."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from campaigns.models import ReachCount, Requirement
from campaigns.sweeping import workers

# A count that was not heard of for so long can be asked for again. Longer than the longest step.
PATIENCE = timedelta(minutes=10)
# The stages that look at an entry, the one that live entries meet first.
STAGES = ("recheck", "admission")

State = ReachCount.State
UNDER_WAY = (State.QUEUED, State.RUNNING)


class ReachRefused(Exception):
    """The requirement cannot be counted; the message says why."""

    NOT_ASKED = _("Neither the re-check nor admission asks this requirement.")


def stage_of(requirement: Requirement) -> str | None:
    """The stage whose terms a count takes: the re-check's, without any admission's; None where
    the requirement asks nothing of entries at either."""
    return next((stage for stage in STAGES if stage in requirement.stages), None)


def ask(requirement: Requirement, *, at: datetime, actor=None) -> ReachCount:
    """The requirement's count, queued; one that is under way stays as it is.

    The caller hands it to a worker (`campaigns.tasks.count_reach`) if it is queued. Raises
    ReachRefused for a requirement that neither the re-check nor admission asks.
    """
    if stage_of(requirement) is None:
        raise ReachRefused(ReachRefused.NOT_ASKED)
    with transaction.atomic():
        count, made = ReachCount.objects.get_or_create(
            requirement=requirement, defaults={"asked_at": at, "actor": actor}
        )
        if made or (count.state in UNDER_WAY and not is_abandoned(count, at)):
            return count
        seen = ReachCount.objects.filter(pk=count.pk, turn=count.turn, state=count.state)
        seen.update(
            state=State.QUEUED,
            asked_at=at,
            actor=actor,
            turn=F("turn") + 1,
            worker="",
            heard_at=None,
            plan=[],
            trouble={},
            started_at=None,
            finished_at=None,
        )
    count.refresh_from_db()
    return count


def is_abandoned(count: ReachCount, now: datetime) -> bool:
    """Whether nobody seems to work on a count that is queued or running: its worker has ended, or
    nothing was heard of it for ten minutes."""
    if count.state not in UNDER_WAY:
        return False
    heard = count.heard_at or count.asked_at
    return heard + PATIENCE <= now or workers.is_gone(count.worker)
