"""How many places the shop has, and which of its entries use them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.joining import joined_registration
from campaigns.models import Campaign, Registration
from campaigns.portal.page import seller_page, show
from campaigns.portal.paging import page_of
from campaigns.portal.standing import own_campaign, trail_of
from campaigns.quotas import Place, QuotaBook
from campaigns.templatetags.figures import localised


def places_shown(request: HttpRequest, campaign: Campaign, registration: Registration) -> list:
    """Every quota of the registration as the pages show it: title, usage, where it comes from."""
    book = QuotaBook(
        version=campaign.calendar.version, registrations=[registration.pk], at=request.at
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
        "place": next(row for row in book.places()[registration.pk] if row.quota.code == quota),
    }
    trail = trail_of(request, campaign, (title, ""))
    return show(request, "place", context, section="campaigns", trail=trail)


def _note(place: Place) -> str:
    """Where the ceiling comes from."""
    if place.ceiling is None:
        return ""
    left = _("%(left)s left.") % {"left": place.left}
    if place.allotted is None:
        return left
    if place.allotted == place.ceiling:
        return left + " " + _("The marketplace allotted %(number)s.") % {"number": place.allotted}
    return (
        left
        + " "
        + _("The marketplace allotted %(number)s; the range is %(floor)s to %(top)s.")
        % {"number": place.allotted, "floor": place.floor or 0, "top": place.top or "–"}
    )
