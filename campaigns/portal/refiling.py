"""Filing items again whose entries have ended, at the price that they had."""

from datetime import datetime

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.admission import Admission, NoRulebook, rulebook_at
from campaigns.joining import joined_registration
from campaigns.lifecycle import ENDED
from campaigns.models import Entry, Filing, Registration, Venue
from campaigns.portal import reasons, worksheet
from campaigns.portal.decisions import own_entry
from campaigns.portal.page import filing_page
from campaigns.portal.suggesting import prefill


@require_POST
@filing_page
def file_again(request: HttpRequest, entry_id: int) -> HttpResponse:
    """Put one ended entry's item on the worksheet, and go there."""
    found = own_entry(request, entry_id)
    if found.status not in ENDED:
        return redirect("portal:entry", request.acting.seller.pk, found.pk)
    return _again(request, found.campaign, found.venue, [found])


@require_POST
@filing_page
def file_refused(request: HttpRequest, filing_id: int) -> HttpResponse:
    """Put what a filing had refused on the worksheet, and go there."""
    filing = (
        Filing.objects.filter(pk=filing_id, registration__seller=request.acting.seller)
        .select_related("registration__campaign", "venue")
        .first()
    )
    if filing is None:
        raise Http404
    refused = Entry.objects.filter(filing=filing, status=Entry.Status.REJECTED)
    rows = list(refused.select_related("item").order_by("line"))
    return _again(request, filing.registration.campaign, filing.venue, rows)


def why_not(registration: Registration, venue: Venue, at: datetime, *, ended: str = "") -> str:
    """Why nothing may be filed again in a venue now, and until when it could be; "" where it may.

    ``ended`` is the status in which the entry ended: what was cleared out can still be brought back
    by whoever the sentence names (D12-105, 106). Joining again is another page's affair.
    """
    try:
        version = rulebook_at(registration.campaign, at)
    except NoRulebook:
        return str(reasons.title("window_closed"))
    for refusal in Admission(version, venue, at).refusals(registration):
        if refusal.code != "not_registered":
            more = {"cleared_out": True} if ended == Entry.Status.CLEARED_OUT else {}
            told = reasons.sentence(refusal.code, refusal.params | more)
            return told or reasons.title(refusal.code)
    return ""


def _again(request, campaign, venue, entries):
    seller = request.acting.seller
    registration = joined_registration(campaign, seller)
    if registration is None:
        messages.info(request, _("Join the campaign first; then file items."))
        return redirect("portal:campaign", seller.pk, campaign.code)
    if shut := why_not(registration, venue, request.at):
        messages.error(request, shut)
        return redirect("portal:campaign", seller.pk, campaign.code)
    registration.campaign = campaign
    sheet = worksheet.load(request, registration, venue)
    if sheet.add(entry.item for entry in entries):
        messages.warning(request, _("The worksheet is full; file what is on it first."))
    for entry in entries:
        row = sheet.rows.get(entry.item_id)
        if row is not None and entry.activity_price is not None:
            row.price = str(entry.activity_price)
            row.source = entry.list_source or row.source
    if entries and not sheet.tools:
        sheet.tools = list(entries[0].tools.values_list("code", flat=True))
    prefill(request, registration, venue, sheet)
    worksheet.save(request, registration, venue, sheet)
    return redirect("portal:prices", seller.pk, campaign.code, venue.code)
