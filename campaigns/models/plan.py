"""What a re-check decided to do, before and after it was done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Venue
from campaigns.models.entry import Entry
from campaigns.models.sweep import SweepRun


class PlannedMove(models.Model):
    """One move that a run decided on. The breaker reads these, applying works them off.

    A run that does not enforce leaves them ``planned``. ``status``, ``revision`` and ``seen_move``
    are what the decision was made on: an entry that is no longer so is skipped. With equal
    ``from_status`` and ``to_status`` only the grace periods change.
    """

    class State(models.TextChoices):
        PLANNED = "planned", _("planned")
        MOVED = "moved", _("moved")
        SKIPPED = "skipped", _("changed meanwhile")
        UNCONFIRMED = "unconfirmed", _("not part of what was confirmed")

    run = models.ForeignKey(SweepRun, models.CASCADE, related_name="plan", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+")
    venue = models.ForeignKey(Venue, models.CASCADE, related_name="+", db_index=False)
    order_key = models.BigIntegerField()
    from_status = models.CharField(_("from"), max_length=12)
    to_status = models.CharField(_("to"), max_length=12)
    revision = models.PositiveIntegerField(_("revision"))
    seen_move = models.BigIntegerField(null=True)
    # The strongest failing requirement, or "recovered".
    code = models.CharField(_("reason"), max_length=64)
    # Requirement code to the end of its grace period (ISO text, null: no end).
    grace = models.JSONField(_("grace periods"), null=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PLANNED)

    class Meta:
        verbose_name = _("planned move")
        verbose_name_plural = _("planned moves")
        constraints = [
            models.UniqueConstraint(fields=["run", "entry"], name="planned_move_natural_key")
        ]
        indexes = [models.Index(fields=["run", "order_key"], name="planned_move_range")]

    def __str__(self):
        return f"{self.from_status} → {self.to_status}"


class GracePeriod(models.Model):
    """How long an at-risk entry has to mend one requirement.

    Rows count only while the entry is at risk; they outlive that, so that an undo finds them.
    ``Entry.at_risk_until`` is the earliest end.
    """

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="grace_periods")
    requirement_code = models.CharField(_("requirement"), max_length=64)
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)

    class Meta:
        verbose_name = _("grace period")
        verbose_name_plural = _("grace periods")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "requirement_code"], name="grace_period_natural_key"
            )
        ]

    def __str__(self):
        return self.requirement_code


class SweepSubject(models.Model):
    """An entry that a targeted run looks at; a run without any looks at every live entry."""

    run = models.ForeignKey(SweepRun, models.CASCADE, related_name="+", db_index=False)
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("entry of a targeted sweep")
        verbose_name_plural = _("entries of a targeted sweep")
        constraints = [
            models.UniqueConstraint(fields=["run", "entry"], name="sweep_subject_natural_key")
        ]
