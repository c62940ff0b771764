"""Voluntary plays that an approved entry may take part in."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.models import Entry
from campaigns.plays import join_play, leave_play, open_plays
from campaigns.portal import reasons
from campaigns.portal.calendar import current_versions
from campaigns.portal.decisions import own_entry
from campaigns.portal.page import filing_page
from campaigns.templatetags.figures import localised


@require_POST
@filing_page
def change(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Take an entry into a play, or out of it."""
    found = own_entry(request, entry_id)
    if play := request.POST.get("leave"):
        if leave_play(entry=found, play=play):
            messages.success(request, _("The entry no longer takes part in the play."))
    elif play := request.POST.get("join"):
        refusal = join_play(entry=found, play=play, at=request.at)
        if refusal is None:
            messages.success(request, _("The entry takes part in the play."))
        else:
            messages.error(request, reasons.in_full(refusal.code, refusal.params))
    return redirect("portal:entry", request.acting.seller.pk, found.pk)


def plays_shown(entry: Entry, at) -> list[dict]:
    """The plays that the entry is in or may join now."""
    version = current_versions([entry.campaign], at).get(entry.campaign_id)
    if version is None:
        return []
    joined = set(entry.plays.values_list("play", flat=True))
    return [
        {
            "code": play.code,
            "title": localised(play.title) or play.code,
            "conditions": localised(play.terms.get("conditions")),
            "starts_at": play.starts_at,
            "ends_at": play.ends_at,
            "joined": play.code in joined,
            "open": entry.status in (play.terms.get("open_to") or [Entry.Status.APPROVED]),
        }
        for play in open_plays(version, at)
    ]
