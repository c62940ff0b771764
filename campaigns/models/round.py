"""Rounds that a seller must pass before filing: a pre-selection, an exam."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.registration import Registration
from campaigns.models.rulebook import RulebookRow, natural_key


class Round(RulebookRow):
    """A round that sellers pass once in a campaign (D12-046, 047, 057, 081).

    Into a pre-selection sellers apply, in any of the ``windows`` (milestone codes), and an operator
    decides; an exam's results are brought by operators or an import. A requirement asks for it with
    ``[registration.rounds_passed, contains, CODE]``.
    """

    class Kind(models.TextChoices):
        PRESELECTION = "preselection", _("pre-selection")
        EXAM = "exam", _("exam")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    windows = models.JSONField(_("sellers apply in"), default=list, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("round")
        verbose_name_plural = _("rounds")
        constraints = [natural_key("round_natural_key")]


class RoundResult(models.Model):
    """How a registration stands in a round."""

    class State(models.TextChoices):
        APPLIED = "applied", _("applied")
        PASSED = "passed", _("passed")
        FAILED = "failed", _("failed")

    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="rounds", verbose_name=_("registration")
    )
    code = models.CharField(_("round"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    # Null unless it is passed: conditions look at these two.
    passed_at = models.DateTimeField(_("passed at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("no longer passed since"), null=True, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("result of a round")
        verbose_name_plural = _("results of rounds")
        constraints = [
            models.UniqueConstraint(
                fields=["registration", "code"], name="round_result_natural_key"
            )
        ]

    def __str__(self):
        return f"{self.code} – {self.registration}"
