"""A section of a rulebook as a table for a spreadsheet, a column for each key and language.

For sections whose rows are plain: texts, codes, choices, numbers, times, and lists of these.
Lists are written with semicolons between. What a spreadsheet makes of a value on its way through
(``TRUE``, ``2015/11/30 0:00``) is read as what it was. Cells are read into what a file would hold,
and judged by nobody here: a load's own check does that.
"""

import json
import re
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext as _

from campaigns.rulebooks.fields import Choice, Field, Flag, Plain, Texts, Time, Whole
from campaigns.rulebooks.problems import did_you_mean
from campaigns.rulebooks.section import Section
from campaigns.rulebooks.yaml_text import INTEGER
from campaigns.spreadsheets import UnreadableSheet, plain, records

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)
MOST_ROWS = 2000
_LIST_MARK = ";"
_TIME = re.compile(
    r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d+)?))?)?(.*)$"
)
_FLAGS = {
    **dict.fromkeys(("true", "yes", "y", "1", "是"), True),
    **dict.fromkeys(("false", "no", "n", "0", "否"), False),
}


@dataclass(frozen=True)
class CellProblem:
    """What is wrong with a cell; ``column`` is empty for a line as a whole, ``line`` counts from
    1."""

    line: int
    column: str
    message: str


@dataclass(frozen=True)
class Column:
    """A column of the table: a key, for a text one of its languages."""

    field: Field
    language: str = ""

    @property
    def name(self) -> str:
        """As the first line has it."""
        return f"{self.field.name}_{self.language}" if self.language else self.field.name


@dataclass(frozen=True)
class Sheet:
    """What a table holds: rows as a file would have them, the lines that they stand on, the columns
    of each line that the section does not know (``more``), and what cannot be read at all."""

    rows: list[dict]
    lines: list[int]
    more: list[dict[str, str]]
    columns: list[str]
    problems: list[CellProblem]


def columns(section: Section) -> list[Column]:
    """The section's columns in the order of the file."""
    return [
        Column(field, language)
        for field in section.fields
        for language in (LANGUAGES if _is_by_language(field) else ("",))
    ]


def cells(section: Section, row: dict) -> list[str]:
    """A row of the model's attributes as the cells of its line, defaults written out."""
    said = {
        field.name: None
        if row[field.attribute] is None
        else field.render(row[field.attribute], row)
        for field in section.fields
    }
    return [_written(column, said[column.field.name]) for column in columns(section)]


def read(text: str, section: Section, stored: list[dict], more: tuple[str, ...] = ()) -> Sheet:
    """The rows of a table, in its order.

    A column that is not there leaves what ``stored`` (the section's rows now) says under that name;
    an empty cell is the key's default. ``more`` are columns beside the section's. Raises
    UnreadableSheet.
    """
    lines = records(text)
    if not lines:
        raise UnreadableSheet(_("There is nothing in it."))
    known = {column.name: column for column in columns(section)}
    header, problems = _header(lines[0], known, more)
    if len(lines) - 1 > MOST_ROWS:
        raise UnreadableSheet(
            _("The table has %(number)d rows; at most %(most)d are read.")
            % {"number": len(lines) - 1, "most": MOST_ROWS}
        )
    before = {row["code"]: said for row, said in zip(stored, section.render(stored), strict=True)}
    rows, others = [], []
    for line, found in lines[1:]:
        if any(cell.strip() for cell in found[len(header) :]):
            text = _("has more cells than the first line has columns")
            problems.append(CellProblem(line, "", text))
        by_name = {name: plain(cell) for name, cell in zip(header, found, strict=False) if name} | {
            name: "" for name in header[len(found) :] if name
        }
        rows.append(_row(by_name, known, before.get(by_name.get("code"), {})))
        others.append({name: by_name[name] for name in more if name in by_name})
    return Sheet(rows, [line for line, _cells in lines[1:]], others, header, problems)


def columns_of(key: str, section: Section, header: list[str]) -> str:
    """The columns of a table that a key of the section is read from."""
    names = [column.name for column in columns(section) if column.field.name == key]
    return ", ".join([name for name in names if name in header] or [key])


