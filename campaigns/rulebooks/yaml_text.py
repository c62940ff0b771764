"""YAML text to plain data and back, with nothing lost and nothing guessed.

A number keeps its exact digits (0.05 is Decimal("0.05"), never a binary float). A date is text.
``no``, ``on`` and 0123 are text too: only true, false, null and plain numbers are anything else.
"""

import re
from dataclasses import dataclass, field
from decimal import Decimal

import yaml
from django.utils.translation import gettext as _

from campaigns.rulebooks.problems import Path, Problem, RulebookErrors

_TAG = "tag:yaml.org,2002:"
_WIDTH = 100
_FLOW_WIDTH = 84
INTEGER = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)$")
DECIMAL = re.compile(r"^[-+]?(?:0|[1-9][0-9]*)\.[0-9]+$")
_DIGITS = list("-+0123456789")


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    yaml_implicit_resolvers = {}


class _Dumper(yaml.SafeDumper):
    yaml_implicit_resolvers = {}

    def increase_indent(self, flow=False, indentless=False):
        """Indent the rows of a list under its key."""
        return super().increase_indent(flow, False)


_OURS = (
    ("null", re.compile(r"^(?:~|null|)$"), ["~", "n", ""]),
    ("bool", re.compile(r"^(?:true|false)$"), ["t", "f"]),
    ("int", INTEGER, _DIGITS),
    ("float", DECIMAL, _DIGITS),
)
for _name, _pattern, _first in _OURS:
    _Loader.add_implicit_resolver(_TAG + _name, _pattern, _first)
    _Dumper.add_implicit_resolver(_TAG + _name, _pattern, _first)
# Other readers of YAML take these words for truth values, so that they are written in quotes.
_Dumper.add_implicit_resolver(
    f"{_TAG}bool", re.compile(r"^(?:y|yes|n|no|on|off|True|False|TRUE|FALSE)$", re.I), None
)


@dataclass(frozen=True)
class Document:
    """A file's data (dict, list, str, int, Decimal, bool, None) and the line of every path."""

    data: object
    lines: dict[Path, int] = field(default_factory=dict)


def read(text: str) -> Document:
    """Read one YAML document. Raises RulebookErrors with every problem found."""
    try:
        node = yaml.compose(text, _Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(part for part in (error.context, error.problem) if part)
        raise RulebookErrors(
            [Problem((), _("not readable as YAML: %(what)s") % {"what": what}, mark.line + 1)]
        ) from None
    except yaml.YAMLError as error:
        raise RulebookErrors(
            [Problem((), _("not readable as YAML: %(what)s") % {"what": error})]
        ) from None
    if node is None:
        raise RulebookErrors([Problem((), _("the file is empty"), 1)])
    reader = _Reader()
    data = reader.value(node, ())
    if reader.problems:
        raise RulebookErrors(reader.problems)
    return Document(data, reader.lines)


class _Reader:
    """Walks the nodes of a document; remembers lines, problems and nodes already seen."""

    def __init__(self):
        self.lines = {}
        self.problems = []
        self._seen = set()

    def value(self, node, path):
        line = node.start_mark.line + 1
        self.lines.setdefault(path, line)
        if id(node) in self._seen:
            self._problem(path, line, _("anchors and aliases are not used here; write it out"))
            return None
        self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(part, (*path, i)) for i, part in enumerate(node.value)]
        return self._scalar(node, path, line)

    def _mapping(self, node, path):
        data = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self._problem(path, line, _("expected a word as key"))
                continue
            key = key_node.value
            below = (*path, key)
            if key in data:
                self._problem(below, line, _("“%(key)s” is here twice") % {"key": key})
            self.lines[below] = line
            data[key] = self.value(value_node, below)
        return data

    def _scalar(self, node, path, line):
        kind = node.tag.removeprefix(_TAG)
        readers = {
            "null": lambda text: None,
            "bool": lambda text: text == "true",
            "int": int,
            "float": Decimal,
            "str": str,
        }
        if kind not in readers:
            self._problem(path, line, _("tags such as %(tag)s are not used") % {"tag": node.tag})
            return None
        try:
            return readers[kind](node.value)
        except (ValueError, ArithmeticError):
            self._problem(path, line, _("“%(text)s” is not a number") % {"text": node.value})
            return None

    def _problem(self, path, line, message):
        self.problems.append(Problem(path, message, line))


def write(data: dict) -> str:
    """A document as YAML text: a blank line between sections, short lists and mappings on one
    line. ``read(write(data)).data == data``."""
    text = ""
    for key, value in data.items():
        pair = (_scalar(key), _node(value))
        node = yaml.MappingNode(f"{_TAG}map", [pair], flow_style=False)
        part = yaml.serialize(node, Dumper=_Dumper, width=_WIDTH, allow_unicode=True, indent=2)
        apart = part.count("\n") > 1 or text.endswith("\n\n") or text.count("\n") > 1
        text += "\n" + part if text and apart else part
    return text


def _node(value):
    """The value of a section: a mapping, or a list whose rows are blocks each."""
    if isinstance(value, list):
        rows = [_block(row) if isinstance(row, dict) else _part(row) for row in value]
        return yaml.SequenceNode(f"{_TAG}seq", rows, flow_style=not rows)
    return _block(value) if isinstance(value, dict) else _scalar(value)


def _block(value):
    pairs = [(_scalar(key), _part(part)) for key, part in value.items()]
    return yaml.MappingNode(f"{_TAG}map", pairs, flow_style=not pairs)


def _part(value):
    """Anything inside a row: on one line if it fits."""
    one_line = not value or len(repr(value)) <= _FLOW_WIDTH
    if isinstance(value, dict):
        pairs = [(_scalar(key), _part(part)) for key, part in value.items()]
        return yaml.MappingNode(f"{_TAG}map", pairs, flow_style=one_line)
    if isinstance(value, list):
        return yaml.SequenceNode(f"{_TAG}seq", [_part(part) for part in value], flow_style=one_line)
    return _scalar(value)


def _scalar(value):
    if value is None:
        return yaml.ScalarNode(f"{_TAG}null", "null")
    if isinstance(value, bool):
        return yaml.ScalarNode(f"{_TAG}bool", "true" if value else "false")
    if isinstance(value, int):
        return yaml.ScalarNode(f"{_TAG}int", str(value))
    if isinstance(value, Decimal):
        return yaml.ScalarNode(f"{_TAG}float", format(value, "f"))
    return yaml.ScalarNode(f"{_TAG}str", value, style="|" if "\n" in value else None)
