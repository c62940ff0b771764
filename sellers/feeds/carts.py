"""Amounts put into carts, per item and hour."""

from dataclasses import replace

from django.db.models import F, FilteredRelation, Q

from sellers.bulk_write import insert_from_query
from sellers.feeds.description import KNOWN_COLUMN, Feed, Level, columns_of
from sellers.feeds.staging import Action
from sellers.feeds.values import Instant
from sellers.models import DirtyHour, ItemHour

ITEM, HOUR = (column.as_needed() for column in columns_of(ItemHour, "item", "hour"))
HOUR = replace(HOUR, kind=Instant(whole_hours=True))
AMOUNT = replace(columns_of(ItemHour, "cart_amount", least=0)[0].as_needed(), required=True)


class Carts(Feed):
    """One line per item and hour; the amount is the hour's whole, and replaces what is there."""

    kind = "carts"
    columns = (ITEM, HOUR, AMOUNT, KNOWN_COLUMN)

    def key(self, present):
        return ("item", "hour")

    def rows(self, model):
        same = Q(item__hours__hour=F("hour"))
        return model.objects.annotate(found=FilteredRelation("item__hours", condition=same))

    def levels(self, present):
        return [
            Level(
                model=ItemHour,
                found="found",
                columns=(AMOUNT,),
                fixed={"item": F("item__id"), "hour": F("hour")},
                # An hour has no time of its own; an amount that is there is not overwritten.
                standing=~Q(found__cart_amount=0),
            )
        ]

    def after(self, stage, part):
        written = part.filter(action__in=(Action.NEW, Action.CHANGED))
        insert_from_query(
            written.order_by("item__id", "hour").values_list("item__id", "hour"),
            DirtyHour,
            ["item", "hour"],
            touched=["item", "hour"],
            at_once=True,
        )
