"""What a requirement asks, in one generated sentence, in the language asked for."""

from django.utils.translation import gettext as _
from django.utils.translation import override, pgettext

from campaigns.eligibility.bound import bind, stage_terms
from campaigns.eligibility.conditions import (
    All,
    AnyOf,
    Comparison,
    ConditionError,
    Literal,
    MetricValue,
    Not,
    TableValue,
)
from campaigns.eligibility.problems import ACTIONS
from campaigns.eligibility.vocabulary import Vocabulary


def localised(texts, language: str) -> str:
    """A rulebook text in the language, else in English, else whatever there is, else ""."""
    if not texts:
        return ""
    if isinstance(texts, str):
        return texts
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


def sentence(requirement, vocabulary: Vocabulary, language: str, stage: str | None = None) -> str:
    """The requirement at a stage (its first by default), for people; "" if not applied there."""
    # PostgreSQL does not keep the order of JSON's keys.
    stage = stage or next((one for one in ACTIONS if one in requirement.stages), "admission")
    if stage_terms(requirement, stage) is None:
        return ""
    with override(language):
        try:
            bound = bind(requirement, stage, vocabulary)
        except ConditionError as error:
            return str(error)
        text = describe(bound.tree, language)
        if bound.premise is None:
            return text
        return _("If %(premise)s: %(text)s") % {
            "premise": describe(bound.premise, language),
            "text": text,
        }


def describe(node, language: str, *, nested: bool = False) -> str:
    """A tree in words; the active language must be ``language``."""
    if isinstance(node, Comparison):
        return _comparison(node, language)
    if isinstance(node, Not):
        return _("not (%(part)s)") % {"part": describe(node.part, language)}
    parts = [describe(part, language, nested=True) for part in node.parts]
    if isinstance(node, All):
        text = pgettext("joins conditions", " and ").join(parts)
    elif isinstance(node, AnyOf):
        text = pgettext("joins conditions", " or ").join(parts)
    else:
        text = _("at least %(count)d of: %(parts)s") % {
            "count": node.count,
            "parts": pgettext("joins listed conditions", "; ").join(parts),
        }
    return f"({text})" if nested and len(parts) > 1 else text


def comparator_text(op: str) -> str:
    """An operator as people write it."""
    return {
        "==": _("is"),
        "!=": _("is not"),
        "<": _("is below"),
        "<=": _("is at most"),
        ">": _("is above"),
        ">=": _("is at least"),
        "in": _("is one of"),
        "not_in": _("is none of"),
        "contains": _("include"),
        "not_contains": _("do not include"),
        "is_missing": _("is not known"),
        "is_known": _("is known"),
    }[op]


def unit_text(unit: str) -> str:
    """A unit's name; codes that are no words stay as they are."""
    names = {
        "hours": _("hours"),
        "days": _("days"),
        "units": _("units"),
        "items": _("items"),
        "level": pgettext("unit", "level"),
        "score": pgettext("unit", "points"),
        "points": pgettext("unit", "points"),
        "orders": _("orders"),
        "buyers": _("buyers"),
    }
    return names.get(unit, unit)


def _comparison(leaf, language):
    label = localised(leaf.metric.label, language) or leaf.metric.code
    words = [label, comparator_text(leaf.op)]
    if leaf.value is not None:
        words.append(_value(leaf, language))
        numeric = isinstance(leaf.value, Literal) and not isinstance(leaf.value.value, str | bool)
        amount = isinstance(leaf.value, Literal) and leaf.metric.unit and not leaf.value.list_code
        if leaf.metric.unit and (numeric or amount):
            words.append(unit_text(leaf.metric.unit))
    return pgettext("joins words of a sentence", " ").join(words)


def _value(leaf, language):
    value = leaf.value
    if isinstance(value, MetricValue):
        other = localised(value.metric.label, language) or value.metric.code
        if value.times == "1":
            return other
        return _("%(factor)s × %(metric)s") % {"factor": value.times, "metric": other}
    if isinstance(value, TableValue):
        title = localised(value.table.title, language) or value.table.code
        keys = ", ".join(localised(metric.label, language) for metric in value.keys)
        return _("%(table)s (by %(keys)s)") % {"table": title, "keys": keys}
    if value.list_code:
        return _("list “%(code)s”") % {"code": value.list_code}
    if isinstance(value.value, tuple):
        return ", ".join(_literal(one) for one in value.value)
    return _literal(value.value)


def _literal(value):
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)
