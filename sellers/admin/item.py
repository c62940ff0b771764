"""Items with their prices and days."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from sellers.admin.base import RecordAdmin, RecordInline, SellerCodeFilter
from sellers.models import Item, ItemDay, ListPrice, ParallelPrice


class ListPriceInline(RecordInline):
    """List prices past, present and scheduled, latest first."""

    model = ListPrice
    ordering = ["-starts_at"]
    fields = readonly_fields = ["price", "struck", "starts_at", "ends_at", "known_at"]


class ParallelPriceInline(RecordInline):
    """Prices in other official channels."""

    model = ParallelPrice
    ordering = ["-starts_at"]
    fields = readonly_fields = ["channel", "price", "starts_at", "ends_at", "known_at"]


class ItemDayInline(RecordInline):
    """What the item sold by day, latest first."""

    model = ItemDay
    ordering = ["-day"]
    fields = readonly_fields = [
        "day", "quantity", "orders", "paid_amount", "abnormal_amount", "refunded_amount",
        "cart_amount", "presale_amount",
    ]  # fmt: skip


@admin.register(Item)
class ItemAdmin(RecordAdmin):
    """An item with every fact and when it was known. Facts come from feeds only."""

    list_display = [
        "code", "title", "seller", "category", "list_price", "stock", "ship_time_hours",
        "first_listed_at", "known_at",
    ]  # fmt: skip
    list_filter = [SellerCodeFilter, "on_stock_list", "recommended"]
    list_select_related = ["seller", "category"]
    search_fields = ["code"]
    search_help_text = _("The beginning of a code")
    inlines = [ListPriceInline, ParallelPriceInline, ItemDayInline]
    fieldsets = [
        (None, {"fields": [("code", "title"), ("seller", "category"), ("industry",)]}),
        (
            _("What is known"),
            {
                "classes": ["tab"],
                "fields": [
                    ("list_price", "stock"),
                    ("first_listed_at", "published_at"),
                    ("ship_time_hours", "free_shipping"),
                    ("on_stock_list", "recommended"),
                    ("volume_m3", "weight_kg"),
                    ("cost_price", "brand_score"),
                    ("scarcity_score", "theme_fit"),
                    ("effective_at", "known_at"),
                ],
            },
        ),
    ]
