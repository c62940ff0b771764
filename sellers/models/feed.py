"""What was fed, when, and how it went."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class FeedRun(models.Model):
    """One feeding of one file.

    ``columns`` are the file's columns and ``newest`` the latest time of its values: an older file
    fed later does not overwrite those columns where a row has newer values. A run that stays
    ``running`` was cut off; feeding the file again completes it.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=32)
    file_name = models.CharField(_("file"), max_length=300)
    digest = models.CharField(_("digest"), max_length=64, blank=True)
    at = models.DateTimeField(_("at"))
    columns = models.JSONField(_("columns"), default=list, blank=True)
    newest = models.DateTimeField(_("newest value"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.RUNNING)
    read = models.BigIntegerField(_("lines read"), default=0)
    bad = models.BigIntegerField(_("bad lines"), default=0)
    inserted = models.BigIntegerField(_("inserted"), default=0)
    updated = models.BigIntegerField(_("updated"), default=0)
    unchanged = models.BigIntegerField(_("unchanged"), default=0)
    stale = models.BigIntegerField(_("older than what is known"), default=0)

    class Meta:
        verbose_name = _("feed run")
        verbose_name_plural = _("feed runs")
        indexes = [models.Index(fields=["kind", "at"], name="feed_run_kind_time")]

    def __str__(self):
        return f"{self.kind} {self.file_name}"


class ChangedSubject(models.Model):
    """A seller or item that a feed changed; a targeted sweep takes these up and clears them."""

    subject_kind = models.CharField(_("subject"), max_length=8)
    subject_id = models.BigIntegerField(_("subject"))
    changed_at = models.DateTimeField(_("changed at"))

    class Meta:
        verbose_name = _("changed subject")
        verbose_name_plural = _("changed subjects")
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], name="changed_subject_natural_key"
            )
        ]
