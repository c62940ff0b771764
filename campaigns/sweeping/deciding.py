"""What happens to one entry, given what it and its registration fail. Pure: no database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.eligibility.bound import RECHECK_ACTIONS, BoundRequirement
from campaigns.models import Entry

_S = Entry.Status

# Strongest last; design section 5.
STRENGTH = {action: rank for rank, action in enumerate(reversed(RECHECK_ACTIONS))}
STATUS_OF = {
    "clear_out": _S.CLEARED_OUT,
    "unpublish": _S.UNPUBLISHED,
    "abnormal": _S.ABNORMAL,
    "at_risk": _S.AT_RISK,
}
AT_RISK = "at_risk"
# The statuses that an entry leaves by itself once no cause is left.
RECOVERS = frozenset({_S.ABNORMAL, _S.AT_RISK})
# The reason of a way back to approved, and the code of a hold (``RequirementHold``) on it.
RECOVERED = "recovered"

Grace = dict[str, datetime | None]


@dataclass
class Situation:
    """An entry as the evaluation saw it.

    ``fails`` and ``holds`` are the requirements that it or its registration fails or cannot
    answer. ``left_alone`` are the codes that an undo has put on hold for it, ``grace`` the ends of
    its running grace periods by requirement code.
    """

    status: str
    fails: Sequence[BoundRequirement] = ()
    holds: Sequence[BoundRequirement] = ()
    left_alone: frozenset = frozenset()
    grace: Mapping[str, datetime | None] = field(default_factory=dict)


@dataclass(frozen=True)
class Decision:
    """The status to move to (the present one where only grace periods change), the requirement
    that is the reason, and the grace periods of an entry that is then at risk."""

    to_status: str
    code: str
    grace: Grace | None = None


def decide(situation: Situation, at: datetime) -> Decision | None:
    """The move of an entry at the instant, or None where it stays as it is.

    The strongest failing action wins, the first in rulebook order among equals. An abnormal or
    at-risk entry goes back to approved once it fails nothing that moves and no such requirement is
    without an answer. An unpublished one waits for its seller (G520-034), which is a cause of its
    own: only a stronger one moves it.
    """
    causes = [
        (action, requirement)
        for requirement in situation.fails
        if requirement.code not in situation.left_alone
        and (action := _action(requirement, situation, at)) in STATUS_OF
    ]
    if not causes:
        return _recovery(situation)
    action, requirement = min(causes, key=lambda cause: _precedence(*cause))
    target = STATUS_OF[action]
    status = situation.status
    if status == _S.UNPUBLISHED and STRENGTH[action] <= STRENGTH["unpublish"]:
        return None
    grace = None
    if target == _S.AT_RISK:
        known = situation.grace if status == _S.AT_RISK else {}
        grace = {r.code: known.get(r.code, _end(r, at)) for action, r in causes}
        if status == target and grace == dict(situation.grace):
            return None
    elif status == target:
        return None
    return Decision(target, requirement.code, grace)


def _action(requirement, situation, at):
    """The requirement's action, or what follows it once its grace period is over."""
    action, then = requirement.action, requirement.then
    if action == AT_RISK and situation.status == _S.AT_RISK and then in STATUS_OF:
        until = situation.grace.get(requirement.code)
        if until is not None and until <= at:
            return max(action, then, key=STRENGTH.get)
    return action


def _recovery(situation):
    blocked = any(requirement.action in STATUS_OF for requirement in situation.holds)
    if situation.status not in RECOVERS or blocked or RECOVERED in situation.left_alone:
        return None
    return Decision(_S.APPROVED, RECOVERED)


def _precedence(action, requirement):
    return -STRENGTH[action], requirement.row.position, requirement.code


def _end(requirement, at):
    hours = requirement.grace_hours
    return None if hours is None else at + timedelta(hours=hours)
