"""The breaker: looks at the whole of what a run wants to do before any of it is done."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

from django.db.models import Count, Max

from campaigns.lifecycle import LIVE
from campaigns.models import Entry, PlannedMove, SweepRun, Venue
from campaigns.sweeping.feeds_behind import feed_kinds
from campaigns.sweeping.subjects import live_entries
from sellers.models import FeedRun

_PLACES = Decimal("0.0001")


def looked_at(run: SweepRun) -> dict[int, int]:
    """How many entries the run evaluates, by venue id."""
    return _by_venue(live_entries(run)) if run.is_targeted else _live(run.campaign_id)


def _live(campaign_id):
    # By venue instead of by campaign: an index has all that is asked.
    venues = Venue.objects.filter(campaign=campaign_id).values_list("pk", flat=True)
    return _by_venue(Entry.objects.filter(venue__in=list(venues), status__in=sorted(LIVE)))


def _by_venue(entries):
    return dict(entries.order_by().values_list("venue_id").annotate(number=Count("id")))


def trip_reason(run: SweepRun, looked_at: dict[int, int]) -> dict:
    """Why the run must not move anything on its own; empty if it may.

    Trips where the moves off approved are more than ``breaker_minimum`` and more than
    ``breaker_share`` of the live entries, of the campaign or of one of its venues, and where a
    feed that the requirements rest on has not come for ``stale_after_hours``. The result is
    ``{"shares": […], "stale": […]}`` with what was measured and the limit. ``looked_at`` is the
    run's entries by venue id: of a run that is not targeted, the live ones.
    """
    shares, stale = _shares(run, looked_at), _stale(run)
    return {"shares": shares, "stale": stale} if shares or stale else {}


def _shares(run, live):
    campaign = run.campaign
    planned = PlannedMove.objects.filter(
        run=run, state=PlannedMove.State.PLANNED, from_status=Entry.Status.APPROVED
    )
    groups = planned.order_by().values_list("venue_id", "venue__code")
    found, codes = Counter(), {}
    for venue_id, code, number in groups.annotate(number=Count("id")):
        found[venue_id], codes[venue_id] = number, code
    if found.total() <= campaign.breaker_minimum:
        return []
    if run.is_targeted:
        # The share is of all that is live, or a change of ten items could stop its own run.
        live = _live(run.campaign_id)
    rows = [("", found.total(), sum(live.values()))]
    rows += [(codes[pk], found[pk], live.get(pk, 0)) for pk in sorted(found, key=codes.get)]
    return [
        {
            "venue": code,
            "moves": moves,
            "live": of,
            "share": str((Decimal(moves) / of).quantize(_PLACES)) if of else "1.0000",
            "limit": str(campaign.breaker_share),
        }
        for code, moves, of in rows
        if moves > campaign.breaker_minimum and moves > campaign.breaker_share * of
    ]


def _stale(run):
    """The feeds whose newest run is too old. A feed that never came is not late."""
    limit = timedelta(hours=run.campaign.stale_after_hours)
    fed = FeedRun.objects.filter(
        kind__in=feed_kinds(run.version, run.at), state=FeedRun.State.DONE, at__lte=run.at
    )
    newest = fed.order_by().values_list("kind").annotate(newest=Max("at")).order_by("kind")
    return [
        {"feed": kind, "newest": at.isoformat(), "hours": run.campaign.stale_after_hours}
        for kind, at in newest
        if at < run.at - limit
    ]
