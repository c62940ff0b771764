"""When a demonstration's clock goes on."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils.timezone import get_default_timezone

from campaigns.models import Campaign, Filing, Move, SweepRun

# A little later than the last thing that happened.
AFTER = timedelta(minutes=1)


def resumes_at(campaign: Campaign, morning: datetime) -> datetime:
    """Return the local instant at which the clock starts.

    That is the first live morning, unless somebody has worked with the demonstration since: then
    it goes on where they left it, so that nothing in it lies in the future.
    """
    lasts = [
        Move.objects.aggregate(last=Max("at"))["last"],
        Filing.objects.filter(registration__campaign=campaign).aggregate(last=Max("at"))["last"],
        SweepRun.objects.filter(campaign=campaign).aggregate(last=Max("at"))["last"],
    ]
    zone = get_default_timezone()
    done = [last.astimezone(zone).replace(tzinfo=None) for last in lasts if last is not None]
    latest = max(done, default=morning)
    return morning if latest < morning else latest.replace(microsecond=0) + AFTER
