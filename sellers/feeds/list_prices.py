"""List prices: past, in force and scheduled; struck-through ones are kept apart (G520-032)."""

from django.db.models import F, FilteredRelation, Q
from django.utils.translation import gettext as _

from sellers.feeds.description import KNOWN, KNOWN_COLUMN, Check, Column, Feed, Level, columns_of
from sellers.feeds.values import Instant
from sellers.models import ListPrice, SubjectKind
from sellers.prices import bring_into_force, close_spans, in_force_at

# The model keeps the stated end apart from the one that the next price makes.
ENDS = Column(name="ends_at", kind=Instant(), field="stated_ends_at", staged="ends_at")
ITEM, STARTS = (column.as_needed() for column in columns_of(ListPrice, "item", "starts_at"))
(STRUCK,) = columns_of(ListPrice, "struck")
(PRICE,) = columns_of(ListPrice, "price", least=0)


class SpansOfPrices(Feed):
    """What list prices and parallel prices have in common: one line per start.

    A price ends where the next one begins, unless its line states an earlier end. A stated end that
    is the start calls the price off.
    """

    model: type
    there: str
    keys: tuple[Column, ...]
    subjects = ((SubjectKind.ITEM, "item__id"),)
    new_needs = frozenset({"price"})

    def key(self, present):
        return tuple(column.name for column in self.keys)

    def rows(self, model):
        names = [column.field for column in self.keys if column is not ITEM]
        same = Q(**{f"{self.there}__{name}": F(name) for name in names})
        return model.objects.annotate(found=FilteredRelation(self.there, condition=same))

    def levels(self, present):
        written = tuple(column for column in present if column in (PRICE, ENDS))
        fixed = {column.field: column.value for column in self.keys}
        return [
            Level(model=self.model, found="found", columns=written, times=(KNOWN,), fixed=fixed)
        ]

    def checks(self, stage):
        if stage.has("ends_at"):
            yield Check(Q(ends_at__lt=F("starts_at")), ENDS, _("lies before starts_at"))

    def after(self, stage, part):
        by = [column.field for column in self.keys if column is not STARTS]
        close_spans(self.model, part.values("item__id"), by=by)


class ListPrices(SpansOfPrices):
    """One line per item and start; `struck` ones are a row of time of their own."""

    kind = "list_prices"
    model, there, keys = ListPrice, "item__list_prices", (ITEM, STARTS, STRUCK)
    columns = (ITEM, PRICE, STRUCK, STARTS, ENDS, KNOWN_COLUMN)

    def after(self, stage, part):
        super().after(stage, part)
        # An older file fed later does not turn the clock of prices back.
        bring_into_force(part.values("item__id"), at=in_force_at(stage.at))
