"""Items and every fact that is a column of theirs; their prices have feeds of their own."""

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sellers.feeds.description import (
    EFFECTIVE,
    KNOWN,
    TIMES,
    Check,
    Feed,
    Level,
    columns_of,
    own_code,
    with_metrics,
)
from sellers.models import Item, SubjectKind

CODE = own_code(Item)
(SELLER,) = columns_of(Item, "seller")


class Items(Feed):
    """One line per item, by its code."""

    kind = "items"
    columns = (
        CODE,
        SELLER,
        *columns_of(Item, "title"),
        *with_metrics(
            "item",
            *columns_of(Item, "category", "industry", "stock", "first_listed_at", "published_at"),
            *columns_of(Item, "ship_time_hours", "on_stock_list", "recommended", "free_shipping"),
            *columns_of(Item, "volume_m3", "weight_kg", "cost_price", least=0),
            *columns_of(Item, "brand_score", "scarcity_score", "theme_fit"),
        ),
        *TIMES,
    )
    subjects = ((SubjectKind.ITEM, "found__id"),)
    new_rows_change = False
    new_needs = frozenset({"seller"})
    hints = {"list_price": gettext_lazy("List prices have a feed of their own, list_prices.")}

    def key(self, present):
        return ("code",)

    def levels(self, present):
        written = tuple(c for c in present if c not in (CODE, SELLER, *TIMES))
        fixed = {"code": F("found_id")}
        if SELLER in present:
            fixed["seller"] = SELLER.value
        times = (EFFECTIVE, KNOWN)
        return [Level(model=Item, found="found", columns=written, times=times, fixed=fixed)]

    def checks(self, stage):
        if stage.has("seller"):
            moved = Q(found__id__isnull=False) & ~Q(found__seller__code=F("seller_id"))
            reason = _("is another seller than the item's, %s; an item does not change its seller")
            yield Check(moved, SELLER, reason, other="found__seller__code")
