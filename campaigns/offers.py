"""What invitations still admit: how many items each is good for, and which entries use it.

Nothing is kept of it but the invitations and the entries with their ``slot_source``: an entry uses
an invitation to its venue that was open when it was filed, and which one, where several were, is
worked out the same way every time. It is used by what is pending or live, and for good by what was
approved once; what ended without being approved gives its use back (D12-131, 133).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from campaigns.lifecycle import HOLDS_PLACE
from campaigns.models import Entry, Invitation
from campaigns.timeline import Refusal

INVITATION, REVERSE = "invitation", "reverse_invitation"
SOURCES = {Invitation.Kind.PLATFORM: INVITATION, Invitation.Kind.REVERSE: REVERSE}
_S = Invitation.State
OPEN_STATES = frozenset({_S.ISSUED, _S.SEEN, _S.ACCEPTED})


@dataclass(frozen=True)
class Offer:
    """An invitation as it stands for filing under it: its id, the ``source`` that entries under it
    have, how many items it is good for (None: any number), and the entries (ids) that use it."""

    invitation: int
    source: str
    limit: int | None = None
    used_by: tuple[int, ...] = ()

    def has_room(self, entry_id: int, others: Iterable[int] = ()) -> bool:
        """Whether the entry may use it beside ``others`` that are about to; one that does, may."""
        if self.limit is None or entry_id in self.used_by:
            return True
        return len({*self.used_by, *others}) < self.limit

    def used_up(self, venue_code: str, others: Iterable[int] = ()) -> Refusal:
        """The refusal of an item too many: ``invitation_used`` with the ``limit``, how many are
        ``used`` and the ``entry`` (the first of them) that uses it."""
        using = list(dict.fromkeys([*self.used_by, *others]))
        params = {"venue": venue_code, "limit": self.limit, "used": len(using)}
        return Refusal("invitation_used", params | ({"entry": using[0]} if using else {}))


def open_invitations(at: datetime) -> QuerySet[Invitation]:
    """The invitations open at the instant: in [issued_at, expires_at), not declined or revoked."""
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return Invitation.objects.filter(lasting, issued_at__lte=at, state__in=OPEN_STATES)


def open_offers(entries: Iterable[Entry], at: datetime) -> dict[int, list[Offer]]:
    """For each of the entries (ids) the invitations to its venue, open at the instant, that it may
    be filed under, in the order in which they are to be used. Those without any are not in it.

    One query, two more where an invitation is good for a limited number of items.
    """
    entries = list(entries)
    rows = open_invitations(at).filter(
        Q(item__isnull=True) | Q(item__in={entry.item_id for entry in entries}),
        venue__in={entry.venue_id for entry in entries},
        seller__in={entry.seller_id for entry in entries},
    )
    found = defaultdict(list)
    for row in sorted(rows, key=_preference):
        found[row.venue_id, row.seller_id, row.item_id].append(row)
    used = _used([row for rows in found.values() for row in rows])
    offers = {}
    for entry in entries:
        # An invitation of the item comes before one of any.
        fitting = [
            *found.get((entry.venue_id, entry.seller_id, entry.item_id), ()),
            *found.get((entry.venue_id, entry.seller_id, None), ()),
        ]
        if fitting:
            offers[entry.pk] = [_offer(row, used) for row in fitting]
    return offers


def offers_kept(entries: Iterable[Entry]) -> dict[int, list[Offer]]:
    """For each of these entries (ids), filed before, the limited invitations that it was filed
    under or could have been: what one that comes back must find room in. Three queries at most."""
    asked = [entry for entry in entries if entry.slot_source in SOURCES.values()]
    if not asked:
        return {}
    rows = Invitation.objects.filter(
        venue__in={entry.venue_id for entry in asked},
        seller__in={entry.seller_id for entry in asked},
    )
    rows = rows.filter(Q(item__isnull=True) | Q(item__in={entry.item_id for entry in asked}))
    rows = sorted(rows, key=_preference)
    used = _used(rows)
    found = {}
    for entry in asked:
        fitting = [row for row in rows if _covers(row, entry)]
        if fitting:
            found[entry.pk] = [_offer(row, used) for row in fitting]
    return found


def _offer(row, used):
    limited = () if row.items is None else tuple(used.get(row.pk, ()))
    return Offer(row.pk, SOURCES[row.kind], row.items, limited)


def _preference(row):
    """What is used first: the one of the item, one that is open still, one without limit, the one
    that ends first."""
    ends_at = row.expires_at
    return (
        row.item_id is None,
        row.state not in OPEN_STATES,
        row.items is not None,
        ends_at is None,
        ends_at.timestamp() if ends_at else 0,
        row.pk,
    )


def _used(rows: Iterable[Invitation]) -> Mapping[int, list[int]]:
    """Invitation id to the entries (ids) that use it, the one filed first in front; nothing is read
    where none of the invitations has a limit."""
    limited = [row for row in rows if row.items is not None]
    if not limited:
        return {}
    using = list(
        Entry.objects.filter(
            Q(status__in=sorted(HOLDS_PLACE)) | Q(approved_at__isnull=False),
            venue__in={row.venue_id for row in limited},
            seller__in={row.seller_id for row in limited},
            slot_source__in=sorted({SOURCES[row.kind] for row in limited}),
        )
        .only("venue", "seller", "item", "slot_source", "submitted_at")
        .order_by("submitted_at", "pk")
    )
    if not using:
        return {}
    # Also those that are closed by now: what was filed under them uses no other.
    every = Invitation.objects.filter(
        Q(item__isnull=True) | Q(item__in={entry.item_id for entry in using}),
        venue__in={entry.venue_id for entry in using},
        seller__in={entry.seller_id for entry in using},
    )
    by_owner = defaultdict(list)
    for row in sorted(every, key=_preference):
        by_owner[row.venue_id, row.seller_id].append(row)
    used = defaultdict(list)
    for entry in using:
        fitting = [row for row in by_owner[entry.venue_id, entry.seller_id] if _covers(row, entry)]
        free = (row for row in fitting if row.items is None or len(used[row.pk]) < row.items)
        if chosen := next(free, next(iter(fitting), None)):
            used[chosen.pk].append(entry.pk)
    return used


def _covers(row, entry):
    """Whether the entry was filed under the invitation, or could have been."""
    at = entry.submitted_at
    if SOURCES[row.kind] != entry.slot_source or row.venue_id != entry.venue_id:
        return False
    if row.seller_id != entry.seller_id or row.item_id not in (None, entry.item_id):
        return False
    declined = row.state == _S.DECLINED and row.answered_at is not None and row.answered_at < at
    return row.issued_at <= at and (row.expires_at is None or at < row.expires_at) and not declined
