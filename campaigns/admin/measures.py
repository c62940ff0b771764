"""Plain fields for what races rank by: measures, and the time that their sums are taken over."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from campaigns.admin.parts import CodeField, Part, PartsWidget, StructureField
from campaigns.measures import BEFORE, DAILY, HOURLY, METRIC, MILESTONE, RATIO, SINCE, SUM
from campaigns.models import MOST_MEASURES
from campaigns.rulebooks.measure_words import field_words, figure_words
from campaigns.rulebooks.yaml_text import INTEGER
from sellers.metrics.statistics import SOURCES

LANGUAGES = dict(settings.LANGUAGES)
# What a measure has beside its figures, and the form's own inputs.
TERMS = ("order", "weight", "percentile", "title")


class DayFieldField(CodeField):
    """A number of sellers' hours and days."""

    def pairs(self, choices):
        """The fields that can be added up."""
        return _fields_of("seller")


class FactsField(StructureField):
    """The time over which a board's sums are taken, in one list."""

    def parts(self):
        """One list."""
        return {"time": Part(_("Sums are of"), _select())}

    def offer(self, choices, kept):
        """Its hours, days and milestones."""
        super().offer(choices, kept)
        self.widget.widgets[0].choices = [("", "–"), *times(choices.milestones), *_unknown(
            _time_code(kept), choices.milestones
        )]  # fmt: skip

    def take_apart(self, value):
        """As one code."""
        return {"time": _time_code(value)}

    def put_together(self, sent):
        """The rulebook's form."""
        return _time(sent.get("time", ""))


class MeasuresWidget(PartsWidget):
    """The inputs of each measure below its number; those of empty ones are folded away."""

    template_name = "admin/campaigns/widgets/measures.html"

    def use_required_attribute(self, initial):
        """No single input is required: three measures may be empty."""
        return False

    def get_context(self, name, value, attrs):
        """With the inputs by measure."""
        context = super().get_context(name, value, attrs)
        inputs = context["widget"]["subwidgets"]
        size = len(inputs) // MOST_MEASURES
        context["widget"]["measures"] = []
        for i in range(MOST_MEASURES):
            own = inputs[i * size : (i + 1) * size]
            is_set = i == 0 or bool("".join(map(str, own[0]["value"] or [])))
            number = gettext("Measure %(number)d") % {"number": i + 1}
            context["widget"]["measures"].append({"name": number, "inputs": own, "is_open": is_set})
        return context


class MeasuresField(StructureField):
    """Up to four measures. A figure is a sum over hours and days, or something known. Without
    ``titled`` the columns' names are not asked for: a measure keeps what the row has."""

    def __init__(self, *, titled: bool = True, **kwargs):
        self.titled = titled
        super().__init__(**kwargs)
        self.widget = MeasuresWidget(self.parts(), self.take_apart)
        self.widget.group = self.label or ""

    def parts(self):
        """Of each measure: its figure, what that is divided by, and how it counts."""
        found = {}
        orders = [("", _("the highest first")), ("asc", _("the lowest first"))]
        for n in range(1, MOST_MEASURES + 1):
            found |= {
                f"{n}_figure": Part(_("figure"), _select()),
                f"{n}_facts": Part(_("sum of"), _select()),
                f"{n}_by": Part(_("divided by"), _select()),
                f"{n}_by_facts": Part(_("sum of"), _select()),
                f"{n}_order": Part(_("order"), _select(orders)),
                f"{n}_weight": Part(
                    _("weight in a weighted sum"),
                    UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal"}),
                ),
                f"{n}_percentile": Part(
                    _("counts as a percentile: 1 the best, 0 the last"), forms.CheckboxInput()
                ),
                **{
                    f"{n}_title_{code}": Part(
                        _("column’s name in %(language)s") % {"language": language},
                        UnfoldAdminTextInputWidget(attrs={"lang": code}),
                    )
                    for code, language in (LANGUAGES.items() if self.titled else ())
                },
            }
        return found

    def offer(self, choices, kept):
        """Its fields, figures and milestones."""
        super().offer(choices, kept)
        shown = self.take_apart(kept)
        names = list(self.widget.parts)
        as_the_segment = ("", _("as the segment says"))
        for name in names:
            widget = self.widget.widgets[names.index(name)]
            if name.endswith("facts"):
                more = _unknown(shown.get(name, ""), choices.milestones)
                widget.choices = [as_the_segment, *times(choices.milestones), *more]
            elif name.endswith(("_figure", "_by")):
                widget.choices = [("", "–"), *_figures(choices.ranked, shown.get(name, ""))]

    def prepare_value(self, value):
        """A row's list as the inputs' values; what was sent is those already."""
        if value and not isinstance(value[0], dict):
            return value
        return self.widget.decompress(value)

    def take_apart(self, value):
        """Every measure's inputs by name."""
        found = {}
        for n, measure in enumerate((value or [])[:MOST_MEASURES], 1):
            first, *second = measure.get(RATIO) or [measure]
            found[f"{n}_figure"] = _figure_code(first)
            found[f"{n}_facts"] = _time_code(first.get("facts"))
            for part in second:
                found[f"{n}_by"] = _figure_code(part)
                found[f"{n}_by_facts"] = _time_code(part.get("facts"))
            order = measure.get("order", "")
            found[f"{n}_order"] = "" if order == "desc" else order
            found[f"{n}_weight"] = str(measure.get("weight", ""))
            found[f"{n}_percentile"] = measure.get("percentile", False)
            for code, text in (measure.get("title") or {}).items():
                found[f"{n}_title_{code}"] = text
        return found

    def put_together(self, sent):
        """The measures that have a figure, in their order; what the form does not show of one
        (where its figures come from) stays with its figure."""
        kept, found = list(self.kept or []), []
        for n in range(1, MOST_MEASURES + 1):
            # What a browser did not send is None here.
            figure = _figure(sent.get(f"{n}_figure") or "", sent.get(f"{n}_facts") or "")
            if figure is None:
                continue
            by = _figure(sent.get(f"{n}_by") or "", sent.get(f"{n}_by_facts") or "")
            measure = figure if by is None else {RATIO: [figure, by]}
            if order := sent.get(f"{n}_order", ""):
                measure["order"] = order
            if weight := (sent.get(f"{n}_weight") or "").strip():
                measure["weight"] = int(weight) if INTEGER.match(weight) else weight
            if sent.get(f"{n}_percentile"):
                measure["percentile"] = True
            title = {
                code: text
                for code in LANGUAGES
                if (text := (sent.get(f"{n}_title_{code}") or "").strip())
            }
            if title:
                measure["title"] = title
            found.append(measure | _kept_of(measure, kept, titled=self.titled))
        return found


