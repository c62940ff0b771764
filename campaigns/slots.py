"""Where entries get their place from where not everybody may file: an invitation, or a free choice.

In a venue by invitation an item is filed under an open invitation of it, or of its seller with any
item; else it needs a place of a ``free_choice`` quota (D12-075, 116). An invitation won by rank
besides takes the place of a filing window: while it is open its seller files although the venue's
windows are shut (D12-131, 133, 135). Which one an entry has is its ``slot_source``.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from campaigns.models import Entry, Invitation
from campaigns.offers import INVITATION, OPEN_STATES, REVERSE, Offer, open_invitations, open_offers
from campaigns.quotas import QuotaBook
from campaigns.timeline import Refusal

__all__ = [
    "INVITATION",
    "OPEN_STATES",
    "REVERSE",
    "Slots",
    "open_invitations",
    "slots_of",
]

_S = Invitation.State


@dataclass(frozen=True)
class Slots:
    """Where entries (ids) may get their place from: the ``invited`` have invitations, in the order
    in which they are used, those with ``choices`` free choices (quota codes), and the ``refused``
    neither. Those in ``opened`` may be filed although the windows are shut."""

    invited: dict[int, list[Offer]] = field(default_factory=dict)
    choices: dict[int, tuple[str, ...]] = field(default_factory=dict)
    refused: dict[int, list[Refusal]] = field(default_factory=dict)
    opened: frozenset[int] = frozenset()

    def source(self, entry_id: int) -> str:
        """The slot source that conditions see while nothing is decided."""
        if entry_id in self.invited:
            return self.invited[entry_id][0].source
        return next(iter(self.choices.get(entry_id, ())), "")

    def store(self, entries: Iterable[Entry]) -> None:
        """Write where the entries' places may come from, for conditions to see."""
        _write(entries, {entry.pk: self.source(entry.pk) for entry in entries})

    def settle(
        self,
        entries: Iterable[Entry],
        standing: Container[int],
        chosen: Mapping[int, str],
        used: Mapping[int, Offer],
    ) -> None:
        """Write where the places of those that are ``standing`` (ids) do come from: the free
        choices ``chosen`` (quota codes), or the invitations ``used``. The others have none."""
        sources = {}
        for entry in entries:
            if entry.pk in standing:
                offer = used.get(entry.pk)
                sources[entry.pk] = offer.source if offer else chosen.get(entry.pk, "")
        _write(entries, sources)

    def accept(self, used: Mapping[int, Offer], at: datetime) -> None:
        """Filing under an invitation accepts it: those ``used`` by entries (ids)."""
        ids = {offer.invitation for offer in used.values()}
        if ids:
            waiting = Invitation.objects.filter(id__in=ids, state__in=[_S.ISSUED, _S.SEEN])
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


def slots_of(
    venues: Mapping[int, str],
    entries: Iterable[Entry],
    book: QuotaBook,
    at: datetime,
    *,
    by_invitation: bool = True,
    shut: bool = False,
) -> Slots:
    """Where entries of ``venues`` (codes by id) may get their place from; these are
    ``by_invitation``, or ``shut``: their windows for items are, or both. One query, one for each
    free choice, and two where invitations are good for a limited number of items."""
    entries = list(entries)
    invited = open_offers(entries, at)
    opened = frozenset()
    if shut:
        won = {pk: [row for row in rows if row.source == REVERSE] for pk, rows in invited.items()}
        opened = frozenset(pk for pk, rows in won.items() if rows)
        invited = {**(invited if by_invitation else {}), **{pk: won[pk] for pk in opened}}
    if not by_invitation:
        return Slots(invited, opened=opened)
    # Who has an invitation that may be used up can take a free choice instead.
    left = {
        entry.pk: entry.venue_id
        for entry in entries
        if entry.pk not in opened
        and all(offer.limit is not None for offer in invited.get(entry.pk, ()))
    }
    choices = book.free_choices(left) if left else {}
    refused = {
        pk: [Refusal("not_invited", {"venue": venues[venue]})]
        for pk, venue in left.items()
        if pk not in choices and pk not in invited
    }
    return Slots(invited, choices, refused, opened)
