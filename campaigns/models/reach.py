"""How many live entries a requirement would touch, counted in the background for its author."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.rulebook import Requirement


class ReachCount(models.Model):
    """The latest count of the live entries that one requirement of a version would touch.

    It moves nothing and leaves no finding. The work is a list of steps, ``plan``, of which
    ``done`` are done; ``turn`` is raised by every ask and every worker that takes the count, so
    that one who lost it writes nothing any more.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    requirement = models.OneToOneField(
        Requirement, models.CASCADE, related_name="reach", verbose_name=_("requirement")
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.QUEUED)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(_("asked at"))
    turn = models.PositiveIntegerField(default=0, editable=False)
    # The process that works on it and when it was last heard of.
    worker = models.CharField(max_length=120, blank=True, editable=False)
    heard_at = models.DateTimeField(null=True, editable=False)
    # The instant that the count is about, the stage whose terms it takes, and a digest of what the
    # requirement said then (campaigns.reach.wording).
    at = models.DateTimeField(_("at"), null=True)
    stage = models.CharField(_("stage"), max_length=12, blank=True)
    digest = models.CharField(max_length=64, blank=True, editable=False)
    # Where its fact sets are: their keys begin so.
    facts = models.CharField(max_length=60, blank=True, editable=False)
    # Steps [what, low, high): "seller" and "entry" ranges of ids.
    plan = models.JSONField(default=list, blank=True, editable=False)
    done = models.PositiveIntegerField(default=0, editable=False)
    # Venue id (as text) to [live, failed, held], the sums of the steps done.
    by_venue = models.JSONField(_("by venue"), default=dict, blank=True)
    # Entries that fail or have no answer, each {"entry", "outcome", "grounds": […]}.
    examples = models.JSONField(_("examples"), default=list, blank=True)
    started_at = models.DateTimeField(_("started at"), null=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)
    # Of a failed count: {"message"} of what is wrong in the rulebook, or {"error"} of any other.
    trouble = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        verbose_name = _("count of entries touched")
        verbose_name_plural = _("counts of entries touched")

    def __str__(self):
        return f"{self.requirement}: {self.get_state_display()}"
