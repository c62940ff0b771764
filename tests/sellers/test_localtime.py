"""Local dates and midnights, where a day may have 23 hours, 25, or no midnight at all."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from sellers.localtime import days_between, from_local, local_date, local_midnight


@pytest.fixture
def zone(settings):
    """Move the installation to another zone."""

    def move(name: str) -> None:
        settings.TIME_ZONE = name

    return move


@pytest.mark.parametrize(
    ("name", "day", "first"),
    [
        ("Asia/Shanghai", date(2023, 5, 20), "2023-05-19T16:00:00"),
        # Clocks went from 00:00 to 01:00: the day began at what was then called one o'clock.
        ("America/Sao_Paulo", date(2017, 10, 15), "2017-10-15T03:00:00"),
        ("America/Sao_Paulo", date(2017, 10, 14), "2017-10-14T03:00:00"),
        ("America/Sao_Paulo", date(2017, 10, 16), "2017-10-16T02:00:00"),
        # Clocks went from 24:00 back to 23:00: the last hour came twice, the midnight once.
        ("America/Sao_Paulo", date(2018, 2, 18), "2018-02-18T03:00:00"),
        # Midnight came twice: the first counts.
        ("America/Havana", date(2023, 11, 5), "2023-11-05T04:00:00"),
        # The day that Samoa left out begins where the next one does.
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30T10:00:00"),
    ],
)
def test_the_first_instant_of_a_day(zone, name, day, first):
    zone(name)
    assert local_midnight(day) == datetime.fromisoformat(first).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("naive", "found"),
    [
        ("2017-10-14T23:59:59", "2017-10-15T02:59:59"),
        ("2017-10-15T00:00:00", "2017-10-15T03:00:00"),
        ("2017-10-15T00:30:00", "2017-10-15T03:00:00"),
        ("2017-10-15T00:59:59", "2017-10-15T03:00:00"),
        ("2017-10-15T01:00:00", "2017-10-15T03:00:00"),
        ("2017-10-15T01:00:01", "2017-10-15T03:00:01"),
    ],
)
def test_a_time_that_clocks_skipped_is_the_first_after_the_gap(zone, naive, found):
    zone("America/Sao_Paulo")
    expected = datetime.fromisoformat(found).replace(tzinfo=UTC)
    assert from_local(datetime.fromisoformat(naive)) == expected


def test_dates_turn_at_local_midnight():
    assert local_date(datetime(2023, 5, 19, 15, 59, 59, tzinfo=UTC)) == date(2023, 5, 19)
    assert local_date(datetime(2023, 5, 19, 16, 0, 0, tzinfo=UTC)) == date(2023, 5, 20)


def test_a_readers_own_zone_changes_nothing():
    with timezone.override("America/Sao_Paulo"):
        assert local_date(datetime(2023, 5, 19, 16, tzinfo=UTC)) == date(2023, 5, 20)
        assert local_midnight(date(2023, 5, 20)) == datetime(2023, 5, 19, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("earlier", "later", "days"),
    [
        ("2023-05-19T23:59+08:00", "2023-05-20T00:01+08:00", 1),
        ("2023-05-20T00:01+08:00", "2023-05-20T23:59+08:00", 0),
        ("2023-05-20T00:00+08:00", "2023-05-19T23:59+08:00", -1),
        ("2023-02-19T12:00+08:00", "2023-05-20T12:00+08:00", 90),
    ],
)
def test_days_between_are_dates_subtracted(earlier, later, days):
    assert days_between(datetime.fromisoformat(earlier), datetime.fromisoformat(later)) == days


# St John's once set its clocks back at 00:01, so that one day began twice; nobody can say when.
ZONES = sorted(available_timezones() - {"America/St_Johns", "Canada/Newfoundland", "localtime"})


@hypothesis_settings(deadline=None, max_examples=300)
@given(
    name=st.sampled_from(ZONES),
    day=st.dates(min_value=date(1990, 1, 1), max_value=date(2037, 12, 30)),
)
def test_a_day_is_what_lies_between_two_midnights(name, day):
    with timezone.override(None), pytest.MonkeyPatch.context() as patch:
        patch.setattr("sellers.localtime.get_default_timezone", lambda: ZoneInfo(name))
        start, end = local_midnight(day), local_midnight(day + timedelta(days=1))
        assert local_date(start) >= day
        assert local_date(start - timedelta(microseconds=1)) < day
        assert local_date(end - timedelta(microseconds=1)) <= day
        assert start <= end
