"""``requirements``, ``rounds``, ``quotas`` and ``bonuses``: what is asked of whom, and how much
each may hold."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from campaigns.eligibility.bound import MISSING_POLICIES, RECHECK_ACTIONS
from campaigns.eligibility.problems import ACTIONS
from campaigns.models import Bonus, Quota, Requirement, Round
from campaigns.rulebooks.conditions import differences_of_trees
from campaigns.rulebooks.fields import Choice, Code, Condition, Flag, Plain, Texts, Time, Whole
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import Section, row_fields, sentence
from campaigns.rulebooks.sections.timeline import ends_before_it_starts
from campaigns.rulebooks.sections.venues import CODES, unknown_kinds, unknown_milestones
from campaigns.rulebooks.values import in_order

_POLICY = {"enum": list(MISSING_POLICIES)}
_SAMPLE = {
    "type": "object",
    "properties": {
        "metric": {"$ref": "#/$defs/metric"},
        "at_least": {"type": ["integer", "number"]},
        "ref": {"type": "string"},
        "example": {"type": "boolean"},
    },
    "required": ["metric", "at_least"],
    "additionalProperties": False,
}
_CEILING = {
    "description": gettext_noop("a whole number, {table: code} or {metric: code}"),
    "anyOf": [
        {"type": "integer", "minimum": 0},
        *(
            {
                "title": kind,
                "type": "object",
                "properties": {kind: {"type": "string"}},
                "required": [kind],
                "additionalProperties": False,
            }
            for kind in ("table", "metric")
        ),
    ],
}


def _stage(actions):
    return {
        "anyOf": [
            {"enum": list(actions)},
            {
                "type": "object",
                "properties": {
                    "action": {"enum": list(actions)},
                    "require": {"$ref": "#/$defs/condition"},
                    "missing": _POLICY,
                    "grace_hours": {"type": "integer", "minimum": 1},
                    "then": {"enum": [action for action in RECHECK_ACTIONS if action != "at_risk"]},
                    "ref": {"type": "string"},
                    "example": {"type": "boolean"},
                },
                "required": ["action"],
                "additionalProperties": False,
            },
        ]
    }


@dataclass(frozen=True, kw_only=True)
class Stages(Plain):
    """What each stage does about a failure, and its own terms."""

    def schema(self):
        return {
            "type": "object",
            "properties": {stage: _stage(actions) for stage, actions in ACTIONS.items()},
            "minProperties": 1,
            "additionalProperties": False,
        }


@dataclass(frozen=True, kw_only=True)
class RequirementSection(Section):
    """Requirements."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            path = (self.key, i)
            yield from bound_to_venue(self, row, names, path)
            for key in ("applies_when", "require"):
                yield from names.in_tree(row[key], (*path, key))
            for stage, terms in row["stages"].items():
                if isinstance(terms, dict):
                    yield from self._stage(terms, names, (*path, "stages", stage))
            if row["sample"]:
                known = names.metrics
                below = (*path, "sample", "metric")
                yield from names.unknown(_("metric"), row["sample"]["metric"], known, below)
            if isinstance(row["missing"], dict) and row["stages"]:
                for stage in row["missing"]:
                    if stage not in row["stages"]:
                        text = _("the requirement has no stage “%(stage)s”") % {"stage": stage}
                        yield Problem((*path, "missing", stage), text)
            yield from ends_before_it_starts(
                row, (*path, "active_until"), "active_from", "active_until"
            )

    def _stage(self, terms, names, path):
        if "require" in terms:
            yield from names.in_tree(terms["require"], (*path, "require"))
        at_risk = terms["action"] == "at_risk"
        if at_risk and "grace_hours" not in terms:
            yield Problem(path, _("at_risk needs grace_hours, the hours to mend it"))
        for key in ("grace_hours", "then"):
            if key in terms and not at_risk:
                yield Problem((*path, key), _("only at_risk has “%(key)s”") % {"key": key})

    def row_differences(self, who, old, new):
        for field in self.fields:
            before, after = old[field.attribute], new[field.attribute]
            if before == after:
                continue
            if field.name == "stages":
                yield from self._stage_differences(who, before, after)
                continue
            for place, was, now in field.differences(before, after):
                yield sentence(who, self.label(field), place, was, now)

    def _stage_differences(self, who, old, new):
        for stage in in_order({*old, *new}):
            before, after = _terms(old.get(stage)), _terms(new.get(stage))
            if before == after:
                continue
            where = {"who": who, "stage": stage_words(stage)}
            was, now = action_words(before.get("action")), action_words(after.get("action"))
            if was != now:
                text = _("%(who)s at %(stage)s: %(was)s → %(now)s")
                yield text % {**where, "was": was, "now": now}
            place = _("%(who)s at %(stage)s") % where
            for key in ("require", "missing", "grace_hours", "then", "ref", "example"):
                if before.get(key) != after.get(key):
                    label = term_words(key)
                    parts = differences_of_trees(before.get(key), after.get(key))
                    for below, left, right in parts:
                        yield sentence(place, label, below, left, right)


