"""The second meaning of conditions: a plain evaluator that shares no code with the first.

Reads a tree as a rulebook has it and one subject's facts, and answers True, False or None
(unknown). Facts are Python values by metric code: int, Decimal, bool, str, aware datetime, a
``(numerator, denominator)`` pair for a ratio, a set of codes, a category's path of codes from the
root for a category; None or absent is missing.
"""

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from zoneinfo import ZoneInfo


class World:
    """What a tree refers to: metric kinds by code, lists, tables, the zone and the instant."""

    def __init__(
        self, *, kinds, lists=None, tables=None, depths=None, at=None, zone="Asia/Shanghai"
    ):
        self.kinds = kinds
        self.lists = lists or {}
        self.tables = tables or {}
        self.depths = depths or {}
        self.at = at
        self.zone = ZoneInfo(zone)


def evaluate(tree, facts, world):
    """True, False or None of a tree for one subject."""
    if isinstance(tree, dict):
        return _evaluate_group(tree, facts, world)
    code, op = tree[0], tree[1]
    kind = world.kinds[code]
    left = _plain(kind, facts.get(code), world)
    if op == "is_missing":
        return left is None
    if op == "is_known":
        return left is not None
    if op in ("contains", "not_contains"):
        held = tree[2] in (facts.get(code) or set())
        return held if op == "contains" else not held
    right = _right(tree[2], kind, facts, world)
    if left is None:
        return None
    if op in ("in", "not_in"):
        inside = any(_same(kind, left, _literal(kind, one, world)) for one in right)
        return inside if op == "in" else not inside
    if right is None:
        return None
    if op in ("==", "!="):
        return _same(kind, left, right) == (op == "==")
    return {
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[op]


def verdict(requirement, facts, world, stage):
    """pass, fail or hold of a requirement's dict at a stage; None if it is not asked there."""
    terms = requirement["stages"].get(stage)
    if terms is None:
        return None
    if isinstance(terms, str):
        terms = {"action": terms}
    asked = evaluate(terms.get("require", requirement["require"]), facts, world)
    premises = []
    if requirement.get("applies_when") is not None:
        premises.append(evaluate(requirement["applies_when"], facts, world))
    sample = requirement.get("sample")
    if sample:
        premises.append(evaluate([sample["metric"], ">=", sample["at_least"]], facts, world))
    premise = _conjunction(premises)
    answer = True if premise is False or asked is True else None
    if premise is True and asked is False:
        answer = False
    if answer is not None:
        return "pass" if answer else "fail"
    policy = terms.get("missing", requirement.get("missing"))
    if isinstance(policy, dict):
        policy = policy.get(stage)
    return policy or "pass"


def _evaluate_group(tree, facts, world):
    if "not" in tree:
        inner = evaluate(tree["not"], facts, world)
        return None if inner is None else not inner
    parts = [
        evaluate(part, facts, world)
        for part in tree.get("all") or tree.get("any") or tree.get("of")
    ]
    if "all" in tree:
        return _conjunction(parts)
    if "any" in tree:
        inverse = _conjunction([None if part is None else not part for part in parts])
        return None if inverse is None else not inverse
    sure, possible = parts.count(True), len(parts) - parts.count(False)
    if sure >= tree["at_least"]:
        return True
    return False if possible < tree["at_least"] else None


def _conjunction(parts):
    if False in parts:
        return False
    return None if None in parts else True


def _same(kind, left, right):
    # A category is its path; naming a category means everything below it.
    return right in left if kind == "category" else left == right


def _plain(kind, value, world):
    if value is None:
        return None
    if kind == "ratio":
        top, bottom = value
        return None if not bottom or top is None else Fraction(top) / Fraction(bottom)
    if kind == "age":
        today = world.at.astimezone(world.zone).date()
        return Fraction((today - value.astimezone(world.zone).date()).days)
    if kind in ("integer", "decimal"):
        return Fraction(value)
    return value


def _literal(kind, value, world):
    if kind in ("integer", "decimal", "ratio", "age"):
        return Fraction(Decimal(value))
    if kind == "datetime":
        return datetime.fromisoformat(value).replace(tzinfo=world.zone)
    return value


def _right(value, kind, facts, world):
    if not isinstance(value, dict):
        return value if isinstance(value, list) else _literal(kind, value, world)
    if "list" in value:
        return world.lists[value["list"]]
    if "table" in value:
        text = _look_up(world.tables[value["table"]], facts, world)
        return None if text is None else _literal(kind, text, world)
    other = _plain(world.kinds[value["metric"]], facts.get(value["metric"]), world)
    if other is None or "times" not in value:
        return other
    return other * Fraction(Decimal(value["times"]))


def _look_up(table, facts, world):
    """The value of the matching row whose category key is the deepest, else the first written."""
    best = None
    for position, (keys, text) in enumerate(table["rows"]):
        depth = _match(table["keys"], keys, facts, world)
        if depth is not None and (best is None or (-depth, position) < best[0]):
            best = ((-depth, position), text)
    return table.get("default") if best is None else best[1]


def _match(codes, keys, facts, world):
    """None if the row does not match; else how deep its category key is (0 without one)."""
    depth = -1
    for code, key in zip(codes, keys, strict=True):
        if key is None:
            continue
        kind = world.kinds[code]
        value = _plain(kind, facts.get(code), world)
        if isinstance(key, dict):
            if "missing" in key:
                if value is not None:
                    return None
            elif value is None or not _within(kind, value, key, world):
                return None
            continue
        options = key if isinstance(key, list) else [key]
        if value is None or not any(_same(kind, value, _literal(kind, o, world)) for o in options):
            return None
        if kind == "category":
            depth = max(depth, max(world.depths.get(o, 0) for o in options))
    return depth


def _within(kind, value, band, world):
    low, high = band.get("from"), band.get("to")
    above = low is None or value >= _literal(kind, low, world)
    return above and (high is None or value < _literal(kind, high, world))
