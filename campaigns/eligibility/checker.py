"""Evaluates a version's requirements over registrations or entries, as a set.

Admission, re-check, preview and explain all go through this class, so a requirement has one
meaning wherever it is asked.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q

from campaigns.eligibility import sql
from campaigns.eligibility.bound import FAIL, HOLD, PASS, requirements_in_force
from campaigns.eligibility.categories import Trees
from campaigns.eligibility.expressions import expression
from campaigns.eligibility.frame import MODELS, Frame
from campaigns.eligibility.grounds import FindingDraft, grounds_of, grounds_of_each
from campaigns.eligibility.preparing import AT, prepared
from campaigns.eligibility.vocabulary import SNAPSHOT_SET, vocabulary_of
from campaigns.models import RequirementHold, RequirementWaiver, RulebookVersion
from campaigns.statistics import snapshot_keys
from sellers.bulk_write import Prepared, one_of, padded
from sellers.metrics.registry import CURRENT_SET, STATISTICS_SET
from sellers.models import FactSet

# Bits of a signed 64-bit mask that stay positive.
BLOCK = 62


@dataclass
class Checker:
    """The requirements of a version at a stage and instant, over one base.

    ``base`` is "entry" or "registration". ``statistics`` is the FactSet that holds the version's
    statistics for the rows asked about. ``subjects`` limits which requirements are evaluated by
    their subject; None takes every one that the base reaches. Campaign-wide seller requirements
    can so be left to the registrations. ``given`` are bound requirements to evaluate instead of
    those in force. With ``only_computed`` rows are left out whose statistics were not computed:
    nothing is known of them, which is not the same as a missing value.
    """

    version: RulebookVersion
    stage: str
    at: datetime
    base: str = "entry"
    statistics: FactSet | None = None
    low: int | None = None
    high: int | None = None
    campaign_wide_seller_rules: bool = True
    vocabulary: object = None
    given: list | None = None
    only_computed: bool = False
    venue: int | None = None
    requirements: list = field(init=False)

    def __post_init__(self):
        self.vocabulary = self.vocabulary or vocabulary_of(self.version)
        self._trees = Trees()
        self.fact_sets = fact_sets(self.version, self.statistics)
        asked = self.given
        if asked is None:
            asked = requirements_in_force(self.version, self.stage, self.at, self.vocabulary)
        self.requirements = [r for r in asked if self._is_ours(r)]
        codes = [r.code for r in self.requirements]
        self._waived = set(
            RequirementWaiver.objects.filter(
                campaign=self.version.campaign_id,
                requirement_code__in=codes,
                granted_at__lte=self.at,
                expires_at__gt=self.at,
            )
            .values_list("requirement_code", flat=True)
            .distinct()
        )
        self._held = set()
        if self.stage == "recheck" and self.base == "entry":
            self._held = set(
                # Of any campaign: the guard asks about the entry itself, and without the join
                # nothing reads every entry of the campaign to find no hold.
                RequirementHold.objects.filter(requirement_code__in=codes, until__gt=self.at)
                .values_list("requirement_code", flat=True)
                .distinct()
            )

    @property
    def blocks(self) -> int:
        """How many masks of 62 requirements there are; at least 1."""
        return max(1, -(-len(self.requirements) // BLOCK))

    def block(self, number: int) -> list:
        """The requirements that a block's bits stand for, bit 0 first."""
        return self.requirements[number * BLOCK : (number + 1) * BLOCK]

    def failing(self, queryset, block: int = 0, also: Q | None = None):
        """The rows that do not pass everything in a block, with ``fails`` and ``holds`` masks.

        Rows that meet ``also`` are among them even where they pass, with both masks 0.
        """
        return self._failing(self._frame(), queryset, block, also)

    def _failing(self, frame, queryset, block, also=None):
        requirements = self.block(block)
        computed = []
        if self.only_computed:
            for requirement in self.requirements:
                expression(requirement.implication, frame)
            computed = frame.computed()
        fails, holds, bad = [], [], []
        for requirement in requirements:
            tree = expression(requirement.implication, frame)
            guard = self._guards(requirement, frame.instant)
            failed, held = _verdicts(tree, requirement.missing)
            fails.append(sql.both(*guard, failed))
            holds.append(sql.both(*guard, held) if held is not None else None)
            any_bad = failed if requirement.missing == PASS else sql.is_not_true(tree)
            bad.append(sql.both(*guard, any_bad))
        wanted = Q(sql.either(*bad)) if also is None else Q(sql.either(*bad)) | also
        rows = queryset.annotate(**frame.aliases).filter(wanted, *frame.bounds(), *computed)
        return rows.annotate(
            fails=sql.mask(fails),
            holds=sql.mask([h if h is not None else sql.FALSE for h in holds]),
        )

    def findings(self, ids: Iterable[int]) -> dict[int, list[FindingDraft]]:
        """What the rows of these ids fail or cannot answer, with grounds; by id.

        Ids that pass everything are not in the result.
        """
        ids = list(ids)
        result = {}
        for block in range(self.blocks):
            hits = self._hits(ids, block)
            for pk, drafts in self.findings_of_hits(hits, block).items():
                result.setdefault(pk, []).extend(drafts)
        return result

    def _hits(self, ids, block):
        """(id, fails, holds) of the rows of these ids that do not pass everything in a block."""
        if not ids:
            return []
        asked = padded(ids)

        def build():
            rows = self._model.objects.filter(pk__in=one_of("ids", len(asked)))
            return self._failing(frame, rows, block).values_list("pk", "fails", "holds")

        frame = self._frame(AT)
        if self.given is not None:
            query = Prepared(build())
        else:
            query = prepared(
                self.version, ("failing", len(asked), *self._name(block)), frame, build
            )
        return query.rows(ids=asked, at=self.at)

    def _name(self, block):
        """What a block's SQL follows from, beside the version and the frame."""
        codes = {r.code for r in self.block(block)}
        return (
            self.stage,
            self.vocabulary,
            block,
            self.only_computed,
            tuple((r.row.pk, r.only_venues, r.not_venues) for r in self.requirements),
            frozenset(self._waived & codes),
            frozenset(self._held & codes),
        )

    def findings_of_hits(self, hits, block: int = 0) -> dict[int, list[FindingDraft]]:
        """Findings for (id, fails, holds) triples of a block; at most a few thousand at a time."""
        result = {}
        for bit, requirement in enumerate(self.block(block)):
            flag = 1 << bit
            outcomes = {pk: FAIL for pk, fails, _ in hits if fails & flag}
            outcomes.update({pk: HOLD for pk, _, holds in hits if holds & flag})
            if not outcomes:
                continue
            # Without the shard's bounds: a few rows are better looked up than ranges read.
            frame = Frame(self.base, self.at, self.fact_sets, trees=self._trees)
            grounds = grounds_of(requirement, frame, list(outcomes))
            for pk, outcome in outcomes.items():
                result.setdefault(pk, []).append(
                    FindingDraft(requirement, outcome, grounds.get(pk, []))
                )
        return result

    def explain(self, ids: Iterable[int]) -> dict[int, list[FindingDraft]]:
        """Every requirement's outcome for these ids, passed ones too, with grounds; by id. A few
        queries for every 62 requirements."""
        ids = list(ids)
        outcomes = self._concerned(ids)
        for block in range(self.blocks):
            for pk, fails, holds in self._hits(ids, block):
                for bit, requirement in enumerate(self.block(block)):
                    if fails & 1 << bit:
                        outcomes[requirement.code][pk] = FAIL
                    if holds & 1 << bit:
                        outcomes[requirement.code][pk] = HOLD
        asked = [requirement for requirement in self.requirements if outcomes[requirement.code]]
        concerned = sorted({pk for found in outcomes.values() for pk in found})
        grounds = grounds_of_each(asked, self._frame(), concerned)
        result = {pk: [] for pk in ids}
        for requirement in asked:
            code = requirement.code
            for pk in ids:
                if outcome := outcomes[code].get(pk):
                    own = grounds[code].get(pk, [])
                    result[pk].append(FindingDraft(requirement, outcome, own))
        return result

    def _concerned(self, ids):
        """By code, for the rows of these ids that the requirement concerns: pass, until found."""
        guards = {r.code: self._guards(r, self.at) for r in self.requirements}
        guarded = [code for code, own in guards.items() if own]
        found = {code: dict.fromkeys([] if own else ids, PASS) for code, own in guards.items()}
        for start in range(0, len(guarded) if ids else 0, BLOCK):
            block = guarded[start : start + BLOCK]
            bits = sql.mask([sql.both(*guards[code]) for code in block])
            rows = self._model.objects.filter(pk__in=ids).annotate(bits=bits)
            for pk, mask in rows.values_list("pk", "bits"):
                for k, code in enumerate(block):
                    if mask & 1 << k:
                        found[code][pk] = PASS
        return found

    @property
    def _model(self):
        return MODELS[self.base]

    def _frame(self, instant=None):
        return Frame(
            self.base, self.at, self.fact_sets, self.low, self.high, instant, trees=self._trees
        )

    def _is_ours(self, requirement):
        subject = requirement.row.subject
        campaign_wide = not (requirement.row.venue_code or requirement.row.venue_kinds)
        about_seller = subject in ("seller", "registration")
        if self.base == "registration" and self.venue is not None:
            here = not requirement.only_venues or self.venue in requirement.only_venues
            return about_seller and here and self.venue not in requirement.not_venues
        if self.base == "registration":
            return about_seller and campaign_wide
        return self.campaign_wide_seller_rules or not (about_seller and campaign_wide)

    def _guards(self, requirement, instant):
        """Two-valued conditions under which the requirement concerns a row at all."""
        guards = []
        if self.base == "entry":
            venue = F("venue_id")
            if requirement.only_venues:
                guards.append(_among(venue, requirement.only_venues))
            if requirement.not_venues:
                guards.append(sql.negate(_among(venue, requirement.not_venues)))
        if requirement.code in self._waived:
            waivers = RequirementWaiver.objects.filter(
                campaign=self.version.campaign_id,
                requirement_code=requirement.code,
                granted_at__lte=instant,
                expires_at__gt=instant,
                seller=OuterRef("seller_id"),
            )
            guards.append(~Exists(waivers))
        if requirement.code in self._held:
            holds = RequirementHold.objects.filter(
                requirement_code=requirement.code, until__gt=instant, entry=OuterRef("pk")
            )
            guards.append(~Exists(holds))
        return guards


def fact_sets(version: RulebookVersion, statistics: FactSet | None) -> dict:
    """Ids of the fact sets that a version's metrics are in, by the name metrics use."""
    keys = {SNAPSHOT_SET + code: key for code, key in snapshot_keys(version).items()}
    ids = dict(
        FactSet.objects.filter(key__in=[*keys.values(), CURRENT_SET]).values_list("key", "id")
    )
    named = {name: ids.get(key) for name, key in keys.items()}
    named[CURRENT_SET] = ids.get(CURRENT_SET)
    named[STATISTICS_SET] = statistics.pk if statistics else None
    return named


def _verdicts(tree, missing):
    """(failed, held) of an implication under a missing policy; held None where it cannot be."""
    if missing == FAIL:
        return sql.is_not_true(tree), None
    if missing == HOLD:
        return sql.is_false(tree), sql.is_unknown(tree)
    return sql.is_false(tree), None


def _among(column, ids):
    return sql.members(sql.raw(column), [sql.integer(pk) for pk in sorted(ids)])
