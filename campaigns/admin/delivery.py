"""What went out beside the inbox: deliveries and how far they got, and sellers' channels."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns import channels, delivering, messengers, permissions, recipients
from campaigns.admin import confirming, shown
from campaigns.models import Channel, Delivery
from campaigns.notice_texts import heading
from campaigns.undelivered import words
from sellers import clock
from sellers.admin.base import CodeFilter, ListAdmin, RecordAdmin, SellerCodeFilter

TONES = {
    Delivery.State.QUEUED: "wait",
    Delivery.State.SENT: "good",
    Delivery.State.FAILED: "bad",
}


class NoticeSellerFilter(CodeFilter):
    """By the code of the seller who is told."""

    title = _("seller code")
    parameter_name = "seller_code"
    lookup = "notice__seller__code"


@admin.register(Delivery)
class DeliveryAdmin(RecordAdmin):
    """Deliveries, latest first."""

    list_display = [
        "id", "state_shown", "medium", "recipient", "seller", "campaign", "notice_shown",
        "attempts", "due_at", "sent_at", "trouble",
    ]  # fmt: skip
    list_display_links = ["id"]
    list_filter = [
        ("state", ChoicesDropdownFilter),
        ("medium", ChoicesDropdownFilter),
        NoticeSellerFilter,
    ]
    list_select_related = ["notice__seller", "notice__campaign"]
    ordering = ["-id"]
    actions = ["retry_failed"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("seller", "campaign"),
                    ("notice_shown", "state_shown"),
                    ("medium", "recipient"),
                    ("attempts", "due_at"),
                    ("sent_at", "trouble"),
                ]
            },
        )
    ]
    readonly_fields = [
        "seller", "campaign", "notice_shown", "state_shown", "recipient", "trouble",
    ]  # fmt: skip

    def get_changelist_instance(self, request):
        """The list, with who the page's deliveries go to asked for at once."""
        found = super().get_changelist_instance(request)
        names = recipients.names_of({row.target for row in found.result_list})
        for row in found.result_list:
            row.recipient = names[row.target]
        return found

    @shown.column(_("to"))
    def recipient(self, delivery):
        """A person, or a channel, with an address that tells its owner only."""
        if not hasattr(delivery, "recipient"):
            delivery.recipient = recipients.names_of({delivery.target})[delivery.target]
        return delivery.recipient

    @shown.column(_("state"))
    def state_shown(self, delivery):
        """A badge."""
        return shown.badge(delivery.get_state_display(), TONES.get(delivery.state, "plain"))

    @shown.column(_("seller"))
    def seller(self, delivery):
        """Who is told."""
        return delivery.notice.seller

    @shown.column(_("campaign"))
    def campaign(self, delivery):
        """Of what."""
        return delivery.notice.campaign

    @shown.column(_("notice"))
    def notice_shown(self, delivery):
        """What about."""
        return heading(delivery.notice)

    @shown.column(_("last error"))
    def trouble(self, delivery):
        """In words."""
        return words(delivery.error) or "–"

    @action(description=_("Try failed ones again"), permissions=["retry_failed"])
    def retry_failed(self, request, queryset):
        """Queue the selected ones that were given up anew, after a page with their numbers."""
        if confirming.is_confirmed(request):
            number = delivering.retry(self._seen(request, queryset), at=clock.now())
            text = ngettext(
                "%(count)d delivery is queued again.",
                "%(count)d deliveries are queued again.",
                number,
            )
            self.message_user(request, text % {"count": number})
            return None
        seen = self._seen(request, queryset)
        rows = Delivery.objects.filter(pk__in=seen).values("medium", "error", "state")
        failed = [row for row in rows if row["state"] == Delivery.State.FAILED]
        media = dict(Delivery.Medium.choices)
        for row in failed:
            row["what"], row["why"] = str(media[row["medium"]]), words(row["error"])
        summary = [
            (_("Given up, to be queued again"), len(failed)),
            *confirming.counted(failed, "what", "why"),
            (_("Left as they are"), len(seen) - len(failed)),
        ]
        return confirming.confirm(
            request, self, action="retry_failed", title=_("Send these again?"), seen=seen,
            form=forms.Form(), summary=summary, submit=_("Queue them again"),
        )  # fmt: skip

    def has_retry_failed_permission(self, request):
        """Operators."""
        return permissions.may_operate(request.user)

    def _seen(self, request, queryset):
        if request.POST.get("seen") is not None:
            return confirming.seen_rows(request, queryset)
        rows = queryset.order_by("pk").values_list("pk", "attempts")
        return dict(rows[: confirming.MOST_AT_ONCE])


class ChannelAdminForm(forms.ModelForm):
    """A channel; its address is typed and never shown."""

    new_address = channels.AddressField(
        label=_("New address"), required=False, widget=UnfoldAdminTextInputWidget
    )

    class Meta:
        model = Channel
        fields = ["seller", "name", "language", "is_active"]

    def __init__(self, *arguments, **more):
        super().__init__(*arguments, **more)
        field = self.fields["new_address"]
        field.required = self.instance.pk is None
        kept = "" if field.required else str(_("Left empty, the address stays as it is."))
        field.help_text = f"{kept} {channels.accepted_text()}".strip()

    def save(self, commit=True):
        """With the new address where one was typed."""
        if address := self.cleaned_data["new_address"]:
            self.instance.url = address
        return super().save(commit)


@admin.register(Channel)
class ChannelAdmin(ListAdmin):
    """Sellers' channels."""

    form = ChannelAdminForm
    list_display = ["name", "seller", "messenger", "masked", "language", "is_active"]
    list_filter = [SellerCodeFilter, ("is_active", admin.BooleanFieldListFilter)]
    list_select_related = ["seller"]
    search_fields = ["seller__code"]
    autocomplete_fields = ["seller"]
    ordering = ["-id"]
    actions_detail = ["send_test"]
    readonly_fields = ["masked", "created_by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("seller", "name"),
                    ("masked", "new_address"),
                    ("language", "is_active"),
                    ("created_by",),
                ]
            },
        )
    ]

    @shown.column(_("messenger"))
    def messenger(self, channel):
        """Where it leads to."""
        return channels.name_of(channel)

    @shown.column(_("address"))
    def masked(self, channel):
        """Without its secret."""
        return messengers.masked(channel.url) if channel.pk else "–"

    def save_model(self, request, obj, form, change):
        """Remember who added it."""
        if not change:
            obj.created_by = request.user
        super().save_model(request, obj, form, change)

    @action(description=_("Send a test message"), permissions=["send_test"], url_path="test")
    def send_test(self, request, object_id):
        """Ask, then send it; what came of it is said at once."""
        channel = get_object_or_404(Channel.objects.select_related("seller"), pk=object_id)
        if confirming.is_confirmed(request):
            tested = channels.test(channel)
            level = messages.SUCCESS if tested.arrived else messages.ERROR
            self.message_user(request, tested.text, level)
            address = reverse("admin:campaigns_channel_change", args=[object_id])
            return HttpResponseRedirect(address)
        return confirming.confirm(
            request, self, action="", title=_("Send a test message?"), seen={}, form=forms.Form(),
            summary=[(channel.seller, channel.name)], submit=_("Send a test message"),
        )  # fmt: skip

    def has_send_test_permission(self, request, object_id=None):
        """Who may change channels."""
        return self.has_change_permission(request)
