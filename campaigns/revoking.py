"""Taking a shop's permission for a campaign back at once, and lifting that again (D12-146)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from campaigns import notices, revocations
from campaigns.evidence import save_refusals
from campaigns.holdings import lock_registrations
from campaigns.lifecycle import LIVE, PENDING, transition, transition_registrations
from campaigns.models import (
    Campaign,
    Entry,
    Move,
    ReasonTemplate,
    Registration,
    Revocation,
    RulebookVersion,
)
from campaigns.rulebooks.versions import version_in_force
from sellers.models import Seller

CHUNK = 2000
STAGE = "revocation"
RESTORED = "restored"

_R = Registration.Status


@dataclass(frozen=True)
class Reach:
    """What a revocation takes off: live entries, and pending ones with the registration."""

    live: int
    pending: int
    joined: bool


def reach(campaign: Campaign, seller: Seller) -> Reach:
    """What revoking now would take off."""
    entries = Entry.objects.filter(campaign=campaign, seller=seller)
    joined = Registration.objects.filter(campaign=campaign, seller=seller, status=_R.JOINED)
    return Reach(
        live=entries.filter(status__in=LIVE).count(),
        pending=entries.filter(status__in=PENDING).count(),
        joined=joined.exists(),
    )


def revoke(
    *,
    campaign: Campaign,
    seller: Seller,
    reason: ReasonTemplate,
    note: str,
    at: datetime,
    actor,
) -> Revocation:
    """Take the permission back: the live entries are cleared out with the reason's code, the
    pending ones and the registration become void, and nothing is taken in while it stands.

    The row that refuses comes first, so nothing slips in behind; then the entries by chunks, a
    transaction each; the seller gets one notice. Repeating it, or calling it again after it was
    killed, finishes what is left under the row that stands. Raises ValueError for a reason of
    another use.
    """
    if reason.use != ReasonTemplate.Use.REVOCATION:
        raise ValueError(f"{reason.code} is not a reason for taking a permission back")
    standing = Revocation.objects.filter(campaign=campaign, seller=seller, lifted_at=None)
    try:
        with transaction.atomic():
            row = standing.first() or Revocation.objects.create(
                campaign=campaign, seller=seller, reason=reason, note=note, at=at, actor=actor
            )
    except IntegrityError:
        row = standing.get()
    _Revoking(row, at, actor).work()
    return row


def lift(*, revocation: Revocation, at: datetime, actor, bring_back: bool = False) -> bool:
    """Give the permission back; whether it still stood.

    The seller may join and file again while that is open. ``bring_back`` makes the registration
    that the revocation ended stand again; its entries are then restored one by one or together.
    """
    with transaction.atomic():
        standing = Revocation.objects.filter(pk=revocation.pk, lifted_at=None)
        if not standing.update(lifted_at=at, lifted_by=actor):
            return False
        if bring_back:
            _bring_back(revocation, at, actor)
    return True


class _Revoking:
    """One revocation at work."""

    def __init__(self, row, at, actor):
        self.row, self.at, self.actor = row, at, actor
        self.key = f"revocation:{row.pk}"
        self.refusal = revocations.refusal(row)
        self.how = {
            "cause": Move.Cause.OPERATOR,
            "at": at,
            "actor": actor,
            "reason": row.reason.code,
            "notice_key": self.key,
            "notice_cause": revocations.PERMISSION_REVOKED,
        }

    def work(self):
        """Clear out chunk by chunk, and end the registration with whatever came in meanwhile."""
        while self._clear_out_chunk():
            pass
        with transaction.atomic():
            joined = list(
                Registration.objects.filter(
                    campaign=self.row.campaign_id, seller=self.row.seller_id, status=_R.JOINED
                )
            )
            lock_registrations([registration.pk for registration in joined])
            while self._clear_out_chunk():
                pass
            for registration in joined:
                self._end(registration)
        notices.close(key=self.key)

    def _clear_out_chunk(self) -> bool:
        """Clear the next live entries out; whether there were any."""
        live = Entry.objects.filter(
            campaign=self.row.campaign_id, seller=self.row.seller_id, status__in=LIVE
        ).order_by("id")
        with transaction.atomic():
            ids = dict(live.values_list("id", "registration")[:CHUNK])
            lock_registrations(set(ids.values()))
            groups = {}
            rows = Entry.objects.filter(id__in=ids, status__in=LIVE).order_by("id")
            locked = rows.select_for_update(no_key=True)
            for pk, status, revision in locked.values_list("id", "status", "revision"):
                groups.setdefault(status, {})[pk] = revision
            moved = set()
            for status, seen in sorted(groups.items()):
                moved |= transition(
                    entries=seen,
                    from_status=status,
                    to_status=Entry.Status.CLEARED_OUT,
                    **self.how,
                )
            version = self._version()
            if moved and version:
                save_refusals(
                    [({"entry": pk}, self.refusal) for pk in sorted(moved)],
                    version=version,
                    at=self.at,
                    stage=STAGE,
                    action="clear_out",
                )
        return bool(ids)

    def _end(self, registration):
        moved = transition_registrations(
            registrations={registration.pk: registration.revision},
            from_status=_R.JOINED,
            to_status=_R.VOID,
            **self.how,
        )
        version = self._version() or registration.version
        if moved:
            save_refusals(
                [({"registration": registration.pk}, self.refusal)],
                version=version,
                at=self.at,
                stage=STAGE,
            )

    def _version(self) -> RulebookVersion | None:
        return version_in_force(self.row.campaign, self.at)


def _bring_back(revocation, at, actor):
    """The last registration that ended stands again, unless the seller has joined anew."""
    mine = Registration.objects.filter(campaign=revocation.campaign_id, seller=revocation.seller_id)
    last = mine.filter(status=_R.VOID).order_by("-id").first()
    if last is None or mine.filter(status=_R.JOINED).exists():
        return
    transition_registrations(
        registrations={last.pk: last.revision},
        from_status=_R.VOID,
        to_status=_R.JOINED,
        cause=Move.Cause.OPERATOR,
        at=at,
        actor=actor,
        reason=RESTORED,
    )
