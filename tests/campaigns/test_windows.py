"""The time that a statistic looks at: instants, the code that evidence keeps, and words."""

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import translation

from campaigns.windows import code_of, resolve, words
from sellers.metrics.statistics import StatisticError, Window
from tests.times import local

AT = local("2023-05-16 02:00")
LIVE = (local("2023-05-16 20:00"), local("2023-05-21"))


def window(value, at=AT):
    return resolve(value, at=at, milestones={"live": LIVE})


@pytest.mark.parametrize(
    ("value", "start", "end"),
    [
        ({"trailing_days": 30}, "2023-04-16", "2023-05-16"),
        ({"trailing_days": 1}, "2023-05-15", "2023-05-16"),
        ({"trailing_days": 30, "offset_days": 0}, "2023-04-16", "2023-05-16"),
        ({"trailing_days": 30, "offset_days": 1}, "2023-04-15", "2023-05-15"),
        ({"trailing_days": 7, "include_today": True}, "2023-05-09", "2023-05-17"),
        ({"from": "2023-05-09", "to": "2023-05-21"}, "2023-05-09", "2023-05-21"),
        (
            {"from": "2023-01-01", "to": "2023-05-16 20:00:00", "anchored": "year"},
            "2023-01-01",
            "2023-05-16 20:00",
        ),
        ({"milestone": "live"}, "2023-05-16 20:00", "2023-05-21"),
    ],
)
def test_windows_are_half_open_between_local_instants(value, start, end):
    assert window(value) == Window(local(start), local(end))


def test_a_window_may_have_no_bounds():
    assert window({}) == Window(None, None)
    assert window({"since": "2023-01-01"}) == Window(local("2023-01-01"), None)


@pytest.mark.parametrize("at", ["2023-05-16 00:00:00", "2023-05-16 23:59:59"])
def test_a_trailing_window_is_the_same_all_day(at):
    assert window({"trailing_days": 2}, local(at)) == window({"trailing_days": 2})


@override_settings(TIME_ZONE="America/Sao_Paulo")
def test_a_day_begins_with_its_first_instant_where_midnight_does_not_exist():
    """2017-10-15 began at 01:00 in São Paulo."""
    found = resolve({"trailing_days": 1}, at=local("2017-10-16 09:00"), milestones={})
    assert found.end - found.start == timedelta(hours=23)
    assert found.end == local("2017-10-16")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({"trailing_days": 0}, "window.trailing_days"),
        ({"trailing_days": True}, "window.trailing_days"),
        ({"trailing_days": 30, "offset_days": -1}, "window.offset_days"),
        ({"trailing_days": 30, "include_today": 1}, "window.include_today"),
        ({"trailing_days": 30, "offset_days": 1, "include_today": True}, "window.offset_days"),
        ({"milestone": "preheat"}, "window.milestone"),
        ({"since": "May"}, "window.since"),
        ({"from": "2023-05-09", "to": 7}, "window.to"),
        ({"from": "2023-05-09"}, "window"),
        ({"days": 30}, "window"),
    ],
)
def test_what_is_wrong_is_named(value, path):
    with pytest.raises(StatisticError) as caught:
        window(value)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("value", "code", "english", "chinese"),
    [
        ({}, "", "", ""),
        ({"trailing_days": 30}, "30d", "the last 30 days", "最近 30 天"),
        ({"trailing_days": 1}, "1d", "the last 1 day", "最近 1 天"),
        (
            {"trailing_days": 7, "offset_days": 2},
            "7d-2d",
            "the last 7 days, ending 2 days earlier",
            "最近 7 天（截至 2 天前）",
        ),
        (
            {"trailing_days": 7, "include_today": True},
            "7d+today",
            "the last 7 days and today",
            "最近 7 天及今天",
        ),
        (
            {"from": "2023-05-09 00:00:00", "to": "2023-05-16 20:00:00"},
            "2023-05-09/2023-05-16 20:00:00",
            "from 2023-05-09 until before 2023-05-16 20:00:00",
            "2023-05-09 至 2023-05-16 20:00:00（不含）",
        ),
        (
            {"since": "2023-01-01 00:00:00", "anchored": "year"},
            "2023-01-01/",
            "since 2023-01-01",
            "自 2023-01-01 起",
        ),
        ({"milestone": "live"}, "milestone:live", "during “live”", "“live”期间"),
    ],
)
def test_the_code_of_a_window_is_said_in_words(value, code, english, chinese):
    assert code_of(value) == code
    assert words(code) == english
    with translation.override("zh-hans"):
        assert words(code) == chinese
