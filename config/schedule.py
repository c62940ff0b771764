"""The whole timetable, as data. `sync_schedule` copies it to where operators see it and change it.

The times are those of the installation's zone and clock (config/beat.py). A job must be safe to
run twice and late: it claims what it does.
"""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils.translation import gettext_noop

# What waits behind what: sweeps are long, and neither notices nor hourly jobs wait for them.
QUEUES = ("default", "sweeps", "notices")


@dataclass(frozen=True, kw_only=True)
class Job:
    """One line of the timetable: a task, and either a crontab or an interval."""

    name: str
    task: str
    # minute, hour, day of month, month, day of week
    crontab: str | None = None
    every: timedelta | None = None
    queue: str = "default"
    arguments: dict = field(default_factory=dict)
    # A message that no worker has taken by then is dropped; the next one does its work.
    expires: timedelta | None = None
    description: str = ""

    def __post_init__(self) -> None:
        if (self.crontab is None) == (self.every is None):
            raise ValueError(f"{self.name}: expected either a crontab or an interval")
        if self.queue not in QUEUES:
            raise ValueError(f"{self.name}: unknown queue {self.queue!r}")


TIMETABLE = (
    Job(
        name="clear-expired",
        task="config.tasks.clear_expired",
        crontab="30 4 * * *",
        expires=timedelta(hours=12),
        description=gettext_noop("Remove expired sessions and old failed logins."),
    ),
    Job(
        name="due-prices",
        task="sellers.tasks.apply_due_prices",
        every=timedelta(minutes=1),
        expires=timedelta(minutes=1),
        description=gettext_noop("Bring into force the list prices that have come due."),
    ),
    Job(
        name="roll-up",
        task="sellers.tasks.roll_up",
        every=timedelta(minutes=5),
        expires=timedelta(minutes=5),
        description=gettext_noop("Add up the hours and days that orders have touched."),
    ),
    Job(
        name="sanctions",
        task="sellers.tasks.apply_sanctions",
        every=timedelta(minutes=5),
        expires=timedelta(minutes=5),
        description=gettext_noop("Bar sellers whose violations call for it."),
    ),
    Job(
        name="alerts",
        task="campaigns.tasks.raise_alerts",
        every=timedelta(minutes=1),
        expires=timedelta(minutes=1),
        description=gettext_noop("Alert operators to new violations that campaigns monitor."),
    ),
    Job(
        name="nightly-sweeps",
        task="campaigns.tasks.nightly_sweeps",
        crontab="0 2 * * *",
        expires=timedelta(hours=12),
        description=gettext_noop("Re-check the live entries of every published campaign."),
    ),
    Job(
        name="targeted-sweeps",
        task="campaigns.tasks.targeted_sweeps",
        every=timedelta(minutes=1),
        expires=timedelta(minutes=1),
        description=gettext_noop("Re-check the entries of what feeds have just changed."),
    ),
    Job(
        name="take-up-sweeps",
        task="campaigns.tasks.take_up_sweeps",
        every=timedelta(minutes=1),
        expires=timedelta(minutes=1),
        description=gettext_noop("Take up sweeps whose worker was stopped."),
    ),
    Job(
        name="purge-sweeps",
        task="campaigns.tasks.purge_sweeps",
        crontab="30 5 * * *",
        expires=timedelta(hours=12),
        description=gettext_noop("Remove expired previews and what old sweeps no longer need."),
    ),
    Job(
        name="release-results",
        task="campaigns.tasks.release_results",
        every=timedelta(minutes=1),
        expires=timedelta(minutes=1),
        description=gettext_noop("Publish the results that are due."),
    ),
    Job(
        name="send-notices",
        task="campaigns.tasks.send_notices",
        every=timedelta(seconds=30),
        queue="notices",
        expires=timedelta(seconds=30),
        description=gettext_noop("Send sellers the notices that are ready."),
    ),
    Job(
        name="purge-deliveries",
        task="campaigns.tasks.purge_deliveries",
        crontab="45 5 * * *",
        queue="notices",
        expires=timedelta(hours=12),
        description=gettext_noop("Remove what is known of messages sent or given up long ago."),
    ),
    Job(
        name="fold-tallies",
        task="campaigns.tasks.fold_tallies",
        every=timedelta(minutes=1),
        expires=timedelta(minutes=1),
        description=gettext_noop("Add up what has been counted since the last time."),
    ),
    Job(
        name="grant-bonuses",
        task="campaigns.tasks.grant_bonuses",
        crontab="5 * * * *",
        expires=timedelta(hours=1),
        description=gettext_noop("Grant the extra places that sellers have come to deserve."),
    ),
    Job(
        name="check-attainment",
        task="campaigns.tasks.check_attainment",
        # Once the full hour is added up.
        crontab="2 * * * *",
        expires=timedelta(hours=1),
        description=gettext_noop("Note who has attained an incentive by the full hour."),
    ),
    Job(
        name="expire-drafts",
        task="campaigns.tasks.expire_drafts",
        crontab="15 * * * *",
        expires=timedelta(hours=1),
        description=gettext_noop("Remove expired drafts of entries and registrations."),
    ),
)
