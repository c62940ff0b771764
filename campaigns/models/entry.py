"""One item filed in one venue."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, RulebookVersion, Venue
from campaigns.models.move import Move
from campaigns.models.registration import Registration
from sellers.models import Item, ScaledDecimalField, Seller


class Filing(models.Model):
    """One request to file items: 1 to 600 rows or a CSV. ``key`` makes a repeat harmless."""

    registration = models.ForeignKey(Registration, models.CASCADE, related_name="filings")
    venue = models.ForeignKey(Venue, models.CASCADE, related_name="+")
    key = models.CharField(_("key"), max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(_("at"))
    done = models.BooleanField(_("done"), default=False)

    class Meta:
        verbose_name = _("filing")
        verbose_name_plural = _("filings")
        constraints = [
            models.UniqueConstraint(fields=["registration", "key"], name="filing_natural_key")
        ]


class Entry(models.Model):
    """One item's registration in one venue; its status is moved only by ``lifecycle``."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        IN_REVIEW = "in_review", _("in review")
        APPROVED = "approved", _("approved")
        AT_RISK = "at_risk", _("at risk")
        ABNORMAL = "abnormal", _("abnormal")
        UNPUBLISHED = "unpublished", _("unpublished")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")
        CLEARED_OUT = "cleared_out", _("cleared out")
        SUPERSEDED = "superseded", _("superseded")
        VOID = "void", _("void")

    class ListSource(models.TextChoices):
        STOCK = "stock_list", _("stock list")
        RECOMMENDED = "recommended_list", _("recommended list")

    class Source(models.TextChoices):
        SELLER = "seller", _("seller")
        PLATFORM = "platform", _("platform")
        IMPORT = "import", _("import")

    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        related_name="entries",
        verbose_name=_("campaign"),
        db_index=False,
    )
    venue = models.ForeignKey(
        Venue, models.PROTECT, related_name="entries", verbose_name=_("venue"), db_index=False
    )
    registration = models.ForeignKey(
        Registration,
        models.CASCADE,
        related_name="entries",
        verbose_name=_("registration"),
        db_index=False,
    )
    seller = models.ForeignKey(
        Seller, models.PROTECT, related_name="entries", verbose_name=_("seller"), db_index=False
    )
    item = models.ForeignKey(
        Item, models.PROTECT, related_name="entries", verbose_name=_("item"), db_index=False
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False
    )
    previous = models.CharField(_("previous status"), max_length=12, blank=True, editable=False)
    move = models.ForeignKey(
        Move, models.PROTECT, null=True, editable=False, related_name="entries", db_index=False
    )
    # Raised by every edit that a decision may rest on, so that a decision made on an older
    # revision does not land.
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    version = models.ForeignKey(
        RulebookVersion,
        models.PROTECT,
        related_name="+",
        verbose_name=_("rulebook version"),
        db_index=False,
    )

    activity_price = ScaledDecimalField(_("campaign price"), null=True, blank=True)
    list_source = models.CharField(
        _("list"), max_length=16, choices=ListSource, null=True, blank=True
    )
    min_order_qty = models.PositiveIntegerField(_("minimum order quantity"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.SELLER)
    # In a venue by invitation: "invitation", or the code of the quota whose free choice it is;
    # "reverse_invitation" of what was filed under an invitation won by rank.
    slot_source = models.CharField(_("place from"), max_length=64, blank=True)

    filing = models.ForeignKey(
        Filing, models.SET_NULL, null=True, blank=True, related_name="entries"
    )
    line = models.PositiveIntegerField(_("line in the filing"), default=0)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("draft expires at"), null=True, blank=True)
    at_risk_until = models.DateTimeField(_("fix by"), null=True, blank=True)
    # A requirement without an answer sent it to a person.
    held = models.BooleanField(_("held for manual review"), default=False)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("being reviewed by"),
        db_index=False,
    )
    claimed_until = models.DateTimeField(_("reviewer's claim ends"), null=True, blank=True)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [
            # The sweep walks a campaign by item range.
            models.Index(fields=["campaign", "item"], name="entry_campaign_item"),
            models.Index(
                fields=["campaign", "status", "submitted_at", "id"], name="entry_campaign_status"
            ),
            models.Index(
                fields=["venue", "status", "submitted_at", "id"], name="entry_venue_status"
            ),
            models.Index(fields=["registration", "status"], name="entry_registration_status"),
            models.Index(fields=["seller", "id"], name="entry_seller"),
            models.Index(fields=["item"], name="entry_item"),
            # Without those that never moved: to SQLite's planner these would make every move look
            # as large as they are many.
            models.Index(
                fields=["move"], condition=models.Q(move__isnull=False), name="entry_move"
            ),
            models.Index(
                fields=["expires_at"], condition=models.Q(status="draft"), name="entry_draft_expiry"
            ),
        ]

    def __str__(self):
        return str(self.item)


class EntryTool(models.Model):
    """A promotion tool that an entry has bound (``entry.tools``)."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="tools")
    code = models.CharField(_("tool"), max_length=64)

    class Meta:
        verbose_name = _("bound tool")
        verbose_name_plural = _("bound tools")
        constraints = [
            models.UniqueConstraint(fields=["entry", "code"], name="entry_tool_natural_key")
        ]

    def __str__(self):
        return self.code


class PlayEnrolment(models.Model):
    """An approved entry in a voluntary play (G520-009)."""

    entry = models.ForeignKey(Entry, models.CASCADE, related_name="plays")
    play = models.CharField(_("play"), max_length=64)
    joined_at = models.DateTimeField(_("joined at"))

    class Meta:
        verbose_name = _("play enrolment")
        verbose_name_plural = _("play enrolments")
        constraints = [
            models.UniqueConstraint(fields=["entry", "play"], name="play_enrolment_natural_key")
        ]

    def __str__(self):
        return self.play


class Claim(models.Model):
    """Exclusivity: one holder per (scope, subject kind, subject)."""

    scope = models.CharField(_("scope"), max_length=80)
    subject_kind = models.CharField(_("subject"), max_length=8)
    subject_id = models.BigIntegerField(_("subject id"))
    entry = models.ForeignKey(Entry, models.CASCADE, related_name="claims")
    # Whom a decision that is not released yet took the claim from: superseded at the release, its
    # holder again if the decision falls (D12-044).
    displaced = models.ForeignKey(
        Entry, models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "subject_kind", "subject_id"], name="claim_natural_key"
            )
        ]
        indexes = [
            models.Index(
                fields=["displaced"],
                condition=models.Q(displaced__isnull=False),
                name="claim_displaced",
            )
        ]

    def __str__(self):
        return f"{self.scope} {self.subject_kind} {self.subject_id}"
