"""Form fields for what rulebook rows keep as JSON, so that nobody types JSON."""

import json

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.eligibility.bound import MISSING_POLICIES, RECHECK_ACTIONS
from campaigns.eligibility.problems import ACTIONS

LANGUAGES = [code for code, _name in settings.LANGUAGES]


class ByLanguageWidget(forms.MultiWidget):
    """One line for each language, labelled."""

    template_name = "admin/campaigns/widgets/by_language.html"

    def __init__(self, attrs=None):
        inputs = {code: UnfoldAdminTextInputWidget(attrs={"lang": code}) for code in LANGUAGES}
        super().__init__(inputs, attrs)

    def decompress(self, value):
        """The languages' texts in order."""
        return [(value or {}).get(code, "") for code in LANGUAGES]

    def get_context(self, name, value, attrs):
        """With each language's name beside its input."""
        context = super().get_context(name, value, attrs)
        names = dict(settings.LANGUAGES)
        for part, code in zip(context["widget"]["subwidgets"], LANGUAGES, strict=True):
            part["language"] = names[code]
        return context


class ByLanguageField(forms.MultiValueField):
    """``{"en": …, "zh-hans": …}``; languages left empty are left out."""

    def __init__(self, **kwargs):
        kwargs.setdefault("widget", ByLanguageWidget)
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        fields = [forms.CharField(required=False) for _code in LANGUAGES]
        super().__init__(fields=fields, require_all_fields=False, **kwargs)

    def compress(self, values):
        """Texts by language."""
        pairs = zip(LANGUAGES, values or [], strict=False)
        return {code: text for code, text in pairs if text}


class LinesField(forms.CharField):
    """A list of codes, one a line."""

    def __init__(self, **kwargs):
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 6}))
        kwargs.setdefault("help_text", _("One a line."))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        """The list as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value):
        """The lines as a list, without blanks and repeats."""
        lines = (line.strip() for line in (value or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))


class TextsField(LinesField):
    """A list of texts by language, one a line: the English, a bar, the Chinese."""

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", _("One a line: English | 中文."))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        """The texts as lines."""
        if not isinstance(value, list):
            return value
        return "\n".join(
            " | ".join(text.get(code, "") for code in LANGUAGES).removesuffix(" | ")
            for text in value
        )

    def to_python(self, value):
        """The lines as texts by language; languages left empty are left out."""
        texts = []
        for line in super().to_python(value):
            parts = zip(LANGUAGES, line.split("|"), strict=False)
            texts.append({code: part.strip() for code, part in parts if part.strip()})
        return texts


class TableKeysField(forms.CharField):
    """The keys of a table's row, one for each key metric, separated by commas.

    ``*`` any value, ``?`` a missing one, ``1..4`` from 1 to below 4 (either end may be left out),
    ``a|b`` one of several, ``true``/``false``, else the value itself.
    """

    def __init__(self, **kwargs):
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        kwargs["widget"] = UnfoldAdminTextInputWidget
        kwargs.setdefault(
            "help_text", _("* any, ? not known, 1..4 from 1 to below 4, a|b one of several")
        )
        super().__init__(**kwargs)

    def prepare_value(self, value):
        """Keys as one line."""
        return value if isinstance(value, str) else ", ".join(map(_key_text, value or []))

    def to_python(self, value):
        """One line as keys."""
        return [_key(part.strip()) for part in (value or "").split(",")] if value else []


def _key_text(key):
    if key is None:
        return "*"
    if isinstance(key, dict):
        if key.get("missing"):
            return "?"
        return f"{key.get('from', '')}..{key.get('to', '')}"
    if isinstance(key, list):
        return "|".join(map(_key_text, key))
    return str(key).lower() if isinstance(key, bool) else str(key)


def _key(text):
    if text == "*":
        return None
    if text == "?":
        return {"missing": True}
    if ".." in text:
        low, _dots, high = text.partition("..")
        band = {"from": low.strip(), "to": high.strip()}
        return {name: _key(end) for name, end in band.items() if end}
    if "|" in text:
        return [_key(part.strip()) for part in text.split("|")]
    if text in ("true", "false"):
        return text == "true"
    return int(text) if text.lstrip("-").isdigit() else text


class ConditionWidget(forms.Textarea):
    """The condition builder: the page's script replaces the text area by rows of choices."""

    template_name = "admin/campaigns/widgets/condition.html"

    class Media:
        js = ["campaigns/condition_builder.js"]
        css = {"all": ["campaigns/condition_builder.css"]}

    def __init__(self, attrs=None, vocabulary=None, value_only=False):
        super().__init__({"rows": 4, **(attrs or {})})
        self.vocabulary = vocabulary or {}
        self.value_only = value_only

    def get_context(self, name, value, attrs):
        """With the vocabulary for the script."""
        context = super().get_context(name, value, attrs)
        context["widget"]["vocabulary"] = self.vocabulary
        context["widget"]["vocabulary_id"] = f"vocabulary-{name}"
        return context


