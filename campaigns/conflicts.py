"""Which items cannot stand in a venue because they stand in another (D12-026, 042, 043, 085).

An item belongs to one seller, so what is asked under the lock of its registration stays true until
the transaction ends. Nothing of another campaign matters (D12-027).
"""

from collections import defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass

from campaigns.claims import ScopeBook
from campaigns.lifecycle import LIVE, PENDING
from campaigns.models import Conflict, Decision, Entry, RulebookVersion, VenueTerms
from campaigns.published import rows_of
from campaigns.timeline import Refusal

_STANDING = {
    Conflict.Standing.REGISTERED: PENDING | LIVE,
    Conflict.Standing.APPROVED: LIVE,
}


@dataclass(frozen=True)
class _Standing:
    """An entry that may be in the way: ``kind`` is its venue's, ``status`` what it counts as;
    ``waits`` says that it is not approved yet, whatever is decided of it."""

    entry_id: int
    kind: str
    venue_code: str
    status: str
    waits: bool


def conflicts_of(
    version: RulebookVersion,
    entries: Iterable[Entry],
    *,
    becoming: str = Entry.Status.SUBMITTED,
) -> dict[int, list[Refusal]]:
    """The entries (ids) that cannot stand where they are, each with every entry in the way.

    The refusal's code is ``conflict``; its values are the ``conflict``'s code and ``title``, and
    the ``entry``, its ``venue`` and ``venue_title``, and ``status`` in the way. What stands in the
    same venue is not: that place is the venue's own claim. Entries that are asked about together
    are taken in the order given: one that nothing stands in the way of stands as ``becoming`` for
    those after it. Three queries however many entries; one where the rulebook has no conflicts.
    """
    return _refused(version, entries, becoming)


def conflicts_when_decided(
    version: RulebookVersion,
    entries: Iterable[Entry],
    *,
    approved: Container[int] = (),
    unreleased: bool,
) -> dict[int, list[Refusal]]:
    """The pending entries (ids) that cannot be approved where they are, as ``conflicts_of`` has it:
    what came to stand while they waited bars them too.

    Not what a claim scope settles: one of the two ends when the other is approved (D12-042, 044).
    The ``approved`` (ids) count as such although they have not moved yet; with ``unreleased`` so do
    those whose approval waits for its release.
    """
    scopes = ScopeBook(version)

    def is_settled(kind, other):
        return scopes.settles(kind, other.kind, waits=other.waits)

    return _refused(
        version,
        entries,
        Entry.Status.APPROVED,
        approved=approved,
        unreleased=unreleased,
        is_settled=is_settled,
    )


def _refused(version, entries, becoming, *, approved=(), unreleased=False, is_settled=None):
    entries = list(entries)
    rules = rows_of(version, Conflict) if entries else []
    if not rules:
        return {}
    terms = rows_of(version, VenueTerms)
    venues = {row.venue_id: (row.kind, row.code) for row in terms}
    titles = {row.code: row.title for row in terms}
    asked = {pk for pk, (kind, _code) in venues.items() if _rules_for(rules, kind)}
    if not any(entry.venue_id in asked for entry in entries):
        return {}
    against = {kind for rule in rules for kind in rule.against}
    standing = _standing(version, entries, venues, against, approved, unreleased)
    refused = {}
    for entry in entries:
        kind, code = venues.get(entry.venue_id, ("", ""))
        found = [
            _refusal(rule, other, titles.get(other.venue_code))
            for rule in _rules_for(rules, kind)
            for other in standing[entry.item_id]
            if other.venue_code != code
            and other.kind in rule.against
            and other.status in _STANDING[rule.standing]
            and not (is_settled and is_settled(kind, other))
        ]
        if found:
            refused[entry.pk] = found
        else:
            own = _Standing(entry.pk, kind, code, becoming, waits=True)
            standing[entry.item_id].append(own)
    return refused


def _rules_for(rules, kind):
    return [rule for rule in rules if kind in rule.venue_kinds]


def _standing(version, entries, venues, kinds, approved, unreleased):
    """What stands of the entries' items in venues of these kinds, by item."""
    places = [pk for pk, (kind, _code) in venues.items() if kind in kinds]
    rows = Entry.objects.filter(
        campaign=version.campaign_id,
        item__in={entry.item_id for entry in entries},
        venue__in=places,
        status__in=PENDING | LIVE,
    ).order_by("id")
    columns = ["id", "item", "venue", "status", "revision"]
    if unreleased:
        columns += ["decision__verdict", "decision__revision"]
    found = defaultdict(list)
    for pk, item, venue, status, revision, *decided in rows.values_list(*columns):
        waits = status in PENDING
        if pk in approved or decided == [Decision.Verdict.APPROVE, revision]:
            status = Entry.Status.APPROVED.value
        found[item].append(_Standing(pk, *venues[venue], status, waits))
    return found


def _refusal(rule, other, venue_title):
    params = {
        "conflict": rule.code,
        "entry": other.entry_id,
        "venue": other.venue_code,
        "status": other.status,
    }
    titles = {"title": rule.title, "venue_title": venue_title}
    return Refusal("conflict", params | {name: text for name, text in titles.items() if text})
