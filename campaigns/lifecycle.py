"""The only place where a registration or an entry changes its status.

A change is a row of the tables below, made by compare-and-set on the status and the revision that
the caller saw. What changed gets its history, its tallies and its notice in the same transaction;
what did not change gets nothing.
"""

from collections import defaultdict
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from campaigns import claims, histories, landing_pages, notices, tallies
from campaigns.models import Decision, Entry, Move, Registration

LARGEST_BATCH = 5000

_E = Entry.Status
_R = Registration.Status
_C = Move.Cause

PENDING = frozenset({_E.SUBMITTED, _E.IN_REVIEW})
LIVE = frozenset({_E.APPROVED, _E.AT_RISK, _E.ABNORMAL, _E.UNPUBLISHED})
ENDED = frozenset({_E.REJECTED, _E.WITHDRAWN, _E.CLEARED_OUT, _E.SUPERSEDED, _E.VOID})
# A quota may say that abnormal and unpublished entries give their place up (G520-A9).
HOLDS_PLACE = PENDING | LIVE
PLACE_BY_SETTING = frozenset({_E.ABNORMAL, _E.UNPUBLISHED})
HOLDS_CLAIM = PENDING | LIVE
BADGED = frozenset({_E.APPROVED, _E.AT_RISK})

_LEAVES_LIVE = frozenset({_E.CLEARED_OUT, _E.WITHDRAWN, _E.SUPERSEDED, _E.VOID})
_LEAVES_PENDING = frozenset({_E.REJECTED, _E.WITHDRAWN, _E.SUPERSEDED, _E.VOID})

ALLOWED_MOVES: dict[str, frozenset[str]] = {
    _E.DRAFT: frozenset({_E.SUBMITTED, _E.REJECTED}),
    _E.SUBMITTED: _LEAVES_PENDING | {_E.IN_REVIEW, _E.APPROVED},
    _E.IN_REVIEW: _LEAVES_PENDING | {_E.APPROVED},
    _E.APPROVED: _LEAVES_LIVE | {_E.AT_RISK, _E.ABNORMAL, _E.UNPUBLISHED},
    _E.AT_RISK: _LEAVES_LIVE | {_E.APPROVED, _E.ABNORMAL, _E.UNPUBLISHED},
    _E.ABNORMAL: _LEAVES_LIVE | {_E.APPROVED, _E.AT_RISK, _E.UNPUBLISHED},
    _E.UNPUBLISHED: _LEAVES_LIVE | {_E.APPROVED, _E.AT_RISK, _E.ABNORMAL},
    **dict.fromkeys(ENDED, frozenset()),
}
# An ended entry stays ended, and filing again makes a new one. Only an undo or the venue's
# operator brings the same entry back.
RETURNS: dict[str, frozenset[str]] = dict.fromkeys(ENDED, PENDING | LIVE)
RETURNING_CAUSES = frozenset({_C.UNDO, _C.OPERATOR})
# G520-034: a withdrawn publication comes back when the seller publishes again, not by itself.
CAUSES_OF_MOVE = {(_E.UNPUBLISHED, _E.APPROVED): frozenset({_C.SELLER, _C.UNDO, _C.OPERATOR})}

ALLOWED_REGISTRATION_MOVES: dict[str, frozenset[str]] = {
    _R.DRAFT: frozenset({_R.JOINED, _R.REJECTED}),
    _R.JOINED: frozenset({_R.REJECTED, _R.WITHDRAWN, _R.VOID}),
    _R.REJECTED: frozenset(),
    _R.WITHDRAWN: frozenset(),
    _R.VOID: frozenset(),
}
REGISTRATION_RETURNS = {
    ended: frozenset({_R.JOINED}) for ended in (_R.REJECTED, _R.WITHDRAWN, _R.VOID)
}


class MoveNotAllowed(Exception):
    """The table has no such move, or not for this cause."""


