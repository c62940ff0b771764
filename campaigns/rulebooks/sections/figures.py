"""``facts``, ``statistics`` and ``snapshots``: figures that a rulebook brings with it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from campaigns.models import Snapshot, Statistic
from campaigns.rulebooks import values
from campaigns.rulebooks.conditions import METRIC_CODE
from campaigns.rulebooks.fields import (
    Choice,
    Code,
    Condition,
    Flag,
    Plain,
    Text,
    Texts,
    Time,
    Whole,
)
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import Section, row_fields, source_fields
from campaigns.rulebooks.sections.declared import DeclaredSection
from sellers.metrics import registry
from sellers.models import FactDefinition
from sellers.models.facts import SubjectKind

_TIME = {"$ref": "#/$defs/time"}
_ANCHORED = {
    "description": gettext_noop(
        "year: cloning moves the date by whole years, so that it stays 1 January"
    ),
    "const": "year",
}


def metric_code():
    """The code of a figure: subject, dot, name."""
    return Code(
        name="code",
        required=True,
        pattern=METRIC_CODE,
        help="subject, dot and name, such as item.sold_qty_30d",
    )


def _window(properties, required, **more):
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **more,
    }


@dataclass(frozen=True, kw_only=True)
class Window(Plain):
    """The time that a statistic looks at."""

    def schema(self):
        days = {"type": "integer", "minimum": 0, "maximum": 3660}
        return {
            "description": gettext_noop(
                "{trailing_days: 30}, {from: time, to: time}, {milestone: code}, {since: time} or "
                "{since_filing: true}"
            ),
            "anyOf": [
                _window(
                    {
                        "trailing_days": {**days, "minimum": 1},
                        "offset_days": days,
                        "include_today": {"type": "boolean"},
                    },
                    ["trailing_days"],
                ),
                _window({"from": _TIME, "to": _TIME, "anchored": _ANCHORED}, ["from", "to"]),
                _window({"milestone": {"type": "string"}}, ["milestone"]),
                _window({"since": _TIME, "anchored": _ANCHORED}, ["since"]),
                _window(
                    {
                        "since_filing": {"const": True},
                        "until": {
                            "anyOf": [
                                _TIME,
                                _window({"milestone": {"type": "string"}}, ["milestone"]),
                            ]
                        },
                    },
                    ["since_filing"],
                ),
            ],
        }

    def parse(self, value):
        window = dict(value)
        for key in ("from", "to", "since", "until"):
            if isinstance(window.get(key), str):
                window[key] = values.show_time(values.read_time(window[key]))
        return window


@dataclass(frozen=True, kw_only=True)
class FactSection(DeclaredSection):
    """Facts that the installation declares beside its catalogue."""

    def problems(self, rows, names):
        for i, row in enumerate(rows):
            path = (self.key, i)
            yield from wrong_subject(row["code"], row["subject_kind"], path)
            if row["places"] and row["type"] != FactDefinition.Type.DECIMAL:
                yield Problem((*path, "places"), _("only a decimal has decimal places"))


@dataclass(frozen=True, kw_only=True)
class StatisticSection(Section):
    """Statistics; a ratio is made of two others of the same level."""

    def problems(self, rows, names):
        levels = {row["code"]: row["level"] for row in names.rows[self.key]}
        for i, row in enumerate(rows):
            path = (self.key, i)
            yield from wrong_subject(row["code"], row["level"], path)
            yield from _unknown_milestone(row["window"], names, (*path, "window"))
            if row["function"] == Statistic.Function.RATIO:
                yield from self._ratio(row, levels, path)
            else:
                yield from self._series(row, path)
            yield from _empty_window(row["window"], (*path, "window"))

    def _ratio(self, row, levels, path):
        if row["source"] or row["of"] or row["field"] or row["window"] or row["where"] is not None:
            yield Problem(path, _("a ratio has a numerator and a denominator, and nothing else"))
        for key in ("numerator", "denominator"):
            code = row[key]
            known = [other for other, level in levels.items() if level == row["level"]]
            if not code:
                yield Problem(path, _("a ratio needs a numerator and a denominator"))
            elif code == row["code"] or code not in known:
                text = _("expected another statistic of each %(level)s") % {"level": row["level"]}
                yield Problem((*path, key), text)

    def _series(self, row, path):
        if row["numerator"] or row["denominator"]:
            yield Problem(path, _("only a ratio has a numerator and a denominator"))
        if not row["source"]:
            yield Problem(path, _("“%(key)s” is missing") % {"key": "source"})


@dataclass(frozen=True, kw_only=True)
class SnapshotSection(Section):
    """Metrics frozen at an instant."""

    def problems(self, rows, names):
        own = {row["code"] for row in names.rows[self.key]}
        own |= {row["code"] for row in names.rows["statistics"]}
        for i, row in enumerate(rows):
            path = (self.key, i, "metric")
            yield from names.unknown(_("metric"), row["metric"], names.metrics - own, path)
            yield from wrong_subject(row["code"], row["metric"].partition(".")[0], (self.key, i))


def wrong_subject(code, subject, path):
    """A problem if a figure's code does not start with its subject, or is taken."""
    if code and subject and code.partition(".")[0] != subject:
        text = _("expected a code that starts with “%(subject)s.”") % {"subject": subject}
        yield Problem((*path, "code"), text)
    if code in registry.all_metrics():
        yield Problem((*path, "code"), _("“%(code)s” is in the catalogue") % {"code": code})


