"""Asking the marketplace to take an entry off that the shop cannot withdraw (D12-101)."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import cancelling
from campaigns.portal import reasons
from campaigns.portal.decisions import own_entry
from campaigns.portal.page import filing_page, show

MOST_WORDS = 500


@filing_page
def ask_to_cancel(request: HttpRequest, entry_id: int) -> HttpResponse:
    """What asking means, and a note; POST asks."""
    found = own_entry(request, entry_id)
    back = redirect("portal:entry", request.acting.seller.pk, found.pk)
    if request.method == "POST":
        note = request.POST.get("note", "").strip()[:MOST_WORDS]
        refusal = cancelling.ask(entry=found, note=note, at=request.at, actor=request.user)
        if refusal is None:
            messages.success(request, _("The marketplace is asked and will answer."))
        else:
            messages.error(request, reasons.in_full(refusal.code, refusal.params))
        return back
    trail = [
        (_("My entries"), reverse("portal:entries", args=[request.acting.seller.pk])),
        (str(found.item), reverse("portal:entry", args=[request.acting.seller.pk, found.pk])),
        (_("Ask to cancel"), ""),
    ]
    return show(request, "ask_to_cancel", {"entry": found}, section="entries", trail=trail)
