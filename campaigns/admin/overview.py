"""What the page of a campaign shows above its settings; of tallies and the rulebook alone."""

from collections import Counter
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns import funnels, tallies
from campaigns.admin import network, shown
from campaigns.admin.timeline import timeline
from campaigns.alerts import open_alerts
from campaigns.models import Campaign, CancellationRequest, Decision, Entry, Race, SweepRun
from campaigns.published import rows_of
from campaigns.rulebooks.versions import draft_of, version_in_force
from campaigns.timeline import next_event
from campaigns.venue_kinds import kind_name

# More venues than this are folded away below their kind.
MOST_UNFOLDED = 12
SWEEPS_SHOWN = 8
REASONS_SHOWN = 12
# Where a number of the funnel leads: the entry list that shows as many.
LISTS = {
    "filed": {"queue": "all"},
    "pending": {"queue": "pending"},
    "approved": {"queue": "all", "status__exact": Entry.Status.APPROVED.value},
    "at_risk": {"queue": "all", "status__exact": Entry.Status.AT_RISK.value},
    "abnormal": {"queue": "all", "status__in": "abnormal,unpublished"},
    "cleared_out": {"queue": "all", "status__exact": Entry.Status.CLEARED_OUT.value},
    "left": {"queue": "all", "status__in": "withdrawn,superseded,void"},
}


def overview(campaign: Campaign, at: datetime, order: str = "") -> dict:
    """The context of the page's sections. ``order`` sorts the funnel (``funnels.by_kind``).

    A constant number of queries, whatever the number of venues.
    """
    version = version_in_force(campaign, at)
    terms = list(version.venueterms_set.all()) if version else []
    venues = funnels.by_venue(campaign, version, at)
    kinds = funnels.by_kind(venues)
    return {
        "campaign": campaign,
        "at": at,
        "version": version,
        "draft": draft_of(campaign),
        "timeline": timeline(version, at) if version else None,
        "next_event": next_event(version, at) if version else None,
        "has_races": bool(version and rows_of(version, Race)),
        "networks": network.pictures(terms, kinds),
        "feedings": network.in_words(terms),
        "open_alerts": open_alerts(campaign),
        "facts": _facts(campaign, venues),
        "steps": _steps(order),
        "kinds": _kinds(kinds, funnels.by_kind(venues, order)),
        "sums": [sum(venue.counts[step] for venue in venues) for step in funnels.STEPS],
        "venue_count": len(terms),
        "is_folded": len(venues) > MOST_UNFOLDED,
        "refused": _refused(campaign, version),
        "sweeps": [_sweep(run) for run in campaign.sweeps.order_by("-at", "-id")[:SWEEPS_SHOWN]],
    }


def step_names() -> dict[str, str]:
    """The funnel's steps in words."""
    return {
        "filed": pgettext("of entries", "Filed"),
        "refused": _("Refused at filing"),
        "pending": pgettext("of entries", "Waiting"),
        "decided": _("Decided so far"),
        "approved": _("Approved"),
        "at_risk": _("At risk"),
        "abnormal": _("Abnormal"),
        "cleared_out": _("Cleared out"),
        "left": _("Ended otherwise"),
    }


def _facts(campaign, venues):
    """What an operator looks for first: (what, how much, tone, address)."""
    sums = Counter()
    for venue in venues:
        sums.update(venue.counts)
    overdue = sum(venue.is_overdue for venue in venues)
    live = sums["approved"] + sums["at_risk"] + sums["abnormal"]
    decided = Decision.objects.filter(venue__campaign=campaign).count()
    asked = CancellationRequest.objects.filter(entry__campaign=campaign, answered_at=None).count()
    queue = reverse("admin:campaigns_entry_changelist")
    of = f"campaign__id__exact={campaign.pk}"
    requests = reverse("admin:campaigns_cancellationrequest_changelist")
    return [
        (_("Live entries"), live, "", ""),
        (_("Waiting"), sums["pending"], "", f"{queue}?{of}"),
        (_("Decided, not released"), decided, "", f"{queue}?queue=decided&{of}"),
        (_("Venues with overdue results"), overdue, "bad" if overdue else "",
         f"{queue}?queue=overdue&{of}"),
        (_("Requests to cancel"), asked, "warn" if asked else "", requests),
    ]  # fmt: skip


def _steps(order):
    """The columns, each with the order that a press on it brings."""
    return [
        {
            "name": name,
            "order": step if order == f"-{step}" else f"-{step}",
            "sorted": {step: "ascending", f"-{step}": "descending"}.get(order),
        }
        for step, name in step_names().items()
    ]


def _kinds(in_order, found):
    """The rows of the funnel; a kind keeps its anchor however they are sorted."""
    anchors = {kind.kind: i for i, kind in enumerate(in_order)}
    rows = []
    for kind in found:
        venues = [
            {
                "code": venue.venue.code,
                "title": shown.text(venue.terms.title) if venue.terms else "",
                "group": venue.terms.group if venue.terms else "",
                "due": venue.terms.results_due if venue.terms else None,
                "is_overdue": venue.is_overdue,
                "cells": _cells(venue.counts, [venue.venue.pk]),
            }
            for venue in kind.venues
        ]
        rows.append(
            {
                "anchor": f"kind-{anchors[kind.kind]}",
                "name": kind_name(kind.kind) or _("no longer in the rulebook"),
                "overdue": kind.overdue,
                "cells": _cells(kind.counts, [venue.venue.pk for venue in kind.venues]),
                "venues": venues,
                # A kind of one venue is that venue.
                "alone": venues[0] if len(venues) == 1 and kind.kind else None,
            }
        )
    return rows


def _cells(counts, venue_ids):
    """The numbers with the lists that they lead to."""
    return [{"number": counts[step], "address": _list(step, venue_ids) if counts[step] else ""}
            for step in funnels.STEPS]  # fmt: skip


def _list(step, venue_ids):
    if step not in LISTS:
        return ""
    lookup = "venue__id__exact" if len(venue_ids) == 1 else "venue__id__in"
    asked = {**LISTS[step], lookup: ",".join(map(str, venue_ids))}
    return f"{reverse('admin:campaigns_entry_changelist')}?{urlencode(asked, safe=',')}"


def _refused(campaign, version):
    """The requirements and rules that refused most filed rows: (title, code, number)."""
    numbers = Counter()
    for (_venue, name), number in tallies.totals(campaign).items():
        if name.startswith("refused."):
            numbers[name.removeprefix("refused.")] += number
    titles = {}
    if version is not None:
        titles = dict(version.requirement_set.values_list("code", "title"))
    return [
        (shown.text(titles[code]) if code in titles else shown.reason_text(code), code, number)
        for code, number in numbers.most_common(REASONS_SHOWN)
    ]


def _sweep(run: SweepRun):
    planned = run.counts.get("moved") or run.counts.get("planned") or {}
    return {
        "run": run,
        "badge": shown.badge(run.get_state_display(), shown.TONES.get(run.state, "plain")),
        "moved": sum(planned.values()),
    }
