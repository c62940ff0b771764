"""From a file's data to a rulebook, with everything that is wrong told at once.

What a row says well is judged even where it says something else badly.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from campaigns.rulebooks import registry
from campaigns.rulebooks.fields import Condition
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.rulebook import Rulebook
from campaigns.rulebooks.schema import problems_of_shape
from campaigns.rulebooks.section import Names, Section, parse_row


def parse(data, known_metrics: Iterable[str]) -> tuple[Rulebook, list[Problem]]:
    """The rulebook of a file's data and every problem found in it.

    A row with a problem is None among the rulebook's rows. ``known_metrics`` are the codes that
    the installation knows.
    """
    problems = problems_of_shape(data)
    if not isinstance(data, dict):
        return Rulebook({}), problems
    rows = {}
    for section in registry.sections():
        rows[section.key], found = _rows(section, data.get(section.key), problems)
        problems += found
    named = problems_of_names(Rulebook(rows), known_metrics)
    problems += [problem for problem in named if not _comes_of(problem, problems)]
    bad = {_row_of(problem.path) for problem in problems}
    sound = {
        key: [None if (key, i) in bad else row for i, row in enumerate(found)]
        for key, found in rows.items()
    }
    return Rulebook(sound), problems


def problems_of_names(book: Rulebook, known_metrics: Iterable[str]) -> list[Problem]:
    """What is wrong in the rows beside their shape: codes that nobody knows, or that are there
    twice, and what the sections find."""
    codes = {}
    problems = []
    for section in registry.sections():
        named = [section.name(row) for row in book.rows[section.key]]
        codes[section.key] = set(named)
        for i, code in enumerate(named):
            if code and code in named[:i]:
                text = _("“%(code)s” is here twice") % {"code": code}
                problems.append(Problem((section.key, i, "code"), text))
    figures = (codes[key] for key in ("facts", "statistics", "snapshots"))
    metrics = set(known_metrics).union(*figures)
    names = Names(codes=codes, rows=book.rows, metrics=metrics)
    for section in registry.sections():
        problems += section.problems(book.rows[section.key], names)
    return problems


def _rows(section: Section, value, problems: list[Problem]) -> tuple[list[dict], list[Problem]]:
    """The section's rows, as many as the file has, and what cannot be read in them.

    A key of the wrong shape counts as left out. A condition is kept as it is: what it names can
    be looked up however it is put together.
    """
    spoilt = {problem.path[:3] for problem in problems if problem.path[:1] == (section.key,)}
    found = []

    def sound(row, path):
        row = row if isinstance(row, dict) else {}
        kept = {
            field.name: row[field.name]
            for field in section.fields
            if field.name in row
            and (isinstance(field, Condition) or (*path, field.name) not in spoilt)
        }
        return parse_row(section.fields, kept, path, found)

    if isinstance(value, list):
        return [sound(row, (section.key, i)) for i, row in enumerate(value)], found
    if isinstance(value, dict):
        return [sound(value, (section.key,))], found
    return [], found


def _comes_of(problem: Problem, problems: list[Problem]) -> bool:
    """Whether a problem of names is but the consequence of a wrong shape: in the same place or
    below it, or about the whole of a row that has one."""
    path = problem.path
    for other in problems:
        if path[: len(other.path)] == other.path and len(other.path) > 2:
            return True
        if len(path) == 2 and other.path[:2] == path:
            return True
    return False


def _row_of(path):
    """Section and index of the row that a path leads to; a section that is one mapping has one."""
    return path[:2] if len(path) > 1 and isinstance(path[1], int) else (*path[:1], 0)
