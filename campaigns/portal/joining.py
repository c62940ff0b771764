"""Joining a campaign and leaving it, each behind a page with its numbers."""

from collections import Counter

from django.contrib import messages
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from campaigns.admission import NoRulebook
from campaigns.joining import check_seller, join, joined_registration
from campaigns.lifecycle import HOLDS_PLACE
from campaigns.models import Entry
from campaigns.portal import reasons
from campaigns.portal.evidence import FAIL, PASS, Reader, of_refusal
from campaigns.portal.page import filing_page, show
from campaigns.portal.places import places_shown
from campaigns.portal.standing import own_campaign, standing_of, trail_of
from campaigns.templatetags.figures import localised
from campaigns.withdrawing import withdraw_registration


@filing_page
def join_campaign(request: HttpRequest, code: str) -> HttpResponse:
    """Show what joining rests on and what it brings; POST joins."""
    campaign = own_campaign(request, code)
    seller = request.acting.seller
    back = redirect("portal:campaign", seller.pk, code)
    if request.method == "POST":
        try:
            result = join(campaign=campaign, seller=seller, at=request.at, actor=request.user)
        except NoRulebook:
            messages.error(request, _("The campaign’s rules are not in force yet."))
            return back
        title = localised(campaign.title) or campaign.code
        if result.joined:
            messages.success(
                request, _("Your shop takes part in %(campaign)s.") % {"campaign": title}
            )
            return back
        reader = Reader({finding.version_id for finding in result.findings})
        context = {
            "campaign": campaign,
            "title": title,
            "verdicts": [reader.finding(finding) for finding in result.findings],
        }
        trail = trail_of(request, campaign, (_("Not joined"), ""))
        return show(request, "join_refused", context, section="campaigns", trail=trail)
    if joined_registration(campaign, request.acting.seller) is not None:
        messages.info(request, _("Your shop has joined already."))
        return back
    check = check_seller(
        campaign=campaign, seller=seller, at=request.at, version=campaign.calendar.version
    )
    verdicts = standing_of(check)
    context = {
        "campaign": campaign,
        "calendar": campaign.calendar,
        "title": localised(campaign.title) or campaign.code,
        "check": check,
        "places": places_shown(request, campaign, check.registration, check),
        "refusals": [of_refusal(row.code, row.params) for row in check.refusals],
        "verdicts": verdicts,
        "total": len(verdicts),
        "met": sum(verdict.outcome == PASS for verdict in verdicts),
        "failed": sum(verdict.outcome == FAIL for verdict in verdicts),
    }
    trail = trail_of(request, campaign, (_("Join"), ""))
    return show(request, "join", context, section="campaigns", trail=trail)


@filing_page
def leave_campaign(request: HttpRequest, code: str) -> HttpResponse:
    """Show how many entries become void; POST withdraws the registration (G520-062)."""
    campaign = own_campaign(request, code)
    registration = joined_registration(campaign, request.acting.seller)
    back = redirect("portal:campaign", request.acting.seller.pk, code)
    if registration is None:
        messages.info(request, _("Your shop does not take part."))
        return back
    if request.method == "POST":
        refusal = withdraw_registration(
            registration=registration, at=request.at, actor=request.user
        )
        if refusal is None:
            messages.success(request, _("Your shop has left; its entries are void."))
        else:
            messages.error(request, reasons.in_full(refusal.code, refusal.params))
        return back
    rows = Entry.objects.filter(registration=registration, status__in=HOLDS_PLACE)
    counts = Counter(dict(rows.order_by().values_list("status").annotate(number=Count("pk"))))
    context = {
        "campaign": campaign,
        "calendar": campaign.calendar,
        "title": localised(campaign.title) or campaign.code,
        "total": counts.total(),
        "counts": [(status, Entry.Status(status).label, n) for status, n in counts.items()],
    }
    trail = trail_of(request, campaign, (_("Leave"), ""))
    return show(request, "leave", context, section="campaigns", trail=trail)
