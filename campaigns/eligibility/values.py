"""Values and filters outside requirements: quota ceilings, and which entries a quota counts."""

from collections.abc import Iterable
from datetime import datetime

from campaigns.eligibility import literals, operands, sql
from campaigns.eligibility.checker import fact_sets
from campaigns.eligibility.conditions import parse, parse_value
from campaigns.eligibility.expressions import expression
from campaigns.eligibility.frame import MODELS, Frame
from campaigns.eligibility.vocabulary import Vocabulary, vocabulary_of
from campaigns.models import RulebookVersion


def value_of(
    spec,
    *,
    version: RulebookVersion,
    at: datetime,
    ids: Iterable[int],
    base: str = "registration",
    vocabulary: Vocabulary | None = None,
) -> dict:
    """A number for each row of the base: ``spec`` is an int, a decimal's text, ``{"table": code}``
    or ``{"metric": code}``. Decimal by id; None where no row of the table matches. One query."""
    ids = list(ids)
    if spec is None:
        return dict.fromkeys(ids)
    if not isinstance(spec, dict):
        return dict.fromkeys(ids, literals.number(spec))
    frame = Frame(base, at, fact_sets(version, None))
    value = parse_value(spec, vocabulary or vocabulary_of(version), "value")
    right = operands.right_number(value, frame)
    rows = MODELS[base].objects.filter(pk__in=ids).annotate(**frame.aliases, answer=right.top)
    return {
        pk: None if answer is None else literals.number(int(answer)).scaleb(-right.places)
        for pk, answer in rows.values_list("pk", "answer")
    }


def where_true(queryset, tree, *, version, at, base="entry", vocabulary=None):
    """The rows for which a condition is true; all of them where the tree is None."""
    if tree is None:
        return queryset
    frame = Frame(base, at, fact_sets(version, None))
    node = parse(tree, vocabulary or vocabulary_of(version), "where")
    test = sql.is_true(expression(node, frame))
    return queryset.annotate(**frame.aliases).filter(test)
