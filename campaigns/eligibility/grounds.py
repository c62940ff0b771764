"""The evidence of a finding: every comparison in the requirement's tree with what was measured."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from campaigns.eligibility import literals, operands
from campaigns.eligibility.bound import BoundRequirement
from campaigns.eligibility.conditions import (
    Comparison,
    Literal,
    MetricValue,
    TableValue,
    comparisons,
)
from campaigns.eligibility.expressions import comparison, set_rows
from campaigns.eligibility.frame import MODELS, PREFIXES
from campaigns.models import Finding, Ground
from sellers.bulk_write import copy_rows, reserve_ids
from sellers.localtime import days_between
from sellers.metrics.registry import NUMERIC, MetricType

LONGEST = 200
INSERT_CHUNK = 2000
# A query selects up to six columns of each, of which a table's is as long as the table.
MOST_COMPARISONS = 40


@dataclass(frozen=True)
class GroundDraft:
    """One comparison as it came out; texts in the metric's own form, None for missing."""

    comparison: Comparison
    measured: str | None
    threshold: str | None
    known_at: datetime | None
    result: bool | None


@dataclass(frozen=True)
class FindingDraft:
    """A requirement's outcome for one row: fail, hold or pass, with its grounds."""

    requirement: BoundRequirement
    outcome: str
    grounds: list

    @property
    def code(self):
        """The requirement's code."""
        return self.requirement.code

    @property
    def action(self):
        """What the stage does about a failure."""
        return self.requirement.action


def grounds_of(
    requirement: BoundRequirement, frame, ids: Iterable[int]
) -> dict[int, list[GroundDraft]]:
    """Grounds of one requirement for rows of the frame's base, by id; one query, and two more
    for each set metric."""
    return grounds_of_each([requirement], frame, ids)[requirement.code]


def grounds_of_each(
    requirements: Iterable[BoundRequirement], frame, ids: Iterable[int]
) -> dict[str, dict[int, list[GroundDraft]]]:
    """Grounds of several requirements by their code, each by id. A query for every 40
    comparisons, and two more for each set metric."""
    ids = list(ids)
    leaves = {
        requirement.code: [
            leaf for node in (requirement.premise, requirement.tree) for leaf in comparisons(node)
        ]
        for requirement in requirements
    }
    if not ids:
        return {code: {} for code in leaves}
    selected = {
        (code, n): _selected(f"g{place}_{n}", leaf, frame)
        for place, (code, own) in enumerate(leaves.items())
        for n, leaf in enumerate(own)
    }
    metrics = {leaf.metric.code: leaf.metric for own in leaves.values() for leaf in own}
    sets = {
        code: _set_values(metric, frame, ids)
        for code, metric in metrics.items()
        if metric.type == MetricType.SET
    }
    answers = _answers(list(selected.values()), frame, ids)
    return {
        code: {
            pk: [
                _draft(leaf, _own(selected[code, n], row), pk, frame, sets.get(leaf.metric.code))
                for n, leaf in enumerate(own)
            ]
            for pk, row in answers.items()
        }
        for code, own in leaves.items()
    }


def _selected(prefix, leaf, frame):
    """What must be selected of a comparison: (name in the query, name, expression) of each."""
    columns = {"result": comparison(leaf, frame), **_columns(leaf, frame)}
    known_at = frame.known_at(leaf.metric)
    if known_at is not None and leaf.metric.type != MetricType.SET:
        columns["known"] = known_at
    return [(f"{prefix}_{name}", name, column) for name, column in columns.items()]


def _own(columns, row):
    """A row's values of one comparison, by their own names."""
    return {name: row[column] for column, name, _expression in columns}


def _answers(selected, frame, ids):
    """The values of all columns by id."""
    rows = MODELS[frame.base].objects.filter(pk__in=ids).annotate(**frame.aliases)
    found = {}
    for start in range(0, len(selected), MOST_COMPARISONS):
        part = selected[start : start + MOST_COMPARISONS]
        columns = {column: what for own in part for column, _name, what in own}
        for row in rows.annotate(**columns).values("pk", *columns):
            found.setdefault(row["pk"], {}).update(row)
    return found


def save_findings(drafts: Iterable[tuple[dict, FindingDraft]], *, common: dict) -> int:
    """Write findings with their grounds; returns how many findings.

    Each draft comes with the fields of its own (``entry`` or ``registration``: an id); ``common``
    holds those of all (campaign, version, stage, at, run or filing; ids). Call it within a
    transaction that has written already. A few statements a chunk.
    """
    drafts = list(drafts)
    for start in range(0, len(drafts), INSERT_CHUNK):
        _save_chunk(drafts[start : start + INSERT_CHUNK], common)
    return len(drafts)


