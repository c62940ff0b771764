"""Items, their categories and their prices."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.localtime import local_text
from sellers.models.fields import ScaledDecimalField
from sellers.models.seller import Seller


class Category(models.Model):
    """A category in a tree; ``path`` is "/root/…/code/", so descendants share a prefix."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name=_("parent")
    )
    path = models.CharField(_("path"), max_length=700, db_index=True)
    industry = models.CharField(_("industry"), max_length=64, blank=True, default="")

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")

    def __str__(self):
        return self.name or self.code


class Item(models.Model):
    """One item of one seller. Null fact columns are "not known"."""

    code = models.CharField(_("code"), max_length=80, unique=True)
    seller = models.ForeignKey(
        Seller, models.CASCADE, related_name="items", verbose_name=_("seller")
    )
    title = models.CharField(_("title"), max_length=300, blank=True)
    category = models.ForeignKey(
        Category, models.PROTECT, null=True, blank=True, verbose_name=_("category")
    )
    industry = models.CharField(_("industry"), max_length=64, null=True, blank=True)

    list_price = ScaledDecimalField(_("list price"), null=True, blank=True)
    stock = models.BigIntegerField(_("stock"), null=True, blank=True)
    first_listed_at = models.DateTimeField(_("first listed at"), null=True, blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    ship_time_hours = models.PositiveIntegerField(_("shipping time (hours)"), null=True, blank=True)
    on_stock_list = models.BooleanField(_("on the stock list"), null=True, blank=True)
    recommended = models.BooleanField(_("on the recommended list"), null=True, blank=True)
    volume_m3 = ScaledDecimalField(_("volume (m³)"), decimal_places=6, null=True, blank=True)
    weight_kg = ScaledDecimalField(_("weight (kg)"), decimal_places=3, null=True, blank=True)
    free_shipping = models.BooleanField(_("free shipping"), null=True, blank=True)
    cost_price = ScaledDecimalField(_("cost price"), null=True, blank=True)
    brand_score = ScaledDecimalField(_("brand score"), null=True, blank=True)
    scarcity_score = ScaledDecimalField(_("scarcity score"), null=True, blank=True)
    theme_fit = ScaledDecimalField(_("theme fit"), null=True, blank=True)

    known_at = models.DateTimeField(_("facts known at"), null=True, blank=True)
    effective_at = models.DateTimeField(_("facts in effect since"), null=True, blank=True)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")

    def __str__(self):
        return self.title or self.code


class ListPrice(models.Model):
    """A list price in force in [starts_at, ends_at), past, present or scheduled (G520-031, 032).

    ``struck`` marks a struck-through price, which is not a list price and never counts.
    ``ends_at`` is the earlier of the end that was stated and the next price's start.
    """

    item = models.ForeignKey(
        Item,
        models.CASCADE,
        related_name="list_prices",
        verbose_name=_("item"),
        db_index=False,
    )
    price = ScaledDecimalField(_("price"))
    struck = models.BooleanField(_("struck-through"), default=False)
    starts_at = models.DateTimeField(_("in force from"))
    ends_at = models.DateTimeField(_("in force until"), null=True, blank=True)
    stated_ends_at = models.DateTimeField(_("stated end"), null=True, blank=True)
    known_at = models.DateTimeField(_("known at"))

    class Meta:
        verbose_name = _("list price")
        verbose_name_plural = _("list prices")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "starts_at", "struck"], name="list_price_natural_key"
            )
        ]
        # What begins or ends within a span of time, for bringing scheduled prices into force.
        indexes = [
            models.Index(fields=["starts_at"], name="list_price_start"),
            models.Index(fields=["ends_at"], name="list_price_end"),
        ]

    def __str__(self):
        return f"{self.price} @ {local_text(self.starts_at)}"


class ParallelPrice(models.Model):
    """The item's price in another official channel, such as group-buy, in [starts_at, ends_at).

    ``ends_at`` is the earlier of the end that was stated and the channel's next start.
    """

    item = models.ForeignKey(
        Item,
        models.CASCADE,
        related_name="parallel_prices",
        verbose_name=_("item"),
        db_index=False,
    )
    channel = models.CharField(_("channel"), max_length=64)
    price = ScaledDecimalField(_("price"))
    starts_at = models.DateTimeField(_("in force from"))
    ends_at = models.DateTimeField(_("in force until"), null=True, blank=True)
    stated_ends_at = models.DateTimeField(_("stated end"), null=True, blank=True)
    known_at = models.DateTimeField(_("known at"))

    class Meta:
        verbose_name = _("parallel price")
        verbose_name_plural = _("parallel prices")
        constraints = [
            models.UniqueConstraint(
                fields=["item", "channel", "starts_at"], name="parallel_price_natural_key"
            )
        ]

    def __str__(self):
        return f"{self.channel} {self.price}"
