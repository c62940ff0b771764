"""Findings: what was not met, by whom, with evidence. Kept for good, edited by nobody."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    RangeDateTimeFilter,
)

from campaigns.admin import shown
from campaigns.models import Finding, Ground
from sellers.admin.base import CodeFilter, RecordAdmin, RecordInline


class FindingCodeFilter(CodeFilter):
    """By requirement or process reason."""

    title = _("code")
    parameter_name = "code"
    lookup = "code"


class GroundInline(RecordInline):
    """Every comparison, as it came out."""

    model = Ground
    ordering = ["id"]
    fields = readonly_fields = [
        "path", "metric", "measured", "comparator", "threshold", "unit", "window", "known_at",
        "result",
    ]  # fmt: skip


@admin.register(Finding)
class FindingAdmin(RecordAdmin):
    """Findings, latest first."""

    list_display = ["code", "title", "outcome", "action", "subject", "measured", "at", "mode"]
    list_display_links = ["code"]
    list_filter = [
        ("campaign", AutocompleteSelectFilter),
        FindingCodeFilter,
        ("outcome", ChoicesDropdownFilter),
        ("at", RangeDateTimeFilter),
    ]
    list_select_related = [
        "requirement", "entry__item", "entry__seller", "registration__seller", "run",
    ]  # fmt: skip
    ordering = ["-id"]
    inlines = [GroundInline]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("campaign", "version"),
                    ("code", "outcome"),
                    ("entry", "registration"),
                    ("stage", "action"),
                    ("run", "at"),
                ]
            },
        )
    ]

    def get_queryset(self, request):
        """With grounds, which the list shows."""
        return super().get_queryset(request).prefetch_related("grounds")

    def lookup_allowed(self, lookup, value, request=None):
        """Links from a sweep's report narrow the list by run."""
        return lookup == "run__id__exact" or super().lookup_allowed(lookup, value, request)

    @shown.column(_("requirement"))
    def title(self, finding):
        """In words."""
        return shown.finding_title(finding)

    @shown.column(_("about"))
    def subject(self, finding):
        """The entry's item and seller, or the seller."""
        if finding.entry:
            return shown.link(finding.entry, f"{finding.entry.item} · {finding.entry.seller.code}")
        return finding.registration.seller if finding.registration else None

    @shown.column(_("measured"))
    def measured(self, finding):
        """The comparisons that did not hold, in words."""
        failed = [ground for ground in finding.grounds.all() if ground.result is not True]
        return "; ".join(shown.ground_text(ground) for ground in failed[:3])

    @shown.column(_("mode"))
    def mode(self, finding):
        """Of the sweep, if a sweep found it."""
        return finding.run.get_mode_display() if finding.run else _("filing")
