"""Users, and for which sellers or agencies they may act."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who logs in: staff through the admin, sellers through their pages."""

    language = models.CharField(_("language"), max_length=10, blank=True, default="")

    class Meta(AbstractUser.Meta):
        verbose_name = _("user")
        verbose_name_plural = _("users")


class Membership(models.Model):
    """One user acting for a seller, or for every seller of an agency."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="memberships", verbose_name=_("user")
    )
    seller = models.ForeignKey(
        "sellers.Seller",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("seller"),
    )
    agency = models.ForeignKey(
        "sellers.Agency",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="memberships",
        verbose_name=_("agency"),
    )
    can_file = models.BooleanField(_("may file and withdraw"), default=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seller__isnull=False, agency__isnull=True)
                | models.Q(seller__isnull=True, agency__isnull=False),
                name="membership_seller_or_agency",
            ),
            models.UniqueConstraint(fields=["user", "seller"], name="membership_user_seller"),
            models.UniqueConstraint(fields=["user", "agency"], name="membership_user_agency"),
        ]

    def __str__(self):
        return f"{self.user} – {self.seller or self.agency}"
