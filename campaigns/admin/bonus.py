"""Extra places that wait for an operator's word."""

from collections import defaultdict

from django.contrib import admin, messages
from django.db.models import Value
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from campaigns import bonus_decisions, permissions
from campaigns.admin import confirming, shown
from campaigns.admin.reasons import ConfirmForm, NoteForm
from campaigns.models import BonusGrant, Campaign
from campaigns.rulebooks.versions import version_in_force
from sellers import clock
from sellers.admin.base import CodeFilter, RecordAdmin


class BonusFilter(CodeFilter):
    """By the bonus's code."""

    title = _("bonus")
    parameter_name = "bonus"
    lookup = "bonus_code"


class OwnerFilter(CodeFilter):
    """By seller code."""

    title = _("seller code")
    parameter_name = "seller_code"
    lookup = "registration__seller__code"


class CampaignCodeFilter(CodeFilter):
    """By campaign code."""

    title = _("campaign code")
    parameter_name = "campaign_code"
    lookup = "registration__campaign__code"


class StateFilter(DropdownFilter):
    """Open, granted or refused."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request, model_admin):
        """The three."""
        return [
            ("open", _("Not granted yet")),
            ("granted", _("Granted")),
            ("refused", _("Refused")),
        ]

    def queryset(self, request, queryset):
        """The rows in that state."""
        conditions = {
            "open": {"granted_at__isnull": True, "refused_at__isnull": True},
            "granted": {"granted_at__isnull": False},
            "refused": {"refused_at__isnull": False},
        }
        return queryset.filter(**conditions.get(self.value(), {}))


@admin.register(BonusGrant)
class BonusGrantAdmin(RecordAdmin):
    """Enrolments and grants; confirmed or refused in bulk."""

    list_display = [
        "seller_code", "campaign_code", "bonus_code", "enrolled_at", "state_shown", "places",
        "granted_at", "decided_by",
    ]  # fmt: skip
    list_filter = [StateFilter, BonusFilter, CampaignCodeFilter, OwnerFilter]
    list_select_related = ["registration__seller", "registration__campaign", "decided_by"]
    ordering = ["-id"]
    actions = ["confirm", "refuse", "take_back"]

    def has_operate_permission(self, request, object_id=None):
        """Operators."""
        return permissions.may_operate(request.user)

    @shown.column(_("seller"))
    def seller_code(self, grant):
        """The seller's code."""
        return grant.registration.seller.code

    @shown.column(_("campaign"))
    def campaign_code(self, grant):
        """The campaign's code."""
        return grant.registration.campaign.code

    @shown.column(_("state"))
    def state_shown(self, grant):
        """A badge."""
        if grant.granted_at:
            return shown.badge(_("granted"), "good")
        if grant.refused_at:
            return shown.badge(_("refused"), "bad")
        return shown.badge(_("not granted yet"), "wait")

    @admin.action(description=_("Confirm…"), permissions=["operate"])
    def confirm(self, request, queryset):
        """Ask with numbers, then grant those who meet the condition now."""
        seen, rows = self._seen(request, queryset)
        if not confirming.is_confirmed(request):
            title = _("Confirm these extra places?")
            form, submit = ConfirmForm(), _("Confirm")
            return self._ask(request, "confirm", title, seen, rows, form, submit)
        at, granted, unmet = clock.now(), 0, 0
        for campaign in Campaign.objects.filter(registrations__bonus_grants__in=rows).distinct():
            version = version_in_force(campaign, at)
            if version is not None:
                done = bonus_decisions.confirm(
                    grants=rows, version=version, at=at, actor=request.user
                )
                granted, unmet = granted + done.granted, unmet + done.unmet
        words = _("%(count)d granted; %(unmet)d do not meet the condition now.")
        level = messages.WARNING if unmet else messages.SUCCESS
        self.message_user(request, words % {"count": granted, "unmet": unmet}, level)
        return None

    @admin.action(description=_("Refuse…"), permissions=["operate"])
    def refuse(self, request, queryset):
        """Ask with numbers, then refuse what is not granted."""
        return self._with_note(
            request, queryset, "refuse", bonus_decisions.refuse,
            title=_("Refuse these extra places?"), submit=_("Refuse"), done=_("%(count)d refused."),
        )  # fmt: skip

    @admin.action(description=_("Take back…"), permissions=["operate"])
    def take_back(self, request, queryset):
        """Ask with numbers, then take back what is granted."""
        return self._with_note(
            request, queryset, "take_back", bonus_decisions.take_back,
            title=_("Take these extra places back?"), submit=_("Take back"),
            done=_("%(count)d taken back."),
        )  # fmt: skip

    def _seen(self, request, queryset):
        seen = confirming.seen_rows(request, queryset.annotate(revision=Value(0)))
        return seen, BonusGrant.objects.filter(pk__in=list(seen))

    def _with_note(self, request, queryset, action, act, *, title, submit, done):
        """Ask with numbers for a remark to the sellers, then act on what was seen."""
        seen, rows = self._seen(request, queryset)
        form = NoteForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            note = form.cleaned_data["note"]
            number = act(grants=rows, at=clock.now(), actor=request.user, note=note)
            self.message_user(request, done % {"count": number})
            return None
        return self._ask(request, action, title, seen, rows, form, submit, danger=True)

    def _ask(self, request, action, title, seen, rows, form, submit, danger=False):
        counts = defaultdict(int)
        for code, granted, refused in rows.values_list("bonus_code", "granted_at", "refused_at"):
            state = _("granted") if granted else _("refused") if refused else _("not granted yet")
            counts[f"{code} · {state}"] += 1
        return confirming.confirm(
            request, self, action=action, title=title, seen=seen, form=form,
            summary=sorted(counts.items()), submit=submit, danger=danger,
        )  # fmt: skip
