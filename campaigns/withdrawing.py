"""Sellers taking entries or their whole registration back."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from campaigns import holdings, timeline
from campaigns.lifecycle import (
    HOLDS_PLACE,
    LARGEST_BATCH,
    LIVE,
    transition,
    transition_registrations,
)
from campaigns.models import Campaign, Entry, Move, Registration, VenueTerms
from campaigns.rulebooks.versions import version_in_force
from campaigns.timeline import Refusal


def withdraw_entry(
    *, entry: Entry, at: datetime, actor, cause: str = Move.Cause.SELLER
) -> Refusal | None:
    """Withdraw one entry; None when it is withdrawn, else why not."""
    return withdraw_entries(entries=[entry.pk], at=at, actor=actor, cause=cause).get(entry.pk)


def withdraw_entries(
    *, entries: Iterable[int], at: datetime, actor, cause: str = Move.Cause.SELLER
) -> dict[int, Refusal]:
    """Withdraw pending and live entries (ids); returns those that were not, and why.

    A seller withdraws live ones only where the venue's terms in force allow it
    (``not_cancellable``). Others: ``already_ended``, or ``changed`` when an entry moved meanwhile.
    """
    ids = list(dict.fromkeys(entries))
    refused = {}
    for start in range(0, len(ids), LARGEST_BATCH):
        chunk = ids[start : start + LARGEST_BATCH]
        with transaction.atomic():
            # As an approval does: of the two, one comes first.
            holdings.lock_registrations(
                Entry.objects.filter(id__in=chunk).values_list("registration", flat=True)
            )
            refused |= _withdraw(chunk, at=at, actor=actor, cause=cause)
    return refused


def withdraw_registration(
    *, registration: Registration, at: datetime, actor, cause: str = Move.Cause.SELLER
) -> Refusal | None:
    """End a seller's registration; its pending and live entries become void (G520-062).

    None when it is ended, else why not: ``not_registered``, ``not_cancellable`` for a seller who
    has live entries in a venue that does not let them go, or ``changed``.
    """
    ended = (
        Registration.Status.WITHDRAWN if cause == Move.Cause.SELLER else (Registration.Status.VOID)
    )
    with transaction.atomic():
        holdings.lock_registrations([registration.pk])
        current = Registration.objects.select_related("campaign").get(pk=registration.pk)
        if current.status != Registration.Status.JOINED:
            return Refusal("not_registered", {"registration": current.status})
        if cause == Move.Cause.SELLER:
            kept = kept_venues({current.campaign}, at)
            bound = Entry.objects.filter(registration=current, status__in=LIVE, venue__in=kept)
            if venue := bound.order_by("id").values_list("venue__code", flat=True).first():
                return Refusal("not_cancellable", {"venue": venue})
        moved = transition_registrations(
            registrations={current.pk: registration.revision},
            from_status=Registration.Status.JOINED,
            to_status=ended,
            cause=cause,
            at=at,
            actor=actor,
        )
    return None if moved else Refusal("changed", {})


def closing_soon(campaigns: Iterable[Campaign], at: datetime) -> dict[int, datetime]:
    """The venues (ids) in which filing ends so soon that withdrawing is warned of, and when it
    does: an item that is withdrawn may not be filed again in time (D12-113).

    From ``withdrawal_warning_hours`` before the end of the venue's last window until that end.
    """
    found = {}
    for campaign in campaigns:
        version = version_in_force(campaign, at)
        if version is None:
            continue
        warned = version.venueterms_set.filter(withdrawal_warning_hours__isnull=False)
        hours = dict(warned.values_list("venue_id", "withdrawal_warning_hours"))
        ends = timeline.filing_ends(version) if hours else {}
        found |= {
            venue_id: ends[venue_id]
            for venue_id, before in hours.items()
            if venue_id in ends and ends[venue_id] - timedelta(hours=before) <= at < ends[venue_id]
        }
    return found


def _withdraw(ids, *, at, actor, cause):
    rows = list(Entry.objects.filter(id__in=ids).select_related("campaign", "venue"))
    kept = set()
    if cause == Move.Cause.SELLER:
        kept = kept_venues({row.campaign for row in rows}, at)
    refused = {pk: Refusal("unknown_entry", {}) for pk in set(ids) - {row.pk for row in rows}}
    groups = defaultdict(dict)
    for row in rows:
        if row.status not in HOLDS_PLACE:
            refused[row.pk] = Refusal("already_ended", {"status": row.status})
        elif row.status in LIVE and row.venue_id in kept:
            refused[row.pk] = Refusal("not_cancellable", {"venue": row.venue.code})
        else:
            groups[row.status][row.pk] = row.revision
    for status, seen in sorted(groups.items()):
        moved = transition(
            entries=seen,
            from_status=status,
            to_status=Entry.Status.WITHDRAWN,
            cause=cause,
            at=at,
            actor=actor,
        )
        refused |= {pk: Refusal("changed", {}) for pk in seen.keys() - moved}
    return refused


def kept_venues(campaigns: Iterable[Campaign], at: datetime) -> set[int]:
    """Ids of the venues that do not let approved entries go, by the rulebooks in force."""
    versions = [version_in_force(campaign, at) for campaign in campaigns]
    terms = VenueTerms.objects.filter(
        version__in=[version for version in versions if version],
        cancellable_after_approval=False,
    )
    return set(terms.values_list("venue_id", flat=True))
