"""The figures of a rulebook's text, each with the rules it comes from, and how it moves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

import yaml

from campaigns.rulebooks.values import read_offset
from campaigns.rulebooks.yaml_text import DECIMAL, INTEGER

DATE = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
TIME = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}(?P<seconds>:[0-9]{2})?$")
OFFSET = re.compile(r"^[-+]?(?=[0-9])(?:[0-9]+d)?(?:[0-9]+h)?(?:[0-9]+m)?$")
# The number of the format, and the version that a file replaces: no figures of a rule.
NOT_FIGURES = {("schema",)}


@dataclass(frozen=True)
class Figure:
    """A number or a time as it is printed, and where.

    ``path`` leads to it from the file's top. ``rules`` are the ids of the innermost row around it
    that names any; ``is_example`` says that a row around it is configuration by example.
    """

    text: str
    line: int
    start: int
    end: int
    path: tuple
    rules: frozenset[str] = frozenset()
    is_example: bool = False

    @property
    def place(self) -> str:
        """Where it is, for people: "tables.stock_list_ceiling.rows.3.value"."""
        return ".".join(str(part) for part in self.path)

    def within(self, text: str, new: str) -> str:
        """The file's text with this figure replaced."""
        return text[: self.start] + new + text[self.end :]


@dataclass(frozen=True)
class _Around:
    """What the rows around a figure say."""

    path: tuple = ()
    rules: frozenset[str] = field(default_factory=frozenset)
    is_example: bool = False


def moves(text: str) -> list[str]:
    """What a figure becomes, moved down and up by the last unit that is printed of it; nothing if
    it is no figure.

    A second of a time (a minute, printed without seconds), a day of a date, a minute of an offset
    such as -2h, one in the last place of a number.
    """
    if INTEGER.match(text):
        return [str(int(text) - 1), str(int(text) + 1)]
    if DECIMAL.match(text):
        number = Decimal(text)
        unit = Decimal(1).scaleb(number.as_tuple().exponent)
        return [format(number - unit, "f"), format(number + unit, "f")]
    if DATE.match(text):
        day = date.fromisoformat(text)
        return [(day + timedelta(days=step)).isoformat() for step in (-1, 1)]
    if time := TIME.match(text):
        instant = datetime.fromisoformat(text)
        unit = timedelta(seconds=1) if time["seconds"] else timedelta(minutes=1)
        precision = "seconds" if time["seconds"] else "minutes"
        return [(instant + step).isoformat(" ", precision) for step in (-unit, unit)]
    if OFFSET.match(text):
        minutes = read_offset(text)
        return [f"{minutes + step:+d}m" for step in (-1, 1)]
    return []


def figures(text: str) -> list[Figure]:
    """Every figure of a rulebook's text in the order of its lines."""
    return list(_of_node(yaml.compose(text, yaml.BaseLoader), _Around()))


def _of_node(node: yaml.Node, around: _Around) -> Iterator[Figure]:
    if isinstance(node, yaml.MappingNode):
        yield from _of_mapping(node, around)
    elif isinstance(node, yaml.SequenceNode):
        for number, part in enumerate(node.value):
            path = (*around.path, _code_of(part) or number)
            yield from _of_node(part, _Around(path, around.rules, around.is_example))
    elif node.style is None and moves(node.value) and around.path not in NOT_FIGURES:
        start, end = node.start_mark, node.end_mark
        yield Figure(
            node.value, start.line + 1, start.index, end.index,
            around.path, around.rules, around.is_example,
        )  # fmt: skip


def _of_mapping(node: yaml.MappingNode, around: _Around) -> Iterator[Figure]:
    said = {key.value: value.value for key, value in node.value}
    rules = frozenset(said["ref"].split()) if said.get("ref") else around.rules
    is_example = around.is_example or said.get("example") == "true"
    for key, value in node.value:
        yield from _of_node(value, _Around((*around.path, key.value), rules, is_example))


def _code_of(node: yaml.Node) -> str | None:
    """The code of a row that has one."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((value.value for key, value in node.value if key.value == "code"), None)
