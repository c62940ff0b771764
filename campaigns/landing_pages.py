"""Landing pages that shops get with their first approved entry (D12-039, 069)."""

from datetime import datetime
from functools import cache

from django.db.models import BigIntegerField, DateTimeField, OuterRef, Subquery

from campaigns.models import Entry, Move, Promotion, RulebookVersion, ShopTool, VenueTerms
from sellers.bulk_write import Given, Prepared, insert_from_query


def make(*, batch: Move, at: datetime) -> int:
    """Give the registrations of what ``batch`` approved the landing pages that they lack; returns
    how many. Each shows the campaign's template until its shop decorates it.

    The rulebook in force says which pages there are, and for which kinds of venues. One query
    where it has none. Call it in the transaction of the move.
    """
    approved = Entry.objects.filter(move=batch)
    made = 0
    # A rulebook has a page or two.
    for page in _pages(batch, at):
        entries = approved.filter(campaign=page.version.campaign_id)
        if page.venue_kinds:
            venues = VenueTerms.objects.filter(version=page.version, kind__in=page.venue_kinds)
            entries = entries.filter(venue__in=venues.values("venue"))
        made += insert_from_query(
            entries.order_by("registration").distinct().values_list("registration"),
            ShopTool,
            ["registration"],
            {"code": page.code, "set_at": at, "terms": {}},
            # A page that stands is not made again.
            ignore_conflicts=True,
            at_once=True,
        )
    return made


def _pages(batch, at):
    """The pages of the rulebooks in force of the entries' campaigns; one query where none is."""
    found = [pk for (pk,) in _in_force().rows(move=batch.pk, at=at)]
    if not found:
        return []
    pages = Promotion.objects.filter(pk__in=found).select_related("version")
    return list(pages.order_by("version", "position", "id"))


@cache
def _in_force():
    """Ids of the pages of the rulebooks that are in force where a move's entries are."""
    published = RulebookVersion.objects.filter(
        campaign=OuterRef("version__campaign"),
        state=RulebookVersion.State.PUBLISHED,
        effective_at__lte=Given("at", DateTimeField()),
    ).order_by("-effective_at", "-number")
    entries = Entry.objects.filter(move=Given("move", BigIntegerField())).order_by()
    pages = Promotion.objects.filter(
        kind=Promotion.Kind.PAGE,
        version__campaign__in=entries.values("campaign"),
        version=Subquery(published.values("pk")[:1]),
    )
    return Prepared(pages.order_by().values_list("pk"))
