"""Promotion tools of a campaign, and what shops have set up of them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.registration import Registration
from campaigns.models.rulebook import RulebookRow, natural_key


class Promotion(RulebookRow):
    """A promotion tool of the campaign, in force in [starts_at, ends_at) (G520-006..008).

    A mandatory one is demanded by a requirement; a voluntary play (G520-009) is joined by entries
    in one of ``open_to`` statuses; a landing page is made when a shop's first entry in one of
    ``venue_kinds`` is approved, and then decorated (D12-039, 069). A tool is bound to an entry or
    set for the whole shop, ``level``; a shop's is set up in [setup_from, setup_until)
    (D12-063, 064, 067).
    """

    class Kind(models.TextChoices):
        MANDATORY = "mandatory", _("mandatory tool")
        VOLUNTARY = "voluntary", _("voluntary play")
        PAGE = "page", _("landing page")

    class Level(models.TextChoices):
        ENTRY = "entry", _("the entry")
        SHOP = "shop", _("the whole shop")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    level = models.CharField(_("set for"), max_length=8, choices=Level, default=Level.ENTRY)
    venue_kinds = models.JSONField(_("venue kinds"), default=list, blank=True)
    setup_from = models.DateTimeField(_("set up from"), null=True, blank=True)
    setup_until = models.DateTimeField(_("set up until"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    terms = models.JSONField(_("terms"), default=dict, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("promotion")
        verbose_name_plural = _("promotions")
        constraints = [natural_key("promotion_natural_key")]


class ShopTool(models.Model):
    """A promotion that a shop has set, in [set_at, cancelled_at); each setting is a row (D12-098).

    Conditions ask ``[registration.tools, contains, CODE]``. Changed terms are a new setting that
    follows without a gap on the one ``replaced``, which is so not a cancellation. A landing page
    is set when it is made, with the campaign's template; ``decorated_at`` says since when it is
    the shop's own, and ``registration.pages_decorated`` asks for that.
    """

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="shop_tools", verbose_name=_("registration")
    )
    code = models.CharField(_("promotion"), max_length=64)
    terms = models.JSONField(_("terms"), default=dict, blank=True)
    set_at = models.DateTimeField(_("set at"))
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    replaced = models.BooleanField(_("followed by other terms"), default=False)
    decorated_at = models.DateTimeField(_("decorated at"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("set by"),
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cancelled by"),
    )

    class Meta:
        verbose_name = _("shop's promotion")
        verbose_name_plural = _("shops' promotions")
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "code"],
                condition=models.Q(cancelled_at__isnull=True),
                name="shop_tool_one_set",
            )
        ]

    def __str__(self):
        return f"{self.code} – {self.registration}"
