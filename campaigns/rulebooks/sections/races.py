"""``races``, ``race_segments`` and ``incentives``: who wins places by rank, and by what figures."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from campaigns.models import MOST_INPUTS, MOST_MEASURES, Incentive, Race, RaceSegment
from campaigns.rulebooks.fields import Choice, Code, Condition, Flag, Plain, Whole
from campaigns.rulebooks.measure_fields import Facts, Measures
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import Section, row_fields
from campaigns.rulebooks.sections.venues import CODES, unknown_kinds, unknown_milestones
from sellers.metrics.statistics import SOURCES

HOURLY, DAILY = "previous_hour", "previous_day"
# Forms of ``facts`` that name a milestone.
MILESTONE_FORMS = ("milestone", "before", "since")
SUM, METRIC, RATIO = "sum", "metric", "ratio"
# How equal ones are told apart; the id comes last in any case.
TIES = ("filed", "id")


def _mapping(properties, required):
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


_FACTS = {
    "description": gettext_noop(
        "previous_hour, previous_day, {milestone: code}, {before: code} or {since: code}"
    ),
    "anyOf": [
        {"enum": [HOURLY, DAILY]},
        *(_mapping({form: {"type": "string"}}, [form]) for form in MILESTONE_FORMS),
    ],
}
_ORDER = {
    "order": {"enum": ["desc", "asc"]},
    "weight": {"type": "number", "minimum": 0, "maximum": 1000},
    "percentile": {"type": "boolean"},
    "title": {"$ref": "#/$defs/texts"},
    "ref": {"type": "string"},
    "example": {"type": "boolean"},
}
_OF = {SUM: {"$ref": "#/$defs/column"}, "of": {"enum": ["seller", "item"]}, "facts": _FACTS}
_SUM_PART = _mapping(_OF, [SUM, "of"])
_METRIC_PART = _mapping({METRIC: {"$ref": "#/$defs/metric"}}, [METRIC])
DEFINITIONS = {
    "measure": {
        "description": gettext_noop(
            "{sum: field, of: seller or item}, {metric: code}, or {ratio: [two such]}"
        ),
        "anyOf": [
            _mapping({**_OF, **_ORDER}, [SUM, "of"]),
            _mapping({METRIC: {"$ref": "#/$defs/metric"}, **_ORDER}, [METRIC]),
            _mapping(
                {
                    RATIO: {
                        "type": "array",
                        "items": {"anyOf": [_SUM_PART, _METRIC_PART]},
                        "minItems": 2,
                        "maxItems": 2,
                    },
                    **_ORDER,
                },
                [RATIO],
            ),
        ],
    }
}


def inputs_of(measure: dict) -> list[dict]:
    """The figures that a measure is made of: itself, or the two of a ratio."""
    return measure.get(RATIO) or [measure]


@dataclass(frozen=True, kw_only=True)
class RaceSection(Section):
    """Races name venues, floors, bonuses and a metric."""

    def problems(self, rows, names):
        floors = {row["code"]: row["venue_code"] for row in names.rows["floors"]}
        venues = {row["code"]: row for row in names.rows["venues"]}
        for i, row in enumerate(rows):
            path = (self.key, i)
            for j, code in enumerate(row["venue_codes"]):
                yield from names.unknown(_("venue"), code, venues, (*path, "venues", j))
            yield from unknown_kinds(row, "venue_kinds", names, path)
            if not row["venue_codes"] and not row["venue_kinds"]:
                yield Problem(path, _("expected venues or venue_kinds: whose places it is for"))
            if row["floor_code"]:
                yield from self._floor(row, floors, venues, (*path, "floor"), names)
            if row["enrolled_in"]:
                known, below = names.codes["bonuses"], (*path, "enrolled_in")
                yield from names.unknown(_("bonus"), row["enrolled_in"], known, below)
            if row["group_by"]:
                known, below = names.metrics, (*path, "group_by")
                yield from names.unknown(_("metric"), row["group_by"], known, below)
            if row["where"] is not None:
                yield from names.in_tree(row["where"], (*path, "where"))
            for code in row["ties"]:
                if row["ties"].count(code) > 1:
                    yield Problem((*path, "ties"), _("“%(code)s” is here twice") % {"code": code})
                    break

    def _floor(self, row, floors, venues, path, names):
        """A floor is of one venue; for kinds of venues it is the end of its floors' codes."""
        ours = [
            code
            for code, venue in venues.items()
            if code in row["venue_codes"] or venue["kind"] in row["venue_kinds"]
        ]
        if not any(floor_of(row["floor_code"], venue, floors) for venue in ours):
            known = [code for code, venue in floors.items() if venue in ours]
            yield from names.unknown(_("floor"), row["floor_code"], known, path)


