"""Why an entry or a registration was refused, held, flagged or moved."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, RulebookVersion
from campaigns.models.entry import Entry, Filing
from campaigns.models.registration import Registration
from campaigns.models.rulebook import Requirement
from campaigns.models.sweep import SweepRun
from sellers.localtime import local_text


class Finding(models.Model):
    """One requirement, or one rule of the process, that was not met. Kept for good.

    ``code`` is the requirement's code, or the process reason (``window_closed``,
    ``registration_paused``, ``quota_full``, …). Belongs to a filing or to a sweep run.
    """

    class Outcome(models.TextChoices):
        FAIL = "fail", _("not met")
        HOLD = "hold", _("cannot be answered")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="+", db_index=False)
    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="findings", null=True, blank=True
    )
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="findings", null=True, blank=True)
    requirement = models.ForeignKey(
        Requirement, models.PROTECT, related_name="+", null=True, blank=True
    )
    version = models.ForeignKey(RulebookVersion, models.PROTECT, related_name="+", db_index=False)
    run = models.ForeignKey(
        SweepRun, models.CASCADE, related_name="findings", null=True, blank=True
    )
    filing = models.ForeignKey(
        Filing, models.CASCADE, related_name="findings", null=True, blank=True, db_index=False
    )
    stage = models.CharField(_("stage"), max_length=12)
    code = models.CharField(_("code"), max_length=64)
    outcome = models.CharField(_("outcome"), max_length=4, choices=Outcome)
    action = models.CharField(_("action"), max_length=12, blank=True)
    at = models.DateTimeField(_("at"))
    # Values for the message of a process reason, such as the quota's ceiling.
    params = models.JSONField(_("values"), default=dict, blank=True)

    class Meta:
        verbose_name = _("finding")
        verbose_name_plural = _("findings")
        indexes = [
            models.Index(fields=["run", "code", "id"], name="finding_run_code"),
            models.Index(fields=["campaign", "at", "id"], name="finding_campaign_time"),
        ]

    def __str__(self):
        return self.code


class Ground(models.Model):
    """One comparison in a requirement's tree, with what was measured.

    Values are text in the metric's own form ("5.20", "72", "true"); null is a missing value.
    """

    # Written with its finding, by the ten thousand a night: without a check of each by PostgreSQL,
    # which would plan it once a session, while there are no findings yet.
    finding = models.ForeignKey(
        Finding, models.CASCADE, related_name="grounds", db_constraint=False
    )
    path = models.CharField(_("path"), max_length=80)
    metric = models.CharField(_("metric"), max_length=80)
    measured = models.CharField(_("measured"), max_length=200, null=True)
    comparator = models.CharField(_("comparator"), max_length=12)
    threshold = models.CharField(_("threshold"), max_length=200, null=True)
    unit = models.CharField(_("unit"), max_length=32, blank=True)
    window = models.CharField(_("window"), max_length=80, blank=True)
    known_at = models.DateTimeField(_("known at"), null=True)
    # true, false, or null for unknown.
    result = models.BooleanField(_("result"), null=True)

    class Meta:
        verbose_name = _("ground")
        verbose_name_plural = _("grounds")

    def __str__(self):
        return f"{self.metric} {self.measured} {self.comparator} {self.threshold}"


class RequirementWaiver(models.Model):
    """A seller is excused from a requirement of a campaign until a time."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="waivers")
    requirement_code = models.CharField(_("requirement"), max_length=64)
    seller = models.ForeignKey("sellers.Seller", models.CASCADE, related_name="waivers")
    author = models.ForeignKey("sellers.User", models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=500)
    granted_at = models.DateTimeField(_("granted at"))
    expires_at = models.DateTimeField(_("expires at"))

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        indexes = [
            models.Index(fields=["campaign", "requirement_code", "seller"], name="waiver_key")
        ]

    def __str__(self):
        return f"{self.requirement_code} – {self.seller}"


class RequirementHold(models.Model):
    """An entry whose move was undone is left alone by that requirement until a time."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="requirement_holds")
    requirement_code = models.CharField(_("requirement"), max_length=64)
    run = models.ForeignKey(SweepRun, models.CASCADE, related_name="+")
    until = models.DateTimeField(_("until"))

    class Meta:
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "requirement_code", "run"], name="requirement_hold_natural_key"
            )
        ]

    def __str__(self):
        return f"{self.requirement_code} {local_text(self.until)}"
