"""Plain fields for the structures of a rulebook: windows, ceilings, samples, terms, pairs."""

import re

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from campaigns.admin.parts import Part, StructureField
from campaigns.lifecycle import LIVE
from campaigns.models import Entry
from campaigns.rulebooks.yaml_text import DECIMAL, INTEGER

NUMBER, TABLE, METRIC = "number", "table", "metric"
_TEXT = re.compile(r"^[^\s\"'\[\]{}][^\n\"]*(?<!\s)$")


class WindowField(StructureField):
    """The time that a statistic looks at."""

    def parts(self):
        """The kind first."""
        kinds = [
            ("", _("all so far")),
            ("trailing", _("the days before each check")),
            ("fixed", _("from one time to another")),
            ("since", _("since a time")),
            ("milestone", _("a milestone")),
            ("filing", _("since the entry was filed")),
        ]
        return {
            "kind": Part(_("Looks at"), _select(kinds)),
            "trailing_days": Part(_("days"), _whole(), ("trailing",)),
            "offset_days": Part(_("ending so many days earlier"), _whole(), ("trailing",)),
            "include_today": Part(_("and today up to now"), forms.CheckboxInput(), ("trailing",)),
            "from": Part(_("from"), _time(), ("fixed",)),
            "to": Part(_("until before"), _time(), ("fixed",)),
            "since": Part(_("since"), _time(), ("since",)),
            "anchored": Part(
                _("the date is the year's: a clone moves it by whole years"),
                forms.CheckboxInput(),
                ("fixed", "since"),
                wide=True,
            ),
            "milestone": Part(_("milestone"), _select([]), ("milestone",)),
            "until": Part(_("until before"), _time(), ("filing",)),
            "until_milestone": Part(_("until the start of"), _select([]), ("filing",)),
        }

    def offer(self, choices, kept):
        """Its milestones."""
        super().offer(choices, kept)
        kept = kept or {}
        self.choose("milestone", choices.milestones, kept.get("milestone"))
        self.choose("until_milestone", choices.milestones, _milestone_of(kept.get("until")))

    def take_apart(self, value):
        """By the kind whose keys are there."""
        value = value or {}
        marks = {"trailing_days": "trailing", "from": "fixed", "to": "fixed", "since": "since"}
        marks |= {"milestone": "milestone", "since_filing": "filing"}
        kind = next((kind for key, kind in marks.items() if key in value), "")
        until = value.get("until", "")
        return {
            "kind": kind,
            **{key: _text(part) for key, part in value.items() if key != "until"},
            "until": "" if isinstance(until, dict) else until,
            "until_milestone": _milestone_of(until) or "",
            "include_today": value.get("include_today", False),
            "anchored": value.get("anchored") == "year",
        }

    def put_together(self, sent):
        """Only what goes with the kind."""
        kind = sent.get("kind", "")
        if kind == "trailing":
            window = {"trailing_days": _number(sent["trailing_days"])}
            if sent["offset_days"].strip():
                window["offset_days"] = _number(sent["offset_days"])
            if sent["include_today"]:
                window["include_today"] = True
            return window
        if kind == "milestone":
            return {"milestone": sent["milestone"]}
        if kind == "filing":
            return {"since_filing": True, **_until(sent)}
        keys = {"fixed": ("from", "to"), "since": ("since",)}.get(kind, ())
        window = {key: sent[key].strip() for key in keys}
        if keys and sent["anchored"]:
            window["anchored"] = "year"
        return window


class CeilingField(StructureField):
    """How many: a number, a table's value or a metric's; nothing where it may be left out."""

    def parts(self):
        """The kind first."""
        kinds = [
            ("", _("none")),
            (NUMBER, _("a number")),
            (TABLE, _("by a table")),
            (METRIC, _("by a figure of the seller")),
        ]
        return {
            "kind": Part(_("Set by"), _select(kinds)),
            NUMBER: Part(_("a number"), _whole(), (NUMBER,)),
            TABLE: Part(_("table"), _select([]), (TABLE,)),
            METRIC: Part(_("figure"), _select([]), (METRIC,)),
        }

    def offer(self, choices, kept):
        """Its tables and the figures known of a registration."""
        super().offer(choices, kept)
        named = kept if isinstance(kept, dict) else {}
        self.choose(TABLE, choices.tables, named.get(TABLE))
        self.choose(METRIC, choices.of_registrations, named.get(METRIC))

    def take_apart(self, value):
        """A number, or a mapping with one key."""
        if isinstance(value, dict):
            kind = next((kind for kind in (TABLE, METRIC) if kind in value), "")
            return {"kind": kind, **value}
        return {"kind": "", NUMBER: ""} if value is None else {"kind": NUMBER, NUMBER: str(value)}

    def put_together(self, sent):
        """As the kind says."""
        kind = sent.get("kind", "")
        if kind == NUMBER:
            return _number(sent[NUMBER]) if sent[NUMBER].strip() else None
        return {kind: sent[kind]} if kind in (TABLE, METRIC) else None


