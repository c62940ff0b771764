"""Carts, presale and red packets, by hour or day, of items or sellers (D12-051, D12-125, D12-126,
G520-048)."""

from dataclasses import replace

from django.db.models import F, FilteredRelation, Q, Value
from django.utils.translation import gettext as _

from sellers.bulk_write import insert_from_query
from sellers.feeds.description import KNOWN, KNOWN_COLUMN, Feed, Level, columns_of
from sellers.feeds.problems import FeedError
from sellers.feeds.staging import Action
from sellers.feeds.values import Instant, Integer
from sellers.models import FED_FIGURES, DirtyHour, FedItemDay, FedSellerDay, FedSellerHour, ItemHour
from sellers.models.fields import LARGEST_SCALED

(ITEM,) = columns_of(FedItemDay, "item")
(SELLER,) = columns_of(FedSellerHour, "seller")
HOUR = replace(columns_of(FedSellerHour, "hour")[0], kind=Instant(whole_hours=True))
(DAY,) = columns_of(FedSellerDay, "day")
# Sums of these must fit a signed 64-bit integer.
FIGURES = tuple(
    replace(column, kind=replace(column.kind, most=LARGEST_SCALED))
    if isinstance(column.kind, Integer)
    else column
    for column in columns_of(FedSellerDay, *FED_FIGURES, least=0)
)
SHAPE = (ITEM, SELLER, HOUR, DAY)
OF_SELLERS = "red_packet_claimed_amount"
MODELS = {
    ("item", "hour"): ItemHour,
    ("item", "day"): FedItemDay,
    ("seller", "hour"): FedSellerHour,
    ("seller", "day"): FedSellerDay,
}


class Carts(Feed):
    """One line per item or seller and hour or day. Its figures are those of the whole hour or day,
    and replace what is there.

    An item's hours hold what is fed of them. All others are added up from these unless fed
    themselves: an empty cell says that a figure is not, or no longer.
    """

    kind = "carts"
    columns = (*SHAPE, *FIGURES, KNOWN_COLUMN)

    def __init__(self):
        self._subject = self._time = ""
        self._model = None

    def present(self, header):
        present = super().present(header)
        names = [column.name for column in present]
        self._subject = _only(
            names,
            ("seller", "item"),
            _("the file needs a column seller or a column item, and only one"),
        )
        self._time = _only(
            names, ("hour", "day"), _("the file needs a column hour or a column day, and only one")
        )
        self._model = MODELS[self._subject, self._time]
        if not set(names) & set(FED_FIGURES):
            raise FeedError(_("the file needs one of the columns %s") % ", ".join(FED_FIGURES))
        if self._subject == "item" and OF_SELLERS in names:
            raise FeedError(_("the column %s is for sellers, not for items") % OF_SELLERS)
        if self._model is ItemHour:
            # There is nothing else that an item's hour could be worked out from.
            return [_must_be_there(column) for column in present]
        return present

    def alike(self, names):
        return self._subject in names and self._time in names

    def key(self, present):
        return (self._subject, self._time)

    def rows(self, model):
        there = "" if self._model is ItemHour else "fed_"
        there = f"{self._subject}__{there}{self._time}s"
        same = Q(**{f"{there}__{self._time}": F(self._time)})
        return model.objects.annotate(found=FilteredRelation(there, condition=same))

    def levels(self, present):
        written = tuple(column for column in present if column.name in FED_FIGURES)
        fixed = {self._subject: F(f"{self._subject}__id"), self._time: F(self._time)}
        if self._model is ItemHour:
            return [
                Level(
                    model=ItemHour,
                    found="found",
                    columns=written,
                    fixed=fixed,
                    # An hour has no time of its own; a figure that is there is not overwritten.
                    standing=lambda column: Q(**{f"found__{column.field}__gt": 0}),
                )
            ]
        fixed["pending"] = Value(True)
        return [
            Level(model=self._model, found="found", columns=written, times=(KNOWN,), fixed=fixed)
        ]

    def before(self, stage, part):
        if self._model is ItemHour:
            return
        # In the order in which the rollup takes them up, or the two could wait for each other.
        changed = self._changed(part).order_by(self._subject, self._time)
        list(changed.select_for_update().values_list("pk"))

    def after(self, stage, part):
        if self._model is not ItemHour:
            self._changed(part).update(pending=True)
            return
        written = part.filter(action__in=(Action.NEW, Action.CHANGED))
        insert_from_query(
            written.order_by("item__id", "hour").values_list("item__id", "hour"),
            DirtyHour,
            ["item", "hour"],
            touched=["item", "hour"],
            at_once=True,
        )

    def _changed(self, part):
        rows = part.filter(action=Action.CHANGED).values("found__id")
        return self._model.objects.filter(pk__in=rows)


def _only(names, wanted, reason):
    """The one of these columns that the file has."""
    found = [name for name in wanted if name in names]
    if len(found) != 1:
        raise FeedError(reason)
    return found[0]


def _must_be_there(column):
    return replace(column, required=True) if column.name in FED_FIGURES else column
