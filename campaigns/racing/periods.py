"""When boards begin and end, and which are due (D12-125..135; G520-047..051).

A period is half-open. Hours are full hours from the segment's start on; days are local days. A
board is due when its period begins: what it sums is over by then.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max

from campaigns.measures import HOUR
from campaigns.models import (
    Board,
    Campaign,
    Milestone,
    Race,
    RaceSegment,
    RulebookVersion,
    VenueTerms,
)
from campaigns.published import rows_of
from campaigns.timeline import Window
from sellers.localtime import local_date, local_midnight

# A venue whose places are given by hand takes part in no race (D12-054).
FIXED = "fixed"


@dataclass(frozen=True)
class Due:
    """A board to be made: whose rulebook, which race, segment and venue, and its period."""

    version: RulebookVersion
    race: Race
    segment: RaceSegment
    terms: VenueTerms
    starts_at: datetime
    ends_at: datetime


def spans_of(version: RulebookVersion) -> dict[str, Window]:
    """The version's milestones by code."""
    return {
        row.code: Window(row.code, row.starts_at, row.ends_at)
        for row in rows_of(version, Milestone)
    }


def periods(segment: RaceSegment, span: Window) -> Iterator[tuple[datetime, datetime]]:
    """The segment's periods within its milestone, in order. The last one ends with it."""
    starts_at = span.starts_at
    while starts_at < span.ends_at:
        ends_at = min(_next(segment, starts_at, span), span.ends_at)
        yield starts_at, ends_at
        starts_at = ends_at


def period_at(segment: RaceSegment, span: Window, at: datetime) -> tuple[datetime, datetime] | None:
    """The segment's period that holds at the instant, if one does."""
    if at not in span:
        return None
    return next(found for found in periods(segment, span) if at < found[1])


def races_of(version: RulebookVersion) -> list[tuple[Race, list[RaceSegment]]]:
    """The version's races with their segments, in rulebook order."""
    segments = rows_of(version, RaceSegment)
    return [
        (race, [row for row in segments if row.race == race.code])
        for race in rows_of(version, Race)
    ]


def venues_of(version: RulebookVersion, race: Race) -> list[VenueTerms]:
    """The venues whose places the race fills; those with fixed places are left as they are."""
    return [
        terms
        for terms in rows_of(version, VenueTerms)
        if (terms.code in race.venue_codes or terms.kind in race.venue_kinds)
        and terms.placement_mode != FIXED
    ]


def due_boards(campaign: Campaign, at: datetime) -> list[Due]:
    """The boards whose period has begun by ``at`` and that are not made, in order of time.

    Those of the past are among them, each by the rulebook that was in force when its period began;
    one after the other, so a pause of the clock leaves no gap. Two queries.
    """
    last = _last_made(campaign)
    found = []
    for version, since, until in in_force(campaign, at):
        spans = spans_of(version)
        for race, segments in races_of(version):
            for segment in segments:
                span = spans[segment.during]
                begun = [
                    period
                    for period in periods(segment, span)
                    if since <= period[0] < until and period[0] <= at
                ]
                for terms in venues_of(version, race) if begun else ():
                    done = last.get((terms.venue_id, race.code, segment.code))
                    found += [
                        Due(version, race, segment, terms, *period)
                        for period in begun
                        if done is None or period[0] > done
                    ]
    return sorted(found, key=lambda due: (due.starts_at, due.race.position, due.terms.position))


def _next(segment, starts_at, span):
    if segment.every == RaceSegment.Every.ONCE:
        return span.ends_at
    if segment.every == RaceSegment.Every.HOUR:
        return starts_at + HOUR
    return local_midnight(local_date(starts_at) + timedelta(days=1))


def in_force(
    campaign: Campaign, at: datetime
) -> Iterator[tuple[RulebookVersion, datetime, datetime]]:
    """(version, in force from, until before) of every published version that has begun."""
    versions = list(
        campaign.versions.filter(
            state=RulebookVersion.State.PUBLISHED, effective_at__lte=at
        ).order_by("effective_at", "number")
    )
    for version, following in zip(versions, [*versions[1:], None], strict=True):
        version.campaign = campaign
        # A version for a past that was never in force says when boards begin.
        until = following.effective_at if following else at + timedelta(microseconds=1)
        yield version, version.effective_at, until


def _last_made(campaign):
    """When the last board began of each venue, race and segment. They are made in order, so that
    none before is missing."""
    made = Board.objects.filter(campaign=campaign, state=Board.State.MADE).order_by()
    rows = made.values_list("venue", "race_code", "segment_code").annotate(Max("starts_at"))
    return {tuple(key): latest for *key, latest in rows}
