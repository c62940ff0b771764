"""Promotions and landing pages that a shop sets up for itself, each behind a page of its own."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns import tool_terms
from campaigns.joining import joined_registration
from campaigns.models import Promotion, ShopTool
from campaigns.portal import reasons
from campaigns.portal.page import filing_page, seller_page, show
from campaigns.portal.standing import own_campaign, trail_of
from campaigns.shop_tools import (
    cancel_tool,
    decorate_page,
    set_tool,
    setup_refusal,
    shop_promotions,
)
from campaigns.templatetags.figures import localised
from campaigns.tool_dependants import dependants


@seller_page
def tools(request: HttpRequest, code: str) -> HttpResponse:
    """Every promotion that the shop sets up: its windows, how it stands, what can be done."""
    campaign, registration = _joined(request, code)
    version = campaign.calendar.version
    settings = _settings(registration)
    context = {
        "campaign": campaign,
        "title": localised(campaign.title) or campaign.code,
        "tools": [_shown(row, settings, request.at) for row in shop_promotions(version)],
        "pages": [
            _shown(row, settings, request.at) for row in shop_promotions(version, pages=True)
        ],
    }
    trail = trail_of(request, campaign, (_("Tools of my shop"), ""))
    return show(request, "shop_tools", context, section="campaigns", trail=trail)


@filing_page
def put(request: HttpRequest, code: str, tool: str) -> HttpResponse:
    """Ask for the promotion's terms; POST sets it, or gives it other terms."""
    campaign, registration = _joined(request, code)
    promotion = _promotion(campaign, tool)
    given, refusals = None, []
    if request.method == "POST":
        given = {
            ask["code"]: request.POST.get(ask["code"], "") for ask in tool_terms.asked(promotion)
        }
        result = set_tool(
            registration=registration, code=tool, terms=given, at=request.at, actor=request.user
        )
        if not result.refusals:
            title = localised(promotion.title) or promotion.code
            text = _("%(tool)s is set.") if result.changed else _("%(tool)s stays as it was.")
            messages.success(request, text % {"tool": title})
            return redirect("portal:tools", request.acting.seller.pk, code)
        refusals = result.refusals
    shown = _shown(promotion, _settings(registration), request.at)
    faults = {row.params["term"]: row for row in refusals if "term" in row.params}
    context = {
        "campaign": campaign,
        "tool": shown,
        "asks": [
            _field(ask, shown["setting"], given, faults) for ask in tool_terms.asked(promotion)
        ],
        "faults": [
            reasons.in_full(row.code, row.params) for row in refusals if "term" not in row.params
        ],
    }
    return _page(request, campaign, "shop_tool", context, shown["title"], bool(refusals))


@filing_page
def cancel(request: HttpRequest, code: str, tool: str) -> HttpResponse:
    """Say how many live entries rest on the promotion; POST cancels it."""
    campaign, registration = _joined(request, code)
    promotion = _promotion(campaign, tool)
    shown = _shown(promotion, _settings(registration), request.at)
    back = redirect("portal:tools", request.acting.seller.pk, code)
    if request.method == "POST":
        result = cancel_tool(
            registration=registration, code=tool, at=request.at, actor=request.user
        )
        for refusal in result.refusals:
            messages.error(request, reasons.in_full(refusal.code, refusal.params))
        if result.changed:
            messages.success(request, _("%(tool)s is cancelled.") % {"tool": shown["title"]})
        return back
    if shown["setting"] is None:
        messages.info(request, _("%(tool)s is not set.") % {"tool": shown["title"]})
        return back
    entries = dependants(
        registration=registration,
        code=tool,
        version=campaign.calendar.version,
        at=request.at,
    )
    context = {"campaign": campaign, "tool": shown, "number": entries.count()}
    return _page(request, campaign, "shop_tool_cancel", context, shown["title"], False)


@require_POST
@filing_page
def decorate(request: HttpRequest, code: str, tool: str) -> HttpResponse:
    """Note that the landing page is the shop's own."""
    _campaign, registration = _joined(request, code)
    result = decorate_page(registration=registration, code=tool, at=request.at)
    for refusal in result.refusals:
        messages.error(request, reasons.in_full(refusal.code, refusal.params))
    if result.tool is not None:
        messages.success(request, _("The landing page is decorated."))
    return redirect("portal:tools", request.acting.seller.pk, code)


def _joined(request, code):
    """The campaign and the shop's standing registration; a 404 without one."""
    campaign = own_campaign(request, code)
    registration = joined_registration(campaign, request.acting.seller)
    if registration is None:
        raise Http404(_("Your shop does not take part."))
    registration.campaign = campaign
    return campaign, registration


def _promotion(campaign, code):
    found = [row for row in shop_promotions(campaign.calendar.version) if row.code == code]
    if not found:
        raise Http404
    return found[0]


def _settings(registration):
    """Promotion code to the latest setting, standing or not."""
    rows = ShopTool.objects.filter(registration=registration).order_by("set_at", "pk")
    return {row.code: row for row in rows}


def _shown(promotion: Promotion, settings, at):
    """A promotion as the pages show it; ``setting`` is the one that stands."""
    latest = settings.get(promotion.code)
    stands = latest is not None and latest.cancelled_at is None
    refusal = setup_refusal(promotion, at)
    return {
        "code": promotion.code,
        "title": localised(promotion.title) or promotion.code,
        "kind": promotion.get_kind_display(),
        "starts_at": promotion.starts_at,
        "ends_at": promotion.ends_at,
        "setup_from": promotion.setup_from,
        "setup_until": promotion.setup_until,
        "is_open": refusal is None,
        "closed": reasons.sentence(refusal.code, refusal.params) if refusal else "",
        "setting": latest if stands else None,
        "cancelled_at": None if stands or latest is None else latest.cancelled_at,
        "terms": _terms(promotion, latest) if stands else [],
    }


def _terms(promotion, setting):
    """(title, value, unit) of what the shop has filled in."""
    return [
        (localised(ask["title"]), _value(ask, setting.terms[ask["code"]]), ask.get("unit", ""))
        for ask in tool_terms.asked(promotion)
        if ask["code"] in setting.terms
    ]


def _value(ask, value):
    if ask["type"] == "boolean":
        return _("yes") if value else _("no")
    return value


def _field(ask, setting, given, faults):
    """One input of the form: what was sent, else what is set."""
    code = ask["code"]
    standing = setting.terms.get(code, "") if setting else ""
    fault = faults.get(code)
    return {
        "code": code,
        "title": localised(ask["title"]),
        "unit": ask.get("unit", ""),
        "type": ask["type"],
        "is_number": ask["type"] in tool_terms.NUMBERS,
        "optional": ask.get("optional", False),
        "value": standing if given is None else given[code],
        "fault": reasons.in_full(fault.code, fault.params) if fault else "",
    }


def _page(request, campaign, template, context, title, has_faults):
    trail = trail_of(
        request,
        campaign,
        (_("Tools of my shop"), _address(request, campaign)),
        (title, ""),
    )
    status = 400 if has_faults else 200
    return show(request, template, context, section="campaigns", trail=trail, status=status)


def _address(request, campaign):
    return reverse("portal:tools", args=[request.acting.seller.pk, campaign.code])
