"""The timetable's process: django-celery-beat, by the installation's clock.

Two differences from the scheduler it builds on. The time is that of `sellers.clock`, so that an
installation that lives through a past campaign has its nights at that clock's midnight. And every
job is looked at: the scheduler it builds on reads only crontabs within two hours of the present, so
that a nightly job missed while beat was down would wait for the next evening instead of coming due
at start.
"""

from datetime import datetime

from django_celery_beat.schedulers import DatabaseScheduler, ModelEntry

from sellers import clock


class ClockEntry(ModelEntry):
    """A line of the timetable that asks the installation's clock."""

    def __init__(self, model, app=None) -> None:
        never_ran = model.last_run_at is None and model.start_time is None
        super().__init__(model, app=app)
        if hasattr(self, "schedule"):
            self.schedule.nowfun = self._default_now
        # A job that never ran counts from when it was first seen; so does one that ran in what is
        # now the future, because the clock was set back. Stored, for the lines are read again every
        # few minutes and would count anew each time.
        now = self._default_now()
        if never_ran or self.last_run_at > now:
            self.last_run_at = model.last_run_at = now
            type(model).objects.filter(pk=model.pk).update(last_run_at=now)

    def _default_now(self) -> datetime:
        return clock.now().astimezone(self.app.timezone)


class ClockScheduler(DatabaseScheduler):
    """Reads the timetable from the database, all of it."""

    Entry = ClockEntry

    def enabled_models_qs(self):
        """Return every enabled job."""
        return self.Model.objects.enabled()
