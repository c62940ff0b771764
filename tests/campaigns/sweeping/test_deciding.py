"""What happens to one entry: the strongest action, grace periods, and the way back."""

from datetime import timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.eligibility.bound import RECHECK_ACTIONS, BoundRequirement
from campaigns.models import Requirement
from campaigns.sweeping.deciding import RECOVERED, Decision, Situation, decide
from tests.times import local

AT = local("2023-05-17 02:00")
LIVE = ["approved", "at_risk", "abnormal", "unpublished"]
STATUS = {
    "clear_out": "cleared_out",
    "unpublish": "unpublished",
    "abnormal": "abnormal",
    "at_risk": "at_risk",
}


def asks(code, action, *, position=0, grace_hours=None, then=""):
    return BoundRequirement(
        row=Requirement(code=code, position=position),
        action=action,
        missing="fail",
        premise=None,
        tree=None,
        grace_hours=grace_hours,
        then=then,
    )


@pytest.mark.parametrize(("stronger", "weaker"), list(combinations(range(5), 2)))
def test_the_strongest_failing_action_wins(stronger, weaker):
    # The stronger one stands last in the rulebook: order counts among equals only.
    fails = [asks(f"R{n}", RECHECK_ACTIONS[n], position=9 - n) for n in (weaker, stronger)]
    decision = decide(Situation("approved", fails), AT)
    assert decision.to_status == STATUS[RECHECK_ACTIONS[stronger]]
    assert decision.code == f"R{stronger}"


def test_of_two_equal_actions_the_first_in_the_rulebook_is_the_reason():
    fails = [asks("B", "clear_out", position=2), asks("A", "clear_out", position=1)]
    assert decide(Situation("approved", fails), AT) == Decision("cleared_out", "A")


def test_a_flag_and_an_unanswered_requirement_move_nothing():
    situation = Situation("approved", [asks("A", "flag")], [asks("B", "clear_out")])
    assert decide(situation, AT) is None


@pytest.mark.parametrize(
    ("status", "back"),
    [("abnormal", True), ("at_risk", True), ("approved", False), ("unpublished", False)],
)
def test_only_abnormal_and_at_risk_entries_recover_by_themselves(status, back):
    decision = decide(Situation(status), AT)
    assert decision == (Decision("approved", RECOVERED) if back else None)


def test_recovery_waits_for_every_cause_and_every_answer():
    cause = asks("A", "abnormal")
    assert decide(Situation("abnormal", [cause]), AT) is None
    assert decide(Situation("abnormal", [], [cause]), AT) is None
    # What only flags is no cause.
    assert decide(Situation("abnormal", [asks("B", "flag")], [asks("C", "flag")]), AT) == (
        Decision("approved", RECOVERED)
    )


def test_an_undone_recovery_is_left_alone():
    assert decide(Situation("abnormal", left_alone=frozenset({RECOVERED})), AT) is None


def test_a_requirement_on_hold_is_no_cause():
    situation = Situation("approved", [asks("A", "clear_out")], left_alone=frozenset({"A"}))
    assert decide(situation, AT) is None
    situation = Situation(
        "approved", [asks("A", "clear_out"), asks("B", "abnormal")], left_alone=frozenset({"A"})
    )
    assert decide(situation, AT) == Decision("abnormal", "B")


@pytest.mark.parametrize(
    ("action", "to_status"),
    [("clear_out", "cleared_out"), ("unpublish", None), ("abnormal", None), ("at_risk", None)],
)
def test_an_unpublished_entry_waits_for_its_seller_unless_something_stronger_fails(
    action, to_status
):
    decision = decide(Situation("unpublished", [asks("A", action)]), AT)
    assert (decision and decision.to_status) == to_status


@pytest.mark.parametrize(
    ("status", "action", "to_status"),
    [
        ("abnormal", "unpublish", "unpublished"),
        ("abnormal", "at_risk", "at_risk"),
        ("at_risk", "abnormal", "abnormal"),
        ("at_risk", "clear_out", "cleared_out"),
    ],
)
def test_entries_go_from_one_cause_to_another(status, action, to_status):
    assert decide(Situation(status, [asks("A", action)]), AT).to_status == to_status


def test_a_grace_period_starts_with_the_move():
    fails = [asks("A", "at_risk", grace_hours=48), asks("B", "at_risk")]
    assert decide(Situation("approved", fails), AT) == Decision(
        "at_risk", "A", {"A": AT + timedelta(hours=48), "B": None}
    )


@pytest.mark.parametrize(("left", "to_status"), [(1, None), (0, "cleared_out")])
def test_what_follows_a_grace_period_happens_at_its_end_and_not_before(left, to_status):
    requirement = asks("A", "at_risk", grace_hours=48, then="clear_out")
    situation = Situation("at_risk", [requirement], grace={"A": AT + timedelta(microseconds=left)})
    decision = decide(situation, AT)
    assert (decision and decision.to_status) == to_status


def test_a_requirement_that_fails_later_has_its_own_grace_period():
    long_ago = AT - timedelta(hours=1)
    mended, later = "A", asks("B", "at_risk", grace_hours=24, then="clear_out")
    decision = decide(Situation("at_risk", [later], grace={mended: long_ago}), AT)
    assert decision == Decision("at_risk", "B", {"B": AT + timedelta(hours=24)})


def test_old_grace_periods_do_not_count_for_an_entry_that_is_not_at_risk():
    requirement = asks("A", "at_risk", grace_hours=24, then="clear_out")
    situation = Situation("abnormal", [requirement], grace={"A": AT - timedelta(days=3)})
    assert decide(situation, AT) == Decision("at_risk", "A", {"A": AT + timedelta(hours=24)})


def test_without_a_following_action_an_entry_stays_at_risk():
    situation = Situation(
        "at_risk", [asks("A", "at_risk", grace_hours=1)], grace={"A": AT - timedelta(days=1)}
    )
    assert decide(situation, AT) is None


requirements = st.lists(st.sampled_from(RECHECK_ACTIONS), max_size=5).map(
    lambda actions: [asks(f"R{n}", action, position=n) for n, action in enumerate(actions)]
)


@given(status=st.sampled_from(LIVE), fails=requirements, holds=requirements)
def test_deciding_twice_changes_nothing(status, fails, holds):
    first = decide(Situation(status, fails, holds), AT)
    after = first.to_status if first else status
    if after == "cleared_out":
        return
    grace = (first and first.grace) or {}
    if status == after == "at_risk":
        grace = {r.code: None for r in fails if r.action == "at_risk"}
    second = decide(Situation(after, fails, holds, grace=grace), AT)
    assert second is None


@given(status=st.sampled_from(LIVE), fails=requirements, holds=requirements)
def test_no_move_is_weaker_than_what_fails(status, fails, holds):
    decision = decide(Situation(status, fails, holds), AT)
    after = decision.to_status if decision else status
    order = ["approved", "at_risk", "abnormal", "unpublished", "cleared_out"]
    wanted = max((order.index(STATUS[r.action]) for r in fails if r.action in STATUS), default=0)
    assert order.index(after) >= wanted
    if wanted:
        assert order.index(after) == max(wanted, order.index("unpublished")) or (
            status != "unpublished" and order.index(after) == wanted
        )