def floor_of(floor: str, venue: str, floors: dict[str, str]) -> str:
    """The code of a venue's floor (``floors``: venue by floor code): that of the race itself, or
    the one called VENUE_FLOOR, so that a race of many venues can name the floors of all; or ""."""
    return next((code for code in (floor, f"{venue}_{floor}") if floors.get(code) == venue), "")


@dataclass(frozen=True, kw_only=True)
class SegmentSection(Section):
    """Segments belong to races and look at milestones."""

    def problems(self, rows, names):
        races = {row["code"]: row for row in names.rows["races"]}
        for i, row in enumerate(rows):
            path = (self.key, i)
            yield from names.unknown(_("race"), row["race"], races, (*path, "race"))
            yield from unknown_milestones(row, ("during", "invited_until"), names, path)
            yield from self._facts(row["facts"], names, (*path, "facts"))
            race = races.get(row["race"])
            number = 0
            for j, measure in enumerate(row["measures"]):
                below = (*path, "measures", j)
                number += len(inputs_of(measure))
                yield from self._measure(measure, row, race, names, below)
            if len(row["measures"]) > MOST_MEASURES or number > MOST_INPUTS:
                text = _("expected at most %(measures)d measures of %(inputs)d figures in all")
                most = {"measures": MOST_MEASURES, "inputs": MOST_INPUTS}
                yield Problem((*path, "measures"), text % most)
            if (row["only_groups"] or row["except_groups"]) and race and not race["group_by"]:
                text = _("the race has no group_by, so there are no groups")
                yield Problem((*path, "only_groups"), text)
            if row["invited_items"] and not row["invites"]:
                text = _("only a segment that invites says how many items")
                yield Problem((*path, "invited_items"), text)

    def _facts(self, facts, names, path):
        if isinstance(facts, dict):
            ((form, code),) = facts.items()
            yield from names.unknown(_("milestone"), code, names.codes["milestones"], (*path, form))

    def _measure(self, measure, row, race, names, path):
        weighted = row["score"] == RaceSegment.Score.WEIGHTS
        if weighted and "weight" not in measure:
            yield Problem(path, _("“%(key)s” is missing") % {"key": "weight"})
        if not weighted:
            for key in ("weight", "percentile"):
                if key in measure:
                    text = _("only a weighted sum has “%(key)s”") % {"key": key}
                    yield Problem((*path, key), text)
        for k, part in enumerate(inputs_of(measure)):
            below = (*path, RATIO, k) if RATIO in measure else path
            if METRIC in part:
                yield from names.unknown(_("metric"), part[METRIC], names.metrics, (*below, METRIC))
                continue
            source = SOURCES[f"{part['of']}_hours"]
            known = [name for name, field in source.fields.items() if field.is_number]
            yield from names.unknown(_("field"), part[SUM], known, (*below, SUM))
            if "facts" in part:
                yield from self._facts(part["facts"], names, (*below, "facts"))


@dataclass(frozen=True, kw_only=True)
class IncentiveSection(Section):
    """Incentives look at milestones, a field of the sellers' hours, a metric and positions."""

    def problems(self, rows, names):
        source = SOURCES["seller_hours"]
        fields = [name for name, field in source.fields.items() if field.is_number]
        for i, row in enumerate(rows):
            path = (self.key, i)
            yield from names.unknown(_("field"), row["measure"], fields, (*path, "measure"))
            known = {code for code in names.metrics if code.startswith("seller.")}
            yield from names.unknown(_("metric"), row["reaches"], known, (*path, "reaches"))
            yield from unknown_milestones(row, ("during", "shown"), names, path)
            if row["where"] is not None:
                yield from names.in_tree(row["where"], (*path, "where"))
            for j, code in enumerate(row["slots"]):
                known, below = names.codes["slots"], (*path, "slots", j)
                yield from names.unknown(_("resource position"), code, known, below)


