"""Checks every quota's use against the history of statuses, by SQL that shares nothing with it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from campaigns.models import Campaign, Quota, Registration
from campaigns.quotas import QuotaBook
from campaigns.rulebooks.versions import version_in_force

# The last status that the history tells of each entry; who holds a place by it uses one. Where the
# place comes from is written with the entry: an invitation, or the free choice's code.
USED = """
    SELECT e.registration_id, e.slot_source, COUNT(*)
    FROM campaigns_entry e
    JOIN campaigns_venueterms t ON t.venue_id = e.venue_id AND t.version_id = %s
    JOIN campaigns_entryhistory h ON h.entry_id = e.id
    WHERE e.campaign_id = %s AND t.kind = 'outer'
    AND h.id = (SELECT MAX(l.id) FROM campaigns_entryhistory l WHERE l.entry_id = e.id)
    AND h.to_status IN ('submitted', 'in_review', 'approved', 'at_risk', 'abnormal', 'unpublished')
    GROUP BY e.registration_id, e.slot_source"""
CHUNK = 500


@dataclass(frozen=True)
class Difference:
    """A registration's quota that is used otherwise than its history says."""

    registration: int
    quota: str
    used: int
    told: int


@dataclass(frozen=True)
class Comparison:
    """How many registrations and quotas were compared, how many places they use, and where the two
    differ."""

    registrations: int
    quotas: int
    used: int
    differences: list[Difference]


def compare(campaign: Campaign, at: datetime) -> Comparison:
    """Compare the use of every quota of outer venues, of every registration there ever was."""
    version = version_in_force(campaign, at)
    quotas = list(Quota.objects.filter(version=version).order_by("code"))
    told = _told(campaign, version)
    ids = list(
        Registration.objects.filter(campaign=campaign).order_by("pk").values_list("pk", flat=True)
    )
    used, differences = 0, []
    for start in range(0, len(ids), CHUNK):
        book = QuotaBook(version=version, registrations=ids[start : start + CHUNK], at=at)
        for pk, places in book.places().items():
            for place in places:
                source = place.quota.code if place.quota.free_choice else "invitation"
                expected = told.get((pk, source), 0)
                used += place.used
                if place.used != expected:
                    differences.append(Difference(pk, place.quota.code, place.used, expected))
    return Comparison(len(ids), len(quotas), used, differences)


def line(found: Comparison) -> str:
    """Say what came of it in one line, and name the first difference."""
    text = (
        f"Quotas against the history: {found.registrations:,} registrations × {found.quotas} "
        f"quotas, {found.used:,} places used, "
    )
    if not found.differences:
        return text + "all equal."
    one = found.differences[0]
    return text + (
        f"{len(found.differences):,} differ, first of all {one.quota} of registration "
        f"{one.registration}: {one.used} used, {one.told} by the history."
    )


def _told(campaign: Campaign, version) -> dict[tuple[int, str], int]:
    with connection.cursor() as cursor:
        cursor.execute(USED, [version.pk, campaign.pk])
        return {(pk, source): number for pk, source, number in cursor.fetchall()}
