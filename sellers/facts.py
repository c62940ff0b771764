"""Facts that an installation declares beside the catalogue's own columns.

They are the same for every campaign: their values are fed into the one current fact set, and what a
code means never changes.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sellers.metrics import registry
from sellers.metrics.registry import CURRENT_SET
from sellers.metrics.slots import SlotsFull, allocate
from sellers.models import FactDefinition, FactSet, SubjectKind


class FactRefused(ValueError):
    """A fact that cannot be declared so."""


def declare(
    *,
    code: str,
    subject_kind: str,
    type: str,
    unit: str = "",
    places: int = 0,
    label: dict | None = None,
    definition: dict | None = None,
) -> FactDefinition:
    """Declare a fact of sellers or items, and give it a slot; or find it declared already.

    ``code`` starts with its subject ("item.review_score"); ``type`` is one of FactDefinition.Type,
    and only a decimal has ``places``. A label or definition that is given replaces what was there.
    Raises FactRefused (a ValueError) for a code of the catalogue or of another subject, where the
    fact is declared with another type, unit or number of places, and where every slot is taken.
    """
    _check(code, subject_kind, type, places)
    meaning = {"subject_kind": subject_kind, "type": type, "unit": unit, "places": places}
    texts = {"label": label, "definition": definition}
    texts = {name: text for name, text in texts.items() if text}
    try:
        return _find_or_make(code, meaning, texts)
    except IntegrityError:
        # Somebody else declared a fact at the same moment: this one, or one in the same slot.
        return _find_or_make(code, meaning, texts)


def current_fact_set() -> FactSet:
    """The fact set that holds the present values of declared facts, made if there is none."""
    made = {"kind": FactSet.Kind.CURRENT, "complete": True}
    return FactSet.objects.get_or_create(key=CURRENT_SET, defaults=made)[0]


def _check(code, subject_kind, type, places):
    if subject_kind not in SubjectKind.values or not code.startswith(f"{subject_kind}."):
        raise FactRefused(
            _("%(code)s: expected a code that starts with “seller.” or “item.”, as its subject")
            % {"code": code}
        )
    if code in registry.all_metrics():
        raise FactRefused(_("%(code)s is in the catalogue") % {"code": code})
    if type not in FactDefinition.Type.values:
        raise FactRefused(
            _("%(code)s: unknown type %(type)s; expected one of %(known)s")
            % {"code": code, "type": type, "known": " ".join(FactDefinition.Type.values)}
        )
    if places and type != FactDefinition.Type.DECIMAL:
        raise FactRefused(_("%(code)s: only a decimal has decimal places") % {"code": code})


def _find_or_make(code, meaning, texts):
    known = FactDefinition.objects.filter(code=code).first()
    if known is not None:
        return _same(known, meaning, texts)
    others = FactDefinition.objects.filter(subject_kind=meaning["subject_kind"])
    try:
        slot = allocate(meaning["type"], others.values_list("slot", flat=True))
    except SlotsFull as error:
        raise FactRefused(f"{code}: {error}") from error
    with transaction.atomic():
        return FactDefinition.objects.create(code=code, slot=slot, **meaning, **texts)


def _same(known, meaning, texts):
    """The declared fact, if it means the same; with new texts."""
    for name, wanted in meaning.items():
        if (found := getattr(known, name)) != wanted:
            raise FactRefused(
                _("%(code)s is declared with %(name)s “%(found)s”, not “%(wanted)s”")
                % {"code": known.code, "name": name, "found": found, "wanted": wanted}
            )
    changed = {name: text for name, text in texts.items() if getattr(known, name) != text}
    if changed:
        FactDefinition.objects.filter(pk=known.pk).update(**changed)
        known.refresh_from_db()
    return known
