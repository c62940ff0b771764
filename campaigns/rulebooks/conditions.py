"""Condition trees as a rulebook file writes them: their schema, what they name, their words.

Their meaning is `campaigns.eligibility`'s; nothing here evaluates anything.
"""

from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from campaigns.eligibility.conditions import OPERATORS, PRESENCES
from campaigns.rulebooks.values import in_order

METRIC_CODE = r"^[a-z]+\.[A-Za-z0-9_]+$"

_METRIC = {"$ref": "#/$defs/metric"}
_SCALAR = {"type": ["string", "number", "boolean"]}
_SCALARS = {"type": "array", "items": _SCALAR}


def _mapping(title, properties, required):
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _tree(name, left, right):
    """The schema of trees called ``name`` whose comparisons are ``[left, operator, right]``."""
    itself = {"$ref": f"#/$defs/{name}"}
    parts = {"type": "array", "items": itself, "minItems": 1}
    counted = {"at_least": {"type": "integer", "minimum": 1}, "of": parts}
    return {
        "description": gettext_noop(
            "[metric, operator, value], or a mapping with all, any, not, or at_least and of"
        ),
        "anyOf": [
            {
                "title": "comparison",
                "type": "array",
                "minItems": 2,
                "maxItems": 3,
                "prefixItems": [left, {"enum": list(OPERATORS)}, right],
            },
            _mapping("all", {"all": parts}, ["all"]),
            _mapping("any", {"any": parts}, ["any"]),
            _mapping("not", {"not": itself}, ["not"]),
            _mapping("at_least", counted, ["at_least", "of"]),
        ],
    }


DEFINITIONS = {
    "metric": {
        "description": gettext_noop("a metric code such as seller.shop_type"),
        "type": "string",
        "pattern": METRIC_CODE,
        "maxLength": 80,
    },
    "operand": {
        "description": gettext_noop(
            "a value, a list of values, {metric: code, times: factor}, {list: code} "
            "or {table: code}"
        ),
        "anyOf": [
            _SCALAR,
            _SCALARS,
            _mapping(
                "metric", {"metric": _METRIC, "times": {"type": ["number", "string"]}}, ["metric"]
            ),
            _mapping("list", {"list": {"type": "string"}}, ["list"]),
            _mapping("table", {"table": {"type": "string"}}, ["table"]),
        ],
    },
    "condition": _tree("condition", _METRIC, {"$ref": "#/$defs/operand"}),
    "column": {
        "description": gettext_noop("a field of the source"),
        "type": "string",
        "pattern": r"^[a-z_]+$",
    },
    # What a statistic counts: the same trees over the fields of its source.
    "filter": _tree("filter", {"$ref": "#/$defs/column"}, {"anyOf": [_SCALAR, _SCALARS]}),
}


def names_in(tree, path=()) -> Iterator[tuple[str, str, tuple]]:
    """What a tree names, as ("metric" | "list" | "table", code, path), left to right.

    A tree of the wrong shape is looked through as far as it goes.
    """
    if isinstance(tree, list):
        if tree and isinstance(tree[0], str):
            yield "metric", tree[0], (*path, 0)
        if len(tree) == 3:
            yield from operand_names(tree[2], (*path, 2))
    elif isinstance(tree, dict):
        for key in ("all", "any", "of"):
            parts = tree.get(key)
            for i, part in enumerate(parts if isinstance(parts, list) else ()):
                yield from names_in(part, (*path, key, i))
        if "not" in tree:
            yield from names_in(tree["not"], (*path, "not"))


def operand_names(value, path) -> Iterator[tuple[str, str, tuple]]:
    """What a right-hand side names."""
    if isinstance(value, dict):
        for kind in ("metric", "list", "table"):
            if isinstance(value.get(kind), str):
                yield kind, value[kind], (*path, kind)


def tree_words(value) -> str:
    """A condition, or any small structure, on one line: ``item.age_days > 30 and …``."""
    if value is None or value in ({}, [], ""):
        return _("none")
    if is_comparison(value):
        return " ".join(_operand_words(part) for part in value)
    if isinstance(value, dict):
        return _mapping_words(value)
    return _operand_words(value)


def is_comparison(value) -> bool:
    """Whether a value is ``[metric, operator, …]``."""
    if not isinstance(value, list) or len(value) not in (2, 3) or value[1] not in OPERATORS:
        return False
    return (value[1] in PRESENCES) == (len(value) == 2)


def differences_of_trees(old, new, path="") -> Iterator[tuple[str, str, str]]:
    """The smallest parts in which two trees differ: place, old words, new words."""
    if old == new:
        return
    keys = _one_shape(old, new)
    if keys is None:
        yield path, tree_words(old), tree_words(new)
        return
    for key in keys:
        below = f"{path}.{key}" if path else key
        before, after = old[key], new[key]
        if isinstance(before, list) and not is_comparison(before):
            for i, (left, right) in enumerate(zip(before, after, strict=True)):
                yield from differences_of_trees(left, right, f"{below}[{i}]")
        else:
            yield from differences_of_trees(before, after, below)


def _one_shape(old, new):
    """The keys of two mappings that have the same keys and lists of the same length, else None."""
    if not (isinstance(old, dict) and isinstance(new, dict) and set(old) == set(new)):
        return None
    for key in old:
        before, after = old[key], new[key]
        lists = isinstance(before, list), isinstance(after, list)
        if all(lists) and not is_comparison(before) and len(before) != len(after):
            return None
        if lists[0] != lists[1] or is_comparison(before) != is_comparison(after):
            return None
    return in_order(old)


def _mapping_words(value):
    keys = set(value)
    if keys == {"all"}:
        return _(" and ").join(_nested(part) for part in value["all"])
    if keys == {"any"}:
        return _(" or ").join(_nested(part) for part in value["any"])
    if keys == {"not"}:
        return _("not (%(part)s)") % {"part": tree_words(value["not"])}
    if keys == {"at_least", "of"}:
        parts = "; ".join(tree_words(part) for part in value["of"])
        return _("at least %(count)s of: %(parts)s") % {"count": value["at_least"], "parts": parts}
    return _operand_words(value)


def _nested(part):
    text = tree_words(part)
    return f"({text})" if isinstance(part, dict) and {"all", "any"} & set(part) else text


def _operand_words(value):
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, dict):
        if set(value) == {"metric", "times"}:
            return f"{value['times']} × {value['metric']}"
        if len(value) == 1 and set(value) <= {"metric", "list", "table"}:
            ((kind, code),) = value.items()
            return code if kind == "metric" else f"{kind} {code}"
        return ", ".join(f"{key} {_operand_words(value[key])}" for key in in_order(value))
    if isinstance(value, list):
        return "[" + ", ".join(_operand_words(part) for part in value) + "]"
    if isinstance(value, Decimal):
        return format(value, "f")
    return _("none") if value is None else str(value)
