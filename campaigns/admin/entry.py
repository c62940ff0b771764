"""The review queue: entries with their evidence, decided one by one or by the thousand."""

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from campaigns import permissions, reviewing
from campaigns.admin import confirming, shown
from campaigns.eligibility.sentences import localised
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.lifecycle import PENDING
from campaigns.models import Entry, Finding, ReasonTemplate, SweepRun
from campaigns.reviewing import Outcome
from sellers import clock
from sellers.admin.base import CodeFilter, ItemCodeFilter, RecordAdmin, SellerCodeFilter

OUTCOME_WORDS = {
    Outcome.APPROVED: _("approved"),
    Outcome.REJECTED: _("rejected"),
    Outcome.REINSTATED: _("back in review"),
    Outcome.REFUSED: _("not approved: a requirement, a claim or a place is in the way"),
    Outcome.NOT_PENDING: _("already decided"),
    Outcome.CHANGED: _("changed since you saw it"),
    Outcome.TAKEN: _("being reviewed by somebody else"),
}


class QueueFilter(DropdownFilter):
    """What is waiting, for whom."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request, model_admin):
        """The views that reviewers need."""
        return [
            ("pending", _("Waiting for review")),
            ("mine", _("Taken by me")),
            ("held", _("Held: a fact is not known")),
            ("all", _("All entries")),
        ]

    def queryset(self, request, queryset):
        """Entries of the view; waiting ones where none is chosen."""
        view = self.value() or "pending"
        if view == "pending":
            return queryset.filter(status__in=PENDING)
        if view == "mine":
            mine = Q(claimed_by=request.user, claimed_until__gt=clock.now())
            return queryset.filter(mine, status__in=PENDING)
        if view == "held":
            return queryset.filter(status__in=PENDING, held=True)
        return queryset


class RequirementFilter(CodeFilter):
    """Entries with a finding of a requirement."""

    title = _("requirement not met")
    parameter_name = "requirement"

    def queryset(self, request, queryset):
        """Entries that some filing or enforced sweep found to fail it."""
        if not self.value():
            return queryset
        found = Finding.objects.filter(code=self.value()).exclude(
            run__mode__in=[SweepRun.Mode.PREVIEW, SweepRun.Mode.SHADOW]
        )
        return queryset.filter(pk__in=found.values("entry"))


class ApproveForm(forms.Form):
    """Nothing to fill in; the numbers are the question."""


class RejectForm(forms.Form):
    """A reason from the templates, words of one's own, or both."""

    template = forms.ModelChoiceField(
        ReasonTemplate.objects.order_by("code"),
        label=_("Reason"),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label=_("In your own words"),
        required=False,
        max_length=500,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("The seller reads this."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["template"].label_from_instance = lambda row: shown.text(row.text) or row.code

    def clean(self):
        """One of the two must be there."""
        cleaned = super().clean()
        if not cleaned.get("template") and not cleaned.get("note", "").strip():
            raise forms.ValidationError(_("Choose a reason or write one."))
        return cleaned


@admin.register(Entry)
class EntryAdmin(RecordAdmin):
    """Entries that the user may see; pending ones first asked for."""

    list_display = [
        "item_title", "seller_code", "venue_code", "status_shown", "activity_price",
        "list_price", "list_source", "submitted_at", "held_shown", "reviewer",
    ]  # fmt: skip
    list_display_links = ["item_title"]
    list_filter = [
        QueueFilter,
        ("campaign", AutocompleteSelectFilter),
        ("status", ChoicesDropdownFilter),
        ("list_source", ChoicesDropdownFilter),
        SellerCodeFilter,
        ItemCodeFilter,
        RequirementFilter,
        ("submitted_at", RangeDateTimeFilter),
    ]
    list_select_related = ["item", "seller", "venue", "claimed_by"]
    ordering = ["submitted_at", "id"]
    search_fields = ["item__code", "seller__code"]
    search_help_text = _("The beginning of an item's or seller's code")
    actions = ["approve", "reject", "take", "give_back", "reinstate"]
    actions_detail = ["approve_one", "reject_one"]
    change_form_before_template = "admin/campaigns/entry/evidence.html"
    fieldsets = [
        (
            _("Entry"),
            {
                "classes": ["tab"],
                "fields": [
                    ("campaign", "venue"),
                    ("seller", "item"),
                    ("activity_price", "list_source"),
                    ("source", "version"),
                    ("submitted_at", "approved_at"),
                    ("at_risk_until", "held"),
                ],
            },
        )
    ]

    def get_queryset(self, request):
        """What the person may see; drafts are the seller's own business."""
        return permissions.visible_entries(request.user).exclude(status=Entry.Status.DRAFT)

    def has_review_permission(self, request):
        """Reviewers and operators decide; which entries, their venues say."""
        return permissions.has_role(
            request.user, permissions.OPERATOR, permissions.REVIEWER
        ) and request.user.has_perm("campaigns.change_entry")

    @shown.column(_("item"))
    def item_title(self, entry):
        """Title, or code."""
        return str(entry.item)

    @shown.column(_("seller"))
    def seller_code(self, entry):
        """The seller's code."""
        return entry.seller.code

    @shown.column(_("venue"))
    def venue_code(self, entry):
        """The venue's code."""
        return entry.venue.code

    @shown.column(_("status"))
    def status_shown(self, entry):
        """A badge."""
        return shown.status_badge(entry)

    @shown.column(_("list price"))
    def list_price(self, entry):
        """The item's list price now, to compare with."""
        return entry.item.list_price

    @shown.column(_("held"))
    def held_shown(self, entry):
        """A badge where a fact is not known."""
        return shown.badge(_("a fact is not known"), "warn") if entry.held else None

    @shown.column(_("reviewer"))
    def reviewer(self, entry):
        """Who has taken it."""
        taken = entry.claimed_until is not None and entry.claimed_until > clock.now()
        return entry.claimed_by if taken else None

    @admin.action(description=_("Approve…"), permissions=["review"])
    def approve(self, request, queryset):
        """Ask with numbers, then approve what was seen."""
        seen = confirming.seen_rows(request, self._mine(request, queryset))
        if confirming.is_confirmed(request):
            decided = reviewing.approve(
                entries=self._allowed(request, seen), at=clock.now(), actor=request.user
            )
            return self._told(request, decided)
        return self._ask(
            request, "approve", _("Approve these entries?"), seen, ApproveForm(), _("Approve")
        )

    @admin.action(description=_("Reject…"), permissions=["review"])
    def reject(self, request, queryset):
        """Ask for a reason, then reject what was seen."""
        seen = confirming.seen_rows(request, self._mine(request, queryset))
        form = RejectForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            decided = reviewing.reject(
                entries=self._allowed(request, seen),
                at=clock.now(),
                actor=request.user,
                template=form.cleaned_data["template"],
                note=form.cleaned_data["note"],
            )
            return self._told(request, decided)
        title = _("Reject these entries?")
        return self._ask(request, "reject", title, seen, form, _("Reject"), danger=True)

    @admin.action(description=_("Take to review"), permissions=["review"])
    def take(self, request, queryset):
        """Keep others off for half an hour."""
        rows = self._mine(request, queryset).values_list("pk", flat=True)
        ids = list(rows[: confirming.MOST_AT_ONCE])
        mine = reviewing.claim_work(entries=ids, user=request.user, at=clock.now())
        self.message_user(
            request,
            _("%(count)d of %(all)d are yours for half an hour.")
            % {"count": len(mine), "all": len(ids)},
        )

    @admin.action(description=_("Give back"), permissions=["review"])
    def give_back(self, request, queryset):
        """Let others take them."""
        rows = queryset.values_list("pk", flat=True)[: confirming.MOST_AT_ONCE]
        given = reviewing.release_work(entries=list(rows), user=request.user)
        self.message_user(request, _("%(count)d given back.") % {"count": given})

    @admin.action(description=_("Bring back into review…"), permissions=["review"])
    def reinstate(self, request, queryset):
        """An operator's correction of entries that ended."""
        if not permissions.may_operate(request.user):
            self.message_user(request, _("Only operators may do this."), messages.ERROR)
            return None
        seen = confirming.seen_rows(request, queryset)
        if confirming.is_confirmed(request):
            decided = reviewing.reinstate(
                entries=self._allowed(request, seen), at=clock.now(), actor=request.user
            )
            return self._told(request, decided)
        title = _("Bring these entries back into review?")
        return self._ask(request, "reinstate", title, seen, ApproveForm(), _("Bring back"))

    @action(description=_("Approve"), permissions=["review_one"], url_path="approve")
    def approve_one(self, request, object_id):
        """Approve the entry on this page."""
        return self._from_page(request, object_id, "approve")

    @action(description=_("Reject"), permissions=["review_one"], url_path="reject")
    def reject_one(self, request, object_id):
        """Reject the entry on this page; the next page asks for the reason."""
        return self._from_page(request, object_id, "reject")

    def has_review_one_permission(self, request, object_id=None):
        """Whether the entry on the page can be decided by this person now."""
        if not self.has_review_permission(request) or object_id is None:
            return False
        rows = self.get_queryset(request).filter(pk=object_id, status__in=PENDING)
        venues = permissions.reviewable_venues(request.user)
        return rows.filter(venue__in=venues).exists()

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page with the evidence of every filing and sweep."""
        context = {**(extra_context or {}), **self._evidence(request, object_id)}
        return super().change_view(request, object_id, form_url, context)

    def _evidence(self, request, object_id):
        entry = self.get_queryset(request).filter(pk=object_id).first()
        if entry is None:
            return {}
        findings = list(
            Finding.objects.filter(Q(entry=entry) | Q(registration=entry.registration, entry=None))
            .exclude(run__mode__in=[SweepRun.Mode.PREVIEW])
            .select_related("requirement", "version", "run")
            .prefetch_related("grounds")
            .order_by("-at", "-id")[:100]
        )
        metrics = {
            version.pk: vocabulary_of(version).metrics
            for version in {finding.version for finding in findings}
        }
        return {
            "entry": entry,
            "status_badge": shown.status_badge(entry),
            "findings": [
                {
                    "finding": finding,
                    "title": shown.finding_title(finding),
                    "remedy": shown.text(finding.requirement.remedy) if finding.requirement else "",
                    "note": finding.params.get("note")
                    or localised(finding.params.get("text"), request.LANGUAGE_CODE),
                    "grounds": [
                        shown.ground_row(ground, metrics[finding.version_id])
                        for ground in finding.grounds.all()
                    ],
                }
                for finding in findings
            ],
            "history": self._history(entry),
        }

    def _history(self, entry):
        labels = dict(Entry.Status.choices)
        steps = entry.history.select_related("move__actor").order_by("-id")[:100]
        return [
            {
                "step": step,
                "from": labels.get(step.from_status, step.from_status),
                "to": labels.get(step.to_status, step.to_status),
            }
            for step in steps
        ]

    def _mine(self, request, queryset):
        """Of a selection, what this person may decide."""
        return queryset.filter(venue__in=permissions.reviewable_venues(request.user))

    def _allowed(self, request, seen):
        """Of the rows that a page named, those that this person may decide."""
        rows = self._mine(request, self.get_queryset(request)).filter(pk__in=list(seen))
        allowed = set(rows.values_list("pk", flat=True))
        return {pk: revision for pk, revision in seen.items() if pk in allowed}

    def _ask(self, request, name, title, seen, form, submit, danger=False):
        rows = Entry.objects.filter(pk__in=list(seen)).values("venue__code", "status")
        labels = dict(Entry.Status.choices)
        lines = [{"venue": row["venue__code"], "status": labels[row["status"]]} for row in rows]
        summary = [
            (_("Entries"), len(seen)),
            *confirming.counted(lines, "venue", "status"),
        ]
        return confirming.confirm(
            request, self, action=name, title=title, seen=seen, form=form, summary=summary,
            submit=submit, danger=danger,
        )  # fmt: skip

    def _told(self, request, decided):
        counts = {}
        for decision in decided:
            counts[decision.outcome] = counts.get(decision.outcome, 0) + 1
        for outcome, number in sorted(counts.items()):
            good = outcome in (Outcome.APPROVED, Outcome.REJECTED, Outcome.REINSTATED)
            words = ngettext("%(count)d entry: %(what)s", "%(count)d entries: %(what)s", number)
            self.message_user(
                request,
                words % {"count": number, "what": OUTCOME_WORDS[outcome]},
                messages.SUCCESS if good else messages.WARNING,
            )
        return HttpResponseRedirect(request.get_full_path())

    def _from_page(self, request, object_id, name):
        """Ask on a page of its own, whose answer goes to the list's action."""
        row = self.get_queryset(request).filter(pk=object_id)
        seen = confirming.seen_rows(request, row)
        form = RejectForm() if name == "reject" else ApproveForm()
        if confirming.is_confirmed(request):
            return getattr(self, name)(request, row)
        title = _("Reject this entry?") if name == "reject" else _("Approve this entry?")
        submit = _("Reject") if name == "reject" else _("Approve")
        return self._ask(request, name, title, seen, form, submit, danger=name == "reject")
