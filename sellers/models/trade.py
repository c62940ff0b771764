"""Orders, and what they add up to by hour and by day."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.models.fields import ScaledDecimalField
from sellers.models.item import Item
from sellers.models.seller import Seller


class Order(models.Model):
    """One order of one buyer; its lines may belong to several sellers."""

    class State(models.TextChoices):
        PLACED = "placed", _("placed")
        PAID = "paid", _("paid")
        SHIPPED = "shipped", _("shipped")
        CLOSED = "closed", _("closed")
        REFUNDED = "refunded", _("refunded")

    code = models.CharField(_("code"), max_length=64, unique=True)
    buyer = models.CharField(_("buyer"), max_length=64, blank=True)
    checkout = models.CharField(_("checkout"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State)
    placed_at = models.DateTimeField(_("placed at"))
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)
    shipped_at = models.DateTimeField(_("shipped at"), null=True, blank=True)
    promised_ship_at = models.DateTimeField(_("promised to ship by"), null=True, blank=True)
    ship_region = models.CharField(_("destination region"), max_length=64, blank=True, default="")
    known_at = models.DateTimeField(_("known at"))

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")

    def __str__(self):
        return self.code


class OrderLine(models.Model):
    """Units of one item in an order. ``paid_at`` repeats the order's, so that windows need no join.

    ``abnormal`` lines (fake trade) are kept and counted apart.
    """

    order = models.ForeignKey(
        Order, models.CASCADE, related_name="lines", verbose_name=_("order"), db_index=False
    )
    number = models.PositiveIntegerField(_("line number"))
    seller = models.ForeignKey(
        Seller,
        models.CASCADE,
        related_name="order_lines",
        verbose_name=_("seller"),
        db_index=False,
    )
    item = models.ForeignKey(
        Item,
        models.CASCADE,
        related_name="order_lines",
        verbose_name=_("item"),
        db_index=False,
    )
    quantity = models.PositiveIntegerField(_("quantity"))
    unit_price = ScaledDecimalField(_("unit price"))
    paid_amount = ScaledDecimalField(_("paid amount"))
    refunded_amount = ScaledDecimalField(_("refunded amount"), default=0)
    abnormal = models.BooleanField(_("abnormal"), default=False)
    paid_at = models.DateTimeField(_("paid at"), null=True, blank=True)

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "number"], name="order_line_natural_key")
        ]
        indexes = [
            models.Index(fields=["item", "paid_at"], name="order_line_item_time"),
            models.Index(fields=["seller", "paid_at"], name="order_line_seller_time"),
            models.Index(fields=["paid_at"], name="order_line_time"),
        ]

    def __str__(self):
        return f"{self.order_id}/{self.number}"


class Series(models.Model):
    """What a subject sold in one hour or day. Abnormal and refunded amounts stand apart.

    ``paid_amount`` and ``quantity`` count every paid line, abnormal ones included;
    clean = paid − abnormal. ``refunded_amount`` counts lines that are not abnormal, so that
    nothing is taken off twice in paid − abnormal − refunded. ``buyers`` are distinct buyers, an
    order without a buyer's name counting for none. Carts, presale and red packets are fed (D12-051,
    D12-125); an item has no red packets.
    """

    quantity = models.BigIntegerField(_("units sold"), default=0)
    orders = models.BigIntegerField(_("orders"), default=0)
    buyers = models.BigIntegerField(_("buyers"), default=0)
    paid_amount = ScaledDecimalField(_("paid amount"), default=0)
    abnormal_quantity = models.BigIntegerField(_("abnormal units"), default=0)
    abnormal_amount = ScaledDecimalField(_("abnormal amount"), default=0)
    refunded_amount = ScaledDecimalField(_("refunded amount"), default=0)
    cart_amount = ScaledDecimalField(_("add-to-cart amount"), default=0)
    presale_amount = ScaledDecimalField(_("presale amount"), default=0)
    presale_quantity = models.BigIntegerField(_("presale units"), default=0)
    red_packet_claimed_amount = ScaledDecimalField(_("claimed red packets"), default=0)

    class Meta:
        abstract = True


class SellerHour(Series):
    """A seller's hour; ``hour`` is its first instant, stored in UTC."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("seller hour")
        verbose_name_plural = _("seller hours")
        constraints = [
            models.UniqueConstraint(fields=["seller", "hour"], name="seller_hour_natural_key")
        ]
        indexes = [models.Index(fields=["hour"], name="seller_hour_time")]


class SellerDay(Series):
    """A seller's local calendar day."""

    seller = models.ForeignKey(Seller, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("seller day")
        verbose_name_plural = _("seller days")
        constraints = [
            models.UniqueConstraint(fields=["seller", "day"], name="seller_day_natural_key")
        ]
        indexes = [models.Index(fields=["day"], name="seller_day_time")]


class ItemHour(Series):
    """An item's hour; ``hour`` is its first instant, stored in UTC."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="hours", db_index=False)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("item hour")
        verbose_name_plural = _("item hours")
        constraints = [
            models.UniqueConstraint(fields=["item", "hour"], name="item_hour_natural_key")
        ]
        indexes = [models.Index(fields=["hour"], name="item_hour_time")]


class ItemDay(Series):
    """An item's local calendar day."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="days", db_index=False)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("item day")
        verbose_name_plural = _("item days")
        constraints = [models.UniqueConstraint(fields=["item", "day"], name="item_day_natural_key")]
        indexes = [models.Index(fields=["day"], name="item_day_time")]


class DirtyHour(models.Model):
    """An hour of an item that orders have touched since its rollup; the rollup clears it."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="+", db_index=False)
    hour = models.DateTimeField(_("hour"))

    class Meta:
        verbose_name = _("dirty hour")
        verbose_name_plural = _("dirty hours")
        constraints = [
            models.UniqueConstraint(fields=["item", "hour"], name="dirty_hour_natural_key")
        ]
