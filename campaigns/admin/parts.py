"""A field of several plain inputs, in place of a small structure that a row keeps as JSON.

A structure field takes apart what a row keeps and puts together what a form sends. It judges
nothing: what does not fit is refused by the form, in the words in which a load refuses it.
"""

from dataclasses import dataclass

from django import forms
from django.utils.translation import get_language
from unfold.widgets import UnfoldAdminSelectWidget

from campaigns.eligibility.frame import PREFIXES
from campaigns.eligibility.sentences import localised
from campaigns.eligibility.vocabulary import Vocabulary
from campaigns.models import Bonus, Milestone, Race, RulebookVersion
from campaigns.published import rows_of
from sellers.metrics.registry import NUMERIC, MetricType


@dataclass(frozen=True)
class Choices:
    """What a version offers to choose from, as (code, label) pairs."""

    milestones: list[tuple[str, str]]
    tables: list[tuple[str, str]]
    numbers: list[tuple[str, str]]
    of_registrations: list[tuple[str, str]]
    # What races name: figures that can be ranked by, and what candidates are grouped by.
    ranked: list[tuple[str, str]]
    of_groups: list[tuple[str, str]]
    races: list[tuple[str, str]]
    bonuses: list[tuple[str, str]]


def choices_of(version: RulebookVersion, vocabulary: Vocabulary) -> Choices:
    """What the version offers, in the reader's language."""
    language = get_language() or "en"

    def named(code, texts):
        label = localised(texts, language)
        return (code, f"{label} ({code})" if label else code)

    metrics = sorted(vocabulary.metrics.values(), key=lambda metric: metric.code)
    numbers = [metric for metric in metrics if metric.type in NUMERIC]
    ranked = [metric for metric in metrics if metric.type in NUMERIC | {MetricType.BOOLEAN}]
    kinds = (MetricType.TEXT, MetricType.CATEGORY)
    return Choices(
        milestones=[named(row.code, row.title) for row in rows_of(version, Milestone)],
        tables=[named(table.code, table.title) for table in vocabulary.tables.values()],
        numbers=[named(metric.code, metric.label) for metric in numbers],
        of_registrations=[
            named(metric.code, metric.label)
            for metric in numbers
            if metric.subject in PREFIXES["registration"]
        ],
        ranked=[named(metric.code, metric.label) for metric in ranked],
        of_groups=[
            named(metric.code, metric.label)
            for metric in metrics
            if metric.type in kinds and metric.subject in ("seller", "item")
        ],
        races=[named(row.code, row.title) for row in rows_of(version, Race)],
        bonuses=[named(row.code, row.title) for row in rows_of(version, Bonus)],
    )


@dataclass(frozen=True)
class Part:
    """One input of a structure; ``kinds`` are those of the first part's values that it goes
    with, none for all. A wide one has a line of its own."""

    label: str
    widget: forms.Widget
    kinds: tuple[str, ...] = ()
    wide: bool = False


class PartsWidget(forms.MultiWidget):
    """Labelled inputs; the page's script shows those that go with the chosen kind."""

    template_name = "admin/campaigns/widgets/parts.html"

    class Media:
        js = ["campaigns/parts.js"]

    def __init__(self, parts: dict[str, Part], take_apart, attrs=None):
        self.parts = parts
        # What the parts are of, for those who do not see where they stand.
        self.group = ""
        self._take_apart = take_apart
        super().__init__({name: part.widget for name, part in parts.items()}, attrs)

    def decompress(self, value):
        """The inputs' values in their order."""
        taken = self._take_apart(value)
        return [taken.get(name, "") for name in self.parts]

    def get_context(self, name, value, attrs):
        """With the parts' labels and kinds."""
        context = super().get_context(name, value, attrs)
        inputs = context["widget"]["subwidgets"]
        for shown, part in zip(inputs, self.parts.values(), strict=True):
            shown["label"] = part.label
            shown["kinds"] = " ".join(part.kinds)
            shown["wide"] = part.wide
        context["widget"]["group"] = self.group
        context["widget"]["has_kinds"] = any(part.kinds for part in self.parts.values())
        return context

    def id_for_label(self, id_):
        """The parts have labels of their own."""
        return ""


class StructureField(forms.Field):
    """A field of several parts. Subclasses say which, and take values apart and together."""

    def __init__(self, **kwargs):
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        # The row's own value: sent back as it was shown it stays as it is, to the letter.
        self.kept = None
        super().__init__(widget=PartsWidget(self.parts(), self.take_apart), **kwargs)
        self.widget.group = self.label or ""

    def parts(self) -> dict[str, Part]:
        """The inputs by name; the one that the others depend on comes first."""
        raise NotImplementedError

    def offer(self, choices: Choices, kept) -> None:
        """Set what the version offers to choose from, and remember what the row has."""
        self.kept = kept

    def take_apart(self, value) -> dict:
        """Inputs' values by name; texts, and lists or booleans where the input takes these."""
        raise NotImplementedError

    def put_together(self, sent: dict):
        """The row's value for what the inputs hold."""
        raise NotImplementedError

    def clean(self, value):
        """The row's value. Raises ValidationError only where something is required."""
        sent = dict(zip(self.widget.parts, value or [], strict=False))
        shown = self.take_apart(self.kept)
        if self.kept is not None and _plain(sent) == _plain(shown):
            return self.kept
        found = self.put_together(sent)
        if self.required and found in (None, {}, []):
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return found

    def has_changed(self, initial, data):
        """Compares what the inputs hold."""
        sent = dict(zip(self.widget.parts, data or [], strict=False))
        return _plain(sent) != _plain(self.take_apart(initial))

    def choose(self, name, pairs, kept=None):
        """Offer pairs in a select; a code that is there stays there, known or not."""
        known = {code for code, _label in pairs}
        more = [(kept, kept)] if isinstance(kept, str) and kept not in known else []
        self.widget.widgets[list(self.widget.parts).index(name)].choices = [
            ("", "–"), *pairs, *more,
        ]  # fmt: skip


def _plain(sent):
    """What inputs hold, with nothing, False and an empty text alike."""
    return {
        name: value.replace("\r\n", "\n").strip() if isinstance(value, str) else value
        for name, value in sent.items()
        if value not in ("", None, False, [])
    }


class CodeField(forms.CharField):
    """The code of something that the version has, chosen from a list. What is there stays there,
    known or not: a load says what is wrong with it."""

    # Which of the choices.
    offered = ""

    def __init__(self, **kwargs):
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        super().__init__(widget=UnfoldAdminSelectWidget, **kwargs)

    def offer(self, choices: Choices, kept) -> None:
        """Set what the version offers to choose from."""
        pairs = list(self.pairs(choices))
        known = {code for code, _label in pairs}
        more = [(kept, kept)] if kept and kept not in known else []
        self.widget.choices = [("", "–"), *pairs, *more]

    def pairs(self, choices: Choices) -> list[tuple[str, str]]:
        """The codes with their names."""
        return getattr(choices, self.offered)


class MilestoneField(CodeField):
    """A milestone."""

    offered = "milestones"


class RaceField(CodeField):
    """A race."""

    offered = "races"


class BonusField(CodeField):
    """A bonus."""

    offered = "bonuses"


class GroupingField(CodeField):
    """A figure by whose values candidates are ranked apart."""

    offered = "of_groups"


class RankedField(CodeField):
    """A figure that is a number."""

    offered = "numbers"
