"""A campaign's resource positions by day: what is given to what; given and taken back here."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns import permissions, slot_plans
from campaigns.admin import shown
from campaigns.models import Campaign, SlotAllotment
from campaigns.rulebooks.versions import version_in_force
from campaigns.slot_plans import AllotmentRefused
from campaigns.spreadsheets import csv_answer
from sellers import clock
from sellers.localtime import local_date

TEMPLATE = "admin/campaigns/campaign/slots.html"


class AllotForm(forms.Form):
    """Which position, on which days, for what."""

    slot = forms.ChoiceField(
        label=gettext_lazy("Resource position"), widget=UnfoldAdminSelectWidget
    )
    first = forms.DateField(
        label=gettext_lazy("From"), widget=UnfoldAdminTextInputWidget(attrs={"type": "date"})
    )
    last = forms.DateField(
        label=gettext_lazy("To and including"),
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"type": "date"}),
        help_text=gettext_lazy("Empty: one day."),
    )
    venue = forms.ChoiceField(
        label=gettext_lazy("Given to"), required=False, widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )

    def __init__(self, *args, slots, venues, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["slot"].choices = [(row.code, _named(row)) for row in slots]
        kinds = {}
        for terms in venues:
            kinds.setdefault(terms.kind, []).append((terms.venue_id, _named(terms)))
        self.fields["venue"].choices = [("", _("the campaign as a whole")), *kinds.items()]


class SlotPlan:
    """The pages of a campaign's resource positions, below its own."""

    def get_urls(self):
        """With the plan and its table."""
        view = self.admin_site.admin_view
        own = [
            path("<int:campaign>/slots/", view(self.slots_view), name="campaigns_campaign_slots"),
            path(
                "<int:campaign>/slots.csv",
                view(self.slots_table_view),
                name="campaigns_campaign_slots_table",
            ),
        ]
        return [*own, *super().get_urls()]

    def slots_view(self, request, campaign):
        """The plan; a POST gives positions or takes some back."""
        found = self._planned(request, campaign)
        version = version_in_force(found, clock.now())
        slots = list(version.resourceslot_set.all()) if version else []
        venues = list(version.venueterms_set.all()) if version else []
        may_plan = may_plan_slots(request.user)
        options = {"slots": slots, "venues": venues}
        form = AllotForm(initial=_asked(request), **options)
        if request.method == "POST":
            if not may_plan:
                raise PermissionDenied
            if request.POST.get("act") == "take_back":
                return self._take_back(request, found)
            form = AllotForm(request.POST, **options)
            if form.is_valid() and self._allot(request, found, version, form):
                return _back(found)
        days = _days(found, version, slots, venues, local_date(clock.now()))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Resource positions by day"),
            "opts": self.model._meta,
            "media": self.media + form.media,
            "campaign": found,
            "slots": [{"code": row.code, "title": _named(row), "where": _where(row)}
                      for row in slots],
            "days": days,
            "has_more": any(line["more"] for line in days),
            "has_today": any(line["is_today"] for line in days),
            "form": form,
            "may_plan": may_plan and bool(slots),
        }  # fmt: skip
        return TemplateResponse(request, TEMPLATE, context)

    def slots_table_view(self, request, campaign):
        """What is given, a line for each position and day."""
        found = self._planned(request, campaign)
        version = version_in_force(found, clock.now())
        slots = {row.code: row for row in version.resourceslot_set.all()} if version else {}
        lines = [["day", "slot", "title", "channel", "place", "venue", "note"]]
        for allotted in found.slot_allotments.select_related("venue"):
            slot = slots.get(allotted.slot_code)
            lines.append(
                [
                    allotted.day.isoformat(),
                    allotted.slot_code,
                    _named(slot) if slot else "",
                    slot.channel if slot else "",
                    slot.place if slot else "",
                    allotted.venue.code if allotted.venue else "",
                    allotted.note,
                ]
            )
        return csv_answer(f"{found.code}-slots.csv", lines)

    def _planned(self, request, campaign):
        found = get_object_or_404(Campaign, pk=campaign)
        if not self.has_view_permission(request, found):
            raise PermissionDenied
        return found

    def _allot(self, request, campaign, version, form):
        given = form.cleaned_data
        venue = campaign.venues.get(pk=given["venue"]) if given["venue"] else None
        try:
            rows = slot_plans.allot(
                campaign=campaign,
                version=version,
                slot=given["slot"],
                first=given["first"],
                last=given["last"] or given["first"],
                venue=venue,
                note=given["note"],
            )
        except AllotmentRefused as refused:
            form.add_error(None, str(refused))
            return False
        what = f"{given['slot']}: {given['first']} – {rows[-1].day} → {venue or campaign}"
        self.log_change(request, campaign, what)
        text = ngettext("Given on %(count)d day.", "Given on %(count)d days.", len(rows))
        self.message_user(request, text % {"count": len(rows)})
        return True

    def _take_back(self, request, campaign):
        chosen = [int(pk) for pk in request.POST.getlist("allotted") if pk.isdigit()]
        taken = campaign.slot_allotments.filter(pk__in=chosen)
        what = ", ".join(str(row) for row in taken)
        number = slot_plans.take_back(campaign=campaign, allotments=chosen)
        if number:
            self.log_change(request, campaign, f"− {what}"[:2000])
        text = ngettext("%(count)d position is free again.", "%(count)d positions are free again.",
                        number)  # fmt: skip
        self.message_user(request, text % {"count": number},
                          messages.SUCCESS if number else messages.WARNING)  # fmt: skip
        return _back(campaign)


def may_plan_slots(user) -> bool:
    """Whether a user gives positions: operators."""
    return permissions.may_operate(user) and user.has_perm("campaigns.add_slotallotment")


def _days(campaign, version, slots, venues, today):
    """The lines of the plan: what each position is given to on each day."""
    if version is None:
        return []
    kinds = {terms.venue_id: terms.kind for terms in venues}
    names = {terms.venue_id: _named(terms) for terms in venues}
    lines = []
    for planned in slot_plans.plan(campaign, version):
        unknown = [code for code in planned.given if code not in {slot.code for slot in slots}]
        lines.append(
            {
                "day": planned.day,
                "is_today": planned.day == today,
                "mainly": planned.mainly(kinds),
                "cells": [_cell(slot, planned.given.get(slot.code), names) for slot in slots],
                "more": [_cell(None, planned.given[code], names) for code in unknown],
            }
        )
    return lines


def _cell(slot, allotted: SlotAllotment | None, names):
    if allotted is None:
        return {"slot": slot.code, "name": _named(slot)}
    name = _("the campaign as a whole")
    if allotted.venue_id is not None:
        name = names.get(allotted.venue_id, allotted.venue.code)
    return {"allotted": allotted, "given_to": name}


def _asked(request):
    """What a press on a free place fills in."""
    return {name: request.GET[name] for name in ("slot", "first") if name in request.GET}


def _named(row):
    return shown.text(row.title) or row.code


def _where(slot):
    place = "" if slot.place is None else str(slot.place)
    return " · ".join(part for part in (slot.channel, place) if part)


def _back(campaign):
    return HttpResponseRedirect(reverse("admin:campaigns_campaign_slots", args=[campaign.pk]))