def times(milestones) -> list:
    """What a sum may be of: hours, days, and the times that milestones mark; for a list."""
    forms_of = (
        (MILESTONE, _("within a milestone"), gettext_lazy("during “%(milestone)s”")),
        (BEFORE, _("until a milestone starts"), gettext_lazy("before “%(milestone)s”")),
        (SINCE, _("since a milestone started"), gettext_lazy("since “%(milestone)s” began")),
    )
    return [
        (HOURLY, _("previous hour")),
        (DAILY, _("previous day")),
        *(
            (
                str(name),
                # A list that is shut shows the choice alone: it says all by itself.
                [(f"{form}:{code}", words % {"milestone": label}) for code, label in milestones],
            )
            for form, name, words in forms_of
        ),
    ]


def _select(choices=()):
    return UnfoldAdminSelectWidget(choices=choices)


def _fields_of(level):
    source = SOURCES[f"{level}_hours"]
    return [
        (name, f"{field_words(level, name)} ({name})")
        for name, field in source.fields.items()
        if field.is_number
    ]


def _figures(metrics, kept):
    """Figures by kind: sums of shops, sums of items, what is known."""
    groups = [
        (
            str(title),
            [
                (
                    f"{SUM}:{level}:{name}",
                    f"{figure_words({SUM: name, 'of': level})} ({name})",
                )
                for name, _label in _fields_of(level)
            ],
        )
        for level, title in (
            ("seller", _("Sums of the shop’s hours and days")),
            ("item", _("Sums of the item’s hours and days")),
        )
    ]
    groups.append(
        (str(_("Known figures")), [(f"{METRIC}:{code}", label) for code, label in metrics])
    )
    known = {code for _title, pairs in groups for code, _label in pairs}
    return [*groups, *([(kept, kept)] if kept and kept not in known else [])]


def _unknown(kept, milestones):
    known = {f"{form}:{code}" for form in (MILESTONE, BEFORE, SINCE) for code, _ in milestones}
    return [(kept, kept)] if kept and kept not in known | {HOURLY, DAILY} else []


def _figure_code(part):
    if METRIC in part:
        return f"{METRIC}:{part[METRIC]}"
    return f"{SUM}:{part.get('of', '')}:{part.get(SUM, '')}"


def _figure(code, time):
    kind, _colon, rest = code.partition(":")
    if kind == METRIC:
        return {METRIC: rest}
    if kind != SUM:
        return None
    level, _colon, name = rest.partition(":")
    return {SUM: name, "of": level, **({"facts": _time(time)} if time else {})}


def _time_code(facts):
    if isinstance(facts, dict):
        return ":".join(map(str, next(iter(facts.items()), ("", ""))))
    return facts or ""


def _time(code):
    form, colon, milestone = code.partition(":")
    return {form: milestone} if colon else code


def _kept_of(measure, kept, *, titled):
    """What the form does not ask for, of the row's measure that is made of the same figures: where
    these come from, and the column's name unless that is asked for."""
    names = ("ref", "example") if titled else ("ref", "example", "title")
    bare = {key: part for key, part in measure.items() if key not in TERMS}
    for old in kept:
        if {key: old[key] for key in old if key not in (*TERMS, "ref", "example")} == bare:
            return {key: old[key] for key in names if key in old}
    return {}