class ConditionField(forms.CharField):
    """A condition tree; what the builder sends is JSON."""

    def __init__(self, **kwargs):
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        kwargs.setdefault("widget", ConditionWidget)
        super().__init__(**kwargs)

    def prepare_value(self, value):
        """A tree as JSON; what was sent stays as it was."""
        if value is None or isinstance(value, str):
            return value or ""
        return json.dumps(value, ensure_ascii=False)

    def to_python(self, value):
        """JSON as a tree; None for nothing."""
        if not value or not value.strip():
            return None
        try:
            return json.loads(value, parse_float=str)
        except ValueError:
            raise ValidationError(_("The condition could not be read; build it again.")) from None

    def has_changed(self, initial, data):
        """Compares trees, not spaces."""
        try:
            return self.to_python(data) != (self.to_python(self.prepare_value(initial)))
        except ValidationError:
            return True


STAGE_NAMES = {"admission": _("Admission"), "recheck": _("Re-check"), "reward": _("Reward")}
ACTION_NAMES = {
    "reject": _("refuse"),
    "hold": _("hold for manual review"),
    "clear_out": _("clear out"),
    "unpublish": _("unpublish"),
    "abnormal": _("make abnormal"),
    "at_risk": _("put at risk"),
    "flag": _("only flag"),
    "withhold": _("withhold"),
}
POLICY_NAMES = {"pass": _("passes"), "fail": _("fails"), "hold": _("goes to a person")}


class StagesWidget(forms.MultiWidget):
    """For each stage: the action, what a missing value means, hours of grace, and what follows."""

    template_name = "admin/campaigns/widgets/stages.html"

    def __init__(self, attrs=None):
        parts = {}
        for stage, actions in ACTIONS.items():
            parts[f"{stage}_action"] = UnfoldAdminSelectWidget(
                attrs={"aria-label": STAGE_NAMES[stage]},
                choices=[("", _("not asked"))] + [(name, ACTION_NAMES[name]) for name in actions],
            )
            parts[f"{stage}_missing"] = UnfoldAdminSelectWidget(
                attrs={"aria-label": _("A missing value")},
                choices=[("", _("as said above"))]
                + [(name, POLICY_NAMES[name]) for name in MISSING_POLICIES],
            )
        parts["grace_hours"] = UnfoldAdminTextInputWidget(
            attrs={"inputmode": "numeric", "aria-label": _("hours of grace")}
        )
        parts["then"] = UnfoldAdminSelectWidget(
            attrs={"aria-label": _("then")},
            choices=[("", "–")] + [(name, ACTION_NAMES[name]) for name in RECHECK_ACTIONS],
        )
        super().__init__(parts, attrs)

    def decompress(self, value):
        """Actions and policies by stage, then grace."""
        stages = full_stages(value or {})
        row = []
        for stage in ACTIONS:
            terms = stages.get(stage, {})
            row += [terms.get("action", ""), terms.get("missing", "")]
        recheck = stages.get("recheck", {})
        return [*row, recheck.get("grace_hours", ""), recheck.get("then", "")]

    def get_context(self, name, value, attrs):
        """With the stages' names."""
        context = super().get_context(name, value, attrs)
        parts = context["widget"]["subwidgets"]
        context["widget"]["stages"] = [
            {"name": STAGE_NAMES[stage], "action": parts[2 * i], "missing": parts[2 * i + 1]}
            for i, stage in enumerate(ACTIONS)
        ]
        context["widget"]["grace"], context["widget"]["then"] = parts[-2], parts[-1]
        return context


class StagesField(forms.MultiValueField):
    """The stages of a requirement; a stage's own condition is kept as it was."""

    def __init__(self, **kwargs):
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        kwargs.setdefault("widget", StagesWidget)
        fields = []
        for actions in ACTIONS.values():
            fields += [
                forms.ChoiceField(choices=[("", ""), *((a, a) for a in actions)], required=False),
                forms.ChoiceField(
                    choices=[("", ""), *((p, p) for p in MISSING_POLICIES)], required=False
                ),
            ]
        fields.append(forms.IntegerField(min_value=1, required=False, label=_("hours of grace")))
        fields.append(
            forms.ChoiceField(
                choices=[("", ""), *((a, a) for a in RECHECK_ACTIONS)], required=False
            )
        )
        super().__init__(fields=fields, require_all_fields=False, **kwargs)
        # What each stage has beside the fields of this form: its own condition, where figures
        # come from. Set by the form for an existing row.
        self.kept = {}

    def remember(self, value):
        """Keep what the form does not show of the stages that a row has."""
        shown = {"action", "missing", "grace_hours", "then"}
        self.kept = {
            stage: {key: part for key, part in terms.items() if key not in shown}
            for stage, terms in full_stages(value).items()
        }

    def compress(self, values):
        """The mapping of a rulebook."""
        values = values or []
        stages = {}
        for i, stage in enumerate(ACTIONS):
            chosen, missing = (values + [""] * 20)[2 * i : 2 * i + 2]
            if not chosen:
                continue
            terms = {"action": chosen, **self.kept.get(stage, {})}
            if missing:
                terms["missing"] = missing
            stages[stage] = terms
        if len(values) >= 2 * len(ACTIONS) + 2 and "recheck" in stages:
            grace, then = values[-2], values[-1]
            if grace:
                stages["recheck"]["grace_hours"] = grace
            if then:
                stages["recheck"]["then"] = then
        return {
            stage: terms["action"] if set(terms) == {"action"} else terms
            for stage, terms in stages.items()
        }


def full_stages(stages: dict) -> dict:
    """The stages with every action in a mapping."""
    return {
        stage: {"action": terms} if isinstance(terms, str) else terms
        for stage, terms in stages.items()
    }
