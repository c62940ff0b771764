"""Requirements and their grounds as people read them: what was measured, what is needed, since
when it is known."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import BigIntegerField, Value
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from campaigns import windows
from campaigns.eligibility.grounds import FindingDraft
from campaigns.eligibility.sentences import localised, unit_text
from campaigns.models import Finding, Milestone, Promotion, Snapshot, Statistic, ValueList
from campaigns.portal import reasons
from campaigns.templatetags.figures import moment
from sellers.metrics import registry
from sellers.metrics.registry import Metric, MetricType
from sellers.models import Category, FactDefinition

PASS, FAIL, HOLD = "pass", "fail", "hold"
TOOLS = "entry.tools"
# What rows of a version are called where a value names one; those of other models are metrics.
WORDS = {"valuelist": "list", "promotion": "tool", "milestone": "milestone"}

FACT = "factdefinition"


@dataclass(frozen=True)
class Line:
    """One comparison: its label, what was measured and what is needed, as text.

    ``mark`` is pass, fail or hold (not known); ``premise`` says that it only decides whether the
    requirement applies.
    """

    label: str
    measured: str
    needed: str
    mark: str
    known_at: datetime | None
    window: str = ""
    premise: bool = False


@dataclass(frozen=True)
class Verdict:
    """A requirement, or a rule of the process, as it came out for one shop or entry."""

    code: str
    outcome: str
    title: str
    sentence: str
    remedy: str
    lines: tuple
    reference: str = ""
    action: str = ""
    at: datetime | None = None

    @property
    def measures(self) -> list[Line]:
        """The lines that decide, without those that say when the requirement applies."""
        return [line for line in self.lines if not line.premise]

    @property
    def failed(self) -> list[Line]:
        """The lines to show in short: those not met, else all."""
        return [line for line in self.measures if line.mark != PASS] or self.measures


class Reader:
    """Names metrics and values in the reader's language, for findings of some versions (ids). A
    handful of queries for any number of findings."""

    def __init__(self, versions: Iterable[int]):
        self.language = get_language() or "en"
        self.metrics = registry.all_metrics()
        self._titles = {}
        self._words = {}
        versions = list(versions)
        if versions:
            self._read(versions)

    def draft(self, draft: FindingDraft, sentence: str = "") -> Verdict:
        """A verdict of an evaluation just made."""
        row = draft.requirement.row
        lines = [
            self.line(
                metric=ground.comparison.metric,
                code=ground.comparison.metric.code,
                version=row.version_id,
                path=ground.comparison.path,
                op=ground.comparison.op,
                measured=ground.measured,
                threshold=ground.threshold,
                unit=ground.comparison.metric.unit,
                window=ground.comparison.metric.window,
                known_at=ground.known_at,
                result=ground.result,
            )
            for ground in draft.grounds
        ]
        return Verdict(
            code=draft.code,
            outcome=str(draft.outcome),
            title=localised(row.title, self.language) or draft.code,
            sentence=sentence,
            remedy=localised(row.remedy, self.language),
            lines=tuple(lines),
            reference=row.ref,
            action=draft.action,
        )

    def finding(self, finding: Finding) -> Verdict:
        """A verdict kept with an entry or a registration; its grounds are read beforehand."""
        requirement = finding.requirement
        if requirement is None:
            return replace(of_refusal(finding.code, finding.params), at=finding.at)
        lines = [
            self.line(
                metric=self.metrics.get(ground.metric),
                code=ground.metric,
                version=finding.version_id,
                path=ground.path,
                op=ground.comparator,
                measured=ground.measured,
                threshold=ground.threshold,
                unit=ground.unit,
                window=ground.window,
                known_at=ground.known_at,
                result=ground.result,
            )
            for ground in finding.grounds.all()
        ]
        return Verdict(
            code=finding.code,
            outcome=finding.outcome,
            title=localised(requirement.title, self.language) or finding.code,
            sentence="",
            remedy=localised(requirement.remedy, self.language),
            lines=tuple(lines),
            reference=requirement.ref,
            action=finding.action,
            at=finding.at,
        )

    def line(
        self,
        *,
        metric: Metric | None,
        code: str,
        version: int,
        path: str,
        op: str,
        measured: str | None,
        threshold: str | None,
        unit: str,
        window: str,
        known_at: datetime | None,
        result: bool | None,
    ) -> Line:
        """One comparison in words."""
        title = self._titles.get((version, code)) or (metric.label if metric else {})
        negated = path.count(".not") % 2 == 1
        met = None if result is None else result != negated
        needed = needed_text(op, self._value(metric, threshold, unit, version) if threshold else "")
        return Line(
            label=localised(title, self.language) or code,
            measured=_("not known")
            if measured is None
            else self._value(metric, measured, unit, version),
            needed=_("not: %(condition)s") % {"condition": needed} if negated else needed,
            mark=HOLD if met is None else PASS if met else FAIL,
            known_at=None if measured is None else known_at,
            window=self._window(window, version),
            premise=path.startswith(("applies_when", "sample")),
        )

    def _value(self, metric, text, unit, version):
        """A measured value or a threshold in words; several are separated by commas."""
        if metric is None or metric.type in registry.NUMERIC or metric.type == MetricType.AGE:
            return with_unit(text, unit)
        if metric.type == MetricType.BOOLEAN:
            return {"true": _("yes"), "false": _("no")}.get(text, text)
        if metric.type == MetricType.DATETIME:
            return _moment(text)
        if metric.type == MetricType.SET and text == "–":
            return _("none")
        code, bracket, _rest = text.rpartition(" (")
        if bracket and (version, "list", code) in self._words:
            return _("list “%(title)s”") % {"title": self._words[version, "list", code]}
        words = [self._word(metric, word, version) for word in text.split(", ")]
        return pgettext("joins listed values", ", ").join(words)

    def _window(self, code, version):
        """The time that a statistic looked at, in words."""
        milestone = code.removeprefix("milestone:")
        title = self._words.get((version, "milestone", milestone))
        return windows.words(f"milestone:{title}" if title and milestone != code else code)

    def _word(self, metric, word, version):
        if metric.type == MetricType.CATEGORY:
            return self._categories.get(word, word)
        if metric.code == TOOLS:
            return self._words.get((version, "tool", word), word)
        return reasons.choice(metric.code, word)

    @property
    def _categories(self):
        if not hasattr(self, "_category_names"):
            column = "name_zh" if self.language.startswith("zh") else "name"
            rows = Category.objects.exclude(**{column: ""})
            self._category_names = dict(rows.values_list("code", column))
        return self._category_names

    def _read(self, versions):
        facts = FactDefinition.objects.annotate(
            model=Value(FACT), version=Value(0, BigIntegerField())
        ).values_list("model", "version", "code", "label")
        named = (Statistic, Snapshot, ValueList, Promotion, Milestone)
        first, *others = (_titles(model, versions) for model in named)
        for model, version, code, title in first.union(*others, facts, all=True):
            if model == FACT:
                self._titles |= {(asked, code): title for asked in versions}
            elif model in WORDS:
                words = localised(title, self.language) or code
                self._words[version, WORDS[model], code] = words
            else:
                self._titles[version, code] = title


def of_refusal(code: str, params: dict) -> Verdict:
    """A process reason as a verdict."""
    return Verdict(
        code=code,
        outcome=FAIL,
        title=reasons.title(code),
        sentence=reasons.sentence(code, params),
        remedy=reasons.remedy(code),
        lines=(),
    )


def needed_text(op: str, value: str) -> str:
    """A comparator and its threshold in words."""
    texts = {
        "==": _("%(value)s"),
        "!=": _("not %(value)s"),
        "<": _("below %(value)s"),
        "<=": _("at most %(value)s"),
        ">": _("above %(value)s"),
        ">=": _("at least %(value)s"),
        "in": _("one of: %(value)s"),
        "not_in": _("none of: %(value)s"),
        "contains": _("with %(value)s"),
        "not_contains": _("without %(value)s"),
        "is_missing": _("not known"),
        "is_known": _("known"),
    }
    return texts[op] % {"value": value or "–"}


def with_unit(text: str, unit: str) -> str:
    """A figure and its unit."""
    if not unit:
        return text
    return pgettext("figure and unit", "%(figure)s %(unit)s") % {
        "figure": text,
        "unit": unit_text(unit),
    }


def _moment(text):
    try:
        return moment(datetime.fromisoformat(text))
    except ValueError:
        return text


def _titles(model, versions):
    """(model, version id, code, title) of a model's rows."""
    rows = model.objects.filter(version__in=versions).order_by()
    rows = rows.annotate(model=Value(model._meta.model_name))
    return rows.values_list("model", "version_id", "code", "title")
