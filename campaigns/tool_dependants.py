"""Which live entries would be moved off if their shop cancelled a promotion."""

from datetime import datetime

from django.db.models import Q, QuerySet

from campaigns.eligibility.bound import BoundRequirement, requirements_in_force
from campaigns.eligibility.conditions import Comparison, Literal, comparisons
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.lifecycle import LIVE
from campaigns.models import Entry, Registration, RulebookVersion

TOOLS, CANCELLED = "registration.tools", "cancelled_tools"
RECHECK = "recheck"


def dependants(
    *, registration: Registration, code: str, version: RulebookVersion, at: datetime
) -> QuerySet:
    """The registration's live entries of which a requirement of the re-check asks the promotion:
    that it is set, or that it was not cancelled since the filing."""
    asked = requirements_in_force(version, RECHECK, at, vocabulary_of(version))
    counted = _statistics_of(version, code)
    places = [_place(row) for row in asked if _asks(row, code, counted)]
    live = Entry.objects.filter(registration=registration, status__in=sorted(LIVE))
    if not places:
        return live.none()
    wanted = places[0]
    for place in places[1:]:
        wanted |= place
    return live.filter(wanted)


def _statistics_of(version, code):
    """Codes of the statistics that count cancellations of the promotion."""
    rows = version.statistic_set.filter(source=CANCELLED).values_list("code", "where")
    return {name for name, where in rows if where is None or code in _values(where)}


def _values(tree):
    """Every text in a filter's comparisons."""
    if isinstance(tree, dict):
        return {value for part in tree.values() for value in _values(part)}
    if isinstance(tree, list):
        return {value for part in tree for value in _values(part)}
    return {tree} if isinstance(tree, str) else set()


def _asks(requirement: BoundRequirement, code, counted):
    return any(_is_about(leaf, code, counted) for leaf in comparisons(requirement.tree))


def _is_about(leaf: Comparison, code, counted):
    if leaf.metric.code in counted:
        return True
    wants = isinstance(leaf.value, Literal) and leaf.value.value == code
    return leaf.metric.code == TOOLS and wants


def _place(requirement: BoundRequirement):
    """The venues in which the requirement holds."""
    place = Q(pk__isnull=False)
    if requirement.only_venues:
        place &= Q(venue__in=requirement.only_venues)
    if requirement.not_venues:
        place &= ~Q(venue__in=requirement.not_venues)
    return place
