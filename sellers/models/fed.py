"""Figures that are fed for a day, or for a seller, where they could also be added up.

An item's hours have nothing below them: what is fed of these stands in ItemHour itself.
"""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sellers.models.fields import ScaledDecimalField
from sellers.models.item import Item
from sellers.models.seller import Seller

# Fields of a series that come from a feed and not from orders.
FED_FIGURES = ("cart_amount", "presale_amount", "presale_quantity", "red_packet_claimed_amount")


class FedFigures(models.Model):
    """What a feed said of one hour or day; None where it said nothing, and the parts are added up.

    ``pending`` rows have not gone into their series yet; the rollup takes these up.
    """

    cart_amount = ScaledDecimalField(_("add-to-cart amount"), null=True, blank=True)
    presale_amount = ScaledDecimalField(_("presale amount"), null=True, blank=True)
    presale_quantity = models.BigIntegerField(_("presale units"), null=True, blank=True)
    red_packet_claimed_amount = ScaledDecimalField(_("claimed red packets"), null=True, blank=True)
    known_at = models.DateTimeField(_("known at"))
    pending = models.BooleanField(_("to be added up"), default=True)

    class Meta:
        abstract = True


class FedItemDay(FedFigures):
    """What was fed of an item's local calendar day."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="fed_days", db_index=False)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("fed item day")
        verbose_name_plural = _("fed item days")
        constraints = [
            models.UniqueConstraint(fields=["item", "day"], name="fed_item_day_natural_key")
        ]
        indexes = [
            models.Index(fields=["item"], condition=Q(pending=True), name="fed_item_day_pending")
        ]


class FedSellerHour(FedFigures):
    """What was fed of a seller's hour; ``hour`` is its first instant, stored in UTC."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="fed_hours", db_index=False)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("fed seller hour")
        verbose_name_plural = _("fed seller hours")
        constraints = [
            models.UniqueConstraint(fields=["seller", "hour"], name="fed_seller_hour_natural_key")
        ]
        indexes = [
            models.Index(
                fields=["seller"], condition=Q(pending=True), name="fed_seller_hour_pending"
            )
        ]


class FedSellerDay(FedFigures):
    """What was fed of a seller's local calendar day."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="fed_days", db_index=False)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("fed seller day")
        verbose_name_plural = _("fed seller days")
        constraints = [
            models.UniqueConstraint(fields=["seller", "day"], name="fed_seller_day_natural_key")
        ]
        indexes = [
            models.Index(
                fields=["seller"], condition=Q(pending=True), name="fed_seller_day_pending"
            )
        ]
