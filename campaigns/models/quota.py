"""How many entries a registration may hold, and what adds places."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.registration import Registration
from campaigns.models.rulebook import RulebookRow, natural_key


class Quota(RulebookRow):
    """How many entries a registration may hold (G520-020..029, D12-077).

    ``where`` says which entries count. The ceiling is a table's value or a number; with
    ``allotted`` a seller's allotment, clamped into [floor, ceiling], takes its place; bonuses add
    to it. A ``free_choice`` quota gives places for items without an invitation in venues that take
    only invited ones: it counts the entries whose ``slot_source`` is its code (D12-116).
    """

    venue_code = models.CharField(_("venue"), max_length=64, blank=True)
    venue_kinds = models.JSONField(_("venue kinds"), default=list, blank=True)
    replaces = models.CharField(_("replaces"), max_length=64, blank=True)
    where = models.JSONField(_("entries counted"), null=True, blank=True)
    ceiling = models.JSONField(_("ceiling"))
    floor = models.JSONField(_("floor"), null=True, blank=True)
    allotted = models.BooleanField(_("allotted within the range"), default=False)
    free_choice = models.BooleanField(_("for items without an invitation"), default=False)
    # Statuses that keep a place although the entry shows nowhere; see lifecycle.
    abnormal_keeps_place = models.BooleanField(_("abnormal entries keep their place"), default=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        constraints = [natural_key("quota_natural_key")]


class Bonus(RulebookRow):
    """Places that a quota gives more to a registration that meets a condition (D12-114..117, 119).

    Bonuses of one quota add up. A ``kept`` one is granted once and stays; any other holds while its
    condition does, and what was filed under it stays when it ends (D12-A10). ``enrol_in`` names the
    milestone in which a seller must enrol for it, ``file_in`` that in which its places can be used,
    ``confirmed`` asks for an operator's word (D12-A12).
    """

    quota = models.CharField(_("quota"), max_length=64)
    places = models.PositiveIntegerField(_("places"))
    when = models.JSONField(_("granted when"), null=True, blank=True)
    enrol_in = models.CharField(_("sellers enrol in"), max_length=64, blank=True)
    file_in = models.CharField(_("places are used in"), max_length=64, blank=True)
    kept = models.BooleanField(_("granted once and kept"), default=False)
    confirmed = models.BooleanField(_("an operator confirms it"), default=False)

    class Meta(RulebookRow.Meta):
        verbose_name = _("bonus")
        verbose_name_plural = _("bonuses")
        constraints = [natural_key("bonus_natural_key")]


class BonusGrant(models.Model):
    """A registration's enrolment for a bonus, and the grant that it kept."""

    registration = models.ForeignKey(
        Registration,
        models.CASCADE,
        related_name="bonus_grants",
        verbose_name=_("registration"),
    )
    bonus_code = models.CharField(_("bonus"), max_length=64)
    enrolled_at = models.DateTimeField(_("enrolled at"), null=True, blank=True)
    granted_at = models.DateTimeField(_("granted at"), null=True, blank=True)
    # As the rulebook had them when it was granted; null before.
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    refused_at = models.DateTimeField(_("refused at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    class Meta:
        verbose_name = _("granted bonus")
        verbose_name_plural = _("granted bonuses")
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "bonus_code"], name="bonus_grant_natural_key"
            )
        ]

    def __str__(self):
        return f"{self.bonus_code} – {self.registration}"
