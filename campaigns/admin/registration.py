"""The quota desk: find a seller's registration, see what its places are made of, allot some."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from campaigns import permissions
from campaigns.admin import confirming, shown
from campaigns.admin.revocation import RevokeAction
from campaigns.allotting import AllotmentRefused, allot
from campaigns.explaining import explain
from campaigns.models import Quota, Registration
from campaigns.published import rows_of
from campaigns.rulebooks.versions import version_in_force
from sellers import clock
from sellers.admin.base import RecordAdmin, SellerCodeFilter

# Entries named below each quota.
MOST_NAMED = 20


class AllotForm(forms.Form):
    """How many places of which quota."""

    quota = forms.ChoiceField(label=_("Quota"), widget=UnfoldAdminSelectWidget)
    places = forms.IntegerField(
        label=_("Places"), min_value=0, max_value=2**31 - 1, widget=UnfoldAdminIntegerFieldWidget
    )

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["quota"].choices = choices


@admin.register(Registration)
class RegistrationAdmin(RevokeAction, RecordAdmin):
    """Sellers that joined, were rejected or left, with the places that they have."""

    list_display = ["seller", "campaign", "status", "joined_at", "created_at"]
    list_filter = [
        ("campaign", AutocompleteSelectFilter),
        ("status", ChoicesDropdownFilter),
        SellerCodeFilter,
    ]
    search_fields = ["seller__code"]
    ordering = ["-id"]
    change_form_before_template = "admin/campaigns/registration/places.html"
    actions_detail = ["allot_places", "revoke"]

    def get_queryset(self, request):
        """With what its page names."""
        rows = super().get_queryset(request)
        return rows.select_related("seller", "campaign", "version__campaign", "main_category")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        """The page with every quota's explanation."""
        context = {**(extra_context or {}), "places": self._places(object_id)}
        return super().change_view(request, object_id, form_url, context)

    def has_allot_permission(self, request, object_id=None):
        """Operators, where the rulebook in force allots."""
        if object_id is None or not permissions.may_operate(request.user):
            return False
        found = Registration.objects.filter(pk=object_id).select_related("campaign").first()
        version = version_in_force(found.campaign, clock.now()) if found else None
        return version is not None and any(quota.allotted for quota in rows_of(version, Quota))

    @action(description=_("Allot places…"), permissions=["allot"], url_path="allot")
    def allot_places(self, request, object_id):
        """Ask how many of which quota, beside what there is, then allot them."""
        rows = Registration.objects.select_related("campaign", "seller")
        found = get_object_or_404(rows, pk=object_id)
        at = clock.now()
        version = version_in_force(found.campaign, at)
        rows = [row.place for row in explain(found, version=version, at=at)]
        allotted = [place for place in rows if place.quota.allotted]
        choices = [
            (place.quota.code, shown.text(place.quota.title) or place.quota.code)
            for place in allotted
        ]
        form = AllotForm(
            request.POST if confirming.is_confirmed(request) else None, choices=choices
        )
        if form.is_bound and form.is_valid():
            try:
                allot(registration=found, version=version, at=at, **form.cleaned_data)
            except AllotmentRefused as error:
                self.message_user(request, str(error), messages.ERROR)
            else:
                self.log_change(
                    request,
                    found,
                    "{quota}: {places}".format(**form.cleaned_data),
                )
                self.message_user(request, _("The places are allotted."))
            return HttpResponseRedirect(
                reverse("admin:campaigns_registration_change", args=[object_id])
            )
        summary = [
            (
                f"{label} · {_('allotted')}",
                _("%(number)s, within %(floor)s to %(top)s; %(used)s used")
                % {
                    "number": "–" if place.allotted is None else place.allotted,
                    "floor": place.floor or 0,
                    "top": "–" if place.top is None else place.top,
                    "used": place.used,
                },
            )
            for place, (_code, label) in zip(allotted, choices, strict=True)
        ]
        title = _("Allot places to %(seller)s") % {"seller": found.seller}
        return confirming.confirm(
            request, self, action="", title=title,
            seen={}, form=form, summary=summary, submit=_("Allot"),
        )  # fmt: skip

    def _places(self, object_id):
        found = Registration.objects.filter(pk=object_id).select_related("campaign").first()
        at = clock.now()
        version = version_in_force(found.campaign, at) if found else None
        if version is None:
            return []
        return [
            {
                "title": shown.text(row.place.quota.title) or row.place.quota.code,
                "place": row.place,
                "grants": [
                    {
                        "grant": grant,
                        "title": shown.text(grant.title) or grant.code,
                        "kind": KINDS[grant.kind],
                        "why": shown.reason_text(grant.reason.code) if grant.reason else "",
                    }
                    for grant in row.place.grants
                ],
                "entries": [
                    (shown.link(entry), shown.status_badge(entry))
                    for entry in row.entries[:MOST_NAMED]
                ],
                "more": max(0, len(row.entries) - MOST_NAMED),
                "blocks": [
                    shown.reason_text(refusal.code)
                    for refusal in row.blocks
                    if "bonus" not in refusal.params
                ],
            }
            for row in explain(found, version=version, at=at)
        ]


KINDS = {
    "ceiling": _("the rulebook"),
    "table": _("a table of the rulebook"),
    "metric": _("a figure of the seller"),
    "allotment": _("an allotment"),
    "bonus": _("a bonus"),
}