def _save_chunk(drafts, common):
    ids = reserve_ids(Finding, len(drafts))
    same = list(common.values())
    copy_rows(
        Finding,
        [
            (
                pk,
                own.get("entry"),
                own.get("registration"),
                draft.requirement.row.pk,
                draft.code,
                draft.outcome,
                draft.action,
                *same,
            )
            for pk, (own, draft) in zip(ids, drafts, strict=True)
        ],
        ["id", "entry", "registration", "requirement", "code", "outcome", "action", *common],
    )
    copy_rows(
        Ground,
        [
            (
                pk,
                ground.comparison.path,
                ground.comparison.metric.code,
                ground.measured,
                ground.comparison.op,
                ground.threshold,
                ground.comparison.metric.unit,
                ground.comparison.metric.window,
                ground.known_at,
                ground.result,
            )
            for pk, (_own, draft) in zip(ids, drafts, strict=True)
            for ground in draft.grounds
        ],
        [
            "finding",
            "path",
            "metric",
            "measured",
            "comparator",
            "threshold",
            "unit",
            "window",
            "known_at",
            "result",
        ],
    )


def _columns(leaf, frame):
    """What must be selected to say what was measured and against what."""
    metric = leaf.metric
    if metric.type == MetricType.SET:
        return {}
    columns = {"left": frame.column(metric)}
    if metric.type == MetricType.RATIO:
        columns["bottom"] = frame.column(metric, metric.denominator)
    elif metric.type == MetricType.CATEGORY:
        columns["left"] = frame.column(metric, f"{metric.path}__code")
    value = leaf.value
    if isinstance(value, MetricValue):
        columns["right"] = frame.column(value.metric)
        if value.metric.type == MetricType.RATIO:
            columns["right_bottom"] = frame.column(value.metric, value.metric.denominator)
        elif value.metric.type == MetricType.CATEGORY:
            columns["right"] = frame.column(value.metric, f"{value.metric.path}__code")
    elif isinstance(value, TableValue):
        if value.table.type == "text":
            columns["right"] = operands.text(value, frame)
        else:
            columns["right"] = operands.right_number(value, frame).top
    return columns


def _draft(leaf, row, pk, frame, set_values):
    metric = leaf.metric
    if set_values is not None:
        measured = ", ".join(set_values.get(pk, ())) or "–"
    else:
        measured = _text(metric, row["left"], row.get("bottom"), frame)
    return GroundDraft(
        comparison=leaf,
        measured=_short(measured),
        threshold=_short(_threshold(leaf, row, frame)),
        known_at=row.get("known"),
        result=None if row["result"] is None else bool(row["result"]),
    )


def _threshold(leaf, row, frame):
    value = leaf.value
    if value is None:
        return None
    if isinstance(value, Literal):
        if value.list_code:
            return f"{value.list_code} ({len(value.value)})"
        if isinstance(value.value, tuple):
            return ", ".join(_plain(v) for v in value.value)
        return _plain(value.value)
    right = row["right"]
    if isinstance(value, TableValue):
        if right is None or value.table.type == "text":
            return right
        return str(Decimal(int(right)).scaleb(-operands.table_places(value.table)))
    text = _text(value.metric, right, row.get("right_bottom"), frame)
    if text is None or value.times == "1":
        return text
    return f"{(Decimal(text) * literals.number(value.times)).normalize():f}"


def _text(metric, value, bottom, frame):
    """A measured value as text in the metric's own form."""
    if value is None:
        return None
    if metric.type == MetricType.RATIO:
        if not bottom:
            return None
        top = Decimal(int(value)).scaleb(-metric.places)
        share = top / Decimal(int(bottom)).scaleb(-metric.denominator_places)
        return str(share.quantize(Decimal("0.000001")))
    if metric.type in NUMERIC:
        if isinstance(value, Decimal):
            return str(value)
        return str(Decimal(int(value)).scaleb(-metric.places))
    if metric.type == MetricType.AGE:
        return str(days_between(value, frame.at))
    return _plain(value)


def _plain(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value)


def _short(text):
    return text if text is None or len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _set_values(metric, frame, ids):
    """The set's values by row of the base, sorted."""
    prefix = PREFIXES[frame.base][metric.subject]
    owners = dict(MODELS[frame.base].objects.filter(pk__in=ids).values_list("pk", f"{prefix}pk"))
    rows = set_rows(metric, frame, sorted(set(owners.values())))
    relation = rows.model._meta.get_field(_owner_field(rows.model, metric, frame))
    values = {}
    for owner, value in rows.order_by(metric.value_field).values_list(
        relation.attname, metric.value_field
    ):
        values.setdefault(owner, []).append(value)
    return {pk: values.get(owner, []) for pk, owner in owners.items()}


def _owner_field(model, metric, frame):
    names = {"entry": "entry", "registration": "registration", "seller": "seller", "item": "item"}
    return names[metric.subject]
