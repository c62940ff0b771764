"""A seller joins a campaign."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, RulebookVersion
from campaigns.models.move import Move
from sellers.models import Seller


class Registration(models.Model):
    """One seller's registration in one campaign (G520-062); moved only by ``lifecycle``."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        JOINED = "joined", _("joined")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        VOID = "void", _("void")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="registrations", verbose_name=_("campaign")
    )
    seller = models.ForeignKey(
        Seller, models.PROTECT, related_name="registrations", verbose_name=_("seller")
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False
    )
    previous = models.CharField(_("previous status"), max_length=12, blank=True, editable=False)
    move = models.ForeignKey(
        Move,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="registrations",
        db_index=False,
    )
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    version = models.ForeignKey(
        RulebookVersion, models.PROTECT, related_name="+", verbose_name=_("rulebook version")
    )
    # The shop's main category when it joined (D12-100).
    main_category = models.ForeignKey(
        "sellers.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("main category when joining"),
        db_index=False,
    )
    created_at = models.DateTimeField(_("created at"))
    joined_at = models.DateTimeField(_("joined at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("draft expires at"), null=True, blank=True)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "seller"],
                condition=models.Q(status="joined"),
                name="registration_one_joined",
            )
        ]
        indexes = [
            models.Index(fields=["campaign", "status", "seller"], name="registration_by_status"),
            models.Index(
                fields=["move"], condition=models.Q(move__isnull=False), name="registration_move"
            ),
        ]

    def __str__(self):
        return f"{self.campaign} – {self.seller}"


class Allotment(models.Model):
    """The places allotted to a seller under a quota (G520-026)."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="allotments", verbose_name=_("campaign")
    )
    quota_code = models.CharField(_("quota"), max_length=64)
    seller = models.ForeignKey(
        Seller, models.CASCADE, related_name="allotments", verbose_name=_("seller")
    )
    places = models.PositiveIntegerField(_("places"))
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("allotment")
        verbose_name_plural = _("allotments")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "quota_code", "seller"], name="allotment_natural_key"
            )
        ]

    def __str__(self):
        return f"{self.seller}: {self.places}"
