"""Bars from marketing campaigns: what leads to one, and who is under one."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.models.seller import Seller, Violation


class SanctionPolicy(models.Model):
    """Violations of a category bar their seller for so many months (D12-147)."""

    category = models.CharField(_("category of violations"), max_length=64, unique=True)
    months = models.PositiveSmallIntegerField(_("months"))

    class Meta:
        verbose_name = _("sanction policy")
        verbose_name_plural = _("sanction policies")

    def __str__(self):
        return self.category


class Sanction(models.Model):
    """A seller is barred from marketing campaigns in [starts_at, ends_at) (D12-147).

    Conditions ask ``[seller.sanctions, not_contains, ban]``.
    """

    class Kind(models.TextChoices):
        BAN = "ban", _("barred from marketing campaigns")

    seller = models.ForeignKey(
        Seller, models.CASCADE, related_name="sanctions", verbose_name=_("seller")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.BAN)
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)
    violation = models.OneToOneField(
        Violation,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="sanction",
        verbose_name=_("violation"),
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("author"),
    )
    note = models.TextField(_("evidence"), blank=True)
    # Ended before its time by an operator, or, ``lapsed``, because its violation stands no more.
    lapsed = models.BooleanField(_("its violation does not stand"), default=False, editable=False)
    ended_at = models.DateTimeField(_("ended early at"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )

    class Meta:
        verbose_name = _("sanction")
        verbose_name_plural = _("sanctions")

    def __str__(self):
        return f"{self.get_kind_display()} – {self.seller}"
