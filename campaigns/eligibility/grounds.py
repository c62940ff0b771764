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
    """Grounds of one requirement for rows of the frame's base, by id; one query, and one more
    for each set metric."""
    ids = list(ids)
    if not ids:
        return {}
    leaves = [
        leaf for node in (requirement.premise, requirement.tree) for leaf in comparisons(node)
    ]
    columns = {}
    for n, leaf in enumerate(leaves):
        columns[f"g{n}_result"] = comparison(leaf, frame)
        for name, column in _columns(leaf, frame).items():
            columns[f"g{n}_{name}"] = column
        known_at = frame.known_at(leaf.metric)
        if known_at is not None and leaf.metric.type != MetricType.SET:
            columns[f"g{n}_known"] = known_at
    sets = {
        n: _set_values(leaf.metric, frame, ids)
        for n, leaf in enumerate(leaves)
        if leaf.metric.type == MetricType.SET
    }
    rows = MODELS[frame.base].objects.filter(pk__in=ids).annotate(**frame.aliases, **columns)
    result = {}
    for row in rows.values("pk", *columns):
        result[row["pk"]] = [
            _draft(n, leaf, row, frame, sets.get(n)) for n, leaf in enumerate(leaves)
        ]
    return result


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


def _draft(n, leaf, row, frame, set_values):
    metric = leaf.metric
    if set_values is not None:
        owner = row["pk"] if metric.subject == frame.base else None
        measured = ", ".join(set_values.get(owner or row["pk"], ())) or "–"
    else:
        measured = _text(metric, row[f"g{n}_left"], row.get(f"g{n}_bottom"), frame)
    return GroundDraft(
        comparison=leaf,
        measured=_short(measured),
        threshold=_short(_threshold(n, leaf, row, frame)),
        known_at=row.get(f"g{n}_known"),
        result=None if row[f"g{n}_result"] is None else bool(row[f"g{n}_result"]),
    )


def _threshold(n, leaf, row, frame):
    value = leaf.value
    if value is None:
        return None
    if isinstance(value, Literal):
        if value.list_code:
            return f"{value.list_code} ({len(value.value)})"
        if isinstance(value.value, tuple):
            return ", ".join(_plain(v) for v in value.value)
        return _plain(value.value)
    right = row[f"g{n}_right"]
    if isinstance(value, TableValue):
        if right is None or value.table.type == "text":
            return right
        return str(Decimal(int(right)).scaleb(-operands.table_places(value.table)))
    text = _text(value.metric, right, row.get(f"g{n}_right_bottom"), frame)
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