@dataclass(frozen=True, kw_only=True)
class QuotaSection(Section):
    """Quotas."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            path = (self.key, i)
            yield from bound_to_venue(self, row, names, path)
            yield from names.in_tree(row["where"], (*path, "where"))
            for key in ("ceiling", "floor"):
                yield from names.in_operand(row[key], (*path, key))
            if row["floor"] is not None and not row["allotted"]:
                yield Problem((*path, "floor"), _("a floor means nothing without “allotted: true”"))
            if row["free_choice"] and row["where"] is not None:
                text = _("a free choice counts its own entries: “where” is left out")
                yield Problem((*path, "where"), text)


@dataclass(frozen=True, kw_only=True)
class BonusSection(Section):
    """Bonuses belong to quotas."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            path = (self.key, i)
            known = names.codes["quotas"]
            yield from names.unknown(_("quota"), row["quota"], known, (*path, "quota"))
            yield from names.in_tree(row["when"], (*path, "when"))
            yield from unknown_milestones(row, ("enrol_in", "file_in"), names, path)


@dataclass(frozen=True, kw_only=True)
class RoundSection(Section):
    """Rounds are applied for in milestones."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            for j, code in enumerate(row["windows"]):
                known = names.codes["milestones"]
                path = (self.key, i, "windows", j)
                yield from names.unknown(_("milestone"), code, known, path)


def bound_to_venue(section, row, names, path):
    """Problems of ``venue``, ``venue_kinds`` and ``replaces``: a venue's rule may take a general
    one's place."""
    yield from unknown_kinds(row, "venue_kinds", names, path)
    if row["venue_kinds"] and row["venue_code"]:
        yield Problem((*path, "venue_kinds"), _("expected either a venue or kinds of venues"))
    if row["venue_code"]:
        known = names.codes["venues"]
        yield from names.unknown(_("venue"), row["venue_code"], known, (*path, "venue"))
    if row["replaces"]:
        known = names.codes[section.key] - {row["code"]}
        noun = str(section.noun).lower()
        yield from names.unknown(noun, row["replaces"], known, (*path, "replaces"))


def _terms(terms):
    if terms is None:
        return {}
    return {"action": terms} if isinstance(terms, str) else terms


def stage_words(stage: str) -> str:
    """A stage in the active language."""
    return {"admission": _("admission"), "recheck": _("recheck"), "reward": _("reward")}[stage]


def action_words(action: str | None) -> str:
    """What a stage does about a failure, in the active language."""
    if action is None:
        return _("is not asked")
    return {
        "reject": _("rejects"),
        "hold": _("holds for review"),
        "clear_out": _("clears out"),
        "unpublish": _("withdraws publication"),
        "abnormal": _("marks as abnormal"),
        "at_risk": _("marks as at risk"),
        "flag": _("flags"),
        "withhold": _("withholds the reward"),
    }.get(action, action)


