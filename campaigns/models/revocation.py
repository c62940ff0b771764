"""A shop's permission for a campaign taken back, and what operators should look at."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.notice import ReasonTemplate
from sellers.models import Seller, Violation


class Revocation(models.Model):
    """A shop's permission for a campaign taken back at once, until it is lifted (D12-146)."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="revocations", verbose_name=_("campaign")
    )
    seller = models.ForeignKey(
        Seller, models.CASCADE, related_name="revocations", verbose_name=_("seller")
    )
    reason = models.ForeignKey(
        ReasonTemplate, models.PROTECT, related_name="+", verbose_name=_("reason")
    )
    note = models.TextField(_("evidence"), blank=True)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("operator"),
    )
    lifted_at = models.DateTimeField(_("lifted at"), null=True, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("lifted by"),
    )

    class Meta:
        verbose_name = _("revoked permission")
        verbose_name_plural = _("revoked permissions")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "seller"],
                condition=models.Q(lifted_at__isnull=True),
                name="revocation_one_standing",
            )
        ]

    def __str__(self):
        return f"{self.campaign} – {self.seller}"


class Alert(models.Model):
    """A violation of a kind that the campaign monitors, for operators to look at (D12-143)."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="alerts", verbose_name=_("campaign")
    )
    violation = models.ForeignKey(
        Violation, models.CASCADE, related_name="+", verbose_name=_("violation")
    )
    seller = models.ForeignKey(Seller, models.CASCADE, related_name="+", verbose_name=_("seller"))
    at = models.DateTimeField(_("at"))
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("seen by"),
    )

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "violation"], name="alert_natural_key")
        ]
        indexes = [models.Index(fields=["seen_at", "-at"], name="alert_open")]

    def __str__(self):
        return f"{self.violation} – {self.seller}"
