"""The rows of a rulebook version: timeline, lists, tables, statistics, requirements, locks.

Every row belongs to one version and is immutable once that version is published. A row carries
where its figures come from: a ledger id in ``ref``, or ``example`` for an example configuration.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from campaigns.models.campaign import RulebookVersion


class RulebookRow(models.Model):
    """What every row of a rulebook has."""

    version = models.ForeignKey(
        RulebookVersion, models.CASCADE, related_name="%(class)s_set", verbose_name=_("version")
    )
    code = models.CharField(_("code"), max_length=64)
    position = models.PositiveIntegerField(_("position"), default=0)
    title = models.JSONField(_("title"), default=dict, blank=True)
    ref = models.CharField(_("reference"), max_length=64, blank=True)
    example = models.BooleanField(_("example configuration"), default=False)

    class Meta:
        abstract = True
        ordering = ["position", "id"]

    def __str__(self):
        return self.code


def natural_key(name):
    """A code is unique within its version."""
    return models.UniqueConstraint(fields=["version", "code"], name=name)


class Milestone(RulebookRow):
    """A dated window of the campaign, [starts_at, ends_at) (G520-001..005)."""

    class Kind(models.TextChoices):
        SELLER_REGISTRATION = "seller_registration", _("seller registration")
        ITEM_REGISTRATION = "item_registration", _("item registration")
        PREHEAT = "preheat", _("preheat")
        LIVE = "live", _("live")
        REFERENCE = "reference", _("reference window")
        OTHER = "other", _("other")

    kind = models.CharField(_("kind"), max_length=24, choices=Kind)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta(RulebookRow.Meta):
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        constraints = [natural_key("milestone_natural_key")]


class Pause(RulebookRow):
    """A pause of registration. With ``anchor``, its ends are offsets from that milestone's start
    (G520-003: −2 h to +0.5 h); otherwise they are given."""

    anchor = models.CharField(_("anchor milestone"), max_length=64, blank=True)
    start_offset_minutes = models.IntegerField(_("start offset (minutes)"), null=True, blank=True)
    end_offset_minutes = models.IntegerField(_("end offset (minutes)"), null=True, blank=True)
    starts_at = models.DateTimeField(_("starts at"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [natural_key("pause_natural_key")]


class ValueList(RulebookRow):
    """A named list of values, such as categories, that conditions refer to."""

    values = models.JSONField(_("values"), default=list)

    class Meta(RulebookRow.Meta):
        verbose_name = _("list")
        verbose_name_plural = _("lists")
        constraints = [natural_key("value_list_natural_key")]


class ParameterTable(RulebookRow):
    """Thresholds looked up by keys. ``keys`` are metrics, in order; a row gives one value.

    A key of a row is a value, a list of values, a half-open band ``{"from": 1, "to": 4}``, or
    null for "any"; a category key matches its descendants, the nearest ancestor winning.
    ``missing`` is true for a row key that matches a missing metric: ``{"missing": true}``.
    """

    class Type(models.TextChoices):
        INTEGER = "integer", _("integer")
        DECIMAL = "decimal", _("decimal")
        TEXT = "text", _("text or code")

    keys = models.JSONField(_("keys"), default=list)
    type = models.CharField(_("value type"), max_length=8, choices=Type)
    unit = models.CharField(_("unit"), max_length=32, blank=True)
    default = models.CharField(
        _("value where no row matches"), max_length=64, null=True, blank=True
    )

    class Meta(RulebookRow.Meta):
        verbose_name = _("parameter table")
        verbose_name_plural = _("parameter tables")
        constraints = [natural_key("parameter_table_natural_key")]


class ParameterRow(models.Model):
    """One row of a parameter table; the first matching row in position order gives the value."""

    table = models.ForeignKey(
        ParameterTable, models.CASCADE, related_name="rows", verbose_name=_("table")
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    keys = models.JSONField(_("keys"), default=list)
    value = models.CharField(_("value"), max_length=64)
    ref = models.CharField(_("reference"), max_length=64, blank=True)
    example = models.BooleanField(_("example configuration"), default=False)

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("parameter row")
        verbose_name_plural = _("parameter rows")

    def __str__(self):
        return f"{self.keys} → {self.value}"


class Statistic(RulebookRow):
    """A figure over a series or event rows, computed for live subjects at each run.

    ``window`` is one of ``{"trailing_days": 30, "offset_days": 0}`` (whole days before the
    evaluation day; offset 1 ends a day earlier, ``"include_today": true`` adds today up to now),
    ``{"from": instant, "to": instant}``, ``{"milestone": code}`` or ``{"since": instant}``; empty:
    everything so far, and of rows that hold for a time those in force. An average, a share and a
    ratio are kept as two numbers, ``slot`` over ``slot_denominator``.

    A statistic of each entry looks at rows ``of`` its item, seller or registration since the entry
    was filed: ``{"since_filing": true}``, also with ``"until"``: an instant, or ``{"milestone":
    code}`` for that milestone's start (D12-097). It is worked out where it is asked, without slot.
    """

    class Level(models.TextChoices):
        SELLER = "seller", _("seller")
        ITEM = "item", _("item")
        ENTRY = "entry", _("entry")

    class Of(models.TextChoices):
        ITEM = "item", _("item")
        SELLER = "seller", _("seller")
        REGISTRATION = "registration", _("registration")

    class Function(models.TextChoices):
        MIN = "min", _("lowest")
        MAX = "max", _("highest")
        SUM = "sum", _("sum")
        AVG = "avg", _("average")
        COUNT = "count", _("count")
        COUNT_DISTINCT = "count_distinct", _("distinct count")
        LAST = "last", _("latest")
        SHARE = "share", _("share")
        RATIO = "ratio", _("ratio")

    level = models.CharField(_("of each"), max_length=8, choices=Level)
    function = models.CharField(_("function"), max_length=16, choices=Function)
    source = models.CharField(_("source"), max_length=32, blank=True)
    # Of an entry: whose rows; empty: the item's where the source has any, else what it has.
    of = models.CharField(_("of the entry's"), max_length=12, choices=Of, blank=True)
    field = models.CharField(_("field"), max_length=32, blank=True)
    where = models.JSONField(_("where"), null=True, blank=True)
    window = models.JSONField(_("window"), default=dict, blank=True)
    include_scheduled = models.BooleanField(_("scheduled prices count"), default=False)
    numerator = models.CharField(_("numerator"), max_length=64, blank=True)
    denominator = models.CharField(_("denominator"), max_length=64, blank=True)
    slot = models.CharField(_("slot"), max_length=12, blank=True)
    slot_denominator = models.CharField(_("slot of the denominator"), max_length=12, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("statistic")
        verbose_name_plural = _("statistics")
        constraints = [natural_key("statistic_natural_key")]


class Snapshot(RulebookRow):
    """A metric frozen at an instant for the whole campaign (G520-028)."""

    metric = models.CharField(_("metric"), max_length=80)
    as_of = models.DateTimeField(_("as of"))
    slot = models.CharField(_("slot"), max_length=12, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [natural_key("snapshot_natural_key")]


class Requirement(RulebookRow):
    """One condition that sellers, registrations, items or entries must meet.

    ``stages`` maps a stage (admission, recheck, reward) to an action, or to a mapping with
    ``action`` and any of ``require`` (the stage's own condition), ``missing``, ``grace_hours``,
    ``then`` and ``severity``. ``missing`` is pass, fail or hold, or a mapping from stage to one.
    """

    class Subject(models.TextChoices):
        SELLER = "seller", _("seller")
        REGISTRATION = "registration", _("registration")
        ITEM = "item", _("item")
        ENTRY = "entry", _("entry")

    subject = models.CharField(_("subject"), max_length=12, choices=Subject)
    # One venue, or every venue of these kinds; neither: all of the campaign's.
    venue_code = models.CharField(_("venue"), max_length=64, blank=True)
    venue_kinds = models.JSONField(_("venue kinds"), default=list, blank=True)
    replaces = models.CharField(_("replaces"), max_length=64, blank=True)
    # What history and notices call a failure at re-check (D12-095..102); empty: the row's code.
    reason = models.CharField(_("reason code"), max_length=64, blank=True)
    applies_when = models.JSONField(_("applies when"), null=True, blank=True)
    require = models.JSONField(_("requires"))
    missing = models.JSONField(_("a missing value"), default=str)
    stages = models.JSONField(_("stages"), default=dict)
    sample = models.JSONField(_("smallest sample"), null=True, blank=True)
    active_from = models.DateTimeField(_("active from"), null=True, blank=True)
    active_until = models.DateTimeField(_("active until"), null=True, blank=True)
    remedy = models.JSONField(_("what to do"), default=dict, blank=True)

    class Meta(RulebookRow.Meta):
        verbose_name = _("requirement")
        verbose_name_plural = _("requirements")
        constraints = [natural_key("requirement_natural_key")]


class Lock(RulebookRow):
    """A field of campaign items that may not change, or not rise, in a window (G520-046)."""

    class Direction(models.TextChoices):
        ANY = "any", _("any change")
        RAISE = "raise", _("raising")
        CUT = "cut", _("cutting")

    field = models.CharField(_("field"), max_length=32)
    direction = models.CharField(_("refused"), max_length=8, choices=Direction)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"))

    class Meta(RulebookRow.Meta):
        verbose_name = _("lock")
        verbose_name_plural = _("locks")
        constraints = [natural_key("lock_natural_key")]
