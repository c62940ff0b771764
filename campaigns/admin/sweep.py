"""Re-checks: what they found, and the breaker, undo and confirmation with their numbers."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action

from campaigns import permissions, sweeping
from campaigns.admin import confirming, shown
from campaigns.models import Entry, Finding, Requirement, SweepRun
from campaigns.sweeping import SweepRefused
from campaigns.tasks import enqueue
from sellers import clock
from sellers.admin.base import RecordAdmin

LEFT_WORDS = {
    "moved_since": _("Left: moved again since"),
    "not_registered": _("Left: the seller is no longer registered"),
    "already_claimed": _("Left: another entry holds the item"),
    "quota_full": _("Left: the place is taken"),
}


@admin.register(SweepRun)
class SweepAdmin(RecordAdmin):
    """Runs, latest first."""

    list_display = [
        "at", "campaign", "mode_shown", "scope", "state_shown", "live", "moved", "recovered",
        "finished_at", "undone_at",
    ]  # fmt: skip
    list_display_links = ["at"]
    list_filter = [
        ("campaign", AutocompleteSelectFilter),
        ("mode", ChoicesDropdownFilter),
        ("state", ChoicesDropdownFilter),
    ]
    list_select_related = ["campaign"]
    ordering = ["-at", "-id"]
    actions_detail = ["confirm_run", "undo_run", "cancel_run", "resume_run"]
    change_form_before_template = "admin/campaigns/sweeprun/report.html"
    fieldsets = [
        (
            _("Run"),
            {
                "classes": ["tab"],
                "fields": [
                    ("campaign", "version"),
                    ("at", "mode"),
                    ("scope", "state"),
                    ("started_at", "finished_at"),
                    ("actor", "undone_at"),
                ],
            },
        )
    ]

    @shown.column(_("mode"))
    def mode_shown(self, run):
        """A badge; only enforcing runs move anything."""
        tone = "warn" if run.mode == SweepRun.Mode.ENFORCE else "plain"
        return shown.badge(run.get_mode_display(), tone)

    @shown.column(_("state"))
    def state_shown(self, run):
        """A badge."""
        return shown.badge(run.get_state_display(), shown.TONES.get(run.state, "plain"))

    @shown.column(_("moved"))
    def moved(self, run):
        """How many entries it moved off approved, or would move."""
        counts = run.counts.get("moved") or run.counts.get("planned") or {}
        return sum(counts.values())

    @shown.column(_("recovered"))
    def recovered(self, run):
        """How many went back to approved, or would."""
        return run.counts.get("recovered", run.counts.get("recovering", 0))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page with its report."""
        context = {**(extra_context or {}), **self._report(object_id)}
        return super().change_view(request, object_id, form_url, context)

    @action(description=_("Confirm and move"), permissions=["confirm_run"], url_path="confirm")
    def confirm_run(self, request, object_id):
        """Go on after the breaker, with the numbers of what would move."""
        run = get_object_or_404(SweepRun, pk=object_id)
        if confirming.is_confirmed(request):
            return self._tried(request, run, self._confirm)
        planned = run.counts.get("planned", {})
        labels = dict(Entry.Status.choices)
        summary = [
            (_("Live entries"), run.live),
            *((labels.get(status, status), number) for status, number in planned.items()),
        ]
        title = _("Move these entries although the breaker stopped the sweep?")
        return self._ask(request, title, summary, _("Evaluate again and move"), danger=True)

    @action(description=_("Undo"), permissions=["undo_run"], url_path="undo")
    def undo_run(self, request, object_id):
        """Bring back what the run moved, with the numbers of what can come back."""
        run = get_object_or_404(SweepRun, pk=object_id)
        if confirming.is_confirmed(request):
            return self._tried(request, run, self._undo)
        try:
            report = sweeping.undo(run, at=clock.now(), actor=request.user, dry_run=True)
        except SweepRefused as error:
            self.message_user(request, str(error), messages.ERROR)
            return self._back(run)
        summary = [(_("Entries brought back"), report.restored)]
        for reason, rows in report.left_by_reason().items():
            summary.append((LEFT_WORDS.get(reason, reason), len(rows)))
        return self._ask(request, _("Undo this sweep?"), summary, _("Undo"), danger=True)

    @action(description=_("Cancel"), permissions=["cancel_run"], url_path="cancel")
    def cancel_run(self, request, object_id):
        """Give up a run that has not moved anything."""
        run = get_object_or_404(SweepRun, pk=object_id)
        if confirming.is_confirmed(request):
            return self._tried(request, run, self._cancel)
        summary = [(_("Live entries"), run.live)]
        return self._ask(request, _("Cancel this sweep?"), summary, _("Cancel the sweep"))

    @action(description=_("Go on"), permissions=["resume_run"], url_path="resume")
    def resume_run(self, request, object_id):
        """Work on a failed run again."""
        run = sweeping.resume(get_object_or_404(SweepRun, pk=object_id))
        enqueue(run)
        self.message_user(request, _("The sweep goes on."))
        return self._back(run)

    def has_confirm_run_permission(self, request, object_id=None):
        """Operators, for a run that the breaker stopped."""
        return self._may(request, object_id, state=SweepRun.State.TRIPPED)

    def has_undo_run_permission(self, request, object_id=None):
        """Operators, for an enforcing run that is done and not undone."""
        return self._may(
            request,
            object_id,
            state=SweepRun.State.DONE,
            mode=SweepRun.Mode.ENFORCE,
            undone_at=None,
        )

    def has_cancel_run_permission(self, request, object_id=None):
        """Operators, before anything has moved."""
        S = SweepRun.State
        return self._may(request, object_id, state__in=[S.REFRESHING, S.EVALUATING, S.TRIPPED])

    def has_resume_run_permission(self, request, object_id=None):
        """Operators, for a failed run."""
        return self._may(request, object_id, state=SweepRun.State.FAILED)

    def _may(self, request, object_id, **conditions):
        if object_id is None or not permissions.may_operate(request.user):
            return False
        return SweepRun.objects.filter(pk=object_id, **conditions).exists()

    def _report(self, object_id):
        run = SweepRun.objects.filter(pk=object_id).select_related("campaign", "version").first()
        if run is None:
            return {}
        titles = {
            row.code: shown.text(row.title)
            for row in Requirement.objects.filter(version=run.version)
        }
        outcomes = dict(Finding.Outcome.choices)
        found = run.findings.order_by().values("code", "outcome", "action")
        requirements = [
            {
                **row,
                "title": titles.get(row["code"], row["code"]),
                "outcome_words": outcomes.get(row["outcome"], row["outcome"]),
                "action_words": shown.action_text(row["action"]),
                "address": self._list(run, row),
            }
            for row in found.annotate(number=Count("id")).order_by("-number", "code")
        ]
        states = run.shards.order_by().values("stage", "state").annotate(number=Count("id"))
        return {
            "run": run,
            "summary": sweeping.summary(run),
            "state_badge": self.state_shown(run),
            "mode_badge": self.mode_shown(run),
            "requirements": requirements,
            "recovered": self.recovered(run),
            "shards": list(states),
            "moved": self._by_status(run, "moved") or self._by_status(run, "planned"),
            "confirmation": run.confirmations.first(),
        }

    def _by_status(self, run, name):
        labels = dict(Entry.Status.choices)
        return [
            (labels.get(status, status), number)
            for status, number in run.counts.get(name, {}).items()
        ]

    def _list(self, run, row):
        address = reverse("admin:campaigns_finding_changelist")
        return f"{address}?run__id__exact={run.pk}&code={row['code']}"

    def _ask(self, request, title, summary, submit, danger=False):
        return confirming.confirm(
            request, self, action="", title=title, seen={}, form=forms.Form(), summary=summary,
            submit=submit, danger=danger,
        )  # fmt: skip

    def _tried(self, request, run, act):
        try:
            run = act(request, run)
        except SweepRefused as error:
            self.message_user(request, str(error), messages.ERROR)
        return self._back(run)

    def _confirm(self, request, run):
        confirmation = sweeping.confirm(run, at=clock.now(), actor=request.user)
        enqueue(confirmation)
        self.message_user(request, _("Confirmed. The sweep is at work; this page shows how far."))
        return confirmation

    def _undo(self, request, run):
        report = sweeping.undo(run, at=clock.now(), actor=request.user)
        left = len(report.left)
        words = _("%(count)d entries brought back, %(left)d left as they are.")
        self.message_user(request, words % {"count": report.restored, "left": left})
        return run

    def _cancel(self, request, run):
        sweeping.cancel(run)
        self.message_user(request, _("The sweep is cancelled; nothing moved."))
        return run

    def _back(self, run):
        return HttpResponseRedirect(reverse("admin:campaigns_sweeprun_change", args=[run.pk]))
