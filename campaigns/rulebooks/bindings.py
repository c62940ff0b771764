"""Where a rulebook meets the parts that give its rows their meaning.

Facts and reasons are declared with the installation, statistics and frozen values get their slots,
and every condition is read as the engine will read it.
"""

from collections.abc import Iterator, Mapping

from django.utils.translation import gettext as _

from campaigns import statistics
from campaigns.eligibility.frame import PREFIXES
from campaigns.eligibility.problems import check_requirement
from campaigns.eligibility.vocabulary import Vocabulary, declared_metric, vocabulary_of
from campaigns.measures import (
    milestones_named,
    problem_of_group,
    problems_of_segment,
    raced,
)
from campaigns.models import ReasonTemplate, Requirement, RulebookVersion
from campaigns.rulebooks.problems import Problem, RulebookErrors, path_of
from campaigns.rulebooks.reading import problems_of_names
from campaigns.rulebooks.rulebook import read_version, with_rows
from campaigns.timeline import Window
from sellers.facts import FactRefused, declare
from sellers.metrics import registry
from sellers.metrics.registry import NUMERIC, Metric, MetricType
from sellers.metrics.snapshots import track
from sellers.models import FactDefinition

# The places that a stored version's rows have in the file, by section.
Indices = Mapping[str, list[int]]


def metrics() -> dict[str, Metric]:
    """The catalogue's metrics and every fact that the installation declared, by code."""
    declared = {row.code: declared_metric(row) for row in FactDefinition.objects.all()}
    return {**declared, **registry.all_metrics()}


def bind(version: RulebookVersion) -> None:
    """Declare the version's facts and reasons, give its statistics and snapshots their slots, and
    have the changes of what it freezes logged. Raises RulebookErrors with every row that cannot be
    bound."""
    problems = [*declare_facts(version), *_problems_of_statistics(version)]
    if problems:
        raise RulebookErrors(problems)
    declare_reasons(version)
    statistics.assign_slots(version)
    for metric in version.snapshot_set.values_list("metric", flat=True):
        track(metric)


def declare_facts(version: RulebookVersion) -> list[Problem]:
    """Declare the version's facts with the installation; those that mean something else there
    already are problems."""
    problems = []
    for i, fact in enumerate(version.settings.get("facts", [])):
        meaning = {key: fact[key] for key in ("code", "subject_kind", "type", "unit", "places")}
        try:
            declare(**meaning, label=fact["label"], definition=fact["definition"])
        except FactRefused as refused:
            problems.append(Problem(("facts", i), str(refused)))
    return problems


def declare_reasons(version: RulebookVersion) -> None:
    """Add the version's reasons to the installation's. One that is there already keeps the words
    that operators gave it (D12-144)."""
    rows = version.settings.get("reasons", [])
    ReasonTemplate.objects.bulk_create(
        (ReasonTemplate(code=row["code"], use=row["use"], text=row["text"]) for row in rows),
        ignore_conflicts=True,
    )


def problems_of(version: RulebookVersion) -> list[Problem]:
    """All that is wrong in a stored version's rows: what they name, then what they mean."""
    (version,) = with_rows(version)
    named = problems_of_names(read_version(version), metrics())
    return named or problems_of_meaning(version)


def problems_of_meaning(version: RulebookVersion, indices: Indices | None = None) -> list[Problem]:
    """What cannot be run, or would never mean anything: types, units, contradictions.

    With ``indices`` the problems' places are those of the file.
    """
    vocabulary = vocabulary_of(version)
    found = [
        *_problems_of_statistics(version),
        *_problems_of_requirements(version, vocabulary),
        *_problems_of_quotas(version, vocabulary),
        *_problems_of_bonuses(version, vocabulary),
        *_problems_of_races(version, vocabulary),
    ]
    if indices is not None:
        found = [_in_the_file(problem, indices) for problem in found]
    return list(dict.fromkeys(found))


def _problems_of_statistics(version) -> Iterator[Problem]:
    for found in statistics.problems(version):
        yield Problem((found.section, found.index, *path_of(found.path)), found.message)


