"""The rows of a rulebook version by section, for the page of the version."""

from collections import defaultdict

from django.db.models import Value
from django.urls import reverse
from django.utils.translation import get_language

from campaigns.admin import shown
from campaigns.eligibility.sentences import sentence
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.models import (
    Bonus,
    ClaimScope,
    Conflict,
    Floor,
    Incentive,
    Lock,
    Milestone,
    ParameterTable,
    Pause,
    Promotion,
    Quota,
    Race,
    RaceSegment,
    Requirement,
    ResourceSlot,
    Round,
    RulebookVersion,
    Snapshot,
    Statistic,
    ValueList,
    VenueTerms,
)

SECTIONS = [
    Milestone, Pause, VenueTerms, Floor, ClaimScope, Conflict, ValueList, ParameterTable, Statistic,
    Snapshot, Round, Requirement, Quota, Bonus, Lock, Promotion, ResourceSlot,
    Race, RaceSegment, Incentive,
]  # fmt: skip
COLUMNS = ("section", "pk", "code", "title", "ref", "example", "position")
# A section with more rows is folded away below its title.
MOST_UNFOLDED = 12


def sections(version: RulebookVersion) -> list[dict]:
    """Every section with its rows in their order; the same few queries however many there are."""
    found = defaultdict(list)
    first, *others = (_rows(model, version) for model in SECTIONS)
    for values in first.union(*others, all=True):
        row = dict(zip(COLUMNS, values, strict=True))
        found[row["section"]].append(row)
    headings = dict(version.venueterms_set.values_list("code", "kind"))
    sentences = _sentences(version) if found[Requirement._meta.model_name] else {}
    listed = []
    for model in SECTIONS:
        name = model._meta.model_name
        rows = sorted(found[name], key=lambda row: (row["position"], row["pk"]))
        for row in rows:
            row["address"] = reverse(f"admin:campaigns_{name}_change", args=[row["pk"]])
            row["words"] = shown.text(row["title"])
            row["heading"] = headings.get(row["code"], "") if model is VenueTerms else ""
            if model is Requirement:
                row["words"] = f"{row['words']} — {sentences[row['code']]}"
        section = {
            "title": model._meta.verbose_name_plural,
            "anchor": name,
            "rows": rows,
            "is_open": len(rows) <= MOST_UNFOLDED,
            "add": f"{reverse(f'admin:campaigns_{name}_add')}?version={version.pk}",
        }
        if model is VenueTerms:
            page = "admin:campaigns_rulebookversion_venues"
            section["sheet_out"] = reverse(f"{page}_out", args=[version.pk])
            section["sheet_in"] = reverse(f"{page}_in", args=[version.pk])
        listed.append(section)
    return listed


def _rows(model, version):
    rows = model.objects.filter(version=version).order_by()
    return rows.annotate(section=Value(model._meta.model_name)).values_list(*COLUMNS)


def _sentences(version):
    """What each requirement asks, by its code."""
    vocabulary = vocabulary_of(version)
    language = get_language() or "en"
    return {row.code: sentence(row, vocabulary, language) for row in version.requirement_set.all()}
