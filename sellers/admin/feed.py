"""What was fed, and what the installation declares and tracks."""

from django.contrib import admin
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from sellers.admin.base import RecordAdmin
from sellers.models import FactChange, FactDefinition, FeedRun, TrackedFact


@admin.register(FeedRun)
class FeedRunAdmin(RecordAdmin):
    """Feeds, latest first, with what each of them changed."""

    list_display = [
        "kind", "file_name", "at", "state", "read", "bad", "inserted", "updated", "unchanged",
    ]  # fmt: skip
    list_filter = ["kind", ("state", ChoicesDropdownFilter)]
    ordering = ["-id"]


@admin.register(FactDefinition)
class FactDefinitionAdmin(RecordAdmin):
    """Facts that rulebooks declared beside the catalogue."""

    list_display = ["code", "subject_kind", "type", "unit", "places"]
    search_fields = ["code"]
    ordering = ["code"]
    exclude = ["slot"]


@admin.register(TrackedFact)
class TrackedFactAdmin(RecordAdmin):
    """Metrics whose changes are logged."""

    list_display = ["metric"]


@admin.register(FactChange)
class FactChangeAdmin(RecordAdmin):
    """Values that tracked facts took, with when they took effect and when they were known."""

    list_display = ["metric", "subject_id", "value", "effective_at", "known_at"]
    list_filter = ["metric"]
    ordering = ["-id"]
