"""Where a rulebook meets the parts that give its rows their meaning.

Facts are declared with the installation, statistics and frozen values get their slots, and every
condition is read as the engine will read it.
"""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from campaigns.eligibility.conditions import ConditionError, parse, parse_value
from campaigns.eligibility.problems import check_requirement
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.models import RulebookVersion
from campaigns.rulebooks.problems import Problem, RulebookErrors, path_of
from campaigns.rulebooks.reading import problems_of_names
from campaigns.rulebooks.rulebook import read_version
from sellers.metrics import registry
from sellers.models import FactDefinition

Indices = Mapping[str, list[int]]


def known_metrics() -> set[str]:
    """The codes of the catalogue's metrics and of every fact that the installation declared."""
    declared = FactDefinition.objects.values_list("code", flat=True)
    return set(registry.all_metrics()) | set(declared)


def bind(version: RulebookVersion) -> None:
    """Declare the version's facts, give its statistics and snapshots their slots, and have the
    changes of what it freezes logged. Raises RulebookErrors naming the row that cannot be."""
    from sellers.facts import declare
    from sellers.metrics.snapshots import track

    from campaigns.statistics import assign_slots

    problems = []
    for i, fact in enumerate(version.settings.get("facts", [])):
        wanted = {key: fact[key] for key in ("code", "subject_kind", "type", "unit", "places")}
        try:
            declare(**wanted, label=fact["label"], definition=fact["definition"])
        except ValueError as error:
            problems.append(Problem(("facts", i), str(error)))
    if problems:
        raise RulebookErrors(problems)
    assign_slots(version)
    for metric in version.snapshot_set.values_list("metric", flat=True):
        track(metric)


def problems_of(version: RulebookVersion) -> list[Problem]:
    """All that is wrong in a stored version's rows: what they name, then what they mean."""
    named = problems_of_names(read_version(version), known_metrics())
    return named or problems_of_meaning(version)


def problems_of_meaning(version: RulebookVersion, indices: Indices | None = None) -> list[Problem]:
    """What the engine cannot run, or would never mean anything: types, units, contradictions.

    ``indices`` gives, by section, the places of the version's rows in the file.
    """
    vocabulary = vocabulary_of(version)
    tables = {code: i for i, code in enumerate(_codes(version.parametertable_set))}
    places = indices or {}

    def at(key, i):
        return places[key][i] if key in places else i

    problems = []
    for i, row in enumerate(version.requirement_set.all()):
        for found in check_requirement(row, vocabulary):
            path = path_of(found.path)
            if path[:1] == ("tables",):
                path = ("tables", at("tables", tables[path[1]]), *path[2:])
            else:
                path = ("requirements", at("requirements", i), *path)
            problems.append(Problem(path, found.message))
    for i, row in enumerate(version.quota_set.all()):
        path = ("quotas", at("quotas", i))
        problems += _problems_of_tree(row.where, vocabulary, (*path, "where"))
        for key in ("ceiling", "floor"):
            value = getattr(row, key)
            if isinstance(value, dict):
                problems += _problems_of_number(value, vocabulary, (*path, key))
    return list(dict.fromkeys(problems))


def _problems_of_tree(tree, vocabulary, path):
    if tree is not None:
        try:
            parse(tree, vocabulary, "")
        except ConditionError as error:
            yield Problem((*path, *path_of(error.path.lstrip("."))), error.message)


def _problems_of_number(value, vocabulary, path):
    try:
        parse_value(value, vocabulary, "")
    except ConditionError as error:
        yield Problem((*path, *path_of(error.path.lstrip("."))), error.message)
        return
    table = vocabulary.tables.get(value.get("table"))
    if table is not None and table.type == "text":
        yield Problem(path, _("expected a table of numbers"))


def _codes(rows):
    return rows.values_list("code", flat=True)
