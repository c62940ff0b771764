"""Sellers asking to be taken off where they cannot withdraw, and operators answering (D12-101)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns.clearing import CLEARED_OUT, clear_case
from campaigns.evidence import save_refusals
from campaigns.lifecycle import LIVE, PENDING
from campaigns.models import CancellationRequest, Entry, Notice, NoticeLine, ReasonTemplate
from campaigns.rulebooks.versions import version_in_force
from campaigns.timeline import Refusal
from campaigns.verdicts import Outcome, Result, by_chunks, reasoned
from campaigns.withdrawing import kept_venues

SELLER_REQUEST = "seller_request"
REFUSED = "request_refused"
_TEXT = {"en": "Taken off at the shop’s request", "zh-hans": "应商家申请清退"}


def ask(*, entry: Entry, note: str, at: datetime, actor) -> Refusal | None:
    """Ask for a live entry to be taken off; None when it is asked, else why not.

    ``withdrawable`` where the seller can do it alone, ``already_ended``, ``already_asked``.
    """
    if entry.status not in LIVE | PENDING:
        return Refusal("already_ended", {"status": entry.status})
    if entry.status in PENDING or entry.venue_id not in kept_venues({entry.campaign}, at):
        return Refusal("withdrawable", {"venue": entry.venue.code})
    try:
        with transaction.atomic():
            CancellationRequest.objects.create(
                entry=entry, asked_at=at, asked_by=actor, note=note.strip()
            )
    except IntegrityError:
        return Refusal("already_asked", {})
    return None


def grant(*, requests: Iterable[int], at: datetime, actor) -> list[Result]:
    """Clear out what sellers asked for (ids of open requests), each with the request as reason.

    One result per entry. A request whose entry has ended since is closed without an answer.
    """
    asked = {
        row.entry_id: row
        for row in CancellationRequest.objects.filter(
            id__in=list(requests), answered_at=None
        ).select_related("entry", "asked_by")
    }
    template = seller_request()

    def decide(case):
        mine = {pk: asked[pk] for pk in case.seen}
        refusals = {
            pk: reasoned(CLEARED_OUT, template, row.note, requested_by=str(row.asked_by or ""))
            for pk, row in mine.items()
        }
        with transaction.atomic():
            clear_case(case, template.code, refusals)
            for outcome, granted in ((Outcome.CLEARED_OUT, True), (Outcome.NOT_PENDING, None)):
                done = [mine[pk].pk for pk in mine if case.results[pk].outcome == outcome]
                _answer(done, at=at, actor=actor, granted=granted)

    seen = {pk: row.entry.revision for pk, row in asked.items()}
    return by_chunks(seen, decide, statuses=LIVE, at=at, actor=actor, what="cancel")


def refuse(*, requests: Iterable[int], note: str, at: datetime, actor) -> int:
    """Answer open requests (ids) with no, for a reason that the sellers read; how many.

    Each is told by a notice of its own. Raises ValueError without a reason.
    """
    if not note.strip():
        raise ValueError("a refusal needs a reason")
    with transaction.atomic():
        rows = list(
            CancellationRequest.objects.filter(id__in=list(requests), answered_at=None)
            .select_for_update(of=("self",))
            .select_related("entry__campaign")
            .order_by("id")
        )
        _answer([row.pk for row in rows], at=at, actor=actor, granted=False)
        refusal = reasoned(REFUSED, None, note)
        for campaign in {row.entry.campaign for row in rows}:
            mine = [row for row in rows if row.entry.campaign_id == campaign.pk]
            version = version_in_force(campaign, at)
            if version is not None:
                save_refusals(
                    [({"entry": row.entry_id}, refusal) for row in mine],
                    version=version,
                    at=at,
                    stage="clear_out",
                    action="",
                )
        _tell(rows, note, at)
    return len(rows)


def seller_request() -> ReasonTemplate:
    """The reason of what sellers asked for; made where there is none."""
    return ReasonTemplate.objects.get_or_create(
        code=SELLER_REQUEST, defaults={"use": ReasonTemplate.Use.CLEAR_OUT, "text": _TEXT}
    )[0]


def _answer(ids, *, at, actor, granted):
    open_ones = CancellationRequest.objects.filter(id__in=ids, answered_at=None)
    open_ones.update(answered_at=at, answered_by=actor, granted=granted)


def _tell(rows, note, at):
    notices = Notice.objects.bulk_create(
        Notice(
            seller_id=row.entry.seller_id,
            campaign_id=row.entry.campaign_id,
            cause=REFUSED,
            key=f"request:{row.pk}",
            params={"reason": note.strip()},
            state=Notice.State.READY,
            at=at,
        )
        for row in rows
    )
    NoticeLine.objects.bulk_create(
        NoticeLine(notice=notice, entry_id=row.entry_id)
        for notice, row in zip(notices, rows, strict=True)
    )
