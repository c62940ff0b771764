"""An operator's word on bonuses: confirming them, refusing them, and taking them back (D12-A12)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from campaigns import bonus_notices
from campaigns.bonus_notices import GRANTED, REFUSED, REVOKED
from campaigns.bonuses import CHUNK, BonusBook, settle
from campaigns.models import Bonus, BonusGrant, Campaign, RulebookVersion
from campaigns.published import rows_of
from campaigns.rulebooks.versions import version_in_force


@dataclass(frozen=True)
class Confirmed:
    """What came of confirming: how many were granted, and how many do not meet the condition."""

    granted: int
    unmet: int


def confirm(
    *, grants: QuerySet[BonusGrant], version: RulebookVersion, at: datetime, actor
) -> Confirmed:
    """Give an operator's word for grants that wait for it, also for what was refused (D12-A12).

    Only who meets the condition at the instant gets it. Bonuses that ask for no word are left. Each
    seller is told by one notice.
    """
    waiting = grants.filter(granted_at__isnull=True, registration__campaign=version.campaign_id)
    granted, asked = [], 0
    with transaction.atomic():
        for bonus in rows_of(version, Bonus):
            if not bonus.confirmed:
                continue
            rows = waiting.filter(bonus_code=bonus.code)
            ids = list(rows.order_by("id").values_list("id", flat=True))
            for start in range(0, len(ids), CHUNK):
                part = BonusGrant.objects.filter(id__in=ids[start : start + CHUNK])
                registrations = list(part.values_list("registration", flat=True))
                book = BonusBook(version=version, registrations=registrations, at=at)
                meeting = [pk for pk in registrations if book.meets(bonus, pk)]
                granted += settle(
                    part.filter(granted_at__isnull=True, registration__in=meeting),
                    granted_at=at,
                    places=bonus.places,
                    refused_at=None,
                    decided_by=actor,
                )
            asked += len(ids)
        versions = {version.campaign_id: version}
        bonus_notices.tell(granted, versions=versions, cause=GRANTED, at=at)
    return Confirmed(len(granted), asked - len(granted))


def refuse(*, grants: QuerySet[BonusGrant], at: datetime, actor, note: str = "") -> int:
    """Refuse grants that wait for an operator's word; returns how many. Each seller is told by one
    notice, with the note."""
    waiting = grants.filter(granted_at__isnull=True, refused_at__isnull=True)
    with transaction.atomic():
        refused = settle(waiting, refused_at=at, decided_by=actor)
        _tell(refused, REFUSED, at, note)
    return len(refused)


def take_back(*, grants: QuerySet[BonusGrant], at: datetime, actor, note: str = "") -> int:
    """Take granted places back; returns how many grants. What was filed under them stays, and
    nothing new is (D12-A10). Each seller is told by one notice, with the note.

    They count as refused from then on, so that no job grants them again.
    """
    with transaction.atomic():
        taken = settle(
            grants.filter(granted_at__isnull=False),
            granted_at=None,
            places=None,
            refused_at=at,
            decided_by=actor,
        )
        _tell(taken, REVOKED, at, note)
    return len(taken)


def _tell(grants: Iterable[BonusGrant], cause, at, note):
    campaigns = Campaign.objects.in_bulk({row.registration.campaign_id for row in grants})
    versions = {pk: version_in_force(campaign, at) for pk, campaign in campaigns.items()}
    bonus_notices.tell(grants, versions=versions, cause=cause, at=at, note=note)
