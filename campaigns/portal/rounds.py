"""Rounds that a shop passes before it files: applying for them, and how it stands."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import rounds as service
from campaigns.joining import joined_registration
from campaigns.models import Round
from campaigns.portal import reasons
from campaigns.portal.page import filing_page, seller_page, show
from campaigns.portal.standing import own_campaign, trail_of
from campaigns.templatetags.figures import localised


@seller_page
def rounds(request: HttpRequest, code: str) -> HttpResponse:
    """Every round of the campaign with its windows and the shop's result."""
    campaign = own_campaign(request, code)
    version = campaign.calendar.version
    registration = joined_registration(campaign, request.acting.seller)
    found = service.standings(registration, version=version, at=request.at) if registration else []
    rows = [_shown(row, request.at) for row in found]
    context = {"campaign": campaign, "rows": rows, "is_joined": registration is not None}
    trail = trail_of(request, campaign, (_("Rounds"), ""))
    return show(request, "rounds", context, section="campaigns", trail=trail)


@require_POST
@filing_page
def apply(request: HttpRequest, code: str) -> HttpResponse:
    """Apply for a round."""
    campaign = own_campaign(request, code)
    registration = joined_registration(campaign, request.acting.seller)
    if registration is None:
        raise Http404
    refusal = service.apply(
        registration=registration,
        code=request.POST.get("round", ""),
        version=campaign.calendar.version,
        at=request.at,
    )
    if refusal is None:
        messages.success(request, _("Your shop has applied; the marketplace decides."))
    else:
        messages.error(request, reasons.in_full(refusal.code, refusal.params))
    return redirect("portal:rounds", request.acting.seller.pk, code)


def _shown(row, at):
    """A round in words: its state and tone, what helps, and whether to apply."""
    result, passed = row.result, row.passed(at)
    if passed:
        state, tone = _("Passed"), "approved"
    elif result is None:
        state, tone = _("Not passed yet"), "draft"
    elif result.passed_at and result.ended_at:
        state, tone = _("No longer passed"), "rejected"
    elif result.state == "applied":
        state, tone = _("Applied; the marketplace decides"), "in_review"
    else:
        state, tone = _("Failed"), "rejected"
    note = ""
    if not passed and row.round.kind == Round.Kind.EXAM:
        note = _("The marketplace enters the results.")
    elif not passed and row.shut is not None:
        note = reasons.sentence("round_closed", row.shut)
    return {
        "code": row.round.code,
        "title": localised(row.round.title) or row.round.code,
        "kind": row.round.get_kind_display(),
        "state": state,
        "tone": tone,
        "note": note,
        "remark": result.note if result else "",
        "may_apply": row.may_apply,
    }