def is_allowed(from_status: str, to_status: str, cause: str) -> bool:
    """Whether an entry may move so for this cause (a ``Move.Cause``). See design, section 5."""
    if cause in RETURNING_CAUSES and to_status in RETURNS.get(from_status, ()):
        return True
    if to_status not in ALLOWED_MOVES.get(from_status, ()):
        return False
    causes = CAUSES_OF_MOVE.get((from_status, to_status))
    return causes is None or cause in causes


def is_registration_move_allowed(from_status: str, to_status: str, cause: str) -> bool:
    """Whether a registration may move so for this cause (a ``Move.Cause``)."""
    if cause in RETURNING_CAUSES and to_status in REGISTRATION_RETURNS.get(from_status, ()):
        return True
    return to_status in ALLOWED_REGISTRATION_MOVES.get(from_status, ())


def transition(
    *,
    entries: dict[int, int],
    from_status: str,
    to_status: str,
    cause: str,
    at: datetime,
    actor=None,
    run=None,
    reason: str | Combinable = "",
    notice_key: str = "",
    tell: bool = True,
    notice_cause: str = "",
) -> set[int]:
    """Move entries whose status and revision are still those that the caller saw.

    ``entries`` maps entry id to the revision seen, at most 5,000 of them. ``cause`` is a
    ``Move.Cause``. ``reason`` is a code of at most 80 characters kept in the history, or an
    expression over the entries that gives each its own. With ``notice_key``, or for a run,
    sellers' notices stay open for further lines until ``notices.close`` is called; otherwise they
    are ready with this move. ``tell=False`` writes none; ``notice_cause`` is what they call the
    move, where that is not the status reached. What was decided of a pending entry and not released
    falls with any move.

    Returns the ids that moved; the others changed meanwhile and are left as they are. One
    transaction (a savepoint inside another). Raises MoveNotAllowed, and ValueError for too many.
    """
    if not is_allowed(from_status, to_status, cause):
        raise MoveNotAllowed(f"{from_status} -> {to_status} ({cause})")
    _refuse_large(entries)
    if not entries:
        return set()
    with transaction.atomic():
        _lock_in_order(Entry, entries)
        batch = Move.objects.create(cause=cause, at=at, actor=actor, run=run)
        values = _stamps(from_status, to_status, cause, at)
        number = _compare_and_set(Entry, entries, from_status, to_status, batch, values)
        if not number:
            transaction.set_rollback(True)
            return set()
        moved = _moved(Entry, entries, number, batch)
        histories.write_entries(batch=batch, at=at, reason=reason)
        tallies.count_move(batch=batch, from_status=from_status, to_status=to_status, at=at)
        if from_status in HOLDS_CLAIM and to_status not in HOLDS_CLAIM:
            claims.release(batch=batch, holding=HOLDS_CLAIM if from_status in PENDING else ())
        if from_status in PENDING and to_status not in PENDING and cause != _C.FILING:
            Decision.objects.filter(entry__move=batch).delete()
        if to_status == _E.APPROVED and from_status not in LIVE:
            landing_pages.make(batch=batch, at=at)
        if tell:
            notices.tell_of_move(
                batch=batch,
                from_status=from_status,
                to_status=to_status,
                key=notice_key,
                cause=notice_cause,
            )
    return moved


