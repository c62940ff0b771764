"""The outbox: what sellers are told, written beside the change and sent after it."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import (
    BigIntegerField,
    CharField,
    DateTimeField,
    OuterRef,
    QuerySet,
    Subquery,
)

from campaigns import delivering
from campaigns.models import Campaign, Entry, Move, Notice, NoticeLine, Registration
from sellers.bulk_write import Given, PreparedInsert, insert_from_query, insert_rows

# Moves that tell the seller nothing they did not just do or could act upon.
_SILENT = frozenset({Entry.Status.DRAFT, Entry.Status.SUBMITTED, Entry.Status.IN_REVIEW})

SEND_CHUNK = 500
LEFT_OPEN = timedelta(hours=1)


def close(*, key: str) -> int:
    """Make the open notices of ``key`` ready to send; returns how many."""
    return Notice.objects.filter(key=key, state=Notice.State.OPEN).update(state=Notice.State.READY)


def send_ready(*, at: datetime, limit: int = 10_000) -> int:
    """Hand the notices that are ready, at most ``limit``, to their sellers' addresses; how many.

    A notice is marked sent by compare-and-set, and its deliveries are queued in the same
    transaction (``delivering.send_due`` then sends these), so that two senders never queue it twice
    and one that is killed loses nothing. Notices that no run keeps open and that were left open by
    a killed process are sent after an hour.
    """
    left_open = Notice.objects.filter(run=None, state=Notice.State.OPEN, at__lte=at - LEFT_OPEN)
    left_open.update(state=Notice.State.READY)
    sent = 0
    while sent < limit:
        batch = _hand_over(at, min(SEND_CHUNK, limit - sent))
        if not batch:
            break
        sent += len(batch)
    return sent


def _hand_over(at, size):
    """Mark the next ready notices as sent and queue their deliveries; the ids of those marked."""
    with transaction.atomic():
        ids = _ready_ids(size)
        ready = Notice.objects.filter(id__in=ids, state=Notice.State.READY)
        if not ready.update(state=Notice.State.SENT, sent_at=at):
            return []
        delivering.queue(ids, at=at)
        return ids


def _ready_ids(size):
    """The next ready notices, locked where the database can, passing over those of others."""
    ready = Notice.objects.filter(state=Notice.State.READY).order_by("id")
    if connection.features.has_select_for_update_skip_locked:
        ready = ready.select_for_update(skip_locked=True)
    return list(ready.values_list("id", flat=True)[:size])


def tell(
    sellers: QuerySet | Iterable[int] | Mapping[int, dict],
    *,
    cause: str,
    key: str,
    at: datetime,
    campaign: Campaign | None = None,
    params: dict | None = None,
) -> int:
    """Tell sellers of something that is not a move of entries; how many notices are new.

    ``sellers`` is a queryset that selects ``values_list("seller", "campaign")`` (one statement for
    any number, such as the invitations of a batch), or seller ids with their ``campaign``, or a
    mapping of seller ids to parameters of their own with it. ``cause`` is a key of
    ``notice_texts.CAUSES``, at most 40 characters: its sentences name the ``params`` that they can
    use; those without are left out. A value is a text, a number, a text by language ({"en": …,
    "zh-hans": …}), a list of these, or an instant (datetime or ISO 8601) under a name that is
    ``until`` or ends in ``_at``.

    ``key`` ("invitations:<batch>", "bonus:<grant>", …, at most 80 characters) makes it repeatable:
    a seller gets one notice for each key and cause, and a second call changes nothing. The notice
    is ready at once: call it in the transaction of what it tells of. Causes without entries:
    invited, invitation_revoked, bonus_granted, bonus_revoked, bonus_refused, round_decided,
    request_refused, revoked, sanctioned, tool_missing, deadline, rules_changed, alert.
    """
    shared = {"cause": cause, "key": key, "state": Notice.State.READY, "at": at}
    if isinstance(sellers, QuerySet):
        return insert_from_query(
            sellers.order_by().distinct(),
            Notice,
            ["seller", "campaign"],
            {**shared, "params": params or {}},
            ignore_conflicts=True,
            at_once=connection.in_atomic_block,
        )
    own = sellers if isinstance(sellers, Mapping) else {pk: {} for pk in sellers}
    rows = [
        (seller, campaign.pk, {**(params or {}), **more}, *shared.values())
        for seller, more in sorted(own.items())
    ]
    return insert_rows(Notice, rows, ["seller", "campaign", "params", *shared]) if rows else 0


def tell_of_move(
    *, batch: Move, from_status: str, to_status: str, key: str = "", cause: str = ""
) -> None:
    """Add a line for every entry that ``batch`` moved to its seller's notice.

    ``cause`` is what the notice calls it, by default what ``cause_of`` does.
    """
    if to_status in _SILENT or batch.cause == Move.Cause.SELLER:
        return
    cause = cause or cause_of(from_status, to_status, batch.cause)
    key = _write_notices(Entry, batch, cause, key)
    _lines().run(move=batch.pk, key=key, cause=cause, from_status=from_status, to_status=to_status)


def tell_of_registration_move(
    *, batch: Move, to_status: str, key: str = "", cause: str = ""
) -> None:
    """Tell the sellers whose registration ``batch`` moved; ``cause`` as for entries."""
    if batch.cause == Move.Cause.SELLER:
        return
    _write_notices(Registration, batch, cause or f"registration_{to_status}", key)


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
