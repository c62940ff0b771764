"""A rulebook as rows by section: between the file and the database, and independent of both."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from campaigns.models import Milestone, RulebookVersion
from campaigns.rulebooks import registry
from campaigns.rulebooks.problems import Problem, RulebookErrors
from campaigns.rulebooks.schema import VERSION, problems_of_shape
from campaigns.rulebooks.section import Names
from campaigns.rulebooks.values import Shift


@dataclass
class Rulebook:
    """``rows`` by section key: dicts of the models' attributes, defaults filled in."""

    rows: dict[str, list[dict]]

    @property
    def code(self) -> str:
        """The campaign's code."""
        return self.rows["campaign"][0]["code"]

    def render(self) -> dict:
        """The document that a file holds: every default and every empty section left out."""
        document = {"schema": VERSION}
        for section in registry.sections():
            if self.rows[section.key]:
                document[section.key] = section.render(self.rows[section.key])
        return document

    def save(self, version: RulebookVersion) -> None:
        """Store every row as the version's, a few inserts a section. The version has none yet."""
        for section in registry.sections():
            section.save(version, self.rows[section.key])

    def under(self, code: str) -> "Rulebook":
        """The same rulebook for a campaign of another code."""
        heading = [{**self.rows["campaign"][0], "code": code}]
        return Rulebook({**self.rows, "campaign": heading})

    def starting(self, day: date) -> "Rulebook":
        """The same rulebook with its dates moved by whole days, so that its first preheat
        milestone (without one, its first live one) starts on ``day``. Raises RulebookErrors."""
        kinds = (Milestone.Kind.PREHEAT, Milestone.Kind.LIVE)
        for kind in kinds:
            starts = [row["starts_at"] for row in self.rows["milestones"] if row["kind"] == kind]
            if starts:
                move = Shift.between(min(starts), day)
                break
        else:
            text = _("expected a milestone of kind preheat or live to move the dates by")
            raise RulebookErrors([Problem(("milestones",), text)])
        moved = {
            section.key: section.shift(self.rows[section.key], move)
            for section in registry.sections()
        }
        return Rulebook(moved)


def read_version(version: RulebookVersion) -> Rulebook:
    """The rulebook of a stored version: a query or two a section."""
    return Rulebook({section.key: section.read(version) for section in registry.sections()})


def parse(data, known_metrics: Iterable[str]) -> tuple[Rulebook, list[Problem]]:
    """The rulebook of a file's data and every problem found in it.

    Rows with a problem are left out of the rulebook's rows, as None, so that what can be told of
    the others is told at once. ``known_metrics`` are the codes that the installation knows.
    """
    problems = problems_of_shape(data)
    if not isinstance(data, dict):
        return Rulebook({}), problems
    rows = {}
    for section in registry.sections():
        rows[section.key] = _rows_of(section, data, problems)
    book = Rulebook(rows)
    problems += problems_of_names(book, known_metrics, data)
    for key, index in {problem.path[:2] for problem in problems if len(problem.path) > 1}:
        if isinstance(index, int):
            rows[key][index] = None
    return book, problems


def problems_of_names(book: Rulebook, known_metrics: Iterable[str], data=None) -> list[Problem]:
    """What is wrong in the rows beside their shape: codes that nobody knows, or that are there
    twice, and what the sections find. ``data`` is the file's, whose unreadable rows name too."""
    codes, metrics = {}, set(known_metrics)
    problems = []
    for section in registry.sections():
        named = [
            (i, section.name(row))
            for i, row in enumerate(book.rows[section.key])
            if row is not None
        ]
        codes[section.key] = {code for _i, code in named} | _codes_in(data, section.key)
        seen = set()
        for i, code in named:
            if code in seen:
                text = _("“%(code)s” is here twice") % {"code": code}
                problems.append(Problem((section.key, i, "code"), text))
            seen.add(code)
    figures = [codes[key] for key in ("facts", "statistics", "snapshots")]
    names = Names(
        codes=codes,
        rows={key: [row for row in rows if row is not None] for key, rows in book.rows.items()},
        metrics=metrics.union(*figures),
    )
    for section in registry.sections():
        placed = [(i, row) for i, row in enumerate(book.rows[section.key]) if row is not None]
        problems += section.problems(placed, names)
    return problems


def _rows_of(section, data, problems):
    """The section's rows, None for each that the problems so far forbid to read."""
    value = data.get(section.key)
    if value is None:
        return []
    spoilt = {p.path[1] for p in problems if len(p.path) > 1 and p.path[0] == section.key}
    whole = any(problem.path == (section.key,) for problem in problems)
    if isinstance(value, dict):
        bad = spoilt or whole
        return [None] if bad else section.parse(value, (section.key,), problems)
    if not isinstance(value, list):
        return []
    rows = []
    for i, row in enumerate(value):
        if i in spoilt:
            rows.append(None)
            continue
        found = []
        (parsed,) = section.parse([row], (section.key,), found)
        problems += [Problem((p.path[0], i, *p.path[2:]), p.message) for p in found]
        rows.append(None if found else parsed)
    return rows


def _codes_in(data, key):
    """The codes that a file's section names, however spoilt its rows are."""
    value = data.get(key) if isinstance(data, dict) else None
    rows = value if isinstance(value, list) else [value]
    found = {row.get("code") for row in rows if isinstance(row, dict)}
    return {code for code in found if isinstance(code, str)}
