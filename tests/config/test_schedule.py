"""The timetable: copied to where operators see it, and kept by the installation's clock."""

import io
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from config.beat import ClockScheduler
from config.celery import app
from config.management.commands import sync_schedule
from config.schedule import QUEUES, TIMETABLE, Job

NIGHTLY = Job(name="nightly", task="campaigns.tasks.nightly", crontab="5 0 * * *", queue="sweeps")
OFTEN = Job(name="often", task="campaigns.tasks.often", every=timedelta(seconds=30))


@pytest.fixture
def timetable(monkeypatch):
    """Set the timetable for one test."""

    def set_to(*jobs: Job) -> None:
        monkeypatch.setattr(sync_schedule, "TIMETABLE", jobs)

    return set_to


def sync(**options) -> list[str]:
    output = io.StringIO()
    call_command("sync_schedule", stdout=output, **options)
    return output.getvalue().splitlines()


def test_every_job_of_the_timetable_exists():
    app.loader.import_default_modules()
    assert {job.task for job in TIMETABLE} <= set(app.tasks)
    assert len({job.name for job in TIMETABLE}) == len(TIMETABLE)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"crontab": "5 0 * * *", "every": timedelta(hours=1)},
        {"crontab": "5 0 * * *", "queue": "elsewhere"},
    ],
)
def test_a_wrong_line_of_the_timetable_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=r"^some-job: "):
        Job(name="some-job", task="some.task", **wrong)


@pytest.mark.django_db
def test_copying_adds_and_a_second_time_changes_nothing(timetable):
    timetable(NIGHTLY, OFTEN)
    assert sync() == ["added: nightly", "added: often"]
    assert sync() == []
    nightly = PeriodicTask.objects.get(name="nightly")
    assert (nightly.crontab.minute, nightly.crontab.hour) == ("5", "0")
    assert str(nightly.crontab.timezone) == "Asia/Shanghai"
    assert nightly.queue == "sweeps"
    assert PeriodicTask.objects.get(name="often").interval.every == 30


@pytest.mark.django_db
def test_what_operators_changed_stays_until_a_reset(timetable):
    timetable(NIGHTLY)
    sync()
    task = PeriodicTask.objects.get()
    task.crontab = CrontabSchedule.objects.create(minute="30", hour="2", timezone="Asia/Shanghai")
    task.enabled = False
    task.save()
    sync()
    task.refresh_from_db()
    assert (task.crontab.hour, task.enabled) == ("2", False)
    assert sync(reset=True) == ["updated: nightly"]
    task.refresh_from_db()
    assert (task.crontab.hour, task.enabled) == ("0", True)


@pytest.mark.django_db
def test_what_a_job_does_follows_the_code(timetable):
    timetable(NIGHTLY)
    sync()
    timetable(Job(name="nightly", task="campaigns.tasks.renamed", crontab="5 0 * * *"))
    assert sync() == ["updated: nightly"]
    task = PeriodicTask.objects.get()
    assert (task.task, task.queue) == ("campaigns.tasks.renamed", "default")


@pytest.mark.django_db
def test_a_job_that_left_goes_and_an_operators_own_stays(timetable):
    timetable(NIGHTLY)
    sync()
    hourly = IntervalSchedule.objects.create(every=1, period=IntervalSchedule.HOURS)
    PeriodicTask.objects.create(name="by hand", task="config.tasks.clear_expired", interval=hourly)
    timetable()
    assert sync() == ["removed: nightly"]
    assert PeriodicTask.objects.get().name == "by hand"


@pytest.fixture
def clock_reads(settings):
    """Set what the installation's clock reads at this moment."""

    def set_to(text: str) -> None:
        settings.CLOCK_START = datetime.fromisoformat(text)
        settings.CLOCK_EPOCH = time.time()

    return set_to


@pytest.fixture
def sent(monkeypatch) -> list[str]:
    """Remember what is sent to the queue instead of sending it."""
    names: list[str] = []
    monkeypatch.setattr(
        ClockScheduler, "apply_async", lambda _self, entry, **_kwargs: names.append(entry.name)
    )
    return names


def run(ticks: int = 3) -> None:
    scheduler = ClockScheduler(app=app, lazy=True)
    for _ in range(ticks):
        scheduler.tick()
    scheduler.sync()


# The scheduler closes connections, which a test's own transaction would not survive.
@pytest.mark.django_db(transaction=True)
def test_nights_are_those_of_the_clock(timetable, clock_reads, sent):
    timetable(NIGHTLY)
    clock_reads("2023-05-15T09:00+08:00")
    sync()
    run()
    assert sent == []
    clock_reads("2023-05-16T00:04:58+08:00")
    run()
    assert sent == []
    clock_reads("2023-05-16T00:05:01+08:00")
    run()
    assert sent == ["nightly"]
    run()
    assert sent == ["nightly"]


# The scheduler closes connections, which a test's own transaction would not survive.
@pytest.mark.django_db(transaction=True)
def test_a_night_missed_while_down_comes_due_at_start(timetable, clock_reads, sent):
    timetable(NIGHTLY)
    sync()
    PeriodicTask.objects.update(last_run_at=datetime(2023, 5, 14, 16, 5, tzinfo=UTC))
    # Down at 00:05 of the 16th; up again in the early afternoon, far from the job's own hour.
    clock_reads("2023-05-16T13:00+08:00")
    run()
    assert sent == ["nightly"]


# The scheduler closes connections, which a test's own transaction would not survive.
@pytest.mark.django_db(transaction=True)
def test_a_clock_set_back_does_not_silence_a_job(timetable, clock_reads, sent):
    timetable(NIGHTLY)
    sync()
    PeriodicTask.objects.update(last_run_at=datetime(2026, 1, 1, tzinfo=UTC))
    clock_reads("2023-05-15T23:59+08:00")
    run()
    assert sent == []
    clock_reads("2023-05-16T00:05:01+08:00")
    run()
    assert sent == ["nightly"]


def test_every_queue_of_the_timetable_has_a_worker():
    from config.management.commands.serve import _commands

    commands = _commands(8000, 8)
    listened = [
        queue
        for command in commands.values()
        if "-Q" in command
        for queue in command[command.index("-Q") + 1].split(",")
    ]
    assert sorted(listened) == sorted(QUEUES)
