"""Exclusivity: who holds what that only one entry may hold.

Every venue claims each of its items; a rulebook's claim scopes add claims over the campaign or over
kinds of venues. A claim is taken at filing or when the entry is decided, as the scope says, and
given up when the entry's status holds none any more (``lifecycle.HOLDS_CLAIM``).

A decision that is not released yet takes its claims all the same. Whom it takes one from stays as
it is until the release: it is ``displaced``, and has the claim again if the decision falls.
"""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet

from campaigns.models import Claim, ClaimScope, Entry, Move, RulebookVersion, VenueTerms
from campaigns.published import rows_of
from sellers.bulk_write import insert_rows

FILING, DECISION = ClaimScope.Taken.FILING, ClaimScope.Taken.DECISION
ITEM, SELLER = "item", "seller"


@dataclass(frozen=True, order=True)
class Key:
    """What is claimed: a subject within a scope. The order is the order of insertion."""

    scope: str
    subject_kind: str
    subject_id: int


@dataclass(frozen=True, kw_only=True)
class Subject:
    """The parts of an entry that what it holds depends on."""

    entry_id: int
    venue_id: int
    item_id: int
    seller_id: int
    registration_id: int


@dataclass(frozen=True)
class Holder:
    """The entry that holds a claim."""

    scope: str
    claim_id: int
    entry_id: int
    revision: int
    status: str
    venue_id: int
    venue_code: str
    displaced_id: int | None = None


def venue_scope(venue_id: int) -> str:
    """The scope in which every venue claims each of its items."""
    return f"venue:{venue_id}"


def campaign_scope(campaign_id: int, code: str) -> str:
    """A rulebook's claim scope, the same in every version of the campaign's rulebook."""
    return f"campaign:{campaign_id}:{code}"


class ScopeBook:
    """The claim scopes of a rulebook version: which claims an entry needs, and who takes over."""

    def __init__(self, version: RulebookVersion):
        self.campaign_id = version.campaign_id
        self.scopes = rows_of(version, ClaimScope)
        terms = rows_of(version, VenueTerms)
        self.kinds = {row.venue_id: row.kind for row in terms}
        self.codes = {row.venue_id: row.code for row in terms}
        self._by_scope = {campaign_scope(self.campaign_id, row.code): row for row in self.scopes}

    def keys(self, subject: Subject, *moments: str) -> tuple[Key, ...]:
        """The claims that an entry takes at the moments ("filing", "decision"), in order."""
        keys = []
        if FILING in moments:
            keys.append(Key(venue_scope(subject.venue_id), ITEM, subject.item_id))
        kind = self.kinds.get(subject.venue_id)
        for row in self.scopes:
            if row.taken in moments and (not row.venue_kinds or kind in row.venue_kinds):
                owner = subject.seller_id if row.subject_kind == SELLER else subject.item_id
                scope = campaign_scope(self.campaign_id, row.code)
                keys.append(Key(scope, row.subject_kind, owner))
        return tuple(sorted(keys))

    def takes_over(self, key: Key, *, venue_id: int, holder: Holder) -> bool:
        """Whether an entry of the venue takes the claim over from its holder."""
        row = self._by_scope.get(key.scope)
        pair = [self.kinds.get(venue_id), self.kinds.get(holder.venue_id)]
        return row is not None and pair in row.takeovers

    def settles(self, kind: str, other: str, *, waits: bool) -> bool:
        """Whether approval in a venue of ``kind`` ends what stands of the same in one of the
        ``other`` kind; where that one ``waits`` for its own, also the other way round."""
        pair = {kind, other}
        for row in self.scopes:
            if [kind, other] in row.takeovers:
                return True
            if waits and [other, kind] in row.takeovers:
                return True
            if waits and row.first_prevails and (not row.venue_kinds or pair <= {*row.venue_kinds}):
                return True
        return False

    @property
    def decided(self) -> list[str]:
        """The scopes whose claims are taken when an entry is decided."""
        return [scope for scope, row in self._by_scope.items() if row.taken == DECISION]


def holders(keys: Iterable[Key]) -> dict[Key, Holder]:
    """Who holds these claims now; one query. Free ones are not in the result."""
    groups = defaultdict(list)
    for key in keys:
        groups[key.scope, key.subject_kind].append(key.subject_id)
    if not groups:
        return {}
    wanted = Q()
    for (scope, kind), ids in groups.items():
        wanted |= Q(scope=scope, subject_kind=kind, subject_id__in=ids)
    rows = Claim.objects.filter(wanted).values_list(
        "scope",
        "subject_kind",
        "subject_id",
        "id",
        "entry",
        "entry__revision",
        "entry__status",
        "entry__venue",
        "entry__venue__code",
        "displaced",
    )
    return {Key(*row[:3]): Holder(row[0], *row[3:]) for row in rows}


def take(wanted: dict[int, tuple[Key, ...]]) -> dict[int, Holder]:
    """Claim for each entry (id) its keys; returns the entries refused, with the holder in the way.

    Inserted in key order whoever asks, so that two takers wait for each other instead of
    deadlocking; what somebody else has stays theirs. An entry that does not get all of its claims
    keeps none of these. Call it within a transaction.
    """
    rows = sorted((key, entry_id) for entry_id, keys in wanted.items() for key in keys)
    found = {}
    # A claim that was in the way at the insert and is gone at the look is free after all.
    while missing := [row for row in rows if row[0] not in found]:
        insert_rows(
            Claim,
            [(key.scope, key.subject_kind, key.subject_id, entry_id) for key, entry_id in missing],
            ["scope", "subject_kind", "subject_id", "entry"],
        )
        found = holders(key for key, _entry_id in rows)
    refused = {}
    for key, entry_id in rows:
        if entry_id not in {found[key].entry_id, found[key].displaced_id}:
            refused.setdefault(entry_id, found[key])
    mine = [
        found[key].claim_id
        for entry_id in refused
        for key in wanted[entry_id]
        if found[key].entry_id == entry_id
    ]
    if mine:
        Claim.objects.filter(id__in=mine).delete()
    return refused


def take_over(
    claim_id: int, *, from_entry: int, to_entry: int, displaced: int | None = None
) -> bool:
    """Give a claim to another entry if it is still held as seen; whether it was.

    ``displaced`` has it again if the new holder's decision falls before it is released.
    """
    held = Claim.objects.filter(id=claim_id, entry=from_entry)
    return bool(held.update(entry=to_entry, displaced=displaced))


def release(*, batch: Move, holding: Container[str] = ()) -> None:
    """Give up the claims of every entry that ``batch`` moved. Those whom they had displaced get
    theirs back while their status is in ``holding``."""
    _give_up(Claim.objects.filter(entry__move=batch), holding)


def give_up(entries: Iterable[int], *, scopes: Iterable[str], holding: Container[str]) -> None:
    """Give up what entries (ids) hold in some scopes, as ``release`` does."""
    scopes = list(scopes)
    if scopes:
        _give_up(Claim.objects.filter(entry__in=list(entries), scope__in=scopes), holding)


def _give_up(mine: QuerySet[Claim], holding):
    if holding:
        returning = mine.filter(displaced__status__in=holding)
        returning.update(entry=F("displaced"), displaced=None)
    mine.delete()


def subject(entry: Entry) -> Subject:
    """The parts of an entry that what it holds depends on."""
    return Subject(
        entry_id=entry.pk,
        venue_id=entry.venue_id,
        item_id=entry.item_id,
        seller_id=entry.seller_id,
        registration_id=entry.registration_id,
    )
