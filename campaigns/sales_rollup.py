"""From what items sold by the hour to what a campaign sold, for the data screen.

What counts: the hours that begin in a milestone of kind *live* of the rulebook in force, of every
item with an entry in the campaign that was approved when the hour began and had not ended by then.
So sales before an approval never count, nor do those of the rest of its hour; an entry that is at
risk, abnormal or unpublished is still one of the campaign's, and what was sold before an entry was
cleared out stays sold. An item in several venues counts once.

The page reads nothing else: its cost is that of the hours of a sale, whatever the entries.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Sum

from campaigns.lifecycle import LIVE
from campaigns.models import (
    Campaign,
    CampaignHour,
    CampaignSales,
    CampaignTop,
    Entry,
    Milestone,
    RulebookVersion,
)
from campaigns.published import rows_of
from campaigns.rulebooks.versions import version_in_force
from campaigns.timeline import Window
from sellers.bulk_write import upsert_rows
from sellers.models import ItemHour

HOUR = timedelta(hours=1)
# Orders are corrected afterwards: refunds, flags, late feeds. Older ones are met by night.
AGAIN = timedelta(hours=48)
MOST_TOPS = 10
# By night all hours are added up again, until so long after the sale.
SETTLED = timedelta(days=30)
_COLUMNS = ("paid_amount", "clean_amount", "quantity", "orders")


def sale_windows(version: RulebookVersion) -> list[Window]:
    """When the campaign sells, earliest first: its milestones of kind *live*."""
    windows = [
        Window(row.code, row.starts_at, row.ends_at)
        for row in rows_of(version, Milestone)
        if row.kind == Milestone.Kind.LIVE
    ]
    return sorted(windows, key=lambda window: window.starts_at)


def roll_up_sales(campaign: Campaign, at: datetime, *, whole: bool = False) -> int:
    """Add up the campaign's hours until ``at``; returns how many were written or changed.

    Those of the last 48 hours, and all since the last time; every hour of the sale with ``whole``,
    the first time, and when another rulebook has come into force. Best sellers follow in the first
    run of an hour. Safe twice, late and at the same time as another; one that is older than what is
    there does nothing. Not to be called within `atomic()`.
    """
    version = version_in_force(campaign, at)
    if version is None:
        return 0
    mark = CampaignSales.objects.filter(campaign=campaign).first()
    if mark is not None and mark.rolled_up_at > at:
        return 0
    whole = whole or mark is None or mark.version_id != version.pk
    windows = [window for window in sale_windows(version) if window.starts_at <= at]
    since = None if whole else _hour_of(min(mark.rolled_up_at, at - AGAIN))
    hours = list(_hours_in(windows, since, at))
    written = upsert_rows(
        CampaignHour,
        _sums(campaign, hours),
        ["hour", *_COLUMNS],
        key=["campaign", "hour"],
        constants={"campaign": campaign.pk},
    )
    until = _hour_of(at)
    # Nothing changes any more where the last 48 hours hold no hour of the sale.
    is_new_hour = bool(hours) and (whole or mark.tops_until is None or mark.tops_until < until)
    tops = list(_tops(campaign, windows, until)) if whole or is_new_hour else None
    _close(campaign, version, at, tops, until, hours if whole else None)
    return written.inserted + written.updated


def roll_up_all(at: datetime, *, whole: bool = False) -> int:
    """`roll_up_sales` of every campaign that is under way; returns how many hours were written.
    With ``whole`` only of those whose sale ended less than 30 days ago."""
    states = (Campaign.State.PUBLISHED, Campaign.State.SUSPENDED)
    written = 0
    for campaign in Campaign.objects.filter(state__in=states).order_by("pk"):
        if not whole or not _is_settled(campaign, at):
            written += roll_up_sales(campaign, at, whole=whole)
    return written


def _is_settled(campaign, at):
    version = version_in_force(campaign, at)
    windows = sale_windows(version) if version else []
    return all(window.ends_at + SETTLED <= at for window in windows)


def _hour_of(at):
    return at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def _hours_in(windows: Iterable[Window], since, at) -> Iterator[datetime]:
    """The full hours of UTC that begin in the windows, from ``since`` until ``at``."""
    seen = set()
    for window in windows:
        hour = _hour_of(window.starts_at)
        hour = hour if hour == window.starts_at else hour + HOUR
        hour = max(hour, since) if since else hour
        while hour < window.ends_at and hour <= at:
            if hour not in seen:
                seen.add(hour)
                yield hour
            hour += HOUR


def _counted(campaign: Campaign) -> QuerySet[ItemHour]:
    """The hours of items in which these were the campaign's."""
    entries = Entry.objects.filter(
        Q(status__in=sorted(LIVE)) | Q(move__at__gt=OuterRef("hour")),
        campaign=campaign,
        item=OuterRef("item"),
        approved_at__lte=OuterRef("hour"),
    )
    return ItemHour.objects.filter(Exists(entries)).order_by()


