"""The review queue: entries with their evidence, decided one by one or by the thousand."""

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import (
    AutocompleteSelectFilter,
    ChoicesDropdownFilter,
    DropdownFilter,
    RangeDateTimeFilter,
)

from campaigns import overdue, permissions
from campaigns.admin import shown
from campaigns.admin.entry_actions import OperatorActions, ReviewActions
from campaigns.admin.filters import VenueCodeFilter
from campaigns.eligibility.sentences import localised
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.lifecycle import PENDING
from campaigns.models import Decision, Entry, Finding, ReasonTemplate, SweepRun
from campaigns.venue_kinds import kind_name
from sellers import clock
from sellers.admin.base import CodeFilter, ItemCodeFilter, RecordAdmin, SellerCodeFilter


class QueueFilter(DropdownFilter):
    """What is waiting, for whom."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request, model_admin):
        """The views that reviewers need."""
        return [
            ("pending", _("Waiting for review")),
            ("open", _("Not decided yet")),
            ("decided", _("Decided, not released")),
            ("overdue", _("Overdue: results were due")),
            ("mine", _("Taken by me")),
            ("held", _("Held: a fact is not known")),
            ("all", _("All entries")),
        ]

    def queryset(self, request, queryset):
        """Entries of the view; waiting ones where none is chosen."""
        view = self.value() or "pending"
        if view == "pending":
            return queryset.filter(status__in=PENDING)
        if view in {"open", "decided"}:
            return queryset.filter(status__in=PENDING, decision__isnull=view == "open")
        if view == "overdue":
            return overdue.overdue(queryset, clock.now())
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


class VenueKindFilter(DropdownFilter):
    """Entries in venues of a kind, as the rulebooks in force have it."""

    title = _("kind of venue")
    parameter_name = "venue_kind"

    def lookups(self, request, model_admin):
        """The kinds that there are."""
        kinds = overdue.terms_in_force(clock.now()).order_by("kind").values_list("kind", flat=True)
        return [(kind, kind_name(kind)) for kind in kinds.distinct() if kind]

    def queryset(self, request, queryset):
        """Those of the kind."""
        if not self.value():
            return queryset
        of_kind = overdue.terms_in_force(clock.now()).filter(kind=self.value())
        return queryset.filter(venue__in=of_kind.values("venue"))


@admin.register(Entry)
class EntryAdmin(ReviewActions, OperatorActions, RecordAdmin):
    """Entries that the user may see; pending ones first asked for."""

    list_display = [
        "item_title", "seller_code", "venue_shown", "status_shown", "activity_price",
        "list_price", "submitted_at", "decision_shown", "reviewer", "held_shown", "list_source",
    ]  # fmt: skip
    list_display_links = ["item_title"]
    list_filter = [
        QueueFilter,
        ("campaign", AutocompleteSelectFilter),
        VenueCodeFilter,
        VenueKindFilter,
        ("status", ChoicesDropdownFilter),
        ("list_source", ChoicesDropdownFilter),
        SellerCodeFilter,
        ItemCodeFilter,
        RequirementFilter,
        ("submitted_at", RangeDateTimeFilter),
    ]
    list_select_related = ["item", "seller", "venue", "claimed_by", "decision__decided_by"]
    ordering = ["submitted_at", "id"]
    search_fields = ["item__code", "seller__code"]
    search_help_text = _("The beginning of an item's or seller's code")
    actions = [*ReviewActions.names, *OperatorActions.names]
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

    def get_changelist_instance(self, request):
        """The list, with the titles of the page's venues asked for at once."""
        found = super().get_changelist_instance(request)
        titles = shown.venue_titles({row.venue_id for row in found.result_list})
        for row in found.result_list:
            row.venue_title = titles.get(row.venue_id)
        return found

    @shown.column(_("venue"))
    def venue_shown(self, entry):
        """What the rulebook calls the venue, or its code."""
        return getattr(entry, "venue_title", None) or entry.venue.code

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

    @shown.column(_("decision"))
    def decision_shown(self, entry):
        """What was decided and is not released yet, and by whom."""
        decision = getattr(entry, "decision", None)
        if decision is None:
            return None
        if decision.revision != entry.revision:
            return shown.badge(_("changed since it was decided"), "warn")
        tone = "good" if decision.verdict == Decision.Verdict.APPROVE else "bad"
        words = [decision.get_verdict_display(), decision.decided_by]
        return shown.badge(" · ".join(str(word) for word in words if word), tone)

    @shown.column(_("reviewer"))
    def reviewer(self, entry):
        """Who has taken it."""
        taken = entry.claimed_until is not None and entry.claimed_until > clock.now()
        return entry.claimed_by if taken else None

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
            "venue_title": shown.venue_titles([entry.venue_id]).get(entry.venue_id),
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
        steps = list(entry.history.select_related("move__actor").order_by("-id")[:100])
        known = ReasonTemplate.objects.filter(code__in={step.reason for step in steps})
        reasons = dict(known.values_list("code", "text"))
        return [
            {
                "step": step,
                "reason": shown.text(reasons.get(step.reason)) or shown.reason_text(step.reason),
                "from": labels.get(step.from_status, step.from_status),
                "to": labels.get(step.to_status, step.to_status),
            }
            for step in steps
        ]
