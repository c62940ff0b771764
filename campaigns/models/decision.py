"""A reviewer's decision that sellers do not see yet, and a seller's request to be taken off."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, Venue
from campaigns.models.entry import Entry
from campaigns.models.notice import ReasonTemplate
from sellers.localtime import local_text


class Decision(models.Model):
    """What was decided of a pending entry in a venue that releases decisions together (D12-048).

    The entry keeps its status until the release; then the decision is carried out and its row goes.
    It counts only while the entry's revision is the one that was decided on.
    """

    class Verdict(models.TextChoices):
        APPROVE = "approve", _("approve")
        REJECT = "reject", _("reject")

    entry = models.OneToOneField(
        Entry, models.CASCADE, related_name="decision", verbose_name=_("entry")
    )
    venue = models.ForeignKey(Venue, models.CASCADE, related_name="+", verbose_name=_("venue"))
    verdict = models.CharField(_("decision"), max_length=8, choices=Verdict)
    revision = models.PositiveIntegerField(_("revision"))
    template = models.ForeignKey(
        ReasonTemplate,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("reason"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    decided_at = models.DateTimeField(_("decided at"))
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("decision to release")
        verbose_name_plural = _("decisions to release")
        indexes = [models.Index(fields=["venue", "verdict", "id"], name="decision_by_venue")]

    def __str__(self):
        return f"{self.get_verdict_display()} – {self.entry}"


class Release(models.Model):
    """One publication of results (D12-048): sellers get one notice each for the whole of it.

    ``scope`` is what it covers: "all" venues of the campaign, "due" for those whose results are
    due, "venue:<id>" for one. Unfinished, it is at work or was cut off, and is taken up again.
    """

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="releases", verbose_name=_("campaign")
    )
    scope = models.CharField(_("scope"), max_length=32)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("released by"),
    )
    # Entries by what became of them: approved, rejected, returned, changed.
    counts = models.JSONField(_("entries"), default=dict)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("release of results")
        verbose_name_plural = _("releases of results")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "scope"],
                condition=models.Q(finished_at__isnull=True),
                name="release_one_at_work",
            )
        ]

    def __str__(self):
        return f"{self.campaign} {local_text(self.at)}"


class CancellationRequest(models.Model):
    """A seller asks an operator to take an entry off that the seller cannot withdraw (D12-101)."""

    entry = models.ForeignKey(
        Entry, models.CASCADE, related_name="cancellation_requests", verbose_name=_("entry")
    )
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    granted = models.BooleanField(_("granted"), null=True, blank=True)

    class Meta:
        verbose_name = _("request to cancel")
        verbose_name_plural = _("requests to cancel")
        constraints = [
            models.UniqueConstraint(
                fields=["entry"],
                condition=models.Q(answered_at__isnull=True),
                name="cancellation_request_one_open",
            )
        ]

    def __str__(self):
        return str(self.entry)
