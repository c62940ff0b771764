"""Sellers and what is known of them."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from sellers.admin.base import ListAdmin, RecordAdmin, RecordInline, SellerCodeFilter
from sellers.models import (
    Agency,
    Category,
    LegalEntity,
    Membership,
    Qualification,
    Seller,
    Violation,
)


class QualificationInline(RecordInline):
    """Qualifications held, with the time they hold."""

    model = Qualification
    fields = readonly_fields = ["code", "valid_from", "valid_to", "known_at"]


class ViolationInline(RecordInline):
    """Penalties, latest first."""

    model = Violation
    ordering = ["-penalised_at"]
    fields = readonly_fields = [
        "code", "category", "severity", "points", "penalised_at", "verified", "known_at",
    ]  # fmt: skip


class MembershipInline(RecordInline):
    """Who may act for the seller."""

    model = Membership
    fields = readonly_fields = ["user", "can_file"]


@admin.register(Seller)
class SellerAdmin(RecordAdmin):
    """A seller with every fact and when it was known. Facts come from feeds only."""

    list_display = [
        "code", "name", "kind", "shop_type", "growth_level", "industry_featured", "known_at",
    ]  # fmt: skip
    list_filter = [
        ("kind", ChoicesDropdownFilter),
        ("shop_type", ChoicesDropdownFilter),
        "growth_level",
        "one_click_closed",
    ]
    search_fields = ["code"]
    search_help_text = _("The beginning of a code")
    list_select_related = False
    inlines = [QualificationInline, ViolationInline, MembershipInline]
    fieldsets = [
        (None, {"fields": [("code", "name"), ("kind", "main_category"), ("entity", "agency")]}),
        (
            _("What is known"),
            {
                "classes": ["tab"],
                "fields": [
                    ("shop_type", "marketing_rules_ok"),
                    ("dingtalk_activated", "dingtalk_by_main_account"),
                    ("dingtalk_bound", "one_click_closed"),
                    ("growth_level", "industry_featured"),
                    ("operating_score", "service_score"),
                    ("effective_at", "known_at"),
                ],
            },
        ),
    ]


@admin.register(Membership)
class MembershipAdmin(ListAdmin):
    """Which users act for which sellers and agencies."""

    list_display = ["user", "seller", "agency", "can_file"]
    list_filter = [SellerCodeFilter, "can_file"]
    list_select_related = ["user", "seller", "agency"]
    autocomplete_fields = ["user", "seller", "agency"]


@admin.register(LegalEntity, Agency)
class PartyAdmin(RecordAdmin):
    """Legal entities and agencies."""

    list_display = ["code", "name"]
    search_fields = ["code"]
    ordering = ["code"]


@admin.register(Category)
class CategoryAdmin(RecordAdmin):
    """The category tree, in the order of its paths."""

    list_display = ["code", "name", "name_zh", "industry", "path"]
    list_filter = ["industry"]
    search_fields = ["code"]
    ordering = ["path"]
