"""Campaigns, their rulebook versions and their venues."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Campaign(models.Model):
    """A promotional campaign. Its phase is not stored: it is the milestones open at an instant."""

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")
        SUSPENDED = "suspended", _("suspended")
        ENDED = "ended", _("ended")

    class Kind(models.TextChoices):
        YEARLY = "yearly", _("yearly")
        QUARTERLY = "quarterly", _("quarterly")
        MONTHLY = "monthly", _("monthly")
        DAILY = "daily", _("daily")
        PROMOTION = "promotion", _("promotion")
        INCENTIVE = "incentive", _("incentive")

    code = models.SlugField(_("code"), max_length=64, unique=True)
    title = models.JSONField(_("title"), default=dict)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.PROMOTION)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
    )
    breaker_share = models.DecimalField(
        _("breaker: largest share of live entries a sweep may move off approved"),
        max_digits=5,
        decimal_places=4,
        default="0.2000",
    )
    breaker_minimum = models.PositiveIntegerField(
        _("breaker: moves that never trip it"), default=50
    )
    # What the address of a data screen without a login is signed with; empty: there is none.
    screen_key = models.CharField(max_length=43, blank=True, default="", editable=False)
    stale_after_hours = models.PositiveIntegerField(
        _("breaker: facts older than this many hours are stale"), default=48
    )

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")

    def __str__(self):
        return self.code


class RulebookVersion(models.Model):
    """One version of a campaign's rulebook; immutable once published (G520-037, G520-054).

    A version is in force from ``effective_at`` until the next published one's.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        PUBLISHED = "published", _("published")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="versions", verbose_name=_("campaign")
    )
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.DRAFT)
    effective_at = models.DateTimeField(_("in force from"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    schema_version = models.PositiveSmallIntegerField(_("schema version"), default=1)
    source = models.CharField(_("source"), max_length=300, blank=True)
    note = models.TextField(_("note"), blank=True)
    # Campaign settings that a rulebook carries, so that loading one restores them.
    settings = models.JSONField(_("settings"), default=dict, blank=True)

    class Meta:
        verbose_name = _("rulebook version")
        verbose_name_plural = _("rulebook versions")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "number"], name="rulebook_version_number"),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=models.Q(state="draft"),
                name="rulebook_version_one_draft",
            ),
        ]

    def __str__(self):
        return f"{self.campaign} v{self.number}"


class Venue(models.Model):
    """A campaign page that items are filed for. What it asks is in its terms, by version."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="venues", verbose_name=_("campaign")
    )
    code = models.SlugField(_("code"), max_length=64)
    # Who decides what only the venue's owner may (D12-106).
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="owned_venues",
        verbose_name=_("owner"),
    )

    class Meta:
        verbose_name = _("venue")
        verbose_name_plural = _("venues")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "code"], name="venue_natural_key")
        ]

    def __str__(self):
        return f"{self.campaign}/{self.code}"


class VenueAssignment(models.Model):
    """A reviewer sees and decides only the venues assigned to them."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="venue_assignments",
        verbose_name=_("user"),
    )
    venue = models.ForeignKey(
        Venue, models.CASCADE, related_name="assignments", verbose_name=_("venue")
    )

    class Meta:
        verbose_name = _("venue assignment")
        verbose_name_plural = _("venue assignments")
        constraints = [
            models.UniqueConstraint(fields=["user", "venue"], name="venue_assignment_natural_key")
        ]

    def __str__(self):
        return f"{self.user} – {self.venue}"
