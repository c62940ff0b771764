"""Publishing results: the question with its numbers, and what each release came to."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action

from campaigns import permissions, releasing
from campaigns.admin import confirming, shown
from campaigns.admin.reasons import ConfirmForm
from campaigns.admission import NoRulebook
from campaigns.models import Campaign, Decision, Release, Venue
from campaigns.tasks import enqueue_release
from sellers import clock
from sellers.admin.base import RecordAdmin

COUNT_WORDS = {
    releasing.APPROVED: _("approved"),
    releasing.REJECTED: _("rejected"),
    releasing.RETURNED: _("back in the queue: something is in the way by now"),
    releasing.CHANGED: _("back in the queue: changed since it was decided"),
}


class ReleaseAction:
    """The action "release results" of a campaign's or a venue's page."""

    @action(description=_("Release results…"), permissions=["release_results"], url_path="release")
    def release_results(self, request, object_id):
        """Ask with numbers, then let a worker publish what is decided."""
        found = get_object_or_404(self.get_queryset(request), pk=object_id)
        venue = found if isinstance(found, Venue) else None
        campaign = venue.campaign if venue else found
        try:
            if confirming.is_confirmed(request):
                row = releasing.start(
                    campaign=campaign, venue=venue, at=clock.now(), actor=request.user
                )
                enqueue_release(row)
                self.message_user(request, _("The results are being released."))
                page = reverse("admin:campaigns_release_change", args=[row.pk])
                return HttpResponseRedirect(page)
            return self._ask_to_release(request, campaign, venue)
        except NoRulebook:
            self.message_user(request, _("No rulebook is in force."), messages.ERROR)
            return HttpResponseRedirect(request.path.removesuffix("release/") + "change/")

    def has_release_results_permission(self, request, object_id=None):
        """Operators."""
        return permissions.may_operate(request.user)

    def _ask_to_release(self, request, campaign, venue):
        found = releasing.preview(campaign=campaign, venue=venue, at=clock.now())
        summary = [
            (_("To be approved"), found.approve),
            (_("To be rejected"), found.reject),
            (_("Changed since they were decided: back in the queue"), found.changed),
            (_("Not decided: they stay as they are"), found.open),
        ]
        name = shown.text(campaign.title) or campaign.code
        if venue is not None:
            name = f"{name} · {shown.venue_titles([venue.pk]).get(venue.pk) or venue.code}"
        return confirming.confirm(
            request, self, action="", title=_("Release what is decided in %(where)s?")
            % {"where": name}, seen={}, form=ConfirmForm(), summary=summary, submit=_("Release"),
            danger=True, parts=self._by_venue(campaign, found) if venue is None else None,
            warning=_("Sellers are told at once; what is released cannot be taken back."),
        )  # fmt: skip

    def _by_venue(self, campaign, found):
        """The decisions of each venue, those with most first."""
        venues = {row.code: row.pk for row in campaign.venues.all()}
        titles = shown.venue_titles(venues.values())
        most = sorted(found.by_venue.items(), key=lambda row: (-sum(row[1].values()), row[0]))
        return {
            "heading": _("By venue: %(number)s") % {"number": len(most)},
            "columns": [
                _("Venue"), _("To be approved"), _("To be rejected"), _("Back in the queue"),
            ],
            "rows": [
                {
                    "name": titles.get(venues[code]) or code,
                    "numbers": [
                        counts.get(name, 0)
                        for name in (
                            Decision.Verdict.APPROVE, Decision.Verdict.REJECT, releasing.CHANGED
                        )
                    ],
                }
                for code, counts in most
            ],
        }  # fmt: skip


@admin.register(Release)
class ReleaseAdmin(RecordAdmin):
    """Releases, the latest first."""

    list_display = ["at", "campaign", "what", "numbers", "state", "actor"]
    list_display_links = ["at"]
    list_filter = [("campaign", AutocompleteSelectFilter)]
    list_select_related = ["campaign", "actor"]
    ordering = ["-id"]
    fields = ["campaign", "what", "at", "actor", "numbers", "finished_at"]
    readonly_fields = ["what", "numbers"]

    def get_queryset(self, request):
        """With the code of the one venue that a release is for."""
        rows = super().get_queryset(request)
        self._venues = None
        return rows

    @shown.column(_("venues"))
    def what(self, release):
        """All, those due, or one."""
        if release.scope in {releasing.ALL, releasing.DUE}:
            return _("all venues") if release.scope == releasing.ALL else _("venues that were due")
        return self._code(int(release.scope.removeprefix("venue:")))

    @shown.column(_("entries"))
    def numbers(self, release):
        """What became of them."""
        parts = [
            f"{release.counts[name]} {words}"
            for name, words in COUNT_WORDS.items()
            if release.counts.get(name)
        ]
        return " · ".join(parts) or None

    @shown.column(_("state"))
    def state(self, release):
        """At work, or done."""
        if release.finished_at:
            return shown.badge(_("released"), "good")
        return shown.badge(_("at work"), "wait")

    def _code(self, venue_id):
        if self._venues is None:
            of = Campaign.objects.filter(releases__scope__startswith="venue:")
            self._venues = dict(Venue.objects.filter(campaign__in=of).values_list("pk", "code"))
        return self._venues.get(venue_id, venue_id)
