"""How many places the shop has, and which of its entries use them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.bonuses import enrol
from campaigns.explaining import explain
from campaigns.joining import SellerCheck, joined_registration
from campaigns.models import Campaign, Registration
from campaigns.portal import reasons
from campaigns.portal.page import filing_page, seller_page, show
from campaigns.portal.paging import page_of
from campaigns.portal.standing import own_campaign, trail_of
from campaigns.quotas import ALLOTMENT, BONUS, CEILING, METRIC, TABLE, Grant, Place, QuotaBook
from campaigns.templatetags.figures import localised

# Entries named on the page of all places; the quota's own page has them all.
MOST_NAMED = 10
BASES = {
    CEILING: gettext_lazy("The campaign’s rules"),
    TABLE: gettext_lazy("The campaign’s rules, by the shop’s level"),
    METRIC: gettext_lazy("The campaign’s rules, by the shop’s figures"),
    ALLOTMENT: gettext_lazy("Allotted by the marketplace"),
}


def places_shown(
    request: HttpRequest,
    campaign: Campaign,
    registration: Registration,
    check: SellerCheck | None = None,
) -> list:
    """Every quota of the registration as the pages show it: title, usage, where it comes from.

    A ``check`` of its seller made for the page has read what places hang on.
    """
    book = QuotaBook(
        version=campaign.calendar.version,
        registrations=[registration.pk],
        at=request.at,
        asking=check.asking if check else None,
    )
    return [
        {
            "title": localised(place.quota.title) or place.quota.code,
            "used": place.used,
            "ceiling": place.ceiling,
            "left": place.left,
            "note": _note(place),
            "address": reverse(
                "portal:place", args=[request.acting.seller.pk, campaign.code, place.quota.code]
            ),
        }
        for place in book.places()[registration.pk]
    ]


@seller_page
def places(request: HttpRequest, code: str) -> HttpResponse:
    """Every quota explains itself: what gives its places, what uses them, what blocks."""
    campaign = own_campaign(request, code)
    registration = joined_registration(campaign, request.acting.seller)
    if registration is None:
        raise Http404
    found = explain(registration, version=campaign.calendar.version, at=request.at)
    rows = [
        {
            "code": row.place.quota.code,
            "title": localised(row.place.quota.title) or row.place.quota.code,
            "place": row.place,
            "grants": [_grant_shown(grant) for grant in row.place.grants],
            "entries": row.entries[:MOST_NAMED],
            "more": max(0, len(row.entries) - MOST_NAMED),
            "blocks": _blocks_shown(row.blocks),
        }
        for row in found
    ]
    trail = trail_of(request, campaign, (_("Places"), ""))
    context = {"campaign": campaign, "rows": rows}
    return show(request, "all_places", context, section="campaigns", trail=trail)


@require_POST
@filing_page
def enrol_for(request: HttpRequest, code: str) -> HttpResponse:
    """Enrol for a bonus."""
    campaign = own_campaign(request, code)
    registration = joined_registration(campaign, request.acting.seller)
    if registration is None:
        raise Http404
    refusal = enrol(
        registration=registration,
        bonus=request.POST.get("bonus", ""),
        version=campaign.calendar.version,
        at=request.at,
    )
    if refusal is None:
        messages.success(request, _("Your shop is enrolled for the extra places."))
    else:
        messages.error(request, reasons.in_full(refusal.code, refusal.params))
    return redirect("portal:places", request.acting.seller.pk, code)


@seller_page
def place(request: HttpRequest, code: str, quota: str) -> HttpResponse:
    """The entries that use the places of one quota."""
    campaign = own_campaign(request, code)
    registration = joined_registration(campaign, request.acting.seller)
    if registration is None:
        raise Http404
    book = QuotaBook(
        version=campaign.calendar.version, registrations=[registration.pk], at=request.at
    )
    found = next((row for row in book.quotas if row.code == quota), None)
    if found is None:
        raise Http404
    page = page_of(book.users(found).select_related("item"), request.GET)
    title = localised(found.title) or found.code
    context = {
        "title": title,
        "page": page,
        "campaign": campaign,
        "place": next(row for row in book.places()[registration.pk] if row.quota.code == quota),
    }
    address = reverse("portal:places", args=[request.acting.seller.pk, campaign.code])
    trail = trail_of(request, campaign, (_("Places"), address), (title, ""))
    return show(request, "place", context, section="campaigns", trail=trail)


def _grant_shown(grant: Grant) -> dict:
    """What gives places, in words: how many, and why or why not."""
    code, params = (grant.reason.code, grant.reason.params) if grant.reason else ("", {})
    return {
        "code": grant.code,
        "title": localised(grant.title) or grant.code if grant.kind == BONUS else BASES[grant.kind],
        "given": grant.given,
        "places": grant.places,
        "since": grant.since,
        "why": reasons.in_full(code, params) if code else "",
        "may_enrol": code == "bonus_not_enrolled" and "closes_at" in params,
    }


def _blocks_shown(blocks) -> list[dict]:
    """What blocks, in words; what a bonus lacks stands beside it."""
    return [
        {
            "text": reasons.in_full(refusal.code, refusal.params),
            # Where there are no places at all, none can be freed.
            "remedy": "" if refusal.params.get("ceiling") == 0 else reasons.remedy(refusal.code),
        }
        for refusal in blocks
        if "bonus" not in refusal.params
    ]


def _note(place: Place) -> str:
    """Where the ceiling comes from."""
    if place.ceiling is None:
        return ""
    left = _("%(left)s left.") % {"left": place.left}
    extra = sum(grant.given for grant in place.grants if grant.kind == BONUS)
    if extra:
        left += " " + _("%(number)s are extra places.") % {"number": extra}
    if place.allotted is None:
        return left
    if place.allotted == place.ceiling - extra:
        return left + " " + _("The marketplace allotted %(number)s.") % {"number": place.allotted}
    return (
        left
        + " "
        + _("The marketplace allotted %(number)s; the range is %(floor)s to %(top)s.")
        % {"number": place.allotted, "floor": place.floor or 0, "top": place.top or "–"}
    )
