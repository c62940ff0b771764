"""Results of rounds: decided in bulk, and brought in by the table."""

from django import forms
from django.contrib import admin
from django.db.models import Value
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns import permissions, rounds
from campaigns.admin import confirming, shown
from campaigns.admin.bonus import CampaignCodeFilter, OwnerFilter
from campaigns.admin.reasons import NoteForm
from campaigns.admin.uploading import UploadForm, upload
from campaigns.models import Campaign, RoundResult
from campaigns.rulebooks.versions import version_in_force
from sellers import clock
from sellers.admin.base import CodeFilter, RecordAdmin

TONES = {RoundResult.State.PASSED: "good", RoundResult.State.FAILED: "bad"}


class RoundFilter(CodeFilter):
    """By the round's code."""

    title = _("round")
    parameter_name = "round"
    lookup = "code"


class ResultsUploadForm(UploadForm):
    """Whose results of which round."""

    campaign = forms.ModelChoiceField(
        Campaign.objects.exclude(state=Campaign.State.ENDED).order_by("-id"),
        label=_("Campaign"),
        widget=UnfoldAdminSelectWidget,
    )
    code = forms.CharField(
        label=_("Round"),
        max_length=64,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its code in the rulebook."),
    )
    field_order = ["campaign", "code", "file"]

    def clean(self):
        """The campaign's rulebook has such a round now."""
        cleaned = super().clean()
        campaign, code = cleaned.get("campaign"), cleaned.get("code")
        if campaign and code:
            version = version_in_force(campaign, clock.now())
            if version is None or not version.round_set.filter(code=code).exists():
                self.add_error("code", _("The campaign’s rulebook has no such round now."))
        return cleaned


@admin.register(RoundResult)
class RoundResultAdmin(RecordAdmin):
    """How registrations stand in rounds."""

    list_display = [
        "seller_code", "campaign_code", "code", "state_shown", "applied_at", "decided_at",
        "decided_by", "note",
    ]  # fmt: skip
    list_filter = [
        ("state", ChoicesDropdownFilter), RoundFilter, CampaignCodeFilter, OwnerFilter,
    ]  # fmt: skip
    list_select_related = ["registration__seller", "registration__campaign", "decided_by"]
    ordering = ["-id"]
    actions = ["pass_them", "fail_them", "end_them"]
    actions_list = ["upload"]

    def has_operate_permission(self, request, object_id=None):
        """Operators."""
        return permissions.may_operate(request.user)

    @shown.column(_("seller"))
    def seller_code(self, result):
        """The seller's code."""
        return result.registration.seller.code

    @shown.column(_("campaign"))
    def campaign_code(self, result):
        """The campaign's code."""
        return result.registration.campaign.code

    @shown.column(_("state"))
    def state_shown(self, result):
        """A badge."""
        if result.ended_at:
            return shown.badge(_("no longer passed"), "bad")
        return shown.badge(result.get_state_display(), TONES.get(result.state, "wait"))

    @admin.action(description=_("Pass…"), permissions=["operate"])
    def pass_them(self, request, queryset):
        """Pass who has applied, or failed."""
        title = _("Pass these sellers?")
        return self._decide(request, queryset, "pass_them", title, _("Pass"), passed=True)

    @admin.action(description=_("Fail…"), permissions=["operate"])
    def fail_them(self, request, queryset):
        """Fail who has applied."""
        title = _("Fail these sellers?")
        return self._decide(request, queryset, "fail_them", title, _("Fail"), passed=False)

    @admin.action(description=_("End what was passed…"), permissions=["operate"])
    def end_them(self, request, queryset):
        """What was passed is passed no longer."""
        title = _("End what these sellers have passed?")
        return self._decide(request, queryset, "end_them", title, _("End"), passed=None)

    @action(description=_("Results from a table…"), permissions=["operate"], url_path="upload")
    def upload(self, request):
        """Bring in the lines of a CSV and say what came of each."""
        at = clock.now()
        form = ResultsUploadForm(request.POST or None, request.FILES or None)

        def use(path, given):
            done = rounds.record_from(
                path, campaign=given["campaign"], code=given["code"], at=at, actor=request.user
            )
            return [(_("Changed"), done.changed), (_("As before"), done.same)], done.problems

        return upload(
            request,
            self,
            title=_("Results from a table"),
            form=form,
            columns=_(
                "The first line names the columns: seller and result (passed or failed), and note "
                "for a remark."
            ),
            use=use,
        )

    def _decide(self, request, queryset, name, title, submit, *, passed):
        seen = confirming.seen_rows(request, queryset.annotate(revision=Value(0)))
        rows = RoundResult.objects.filter(pk__in=list(seen))
        form = NoteForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            given = {"at": clock.now(), "actor": request.user, "note": form.cleaned_data["note"]}
            if passed is None:
                number = rounds.end(results=rows, **given)
            else:
                number = rounds.decide(results=rows, passed=passed, **given)
            words = _("%(count)d of %(all)d decided.")
            self.message_user(request, words % {"count": number, "all": len(seen)})
            return None
        found = [
            {"code": row.code, "state": row.get_state_display()}
            for row in rows.only("code", "state")
        ]
        return confirming.confirm(
            request, self, action=name, title=title, seen=seen, form=form,
            summary=confirming.counted(found, "code", "state"), submit=submit,
            danger=not passed,
        )  # fmt: skip
