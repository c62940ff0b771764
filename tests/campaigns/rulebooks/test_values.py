"""Times, offsets and moves of dates."""

from datetime import UTC, date, datetime

import pytest
from django.test import override_settings

from campaigns.rulebooks import values
from campaigns.rulebooks.values import Shift

SAO_PAULO = override_settings(TIME_ZONE="America/Sao_Paulo")


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2023-05-16 20:00:00", datetime(2023, 5, 16, 12, tzinfo=UTC)),
        ("2023-05-16 20:00", datetime(2023, 5, 16, 12, tzinfo=UTC)),
        ("2023-05-16", datetime(2023, 5, 15, 16, tzinfo=UTC)),
        ("2023-05-16 20:00:00-03:00", datetime(2023, 5, 16, 23, tzinfo=UTC)),
    ],
)
def test_a_time_is_local(text, instant):
    assert values.read_time(text) == instant


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("2023-02-29", "“2023-02-29” is no date of the calendar"),
        ("2023-05-16T20:00", "expected a time such as 2023-05-16 20:00:00"),
        ("20:00", "expected a time such as 2023-05-16 20:00:00"),
        (20230516, "expected a time such as 2023-05-16 20:00:00"),
    ],
)
def test_what_is_no_time_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        values.read_time(text)


@SAO_PAULO
def test_midnight_that_clocks_skip_is_the_first_instant_after():
    assert values.show_time(values.read_time("2017-10-15")) == "2017-10-15 01:00:00"


@SAO_PAULO
def test_of_a_time_shown_twice_the_second_carries_its_offset():
    first = datetime(2018, 2, 18, 1, 30, tzinfo=UTC)
    second = datetime(2018, 2, 18, 2, 30, tzinfo=UTC)
    assert values.show_time(first) == "2018-02-17 23:30:00"
    assert values.show_time(second) == "2018-02-17 23:30:00-03:00"
    assert values.read_time(values.show_time(first)) == first
    assert values.read_time(values.show_time(second)) == second


@pytest.mark.parametrize(
    ("text", "minutes", "shown"),
    [
        ("-2h", -120, "-2h"),
        ("+30m", 30, "+30m"),
        ("90m", 90, "+1h30m"),
        ("1d12h", 2160, "+1d12h"),
        ("0m", 0, "+0m"),
    ],
)
def test_offsets(text, minutes, shown):
    assert values.read_offset(text) == minutes
    assert values.show_offset(minutes) == shown


@pytest.mark.parametrize("text", ["", "-", "2 h", "1.5h", "h", 2])
def test_what_is_no_offset_is_refused(text):
    with pytest.raises(ValueError, match="-2h"):
        values.read_offset(text)


def test_a_move_keeps_the_time_of_day():
    move = Shift.between(values.read_time("2023-05-15"), date(2018, 5, 15))
    assert move == Shift(days=-1826, years=-5)
    moved = move.instant(values.read_time("2023-05-16 20:00:00"))
    assert values.show_time(moved) == "2018-05-16 20:00:00"


def test_a_move_by_years_keeps_the_day_of_the_year():
    move = Shift(days=-1796, years=-5)
    window = {"since": "2023-01-01 00:00:00", "anchored": "year"}
    assert move.times_in(window) == {"since": "2018-01-01 00:00:00", "anchored": "year"}
    assert move.times_in({"since": "2023-01-01 00:00:00"}) == {"since": "2018-01-31 00:00:00"}
    leap = {"since": "2020-02-29 00:00:00", "anchored": "year"}
    assert move.times_in(leap) == {"since": "2015-02-28 00:00:00", "anchored": "year"}


def test_a_move_finds_the_times_within_a_condition_and_nothing_else():
    tree = {
        "all": [["item.published_at", "<", "2023-05-16 20:00:00"], ["item.code", "==", "2023-5"]]
    }
    assert Shift(days=1, years=0).times_in(tree) == {
        "all": [["item.published_at", "<", "2023-05-17 20:00:00"], ["item.code", "==", "2023-5"]]
    }


@SAO_PAULO
def test_a_move_to_a_midnight_that_clocks_skip_gives_the_first_instant_after():
    move = Shift(days=-1826, years=-5)
    moved = move.instant(values.read_time("2023-11-04"))
    assert values.show_time(moved) == "2018-11-04 01:00:00"
    assert moved == datetime(2018, 11, 4, 3, tzinfo=UTC)
