"""Dates and midnights of the installation's one zone, `settings.TIME_ZONE`."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils.timezone import get_default_timezone


def local_date(at: datetime) -> date:
    """Return the date that calendars of the installation's zone show at the aware instant `at`."""
    return at.astimezone(get_default_timezone()).date()


def from_local(naive: datetime) -> datetime:
    """Return the aware instant (in UTC) at which clocks of the installation's zone show `naive`.

    A time that clocks show twice means the first. A time they skip means the first instant after
    the gap, so that a day whose midnight does not exist (São Paulo, 2017-10-15) begins where its
    hours begin.
    """
    zone = get_default_timezone()
    found = naive.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None, fold=0) == naive:
        return found
    # In a gap fold=0 reads with the offset before it and fold=1 with the one after: the change lies
    # in between.
    before = naive.replace(tzinfo=zone, fold=1).astimezone(UTC)
    return _change_of_offset(before, found)


def local_midnight(day: date) -> datetime:
    """Return the first instant of the local day, aware, in UTC; it ends at that of the next."""
    return from_local(datetime.combine(day, time.min))


def local_text(at: datetime) -> str:
    """Return the instant as clocks of the installation's zone show it: 2023-05-16 20:00."""
    return f"{at.astimezone(get_default_timezone()):%Y-%m-%d %H:%M}"


def days_between(earlier: datetime, later: datetime) -> int:
    """Return local date minus local date in days: 23:59 to 00:01 is 1, and 00:01 to 23:59 is 0."""
    return (local_date(later) - local_date(earlier)).days


def _change_of_offset(before: datetime, after: datetime) -> datetime:
    """Return the first whole second in (before, after] that has the offset of `after`."""
    zone = get_default_timezone()
    wanted = after.astimezone(zone).utcoffset()
    low, high = 0, round((after - before).total_seconds())
    while low < high:
        middle = (low + high) // 2
        if (before + timedelta(seconds=middle)).astimezone(zone).utcoffset() == wanted:
            high = middle
        else:
            low = middle + 1
    return before + timedelta(seconds=low)
