"""What moved which registrations and entries, and the history that it left."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.localtime import local_text


class Move(models.Model):
    """One batch of status changes, written in one transaction with its history and tallies."""

    class Cause(models.TextChoices):
        FILING = "filing", _("filing")
        REVIEW = "review", _("review")
        SWEEP = "sweep", _("nightly re-check")
        UNDO = "undo", _("undo")
        SELLER = "seller", _("the seller")
        OPERATOR = "operator", _("an operator")
        REGISTRATION = "registration", _("the registration ended")
        TAKEOVER = "takeover", _("superseded by another entry")
        EXPIRY = "expiry", _("expiry")

    cause = models.CharField(_("cause"), max_length=12, choices=Cause)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        related_name="+",
        verbose_name=_("actor"),
    )
    run = models.ForeignKey(
        "campaigns.SweepRun", models.PROTECT, null=True, related_name="moves", verbose_name=_("run")
    )
    note = models.CharField(_("note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("move")
        verbose_name_plural = _("moves")

    def __str__(self):
        return f"{self.get_cause_display()} {local_text(self.at)}"


class History(models.Model):
    """One status change that happened; never edited."""

    move = models.ForeignKey(Move, models.PROTECT, related_name="%(class)s_set")
    from_status = models.CharField(_("from"), max_length=12)
    to_status = models.CharField(_("to"), max_length=12)
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=80, blank=True)

    class Meta:
        abstract = True


class EntryHistory(History):
    """A status change of an entry."""

    entry = models.ForeignKey("campaigns.Entry", models.CASCADE, related_name="history")

    class Meta:
        verbose_name = _("entry history")
        verbose_name_plural = _("entry history")
        indexes = [models.Index(fields=["entry", "id"], name="entry_history_by_entry")]

    def __str__(self):
        return f"{self.from_status} → {self.to_status}"


class RegistrationHistory(History):
    """A status change of a registration."""

    registration = models.ForeignKey(
        "campaigns.Registration", models.CASCADE, related_name="history"
    )

    class Meta:
        verbose_name = _("registration history")
        verbose_name_plural = _("registration history")

    def __str__(self):
        return f"{self.from_status} → {self.to_status}"


class TallyDelta(models.Model):
    """A change of a count, written beside the move that caused it; a job folds these."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="+")
    venue = models.ForeignKey("campaigns.Venue", models.CASCADE, null=True, related_name="+")
    name = models.CharField(_("count"), max_length=80)
    day = models.DateField(_("day"))
    delta = models.IntegerField(_("change"))

    class Meta:
        verbose_name = _("tally change")
        verbose_name_plural = _("tally changes")


class Tally(models.Model):
    """A folded count per campaign, venue and day."""

    campaign = models.ForeignKey("campaigns.Campaign", models.CASCADE, related_name="tallies")
    venue = models.ForeignKey("campaigns.Venue", models.CASCADE, null=True, related_name="+")
    name = models.CharField(_("count"), max_length=80)
    day = models.DateField(_("day"))
    value = models.BigIntegerField(_("value"), default=0)

    class Meta:
        verbose_name = _("tally")
        verbose_name_plural = _("tallies")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "venue", "name", "day"], name="tally_natural_key"
            ),
            # Nulls are distinct to a unique constraint, so what has no venue needs one of its own.
            models.UniqueConstraint(
                fields=["campaign", "name", "day"],
                condition=models.Q(venue__isnull=True),
                name="tally_natural_key_without_venue",
            ),
        ]
