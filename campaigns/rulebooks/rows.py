"""One row of a stored version, judged as a load would judge it among the others."""

from campaigns.models.rulebook import RulebookRow
from campaigns.rulebooks import bindings, registry
from campaigns.rulebooks.loading import problems_of_meaning
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.reading import parse
from campaigns.rulebooks.rulebook import read_version
from campaigns.rulebooks.section import Section


def judge_row(row: RulebookRow) -> tuple[dict | None, list[Problem]]:
    """What a load of the row's version would keep of the row, and say of it.

    ``row`` need not be saved; with a primary key it takes the place of the stored one, else it
    comes last. What is kept is a dict of the model's attributes, None beside problems; these have
    paths within the row, beginning with a key of the file. Nothing is stored.
    """
    section = section_of(row)
    book = read_version(row.version)
    stored = list(
        type(row)
        .objects.filter(version=row.version)
        .order_by("position", "pk")
        .values_list("pk", flat=True)
    )
    index = stored.index(row.pk) if row.pk in stored else len(stored)
    document = book.render()
    rows = document.setdefault(section.key, [])
    said = {name: getattr(row, name) for name in section.columns}
    rows[index : index + 1] = section.render([said])
    found, problems = parse(document, bindings.metrics())
    problems += problems_of_meaning(found, problems)
    place = (section.key, index)
    own = [
        Problem(problem.path[2:], problem.message)
        for problem in dict.fromkeys(problems)
        if problem.path[:2] == place
    ]
    return (None if own else found.rows[section.key][index]), own


def section_of(row: RulebookRow) -> Section:
    """The section that rows of this kind make up."""
    return next(section for section in registry.sections() if section.model is type(row))


def attribute_of(section: Section, problem: Problem) -> str | None:
    """The model's attribute that a problem in a row is about; None for the row as a whole."""
    key = problem.path[0] if problem.path else None
    return next((field.attribute for field in section.fields if field.name == key), None)
