"""The outbox: what sellers are told, written beside the change and sent after it."""

from datetime import datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, OuterRef, Subquery

from campaigns import mailing
from campaigns.models import Entry, Move, Notice, NoticeLine, Registration
from sellers.bulk_write import Given, PreparedInsert

# Moves that tell the seller nothing they did not just do or could act upon.
_SILENT = frozenset({Entry.Status.DRAFT, Entry.Status.SUBMITTED, Entry.Status.IN_REVIEW})

SEND_CHUNK = 500
LEFT_OPEN = timedelta(hours=1)


def close(*, key: str) -> int:
    """Make the open notices of ``key`` ready to send; returns how many."""
    return Notice.objects.filter(key=key, state=Notice.State.OPEN).update(state=Notice.State.READY)


def send_ready(*, at: datetime, limit: int = 10_000) -> int:
    """Send the notices that are ready, at most ``limit``; returns how many were sent.

    Each is marked sent by compare-and-set before it is handed to the channels, so that two senders
    never send it twice; a sender that is killed in between loses mail, not the inbox. Nothing is
    handed over inside a transaction. Notices that no run keeps open and that were left open by a
    killed process are sent after an hour.
    """
    left_open = Notice.objects.filter(run=None, state=Notice.State.OPEN, at__lte=at - LEFT_OPEN)
    left_open.update(state=Notice.State.READY)
    sent = 0
    while sent < limit:
        batch = _mark_sent(at, min(SEND_CHUNK, limit - sent))
        if not batch:
            break
        mailing.send(batch)
        sent += len(batch)
    return sent


def _mark_sent(at, size):
    """Mark the next ready notices as sent; the ids of those that this call marked."""
    with transaction.atomic():
        ids = _ready_ids(size)
        ready = Notice.objects.filter(id__in=ids, state=Notice.State.READY)
        return ids if ready.update(state=Notice.State.SENT, sent_at=at) else []


def _ready_ids(size):
    """The next ready notices, locked where the database can, passing over those of others."""
    ready = Notice.objects.filter(state=Notice.State.READY).order_by("id")
    if connection.features.has_select_for_update_skip_locked:
        ready = ready.select_for_update(skip_locked=True)
    return list(ready.values_list("id", flat=True)[:size])


def tell_of_move(*, batch: Move, from_status: str, to_status: str, key: str = "") -> None:
    """Add a line for every entry that ``batch`` moved to its seller's notice."""
    if to_status in _SILENT or batch.cause == Move.Cause.SELLER:
        return
    cause = cause_of(from_status, to_status, batch.cause)
    key = _write_notices(Entry, batch, cause, key)
    _lines().run(move=batch.pk, key=key, cause=cause, from_status=from_status, to_status=to_status)


def tell_of_registration_move(*, batch: Move, to_status: str, key: str = "") -> None:
    """Tell the sellers whose registration ``batch`` moved."""
    if batch.cause == Move.Cause.SELLER:
        return
    _write_notices(Registration, batch, f"registration_{to_status}", key)


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


def _write_notices(model, batch, cause, key):
    """Make the notices of the moved rows' sellers where there is none; the key of them.

    One notice per (key, seller, cause).
    """
    if batch.run_id:
        key = f"run:{batch.run_id}"
    state = Notice.State.OPEN if key else Notice.State.READY
    key = key or f"move:{batch.pk}"
    _notices(model).run(
        move=batch.pk, cause=cause, key=key, run=batch.run_id, state=state, at=batch.at
    )
    return key


_MOVE = Given("move", BigIntegerField())


@cache
def _notices(model):
    """The insert of a move's notices: to the sellers of ``model``'s rows."""
    moved = model.objects.filter(move=_MOVE)
    return PreparedInsert(
        moved.order_by().values_list("seller", "campaign").distinct(),
        Notice,
        ["seller", "campaign"],
        {
            "cause": Given("cause", CharField()),
            "key": Given("key", CharField()),
            "run": Given("run", BigIntegerField()),
            "state": Given("state", CharField()),
            "at": Given("at", DateTimeField()),
        },
        ignore_conflicts=True,
    )


@cache
def _lines():
    """The insert of a move's lines into the notices of its key and cause."""
    notice = Notice.objects.filter(
        key=Given("key", CharField()),
        cause=Given("cause", CharField()),
        seller=OuterRef("seller_id"),
    )
    moved = Entry.objects.filter(move=_MOVE)
    return PreparedInsert(
        moved.annotate(notice=Subquery(notice.values("id")[:1])).values_list("notice", "id"),
        NoticeLine,
        ["notice", "entry"],
        {
            "from_status": Given("from_status", CharField()),
            "to_status": Given("to_status", CharField()),
        },
        ignore_conflicts=True,
    )
