"""Withdrawing entries, one or many, behind a page that says what it costs."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.lifecycle import HOLDS_PLACE, LIVE
from campaigns.portal import reasons
from campaigns.portal.calendar import Calendar, current_versions
from campaigns.portal.choosing import parse_ids
from campaigns.portal.decisions import entries_of, venue_titles
from campaigns.portal.page import filing_page, show
from campaigns.templatetags.figures import localised
from campaigns.withdrawing import closing_soon, kept_venues, withdraw_entries

MOST = 600


@filing_page
def withdraw(request: HttpRequest) -> HttpResponse:
    """Name the chosen entries and what withdrawing them costs; POST withdraws them."""
    chosen = request.POST if request.method == "POST" else request.GET
    ids = parse_ids(chosen.getlist("entry"))[:MOST]
    rows = list(entries_of(request).filter(pk__in=ids).select_related("item", "campaign"))
    back = redirect("portal:entries", request.acting.seller.pk)
    if not rows:
        messages.info(request, _("Choose at least one entry."))
        return back
    if request.method == "POST":
        refused = withdraw_entries(
            entries=[row.pk for row in rows], at=request.at, actor=request.user
        )
        done = len(rows) - len(refused)
        if done:
            text = ngettext(
                "%(number)d entry is withdrawn.", "%(number)d entries are withdrawn.", done
            )
            messages.success(request, text % {"number": done})
        for refusal, number in Counter(
            reasons.in_full(refusal.code, refusal.params) for refusal in refused.values()
        ).items():
            messages.error(request, f"{refusal} ({number})")
        return back
    kept = kept_venues({row.campaign for row in rows}, request.at)
    closing = closing_soon({row.campaign for row in rows}, request.at)
    for row in rows:
        row.obstacle = ""
        if row.status not in HOLDS_PLACE:
            row.obstacle = reasons.title("already_ended")
        elif row.status in LIVE and row.venue_id in kept:
            row.obstacle = reasons.title("not_cancellable")
            row.may_ask = True
    free = [row for row in rows if not row.obstacle]
    context = {
        "rows": rows,
        "number": len(free),
        "live": sum(row.status in LIVE for row in free),
        "pending": sum(row.status not in LIVE for row in free),
        "closing": _closing(rows, request.at),
        "warned": _warned(free, closing),
    }
    trail = [
        (_("My entries"), reverse("portal:entries", args=[request.acting.seller.pk])),
        (_("Withdraw"), ""),
    ]
    return show(request, "withdraw", context, section="entries", trail=trail)


def _warned(rows, closing):
    """The venues of these entries in which filing ends soon: their titles and when it does."""
    venues = {row.venue_id for row in rows if row.venue_id in closing}
    titles = venue_titles(venues) if venues else {}
    return [(localised(titles.get(pk)), closing[pk]) for pk in sorted(venues)]


def _closing(rows, at):
    """The campaigns of these entries with the end of their item registration, after which a
    withdrawn item cannot be filed again."""
    campaigns = {row.campaign_id: row.campaign for row in rows}
    versions = current_versions(list(campaigns.values()), at)
    return [Calendar(campaigns[pk], version, at) for pk, version in versions.items()]
