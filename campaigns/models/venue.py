"""What venues are in a rulebook version, what they exclude of each other, and where things show."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, Venue
from campaigns.models.rulebook import RulebookRow, natural_key


class VenueTerms(RulebookRow):
    """What a venue is in this version. ``code`` is the venue's.

    ``kind`` is the operator's own word for the layer that a venue belongs to (presale, branch,
    main, outer, affiliate …), ``group`` for a part of it (industry, featured, business). Rules name
    kinds (D12-017, 040, 041, 139).
    """

    class ReviewMode(models.TextChoices):
        SYSTEM = "system", _("system only")
        MANUAL = "manual", _("manual")
        SYSTEM_THEN_MANUAL = "system_then_manual", _("system, then manual")

    class Release(models.TextChoices):
        AT_ONCE = "at_once", _("at once")
        TOGETHER = "together", _("together, when results are published")

    class LateRefiles(models.TextChoices):
        REVIEWER = "reviewer", _("the venue's reviewers")
        OWNER = "owner", _("the venue's owner only")

    venue = models.ForeignKey(Venue, models.CASCADE, related_name="terms", verbose_name=_("venue"))
    kind = models.CharField(_("kind"), max_length=32, default="main")
    group = models.CharField(_("group"), max_length=32, blank=True)
    takes_registrations = models.BooleanField(_("takes registrations"), default=True)
    invitation_only = models.BooleanField(_("by invitation only"), default=False)
    # Codes and kinds of the venues whose best move up into this one (D12-003, 124).
    feeds_from = models.JSONField(_("fed from venues"), default=list, blank=True)
    feeds_from_kinds = models.JSONField(_("fed from kinds of venues"), default=list, blank=True)
    review_mode = models.CharField(
        _("review mode"), max_length=20, choices=ReviewMode, default=ReviewMode.SYSTEM
    )
    # When sellers see a reviewer's decisions, and by when these are due (D12-048).
    release = models.CharField(
        _("decisions are released"), max_length=8, choices=Release, default=Release.AT_ONCE
    )
    results_due = models.DateTimeField(_("results are due"), null=True, blank=True)
    cancellable_after_approval = models.BooleanField(
        _("sellers may withdraw approved entries"), default=True
    )
    # Hours before the end of filing in which withdrawing is warned of (D12-113).
    withdrawal_warning_hours = models.PositiveIntegerField(
        _("warns of withdrawing so many hours before filing ends"), null=True, blank=True
    )
    # Who approves what was cleared out and filed again, once filing has ended (D12-105, 106).
    late_refiles = models.CharField(
        _("filed again and not decided when filing ends: decided by"),
        max_length=8,
        choices=LateRefiles,
        default=LateRefiles.REVIEWER,
    )
    contact = models.CharField(_("contact after filing has ended"), max_length=200, blank=True)
    capacity = models.PositiveIntegerField(_("display places"), null=True, blank=True)
    placement_mode = models.CharField(_("placement"), max_length=16, blank=True)
    # Milestone codes in which this venue takes items; empty: every item registration window.
    windows = models.JSONField(_("filing windows"), default=list, blank=True)
    # Milestone codes: when the page is online, items are on sale, badges show (D12-031).
    online = models.CharField(_("page is online in"), max_length=64, blank=True)
    on_sale = models.CharField(_("items are on sale in"), max_length=64, blank=True)
    badged = models.CharField(_("badges show in"), max_length=64, blank=True)
    badge = models.JSONField(_("badge"), default=dict, blank=True)
    # Further styles of the badge, each a text by language (D12-011).
    badge_styles = models.JSONField(_("further badges"), default=list, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("venue terms")
        verbose_name_plural = _("venue terms")
        constraints = [natural_key("venue_terms_natural_key")]


class Floor(RulebookRow):
    """A part of a venue's page with places of its own (D12-041, 053, 131)."""

    venue_code = models.CharField(_("venue"), max_length=64)
    capacity = models.PositiveIntegerField(_("places"), null=True, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("floor")
        verbose_name_plural = _("floors")
        constraints = [natural_key("floor_natural_key")]


class ClaimScope(RulebookRow):
    """Something that only one entry may hold at a time, in the campaign or in venue kinds."""

    class Taken(models.TextChoices):
        FILING = "filing", _("at filing")
        DECISION = "decision", _("when decided")

    subject_kind = models.CharField(_("subject"), max_length=8, default="item")
    # Venue kinds that compete in this scope; empty: all of the campaign's.
    venue_kinds = models.JSONField(_("venue kinds"), default=list, blank=True)
    taken = models.CharField(_("taken"), max_length=8, choices=Taken, default=Taken.FILING)
    # Pairs [new venue kind, old venue kind]: the new one takes the claim over.
    takeovers = models.JSONField(_("takeovers"), default=list, blank=True)
    # Once one is approved, the others that wait for the same are superseded (D12-042).
    first_prevails = models.BooleanField(
        _("the first one approved supersedes the others"), default=False
    )

    class Meta(RulebookRow.Meta):
        verbose_name = _("claim scope")
        verbose_name_plural = _("claim scopes")
        constraints = [natural_key("claim_scope_natural_key")]


class Conflict(RulebookRow):
    """Kinds of venues that an item cannot be filed for while it stands in others (D12-026, 043)."""

    class Standing(models.TextChoices):
        REGISTERED = "registered", _("pending or approved")
        APPROVED = "approved", _("approved")

    venue_kinds = models.JSONField(_("filed for"), default=list)
    against = models.JSONField(_("stands in"), default=list)
    standing = models.CharField(
        _("stands as"), max_length=10, choices=Standing, default=Standing.REGISTERED
    )

    class Meta(RulebookRow.Meta):
        verbose_name = _("conflict")
        verbose_name_plural = _("conflicts")
        constraints = [natural_key("conflict_natural_key")]


class ResourceSlot(RulebookRow):
    """A resource position that a campaign may be pushed in (D12-004)."""

    channel = models.CharField(_("channel"), max_length=32, blank=True)
    place = models.PositiveIntegerField(_("position on the page"), null=True, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("resource position")
        verbose_name_plural = _("resource positions")
        constraints = [natural_key("resource_slot_natural_key")]


class SlotAllotment(models.Model):
    """A resource position given to a campaign, or to one of its venues, for a day (D12-004)."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="slot_allotments", verbose_name=_("campaign")
    )
    slot_code = models.CharField(_("resource position"), max_length=64)
    day = models.DateField(_("day"))
    venue = models.ForeignKey(
        Venue,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="slot_allotments",
        verbose_name=_("venue"),
    )
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("allotted resource position")
        verbose_name_plural = _("allotted resource positions")
        ordering = ["day", "slot_code"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "slot_code", "day"], name="slot_allotment_natural_key"
            )
        ]

    def __str__(self):
        return f"{self.slot_code} {self.day}"
