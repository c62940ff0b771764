"""Venues: who owns them, what is overdue in them, and their results."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from campaigns import overdue, permissions
from campaigns.admin import shown
from campaigns.admin.release import ReleaseAction
from campaigns.models import Venue
from sellers import clock
from sellers.admin.base import ListAdmin
from sellers.models import User


@admin.register(Venue)
class VenueAdmin(ReleaseAction, ListAdmin):
    """Venues, by code; what they ask is in the rulebook."""

    list_display = ["code", "campaign", "owner", "overdue"]
    list_filter = [("campaign", AutocompleteSelectFilter)]
    list_select_related = ["campaign", "owner"]
    search_fields = ["code"]
    ordering = ["-id"]
    fields = ["code", "campaign", "owner", "overdue"]
    readonly_fields = ["code", "campaign", "overdue"]
    actions_detail = ["release_results"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        """Owners are staff; operators may not search among all users."""
        if db_field.name == "owner":
            kwargs["queryset"] = User.objects.filter(is_staff=True, is_active=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_add_permission(self, request):
        """Venues come from rulebooks."""
        return False

    def has_change_permission(self, request, obj=None):
        """Operators say who owns a venue."""
        return permissions.may_operate(request.user)

    def has_delete_permission(self, request, obj=None):
        """What entries were filed in stays."""
        return False

    def get_changelist_instance(self, request):
        """The list, with what is overdue counted for the page's venues at once."""
        found = super().get_changelist_instance(request)
        counts = overdue.count_by_venue([row.pk for row in found.result_list], clock.now())
        for row in found.result_list:
            row.overdue_entries = counts[row.pk]
        return found

    @shown.column(_("overdue entries"))
    def overdue(self, venue):
        """Entries that still wait although results were due."""
        number = getattr(venue, "overdue_entries", None)
        if number is None:
            number = overdue.count_by_venue([venue.pk], clock.now())[venue.pk]
        return shown.badge(number, "bad") if number else None
