"""Violations taken in by hand, and the bars that follow from violations or from operators."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter

from sellers import clock, sanctions, violations
from sellers.admin.base import ListAdmin, SellerCodeFilter
from sellers.changes import mark_changed
from sellers.models import Sanction, SanctionPolicy, SubjectKind, Violation


class ViolationForm(forms.ModelForm):
    """A violation with its evidence; an item must be the seller's."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "evidence" in self.fields:
            self.fields["evidence"].required = self.instance.pk is None

    def clean(self):
        """What the feed would refuse."""
        cleaned = super().clean()
        seller, item = cleaned.get("seller"), cleaned.get("item")
        if seller and item and item.seller_id != seller.pk:
            raise ValidationError({"item": _("This item is another seller's.")})
        now = clock.now()
        for name in ("occurred_at", "penalised_at"):
            if cleaned.get(name) and cleaned[name] > now:
                raise ValidationError({name: _("This lies in the future.")})
        return cleaned


@admin.register(Violation)
class ViolationAdmin(ListAdmin):
    """Penalties from the feed and from operators. What was taken in is not edited, but for whether
    it stands."""

    form = ViolationForm
    list_display = [
        "code", "seller", "item", "category", "severity", "points", "penalised_at", "verified",
    ]  # fmt: skip
    list_filter = [
        SellerCodeFilter,
        ("severity", ChoicesDropdownFilter),
        "verified",
        ("penalised_at", RangeDateTimeFilter),
    ]
    list_select_related = ["seller", "item"]
    search_fields = ["code"]
    search_help_text = _("The beginning of a code")
    ordering = ["-id"]
    autocomplete_fields = ["seller", "item"]
    fields = [
        ("seller", "item"), ("category", "subcategory"), ("severity", "points", "is_special_zero"),
        ("occurred_at", "penalised_at"), "evidence",
    ]  # fmt: skip

    def get_fields(self, request, obj=None):
        """A new one is verified."""
        more = ["verified", ("code", "author", "known_at")] if obj else []
        return [*self.fields, *more]

    def get_readonly_fields(self, request, obj=None):
        """All but whether it stands."""
        if obj is None:
            return []
        names = []
        for field in self.get_fields(request, obj):
            names += [field] if isinstance(field, str) else field
        return [name for name in names if name != "verified"]

    def has_delete_permission(self, request, obj=None):
        """They stay; one that does not stand is not verified."""
        return False

    def save_model(self, request, obj, form, change):
        """The clock says since when it is known; the seller is re-checked at once."""
        if not change:
            violations.take_in(obj, author=request.user, at=clock.now())
        elif "verified" in form.changed_data:
            violations.set_verified(obj, obj.verified, at=clock.now())


@admin.register(SanctionPolicy)
class SanctionPolicyAdmin(ListAdmin):
    """Which violations bar their sellers, and for how long."""

    list_display = ["category", "months"]
    ordering = ["category"]


class SanctionForm(forms.ModelForm):
    """A bar by hand, with its evidence."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "note" in self.fields and self.instance.pk is None:
            self.fields["note"].required = True
            self.fields["starts_at"].initial = clock.now()

    def clean(self):
        """An end after the start."""
        cleaned = super().clean()
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            raise ValidationError({"ends_at": _("This lies before the start.")})
        return cleaned


@admin.register(Sanction)
class SanctionAdmin(ListAdmin):
    """Who is barred, until when and why."""

    form = SanctionForm
    list_display = ["seller", "kind", "starts_at", "ends_at", "violation", "author", "ended_by"]
    list_filter = [
        SellerCodeFilter,
        ("starts_at", RangeDateTimeFilter),
        ("ends_at", RangeDateTimeFilter),
    ]
    list_select_related = ["seller", "violation", "author", "ended_by"]
    ordering = ["-id"]
    autocomplete_fields = ["seller"]
    fields = [("seller", "kind"), ("starts_at", "ends_at"), "note"]
    actions = ["end_now"]

    def get_fields(self, request, obj=None):
        """With what is known of one that stands there."""
        more = [("violation", "author"), ("ended_at", "ended_by")] if obj else []
        return [*self.fields, *more]

    def has_change_permission(self, request, obj=None):
        """Bars are added and ended, not edited."""
        return obj is None and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        """They stay; one may be ended."""
        return False

    def save_model(self, request, obj, form, change):
        """The author is who adds it; the seller is re-checked at once."""
        obj.author = request.user
        super().save_model(request, obj, form, change)
        rows = Sanction.objects.filter(pk=obj.pk)
        mark_changed(rows, subject_kind=SubjectKind.SELLER, subject="seller_id", at=clock.now())

    @admin.action(description=_("End now"), permissions=["change"])
    def end_now(self, request, queryset):
        """End the bars chosen; those that have ended already stay as they are."""
        ended = sanctions.end_early(queryset, at=clock.now(), actor=request.user)
        self.message_user(
            request, _("Sanctions ended: %(number)d.") % {"number": len(ended)}, messages.SUCCESS
        )