def _header(first, known, more):
    """The columns by number, "" where one is not known, and what is wrong with them."""
    line, found = first
    names = [plain(cell) for cell in found]
    lower = {name.lower(): name for name in (*known, *more)}
    header, problems = [], []
    for name in names:
        column = lower.get(name.lower(), "")
        if name and not column:
            text = _("unknown column “%(name)s”") % {"name": name}
            problems.append(CellProblem(line, name, text + did_you_mean(name, lower.values())))
        elif column and column in header:
            problems.append(CellProblem(line, name, _("the column is here twice")))
        header.append(column)
    if "code" not in header:
        raise UnreadableSheet(
            _("The first line must name the columns; missing: %(names)s.") % {"names": "code"}
        )
    return header, problems


def _row(by_name, known, before):
    """What a file would hold for the cells of a line."""
    row = dict(before)
    parts = {}
    for name, cell in by_name.items():
        if name not in known:
            continue
        column = known[name]
        if column.language:
            parts.setdefault(column.field.name, {})[column.language] = cell
        else:
            _put(row, column.field.name, _value(column.field, cell))
    for key, texts in parts.items():
        field = next(column.field for column in known.values() if column.field.name == key)
        if isinstance(field, Texts):
            kept = {**(before.get(key) or {}), **texts}
            _put(row, key, {language: kept[language] for language in kept if kept[language]})
        else:
            _put(row, key, _texts(texts, before.get(key) or []))
    return row


def _put(row, key, value):
    """Set a key, or leave it out for nothing, as a file does."""
    if value in ("", None, [], {}):
        row.pop(key, None)
    else:
        row[key] = value


def _texts(by_language, before):
    """A list of texts from the lists of each language; a language without a column stays."""
    lists = {language: [text.get(language, "") for text in before] for language in LANGUAGES}
    lists.update((language, _listed(cell)) for language, cell in by_language.items())
    length = max(map(len, lists.values()))
    return [
        {language: part[i] for language, part in lists.items() if i < len(part) and part[i]}
        for i in range(length)
    ]


def _value(field, cell):
    """What a file would hold for a cell; what cannot be read stays text, which a load refuses."""
    if isinstance(field, Flag):
        return _FLAGS.get(cell.lower(), cell)
    if isinstance(field, Whole):
        whole = cell.removesuffix(".0").replace(",", "")
        return int(whole) if INTEGER.match(whole) else cell
    if isinstance(field, Time):
        return _time(cell)
    if isinstance(field, Choice):
        return cell.lower()
    if isinstance(field, Plain):
        return _listed(cell)
    return cell


def _time(cell):
    """A time as rulebooks write it, from how spreadsheets of several countries save it."""
    match = _TIME.match(cell)
    if not match:
        return cell
    year, month, day, hour, minute, second, rest = match.groups()
    text = f"{year}-{int(month):02}-{int(day):02}"
    if hour is not None:
        text += f" {int(hour):02}:{minute}:{second or '00'}"
    return text + rest.strip()


def _listed(cell):
    """A list from its cell."""
    if cell.startswith("["):
        try:
            found = json.loads(cell)
        except ValueError:
            found = None
        if isinstance(found, list) and all(isinstance(part, str) for part in found):
            return found
    return [part.strip() for part in cell.split(_LIST_MARK) if part.strip()]


def _written(column, value):
    """A file's value as a cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if column.language:
        if isinstance(value, dict):
            return value.get(column.language, "")
        return _joined([text.get(column.language, "") for text in value])
    return _joined(value) if isinstance(value, list) else str(value)


def _joined(parts):
    """A list as a cell; one that semicolons would not give back as JSON."""
    text = f"{_LIST_MARK} ".join(parts)
    return text if _listed(text) == parts else json.dumps(parts, ensure_ascii=False)


def _is_by_language(field):
    """Whether it is a text by language, or a list of such."""
    texts = isinstance(field, Plain) and field.shape.get("items", {}).get("$ref", "")
    return isinstance(field, Texts) or bool(texts and texts.endswith("/texts"))
