"""Declared facts, by their codes, into the slots of the current fact set."""

from decimal import Decimal

from django.db.models import F, FilteredRelation, Q, Value
from django.utils.translation import gettext as _

from sellers.feeds.description import EFFECTIVE, KNOWN, TIMES, Column, Feed, Level
from sellers.feeds.problems import FeedError
from sellers.feeds.values import Code, Instant, Integer, Money, Text, Truth
from sellers.metrics.registry import CURRENT_SET
from sellers.metrics.slots import LARGEST_INTEGER, LONGEST_TEXT, slot_model
from sellers.models import FactDefinition, FactSet, Item, ScaledDecimalField, Seller, SubjectKind

_SUBJECTS = {
    SubjectKind.SELLER: Column(name="seller", kind=Code(Seller), required=True),
    SubjectKind.ITEM: Column(name="item", kind=Code(Item), required=True),
}


class Facts(Feed):
    """One line per seller or item: the column `seller` or `item`, and one column per fact."""

    kind = "facts"

    def __init__(self):
        self._definitions = {fact.code: fact for fact in FactDefinition.objects.all()}
        facts = [_column(fact) for code, fact in sorted(self._definitions.items())]
        self.columns = (*_SUBJECTS.values(), *facts, *TIMES)
        self._subject = self._current = None

    def present(self, header):
        present = super().present(header)
        found = [kind for kind, column in _SUBJECTS.items() if column in present]
        if len(found) != 1:
            raise FeedError(_("the file needs a column seller or a column item, and only one"))
        (self._subject,) = found
        for column in present:
            fact = self._definitions.get(column.name)
            if fact is not None and fact.subject_kind != self._subject:
                raise FeedError(
                    _("%(fact)s is a fact of the other kind of subject, %(kind)s")
                    % {"fact": fact.code, "kind": fact.get_subject_kind_display()}
                )
        self._current, _made = FactSet.objects.get_or_create(
            key=CURRENT_SET, defaults={"kind": FactSet.Kind.CURRENT, "complete": True}
        )
        self.subjects = ((self._subject, f"{self._subject}__id"),)
        return present

    def key(self, present):
        return (str(self._subject),)

    def rows(self, model):
        there = f"{self._subject}__slots"
        current = Q(**{f"{there}__fact_set": self._current.pk})
        return model.objects.annotate(found=FilteredRelation(there, condition=current))

    def levels(self, present):
        written = tuple(column for column in present if column.name in self._definitions)
        name = str(self._subject)
        return [
            Level(
                model=slot_model(self._subject),
                found="found",
                columns=written,
                times=(EFFECTIVE, KNOWN),
                fixed={name: F(f"{name}__id"), "fact_set": Value(self._current.pk)},
            )
        ]


def _column(fact):
    return Column(name=fact.code, field=fact.slot, kind=_kind(fact), metric=fact.code)


def _kind(fact):
    types = FactDefinition.Type
    if fact.type == types.DECIMAL:
        largest = ScaledDecimalField(decimal_places=fact.places).largest
        return Money(fact.places, -largest, Decimal(largest))
    return {
        types.INTEGER: Integer(-LARGEST_INTEGER, LARGEST_INTEGER),
        types.BOOLEAN: Truth(),
        types.TEXT: Text(LONGEST_TEXT),
        types.DATETIME: Instant(),
    }[fact.type]
