"""The outbox: what sellers are told, written beside the change and sent after it."""

from campaigns.models import Entry, Move, Notice, NoticeLine, Registration

# Moves that tell the seller nothing they did not just do or could act upon.
_SILENT = frozenset({Entry.Status.DRAFT, Entry.Status.SUBMITTED, Entry.Status.IN_REVIEW})


def close(*, key: str) -> int:
    """Make the open notices of ``key`` ready to send; returns how many."""
    return Notice.objects.filter(key=key, state=Notice.State.OPEN).update(state=Notice.State.READY)


def tell_of_move(*, batch: Move, from_status: str, to_status: str, key: str = "") -> None:
    """Add a line for every entry that ``batch`` moved to its seller's notice."""
    if to_status in _SILENT or batch.cause == Move.Cause.SELLER:
        return
    rows = list(
        Entry.objects.filter(move=batch)
        .order_by("seller_id", "id")
        .values_list("id", "seller_id", "campaign_id")
    )
    cause = cause_of(from_status, to_status, batch.cause)
    owners = {seller_id: campaign_id for _pk, seller_id, campaign_id in rows}
    notices = _notices(owners, batch=batch, cause=cause, key=key)
    NoticeLine.objects.bulk_create(
        [
            NoticeLine(
                notice_id=notices[seller_id],
                entry_id=pk,
                from_status=from_status,
                to_status=to_status,
            )
            for pk, seller_id, _campaign_id in rows
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )


def tell_of_registration_move(*, batch: Move, to_status: str, key: str = "") -> None:
    """Tell the sellers whose registration ``batch`` moved."""
    if batch.cause == Move.Cause.SELLER:
        return
    rows = Registration.objects.filter(move=batch).order_by("seller_id")
    owners = dict(rows.values_list("seller_id", "campaign_id"))
    _notices(owners, batch=batch, cause=f"registration_{to_status}", key=key)


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


def _notices(owners: dict[int, int], *, batch, cause, key) -> dict[int, int]:
    """Seller id to notice id, made where there is none yet. One notice per (key, seller, cause)."""
    if batch.run_id:
        key = f"run:{batch.run_id}"
    state = Notice.State.OPEN if key else Notice.State.READY
    key = key or f"move:{batch.pk}"
    Notice.objects.bulk_create(
        [
            Notice(
                seller_id=seller_id,
                campaign_id=campaign_id,
                cause=cause,
                key=key,
                run_id=batch.run_id,
                state=state,
                at=batch.at,
            )
            for seller_id, campaign_id in owners.items()
        ],
        batch_size=2000,
        ignore_conflicts=True,
    )
    found = Notice.objects.filter(key=key, cause=cause, seller__in=list(owners))
    return dict(found.values_list("seller_id", "id"))
