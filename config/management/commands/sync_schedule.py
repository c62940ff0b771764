"""Copy the timetable to where operators see it."""

import json
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import transaction
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from config.schedule import TIMETABLE, Job

# Marks our own lines, so that one that left the timetable is told from one an operator added. It
# also travels with the message, where nobody reads it.
MARK = json.dumps({"timetable": True})


class Command(BaseCommand):
    """Bring the stored timetable up to date with config/schedule.py."""

    help = (
        "Adds the jobs that are new in the timetable, removes those that left it, and keeps what "
        "operators changed: when a job runs and whether it does."
    )

    def add_arguments(self, parser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--reset", action="store_true", help="also undo what operators changed of our own jobs"
        )

    @transaction.atomic
    def handle(self, *args, **options) -> None:
        """Synchronise, and say what changed."""
        stored = {task.name: task for task in PeriodicTask.objects.all()}
        for job in TIMETABLE:
            task = stored.get(job.name)
            if task is None:
                task = PeriodicTask(name=job.name)
                self._set_times(task, job)
                change = "added"
            else:
                change = "updated"
                if options["reset"]:
                    self._set_times(task, job)
            if self._set_work(task, job) or options["reset"] or change == "added":
                task.save()
                self.stdout.write(f"{change}: {job.name}")
        names = [job.name for job in TIMETABLE]
        for task in PeriodicTask.objects.filter(headers=MARK).exclude(name__in=names):
            task.delete()
            self.stdout.write(f"removed: {task.name}")

    @staticmethod
    def _set_work(task: PeriodicTask, job: Job) -> bool:
        """Set what the job does, which is the code's to say; return whether that changed it."""
        wanted = {
            "task": job.task,
            "queue": job.queue,
            "kwargs": json.dumps(job.arguments, sort_keys=True),
            "expire_seconds": round(job.expires.total_seconds()) if job.expires else None,
            "description": job.description,
            "headers": MARK,
        }
        changed = {name for name, value in wanted.items() if getattr(task, name) != value}
        for name in changed:
            setattr(task, name, wanted[name])
        return bool(changed)

    @staticmethod
    def _set_times(task: PeriodicTask, job: Job) -> None:
        """Set when the job runs, which is the operators' to change."""
        task.crontab = task.interval = task.solar = task.clocked = None
        task.enabled = True
        if job.crontab:
            names = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")
            fields = dict(zip(names, job.crontab.split(), strict=True))
            task.crontab, _made = CrontabSchedule.objects.get_or_create(
                **fields, timezone=ZoneInfo(settings.TIME_ZONE)
            )
        else:
            task.interval, _made = IntervalSchedule.objects.get_or_create(
                every=round(job.every.total_seconds()), period=IntervalSchedule.SECONDS
            )