def _unknown_milestone(window, names, path):
    known = names.codes["milestones"]
    if (milestone := window.get("milestone")) is not None:
        yield from names.unknown(_("milestone"), milestone, known, (*path, "milestone"))
    if isinstance(until := window.get("until"), dict):
        below = (*path, "until", "milestone")
        yield from names.unknown(_("milestone"), until["milestone"], known, below)


def _empty_window(window, path):
    if "from" in window:
        start, end = values.read_time(window["from"]), values.read_time(window["to"])
        if end <= start:
            yield Problem((*path, "to"), _("expected an end after the start"))


FACTS = FactSection(
    key="facts",
    noun=gettext_lazy("Fact"),
    model=FactDefinition,
    help="facts that this installation's feeds bring beside the catalogue's own",
    fields=(
        metric_code(),
        Choice(name="subject", column="subject_kind", required=True, choices=SubjectKind),
        Choice(name="type", required=True, choices=FactDefinition.Type),
        Text(name="unit", longest=32),
        Whole(name="places", default=0, most=6, help="decimal places of a decimal"),
        Texts(name="label", required=True),
        Texts(name="definition"),
        *source_fields(),
    ),
)

STATISTICS = StatisticSection(
    key="statistics",
    noun=gettext_lazy("Statistic"),
    model=Statistic,
    help="figures worked out for every subject at each check",
    fields=row_fields(
        Choice(
            name="level",
            required=True,
            choices=Statistic.Level,
            help="of each seller, item or entry",
        ),
        Choice(name="function", required=True, choices=Statistic.Function),
        Text(name="source", longest=32),
        Choice(
            name="of",
            choices=Statistic.Of,
            default="",
            help="of an entry: whose rows; left out: its item's, else its seller's",
        ),
        Text(name="field", longest=32),
        Condition(name="where", kind="filter", help="which rows of the source count"),
        Window(
            name="window",
            default={},
            help="left out: all so far, and of prices those in force",
        ),
        Flag(name="include_scheduled", help="whether prices that are due later count"),
        Text(name="numerator"),
        Text(name="denominator"),
        code=metric_code(),
    ),
)

SNAPSHOTS = SnapshotSection(
    key="snapshots",
    noun=gettext_lazy("Snapshot"),
    model=Snapshot,
    help="metrics frozen at an instant for the whole campaign",
    fields=row_fields(
        Plain(name="metric", required=True, default="", shape={"$ref": "#/$defs/metric"}),
        Time(name="as_of", required=True),
        code=metric_code(),
    ),
)
