"""Who takes part in a race: sellers or items with an approved entry where the race says."""

from collections.abc import Iterable

from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Exists,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from campaigns.eligibility import sql
from campaigns.eligibility.values import Asking
from campaigns.lifecycle import BADGED
from campaigns.measures import Input
from campaigns.models import BonusGrant, Entry, Race, RaceSegment, VenueTerms
from campaigns.published import rows_of
from campaigns.racing.periods import Due
from campaigns.slots import INVITATION, REVERSE
from sellers.metrics.registry import MetricType

# PostgreSQL takes a bare NULL for a text.
NOTHING = Cast(Value(None), BigIntegerField())


def entries_of(due: Due, asking: Asking, at) -> QuerySet[Entry]:
    """The approved entries by which candidates take part, as they stand now; nothing of bans or
    the like need be asked, for these end entries at once. In no order."""
    race = due.race
    venues = [terms.venue_id for terms in candidate_venues(due)]
    entries = Entry.objects.filter(
        campaign=due.version.campaign_id, venue__in=venues, status__in=sorted(BADGED)
    )
    condition = Q()
    if race.enrolled_in:
        condition |= Q(
            Exists(
                BonusGrant.objects.filter(
                    registration=OuterRef("registration"),
                    bonus_code=race.enrolled_in,
                    enrolled_at__lte=at,
                    refused_at__isnull=True,
                )
            )
        )
    if race.invited:
        condition |= Q(venue=due.terms.venue_id, slot_source__in=[INVITATION, REVERSE])
    return entries.filter(condition)


def candidate_venues(due: Due) -> list[VenueTerms]:
    """The venues in which candidates must be approved."""
    return sources_of(due.race, due.terms, rows_of(due.version, VenueTerms))


def sources_of(race: Race, own: VenueTerms, every: Iterable[VenueTerms]) -> list[VenueTerms]:
    """Those of a version's venues by whose entries a race for one's places (``own``) is run. Where
    nothing can be filed in one that feeds another, those that feed it stand for it (D12-137)."""
    found = {own.code: own} if race.candidates != Race.Candidates.FEEDING else {}
    if race.candidates != Race.Candidates.OWN:
        seen, waiting = {own.code}, [own]
        while waiting:
            fed = waiting.pop()
            for terms in every:
                feeds = terms.code in fed.feeds_from or terms.kind in fed.feeds_from_kinds
                if not feeds or terms.code in seen:
                    continue
                seen.add(terms.code)
                if terms.takes_registrations:
                    found[terms.code] = terms
                else:
                    waiting.append(terms)
    return list(found.values())


def group_path(race: Race, vocabulary) -> str:
    """Where an entry has the value of the race's groups; "" for one ranking of all."""
    if not race.group_by:
        return ""
    metric = vocabulary.metric(race.group_by)
    path = f"{metric.subject}__{metric.path}"
    return f"{path}__code" if metric.type == MetricType.CATEGORY else path


def group_of(path: str):
    """An expression for a row's group; what has none is in the group ""."""
    empty = Value("", output_field=CharField())
    return Coalesce(F(path), empty, output_field=CharField()) if path else empty


def candidates(
    entries: QuerySet[Entry], due: Due, asking: Asking, own_figures: list[Input]
) -> QuerySet[Entry]:
    """One row a candidate and group: group, seller, item or null, entry, when it was filed, and the
    figures that are its own."""
    race, segment = due.race, due.segment
    path = group_path(race, asking.vocabulary)
    frame = asking.frame("entry")
    figures = {f"figure_{n}": figure_of(each, frame) for n, each in enumerate(own_figures)}
    rows = asking.where(entries, race.where, frame).annotate(**frame.aliases)
    rows = within_groups(rows.annotate(race_group=group_of(path)), segment)
    is_item = race.unit == Race.Unit.ITEM
    if is_item and len(candidate_venues(due)) == 1:
        # A venue's claim leaves an item one entry there: nothing to gather.
        rows = rows.order_by().annotate(**figures)
        return rows.values_list("race_group", "seller", "item", "pk", "submitted_at", *figures)
    figures = {name: Max(value) for name, value in figures.items()}
    keys = ["race_group", "seller", *(["item"] if is_item else [])]
    rows = (
        rows.order_by()
        .values(*keys)
        .annotate(
            race_item=F("item") if is_item else Max(NOTHING),
            race_entry=Min("pk"),
            race_filed=Min("submitted_at"),
            **figures,
        )
    )
    chosen = ["race_group", "seller", "race_item", "race_entry", "race_filed", *figures]
    return rows.values_list(*chosen)


def within_groups(rows: QuerySet, segment: RaceSegment) -> QuerySet:
    """The rows (with ``race_group``) of the groups that the segment is for (G520-051)."""
    if segment.only_groups:
        rows = rows.filter(race_group__in=segment.only_groups)
    if segment.except_groups:
        rows = rows.exclude(race_group__in=segment.except_groups)
    return rows


def figure_of(each: Input, frame):
    """An expression over entries for the integer of an input that is read from its subject."""
    metric = each.metric
    if metric is None:
        return Value(0, output_field=BigIntegerField())
    column = frame.column(metric, metric.denominator if each.is_denominator else None)
    if metric.type == MetricType.BOOLEAN:
        yes, no = sql.integer(1), sql.integer(0)
        when = [When(sql.is_true(column), then=yes), When(sql.is_false(column), then=no)]
        return Case(*when, default=None, output_field=BigIntegerField())
    return sql.raw(column)