class SampleField(StructureField):
    """From which size of a sample on a requirement applies. Where its figure comes from is kept."""

    def parts(self):
        """A metric and a number."""
        return {
            "metric": Part(_("applies where"), _select([])),
            "at_least": Part(_("is at least"), UnfoldAdminTextInputWidget()),
        }

    def offer(self, choices, kept):
        """Its metrics that are numbers."""
        super().offer(choices, kept)
        self.choose("metric", choices.numbers, (kept or {}).get("metric"))

    def take_apart(self, value):
        """Both, or neither."""
        value = value or {}
        return {"metric": value.get("metric", ""), "at_least": _text(value.get("at_least", ""))}

    def put_together(self, sent):
        """None for nothing."""
        sample = {}
        if sent.get("metric"):
            sample["metric"] = sent["metric"]
        if sent.get("at_least", "").strip():
            sample["at_least"] = _number(sent["at_least"])
        kept = self.kept or {}
        source = {key: kept[key] for key in ("ref", "example") if key in kept}
        return {**sample, **source} if sample else None


class TermsField(StructureField):
    """A promotion's terms: who may join, on what conditions, and whatever else it needs.

    What has no plain form (a list, a mapping) is kept and not shown.
    """

    def parts(self):
        """Whom a voluntary play is open to, its conditions by language, and other terms."""
        names = dict(settings.LANGUAGES)
        return {
            "open_to": Part(
                _("a voluntary play is open to entries that are"),
                forms.CheckboxSelectMultiple(),
                wide=True,
            ),
            **{
                f"conditions_{code}": Part(
                    _("conditions in %(language)s") % {"language": names[code]},
                    UnfoldAdminTextInputWidget(attrs={"lang": code}),
                    wide=True,
                )
                for code in names
            },
            "more": Part(
                _("other terms, one a line, such as threshold: 200"),
                UnfoldAdminTextareaWidget(attrs={"rows": 4}),
                wide=True,
            ),
        }

    def offer(self, choices, kept):
        """The statuses of live entries, and those that are named already."""
        super().offer(choices, kept)
        named = (kept or {}).get("open_to") or []
        offered = [pair for pair in Entry.Status.choices if pair[0] in LIVE or pair[0] in named]
        self.widget.widgets[0].choices = offered

    def take_apart(self, value):
        """Lists of statuses, texts, and lines."""
        value = value or {}
        conditions = value.get("conditions")
        conditions = conditions if isinstance(conditions, dict) else {}
        more = {key: part for key, part in value.items() if self._is_other(key, part)}
        return {
            "open_to": value.get("open_to") or [],
            **{f"conditions_{code}": conditions.get(code, "") for code in dict(settings.LANGUAGES)},
            "more": "\n".join(f"{key}: {_line(part)}" for key, part in sorted(more.items())),
        }

    def put_together(self, sent):
        """The terms, with those that the form cannot show as they were."""
        terms = {
            key: part
            for key, part in (self.kept or {}).items()
            if key not in ("open_to", "conditions") and not self._is_other(key, part)
        }
        if sent.get("open_to"):
            terms["open_to"] = list(sent["open_to"])
        conditions = {
            code: text
            for code, _name in settings.LANGUAGES
            if (text := sent.get(f"conditions_{code}", "").strip())
        }
        if conditions:
            terms["conditions"] = conditions
        for line in sent.get("more", "").splitlines():
            key, colon, value = line.partition(":")
            if line.strip() and not colon:
                raise forms.ValidationError(
                    _("“%(line)s” is no term; expected a name, a colon and a value")
                    % {"line": line.strip()}
                )
            if key.strip():
                terms[key.strip()] = _read_line(value.strip())
        return terms

    def _is_other(self, key, value):
        """Whether a term is shown as a line."""
        plain = isinstance(value, str | bool | int) and "\n" not in str(value)
        return plain and key not in ("open_to", "conditions") and ":" not in key


class PairsField(forms.CharField):
    """Pairs of codes, one pair a line: ``new > old``."""

    def __init__(self, **kwargs):
        for name in ("encoder", "decoder"):
            kwargs.pop(name, None)
        kwargs.setdefault("widget", UnfoldAdminTextareaWidget(attrs={"rows": 3}))
        kwargs.setdefault("help_text", _("One a line: the new kind > the old kind."))
        super().__init__(**kwargs)

    def prepare_value(self, value):
        """The pairs as lines."""
        return "\n".join(map(" > ".join, value)) if isinstance(value, list) else value

    def to_python(self, value):
        """The lines as pairs; a line of another form as what it is, which a load refuses."""
        lines = (line.strip() for line in (value or "").splitlines())
        return [[part.strip() for part in line.split(">")] for line in lines if line]


def _milestone_of(until):
    return until.get("milestone") if isinstance(until, dict) else None


def _until(sent):
    """The end of a window that begins with each entry's filing; a milestone's start comes first."""
    if sent["until_milestone"]:
        return {"until": {"milestone": sent["until_milestone"]}}
    return {"until": sent["until"].strip()} if sent["until"].strip() else {}


def _select(choices):
    return UnfoldAdminSelectWidget(choices=choices)


def _whole():
    return UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric"})


def _time():
    return UnfoldAdminTextInputWidget(attrs={"placeholder": "2024-05-20 20:00"})


def _number(text):
    """Digits as a number; a decimal as its text, as rows keep them; anything else as it is."""
    text = text.strip()
    return int(text) if INTEGER.match(text) else text


def _text(value):
    return value if isinstance(value, bool) else str(value)


def _line(value):
    """A plain value on a line; text that would be read as something else in quotes."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) or DECIMAL.match(value):
        return str(value)
    is_safe = _TEXT.match(value) and value not in ("true", "false") and not INTEGER.match(value)
    return value if is_safe else f'"{value}"'


def _read_line(text):
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    if text in ("true", "false"):
        return text == "true"
    return _number(text)
