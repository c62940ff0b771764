"""In which races a seller takes part, or would but for what its entries lack (D12-142)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BooleanField, Case, Value, When
from django.utils.translation import get_language

from campaigns.eligibility import sql
from campaigns.eligibility.conditions import All, comparisons, parse
from campaigns.eligibility.expressions import expression
from campaigns.eligibility.sentences import describe, localised
from campaigns.eligibility.values import BLOCK, Asking
from campaigns.lifecycle import BADGED
from campaigns.models import (
    BonusGrant,
    Entry,
    Race,
    RaceSegment,
    RulebookVersion,
    VenueTerms,
)
from campaigns.published import rows_of
from campaigns.racing.candidates import sources_of
from campaigns.racing.periods import filled_by, period_at, races_of, spans_of
from campaigns.slots import open_invitations
from campaigns.timeline import Window
from sellers.models import Seller


@dataclass(frozen=True)
class Lack:
    """A condition of a race that none of the seller's entries meets: what it asks in a sentence,
    and what the rulebook says helps, with an address ("" where it says nothing)."""

    sentence: str
    remedy: str = ""
    link: str = ""


@dataclass(frozen=True)
class Entrant:
    """A seller in a race for a venue's places. ``is_candidate``: the next board has it, as things
    stand; else it was one, or would be but for what it ``lacks``."""

    race: Race
    terms: VenueTerms
    next_at: datetime | None
    is_candidate: bool
    lacks: tuple[Lack, ...] = ()

    @property
    def pair(self) -> tuple[str, int]:
        """The race's code and the venue's id."""
        return self.race.code, self.terms.venue_id


def entrants(version: RulebookVersion, seller: Seller, at: datetime) -> list[Entrant]:
    """The races for which the seller has, or once had, approved entries, in rulebook order; those
    for the enrolled or invited only where it is. A constant number of queries."""
    races = races_of(version)
    if not races:
        return []
    asking = Asking(version, at)
    asked = _Asked(asking, [race for race, _segments in races])
    entries = _entries(version.campaign_id, seller, asked)
    joined = _enrolled(version, races, seller, at), _invited(version, races, seller, at)
    every, spans = rows_of(version, VenueTerms), spans_of(version)
    found = []
    for race, segments in races:
        next_at = next_board(segments, spans, at)
        for terms in filled_by(race, every):
            sources = {one.venue_id for one in sources_of(race, terms, every)}
            rows = [row for row in entries if row[0] in sources]
            if not rows or not _is_asked(race, terms, *joined):
                continue
            live = [bits for _venue, is_live, *bits in rows if is_live]
            lacking = asked.lacking(race, live) if live and next_at else ()
            lacks = tuple(asked.lacks(lacking))
            is_candidate = bool(live) and not lacking
            found.append(Entrant(race, terms, next_at, is_candidate, lacks))
    return found


def next_board(
    segments: Iterable[RaceSegment], spans: Mapping[str, Window], at: datetime
) -> datetime | None:
    """When the next board of a race's segments begins after the instant; None after the last."""
    starts = []
    for segment in segments:
        span = spans[segment.during]
        if at < span.starts_at:
            starts.append(span.starts_at)
        elif (period := period_at(segment, span, at)) and period[1] < span.ends_at:
            starts.append(period[1])
    return min(starts, default=None)


class _Asked:
    """The parts of the races' conditions, each asked once."""

    def __init__(self, asking, races):
        self.asking, self.language = asking, get_language() or "en"
        self.nodes, self.places = [], {}
        for race in races:
            if race.where is not None:
                tree = parse(race.where, asking.vocabulary, "where")
                parts = tree.parts if isinstance(tree, All) else (tree,)
                self.places[race.code] = [self._place(part) for part in parts]

    def masks(self, frame):
        """Expressions of integers, whose bits say which parts are true of an entry."""
        tests = [sql.is_true(expression(node, frame)) for node in self.nodes]
        return [sql.mask(tests[n : n + BLOCK]) for n in range(0, len(tests), BLOCK)]

    def lacking(self, race, masks):
        """The parts that the best of these entries (their masks) does not meet; empty if one meets
        all."""
        parts = self.places.get(race.code, ())
        missing = [
            [place for place in parts if not row[place // BLOCK] & 1 << place % BLOCK]
            for row in masks
        ]
        return min(missing, key=len)

    def lacks(self, places) -> Iterator[Lack]:
        """Parts in words."""
        remedies = self.asking.version.settings.get("campaign", {}).get("remedies", ())
        known = {row["metric"]: row for row in remedies}
        for place in places:
            node = self.nodes[place]
            codes = [leaf.metric.code for leaf in comparisons(node)]
            row = next((known[code] for code in codes if code in known), {})
            yield Lack(
                sentence=describe(node, self.language),
                remedy=localised(row.get("text"), self.language),
                link=row.get("link", ""),
            )

    def _place(self, node):
        if node not in self.nodes:
            self.nodes.append(node)
        return self.nodes.index(node)


def _entries(campaign_id, seller, asked):
    """(venue, whether it is approved now, masks) of the seller's approved entries, each once."""
    frame = asked.asking.frame("entry")
    masks = {f"race_mask{n}": mask for n, mask in enumerate(asked.masks(frame))}
    live = Case(
        When(status__in=sorted(BADGED), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    rows = Entry.objects.filter(campaign=campaign_id, seller=seller, approved_at__isnull=False)
    rows = rows.order_by().annotate(**frame.aliases).annotate(race_live=live, **masks)
    return list(rows.values_list("venue", "race_live", *masks).distinct())


def _enrolled(version, races, seller, at):
    """The bonuses that the seller has enrolled for."""
    if not any(race.enrolled_in for race, _segments in races):
        return set()
    grants = BonusGrant.objects.filter(
        registration__campaign=version.campaign_id,
        registration__seller=seller,
        enrolled_at__lte=at,
        refused_at__isnull=True,
    )
    return set(grants.values_list("bonus_code", flat=True))


def _invited(version, races, seller, at):
    """The venues (ids) to which the seller has an open invitation."""
    if not any(race.invited for race, _segments in races):
        return set()
    rows = open_invitations(at).filter(campaign=version.campaign_id, seller=seller)
    return set(rows.values_list("venue", flat=True))


def _is_asked(race, terms, enrolled, invited):
    if not race.enrolled_in and not race.invited:
        return True
    return race.enrolled_in in enrolled or (race.invited and terms.venue_id in invited)
