"""``lists`` and ``tables``: values and thresholds that conditions look up."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from campaigns.models import ParameterRow, ParameterTable, ValueList
from campaigns.rulebooks import values
from campaigns.rulebooks.conditions import tree_words
from campaigns.rulebooks.fields import Choice, Field, Plain, Text
from campaigns.rulebooks.problems import Problem
from campaigns.rulebooks.section import (
    CHUNK,
    Section,
    object_schema,
    parse_row,
    render_row,
    row_fields,
    sentence,
    source_fields,
)
from campaigns.rulebooks.yaml_text import INTEGER

_SCALAR = {"type": ["string", "number", "boolean"]}
_BOUND = {"type": ["string", "number"]}
_LOOKUP = {
    "description": gettext_noop(
        "a value, a list of values, a half-open band {from: 1, to: 4}, {missing: true}, or null "
        "for anything"
    ),
    "anyOf": [
        {"type": ["string", "number", "boolean", "null"]},
        {"type": "array", "items": _SCALAR, "minItems": 1},
        {
            "type": "object",
            "properties": {"missing": {"const": True}},
            "required": ["missing"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "properties": {"from": _BOUND, "to": _BOUND},
            "minProperties": 1,
            "additionalProperties": False,
        },
    ],
}


@dataclass(frozen=True, kw_only=True)
class Result(Field):
    """What a lookup gives: kept as text, shown as the table's type says."""

    longest: int = 64

    def schema(self):
        return {"type": ["string", "number"], "maxLength": self.longest}

    def parse(self, value):
        if isinstance(value, bool):
            raise ValueError(_("expected a number or a text"))
        return str(values.to_json(value))

    def render(self, value, row):
        if value is None or row["type"] == ParameterTable.Type.TEXT:
            return value
        return int(value) if INTEGER.match(value) else values.from_json(value)


LOOKUP_FIELDS = (
    Plain(name="keys", required=True, shape={"type": "array", "items": _LOOKUP}),
    Result(name="value", required=True),
    *source_fields(),
)


@dataclass(frozen=True, kw_only=True)
class Lookups(Field):
    """The rows of a table."""

    default: object = ()

    def empty(self):
        return []

    def schema(self):
        return {"type": "array", "items": object_schema(LOOKUP_FIELDS)}

    def parse(self, value):
        problems = []
        rows = [parse_row(LOOKUP_FIELDS, row, (i,), problems) for i, row in enumerate(value)]
        if problems:
            raise ValueError("; ".join(str(problem) for problem in problems))
        return rows

    def render(self, value, row):
        return [render_row(LOOKUP_FIELDS, {**part, "type": row["type"]}) for part in value]

    def differences(self, old, new):
        """Rows by their keys: what a lookup gave before and gives now."""
        before = {tree_words(row["keys"]): row["value"] for row in old}
        after = {tree_words(row["keys"]): row["value"] for row in new}
        for keys in [*before, *(keys for keys in after if keys not in before)]:
            if before.get(keys) != after.get(keys):
                yield keys, self.words(before.get(keys)), self.words(after.get(keys))
        if before == after:
            yield "", _("another order or source"), _("this order and source")


@dataclass(frozen=True, kw_only=True)
class TableSection(Section):
    """Tables with their rows, which are a model of their own."""

    @property
    def related(self):
        return (f"{self.rows_name}__rows",)

    def read(self, version):
        columns = [column for column in self.columns if column != "rows"]
        fields = [field.attribute for field in LOOKUP_FIELDS]
        found = getattr(version, self.rows_name).all()
        if self.rows_name not in getattr(version, "_prefetched_objects_cache", ()):
            found = found.prefetch_related("rows")
        return [
            {name: getattr(table, name) for name in columns}
            | {"rows": [{name: getattr(row, name) for name in fields} for row in table.rows.all()]}
            for table in found
        ]

    def save(self, version, rows):
        tables = [
            ParameterTable(
                version=version,
                position=i,
                **{name: value for name, value in row.items() if name != "rows"},
            )
            for i, row in enumerate(rows)
        ]
        ParameterTable.objects.bulk_create(tables, batch_size=CHUNK)
        ids = dict(ParameterTable.objects.filter(version=version).values_list("code", "pk"))
        ParameterRow.objects.bulk_create(
            (
                ParameterRow(table_id=ids[table["code"]], position=i, **row)
                for table in rows
                for i, row in enumerate(table["rows"])
            ),
            batch_size=CHUNK,
        )

    def problems(self, rows, names):
        for i, table in enumerate(rows):
            path = (self.key, i)
            for j, metric in enumerate(table["keys"]):
                yield from names.unknown(_("metric"), metric, names.metrics, (*path, "keys", j))
            if table["default"] is not None:
                yield from _wrong_type(table, table["default"], (*path, "default"))
            if not table["rows"] and table["default"] is None:
                yield Problem(path, _("expected rows or a default"))
            for j, row in enumerate(table["rows"]):
                below = (*path, "rows", j)
                if len(row["keys"]) != len(table["keys"]):
                    text = _("expected %(count)d keys, one for each of the table's")
                    yield Problem((*below, "keys"), text % {"count": len(table["keys"])})
                yield from _wrong_type(table, row["value"], (*below, "value"))

    def row_differences(self, who, old, new):
        for field in self.fields:
            before, after = old[field.attribute], new[field.attribute]
            if before == after:
                continue
            for place, was, now in field.differences(before, after):
                label = "" if field.name == "rows" else self.label(field)
                if label:
                    yield sentence(who, label, place, was, now)
                else:
                    yield sentence(who, _("for"), place, was, now)


def _wrong_type(table, text, path):
    kind = table["type"]
    whole = bool(INTEGER.match(text))
    if kind == ParameterTable.Type.INTEGER and not whole:
        yield Problem(path, _("expected a whole number"))
    elif kind == ParameterTable.Type.DECIMAL and not (whole or values.DECIMAL_TEXT.match(text)):
        yield Problem(path, _("expected a number"))


LISTS = Section(
    key="lists",
    noun=gettext_lazy("List"),
    model=ValueList,
    help="named lists of values, such as categories",
    fields=row_fields(
        Plain(
            name="values",
            required=True,
            default=[],
            shape={"type": "array", "items": _SCALAR, "uniqueItems": True},
        ),
    ),
)

TABLES = TableSection(
    key="tables",
    noun=gettext_lazy("Table"),
    model=ParameterTable,
    help="thresholds looked up by keys; the first row that matches gives the value",
    fields=row_fields(
        Plain(
            name="keys",
            required=True,
            default=[],
            shape={"type": "array", "items": {"$ref": "#/$defs/metric"}},
            help="the metrics that are looked up, in order",
        ),
        Choice(name="type", required=True, choices=ParameterTable.Type),
        Text(name="unit", longest=32),
        Result(name="default", help="the value where no row matches"),
        Lookups(name="rows"),
    ),
)
