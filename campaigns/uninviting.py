"""Taking invitations back, and what is left standing (D12-075)."""

from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from campaigns import notices
from campaigns.inviting import venue_title
from campaigns.lifecycle import LIVE, PENDING
from campaigns.models import Entry, Invitation
from campaigns.slots import INVITATION, OPEN_STATES, REVERSE

# What sellers' notices call it.
INVITATION_REVOKED = "invitation_revoked"
# Items named in one notice.
MOST_NAMED = 20
CHUNK = 2_000


def revoke(invitations: QuerySet[Invitation], *, at: datetime, note: str = "") -> int:
    """Take open invitations back; returns how many. Entries filed under them stay.

    Every seller gets one notice for each venue, with its items and the note; none of invitations
    that had expired.
    """
    rows = invitations.filter(state__in=OPEN_STATES).order_by("id")
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(of=("self",))
    with transaction.atomic():
        found = list(rows.select_related("venue__campaign", "item"))
        for start in range(0, len(found), CHUNK):
            ids = [row.pk for row in found[start : start + CHUNK]]
            Invitation.objects.filter(pk__in=ids).update(state=Invitation.State.REVOKED)
        lasting = [row for row in found if row.expires_at is None or row.expires_at > at]
        _tell_revoked(lasting, at, note.strip())
    return len(found)


def entries_under(invitations: QuerySet[Invitation]) -> int:
    """How many entries stand in the venues of these invitations, with their item if they name one,
    for the invited sellers: what a revocation leaves as it is."""
    under = invitations.filter(venue=OuterRef("venue"), seller=OuterRef("seller"))
    of_item = under.filter(item=OuterRef("item"))
    of_any = under.filter(item__isnull=True)
    standing = Entry.objects.filter(
        status__in=PENDING | LIVE, slot_source__in=[INVITATION, REVERSE]
    )
    return standing.filter(Exists(of_item) | Exists(of_any)).count()


def _tell_revoked(revoked, at, note):
    run, by_venue = uuid4().hex, {}
    for row in revoked:
        own = by_venue.setdefault(row.venue, {})
        named = own.setdefault(row.seller_id, [])
        if row.item is not None:
            named.append(str(row.item))
    for venue, own in sorted(by_venue.items(), key=lambda pair: pair[0].pk):
        notices.tell(
            {seller: {"items": _first(names)} for seller, names in own.items()},
            cause=INVITATION_REVOKED,
            key=f"revoked:{run}:{venue.pk}",
            at=at,
            campaign=venue.campaign,
            params={"venue": venue_title(venue, at), "reason": note},
        )


def _first(names):
    """As many names as a notice has room for."""
    return names[:MOST_NAMED] + ["…"] * (len(names) > MOST_NAMED)