def _problems_of_requirements(version, vocabulary: Vocabulary) -> Iterator[Problem]:
    tables = [table.code for table in version.parametertable_set.all()]
    for i, row in enumerate(version.requirement_set.all()):
        for found in check_requirement(row, vocabulary):
            path = path_of(found.path)
            if path[:1] == ("tables",):
                yield Problem(("tables", tables.index(path[1]), *path[2:]), found.message)
            else:
                yield Problem(("requirements", i, *path), found.message)


def _problems_of_bonuses(version, vocabulary: Vocabulary) -> Iterator[Problem]:
    for i, row in enumerate(version.bonus_set.all()):
        if row.when is not None:
            # Asked of a registration, before there is an item.
            asked = Requirement(
                subject="registration", require=row.when, stages={"admission": "reject"}
            )
            for found in check_requirement(asked, vocabulary):
                _require, *rest = path_of(found.path)
                yield Problem(("bonuses", i, "when", *rest), found.message)


def _problems_of_races(version, vocabulary: Vocabulary) -> Iterator[Problem]:
    races = {}
    for i, row in enumerate(version.race_set.all()):
        races[row.code] = row
        if row.where is not None:
            yield from _problems_of_where(row.where, raced(vocabulary), ("races", i, "where"))
        if row.group_by and (text := problem_of_group(row, vocabulary)):
            yield Problem(("races", i, "group_by"), text)
    for i, row in enumerate(version.incentive_set.all()):
        if row.where is not None:
            yield from _problems_of_where(row.where, vocabulary, ("incentives", i, "where"))
        if vocabulary.metrics[row.reaches].type not in (MetricType.INTEGER, MetricType.DECIMAL):
            text = _("expected a metric that is a number")
            yield Problem(("incentives", i, "reaches"), text)
    spans = {
        row.code: Window(row.code, row.starts_at, row.ends_at)
        for row in version.milestone_set.all()
    }
    for i, row in enumerate(version.racesegment_set.all()):
        if row.race not in races or not milestones_named(row) <= spans.keys():
            # What it names has a problem of its own, and was left out.
            continue
        for path, text in problems_of_segment(
            row, races[row.race], version=version, vocabulary=vocabulary, milestones=spans
        ):
            yield Problem(("race_segments", i, *path), text)


def _problems_of_where(tree, vocabulary: Vocabulary, path) -> Iterator[Problem]:
    """Which entries count is a condition like any other."""
    asked = Requirement(subject="entry", require=tree, stages={"admission": "reject"})
    for found in check_requirement(asked, vocabulary):
        _require, *rest = path_of(found.path)
        yield Problem((*path, *rest), found.message)


def _problems_of_quotas(version, vocabulary: Vocabulary) -> Iterator[Problem]:
    for i, row in enumerate(version.quota_set.all()):
        if row.where is not None:
            yield from _problems_of_where(row.where, vocabulary, ("quotas", i, "where"))
        for key in ("ceiling", "floor"):
            value = getattr(row, key)
            if isinstance(value, dict):
                yield from _problems_of_ceiling(value, vocabulary, ("quotas", i, key))


def _problems_of_ceiling(value, vocabulary, path) -> Iterator[Problem]:
    """A ceiling is looked up for a registration, before there is an item."""
    ((kind, code),) = value.items()
    if kind == "table":
        table = vocabulary.tables[code]
        if table.type == "text":
            yield Problem((*path, kind), _("expected a table of numbers"))
        asked = [vocabulary.metrics[key] for key in table.keys]
    else:
        asked = [vocabulary.metrics[code]]
        if asked[0].type not in NUMERIC:
            yield Problem((*path, kind), _("expected a metric that is a number"))
    for metric in asked:
        if metric.subject not in PREFIXES["registration"]:
            text = _("%(metric)s cannot be asked of a registration") % {"metric": metric.code}
            yield Problem((*path, kind), text)


def _in_the_file(problem: Problem, indices: Indices) -> Problem:
    section, index, *rest = problem.path
    return Problem((section, indices[section][index], *rest), problem.message)
