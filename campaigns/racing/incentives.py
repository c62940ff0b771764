"""Incentives: whose sales of the day reach their own reference value, hour by hour (D12-120..123).

A check is of a full hour: what stands in the hours' rows up to it counts, nothing after. The hours
of a day are all checked anew each time, in order, so that a check that comes late, twice or not at
all changes nothing: a seller has attained at the end of the first hour by which the sums reach,
whenever their figures were fed. What is attained stays so.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import (
    BigIntegerField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce

from campaigns.eligibility import sql
from campaigns.eligibility.values import Asking
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.measures import HOUR
from campaigns.models import (
    Attainment,
    Campaign,
    Incentive,
    Registration,
    ResourceSlot,
    RulebookVersion,
)
from campaigns.published import rows_of
from campaigns.racing.figures import TICK
from campaigns.racing.periods import in_force, spans_of
from campaigns.rulebooks.versions import version_in_force
from campaigns.standing import SHOWN_STATES, campaign_items
from campaigns.timeline import shown as local_text
from sellers.bulk_write import insert_from_query
from sellers.localtime import local_date, local_midnight
from sellers.metrics.statistics import Function, StatisticSpec, Window
from sellers.metrics.statistics.counting import Moment, allowed, in_window

# Figures that come later than this after their day changes nobody's incentive.
LOOKS_BACK = timedelta(days=1)
HEADER = (
    "campaign", "incentive", "position", "seller", "day", "attained_at", "shown_from", "slots",
)  # fmt: skip
CHUNK = 2000
_COLUMNS = ["seller", "measured", "reference"]


def check_attainment(campaign: Campaign, at: datetime) -> int:
    """Check every full hour that has ended by ``at`` and is of today or, within a day, of the day
    before; returns how many sellers attained something that had not.

    One statement for each hour and incentive. Not to be called within `atomic()`.
    """
    return sum(_check(*due) for due in _due(campaign, at))


def are_due(campaign: Campaign, at: datetime) -> bool:
    """Whether `check_attainment` would check any hour."""
    return next(_due(campaign, at), None) is not None


def checks(starts_at: datetime, ends_at: datetime) -> Iterator[datetime]:
    """The full hours that end after ``starts_at``, and at ``ends_at`` at the latest, in order."""
    # Zones are whole quarters of an hour off; full hours are those of the local clock.
    midnight = local_midnight(local_date(starts_at))
    check = midnight + HOUR * ((starts_at - midnight) // HOUR + 1)
    while check <= ends_at:
        yield check
        check += HOUR


def shown(incentive: Incentive, at: datetime) -> QuerySet[Attainment]:
    """What shows at the instant, those who attained first in front, then those who joined first.

    It shows in the milestone ``shown`` from when it is attained on (D12-122), and while the seller
    has a campaign item. One row a seller.
    """
    version = incentive.version
    campaign, span = version.campaign, spans_of(version)[incentive.shown]
    found = Attainment.objects.filter(campaign=campaign, incentive_code=incentive.code)
    if at not in span or campaign.state not in SHOWN_STATES:
        return found.none()
    # Of several days the first one counts.
    before = found.filter(seller=OuterRef("seller"), attained_at__lt=OuterRef("attained_at"))
    stands = campaign_items(campaign).filter(seller=OuterRef("seller"))
    joined = Registration.objects.filter(
        campaign=campaign, seller=OuterRef("seller"), status=Registration.Status.JOINED
    )
    rows = found.filter(~Exists(before), Exists(stands), attained_at__lte=at)
    rows = rows.annotate(
        joined_at=Subquery(joined.values("joined_at")[:1]),
        registered=Subquery(joined.values("pk")[:1]),
    )
    return rows.select_related("seller").order_by("attained_at", "joined_at", "registered", "pk")


def slots_of(incentive: Incentive) -> list[ResourceSlot]:
    """The resource positions in which the incentive shows, in the order of the incentive."""
    rows = ResourceSlot.objects.filter(version=incentive.version_id, code__in=incentive.slots)
    known = {row.code: row for row in rows}
    return [known[code] for code in incentive.slots if code in known]


def lines(campaign: Campaign, at: datetime) -> Iterator[list]:
    """The cells of a line for every seller whose incentive shows at the instant, in the order in
    which they show, with the positions on the page (“pc=30, mobile=51”)."""
    version = version_in_force(campaign, at)
    if version is None:
        return
    spans = spans_of(version)
    for incentive in rows_of(version, Incentive):
        incentive.version = version
        version.campaign = campaign
        starts_at = spans[incentive.shown].starts_at
        slots = ", ".join(f"{row.channel or row.code}={row.place}" for row in slots_of(incentive))
        rows = shown(incentive, at).values_list("seller__code", "day", "attained_at")
        for position, row in enumerate(rows.iterator(chunk_size=CHUNK), 1):
            seller, day, attained_at = row
            times = [local_text(each) for each in (attained_at, max(attained_at, starts_at))]
            yield [campaign.code, incentive.code, position, seller, day.isoformat(), *times, slots]


def _due(campaign, at):
    """(version, incentive, full hour) of every check, each by the rulebook of its hour."""
    if campaign.state != Campaign.State.PUBLISHED:
        return
    since = local_midnight(local_date(at - LOOKS_BACK))
    for version, starts_at, ends_at in in_force(campaign, at):
        incentives = rows_of(version, Incentive)
        spans = spans_of(version) if incentives else {}
        for incentive in incentives:
            span = spans[incentive.during]
            for check in checks(max(span.starts_at, since), min(span.ends_at, at)):
                if starts_at <= check < ends_at:
                    yield version, incentive, check


def _check(version: RulebookVersion, incentive: Incentive, check: datetime) -> int:
    """Note who has attained the incentive by the full hour and had not yet."""
    day = local_date(check - TICK)
    asking = Asking(version, check, vocabulary_of(version))
    spec = StatisticSpec(
        code=incentive.measure,
        level="seller",
        function=Function.SUM,
        source="seller_hours",
        field=incentive.measure,
        window=Window(local_midnight(day), check),
    )
    frame = asking.frame("registration")
    metric = asking.vocabulary.metric(incentive.reaches)
    reference = sql.raw(frame.column(metric))
    # Compared and kept as integers of one scale.
    places = max(spec.column.places, metric.places)
    measured = _scaled(_summed(spec, check), places - spec.column.places)
    there = Attainment.objects.filter(
        campaign=version.campaign_id,
        incentive_code=incentive.code,
        seller=OuterRef("seller"),
        day=day,
    )
    rows = Registration.objects.filter(
        campaign=version.campaign_id, status=Registration.Status.JOINED
    )
    rows = rows.annotate(**frame.aliases).filter(
        ~Exists(there), seller__in=_merchants(version, incentive, asking, check)
    )
    rows = rows.annotate(measured=measured, reference=_scaled(reference, places - metric.places))
    reached = rows.filter(reference__isnull=False, measured__gte=F("reference"))
    return insert_from_query(
        reached.order_by("pk").values_list("seller", "measured", "reference"),
        Attainment,
        _COLUMNS,
        {
            "campaign": version.campaign_id,
            "incentive_code": incentive.code,
            "day": day,
            "attained_at": check,
            "places": places,
        },
        ignore_conflicts=True,
    )


def _merchants(version, incentive, asking, check):
    """The sellers (ids) with an approved entry that counts, approved by then."""
    entries = campaign_items(version.campaign).filter(
        Q(approved_at__isnull=True) | Q(approved_at__lte=check)
    )
    frame = asking.frame("entry")
    return asking.where(entries, incentive.where, frame).order_by().values("seller")


def _summed(spec: StatisticSpec, check: datetime):
    """What a registration's seller has of the field in the window; of no rows 0."""
    moment = Moment(check - TICK)
    rows = spec.rows.model("seller")._default_manager.order_by()
    rows = rows.filter(
        allowed(spec.rows, moment), in_window(spec, moment), seller=OuterRef("seller")
    )
    total = rows.values("seller").annotate(
        total=Sum(spec.column.value(), output_field=BigIntegerField())
    )
    found = Subquery(total.values("total"), output_field=BigIntegerField())
    return Coalesce(found, Value(0), output_field=BigIntegerField())


def _scaled(value, places):
    return value if not places else value * Value(10**places, output_field=BigIntegerField())
