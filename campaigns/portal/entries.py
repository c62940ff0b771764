"""My entries: the list, and one entry with its history and its evidence."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns.lifecycle import ENDED, LIVE
from campaigns.models import Campaign, Entry, Finding, ReasonTemplate, Registration, Requirement
from campaigns.portal import reasons
from campaigns.portal.decisions import (
    can_act,
    entries_of,
    own_entry,
    reason_texts,
    reasons_of,
    venue_titles,
)
from campaigns.portal.evidence import Reader
from campaigns.portal.filters import EntryFilter
from campaigns.portal.page import seller_page, show
from campaigns.portal.paging import page_of
from campaigns.portal.plays import plays_shown
from campaigns.portal.refiling import why_not
from campaigns.templatetags.figures import localised
from campaigns.withdrawing import kept_venues

# Findings shown with one entry, newest first; a campaign of some weeks has fewer.
MOST_FINDINGS = 200


@seller_page
def entries(request: HttpRequest) -> HttpResponse:
    """The shop's entries, newest first, with the reason for each status."""
    campaigns, venues = _choices(request)
    chosen = EntryFilter(
        request.GET, queryset=entries_of(request), campaigns=campaigns.items(), venues=venues
    )
    rows = chosen.qs.select_related("item", "campaign", "move").defer("campaign__owner")
    page = page_of(rows, request.GET)
    titles = dict(venues)
    why = reasons_of(page)
    for entry in page:
        entry.venue_title = titles.get(entry.venue_id, "")
        entry.why = why.get(entry.pk, [])
        entry.next_step = reasons.next_step(entry.status)
        entry.may_withdraw = can_act(entry)
    context = {
        "filter": chosen,
        "page": page,
        "filtered": any(request.GET.get(name) for name in chosen.filters),
        "several_campaigns": len(campaigns) > 1,
        "several_venues": len(venues) > 1,
        "any_withdrawable": any(entry.may_withdraw for entry in page),
    }
    return show(request, "entries", context, section="entries")


@seller_page
def entry(request: HttpRequest, entry_id: int) -> HttpResponse:
    """One entry: where it stands and why, what can be done, its history and its evidence."""
    found = own_entry(request, entry_id, "version", "filing", "registration__campaign")
    found.why = reasons_of([found]).get(found.pk, [])
    found.reason = reason_texts([found]).get(found.pk, "")
    found.next_step = reasons.next_step(found.status)
    over = request.acting.may_file and found.status in ENDED
    shut = why_not(found.registration, found.venue, request.at, ended=found.status) if over else ""
    context = {
        "entry": found,
        "may_change": request.acting.may_file and can_act(found),
        "may_republish": request.acting.may_file and found.status == Entry.Status.UNPUBLISHED,
        "may_ask": request.acting.may_file and _may_ask(found, request.at),
        "may_file_again": over and not shut,
        "why_not_again": shut,
        "plays": plays_shown(found, request.at),
        "tools": list(found.tools.values_list("code", flat=True)),
        "history": _history(found),
        "evidence": _evidence(found),
    }
    trail = [
        (_("My entries"), reverse("portal:entries", args=[request.acting.seller.pk])),
        (str(found.item), ""),
    ]
    return show(request, "entry", context, section="entries", trail=trail)


def _may_ask(entry, at):
    """Whether the entry can go only at the marketplace's hands, and nobody has asked yet."""
    if entry.status not in LIVE or entry.venue_id not in kept_venues({entry.campaign}, at):
        return False
    return not entry.cancellation_requests.filter(answered_at=None).exists()


def _choices(request):
    """The campaigns that the seller joined (id to title) and their venues (id, title) pairs."""
    taken_part = Registration.objects.filter(seller=request.acting.seller)
    joined = taken_part.exclude(status=Registration.Status.DRAFT).values("campaign")
    rows = Campaign.objects.filter(pk__in=joined).order_by("-pk").values_list("pk", "title", "code")
    campaigns = {pk: localised(title) or code for pk, title, code in rows}
    ids = list(
        Campaign.objects.filter(pk__in=campaigns).values_list("venues__pk", "pk").order_by("-pk")
    )
    titles = venue_titles(venue for venue, _campaign in ids if venue)
    venues = []
    for venue, campaign in ids:
        if venue in titles:
            label = localised(titles[venue])
            venues.append(
                (venue, f"{campaigns[campaign]} · {label}" if len(campaigns) > 1 else label)
            )
    return campaigns, venues


def _history(entry):
    """The entry's status changes, oldest first, each with what caused it."""
    rows = list(entry.history.select_related("move").order_by("id"))
    codes = {row.reason for row in rows if row.reason}
    texts = dict(ReasonTemplate.objects.filter(code__in=codes).values_list("code", "text"))
    asked = Requirement.objects.filter(version__campaign=entry.campaign_id, code__in=codes)
    texts |= dict(asked.order_by("version__number").values_list("code", "title"))
    for row in rows:
        row.status = Entry.Status(row.to_status)
        row.cause = row.move.get_cause_display()
        known = localised(texts.get(row.reason))
        row.why = known or (reasons.title(row.reason) if row.reason else "")
    return rows


def _evidence(entry):
    """Every finding about the entry with its grounds, newest first."""
    rows = list(
        Finding.objects.filter(entry=entry)
        .select_related("requirement", "version", "run")
        .prefetch_related("grounds")
        .order_by("-id")[:MOST_FINDINGS]
    )
    reader = Reader({row.version_id for row in rows})
    return [(row, reader.finding(row)) for row in rows]
