"""The one clock of the edges."""

import time
from datetime import UTC, datetime, timedelta

from sellers import clock


def test_without_a_start_it_is_the_real_time():
    before = datetime.now(UTC)
    found = clock.now()
    assert before <= found <= datetime.now(UTC)
    assert found.tzinfo is UTC


def test_it_starts_where_it_is_told_and_ticks_on(settings, monkeypatch):
    settings.CLOCK_START = datetime.fromisoformat("2023-05-15T09:00+08:00")
    settings.CLOCK_EPOCH = 1_700_000_000.0
    monkeypatch.setattr(time, "time", lambda: 1_700_000_000.0)
    assert clock.now() == datetime(2023, 5, 15, 1, tzinfo=UTC)
    monkeypatch.setattr(time, "time", lambda: 1_700_086_400.25)
    assert clock.now() == datetime(2023, 5, 16, 1, 0, 0, 250_000, tzinfo=UTC)


def test_without_an_epoch_it_starts_with_the_process(settings):
    settings.CLOCK_START = datetime.fromisoformat("2023-05-15T09:00+08:00")
    settings.CLOCK_EPOCH = None
    elapsed = clock.now() - settings.CLOCK_START
    assert timedelta(0) <= elapsed < timedelta(hours=1)


def test_it_never_runs_backwards_within_a_second(settings):
    settings.CLOCK_START = datetime.fromisoformat("2023-05-15T09:00+08:00")
    readings = [clock.now() for _ in range(100)]
    assert readings == sorted(readings)
