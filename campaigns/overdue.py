"""Entries that still wait although their venue's results were due (D12-048)."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery

from campaigns.lifecycle import PENDING
from campaigns.models import Entry, RulebookVersion, VenueTerms


def terms_in_force(at: datetime) -> QuerySet[VenueTerms]:
    """What the rulebooks in force at the instant say of their venues, of every campaign."""
    in_force = RulebookVersion.objects.filter(
        campaign=OuterRef("version__campaign"),
        state=RulebookVersion.State.PUBLISHED,
        effective_at__lte=at,
    ).order_by("-effective_at", "-number")
    return VenueTerms.objects.filter(version=Subquery(in_force.values("pk")[:1]))


def overdue_venues(at: datetime) -> QuerySet[VenueTerms]:
    """Ids of the venues, of every campaign, whose results were due by the instant."""
    return terms_in_force(at).filter(results_due__lte=at).values("venue")


def overdue(entries: QuerySet[Entry], at: datetime) -> QuerySet[Entry]:
    """Those of the entries that wait for a decision or its release although results were due."""
    return entries.filter(status__in=PENDING, venue__in=overdue_venues(at))


def count_by_venue(venues: Iterable[int], at: datetime) -> dict[int, int]:
    """How many entries of each of these venues (ids) are overdue; one query, none left out."""
    ids = list(venues)
    rows = overdue(Entry.objects.filter(venue__in=ids), at).order_by().values_list("venue")
    return dict.fromkeys(ids, 0) | dict(rows.annotate(number=Count("id")))
