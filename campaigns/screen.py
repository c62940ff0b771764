"""What the data screen of a campaign shows at an instant, from rollups, boards and tallies alone.

No entry, order or item hour is read here, so its cost is the same whatever the size of a campaign.
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.core.exceptions import ObjectDoesNotExist
from django.utils.timezone import get_default_timezone

from campaigns import funnels
from campaigns.best_sellers import money, rankings
from campaigns.models import Campaign, CampaignHour, Milestone, RulebookVersion
from campaigns.published import rows_of
from campaigns.racing.periods import period_at, races_of, spans_of, venues_of
from campaigns.rulebooks.sections.heading import sales_target
from campaigns.rulebooks.versions import version_in_force
from campaigns.sales_rollup import HOUR, sale_windows
from campaigns.timeline import Window, next_event, shown
from sellers.localtime import local_date, local_midnight

STEPS = ("filed", "refused", "pending", "approved", "at_risk", "abnormal", "cleared_out", "left")
SELLING = ("live", "between")
SHOWN_OPEN = (
    Milestone.Kind.LIVE,
    Milestone.Kind.PREHEAT,
    Milestone.Kind.ITEM_REGISTRATION,
    Milestone.Kind.SELLER_REGISTRATION,
)


def gather(campaign: Campaign, at: datetime) -> dict:
    """The feed of the campaign's data screen, ready for JSON; docs/operating.md tells its shape.

    Amounts are decimals as text, instants ISO 8601 with the installation's offset, titles texts by
    language. At most eight queries besides a rulebook that this process has not read yet.
    """
    version = version_in_force(campaign, at)
    windows = sale_windows(version) if version else []
    phase = phase_of(windows, at)
    mark = _mark(campaign)
    hours = _hours(campaign, windows, at)
    return {
        "campaign": {
            "code": campaign.code,
            "title": campaign.title,
            "state": campaign.state,
            "version": version.number if version else None,
        },
        "phase": phase,
        "open": _open(version, at) if version else [],
        "next": _next(version, at) if version else None,
        "sale": {
            "starts_at": _told(windows[0].starts_at) if windows else None,
            "ends_at": _told(_end(windows)) if windows else None,
        },
        "sales": _sales(hours, version, mark),
        "days": _days(hours, windows, at),
        # A board is of a sale that goes on; the final result is that of the whole.
        "rankings": rankings(campaign, version if phase in SELLING else None, mark, at),
        "funnel": _funnel(campaign),
        "next_board": _next_board(version, at) if version else None,
    }


def phase_of(windows: list[Window], at: datetime) -> str:
    """ "before" the sale, "live" in it, "between" two parts of it, "after" it; "none" without."""
    if not windows:
        return "none"
    if at < windows[0].starts_at:
        return "before"
    if at >= _end(windows):
        return "after"
    return "live" if any(at in window for window in windows) else "between"


def _end(windows):
    return max(window.ends_at for window in windows)


def _told(at):
    return shown(at) if at else None


def _mark(campaign):
    try:
        return campaign.sales
    except ObjectDoesNotExist:
        return None


def _hours(campaign, windows, at):
    """Hour to (paid, clean, units, orders) of the hours of the sale; those of a rulebook that is no
    longer in force are left out until the rollup drops them."""
    if not windows:
        return {}
    rows = CampaignHour.objects.filter(
        campaign=campaign, hour__gte=windows[0].starts_at, hour__lte=at
    )
    values = rows.order_by("hour").values_list(
        "hour", "paid_amount", "clean_amount", "quantity", "orders"
    )
    return {hour: sums for hour, *sums in values if any(hour in window for window in windows)}


def _sales(hours, version, mark):
    paid, clean, quantity, orders = (
        [sum(parts) for parts in zip(*hours.values(), strict=True)] if hours else [0, 0, 0, 0]
    )
    target = sales_target(version) if version else None
    return {
        "as_of": _told(mark.rolled_up_at) if mark else None,
        "amount": money(clean),
        "paid_amount": money(paid),
        "quantity": quantity,
        "orders": orders,
        "target": None if target is None else money(target),
        # In hundredths of a per cent, rounded down: 100 % is reached, never rounded to.
        "share": None if target is None else str(int(clean / target * 10000) / Decimal(100)),
    }


def _days(hours, windows, at):
    """The local day of ``at`` (after the sale its last one) and the day before, hour by hour."""
    if not windows or at < windows[0].starts_at:
        return []
    last = local_date(min(at, _end(windows) - timedelta.resolution))
    return [
        {"date": day.isoformat(), "hours": list(_hours_of(day, hours))}
        for day in (last, last - timedelta(days=1))
    ]


def _hours_of(day, hours):
    hour, end = local_midnight(day), local_midnight(day + timedelta(days=1))
    zone = get_default_timezone()
    full = hour.replace(minute=0)
    hour = (full if full == hour else full + HOUR).astimezone(UTC)
    while hour < end:
        found = hours.get(hour)
        yield {
            "label": f"{hour.astimezone(zone):%H:%M}",
            "amount": None if found is None else money(found[1]),
            "quantity": None if found is None else found[2],
        }
        hour += HOUR


def _open(version, at):
    found = [
        row
        for row in rows_of(version, Milestone)
        if row.kind in SHOWN_OPEN and row.starts_at <= at < row.ends_at
    ]
    found.sort(key=lambda row: (SHOWN_OPEN.index(row.kind), row.starts_at, row.position))
    return [
        {"code": row.code, "title": row.title, "kind": row.kind, "ends_at": _told(row.ends_at)}
        for row in found
    ]


def _next(version, at):
    event = next_event(version, at)
    if event is None:
        return None
    row = event.milestone
    return {"code": row.code, "title": row.title, "what": event.what, "at": _told(event.at)}


def _funnel(campaign):
    counts = funnels.of_campaign(campaign)
    return [{"step": step, "entries": counts[step]} for step in STEPS]


def _next_board(version: RulebookVersion, at: datetime):
    """When the next board begins, and of which race; the first in the rulebook of several."""
    spans = spans_of(version)
    coming = []
    for race, segments in races_of(version):
        if not venues_of(version, race):
            continue
        for segment in segments:
            starts_at = _next_start(segment, spans[segment.during], at)
            if starts_at is not None:
                coming.append((starts_at, len(coming), race))
    if not coming:
        return None
    starts_at, _order, race = min(coming)
    return {"at": _told(starts_at), "race": race.code, "title": race.title}


def _next_start(segment, span, at):
    if at < span.starts_at:
        return span.starts_at
    period = period_at(segment, span, at)
    return period[1] if period and period[1] < span.ends_at else None
