"""Shops' registrations, and their permissions taken back and given again."""

from django.contrib import admin
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import action

from campaigns import permissions, revoking
from campaigns.admin import confirming, shown
from campaigns.admin.reasons import LiftForm, RevokeForm
from campaigns.models import Registration, Revocation
from sellers import clock
from sellers.admin.base import RecordAdmin, SellerCodeFilter


class RevokeAction:
    """The registration's admin with the permission taken back from its page."""

    @action(description=_("Take the permission back…"), permissions=["revoke"], url_path="revoke")
    def revoke(self, request, object_id):
        """Ask with numbers and a reason; then everything of the shop goes at once."""
        rows = Registration.objects.select_related("campaign", "seller")
        found = get_object_or_404(rows, pk=object_id)
        form = RevokeForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            row = revoking.revoke(
                campaign=found.campaign,
                seller=found.seller,
                reason=form.cleaned_data["template"],
                note=form.cleaned_data["note"],
                at=clock.now(),
                actor=request.user,
            )
            self.log_change(request, found, f"revoked: {row.reason.code}")
            self.message_user(request, _("The permission is taken back."))
            return HttpResponseRedirect(reverse("admin:campaigns_revocation_change", args=[row.pk]))
        reach = revoking.reach(found.campaign, found.seller)
        summary = [
            (_("Live entries cleared out"), reach.live),
            (_("Waiting entries void"), reach.pending),
            (_("Registration void"), _("yes") if reach.joined else _("no")),
        ]
        return confirming.confirm(
            request, self, action="", seen={}, form=form, summary=summary,
            title=_("Take the permission of %(seller)s for %(campaign)s back?")
            % {"seller": found.seller, "campaign": shown.text(found.campaign.title)},
            warning=_("At once and for the whole campaign; the seller is told the reason."),
            submit=_("Take back at once"), danger=True,
        )  # fmt: skip

    def has_revoke_permission(self, request, object_id=None):
        """Operators, while none stands."""
        if object_id is None or not permissions.may_operate(request.user):
            return False
        found = Registration.objects.filter(pk=object_id).first()
        standing = Revocation.objects.filter(lifted_at=None)
        return (
            found is not None
            and not standing.filter(campaign=found.campaign_id, seller=found.seller_id).exists()
        )


@admin.register(Revocation)
class RevocationAdmin(RecordAdmin):
    """Permissions taken back, the latest first."""

    list_display = ["seller", "campaign", "reason_shown", "at", "actor", "lifted_at", "lifted_by"]
    list_filter = [("campaign", AutocompleteSelectFilter), SellerCodeFilter]
    list_select_related = ["seller", "campaign", "reason", "actor", "lifted_by"]
    ordering = ["-id"]
    actions_detail = ["lift"]
    fields = [
        ("campaign", "seller"), ("reason_shown", "note"), ("at", "actor"),
        ("lifted_at", "lifted_by"),
    ]  # fmt: skip
    readonly_fields = ["reason_shown"]

    @shown.column(_("reason"))
    def reason_shown(self, revocation):
        """In the reader's language."""
        return shown.text(revocation.reason.text) or revocation.reason.code

    @action(description=_("Give the permission back…"), permissions=["lift"], url_path="lift")
    def lift(self, request, object_id):
        """Ask, then let the shop join and file again."""
        rows = Revocation.objects.select_related("campaign", "seller")
        row = get_object_or_404(rows, pk=object_id)
        form = LiftForm(request.POST if confirming.is_confirmed(request) else None)
        if form.is_bound and form.is_valid():
            revoking.lift(
                revocation=row,
                at=clock.now(),
                actor=request.user,
                bring_back=form.cleaned_data["bring_back"],
            )
            self.log_change(request, row, "lifted")
            self.message_user(request, _("The permission is given back."))
            return HttpResponseRedirect(reverse("admin:campaigns_revocation_change", args=[row.pk]))
        summary = [(_("Seller"), row.seller), (_("Campaign"), row.campaign)]
        return confirming.confirm(
            request, self, action="", seen={}, form=form, summary=summary,
            title=_("Give this shop’s permission back?"), submit=_("Give back"),
        )  # fmt: skip

    def has_lift_permission(self, request, object_id=None):
        """Operators, while it stands."""
        standing = Revocation.objects.filter(pk=object_id, lifted_at=None)
        return object_id is not None and permissions.may_operate(request.user) and standing.exists()
