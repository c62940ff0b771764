"""Invitations: which sellers, with which items, may file in a venue by invitation only."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, Venue
from sellers.models import Item, Seller


class Invitation(models.Model):
    """A seller is invited to a venue with one item, or with any item where ``item`` is null.

    Open in [issued_at, expires_at) unless it is declined or revoked (D12-075, 079, 131, 133, 135).
    """

    class State(models.TextChoices):
        ISSUED = "issued", _("issued")
        SEEN = "seen", _("seen")
        ACCEPTED = "accepted", _("accepted")
        DECLINED = "declined", _("declined")
        REVOKED = "revoked", _("revoked")

    class Kind(models.TextChoices):
        PLATFORM = "platform", _("by the platform")
        REVERSE = "reverse", _("won by rank")

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="invitations", verbose_name=_("campaign")
    )
    venue = models.ForeignKey(
        Venue, models.CASCADE, related_name="invitations", verbose_name=_("venue")
    )
    seller = models.ForeignKey(
        Seller,
        models.CASCADE,
        related_name="invitations",
        verbose_name=_("seller"),
        db_index=False,
    )
    item = models.ForeignKey(
        Item,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="invitations",
        verbose_name=_("item"),
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.PLATFORM)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.ISSUED)
    # How many items may be filed under it; null: as many as the quotas allow (D12-131, 133).
    items = models.PositiveIntegerField(_("items"), null=True, blank=True)
    # The batch, board or upload that issued it: with venue, seller and item, what makes it one.
    source = models.CharField(_("issued by"), max_length=80, blank=True)
    issued_at = models.DateTimeField(_("issued at"))
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    issued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("operator"),
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                fields=["venue", "seller", "item", "source"], name="invitation_natural_key"
            ),
            # Nulls are distinct to a unique constraint: an invitation of any item has its own.
            models.UniqueConstraint(
                fields=["venue", "seller", "source"],
                condition=models.Q(item__isnull=True),
                name="invitation_any_item_natural_key",
            ),
        ]
        indexes = [models.Index(fields=["seller", "campaign", "id"], name="invitation_seller")]

    def __str__(self):
        return f"{self.venue} – {self.seller} – {self.item or _('any item')}"
