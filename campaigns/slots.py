"""Where entries get their place from in a venue by invitation: an invitation, or a free choice.

An item is filed there under an open invitation of it, or of its seller with any item; else it needs
a place of a ``free_choice`` quota (D12-075, 116). Which one an entry has is its ``slot_source``.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from campaigns.models import Entry, Invitation
from campaigns.quotas import QuotaBook
from campaigns.timeline import Refusal

INVITATION = "invitation"
_S = Invitation.State
OPEN_STATES = frozenset({_S.ISSUED, _S.SEEN, _S.ACCEPTED})


@dataclass(frozen=True)
class Slots:
    """Where entries (ids) may get their place from: the ``invited`` have an invitation (its id),
    those with ``choices`` free choices (quota codes), and the ``refused`` neither."""

    invited: dict[int, int] = field(default_factory=dict)
    choices: dict[int, tuple[str, ...]] = field(default_factory=dict)
    refused: dict[int, list[Refusal]] = field(default_factory=dict)

    def source(self, entry_id: int) -> str:
        """The slot source that conditions see while nothing is decided."""
        if entry_id in self.invited:
            return INVITATION
        return next(iter(self.choices.get(entry_id, ())), "")

    def store(self, entries: Iterable[Entry]) -> None:
        """Write where the entries' places may come from, for conditions to see."""
        _write(entries, {entry.pk: self.source(entry.pk) for entry in entries})

    def settle(self, entries: Iterable[Entry], standing: Container[int], chosen: dict[int, str]):
        """Write where the places of those that are ``standing`` (ids) do come from: the free
        choices ``chosen`` (quota codes), or an invitation. The others have none."""
        sources = {
            entry.pk: chosen.get(entry.pk) or self.source(entry.pk)
            for entry in entries
            if entry.pk in standing
        }
        _write(entries, sources)

    def put_back(self, entries: Iterable[Entry], sources: Mapping[int, str]) -> None:
        """Write where the places of entries that stay as they are came from (``sources`` by id)."""
        _write(entries, sources)

    def accept(self, entries: Iterable[int], at: datetime) -> None:
        """Filing under an invitation accepts it."""
        used = {self.invited[pk] for pk in entries if pk in self.invited}
        if used:
            waiting = Invitation.objects.filter(id__in=used, state__in=[_S.ISSUED, _S.SEEN])
            waiting.update(state=_S.ACCEPTED, answered_at=at)


def _write(entries, sources):
    """One update for each source that entries change to."""
    changed = defaultdict(list)
    for entry in entries:
        source = sources.get(entry.pk, "")
        if entry.slot_source != source:
            changed[source].append(entry.pk)
            entry.slot_source = source
    for source, ids in sorted(changed.items()):
        Entry.objects.filter(id__in=ids).update(slot_source=source)


def open_invitations(at: datetime) -> QuerySet[Invitation]:
    """The invitations open at the instant: in [issued_at, expires_at), not declined or revoked."""
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return Invitation.objects.filter(lasting, issued_at__lte=at, state__in=OPEN_STATES)


def slots_of(
    venues: Mapping[int, str], entries: Iterable[Entry], book: QuotaBook, at: datetime
) -> Slots:
    """Where entries of ``venues`` by invitation (codes by id) may get their place from; an
    invitation of the item comes before one of any item. One query, and one for each free choice."""
    entries = list(entries)
    rows = open_invitations(at).filter(
        Q(item__isnull=True) | Q(item__in={entry.item_id for entry in entries}),
        venue__in={entry.venue_id for entry in entries},
        seller__in={entry.seller_id for entry in entries},
    )
    invitations = {}
    for pk, *key in rows.order_by("-id").values_list("id", "venue", "seller", "item"):
        invitations[tuple(key)] = pk
    invited, left = {}, {}
    for entry in entries:
        found = invitations.get((entry.venue_id, entry.seller_id, entry.item_id))
        found = found or invitations.get((entry.venue_id, entry.seller_id, None))
        if found:
            invited[entry.pk] = found
        else:
            left[entry.pk] = entry.venue_id
    choices = book.free_choices(left) if left else {}
    refused = {
        pk: [Refusal("not_invited", {"venue": venues[venue]})]
        for pk, venue in left.items()
        if pk not in choices
    }
    return Slots(invited, choices, refused)