def transition_registrations(
    *,
    registrations: dict[int, int],
    from_status: str,
    to_status: str,
    cause: str,
    at: datetime,
    actor=None,
    run=None,
    reason: str = "",
    notice_key: str = "",
    notice_cause: str = "",
) -> set[int]:
    """Move registrations like ``transition`` does entries.

    When joined ones end, their pending and live entries become void with them (G520-062), in
    the same transaction.
    """
    if not is_registration_move_allowed(from_status, to_status, cause):
        raise MoveNotAllowed(f"registration {from_status} -> {to_status} ({cause})")
    _refuse_large(registrations)
    if not registrations:
        return set()
    with transaction.atomic():
        _lock_in_order(Registration, registrations)
        batch = Move.objects.create(cause=cause, at=at, actor=actor, run=run)
        values = {"expires_at": None}
        if to_status == _R.JOINED and from_status == _R.DRAFT:
            values["joined_at"] = at
        seen = (registrations, from_status, to_status)
        number = _compare_and_set(Registration, *seen, batch, values)
        if not number:
            transaction.set_rollback(True)
            return set()
        moved = _moved(Registration, registrations, number, batch)
        histories.write_registrations(batch=batch, at=at, reason=reason)
        tallies.count_registration_move(
            batch=batch, from_status=from_status, to_status=to_status, at=at
        )
        notices.tell_of_registration_move(
            batch=batch, to_status=to_status, key=notice_key, cause=notice_cause
        )
        if from_status == _R.JOINED:
            _void_entries(
                moved,
                at=at,
                actor=actor,
                run=run,
                reason=reason,
                notice_key=notice_key,
                notice_cause=notice_cause,
                tell=cause != _C.SELLER,
            )
    return moved


def _void_entries(registration_ids, **move):
    """Move the pending and live entries of ended registrations to void."""
    seen = defaultdict(dict)
    holding = Entry.objects.filter(registration__in=registration_ids, status__in=HOLDS_PLACE)
    holding = holding.order_by("id")
    if connection.features.has_select_for_update:
        # Read as locked: one that a sweep is just moving is void afterwards all the same.
        holding = holding.select_for_update(no_key=True)
    for pk, status, revision in holding.values_list("id", "status", "revision"):
        seen[status][pk] = revision
    for status, revisions in sorted(seen.items()):
        ids = list(revisions)
        for start in range(0, len(ids), LARGEST_BATCH):
            transition(
                entries={pk: revisions[pk] for pk in ids[start : start + LARGEST_BATCH]},
                from_status=status,
                to_status=_E.VOID,
                cause=_C.REGISTRATION,
                **move,
            )


def _compare_and_set(model, seen, from_status, to_status, batch, values):
    """Update the rows still as seen; return how many. One statement per revision seen."""
    by_revision = defaultdict(list)
    for pk, revision in seen.items():
        by_revision[revision].append(pk)
    return sum(
        model.objects.filter(id__in=ids, status=from_status, revision=revision).update(
            previous=F("status"), status=to_status, move=batch, **values
        )
        for revision, ids in sorted(by_revision.items())
    )


def _moved(model, seen, number, batch):
    """The ids that moved, when so many of those seen did."""
    if number == len(seen):
        return set(seen)
    return set(model.objects.filter(move=batch).values_list("id", flat=True))


def _stamps(from_status, to_status, cause, at):
    """The columns beside the status that this move sets."""
    values = {}
    if from_status == _E.DRAFT:
        values["expires_at"] = None
    if to_status == _E.SUBMITTED:
        values["submitted_at"] = Coalesce(F("submitted_at"), Value(at))
    if to_status in {_E.APPROVED, _E.REJECTED} and from_status not in LIVE and cause != _C.UNDO:
        values["decided_at"] = at
    if to_status == _E.APPROVED:
        values["approved_at"] = Coalesce(F("approved_at"), Value(at))
    if from_status in PENDING and to_status not in PENDING:
        values |= {"held": False, "claimed_by": None, "claimed_until": None}
    return values


def _lock_in_order(model, ids):
    """Lock the rows by ascending id, so that two overlapping batches wait instead of deadlocking.

    A database without row locks has one writer at a time.
    """
    if connection.features.has_select_for_update:
        rows = model.objects.filter(id__in=list(ids)).order_by("id")
        list(rows.select_for_update(no_key=True).values_list("id", flat=True))


def _refuse_large(seen):
    if len(seen) > LARGEST_BATCH:
        raise ValueError(f"{len(seen)} ids; at most {LARGEST_BATCH} a call")
