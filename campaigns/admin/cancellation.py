"""The queue of sellers' requests to be taken off (D12-101)."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import DropdownFilter

from campaigns import cancelling, permissions
from campaigns.admin import answers, confirming, shown
from campaigns.admin.reasons import ConfirmForm, RefuseRequestForm
from campaigns.models import CancellationRequest, Entry
from sellers import clock
from sellers.admin.base import CodeFilter, RecordAdmin


class OfSeller(CodeFilter):
    """By the code of the seller who asked."""

    title = _("seller code")
    parameter_name = "seller_code"
    lookup = "entry__seller__code"


class AnswerFilter(DropdownFilter):
    """What is waiting for an answer."""

    title = _("answer")
    parameter_name = "answer"

    def lookups(self, request, model_admin):
        """Open, granted, refused."""
        return [
            ("open", _("Waiting for an answer")),
            ("granted", _("Granted")),
            ("refused", _("Refused")),
            ("all", _("All requests")),
        ]

    def queryset(self, request, queryset):
        """Open ones where nothing is chosen."""
        view = self.value() or "open"
        if view == "open":
            return queryset.filter(answered_at=None)
        if view in {"granted", "refused"}:
            return queryset.filter(granted=view == "granted")
        return queryset


@admin.register(CancellationRequest)
class CancellationAdmin(RecordAdmin):
    """Requests, the oldest first."""

    list_display = [
        "item", "seller", "venue", "status", "asked_at", "note", "asked_by", "answer",
    ]  # fmt: skip
    list_display_links = ["item"]
    list_filter = [AnswerFilter, OfSeller]
    list_select_related = [
        "entry__item", "entry__seller", "entry__venue", "asked_by", "answered_by",
    ]  # fmt: skip
    ordering = ["asked_at", "id"]
    actions = ["grant", "refuse"]

    @shown.column(_("item"))
    def item(self, row):
        """Title, or code."""
        return str(row.entry.item)

    @shown.column(_("seller"))
    def seller(self, row):
        """The seller's code."""
        return row.entry.seller.code

    def get_changelist_instance(self, request):
        """The list, with the titles of the page's venues asked for at once."""
        found = super().get_changelist_instance(request)
        titles = shown.venue_titles({row.entry.venue_id for row in found.result_list})
        for row in found.result_list:
            row.venue_title = titles.get(row.entry.venue_id)
        return found

    @shown.column(_("venue"))
    def venue(self, row):
        """What the rulebook calls the venue, or its code."""
        return getattr(row, "venue_title", None) or row.entry.venue.code

    @shown.column(_("status"))
    def status(self, row):
        """The entry's, as a badge."""
        return shown.status_badge(row.entry)

    @shown.column(_("answer"))
    def answer(self, row):
        """What was answered, and by whom."""
        if row.answered_at is None:
            return None
        words = {True: _("granted"), False: _("refused"), None: _("ended otherwise")}
        tones = {True: "good", False: "bad", None: "plain"}
        return shown.badge(f"{words[row.granted]} · {row.answered_by}", tones[row.granted])

    @admin.action(description=_("Grant…"), permissions=["operate"])
    def grant(self, request, queryset):
        """Clear out what was asked for."""
        ids = self._seen(request, queryset)
        if confirming.is_confirmed(request):
            granted = cancelling.grant(requests=ids, at=clock.now(), actor=request.user)
            answers.tell(self, request, granted)
            return HttpResponseRedirect(request.get_full_path())
        title = _("Grant these requests and clear the entries out?")
        return self._ask(request, "grant", title, ids, ConfirmForm(), _("Grant"))

    @admin.action(description=_("Refuse…"), permissions=["operate"])
    def refuse(self, request, queryset):
        """Answer with no, for a reason."""
        ids = self._seen(request, queryset)
        form = RefuseRequestForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            number = cancelling.refuse(
                requests=ids,
                note=form.cleaned_data["note"],
                at=clock.now(),
                actor=request.user,
            )
            words = ngettext("%(count)d request refused.", "%(count)d requests refused.", number)
            self.message_user(request, words % {"count": number})
            return HttpResponseRedirect(request.get_full_path())
        return self._ask(request, "refuse", _("Refuse these requests?"), ids, form, _("Refuse"))

    def has_operate_permission(self, request):
        """Operators."""
        return permissions.may_operate(request.user)

    def _seen(self, request, queryset):
        """Ids of open requests: of the page that is confirmed, else of the selection."""
        if confirming.is_confirmed(request):
            return list(confirming.seen_rows(request, queryset))
        rows = queryset.filter(answered_at=None).order_by("pk").values_list("pk", flat=True)
        return list(rows[: confirming.MOST_AT_ONCE])

    def _ask(self, request, name, title, ids, form, submit):
        rows = Entry.objects.filter(cancellation_requests__in=ids)
        lines = shown.by_venue_and_status(rows.values_list("venue", "venue__code", "status"))
        summary = [(_("Requests"), len(ids)), *confirming.counted(lines, "venue", "status")]
        return confirming.confirm(
            request, self, action=name, title=title, seen=dict.fromkeys(ids, 0), form=form,
            summary=summary, submit=submit, danger=True,
        )  # fmt: skip
