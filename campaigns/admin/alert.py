"""Alerts to violations that campaigns monitor, and what shops have set."""

from django.contrib import admin, messages
from django.db.models import F
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, RangeDateTimeFilter

from campaigns import alerts
from campaigns.admin import shown
from campaigns.models import Alert, ShopTool
from sellers import clock
from sellers.admin.base import CodeFilter, ListAdmin, RecordAdmin, SellerCodeFilter


class SeenFilter(admin.SimpleListFilter):
    """Open alerts, or those that somebody has seen."""

    title = _("seen")
    parameter_name = "seen"

    def lookups(self, request, model_admin):
        """Both."""
        return [("no", _("to look at")), ("yes", _("seen"))]

    def queryset(self, request, queryset):
        """By the time at which it was seen."""
        if self.value() is None:
            return queryset
        return queryset.filter(seen_at__isnull=self.value() == "no")


@admin.register(Alert)
class AlertAdmin(ListAdmin):
    """Violations to look at, open ones first."""

    list_display = ["seller", "category", "points", "penalised_at", "campaign", "at", "state"]
    list_filter = [
        SeenFilter,
        ("campaign", AutocompleteSelectFilter),
        SellerCodeFilter,
        ("at", RangeDateTimeFilter),
    ]
    list_select_related = ["seller", "campaign", "violation", "seen_by"]
    actions = ["mark_seen"]
    fields = [("campaign", "seller"), ("violation", "at"), ("seen_at", "seen_by")]

    def get_ordering(self, request):
        """Open ones first, the latest first among them."""
        return [F("seen_at").asc(nulls_first=True), "-at", "-id"]

    def has_add_permission(self, request):
        """A job raises them."""
        return False

    def has_change_permission(self, request, obj=None):
        """They are marked in the list, not edited."""
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        """They stay."""
        return False

    @shown.column(_("violation"))
    def category(self, alert):
        """Its category."""
        return shown.link(alert.violation, alert.violation.category)

    @shown.column(_("points"))
    def points(self, alert):
        """Of the violation."""
        return alert.violation.points

    @shown.column(_("penalised at"))
    def penalised_at(self, alert):
        """When it was penalised."""
        return alert.violation.penalised_at

    @shown.column(_("seen"))
    def state(self, alert):
        """By whom, or a badge."""
        if alert.seen_at is None:
            return shown.badge(_("to look at"), "bad")
        return alert.seen_by or shown.badge(_("seen"), "plain")

    @admin.action(description=_("Mark as seen"), permissions=["change"])
    def mark_seen(self, request, queryset):
        """Nothing else changes."""
        number = alerts.mark_seen(queryset.order_by(), user=request.user, at=clock.now())
        self.message_user(
            request, _("Alerts marked as seen: %(number)d.") % {"number": number}, messages.SUCCESS
        )


class ToolCodeFilter(CodeFilter):
    """By promotion."""

    title = _("promotion")
    parameter_name = "code"
    lookup = "code"


@admin.register(ShopTool)
class ShopToolAdmin(RecordAdmin):
    """What shops have set, changed and cancelled, and their landing pages."""

    list_display = ["shop", "campaign", "code", "set_at", "cancelled_at", "decorated_at", "set_by"]
    list_filter = [("registration__campaign", AutocompleteSelectFilter), ToolCodeFilter]
    list_select_related = ["registration__seller", "registration__campaign", "set_by"]
    ordering = ["-id"]

    @shown.column(_("seller"))
    def shop(self, tool):
        """Who has set it."""
        return tool.registration.seller

    @shown.column(_("campaign"))
    def campaign(self, tool):
        """For which campaign."""
        return tool.registration.campaign
