"""What sellers are told. A notice is written beside the change and sent by the outbox."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import Campaign
from campaigns.models.entry import Entry
from campaigns.models.sweep import SweepRun
from sellers.models import Seller


class Notice(models.Model):
    """One message to one seller about one cause; its lines name the entries."""

    class State(models.TextChoices):
        OPEN = "open", _("being written")
        READY = "ready", _("ready to send")
        SENT = "sent", _("sent")

    seller = models.ForeignKey(
        Seller, models.CASCADE, related_name="notices", verbose_name=_("seller")
    )
    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="+", verbose_name=_("campaign")
    )
    cause = models.CharField(_("cause"), max_length=40)
    # "run:<id>", "filing:<id>", …: with seller and cause, what makes a notice unique.
    key = models.CharField(_("key"), max_length=80)
    # What the cause's sentences name: "venue", "until", …
    params = models.JSONField(_("parameters"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    run = models.ForeignKey(SweepRun, models.CASCADE, null=True, blank=True, related_name="notices")
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.OPEN)
    at = models.DateTimeField(_("at"))
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["key", "seller", "cause"], name="notice_natural_key")
        ]
        indexes = [
            models.Index(fields=["seller", "state", "-at"], name="notice_inbox"),
            models.Index(fields=["state", "id"], name="notice_outbox"),
        ]

    def __str__(self):
        return f"{self.cause} → {self.seller}"


class NoticeLine(models.Model):
    """One entry that a notice tells of."""

    # Written with its notice; see ``Ground.finding``.
    notice = models.ForeignKey(Notice, models.CASCADE, related_name="lines", db_constraint=False)
    entry = models.ForeignKey(Entry, models.CASCADE, null=True, blank=True, related_name="+")
    from_status = models.CharField(max_length=12, blank=True)
    to_status = models.CharField(max_length=12, blank=True)

    class Meta:
        verbose_name = _("notice line")
        verbose_name_plural = _("notice lines")
        constraints = [
            models.UniqueConstraint(fields=["notice", "entry"], name="notice_line_natural_key")
        ]


class ReasonTemplate(models.Model):
    """A reason that people pick when they reject or clear out, and that a requirement may name, in
    both languages. Operators add their own, and can use them at once (D12-144)."""

    class Use(models.TextChoices):
        REJECTION = "rejection", _("rejection")
        CLEAR_OUT = "clear_out", _("clear-out")
        REVOCATION = "revocation", _("revoked permission")

    code = models.SlugField(_("code"), max_length=64, unique=True)
    use = models.CharField(_("used for"), max_length=12, choices=Use, default=Use.REJECTION)
    text = models.JSONField(_("text"), default=dict)

    class Meta:
        verbose_name = _("reason template")
        verbose_name_plural = _("reason templates")

    def __str__(self):
        return self.code
