"""What was cleared out, filed again, and still waits when filing is over (D12-105, 106)."""

from collections.abc import Iterable
from datetime import datetime

from campaigns import timeline
from campaigns.models import Entry, RulebookVersion, VenueTerms
from campaigns.timeline import Refusal

OWNER_ONLY = "owner_only"


def owner_only(
    version: RulebookVersion, entries: Iterable[Entry], *, at: datetime, actor
) -> dict[int, list[Refusal]]:
    """The pending entries (ids) that only their venue's owner decides by now, and not ``actor``.

    The refusal names the ``venue``, its ``owner`` and ``contact``, and when filing ``closed_at``. A
    venue without an owner is its campaign's owner's. Four queries at most.
    """
    terms = version.venueterms_set.filter(late_refiles=VenueTerms.LateRefiles.OWNER)
    terms = {row.venue_id: row for row in terms.select_related("venue__owner")}
    if not terms:
        return {}
    ends = timeline.filing_ends(version)
    general = version.campaign.owner
    closed = {}
    for venue_id, row in terms.items():
        owner = row.venue.owner or general
        over = venue_id in ends and at >= ends[venue_id]
        if over and (owner is None or owner.pk != getattr(actor, "pk", None)):
            closed[venue_id] = Refusal(
                OWNER_ONLY,
                {
                    "venue": row.code,
                    "owner": "" if owner is None else str(owner),
                    "contact": row.contact,
                    "closed_at": timeline.shown(ends[venue_id]),
                },
            )
    late = {entry.pk: entry for entry in entries if entry.venue_id in closed}
    return {pk: [closed[late[pk].venue_id]] for pk in sorted(_filed_again(late.values()))}


def _filed_again(entries: Iterable[Entry]) -> set[int]:
    """Those of the entries (ids) whose item was cleared out of the same venue before."""
    entries = list(entries)
    if not entries:
        return set()
    before = Entry.objects.filter(
        item__in={entry.item_id for entry in entries},
        venue__in={entry.venue_id for entry in entries},
        status=Entry.Status.CLEARED_OUT,
    ).values_list("venue_id", "item_id", "id")
    first = {}
    for venue_id, item_id, pk in before.order_by("-id"):
        first[venue_id, item_id] = pk
    return {
        entry.pk
        for entry in entries
        if first.get((entry.venue_id, entry.item_id), entry.pk) < entry.pk
    }
