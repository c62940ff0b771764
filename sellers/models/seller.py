"""Sellers and what a marketplace knows of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.models.fields import ScaledDecimalField


class LegalEntity(models.Model):
    """The company or person behind one or several sellers."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("legal entity")
        verbose_name_plural = _("legal entities")

    def __str__(self):
        return self.name or self.code


class Agency(models.Model):
    """An agency that acts for several sellers."""

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("agency")
        verbose_name_plural = _("agencies")

    def __str__(self):
        return self.name or self.code


class Seller(models.Model):
    """Who takes part: a shop, wholesaler, leader or streamer.

    The fact columns are nullable: null is "not known", which is neither false nor zero.
    """

    class Kind(models.TextChoices):
        SHOP = "shop", _("shop")
        WHOLESALER = "wholesaler", _("wholesaler")
        LEADER = "leader", _("leader")
        STREAMER = "streamer", _("streamer")

    class ShopType(models.TextChoices):
        MARKETPLACE = "marketplace", _("marketplace shop")
        TMALL = "tmall", _("Tmall shop")
        OTHER = "other", _("other")

    code = models.CharField(_("code"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind, default=Kind.SHOP)
    entity = models.ForeignKey(
        LegalEntity, models.PROTECT, null=True, blank=True, verbose_name=_("legal entity")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, verbose_name=_("agency")
    )
    main_category = models.ForeignKey(
        "sellers.Category",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("main category"),
    )

    shop_type = models.CharField(
        _("shop type"), max_length=16, choices=ShopType, null=True, blank=True
    )
    marketing_rules_ok = models.BooleanField(_("meets the marketing rules"), null=True, blank=True)
    dingtalk_activated = models.BooleanField(_("messenger activated"), null=True, blank=True)
    dingtalk_by_main_account = models.BooleanField(
        _("messenger activated by the main account"), null=True, blank=True
    )
    dingtalk_bound = models.BooleanField(_("messenger bound"), null=True, blank=True)
    one_click_closed = models.BooleanField(_("one-key closed"), null=True, blank=True)
    growth_level = models.PositiveSmallIntegerField(_("growth level"), null=True, blank=True)
    industry_featured = models.BooleanField(_("industry-featured"), null=True, blank=True)
    operating_score = ScaledDecimalField(_("operating score"), null=True, blank=True)
    service_score = ScaledDecimalField(_("service score"), null=True, blank=True)

    known_at = models.DateTimeField(_("facts known at"), null=True, blank=True)
    effective_at = models.DateTimeField(_("facts in effect since"), null=True, blank=True)

    class Meta:
        verbose_name = _("seller")
        verbose_name_plural = _("sellers")

    def __str__(self):
        return self.name or self.code


class Qualification(models.Model):
    """A qualification that a seller holds in [valid_from, valid_to)."""

    seller = models.ForeignKey(
        Seller,
        models.CASCADE,
        related_name="qualifications",
        verbose_name=_("seller"),
        db_index=False,
    )
    code = models.CharField(_("qualification"), max_length=64)
    valid_from = models.DateTimeField(_("valid from"))
    valid_to = models.DateTimeField(_("valid to"), null=True, blank=True)
    known_at = models.DateTimeField(_("known at"))

    class Meta:
        verbose_name = _("qualification")
        verbose_name_plural = _("qualifications")
        constraints = [
            models.UniqueConstraint(
                fields=["seller", "code", "valid_from"], name="qualification_natural_key"
            )
        ]

    def __str__(self):
        return self.code


class Violation(models.Model):
    """One penalty; all point sums and "any counterfeit" tests derive from these rows."""

    class Severity(models.TextChoices):
        GENERAL = "general", _("general")
        SERIOUS = "serious", _("serious")

    code = models.CharField(_("code"), max_length=64, unique=True)
    seller = models.ForeignKey(
        Seller,
        models.CASCADE,
        related_name="violations",
        verbose_name=_("seller"),
        db_index=False,
    )
    item = models.ForeignKey(
        "sellers.Item",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="violations",
        verbose_name=_("item"),
    )
    category = models.CharField(_("category"), max_length=64)
    subcategory = models.CharField(_("subcategory"), max_length=64, blank=True, default="")
    severity = models.CharField(_("severity"), max_length=12, choices=Severity)
    points = models.PositiveIntegerField(_("points"))
    is_special_zero = models.BooleanField(_("special zero-point"), default=False)
    occurred_at = models.DateTimeField(_("occurred at"))
    penalised_at = models.DateTimeField(_("penalised at"))
    verified = models.BooleanField(_("verified"), default=True)
    known_at = models.DateTimeField(_("known at"))
    # Of one that an operator took in.
    evidence = models.TextField(_("evidence"), blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )

    class Meta:
        verbose_name = _("violation")
        verbose_name_plural = _("violations")
        indexes = [
            models.Index(fields=["seller", "penalised_at"], name="violation_seller_time"),
            # What is new of the kinds that bar, or that campaigns monitor.
            models.Index(fields=["category", "known_at"], name="violation_category_time"),
        ]

    def __str__(self):
        return self.code
