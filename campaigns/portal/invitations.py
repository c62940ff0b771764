"""Campaigns that invite the shop, and its answers."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.admission import NoRulebook
from campaigns.inviting import accept, decline, invitations_of, mark_seen
from campaigns.models import Invitation, Race
from campaigns.portal import reasons
from campaigns.portal.decisions import venue_titles
from campaigns.portal.page import filing_page, seller_page, show
from campaigns.portal.paging import page_of
from campaigns.portal.standing import SHOWN
from campaigns.racing.causing import won_by
from campaigns.templatetags.figures import localised


@seller_page
def invitations(request: HttpRequest) -> HttpResponse:
    """The open ones, newest first; those on the page have been seen with it."""
    rows = invitations_of(request.acting.seller, request.at).filter(campaign__state__in=SHOWN)
    page = page_of(rows, request.GET)
    titles = venue_titles({row.venue_id for row in page})
    won = won_by(page.rows)
    races = _race_titles(won.values())
    for row in page:
        row.won = won.get(row.pk)
        if row.won:
            key = (row.won.board.version_id, row.won.board.race_code)
            row.race_title = localised(races.get(key)) or row.won.board.race_code
        row.venue_title = localised(titles.get(row.venue_id)) or row.venue.code
        row.is_new = row.state == Invitation.State.ISSUED
        row.is_accepted = row.state == Invitation.State.ACCEPTED
    mark_seen([row.pk for row in page if row.is_new], request.at)
    return show(request, "invitations", {"page": page}, section="invitations")


@require_POST
@filing_page
def answer(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """Accept or decline one."""
    found = (
        Invitation.objects.filter(seller=request.acting.seller, pk=invitation_id)
        .select_related("campaign", "seller")
        .first()
    )
    if found is None:
        raise Http404
    if "decline" in request.POST:
        _decline(request, found)
    elif "accept" in request.POST:
        _accept(request, found)
    return redirect("portal:invitations", request.acting.seller.pk)


def _race_titles(won):
    """(version, race code) to the race's title; one query."""
    keys = {(each.board.version_id, each.board.race_code) for each in won}
    if not keys:
        return {}
    rows = Race.objects.filter(version__in={version for version, _code in keys})
    rows = rows.filter(code__in={code for _version, code in keys})
    return {
        (version, code): title
        for version, code, title in rows.values_list("version", "code", "title")
    }


def _decline(request, invitation):
    refusal = decline(invitation=invitation, at=request.at)
    if refusal is None:
        messages.success(request, _("The invitation is declined."))
    else:
        messages.error(request, reasons.in_full(refusal.code, refusal.params))


def _accept(request, invitation):
    try:
        given = accept(invitation=invitation, at=request.at)
    except NoRulebook:
        messages.error(request, _("The campaign has no rules in force yet."))
        return
    if given.accepted:
        messages.success(request, _("The invitation is accepted. Now file for the venue."))
    for refusal in given.refusals:
        text = reasons.in_full(refusal.code, refusal.params)
        messages.error(request, f"{text} {reasons.remedy(refusal.code)}".strip())
    for finding in given.findings:
        row = finding.requirement.row
        parts = [localised(row.title) or row.code, localised(row.remedy)]
        messages.error(
            request,
            _("It cannot be accepted yet: %(why)s")
            % {"why": " – ".join(part for part in parts if part)},
        )
