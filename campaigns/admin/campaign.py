"""Campaigns: what is open now, how it stands, and where to go from here."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action

from campaigns import permissions, sweeping, tallies
from campaigns.admin import confirming, shown
from campaigns.admin.fields import ByLanguageField
from campaigns.admin.overview import overview
from campaigns.admin.race_board import RaceBoards
from campaigns.admin.race_desk import RaceDesk, may_see_races
from campaigns.admin.race_pins import RacePins
from campaigns.admin.race_what_if import RaceWhatIf
from campaigns.admin.release import ReleaseAction
from campaigns.admin.screen import ScreenLink
from campaigns.admin.slots import SlotPlan
from campaigns.lifecycle import LIVE, PENDING
from campaigns.models import (
    Allotment,
    Campaign,
    ReasonTemplate,
    RequirementWaiver,
    SweepRun,
    VenueAssignment,
)
from campaigns.rulebooks.versions import (
    VersionRefused,
    draft_of,
    new_draft,
)
from campaigns.sweeping import SweepRefused
from campaigns.tasks import enqueue
from sellers import clock
from sellers.admin.base import ListAdmin, SellerCodeFilter


@admin.register(Campaign)
class CampaignAdmin(
    ReleaseAction, ScreenLink, SlotPlan, RaceDesk, RaceBoards, RacePins, RaceWhatIf, ListAdmin
):
    """A campaign with its timeline, counts and last sweeps."""

    list_display = ["code", "title_shown", "kind", "state_shown", "live", "waiting", "owner"]
    list_filter = [("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter)]
    list_select_related = ["owner"]
    search_fields = ["code"]
    ordering = ["-id"]
    autocomplete_fields = ["owner"]
    actions_detail = ["edit_rulebook", "preview_sweep", "release_results", "suspend", "resume"]
    # Outside the form: its search box is nothing to save.
    change_form_outer_before_template = "admin/campaigns/campaign/overview.html"
    readonly_fields = ["code", "title_shown", "kind", "state"]
    fieldsets = [
        (
            _("Settings"),
            {
                "classes": ["tab"],
                "fields": [
                    ("code", "title_shown"),
                    ("kind", "state"),
                    ("owner",),
                    ("breaker_share", "breaker_minimum"),
                    ("stale_after_hours",),
                ],
            },
        )
    ]

    class Media:
        css = {"all": ["campaigns/overview.css"]}
        js = ["campaigns/overview.js"]

    def has_add_permission(self, request):
        """Campaigns come from rulebooks: load one, or clone one."""
        return False

    def has_delete_permission(self, request, obj=None):
        """Campaigns end; they are not deleted."""
        return False

    @shown.column(_("title"))
    def title_shown(self, campaign):
        """In the reader's language."""
        return shown.text(campaign.title)

    @shown.column(_("state"))
    def state_shown(self, campaign):
        """A badge."""
        tones = {Campaign.State.PUBLISHED: "good", Campaign.State.SUSPENDED: "bad"}
        return shown.badge(campaign.get_state_display(), tones.get(campaign.state, "plain"))

    def get_queryset(self, request):
        """With the numbers of the list, from the tallies."""
        rows = super().get_queryset(request)
        return rows.annotate(
            live_count=tallies.standing(LIVE), waiting_count=tallies.standing(PENDING)
        )

    @shown.column(_("live entries"))
    def live(self, campaign):
        """From the tallies."""
        return campaign.live_count

    @shown.column(_("waiting"))
    def waiting(self, campaign):
        """From the tallies."""
        return campaign.waiting_count

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page with its overview."""
        campaign = Campaign.objects.filter(pk=object_id).first()
        found = overview(campaign, clock.now(), request.GET.get("order", "")) if campaign else {}
        found["may_see_races"] = may_see_races(request.user)
        found["may_watch"] = permissions.may_watch(request.user)
        found["may_operate"] = permissions.may_operate(request.user)
        context = {**(extra_context or {}), **found}
        return super().change_view(request, object_id, form_url, context)

    @action(description=_("Edit the rulebook"), permissions=["operate"], url_path="rulebook")
    def edit_rulebook(self, request, object_id):
        """Open the draft; make one from the version in force where there is none."""
        campaign = get_object_or_404(Campaign, pk=object_id)
        try:
            draft = draft_of(campaign) or new_draft(campaign)
        except VersionRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._back(object_id)
        return HttpResponseRedirect(
            reverse("admin:campaigns_rulebookversion_change", args=[draft.pk])
        )

    @action(description=_("Preview the re-check"), permissions=["operate"], url_path="preview")
    def preview_sweep(self, request, object_id):
        """See what a re-check now would do; nothing moves."""
        campaign = get_object_or_404(Campaign, pk=object_id)
        try:
            run = sweeping.start(
                campaign=campaign,
                at=clock.now(),
                mode=SweepRun.Mode.PREVIEW,
                scope="preview",
                actor=request.user,
            )
        except SweepRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._back(object_id)
        enqueue(run)
        self.message_user(request, _("The preview is at work; this page shows how far it is."))
        return HttpResponseRedirect(reverse("admin:campaigns_sweeprun_change", args=[run.pk]))

    @action(description=_("Suspend"), permissions=["suspend"], url_path="suspend")
    def suspend(self, request, object_id):
        """Stop registrations until resumed."""
        return self._set_state(
            request, object_id, Campaign.State.SUSPENDED, _("Suspend this campaign?"), _("Suspend")
        )

    @action(description=_("Resume"), permissions=["resume"], url_path="resume")
    def resume(self, request, object_id):
        """Let registrations go on."""
        return self._set_state(
            request, object_id, Campaign.State.PUBLISHED, _("Resume this campaign?"), _("Resume")
        )

    def has_operate_permission(self, request, object_id=None):
        """Operators."""
        return permissions.may_operate(request.user)

    def has_suspend_permission(self, request, object_id=None):
        """Operators, while it is published."""
        return self._is(request, object_id, Campaign.State.PUBLISHED)

    def has_resume_permission(self, request, object_id=None):
        """Operators, while it is suspended."""
        return self._is(request, object_id, Campaign.State.SUSPENDED)

    def _is(self, request, object_id, state):
        return (
            object_id is not None
            and permissions.may_operate(request.user)
            and Campaign.objects.filter(pk=object_id, state=state).exists()
        )

    def _set_state(self, request, object_id, state, title, submit):
        campaign = get_object_or_404(self.get_queryset(request), pk=object_id)
        if confirming.is_confirmed(request):
            Campaign.objects.filter(pk=object_id).update(state=state)
            self.log_change(request, campaign, f"{campaign.state} → {state}")
            return self._back(object_id)
        summary = [(_("Live entries"), self.live(campaign)), (_("Waiting"), self.waiting(campaign))]
        return confirming.confirm(
            request, self, action="", title=title, seen={}, form=forms.Form(), summary=summary,
            submit=submit, danger=state == Campaign.State.SUSPENDED,
        )  # fmt: skip

    def _back(self, object_id):
        return HttpResponseRedirect(reverse("admin:campaigns_campaign_change", args=[object_id]))


@admin.register(VenueAssignment)
class VenueAssignmentAdmin(ListAdmin):
    """Which reviewers decide in which venues."""

    list_display = ["user", "venue"]
    list_select_related = ["user", "venue__campaign"]
    autocomplete_fields = ["user", "venue"]


@admin.register(Allotment)
class AllotmentAdmin(ListAdmin):
    """Places allotted to sellers within their range."""

    list_display = ["seller", "campaign", "quota_code", "places", "decided_at"]
    list_filter = [("campaign", AutocompleteSelectFilter), SellerCodeFilter]
    list_select_related = ["seller", "campaign"]
    autocomplete_fields = ["seller", "campaign"]
    exclude = ["decided_at"]

    def save_model(self, request, obj, form, change):
        """The clock says when it was decided."""
        obj.decided_at = clock.now()
        super().save_model(request, obj, form, change)


@admin.register(RequirementWaiver)
class WaiverAdmin(ListAdmin):
    """Approved exceptions: seller, requirement, author, reason and expiry."""

    list_display = ["seller", "campaign", "requirement_code", "author", "granted_at", "expires_at"]
    list_filter = [("campaign", AutocompleteSelectFilter), SellerCodeFilter]
    list_select_related = ["seller", "campaign", "author"]
    autocomplete_fields = ["seller", "campaign"]
    fields = ["campaign", "seller", "requirement_code", "reason", "expires_at"]

    def save_model(self, request, obj, form, change):
        """The author is who grants it, the time the clock's."""
        if not change:
            obj.author, obj.granted_at = request.user, clock.now()
        super().save_model(request, obj, form, change)


@admin.register(ReasonTemplate)
class ReasonTemplateAdmin(ListAdmin):
    """Reasons that reviewers pick from."""

    list_display = ["code", "use", "words"]
    list_filter = [("use", ChoicesDropdownFilter)]
    ordering = ["code"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The text in one line for each language."""
        if db_field.name == "text":
            return ByLanguageField(label=capfirst(db_field.verbose_name))
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @shown.column(_("text"))
    def words(self, template):
        """In the reader's language."""
        return shown.text(template.text)
