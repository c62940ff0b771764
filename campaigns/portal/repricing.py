"""Changing an entry's campaign price, and publishing it again after the price was wrong."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.admission import NoRulebook
from campaigns.models import Entry
from campaigns.portal import worksheet
from campaigns.portal.calendar import current_versions
from campaigns.portal.decisions import can_act, own_entry, reasons_of
from campaigns.portal.evidence import Reader, Verdict, of_refusal
from campaigns.portal.page import filing_page, show
from campaigns.pricing import CAMPAIGN_PRICE, Change, reprice_entry, republish_entry


@filing_page
def reprice(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The price and what binds it; POST changes it. A lock or a requirement answers in full."""
    found = own_entry(request, entry_id)
    back = redirect("portal:entry", request.acting.seller.pk, found.pk)
    if not can_act(found):
        messages.info(request, _("This entry has ended; its price stays as it was."))
        return back
    context = {
        "entry": found,
        "typed": found.activity_price,
        "locks": _locks(found, request.at),
    }
    if request.method == "POST":
        typed = context["typed"] = request.POST.get("price", "").strip()[:40]
        context["problem"] = worksheet.price_problem(typed)
        if not context["problem"]:
            price = worksheet.Row(price=typed).amount
            try:
                change = reprice_entry(entry=found, price=price, at=request.at, actor=request.user)
            except NoRulebook:
                change = None
            if change is not None and change.accepted:
                messages.success(request, _("The campaign price is %(price)s.") % {"price": price})
                return back
            context["verdicts"] = _verdicts(change)
    return show(request, "reprice", context, section="entries", trail=_trail(request, found))


@filing_page
def republish(request: HttpRequest, entry_id: int) -> HttpResponse:
    """What was wrong; POST checks again and publishes."""
    found = own_entry(request, entry_id)
    back = redirect("portal:entry", request.acting.seller.pk, found.pk)
    if found.status != Entry.Status.UNPUBLISHED:
        messages.info(request, _("This entry is not unpublished."))
        return back
    context = {"entry": found, "why": reasons_of([found]).get(found.pk, [])}
    if request.method == "POST":
        try:
            change = republish_entry(entry=found, at=request.at, actor=request.user)
        except NoRulebook:
            change = None
        if change is not None and change.accepted:
            messages.success(request, _("The entry is published again."))
            return back
        context["verdicts"] = _verdicts(change)
    return show(request, "republish", context, section="entries", trail=_trail(request, found))


def _verdicts(change: Change | None) -> list[Verdict]:
    """Why a change was not made."""
    if change is None:
        return [of_refusal("window_closed", {})]
    reader = Reader({draft.requirement.row.version_id for draft in change.findings})
    found = [of_refusal(refusal.code, refusal.params) for refusal in change.refusals]
    return found + [reader.draft(draft) for draft in change.findings]


def _locks(entry, at):
    """The locks on campaign prices that are or will be in force."""
    version = current_versions([entry.campaign], at).get(entry.campaign_id)
    if version is None:
        return []
    return list(version.lock_set.filter(field=CAMPAIGN_PRICE, ends_at__gt=at).order_by("starts_at"))


def _trail(request, entry):
    seller = request.acting.seller.pk
    return [
        (_("My entries"), reverse("portal:entries", args=[seller])),
        (str(entry.item), reverse("portal:entry", args=[seller, entry.pk])),
        (_("Price"), ""),
    ]
