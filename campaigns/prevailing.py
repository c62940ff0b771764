"""Entries that give way to another of the same item or shop (D12-042, 044).

When one is approved, those that wait for the same in the scope's kinds of venues are superseded,
and so is the live one whose claim it took. Nothing happens at a decision that is not released yet.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import connection

from campaigns.claims import SELLER, ScopeBook
from campaigns.evidence import save_refusals
from campaigns.lifecycle import HOLDS_PLACE, LARGEST_BATCH, PENDING, transition
from campaigns.models import Claim, ClaimScope, Entry, Finding, Move, RulebookVersion, VenueTerms
from campaigns.published import rows_of
from campaigns.timeline import Refusal

SUPERSEDED_BY = "superseded_by"
STAGE = "takeover"


def prevail(
    approved: Iterable[Entry],
    *,
    scopes: ScopeBook,
    version: RulebookVersion,
    at: datetime,
    actor,
    notice_key: str = "",
) -> int:
    """Supersede what gives way to entries just approved; returns how many entries did.

    Call it in the transaction that approves, under ``lock_registrations``. A handful of queries
    for each claim scope, however many entries.
    """
    winners = list(approved)
    rows = [row for row in scopes.scopes if row.first_prevails or row.takeovers]
    if not rows or not winners:
        return 0
    mine = Claim.objects.filter(entry__in=[row.pk for row in winners], displaced__isnull=False)
    losers = dict(mine.values_list("displaced", "entry"))
    for row in rows:
        losers |= _waiting(row, winners, scopes)
    moved = supersede(losers, version=version, at=at, actor=actor, notice_key=notice_key)
    if losers:
        mine.update(displaced=None)
    return moved


def supersede(
    losers: Mapping[int, int],
    *,
    version: RulebookVersion,
    at: datetime,
    actor,
    notice_key: str = "",
) -> int:
    """Supersede the pending and live ones of ``losers``, each by the entry it maps to (ids).

    The finding names the winner, so that the seller's notice does. Returns how many moved.
    """
    titles = {row.venue_id: row.title for row in rows_of(version, VenueTerms)}
    named = {
        pk: {"entry": pk, "venue": code, "venue_title": titles.get(venue) or {}}
        for pk, venue, code in Entry.objects.filter(id__in=set(losers.values())).values_list(
            "id", "venue", "venue__code"
        )
    }
    ids, moved = sorted(losers), 0
    for start in range(0, len(ids), LARGEST_BATCH):
        rows = Entry.objects.filter(
            id__in=ids[start : start + LARGEST_BATCH], status__in=HOLDS_PLACE
        ).order_by("id")
        if connection.features.has_select_for_update:
            rows = rows.select_for_update(no_key=True)
        groups = defaultdict(dict)
        for pk, status, revision in rows.values_list("id", "status", "revision"):
            groups[status][pk] = revision
        ended = set()
        for status, seen in sorted(groups.items()):
            ended |= transition(
                entries=seen,
                from_status=status,
                to_status=Entry.Status.SUPERSEDED,
                cause=Move.Cause.TAKEOVER,
                at=at,
                actor=actor,
                reason=SUPERSEDED_BY,
                notice_key=notice_key,
            )
        save_refusals(
            [({"entry": pk}, _by(losers[pk], named)) for pk in sorted(ended)],
            version=version,
            at=at,
            stage=STAGE,
        )
        moved += len(ended)
    return moved


def winners_over(entries: Iterable[int]) -> dict[int, Refusal]:
    """For those of the entries (ids) that were superseded, a refusal that names the holder."""
    found = Finding.objects.filter(entry__in=list(entries), code=SUPERSEDED_BY).order_by("id")
    return {
        pk: Refusal("already_claimed", {**params, "status": Entry.Status.APPROVED.value})
        for pk, params in found.values_list("entry", "params")
    }


def _by(winner, named):
    params = named.get(winner, {"entry": winner, "venue": ""})
    return Refusal(SUPERSEDED_BY, {name: value for name, value in params.items() if value != {}})


def _waiting(row: ClaimScope, winners, scopes):
    """Pending entries that give way to a winner within a scope, each with it (ids)."""
    subject = "seller_id" if row.subject_kind == SELLER else "item_id"
    competing = set(row.venue_kinds) or set(scopes.kinds.values())
    by_kind = defaultdict(dict)
    for entry in winners:
        kind = scopes.kinds.get(entry.venue_id)
        if kind in competing:
            by_kind[kind][getattr(entry, subject)] = entry.pk
    found = {}
    for kind, holders in sorted(by_kind.items()):
        yielding = {old for new, old in row.takeovers if new == kind}
        if row.first_prevails:
            # Not those that would take over from the winner when they are approved in their turn.
            yielding |= {other for other in competing if [other, kind] not in row.takeovers}
        pending = Entry.objects.filter(
            campaign=scopes.campaign_id,
            status__in=PENDING,
            venue__in=[pk for pk, other in scopes.kinds.items() if other in yielding],
            **{f"{subject}__in": list(holders)},
        ).exclude(id__in=list(holders.values()))
        for pk, owner in pending.values_list("id", subject):
            found[pk] = holders[owner]
    return found
