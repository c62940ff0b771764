"""A section of a rulebook: one YAML key, its schema, its rows in the file and in the database."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _

from campaigns.models import RulebookVersion
from campaigns.rulebooks.conditions import names_in, operand_names
from campaigns.rulebooks.fields import Code, Field, Flag, Text, Texts
from campaigns.rulebooks.problems import Path, Problem, did_you_mean
from campaigns.rulebooks.values import Shift

CHUNK = 1000


@dataclass(frozen=True)
class Names:
    """What the rows of a rulebook may refer to: codes by section, and every known metric."""

    codes: dict[str, set[str]]
    rows: dict[str, list[dict]]
    metrics: set[str]

    def unknown(self, noun: str, code, known: Iterable[str], path: Path) -> Iterator[Problem]:
        """A problem if ``code`` is not one of ``known``."""
        if code not in known:
            text = _("unknown %(noun)s “%(code)s”") % {"noun": noun, "code": code}
            yield Problem(path, text + did_you_mean(code, known))

    def in_tree(self, tree, path: Path) -> Iterator[Problem]:
        """The metrics, lists and tables of a condition that nobody knows."""
        for kind, code, below in names_in(tree, path):
            yield from self._named(kind, code, below)

    def in_operand(self, value, path: Path) -> Iterator[Problem]:
        """The same for a value such as {table: code}."""
        for kind, code, below in operand_names(value, path):
            yield from self._named(kind, code, below)

    def _named(self, kind, code, path):
        nouns = {"metric": _("metric"), "list": _("list"), "table": _("table")}
        known = {"list": self.codes["lists"], "table": self.codes["tables"]}
        yield from self.unknown(nouns[kind], code, known.get(kind, self.metrics), path)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A list of rows under ``key``, kept in ``model`` (one with ``version`` and ``position``).

    An app that brings more (rewards) makes its own sections of this kind, or a subclass, and
    ``config.rulebook_sections`` puts them in the order of the file. A row is a dict of the model's
    attributes; a section reads and writes them and knows nothing of other sections.
    """

    key: str
    noun: str
    model: type[models.Model]
    fields: tuple[Field, ...]
    help: str = ""
    definitions: dict | None = None

    @property
    def columns(self) -> list[str]:
        """The attributes of a row, in the file's order."""
        return [field.attribute for field in self.fields]

    @property
    def related(self) -> tuple[str, ...]:
        """What a version is prefetched with, so that `read` asks nothing more."""
        return (self.rows_name,)

    @property
    def rows_name(self) -> str:
        """The version's attribute that holds the stored rows."""
        return f"{self.model._meta.model_name}_set"

    def schema(self) -> dict:
        """The JSON Schema of the section's value."""
        return {"description": self.help, "type": "array", "items": object_schema(self.fields)}

    def render(self, rows: list[dict]) -> list:
        """The file's value, defaults left out."""
        return [render_row(self.fields, row) for row in rows]

    def read(self, version: RulebookVersion) -> list[dict]:
        """The rows of a stored version in their order; one query, none where it was prefetched."""
        rows = getattr(version, self.rows_name).all()
        return [{name: getattr(row, name) for name in self.columns} for row in rows]

    def save(self, version: RulebookVersion, rows: list[dict]) -> None:
        """Store the rows as the version's, which has none of this section yet; one insert."""
        self.model.objects.bulk_create(
            (self.model(version=version, position=i, **row) for i, row in enumerate(rows)),
            batch_size=CHUNK,
        )

    def clear(self, version: RulebookVersion) -> None:
        """Remove the version's rows of this section."""
        self.model.objects.filter(version=version).delete()

    def shift(self, rows: list[dict], move: Shift) -> list[dict]:
        """The rows with every date moved."""
        return [shift_row(self.fields, row, move) for row in rows]

    def problems(self, rows: list[dict], names: "Names") -> Iterator[Problem]:
        """What is wrong in the rows beside their shape. What a file leaves out though it must not
        has the field's empty value here."""
        return iter(())

    def differences(self, old: list[dict], new: list[dict]) -> Iterator[str]:
        """What changes from the old rows to the new, one sentence each, in the active language."""
        before = {self.name(row): row for row in old}
        after = {self.name(row): row for row in new}
        for name, row in after.items():
            who = _("%(noun)s %(code)s") % {"noun": self.noun, "code": name}
            if name not in before:
                yield _("%(who)s is added") % {"who": who}
            else:
                yield from self.row_differences(who, before[name], row)
        for name in before:
            if name not in after:
                who = _("%(noun)s %(code)s") % {"noun": self.noun, "code": name}
                yield _("%(who)s is removed") % {"who": who}

    def row_differences(self, who: str, old: dict, new: dict) -> Iterator[str]:
        """Sentences about one row that both versions have."""
        for field in self.fields:
            before, after = old[field.attribute], new[field.attribute]
            if before != after:
                for place, was, now in field.differences(before, after):
                    yield sentence(who, self.label(field), place, was, now)

    def label(self, field: Field) -> str:
        """What people call a key."""
        return str(self.model._meta.get_field(field.attribute).verbose_name)

    def name(self, row: dict) -> str:
        """What tells a row from the others of its section."""
        return row["code"]


def sentence(who: str, label: str, place: str, was: str, now: str) -> str:
    """ "Requirement R at recheck: clears out → flags", in the active language."""
    what = {"who": who, "label": label, "place": place, "was": was, "now": now}
    if not place:
        return _("%(who)s, %(label)s: %(was)s → %(now)s") % what
    return _("%(who)s, %(label)s, %(place)s: %(was)s → %(now)s") % what


def source_fields() -> tuple[Field, ...]:
    """Where a row's figures come from."""
    return (
        Text(name="ref", help="where the row's figures come from, such as a rule's number"),
        Flag(name="example", help="true: the figures are an example, for the operator to replace"),
    )


def row_fields(*fields: Field, code: Field | None = None) -> tuple[Field, ...]:
    """A section's keys: code and title first, the source of the figures last."""
    code = code or Code(name="code", required=True, help="unique in its section")
    return (code, Texts(name="title"), *fields, *source_fields())


def object_schema(fields: Iterable[Field]) -> dict:
    """The JSON Schema of a mapping with these keys."""
    properties = {}
    for field in fields:
        shape = dict(field.schema())
        if field.help:
            shape = {"description": field.help, **shape}
        properties[field.name] = shape
    return {
        "type": "object",
        "properties": properties,
        "required": [field.name for field in fields if field.required],
        "additionalProperties": False,
    }


def parse_row(fields, row: dict, path: Path, problems: list[Problem]) -> dict:
    """A row of the model's attributes, defaults filled in."""
    parsed = {}
    for field in fields:
        parsed[field.attribute] = field.empty()
        if field.name in row:
            try:
                parsed[field.attribute] = field.parse(row[field.name])
            except ValueError as error:
                problems.append(Problem((*path, field.name), str(error)))
    return parsed


def render_row(fields, row: dict) -> dict:
    """A mapping as the file has it, defaults left out."""
    return {
        field.name: field.render(row[field.attribute], row)
        for field in fields
        if field.required or field.shown or row[field.attribute] != field.default
    }


def shift_row(fields, row: dict, move: Shift) -> dict:
    """A row with every date moved."""
    return {field.attribute: field.shift(row[field.attribute], move) for field in fields}
