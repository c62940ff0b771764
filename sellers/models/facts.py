"""Declared facts, statistics and frozen values in typed slot columns, and their change log.

Only this module and ``sellers.metrics.slots`` know that slots exist.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from sellers.models.item import Item
from sellers.models.seller import Seller

SLOTS = {"number": 24, "text": 8, "time": 8, "flag": 12}
# Slot rows are written by the million, from subjects that exist: the unique index serves every
# lookup, and PostgreSQL would lock each subject's row to check a foreign key.
_DERIVED = {"db_index": False, "db_constraint": False}


class SubjectKind(models.TextChoices):
    """What a fact is about."""

    SELLER = "seller", _("seller")
    ITEM = "item", _("item")


class FactDefinition(models.Model):
    """A fact that an installation declares beside the catalogue's own columns.

    Values are fed into the ``current`` fact set, in the slot column named here.
    """

    class Type(models.TextChoices):
        INTEGER = "integer", _("integer")
        DECIMAL = "decimal", _("decimal")
        BOOLEAN = "boolean", _("boolean")
        TEXT = "text", _("text or code")
        DATETIME = "datetime", _("date and time")

    code = models.CharField(_("code"), max_length=80, unique=True)
    subject_kind = models.CharField(_("subject"), max_length=8, choices=SubjectKind)
    type = models.CharField(_("type"), max_length=10, choices=Type)
    unit = models.CharField(_("unit"), max_length=32, blank=True)
    places = models.PositiveSmallIntegerField(_("decimal places"), default=0)
    label = models.JSONField(_("label"), default=dict)
    definition = models.JSONField(_("definition"), default=dict, blank=True)
    slot = models.CharField(_("slot"), max_length=12)

    class Meta:
        verbose_name = _("fact definition")
        verbose_name_plural = _("fact definitions")
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "slot"], name="fact_definition_slot")
        ]

    def __str__(self):
        return self.code


class TrackedFact(models.Model):
    """A metric whose changes are logged, so that its value at a past date can be asked for."""

    metric = models.CharField(_("metric"), max_length=80, unique=True)

    class Meta:
        verbose_name = _("tracked fact")
        verbose_name_plural = _("tracked facts")

    def __str__(self):
        return self.metric


class FactChange(models.Model):
    """A value that a tracked fact took: in effect from ``effective_at``, known from ``known_at``.

    ``value`` is the value's text form; null means that the value became unknown.
    """

    metric = models.CharField(_("metric"), max_length=80)
    subject_id = models.BigIntegerField(_("subject"))
    value = models.CharField(_("value"), max_length=200, null=True)
    effective_at = models.DateTimeField(_("in effect from"))
    known_at = models.DateTimeField(_("known at"))

    class Meta:
        verbose_name = _("fact change")
        verbose_name_plural = _("fact changes")
        constraints = [
            models.UniqueConstraint(
                fields=["metric", "subject_id", "effective_at", "known_at"],
                name="fact_change_natural_key",
            )
        ]

    def __str__(self):
        return f"{self.metric} {self.subject_id}: {self.value}"


class FactSet(models.Model):
    """One collection of slot rows: the current declared facts, one run's statistics, or values
    frozen at a date. ``key`` says whose it is; this app knows no campaign."""

    class Kind(models.TextChoices):
        CURRENT = "current", _("current facts")
        STATISTICS = "statistics", _("statistics")
        FROZEN = "frozen", _("frozen values")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    key = models.CharField(_("key"), max_length=120, unique=True)
    as_of = models.DateTimeField(_("as of"), null=True, blank=True)
    complete = models.BooleanField(_("complete"), default=False)

    class Meta:
        verbose_name = _("fact set")
        verbose_name_plural = _("fact sets")

    def __str__(self):
        return self.key


def _slot_fields():
    """Name to field of every slot column."""
    fields = {}
    for number in range(1, SLOTS["number"] + 1):
        fields[f"number_{number:02}"] = models.BigIntegerField(null=True)
    for number in range(1, SLOTS["text"] + 1):
        fields[f"text_{number:02}"] = models.CharField(max_length=200, null=True)
    for number in range(1, SLOTS["time"] + 1):
        fields[f"time_{number:02}"] = models.DateTimeField(null=True)
    for number in range(1, SLOTS["flag"] + 1):
        fields[f"flag_{number:02}"] = models.BooleanField(null=True)
    return fields


class SlotRow(models.Model):
    """One subject's slots in one fact set."""

    known_at = models.DateTimeField(_("known at"), null=True)
    effective_at = models.DateTimeField(_("in effect since"), null=True)

    class Meta:
        abstract = True


for _name, _field in _slot_fields().items():
    SlotRow.add_to_class(_name, _field)


class SellerSlots(SlotRow):
    """A seller's slot row."""

    fact_set = models.ForeignKey(FactSet, models.CASCADE, related_name="+", **_DERIVED)
    seller = models.ForeignKey(Seller, models.CASCADE, related_name="slots", **_DERIVED)

    class Meta:
        verbose_name = _("seller slot row")
        verbose_name_plural = _("seller slot rows")
        constraints = [
            models.UniqueConstraint(fields=["fact_set", "seller"], name="seller_slots_subject")
        ]


class ItemSlots(SlotRow):
    """An item's slot row."""

    fact_set = models.ForeignKey(FactSet, models.CASCADE, related_name="+", **_DERIVED)
    item = models.ForeignKey(Item, models.CASCADE, related_name="slots", **_DERIVED)

    class Meta:
        verbose_name = _("item slot row")
        verbose_name_plural = _("item slot rows")
        constraints = [
            models.UniqueConstraint(fields=["fact_set", "item"], name="item_slots_subject")
        ]
