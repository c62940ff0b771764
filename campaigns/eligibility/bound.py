"""Which requirements hold for which rows, at a stage and an instant."""

from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.eligibility.conditions import All, AnyOf, ConditionError, Not, parse
from campaigns.eligibility.vocabulary import Vocabulary
from campaigns.models import Requirement, RulebookVersion, VenueTerms
from campaigns.published import rows_of, worked_out

PASS, FAIL, HOLD = "pass", "fail", "hold"
MISSING_POLICIES = (PASS, FAIL, HOLD)
# The strongest failing action wins; the order of design section 5.
RECHECK_ACTIONS = ("clear_out", "unpublish", "abnormal", "at_risk", "flag")


@dataclass(frozen=True)
class BoundRequirement:
    """A requirement as one stage applies it.

    ``premise`` (applies_when and the smallest sample) and ``tree`` are nodes; the requirement is
    the implication premise → tree. ``only_venues`` and ``not_venues`` are venue ids: the venues
    that it is bound to, and those whose own requirement replaces it.
    """

    row: Requirement
    action: str
    missing: str
    premise: object | None
    tree: object
    grace_hours: int | None = None
    then: str = ""
    only_venues: frozenset = frozenset()
    not_venues: frozenset = frozenset()

    @property
    def code(self):
        """The requirement's code."""
        return self.row.code

    @property
    def implication(self):
        """premise → tree as one node."""
        return self.tree if self.premise is None else AnyOf((Not(self.premise), self.tree))


def stage_terms(requirement: Requirement, stage: str) -> dict | None:
    """A requirement's terms at a stage, None if it has none there."""
    terms = requirement.stages.get(stage)
    if terms is None:
        return None
    return {"action": terms} if isinstance(terms, str) else terms


def missing_policy(requirement: Requirement, stage: str, terms: dict) -> str:
    """What a missing value means at the stage; pass where nothing is said."""
    if "missing" in terms:
        return terms["missing"]
    policy = requirement.missing
    if isinstance(policy, dict):
        policy = policy.get(stage)
    return policy or PASS


def bind(requirement: Requirement, stage: str, vocabulary: Vocabulary) -> BoundRequirement | None:
    """A requirement as the stage applies it; None if the stage does not. Raises ConditionError."""
    terms = stage_terms(requirement, stage)
    if terms is None:
        return None
    if "require" in terms:
        tree = parse(terms["require"], vocabulary, f"stages.{stage}.require")
    else:
        tree = parse(requirement.require, vocabulary, "require")
    premises = []
    if requirement.applies_when is not None:
        premises.append(parse(requirement.applies_when, vocabulary, "applies_when"))
    if requirement.sample:
        size = [requirement.sample["metric"], ">=", requirement.sample["at_least"]]
        premises.append(parse(size, vocabulary, "sample"))
    premise = All(tuple(premises)) if len(premises) > 1 else (premises or [None])[0]
    return BoundRequirement(
        row=requirement,
        action=terms.get("action", ""),
        missing=missing_policy(requirement, stage, terms),
        premise=premise,
        tree=tree,
        grace_hours=terms.get("grace_hours"),
        then=terms.get("then", ""),
    )


def requirements_in_force(
    version: RulebookVersion, stage: str, at: datetime, vocabulary: Vocabulary
) -> list[BoundRequirement]:
    """The version's requirements that the stage applies at the instant, in rulebook order.

    A requirement of a venue or of kinds of venues that ``replaces`` another takes its place there
    (G520-055).
    """
    places = VenuePlaces(version)
    rows = [row for row in rows_of(version, Requirement) if is_active(row, at)]
    known = _bound(version, stage, vocabulary)
    replaced = {}
    for row in rows:
        if row.replaces:
            replaced.setdefault(row.replaces, set()).update(places.of(row) or {None})
    bound = []
    for row in rows:
        requirement = known(row)
        if requirement is None:
            continue
        placed = _in_venues(requirement, places, replaced.get(row.code, set()))
        if placed is not None:
            bound.append(placed)
    return bound


def _bound(version, stage, vocabulary):
    """`bind` at the stage, which reads each requirement of a published version once."""
    known = worked_out(version, ("bound", stage, vocabulary), dict)

    def bound(row):
        if row.pk not in known:
            known[row.pk] = bind(row, stage, vocabulary)
        return known[row.pk]

    return bound


def requirement_alone(
    requirement: Requirement, stage: str, vocabulary: Vocabulary, at: datetime
) -> BoundRequirement | None:
    """One requirement as the stage applies it in its venues, whether it is active then or not.

    What else its version has may be half-written, and is read only where it replaces this one.
    None if the stage does not apply it, or another one replaces it everywhere. Raises
    ConditionError.
    """
    bound = bind(requirement, stage, vocabulary)
    if bound is None:
        return None
    version = requirement.version
    places = VenuePlaces(version)
    if requirement.venue_code and requirement.venue_code not in places.ids:
        raise ConditionError(
            "venue", _("unknown venue “%(code)s”") % {"code": requirement.venue_code}
        )
    others = version.requirement_set.filter(replaces=requirement.code)
    without = set()
    for other in others:
        if is_active(other, at):
            without |= places.of(other) or {None}
    return _in_venues(bound, places, without)


class VenuePlaces:
    """The venues (ids) of a version by code and by kind, for rows that name either. One query."""

    def __init__(self, version: RulebookVersion):
        self.ids, self.by_kind = {}, {}
        for terms in rows_of(version, VenueTerms):
            self.ids[terms.code] = terms.venue_id
            self.by_kind.setdefault(terms.kind, set()).add(terms.venue_id)

    def of(self, row) -> set[int]:
        """The venues that a row with ``venue_code`` and ``venue_kinds`` is for; empty: all.

        A kind that no venue is of stands for none, which is not all: its id is 0.
        """
        if row.venue_code:
            return {self.ids.get(row.venue_code, 0)}
        found = set()
        for kind in row.venue_kinds:
            found |= self.by_kind.get(kind, set())
        return found or ({0} if row.venue_kinds else set())


def _in_venues(requirement, places, without):
    """The requirement with its venues; None where one without a venue (None) replaces it."""
    if None in without:
        return None
    venues = frozenset(places.of(requirement.row))
    return replace(requirement, only_venues=venues, not_venues=frozenset(without))


def is_active(row: Requirement, at: datetime) -> bool:
    """Whether the instant is in [active_from, active_until) of the requirement."""
    begun = row.active_from is None or row.active_from <= at
    return begun and (row.active_until is None or at < row.active_until)
