"""Decisions that meet at the same moment: of two venues, of two reviewers, and with the seller."""

from threading import Barrier, local

import pytest

from campaigns import claims, holdings, lifecycle, releasing, reviewing, verdicts
from campaigns.models import Claim, Decision, Entry, EntryHistory, Notice
from campaigns.reviewing import approve, reject
from campaigns.withdrawing import withdraw_entry
from tests.factories import (
    FILED,
    ClaimScopeFactory,
    EntryFactory,
    RegistrationFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.races.together import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ITEMS = 8


class World:
    """Two branches of which an item can be in one, with the same items pending in both."""

    def __init__(self, release="at_once"):
        terms = {"kind": "branch", "review_mode": "manual", "release": release}
        opened = open_campaign(cancellable_after_approval=False, **terms)
        self.campaign = opened.campaign
        other = VenueTermsFactory(version=opened.version, code="b", **terms).venue
        ClaimScopeFactory(version=opened.version, taken="decision", first_prevails=True)
        registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
        self.first = [self.pending(registration, opened.venue) for _ in range(ITEMS)]
        self.second = [self.pending(registration, other, item=row.item) for row in self.first]
        self.staff = UserFactory.create_batch(2)

    def pending(self, registration, venue, **fields):
        return EntryFactory(registration=registration, venue=venue, status="in_review", **fields)

    def approve_both(self):
        """Each branch's reviewer approves all of theirs; the results of both."""
        return at_once(
            *(
                lambda rows=rows, user=user: approve(entries=seen(rows), at=FILED, actor=user)
                for rows, user in zip([self.first, self.second], self.staff, strict=True)
            )
        )


def seen(rows):
    return {row.pk: 1 for row in rows}


def statuses(rows):
    return [Entry.objects.get(pk=row.pk).status for row in rows]


def meet_in(monkeypatch, module, name, callers=2):
    """Each caller's first call of that function waits until all are there, so that what follows
    happens at the same moment."""
    real, met, done = getattr(module, name), local(), []
    barrier = Barrier(callers, action=lambda: done.append(True), timeout=60)

    def waiting(*arguments, **named):
        if not done and not hasattr(met, "once"):
            met.once = True
            barrier.wait()
        return real(*arguments, **named)

    monkeypatch.setattr(module, name, waiting)


def faults_of_two_venues(world, results, done):
    """What is wrong after two branches approved the same items at the same moment."""
    winner, loser = results if results[0][0].outcome == done else reversed(results)
    rows = [world.first, world.second]
    won, lost = rows if winner is results[0] else reversed(rows)
    if [row.outcome for row in winner] != [done] * ITEMS:
        yield f"the winner has {[str(row.outcome) for row in winner]}"
    if [row.outcome for row in loser] != ["refused"] * ITEMS:
        yield f"the loser has {[str(row.outcome) for row in loser]}"
    else:
        named = [refusal.params["entry"] for row in loser for refusal in row.refusals]
        if named != [row.pk for row in won]:
            yield f"the loser is told of {named}"
    expected = ["approved", "superseded"] if done == "approved" else ["in_review"] * 2
    for group, status in zip([won, lost], expected, strict=True):
        if statuses(group) != [status] * ITEMS:
            yield f"{status} expected, {statuses(group)} found"


def test_of_two_venues_one_gets_the_item_and_the_others_entry_is_superseded(monkeypatch):
    world = World()
    meet_in(monkeypatch, holdings, "lock_registrations")
    results = world.approve_both()
    assert list(faults_of_two_venues(world, results, "approved")) == []
    assert EntryHistory.objects.count() == 2 * ITEMS
    causes = Notice.objects.order_by("cause").values_list("cause", "state")
    assert list(causes) == [("approved", "ready"), ("superseded", "ready")]
    # A claim for the winner's venue and one for the scope, of each item.
    assert Claim.objects.filter(entry__status="approved").count() == 2 * ITEMS
    assert Claim.objects.count() == 2 * ITEMS


def test_without_claim_and_lock_both_venues_get_it(monkeypatch):
    world = World()
    monkeypatch.setattr(holdings, "lock_registrations", lambda ids: None)
    monkeypatch.setattr(claims, "take", lambda wanted: {})
    monkeypatch.setattr(reviewing, "prevail", lambda *arguments, **named: 0)
    meet_in(monkeypatch, reviewing, "evaluate")
    results = world.approve_both()
    assert list(faults_of_two_venues(world, results, "approved"))
    assert statuses(world.first + world.second) == ["approved"] * 2 * ITEMS


def test_of_two_venues_that_release_together_one_has_the_decision(monkeypatch):
    world = World(release="together")
    meet_in(monkeypatch, holdings, "lock_registrations")
    results = world.approve_both()
    assert list(faults_of_two_venues(world, results, "kept")) == []
    assert Decision.objects.count() == ITEMS
    assert not Notice.objects.exists()
    done = releasing.release(campaign=world.campaign, at=FILED, actor=None)
    assert done.counts == {"approved": ITEMS}
    assert sorted(statuses(world.first + world.second)) == (
        ["approved"] * ITEMS + ["superseded"] * ITEMS
    )


def test_without_the_claim_both_have_the_decision(monkeypatch):
    world = World(release="together")
    monkeypatch.setattr(claims, "take", lambda wanted: {})
    results = world.approve_both()
    assert list(faults_of_two_venues(world, results, "kept"))
    assert Decision.objects.count() == 2 * ITEMS


def decide_at_once(world):
    """One reviewer approves what the other rejects; the results of both."""
    one, other = world.staff
    return at_once(
        lambda: approve(entries=seen(world.first), at=FILED, actor=one),
        lambda: reject(entries=seen(world.first), at=FILED, actor=other, note="no"),
    )


def faults_of_two_reviewers(world, yes, no):
    for first, second in zip(yes, no, strict=True):
        entry = Entry.objects.get(pk=first.entry_id)
        done = {str(first.outcome), str(second.outcome)} & {"approved", "rejected"}
        if done != {entry.status}:
            yield f"{done} is said, {entry.status} found"
        if {first.outcome, second.outcome} - done != {"changed"}:
            yield f"the other has {first.outcome}, {second.outcome}"
        if entry.history.count() != 1:
            yield f"the history has {entry.history.count()} steps"
        if entry.findings.filter(code="rejected_by_reviewer").exists() != (done == {"rejected"}):
            yield "a rejection's reason is kept with an approved entry"


def test_of_two_reviewers_one_decides(monkeypatch):
    world = World()
    meet_in(monkeypatch, holdings, "lock_registrations")
    yes, no = decide_at_once(world)
    assert list(faults_of_two_reviewers(world, yes, no)) == []


def test_without_the_look_under_lock_both_reviewers_decide(monkeypatch):
    world = World()
    monkeypatch.setattr(verdicts.Case, "locked", lambda self, rows: rows)
    meet_in(monkeypatch, reviewing, "by_version")
    yes, no = decide_at_once(world)
    assert list(faults_of_two_reviewers(world, yes, no))


@pytest.mark.parametrize("release", ["at_once", "together"])
def test_a_withdrawal_meets_an_approval(monkeypatch, release):
    """In a venue that keeps what is approved: whoever comes first has their way."""
    world = World(release)
    meet_in(monkeypatch, holdings, "lock_registrations")
    (result,), refusal = withdraw_while_approving(world)
    assert faults_of_withdrawal(world, result, refusal, release) == []


def test_without_compare_and_set_an_approved_entry_is_withdrawn(monkeypatch):
    world = World()
    monkeypatch.setattr(holdings, "lock_registrations", lambda ids: None)
    compare = lifecycle._compare_and_set

    def whatever_it_is(model, seen, from_status, to_status, batch, values):
        rows = model.objects.filter(id__in=list(seen))
        for status in set(rows.values_list("status", flat=True)):
            compare(model, seen, status, to_status, batch, values)
        return len(seen)

    monkeypatch.setattr(lifecycle, "_compare_and_set", whatever_it_is)
    meet_in(monkeypatch, lifecycle, "_lock_in_order")
    (result,), refusal = withdraw_while_approving(world)
    assert faults_of_withdrawal(world, result, refusal, "at_once")


def withdraw_while_approving(world):
    entry = world.first[0]
    return at_once(
        lambda: approve(entries={entry.pk: 1}, at=FILED, actor=world.staff[0]),
        lambda: withdraw_entry(entry=entry, at=FILED, actor=None),
    )


def faults_of_withdrawal(world, result, refusal, release):
    entry, faults = world.first[0], []
    entry.refresh_from_db()
    said = (str(result.outcome), refusal.code if refusal else None, entry.status)
    right = {
        "at_once": [
            ("approved", "not_cancellable", "approved"),
            ("changed", None, "withdrawn"),
        ],
        # What is only decided may still be withdrawn; the decision falls.
        "together": [("kept", None, "withdrawn"), ("changed", None, "withdrawn")],
    }[release]
    if said not in right:
        faults.append(f"{said} found")
    if entry.history.count() != 1:
        faults.append(f"the history has {entry.history.count()} steps")
    if Decision.objects.exists() or Claim.objects.filter(entry=entry).exists() != (
        entry.status == "approved"
    ):
        faults.append("something is left beside it")
    return faults
