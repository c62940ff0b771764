"""What a requirement says, as a digest: the same as long as it would ask the same."""

import hashlib
import json

from django.core.serializers.json import DjangoJSONEncoder

from campaigns.models import Requirement
from campaigns.rulebooks.conditions import names_in

_SAID = (
    "code", "subject", "venue_code", "venue_kinds", "replaces", "applies_when", "require",
    "missing", "stages", "sample", "active_from", "active_until",
)  # fmt: skip
_COMPUTED = (
    "level", "function", "source", "of", "field", "where", "window", "include_scheduled",
    "numerator", "denominator",
)  # fmt: skip


def digest(requirement: Requirement) -> str:
    """64 hexadecimal digits of the requirement and of the lists, tables, statistics and frozen
    values that it names, as they are stored. Titles and references do not count."""
    said = {name: getattr(requirement, name) for name in _SAID}
    text = json.dumps([said, _named(requirement)], sort_keys=True, cls=DjangoJSONEncoder)
    return hashlib.sha256(text.encode()).hexdigest()


def _named(requirement):
    """Kind to code to what is stored under it, as far as the requirement reaches."""
    version = requirement.version
    names = set(_names(requirement))
    tables = {
        table.code: {
            "keys": table.keys,
            "type": table.type,
            "default": table.default,
            "rows": [[row.keys, row.value] for row in table.rows.all()],
        }
        for table in version.parametertable_set.filter(
            code__in=_codes(names, "table")
        ).prefetch_related("rows")
    }
    metrics = _codes(names, "metric")
    metrics |= {metric for table in tables.values() for metric in table["keys"]}
    statistics = _statistics(version, metrics)
    return {
        "lists": dict(
            version.valuelist_set.filter(code__in=_codes(names, "list")).values_list(
                "code", "values"
            )
        ),
        "tables": tables,
        "statistics": statistics,
        "milestones": _milestones(version, statistics),
        "snapshots": list(
            version.snapshot_set.filter(code__in=metrics)
            .order_by("code")
            .values_list("code", "metric", "as_of")
        ),
        "replaced by": list(
            version.requirement_set.filter(replaces=requirement.code)
            .order_by("code")
            .values_list("code", "venue_code", "venue_kinds", "active_from", "active_until")
        ),
    }


def _names(requirement):
    """(kind, code) of what the requirement's conditions name."""
    trees = [requirement.applies_when, requirement.require]
    trees += [terms.get("require") for terms in requirement.stages.values() if _is_mapping(terms)]
    for tree in trees:
        for kind, code, _path in names_in(tree):
            yield kind, code
    if _is_mapping(requirement.sample) and "metric" in requirement.sample:
        yield "metric", requirement.sample["metric"]


def _statistics(version, metrics):
    rows = {row["code"]: row for row in version.statistic_set.values("code", *_COMPUTED)}
    found = {code: rows[code] for code in metrics if code in rows}
    for row in list(found.values()):
        parts = (row["numerator"], row["denominator"])
        found |= {code: rows[code] for code in parts if code in rows}
    return found


def _milestones(version, statistics):
    windows = [row["window"] for row in statistics.values()]
    windows += [end for window in windows if _is_mapping(end := window.get("until"))]
    codes = {window.get("milestone") for window in windows} - {None}
    rows = version.milestone_set.filter(code__in=codes).order_by("code")
    return list(rows.values_list("code", "starts_at", "ends_at"))


def _codes(names, kind):
    return {code for named, code in names if named == kind}


def _is_mapping(value):
    return isinstance(value, dict)
