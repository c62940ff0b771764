"""Rulebook versions: drafts that are edited, published ones that are only read."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminTextInputWidget

from campaigns import permissions
from campaigns.admin import confirming, shown
from campaigns.admin.fields import ConditionField
from campaigns.admin.sections import sections
from campaigns.admin.venue_sheets import VenueSheets
from campaigns.eligibility.conditions import ConditionError
from campaigns.eligibility.problems import check_requirement
from campaigns.eligibility.sentences import sentence
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.models import (
    Requirement,
    RulebookVersion,
)
from campaigns.rulebooks.bindings import problems_of
from campaigns.rulebooks.loading import clone, dump
from campaigns.rulebooks.problems import RulebookErrors
from campaigns.rulebooks.versions import (
    VersionRefused,
    diff,
    discard,
    new_draft,
    publish,
    version_in_force,
)
from sellers import clock
from sellers.admin.base import RecordAdmin


class PublishForm(forms.Form):
    """When the version takes effect."""

    effective_at = forms.DateTimeField(
        label=_("In force from"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2023-05-16 20:00"}),
        help_text=_("Local time. Empty: at once."),
    )


class CloneForm(forms.Form):
    """Where a copy goes and when it starts."""

    code = forms.SlugField(label=_("Code of the new campaign"), widget=UnfoldAdminTextInputWidget)
    starts = forms.DateField(
        label=_("Preheat (or live) starts on"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "2024-05-15"}),
        help_text=_("All dates move by as many whole days. Empty: as they are."),
    )


@admin.register(RulebookVersion)
class RulebookVersionAdmin(VenueSheets, RecordAdmin):
    """Versions, latest first; the page of one lists its rows by section."""

    list_display = ["campaign", "number", "state_shown", "effective_at", "published_by", "source"]
    list_display_links = ["campaign", "number"]
    list_filter = [("campaign", AutocompleteSelectFilter), ("state", ChoicesDropdownFilter)]
    list_select_related = ["campaign", "published_by"]
    ordering = ["-id"]
    actions_detail = [
        "publish_version",
        "discard_version",
        "edit_copy",
        "clone_version",
        "download",
    ]
    change_form_outer_before_template = "admin/campaigns/rulebookversion/sections.html"
    fieldsets = [
        (
            _("Version"),
            {
                "classes": ["tab"],
                "fields": [
                    ("campaign", "number"),
                    ("state", "effective_at"),
                    ("published_at", "published_by"),
                    ("source",),
                    ("note",),
                ],
            },
        )
    ]

    class Media:
        css = {"all": ["campaigns/overview.css"]}
        js = ["campaigns/overview.js", "campaigns/fragments.js"]

    @shown.column(_("state"))
    def state_shown(self, version):
        """A badge."""
        tone = "good" if version.state == RulebookVersion.State.PUBLISHED else "wait"
        return shown.badge(version.get_state_display(), tone)

    def get_urls(self):
        """With the address that says a condition in words, and the one of a draft's problems."""
        own = [
            path(
                f"<int:version>/{name}/",
                self.admin_site.admin_view(view),
                name=f"campaigns_rulebookversion_{name}",
            )
            for name, view in (("sentence", self.sentence_view), ("problems", self.problems_view))
        ]
        return [*own, *super().get_urls()]

    def problems_view(self, request, version):
        """What is in the way of publishing a draft: a part of its page, fetched once that is there,
        for it takes a whole reading of the rulebook."""
        found = get_object_or_404(RulebookVersion.objects.select_related("campaign"), pk=version)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return TemplateResponse(
            request,
            "admin/campaigns/rulebookversion/problems.html",
            {"problems": problems_of(found)},
        )

    def sentence_view(self, request, version):
        """The condition that the builder holds, in both languages, with its problems (POST)."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = get_object_or_404(RulebookVersion, pk=version)
        vocabulary = vocabulary_of(found)
        stages = {"admission": "reject"}
        subject = request.POST.get("subject") or Requirement.Subject.ENTRY
        row = Requirement(version=found, code="-", subject=subject, missing="pass", stages=stages)
        try:
            row.require = ConditionField(required=False).clean(request.POST.get("condition"))
            if row.require is None:
                return JsonResponse({"sentences": {}, "problems": []})
            words = {code: sentence(row, vocabulary, code) for code in ("en", "zh-hans")}
            problems = [str(problem) for problem in check_requirement(row, vocabulary)]
        except (ConditionError, forms.ValidationError) as error:
            words, problems = {}, [str(error)]
        return JsonResponse({"sentences": words, "problems": problems})

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page with its sections."""
        context = {**(extra_context or {}), **self._sections(object_id)}
        return super().change_view(request, object_id, form_url, context)

    @action(description=_("Publish"), permissions=["draft"], url_path="publish")
    def publish_version(self, request, object_id):
        """Show what changes, then publish."""
        version = get_object_or_404(RulebookVersion, pk=object_id)
        form = PublishForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            try:
                publish(
                    version,
                    at=clock.now(),
                    actor=request.user,
                    effective_at=form.cleaned_data["effective_at"],
                )
            except (VersionRefused, RulebookErrors) as error:
                self.message_user(request, str(error), messages.ERROR)
                return self._page(version)
            self.message_user(request, _("Published. Checks from now on use this version."))
            return self._page(version)
        before = version_in_force(version.campaign, clock.now())
        changes = diff(before, version) if before else []
        language = get_language() or "en"
        summary = [(change.get(language) or change["en"], "") for change in changes[:60]]
        summary = summary or [(_("The first version of this campaign"), "")]
        title = _("Publish version %(number)d?") % {"number": version.number}
        return self._ask(request, title, summary, form, _("Publish"))

    @action(description=_("Discard the draft"), permissions=["draft"], url_path="discard")
    def discard_version(self, request, object_id):
        """Remove a draft."""
        version = get_object_or_404(RulebookVersion, pk=object_id)
        if confirming.is_confirmed(request):
            campaign = version.campaign
            discard(version)
            self.message_user(request, _("The draft is gone; what is in force stays."))
            return HttpResponseRedirect(
                reverse("admin:campaigns_campaign_change", args=[campaign.pk])
            )
        summary = [(_("Requirements"), version.requirement_set.count())]
        title = _("Discard this draft?")
        return self._ask(request, title, summary, forms.Form(), _("Discard"), danger=True)

    @action(description=_("Edit as a new draft"), permissions=["copy"], url_path="draft")
    def edit_copy(self, request, object_id):
        """Make the next draft."""
        version = get_object_or_404(RulebookVersion, pk=object_id)
        try:
            return self._page(new_draft(version.campaign))
        except VersionRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._page(version)

    @action(description=_("Clone as a new campaign"), permissions=["clone"], url_path="clone")
    def clone_version(self, request, object_id):
        """A campaign of the same rules, its dates moved."""
        version = get_object_or_404(RulebookVersion, pk=object_id)
        form = CloneForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            try:
                return self._page(clone(version, **form.cleaned_data))
            except RulebookErrors as error:
                form.add_error(None, str(error))
        title = _("Clone %(version)s?") % {"version": version}
        return self._ask(request, title, [], form, _("Clone"))

    @action(description=_("Download as YAML"), permissions=["download"], url_path="yaml")
    def download(self, request, object_id):
        """The version as a rulebook file."""
        version = get_object_or_404(RulebookVersion, pk=object_id)
        name = f"{version.campaign.code}-v{version.number}.yaml"
        return HttpResponse(
            dump(version),
            content_type="application/yaml; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    def has_draft_permission(self, request, object_id=None):
        """Operators, for drafts."""
        return self._may(request, object_id, RulebookVersion.State.DRAFT)

    def has_copy_permission(self, request, object_id=None):
        """Operators, for published versions."""
        return self._may(request, object_id, RulebookVersion.State.PUBLISHED)

    def has_clone_permission(self, request, object_id=None):
        """Operators."""
        return permissions.may_operate(request.user)

    def has_download_permission(self, request, object_id=None):
        """Who may see versions."""
        return self.has_view_permission(request)

    def _may(self, request, object_id, state):
        return (
            object_id is not None
            and permissions.may_operate(request.user)
            and RulebookVersion.objects.filter(pk=object_id, state=state).exists()
        )

    def _page(self, version):
        return HttpResponseRedirect(
            reverse("admin:campaigns_rulebookversion_change", args=[version.pk])
        )

    def _ask(self, request, title, summary, form, submit, danger=False):
        return confirming.confirm(
            request, self, action="", title=title, seen={}, form=form, summary=summary,
            submit=submit, danger=danger,
        )  # fmt: skip

    def _sections(self, object_id):
        version = RulebookVersion.objects.filter(pk=object_id).select_related("campaign").first()
        if version is None:
            return {}
        is_draft = version.state == RulebookVersion.State.DRAFT
        return {"version": version, "is_draft": is_draft, "sections": sections(version)}
