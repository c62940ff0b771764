"""Orders and their lines."""

from dataclasses import replace
from functools import reduce
from operator import or_

from django.db.models import Exists, F, FilteredRelation, Max, OuterRef, Q
from django.utils.translation import gettext as _

from sellers.bulk_write import Differs, update_from_query
from sellers.feeds.description import (
    KNOWN,
    KNOWN_COLUMN,
    Check,
    Column,
    Feed,
    Level,
    columns_of,
)
from sellers.feeds.problems import FeedError
from sellers.feeds.staging import Action
from sellers.feeds.values import Code
from sellers.models import Order, OrderLine
from sellers.rollups import mark_hours

ORDER = Column(name="order", kind=Code(Order, must_exist=False), needed=True, required=True)
NUMBER = replace(columns_of(OrderLine, "number")[0], name="line")
ITEM, SELLER = columns_of(OrderLine, "item", "seller")
OF_ORDER = columns_of(
    Order,
    *("buyer", "checkout", "state", "placed_at", "paid_at", "shipped_at"),
    *("promised_ship_at", "ship_region"),
)
OF_LINE = (
    ITEM,
    *columns_of(OrderLine, "quantity", least=1),
    *columns_of(OrderLine, "unit_price", "paid_amount", "refunded_amount", least=0),
    *columns_of(OrderLine, "abnormal"),
)
ORDER_NEEDS = frozenset({"state", "placed_at"})
LINE_NEEDS = frozenset({"item", "quantity", "unit_price", "paid_amount"})
WRITTEN = (Action.NEW, Action.CHANGED)


class Orders(Feed):
    """One line per order line; what belongs to the order is repeated in each of its lines.

    A file without the column `line` says something of orders only, one line each. Hours whose sums
    change are marked for the rollup.
    """

    kind = "orders"
    columns = (ORDER, NUMBER, *OF_ORDER, *OF_LINE, SELLER, KNOWN_COLUMN)

    def __init__(self):
        self._lines = True

    def present(self, header):
        present = super().present(header)
        self._lines = NUMBER in present
        of_line = [column.name for column in present if column in (*OF_LINE, SELLER)]
        if of_line and not self._lines:
            raise FeedError(_("the column line is missing, which %s needs") % ", ".join(of_line))
        self.new_needs = LINE_NEEDS if self._lines else ORDER_NEEDS
        return present

    def key(self, present):
        return ("order", "line") if self._lines else ("order",)

    def rows(self, model):
        if not self._lines:
            return model.objects.all()
        same = Q(order__lines__number=F("number"))
        return model.objects.annotate(found=FilteredRelation("order__lines", condition=same))

    def levels(self, present):
        orders = Level(
            model=Order,
            found="order",
            columns=tuple(column for column in present if column in OF_ORDER),
            times=(KNOWN,),
            fixed={"code": F("order_id")},
            first_of="order_id",
            action="order_action" if self._lines else "action",
        )
        if not self._lines:
            return [orders]
        lines = Level(
            model=OrderLine,
            found="found",
            columns=tuple(column for column in present if column in OF_LINE),
            times=(f"order__{KNOWN}",),
            fixed={
                "order": F("order__id"),
                "number": F("number"),
                "seller": F("item__seller"),
                "paid_at": F("order__paid_at"),
            },
        )
        return [orders, lines]

    def checks(self, stage):
        names = {column.name for column in stage.present}
        if self._lines and (missing := sorted(ORDER_NEEDS - names)):
            reason = _("is not known, and a new row needs: %s") % ", ".join(missing)
            yield Check(Q(order__id__isnull=True), ORDER, reason)
        if SELLER in stage.present:
            owner = "item__seller__code" if ITEM in stage.present else "found__seller__code"
            foreign = Q(**{f"{owner}__isnull": False}) & ~Q(**{owner: F("seller_id")})
            yield Check(foreign, SELLER, _("does not sell the item; %s does"), other=owner)
        of_order = [column for column in stage.present if column in OF_ORDER]
        if self._lines and of_order:
            later = stage.model.objects.filter(order_id=OuterRef("order_id"), pk__gt=OuterRef("pk"))
            differs = (Q(Differs(F(c.cell), OuterRef(c.cell))) for c in of_order)
            contradicted = Q(Exists(later.filter(reduce(or_, differs))))
            reason = _("is told otherwise in a later line of the same order, which counts")
            yield Check(contradicted, ORDER, reason)

    def before(self, stage, part):
        self._mark_hours(stage, part, [Action.CHANGED])

    def after(self, stage, part):
        if self._lines:
            # The order's time says how old its lines' values are, too.
            heard = part.filter(action__in=WRITTEN, order__known_at__lt=F(KNOWN))
            heard = heard.values("order__id").annotate(heard=Max(KNOWN))
            update_from_query(heard.values_list("order__id", "heard"), Order, [KNOWN])
        lines = OrderLine.objects.filter(order__in=part.values("order__id"))
        repeated = lines.filter(
            Q(Differs(F("paid_at"), F("order__paid_at")))
            | Q(Differs(F("seller_id"), F("item__seller_id")))
        )
        update_from_query(
            repeated.values_list("pk", "order__paid_at", "item__seller"),
            OrderLine,
            ["paid_at", "seller"],
        )
        self._mark_hours(stage, part, WRITTEN)

    def _mark_hours(self, stage, part, actions):
        """Mark the hours in which the chunk's lines count, as they are at this moment."""
        if self._lines:
            lines = part.filter(action__in=actions).values("found__id")
            mark_hours(OrderLine.objects.filter(pk__in=lines))
        if {"paid_at", "buyer"} & {column.name for column in stage.present}:
            (orders, *_lines) = stage.levels
            moved = part.filter(**{orders.action: Action.CHANGED}).values("order__id")
            mark_hours(OrderLine.objects.filter(order__in=moved))