def term_words(key: str) -> str:
    """The name of a stage's term in the active language."""
    return {
        "require": _("requires"),
        "missing": _("a missing value"),
        "grace_hours": _("hours of grace"),
        "then": _("after the grace"),
        "ref": _("reference"),
        "example": _("example configuration"),
    }[key]


_VENUE = Code(name="venue", column="venue_code", help="left out: every venue of the campaign")
_VENUE_KINDS = Plain(
    name="venue_kinds", default=[], shape=CODES, help="instead of one venue, those of these kinds"
)

REQUIREMENTS = RequirementSection(
    key="requirements",
    noun=gettext_lazy("Requirement"),
    model=Requirement,
    help="what sellers, registrations, items and entries must meet",
    fields=row_fields(
        Choice(name="subject", required=True, choices=Requirement.Subject),
        _VENUE,
        _VENUE_KINDS,
        Code(
            name="replaces",
            help="the general requirement that this one stands in for (in its venue)",
        ),
        Code(
            name="reason",
            help="what history and notices call a failure at recheck; left out: the row's code",
        ),
        Condition(name="applies_when", help="left out: it always applies"),
        Condition(name="require", required=True),
        Plain(
            name="missing",
            default="",
            shape={
                "description": gettext_noop("pass, fail or hold; or one for each stage"),
                "anyOf": [
                    _POLICY,
                    {
                        "type": "object",
                        "properties": dict.fromkeys(ACTIONS, _POLICY),
                        "minProperties": 1,
                        "additionalProperties": False,
                    },
                ],
            },
            help="what a missing value means; left out: pass",
        ),
        Stages(name="stages", required=True, default={}),
        Plain(
            name="sample",
            shape=_SAMPLE,
            help="the requirement applies from this size of the sample on",
        ),
        Time(name="active_from"),
        Time(name="active_until", help="the first instant at which it does not apply"),
        Texts(name="remedy", help="what the seller should do about it"),
    ),
)

QUOTAS = QuotaSection(
    key="quotas",
    noun=gettext_lazy("Quota"),
    model=Quota,
    help="how many entries one registration may hold",
    fields=row_fields(
        _VENUE,
        _VENUE_KINDS,
        Code(name="replaces", help="the general quota that this one stands in for (in its venue)"),
        Condition(name="where", help="which entries count; left out: all"),
        Plain(name="ceiling", required=True, shape=_CEILING),
        Plain(name="floor", shape=_CEILING, help="the lower end of the range that is allotted"),
        Flag(name="allotted", help="true: a seller's allotment within the range takes its place"),
        Flag(
            name="free_choice",
            help="places for items without an invitation, in venues by invitation only",
        ),
        Flag(name="abnormal_keeps_place", default=True),
    ),
)

BONUSES = BonusSection(
    key="bonuses",
    noun=gettext_lazy("Bonus"),
    model=Bonus,
    help="places that a quota gives more; those of one quota add up",
    fields=row_fields(
        Code(name="quota", required=True),
        Whole(name="places", required=True, default=0),
        Condition(name="when", help="what the seller must meet; left out: everyone"),
        Code(name="enrol_in", help="the milestone in which sellers enrol for it"),
        Code(name="file_in", help="the milestone in which its places can be used"),
        Flag(name="kept", help="true: granted once and kept; false: while the condition holds"),
        Flag(name="confirmed", help="true: an operator confirms it"),
    ),
)

ROUNDS = RoundSection(
    key="rounds",
    noun=gettext_lazy("Round"),
    model=Round,
    help="what sellers pass once: [registration.rounds_passed, contains, CODE] asks for it",
    fields=row_fields(
        Choice(name="kind", required=True, choices=Round.Kind),
        Plain(name="windows", default=[], shape=CODES, help="milestones in which sellers apply"),
    ),
)
