"""Re-checks: one run, its shards and its hits."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, RulebookVersion
from sellers.localtime import local_text


class SweepRun(models.Model):
    """One re-check of a campaign's live entries at an instant."""

    class Mode(models.TextChoices):
        PREVIEW = "preview", _("preview")
        SHADOW = "shadow", _("shadow")
        ENFORCE = "enforce", _("enforce")

    class State(models.TextChoices):
        REFRESHING = "refreshing", _("refreshing statistics")
        EVALUATING = "evaluating", _("evaluating")
        TRIPPED = "tripped", _("stopped by the breaker")
        APPLYING = "applying", _("applying")
        DONE = "done", _("done")
        CANCELLED = "cancelled", _("cancelled")
        FAILED = "failed", _("failed")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="sweeps", verbose_name=_("campaign")
    )
    version = models.ForeignKey(
        RulebookVersion, models.PROTECT, related_name="+", verbose_name=_("rulebook version")
    )
    at = models.DateTimeField(_("at"))
    mode = models.CharField(_("mode"), max_length=8, choices=Mode)
    # "nightly", "targeted" or "preview of <requirement>"; part of what makes a run unique.
    scope = models.CharField(_("scope"), max_length=80, default="nightly")
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.REFRESHING)
    # The stage whose shards are open; empty once the run is closed.
    stage = models.CharField(max_length=12, default="refresh", editable=False)
    shard_count = models.PositiveSmallIntegerField(default=4, editable=False)
    # Only the entries named by SweepSubject rows, instead of every live one.
    is_targeted = models.BooleanField(_("targeted"), default=False)
    # The run that this one confirms, after the breaker stopped it.
    confirms = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="confirmations"
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    statistics = models.ForeignKey("sellers.FactSet", models.SET_NULL, null=True, related_name="+")
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    live = models.BigIntegerField(_("live entries"), default=0)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    trip_reason = models.JSONField(_("why the breaker stopped it"), default=dict, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sweep")
        verbose_name_plural = _("sweeps")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "at", "mode", "scope"], name="sweep_run_natural_key"
            )
        ]
        indexes = [models.Index(fields=["campaign", "-at"], name="sweep_run_time")]

    def __str__(self):
        return f"{self.campaign} {local_text(self.at)} {self.get_mode_display()}"


class SweepShard(models.Model):
    """A range of subjects in one stage of a run, claimed by compare-and-set."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")

    run = models.ForeignKey(SweepRun, models.CASCADE, related_name="shards")
    stage = models.CharField(_("stage"), max_length=12)
    number = models.PositiveIntegerField(_("number"))
    # Subject ids in [low, high).
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    # The process that has it, so that a killed one is noticed before its lease runs out.
    worker = models.CharField(max_length=120, blank=True)
    counts = models.JSONField(default=dict, blank=True)

    class Meta:
        verbose_name = _("shard")
        verbose_name_plural = _("shards")
        constraints = [
            models.UniqueConstraint(fields=["run", "stage", "number"], name="sweep_shard_key")
        ]


class Hit(models.Model):
    """An entry or registration that fails or cannot answer something in a run.

    Bit k of ``fails`` / ``holds`` stands for the k-th requirement of the run's list ``block``
    (62 requirements a block). ``revision``, ``status`` and ``seen_move`` (the id of its latest
    move) are what the evaluation saw. An entry that may have to move although it fails nothing
    itself (it may recover, or its registration fails) has one with both masks 0. ``order_key`` is
    the item's id, of a registration the seller's.
    """

    run = models.ForeignKey(SweepRun, models.CASCADE, related_name="+", db_index=False)
    block = models.PositiveSmallIntegerField(default=0)
    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    order_key = models.BigIntegerField()
    revision = models.PositiveIntegerField()
    status = models.CharField(max_length=12)
    seen_move = models.BigIntegerField(null=True)
    fails = models.BigIntegerField()
    holds = models.BigIntegerField()

    class Meta:
        verbose_name = _("hit")
        verbose_name_plural = _("hits")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "subject_kind", "subject_id", "block"], name="hit_natural_key"
            )
        ]
        indexes = [
            models.Index(fields=["run", "subject_kind", "order_key"], name="hit_run_range"),
        ]