RACES = RaceSection(
    key="races",
    noun=gettext_lazy("Race"),
    model=Race,
    help="whose places are won by rank, and who takes part",
    fields=row_fields(
        Plain(name="venues", column="venue_codes", default=[], shape=CODES),
        Plain(
            name="venue_kinds",
            default=[],
            shape=CODES,
            help="every venue of these kinds has boards of its own",
        ),
        Choice(
            name="candidates",
            choices=Race.Candidates,
            default=Race.Candidates.OWN.value,
            help="whose entries are approved where",
        ),
        Choice(name="unit", choices=Race.Unit, default=Race.Unit.SELLER.value),
        Condition(name="where", help="entries that count; left out: every approved one"),
        Code(name="enrolled_in", help="the bonus that sellers must have enrolled for"),
        Flag(name="invited", help="who filed in the venue under an invitation takes part"),
        Code(
            name="group_by",
            pattern=r"^[a-z]+\.[A-Za-z0-9_]+$",
            longest=80,
            help="a metric; each value has a ranking and places of its own",
        ),
        Code(
            name="floor",
            column="floor_code",
            help="the floor it fills; for kinds of venues: VENUE_FLOOR of each",
        ),
        Whole(name="places", help="left out: the floor's, or else the venue's capacity"),
        Plain(
            name="ties",
            default=["filed", "id"],
            shape={"type": "array", "items": {"enum": list(TIES)}},
            help="what decides between equal ones: filed (the earlier first), id",
        ),
        Whole(
            name="late_after_minutes",
            default=30,
            help="a board made later than this after its period began is marked late",
        ),
        Flag(name="public", default=True, help="whether those who take part see the board"),
    ),
)

SEGMENTS = SegmentSection(
    key="race_segments",
    noun=gettext_lazy("Race segment"),
    model=RaceSegment,
    help="when boards are made, of which figures",
    definitions=DEFINITIONS,
    fields=row_fields(
        Code(name="race", required=True),
        Code(name="during", required=True, help="the milestone in which boards hold"),
        Choice(name="every", required=True, choices=RaceSegment.Every),
        Facts(name="facts", required=True, default="", shape=_FACTS),
        Choice(name="score", choices=RaceSegment.Score, default=RaceSegment.Score.ORDER.value),
        Measures(
            name="measures",
            required=True,
            default=[],
            shape={
                "type": "array",
                "items": {"$ref": "#/$defs/measure"},
                "minItems": 1,
                "maxItems": MOST_MEASURES,
            },
            help="what is ranked by: one after the other, or as a weighted sum",
        ),
        Plain(name="only_groups", default=[], shape=CODES),
        Plain(name="except_groups", default=[], shape=CODES),
        Whole(name="invites", help="so many by rank are invited to the venue"),
        Whole(name="invited_items", least=1, help="how many items each may file"),
        Code(name="invited_until", help="the milestone with which the invitations end"),
    ),
)

INCENTIVES = IncentiveSection(
    key="incentives",
    noun=gettext_lazy("Incentive"),
    model=Incentive,
    help="what sellers get once a figure of the day reaches their own reference value",
    fields=row_fields(
        Code(name="measure", required=True, pattern=r"^[a-z_]+$", longest=32),
        Code(
            name="reaches",
            required=True,
            pattern=r"^[a-z]+\.[A-Za-z0-9_]+$",
            longest=80,
            help="the metric that holds the seller's reference value",
        ),
        Condition(name="where", help="one entry of the seller's that meets it must stand"),
        Code(name="during", required=True, help="checked at every full hour of this milestone"),
        Code(name="shown", required=True, help="the milestone in which it shows"),
        Plain(name="slots", default=[], shape=CODES, help="resource positions"),
    ),
)