def _sums(campaign, hours):
    """A row for each of the hours, also where nothing was sold: (hour, paid, clean, …)."""
    if not hours:
        return []
    rows = _counted(campaign).filter(hour__gte=min(hours), hour__lte=max(hours)).values("hour")
    rows = rows.annotate(
        paid=_sum("paid_amount"),
        abnormal=_sum("abnormal_amount"),
        units=_sum("quantity"),
        placed=_sum("orders"),
    )
    field = CampaignHour._meta.get_field("paid_amount")
    sums = {}
    for hour, paid, abnormal, units, placed in rows.values_list(
        "hour", "paid", "abnormal", "units", "placed"
    ):
        amounts = (_money(field, paid), _money(field, paid - abnormal))
        sums[hour] = (*amounts, int(units), int(placed))
    nothing = (_money(field, 0), _money(field, 0), 0, 0)
    return [(hour, *sums.get(hour, nothing)) for hour in hours]


def _money(field, scaled):
    """The Decimal of a sum of stored integers."""
    return field.from_db_value(scaled, None, None)


def _sum(expression):
    expression = F(expression) if isinstance(expression, str) else expression
    return Sum(expression, output_field=BigIntegerField())


def _tops(campaign, windows, until) -> Iterator[CampaignTop]:
    """The best items and sellers of the hours before ``until``; the older id first if equal."""
    spans = Q()
    for window in windows:
        spans |= Q(hour__gte=window.starts_at, hour__lt=min(window.ends_at, until))
    if not spans:
        return
    clean = F("paid_amount") - F("abnormal_amount")
    field = CampaignTop._meta.get_field("amount")
    for kind, keys in (
        (CampaignTop.Kind.ITEM, ("item__seller_id", "item_id")),
        (CampaignTop.Kind.SELLER, ("item__seller_id",)),
    ):
        rows = _counted(campaign).filter(spans).values(*keys)
        rows = rows.annotate(clean=_sum(clean), units=_sum("quantity")).filter(clean__gt=0)
        rows = rows.order_by("-clean", keys[-1]).values_list("clean", "units", *keys)
        for place, (amount, units, seller, *item) in enumerate(rows[:MOST_TOPS], start=1):
            yield CampaignTop(
                campaign=campaign,
                kind=kind,
                place=place,
                seller_id=seller,
                item_id=item[0] if item else None,
                amount=_money(field, amount),
                quantity=units,
            )


@transaction.atomic
def _close(campaign, version, at, tops, until, hours):
    """Say as of when the hours are, put the best sellers in place of the old, and drop hours that
    are no longer of the sale; unless a newer run did."""
    CampaignSales.objects.get_or_create(
        campaign=campaign, defaults={"version": version, "rolled_up_at": at}
    )
    mark = CampaignSales.objects.select_for_update().get(campaign=campaign)
    if mark.rolled_up_at > at:
        return
    mark.rolled_up_at, mark.version = at, version
    if hours is not None:
        CampaignHour.objects.filter(campaign=campaign).exclude(hour__in=hours).delete()
    if tops is not None:
        CampaignTop.objects.filter(campaign=campaign).delete()
        CampaignTop.objects.bulk_create(tops)
        mark.tops_until = until
    mark.save()
