"""Where notices go beside the inbox, and how far each has got."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.notice import Notice
from sellers.models import Seller


class Channel(models.Model):
    """An address of a seller's that notices are sent to: an app, a messenger, a mailbox."""

    class Language(models.TextChoices):
        EN = "en", "English"
        ZH_HANS = "zh-hans", "简体中文"

    seller = models.ForeignKey(
        Seller, models.CASCADE, related_name="channels", verbose_name=_("seller")
    )
    # What sellers call it: "seller app", "messenger".
    name = models.CharField(_("name"), max_length=64)
    # An Apprise address (dingtalk://…, wecombot://…, lark://…, mailto://…). It holds a secret.
    url = models.CharField(_("address"), max_length=500)
    language = models.CharField(
        _("language"), max_length=8, choices=Language, default=Language.ZH_HANS
    )
    is_active = models.BooleanField(_("in use"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("added by"),
    )

    class Meta:
        verbose_name = _("notice channel")
        verbose_name_plural = _("notice channels")
        constraints = [
            models.UniqueConstraint(fields=["seller", "name"], name="channel_natural_key")
        ]

    def __str__(self):
        return f"{self.name} – {self.seller}"


class Delivery(models.Model):
    """One notice on its way to one address; queued once, sent at least once, retried on failure."""

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENT = "sent", _("sent")
        FAILED = "failed", _("failed")

    class Medium(models.TextChoices):
        EMAIL = "email", _("e-mail")
        MESSENGER = "messenger", _("messenger")

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    medium = models.CharField(_("medium"), max_length=12, choices=Medium)
    # "user:<id>" for a mailbox, "channel:<id>" for a seller's channel.
    target = models.CharField(_("to"), max_length=64)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("next attempt"), null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    # A code without an address in it; ``undelivered.words`` says it in words.
    error = models.CharField(_("last error"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [
            models.UniqueConstraint(fields=["notice", "target"], name="delivery_natural_key")
        ]
        indexes = [
            models.Index(fields=["state", "due_at", "id"], name="delivery_due"),
            models.Index(fields=["target", "-id"], name="delivery_by_target"),
        ]

    def __str__(self):
        return f"{self.get_medium_display()} {self.pk}"
