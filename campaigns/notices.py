"""The outbox: what sellers are told, written beside the change and sent after it."""

from django.db.models import OuterRef, Subquery

from campaigns.models import Entry, Move, Notice, NoticeLine, Registration
from sellers.bulk_write import insert_from_query

# Moves that tell the seller nothing they did not just do or could act upon.
_SILENT = frozenset({Entry.Status.DRAFT, Entry.Status.SUBMITTED, Entry.Status.IN_REVIEW})


def close(*, key: str) -> int:
    """Make the open notices of ``key`` ready to send; returns how many."""
    return Notice.objects.filter(key=key, state=Notice.State.OPEN).update(state=Notice.State.READY)


def tell_of_move(*, batch: Move, from_status: str, to_status: str, key: str = "") -> None:
    """Add a line for every entry that ``batch`` moved to its seller's notice."""
    if to_status in _SILENT or batch.cause == Move.Cause.SELLER:
        return
    moved = Entry.objects.filter(move=batch)
    key, cause = _write_notices(moved, batch, cause_of(from_status, to_status, batch.cause), key)
    notice = Notice.objects.filter(key=key, cause=cause, seller=OuterRef("seller_id"))
    insert_from_query(
        moved.annotate(notice=Subquery(notice.values("id")[:1])).values_list("notice", "id"),
        NoticeLine,
        ["notice", "entry"],
        {"from_status": from_status, "to_status": to_status},
        ignore_conflicts=True,
    )


def tell_of_registration_move(*, batch: Move, to_status: str, key: str = "") -> None:
    """Tell the sellers whose registration ``batch`` moved."""
    if batch.cause == Move.Cause.SELLER:
        return
    moved = Registration.objects.filter(move=batch)
    _write_notices(moved, batch, f"registration_{to_status}", key)


def cause_of(from_status: str, to_status: str, cause: str) -> str:
    """What a notice calls the move: the status reached, or "recovered" or "restored"."""
    if cause == Move.Cause.UNDO:
        return "restored"
    if to_status == Entry.Status.APPROVED and from_status in {
        Entry.Status.ABNORMAL,
        Entry.Status.AT_RISK,
        Entry.Status.UNPUBLISHED,
    }:
        return "recovered"
    return str(to_status)


def _write_notices(moved, batch, cause, key):
    """Make the notices of the moved rows' sellers where there is none; the key and cause of them.

    One notice per (key, seller, cause).
    """
    if batch.run_id:
        key = f"run:{batch.run_id}"
    state = Notice.State.OPEN if key else Notice.State.READY
    key = key or f"move:{batch.pk}"
    insert_from_query(
        moved.order_by().values_list("seller", "campaign").distinct(),
        Notice,
        ["seller", "campaign"],
        {"cause": cause, "key": key, "run": batch.run_id, "state": state, "at": batch.at},
        ignore_conflicts=True,
    )
    return key, cause
