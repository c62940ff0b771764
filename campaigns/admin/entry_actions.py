"""What reviewers and operators do with entries from the list, behind a page with the numbers."""

from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from campaigns import clearing, permissions, reviewing
from campaigns.admin import answers, confirming, shown
from campaigns.admin.reasons import ClearOutForm, ConfirmForm, RejectForm
from campaigns.lifecycle import PENDING
from campaigns.models import Entry
from sellers import clock


class EntryActions:
    """What the actions share: which rows they may touch, the question, and the answer."""

    def has_review_permission(self, request):
        """Reviewers and operators decide; which entries, their venues say."""
        return permissions.has_role(
            request.user, permissions.OPERATOR, permissions.REVIEWER
        ) and request.user.has_perm("campaigns.change_entry")

    def has_operate_permission(self, request):
        """Operators."""
        return permissions.may_operate(request.user)

    def _mine(self, request, queryset):
        """Of a selection, what this person may decide."""
        return queryset.filter(venue__in=permissions.reviewable_venues(request.user))

    def _allowed(self, request, seen, venues=None):
        """Of the rows that a page named, those in the venues, by default those to decide in."""
        if venues is None:
            venues = permissions.reviewable_venues(request.user)
        rows = self.get_queryset(request).filter(pk__in=list(seen), venue__in=venues)
        allowed = set(rows.values_list("pk", flat=True))
        return {pk: revision for pk, revision in seen.items() if pk in allowed}

    def _ask(self, request, name, title, seen, form, submit, danger=False):
        rows = Entry.objects.filter(pk__in=list(seen))
        lines = shown.by_venue_and_status(rows.values_list("venue", "venue__code", "status"))
        summary = [
            (_("Entries"), len(seen)),
            *confirming.counted(lines, "venue", "status"),
        ]
        return confirming.confirm(
            request, self, action=name, title=title, seen=seen, form=form, summary=summary,
            submit=submit, danger=danger,
        )  # fmt: skip

    def _told(self, request, results):
        answers.tell(self, request, results)
        return HttpResponseRedirect(request.get_full_path())


class ReviewActions(EntryActions):
    """Deciding, and taking work."""

    names = ("approve", "reject", "take_back", "take", "give_back")

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
            request, "approve", _("Approve these entries?"), seen, ConfirmForm(), _("Approve")
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

    @admin.action(description=_("Take the decision back…"), permissions=["review"])
    def take_back(self, request, queryset):
        """Open again what was decided and is not released yet."""
        seen = confirming.seen_rows(request, self._mine(request, queryset))
        if confirming.is_confirmed(request):
            opened = reviewing.take_back(
                entries=self._allowed(request, seen), at=clock.now(), actor=request.user
            )
            return self._told(request, opened)
        title = _("Take the decisions on these entries back?")
        return self._ask(request, "take_back", title, seen, ConfirmForm(), _("Take back"))

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

    def _from_page(self, request, object_id, name):
        """Ask on a page of its own, whose answer goes to the list's action."""
        row = self.get_queryset(request).filter(pk=object_id)
        seen = confirming.seen_rows(request, row)
        form = RejectForm() if name == "reject" else ConfirmForm()
        if confirming.is_confirmed(request):
            return getattr(self, name)(request, row)
        title = _("Reject this entry?") if name == "reject" else _("Approve this entry?")
        submit = _("Reject") if name == "reject" else _("Approve")
        return self._ask(request, name, title, seen, form, submit, danger=name == "reject")


class OperatorActions(EntryActions):
    """Corrections of entries that stand or ended."""

    names = ("clear_out", "restore", "reinstate")

    @admin.action(description=_("Clear out…"), permissions=["operate"])
    def clear_out(self, request, queryset):
        """Take live entries off for a reason."""
        seen = confirming.seen_rows(request, queryset)
        form = ClearOutForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            cleared = clearing.clear_out(
                entries=self._allowed(request, seen),
                reason=form.cleaned_data["template"],
                note=form.cleaned_data["note"],
                at=clock.now(),
                actor=request.user,
            )
            return self._told(request, cleared)
        title = _("Clear these entries out?")
        return self._ask(request, "clear_out", title, seen, form, _("Clear out"), danger=True)

    @admin.action(description=_("Restore what was cleared out…"), permissions=["review"])
    def restore(self, request, queryset):
        """Bring cleared-out entries back: operators anywhere, others in venues that they own."""
        venues = permissions.restorable_venues(request.user)
        seen = confirming.seen_rows(request, queryset.filter(venue__in=venues))
        if not seen:
            text = _("Only operators and the venue’s owner may do this.")
            self.message_user(request, text, messages.ERROR)
            return None
        if confirming.is_confirmed(request):
            restored = clearing.restore(
                entries=self._allowed(request, seen, venues), at=clock.now(), actor=request.user
            )
            return self._told(request, restored)
        title = _("Restore these entries?")
        return self._ask(request, "restore", title, seen, ConfirmForm(), _("Restore"))

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
        return self._ask(request, "reinstate", title, seen, ConfirmForm(), _("Bring back"))
