"""The campaigns that a shop sees, and where it stands in them."""

from django.db.models import Q
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.eligibility.sentences import sentence
from campaigns.joining import SellerCheck, joined_registration
from campaigns.models import Campaign, Registration, Venue
from campaigns.portal.calendar import Calendar, current_versions
from campaigns.portal.evidence import FAIL, HOLD, Reader, Verdict
from campaigns.templatetags.figures import localised

SHOWN = (Campaign.State.PUBLISHED, Campaign.State.SUSPENDED)


def visible_campaigns(request: HttpRequest):
    """The campaigns that the seller may see: the running ones, and those it took part in."""
    taken_part = Registration.objects.filter(seller=request.acting.seller)
    joined = taken_part.exclude(status=Registration.Status.DRAFT).values("campaign")
    return Campaign.objects.filter(
        Q(state__in=SHOWN) | Q(state=Campaign.State.ENDED, pk__in=joined)
    )


def own_campaign(request: HttpRequest, code: str) -> Campaign:
    """A campaign that the seller may see with its calendar; a 404 otherwise."""
    campaign = visible_campaigns(request).filter(code=code).first()
    version = current_versions([campaign], request.at).get(campaign.pk) if campaign else None
    if version is None:
        raise Http404
    version.campaign = campaign
    campaign.calendar = Calendar(campaign, version, request.at)
    return campaign


def filing_place(
    request: HttpRequest, code: str, venue: str
) -> tuple[Campaign, Venue, Registration]:
    """The campaign, a venue that takes registrations and the shop's registration; else a 404."""
    campaign = own_campaign(request, code)
    registration = joined_registration(campaign, request.acting.seller)
    terms = campaign.calendar.version.venueterms_set.filter(code=venue, takes_registrations=True)
    found = terms.select_related("venue").first()
    if found is None or registration is None:
        raise Http404
    found.venue.title = localised(found.title) or found.code
    found.venue.campaign = campaign
    registration.campaign = campaign
    return campaign, found.venue, registration


def trail_of(request: HttpRequest, campaign: Campaign, *more: tuple[str, str]) -> list:
    """Breadcrumbs that begin with the campaigns and this one."""
    seller = request.acting.seller.pk
    title = localised(campaign.title) or campaign.code
    return [
        (_("Campaigns"), reverse("portal:campaigns", args=[seller])),
        (title, reverse("portal:campaign", args=[seller, campaign.code])),
        *more,
    ]


def standing_of(check: SellerCheck) -> list[Verdict]:
    """Every requirement for the shop in words, what is not met first."""
    if not check.requirements:
        return []
    language = get_language() or "en"
    reader = Reader([check.version.pk])
    verdicts = [
        reader.draft(
            draft, sentence(draft.requirement.row, check.asking.vocabulary, language, "admission")
        )
        for draft in check.requirements
    ]
    order = {FAIL: 0, HOLD: 1}
    return sorted(verdicts, key=lambda verdict: order.get(verdict.outcome, 2))
