"""Moves of entries and registrations: the table, the compare-and-set, and what a move leaves."""

from itertools import product

import pytest
from django.db.models import F

from campaigns import lifecycle
from campaigns.lifecycle import (
    HOLDS_PLACE,
    LIVE,
    PENDING,
    MoveNotAllowed,
    transition,
    transition_registrations,
)
from campaigns.models import Claim, Entry, Move, Notice, NoticeLine, Registration, TallyDelta
from tests.factories import (
    FILED,
    EntryFactory,
    RegistrationFactory,
    SweepRunFactory,
    UserFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-12 09:30")
S = Entry.Status
C = Move.Cause

# The table of the design, written out a second time: from, then every status it may move to.
TABLE = {
    "draft": "submitted rejected",
    "submitted": "in_review approved rejected withdrawn superseded void",
    "in_review": "approved rejected withdrawn superseded void",
    "approved": "at_risk abnormal unpublished cleared_out withdrawn superseded void",
    "at_risk": "approved abnormal unpublished cleared_out withdrawn superseded void",
    "abnormal": "approved at_risk unpublished cleared_out withdrawn superseded void",
    "unpublished": "approved at_risk abnormal cleared_out withdrawn superseded void",
    "rejected": "",
    "withdrawn": "",
    "cleared_out": "",
    "superseded": "",
    "void": "",
}
RETURNED = "submitted in_review approved at_risk abnormal unpublished"


def may(from_status, to_status, cause):
    if cause in {"undo", "operator"} and TABLE[from_status] == "":
        return to_status in RETURNED.split()
    if (from_status, to_status) == ("unpublished", "approved"):
        return cause in {"seller", "undo", "operator"}
    return to_status in TABLE[from_status].split()


@pytest.mark.parametrize(("from_status", "to_status"), list(product(S.values, S.values)))
def test_each_pair_of_statuses_moves_as_the_table_says(from_status, to_status):
    entry = EntryFactory(status=from_status)
    allowed = may(from_status, to_status, "operator")
    move = {
        "entries": {entry.pk: entry.revision},
        "from_status": from_status,
        "to_status": to_status,
        "cause": C.OPERATOR,
        "at": AT,
    }
    if allowed:
        assert transition(**move) == {entry.pk}
    else:
        with pytest.raises(MoveNotAllowed):
            transition(**move)
    entry.refresh_from_db()
    assert entry.status == (to_status if allowed else from_status)
    assert entry.history.count() == (1 if allowed else 0)


@pytest.mark.parametrize("cause", C.values)
def test_each_pair_is_allowed_for_the_causes_of_the_table(cause):
    for from_status, to_status in product(S.values, S.values):
        assert lifecycle.is_allowed(from_status, to_status, cause) == may(
            from_status, to_status, cause
        ), (from_status, to_status)


def test_every_status_is_of_one_kind():
    kinds = [{S.DRAFT}, lifecycle.PENDING, lifecycle.LIVE, lifecycle.ENDED]
    assert sorted(status for kind in kinds for status in kind) == sorted(S.values)


def test_a_move_leaves_status_history_and_move():
    user = UserFactory()
    entry = EntryFactory(status="in_review", held=True, claimed_by=user, claimed_until=AT)
    other = EntryFactory(status="in_review")
    moved = transition(
        entries={entry.pk: 1},
        from_status="in_review",
        to_status="approved",
        cause=C.REVIEW,
        at=AT,
        actor=user,
        reason="fits",
    )
    assert moved == {entry.pk}
    entry.refresh_from_db()
    assert (entry.status, entry.previous, entry.revision) == ("approved", "in_review", 1)
    assert (entry.submitted_at, entry.decided_at, entry.approved_at) == (FILED, AT, AT)
    assert (entry.held, entry.claimed_by, entry.claimed_until) == (False, None, None)
    assert (entry.move.cause, entry.move.at, entry.move.actor) == ("review", AT, user)
    history = entry.history.get()
    assert (history.from_status, history.to_status, history.at, history.reason) == (
        "in_review",
        "approved",
        AT,
        "fits",
    )
    assert history.move == entry.move
    other.refresh_from_db()
    assert (other.status, other.history.count()) == ("in_review", 0)


def test_an_entry_that_changed_since_it_was_read_does_not_move(monkeypatch):
    """A seller edits the price after the sweep evaluated the entry and before it applies."""
    entry, untouched = EntryFactory.create_batch(2)
    lock = lifecycle._lock_in_order

    def edit_first(model, ids):
        Entry.objects.filter(pk=entry.pk).update(revision=F("revision") + 1)
        lock(model, ids)

    monkeypatch.setattr(lifecycle, "_lock_in_order", edit_first)
    seen = {entry.pk: entry.revision, untouched.pk: untouched.revision}
    moved = transition(
        entries=seen, from_status="approved", to_status="cleared_out", cause=C.SWEEP, at=AT
    )
    assert moved == {untouched.pk}
    entry.refresh_from_db()
    assert (entry.status, entry.history.count(), entry.claims.count()) == ("approved", 0, 1)
    assert (
        sum(TallyDelta.objects.filter(name="status.cleared_out").values_list("delta", flat=True))
        == 1
    )
    assert list(NoticeLine.objects.values_list("entry", flat=True)) == [untouched.pk]


def test_an_entry_that_moved_since_it_was_read_does_not_move_again():
    entry = EntryFactory()
    Entry.objects.filter(pk=entry.pk).update(status="withdrawn")
    assert not transition(
        entries={entry.pk: 1},
        from_status="approved",
        to_status="cleared_out",
        cause=C.SWEEP,
        at=AT,
    )
    entry.refresh_from_db()
    assert entry.status == "withdrawn"
    assert not Move.objects.exists()
    assert not TallyDelta.objects.exists()
    assert not Notice.objects.exists()


def test_entries_seen_at_different_revisions_move_together():
    one, two = EntryFactory(revision=3), EntryFactory(revision=7)
    stale = EntryFactory(revision=4)
    moved = transition(
        entries={one.pk: 3, two.pk: 7, stale.pk: 3},
        from_status="approved",
        to_status="abnormal",
        cause=C.SWEEP,
        at=AT,
    )
    assert moved == {one.pk, two.pk}
    assert Move.objects.count() == 1


def test_nothing_or_too_much_to_move():
    arguments = {"from_status": "approved", "to_status": "void", "cause": C.OPERATOR, "at": AT}
    assert transition(entries={}, **arguments) == set()
    with pytest.raises(ValueError, match="5001 ids; at most 5000"):
        transition(entries=dict.fromkeys(range(5001), 1), **arguments)
    assert not Move.objects.exists()


@pytest.mark.parametrize("to_status", sorted(S.values))
def test_a_claim_lasts_as_long_as_the_status_holds_it(to_status):
    entry = EntryFactory(status="abnormal")
    if not may("abnormal", to_status, "operator"):
        return
    transition(
        entries={entry.pk: 1},
        from_status="abnormal",
        to_status=to_status,
        cause=C.OPERATOR,
        at=AT,
    )
    held = to_status in {"approved", "at_risk", "unpublished"}
    assert Claim.objects.filter(entry=entry).exists() == held


def test_tallies_count_what_stands_where_and_what_went_which_way():
    first, second = EntryFactory.create_batch(2)
    third = EntryFactory(campaign=first.campaign, venue=first.venue)
    transition(
        entries={first.pk: 1, second.pk: 1, third.pk: 1},
        from_status="approved",
        to_status="abnormal",
        cause=C.SWEEP,
        at=local("2023-05-11 23:59:59"),
    )
    rows = TallyDelta.objects.filter(campaign=first.campaign).order_by("name")
    assert [(r.venue_id, r.name, str(r.day), r.delta) for r in rows] == [
        (first.venue_id, "moved.approved.abnormal", "2023-05-11", 2),
        (first.venue_id, "status.abnormal", "2023-05-11", 2),
        (first.venue_id, "status.approved", "2023-05-11", -2),
    ]
    assert TallyDelta.objects.filter(campaign=second.campaign, delta__in=[1, -1]).count() == 3


def test_an_undo_takes_its_counts_back():
    run = SweepRunFactory()
    entry = EntryFactory(campaign=run.campaign)
    there = {"from_status": "approved", "to_status": "abnormal", "cause": C.SWEEP}
    back = {"from_status": "abnormal", "to_status": "approved", "cause": C.UNDO}
    for move in (there, back):
        transition(entries={entry.pk: 1}, at=AT, run=run, **move)
    totals = {}
    for delta in TallyDelta.objects.all():
        totals[delta.name] = totals.get(delta.name, 0) + delta.delta
    assert set(totals.values()) == {0}


def test_a_returning_entry_keeps_its_first_times():
    entry = EntryFactory(status="cleared_out", approved_at=FILED)
    transition(
        entries={entry.pk: 1},
        from_status="cleared_out",
        to_status="approved",
        cause=C.UNDO,
        at=AT,
    )
    entry.refresh_from_db()
    assert (entry.approved_at, entry.decided_at) == (FILED, FILED)


def test_a_registration_takes_its_pending_and_live_entries_with_it():
    registration = RegistrationFactory()
    entries = {
        status: EntryFactory(registration=registration, status=status) for status in S.values
    }
    bystander = EntryFactory(campaign=registration.campaign)
    moved = transition_registrations(
        registrations={registration.pk: 1},
        from_status="joined",
        to_status="withdrawn",
        cause=C.SELLER,
        at=AT,
    )
    assert moved == {registration.pk}
    for status, entry in entries.items():
        entry.refresh_from_db()
        expected = "void" if status in HOLDS_PLACE else status
        assert (entry.status, entry.history.count()) == (expected, int(expected != status))
    bystander.refresh_from_db()
    assert bystander.status == "approved"
    assert set(Claim.objects.values_list("entry", flat=True)) == {bystander.pk}
    assert registration.history.get().to_status == "withdrawn"
    assert set(Move.objects.values_list("cause", flat=True)) == {"seller", "registration"}
    assert len(PENDING | LIVE) == 6


@pytest.mark.parametrize(
    ("from_status", "to_status"),
    list(product(Registration.Status.values, Registration.Status.values)),
)
def test_each_pair_of_registration_statuses(from_status, to_status):
    table = {"draft": "joined rejected", "joined": "rejected withdrawn void"}
    registration = RegistrationFactory(status=from_status)
    for cause in ("seller", "operator"):
        allowed = to_status in table.get(from_status, "").split() or (
            cause == "operator" and from_status not in table and to_status == "joined"
        )
        assert allowed == lifecycle.is_registration_move_allowed(from_status, to_status, cause)
    if not lifecycle.is_registration_move_allowed(from_status, to_status, "seller"):
        with pytest.raises(MoveNotAllowed):
            transition_registrations(
                registrations={registration.pk: 1},
                from_status=from_status,
                to_status=to_status,
                cause=C.SELLER,
                at=AT,
            )


def test_a_registration_that_changed_since_keeps_its_entries():
    registration = RegistrationFactory(revision=2)
    entry = EntryFactory(registration=registration)
    assert not transition_registrations(
        registrations={registration.pk: 1},
        from_status="joined",
        to_status="void",
        cause=C.OPERATOR,
        at=AT,
    )
    entry.refresh_from_db()
    assert entry.status == "approved"
    assert not Move.objects.exists()


def test_the_number_of_queries_does_not_grow(
    django_assert_num_queries, django_assert_max_num_queries
):
    registration = RegistrationFactory()

    def count(number):
        entries = EntryFactory.create_batch(number, registration=registration)
        with django_assert_max_num_queries(30) as captured:
            transition(
                entries={entry.pk: 1 for entry in entries},
                from_status="approved",
                to_status="abnormal",
                cause=C.SWEEP,
                at=AT,
            )
        return len(captured)

    assert count(1) == count(40)
