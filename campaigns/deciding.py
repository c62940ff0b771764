"""Decisions made and not released yet (D12-048).

In a venue that publishes its results together a pending entry keeps its status when it is decided;
the decision stands beside it, with the claims that are taken at a decision. It counts for the
revision that was decided on: a move or an edit of the entry ends it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction

from campaigns import claims
from campaigns.claims import ScopeBook
from campaigns.lifecycle import HOLDS_CLAIM
from campaigns.models import Decision, Entry, ReasonTemplate, RulebookVersion, VenueTerms
from campaigns.published import rows_of
from campaigns.timeline import Refusal

_DECIDED = ["venue", "verdict", "revision", "template", "note", "decided_at", "decided_by"]


def together(version: RulebookVersion, at: datetime) -> set[int]:
    """The venues (ids) whose decisions wait for a release at the instant.

    Once the results were due, what is decided late is told at once.
    """
    return {
        terms.venue_id
        for terms in rows_of(version, VenueTerms)
        if terms.release == VenueTerms.Release.TOGETHER
        and (terms.results_due is None or at < terms.results_due)
    }


def keep(
    entries: Iterable[Entry],
    *,
    verdict: str,
    at: datetime,
    actor,
    template: ReasonTemplate | None = None,
    note: str = "",
) -> None:
    """Put a decision beside each of these entries, in place of an earlier one.

    Call it with the entries locked, and their claims taken or given up.
    """
    Decision.objects.bulk_create(
        [
            Decision(
                entry=entry,
                venue_id=entry.venue_id,
                verdict=verdict,
                revision=entry.revision,
                template=template,
                note=note,
                decided_at=at,
                decided_by=actor,
            )
            for entry in entries
        ],
        update_conflicts=True,
        unique_fields=["entry"],
        update_fields=_DECIDED,
    )


def give_up_claims(entries: Iterable[int], version: RulebookVersion) -> None:
    """Give up what pending entries (ids) hold only because they were decided."""
    claims.give_up(entries, scopes=ScopeBook(version).decided, holding=HOLDS_CLAIM)


def drop(entries: Iterable[int], version: RulebookVersion) -> int:
    """End the decisions on these entries (ids), claims included; returns how many there were."""
    ids = list(entries)
    with transaction.atomic():
        dropped, _by_model = Decision.objects.filter(entry__in=ids).delete()
        if dropped:
            give_up_claims(ids, version)
    return dropped


def without_secrets(refused: Mapping[int, list[Refusal]]) -> dict[int, list[Refusal]]:
    """The refusals without those that name an entry whose decision is not released: findings are
    read by sellers."""
    named = {row.params.get("entry") for rows in refused.values() for row in rows}
    named.discard(None)
    if not named:
        return dict(refused)
    secret = set(Decision.objects.filter(entry__in=named).values_list("entry_id", flat=True))
    return {
        pk: [row for row in rows if row.params.get("entry") not in secret]
        for pk, rows in refused.items()
    }
