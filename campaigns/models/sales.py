"""What a campaign sells by the hour, who sells most of it, and as of when that is known."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign, RulebookVersion
from sellers.models import Item, ScaledDecimalField, Seller


class CampaignHour(models.Model):
    """What a campaign's items sold in an hour of its sale; ``hour`` is its first instant, in UTC.

    clean = paid − abnormal (D12-145). ``orders`` adds up those of each item: an order of two
    campaign items is counted with both.
    """

    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        related_name="hours",
        verbose_name=_("campaign"),
        db_index=False,
    )
    hour = models.DateTimeField(_("hour"))
    paid_amount = ScaledDecimalField(_("paid amount"), default=0)
    clean_amount = ScaledDecimalField(_("clean amount"), default=0)
    quantity = models.BigIntegerField(_("units sold"), default=0)
    orders = models.BigIntegerField(_("orders"), default=0)

    class Meta:
        verbose_name = _("campaign hour")
        verbose_name_plural = _("campaign hours")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "hour"], name="campaign_hour_natural_key")
        ]

    def __str__(self):
        return f"{self.campaign} {self.hour:%Y-%m-%d %H:%M}"


class CampaignTop(models.Model):
    """The items and the sellers that sold most in a campaign's sale, until ``CampaignSales``
    says; by clean amount."""

    class Kind(models.TextChoices):
        ITEM = "item", _("item")
        SELLER = "seller", _("seller")

    campaign = models.ForeignKey(
        Campaign,
        models.CASCADE,
        related_name="tops",
        verbose_name=_("campaign"),
        db_index=False,
    )
    kind = models.CharField(_("kind"), max_length=6, choices=Kind)
    place = models.PositiveIntegerField(_("rank"))
    seller = models.ForeignKey(Seller, models.CASCADE, related_name="+", db_index=False)
    item = models.ForeignKey(Item, models.CASCADE, null=True, related_name="+", db_index=False)
    amount = ScaledDecimalField(_("clean amount"))
    quantity = models.BigIntegerField(_("units sold"))

    class Meta:
        verbose_name = _("best seller")
        verbose_name_plural = _("best sellers")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind", "place"], name="campaign_top_natural_key"
            )
        ]

    def __str__(self):
        return f"{self.campaign} {self.kind} {self.place}"


class CampaignSales(models.Model):
    """As of when a campaign's hours and best sellers are, and by which rulebook."""

    campaign = models.OneToOneField(
        Campaign, models.CASCADE, related_name="sales", primary_key=True, verbose_name=_("campaign")
    )
    version = models.ForeignKey(
        RulebookVersion, models.CASCADE, related_name="+", verbose_name=_("rulebook version")
    )
    rolled_up_at = models.DateTimeField(_("added up at"))
    # Best sellers are worked out once an hour: of all hours before this one.
    tops_until = models.DateTimeField(_("best sellers until before"), null=True)

    class Meta:
        verbose_name = _("sales of a campaign")
        verbose_name_plural = _("sales of campaigns")

    def __str__(self):
        return str(self.campaign)
