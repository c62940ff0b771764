"""A section as a table: what is written is read as what it was, and what spreadsheets do to it."""

import csv
import io

import pytest

from campaigns.rulebooks import registry, sheets
from campaigns.rulebooks.section import parse_row
from campaigns.spreadsheets import UnreadableSheet, harmless
from tests.times import local


def section():
    return registry.section("venues")


def row(**said):
    """A venue's row as a version keeps it."""
    return parse_row(section().fields, {"code": "main", **said}, (), [])


def written(rows, more=()):
    """The table of these rows as a file."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow([column.name for column in sheets.columns(section())])
    for found in rows:
        writer.writerow([harmless(cell) for cell in sheets.cells(section(), found)])
    return stream.getvalue()


def test_texts_have_a_column_for_each_language():
    names = [column.name for column in sheets.columns(section())]

    assert names[:4] == ["code", "title_en", "title_zh-hans", "kind"]
    assert "badge_en" in names
    assert "badge_styles_zh-hans" in names


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"title": {"en": "=HYPERLINK(1)", "zh-hans": "'主会场"}, "capacity": 0},
        {"kind": "a; b", "feeds_from_kinds": ["a; b", "c"], "feeds_from": ["x", "y"]},
        {"takes_registrations": False, "invitation_only": True, "results_due": "2015-12-01"},
        {"badge": {"en": "1212", "zh-hans": "双12"},
         "badge_styles": [{"en": "A; B", "zh-hans": "甲"}, {"en": "C", "zh-hans": "乙"}]},
        {"windows": ["a", "b"], "placement_mode": "+ranked", "withdrawal_warning_hours": 24},
        {"feeds_from": ["[x"], "contact": "-1", "example": True, "ref": "D12-009"},
    ],
)  # fmt: skip
def test_what_is_written_is_read_as_it_was(said):
    kept = row(**said)

    sheet = sheets.read(written([kept]), section(), [])

    assert sheet.problems == []
    problems = []
    assert parse_row(section().fields, sheet.rows[0], (), problems) == kept
    assert problems == []


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("2015/11/30 0:00", "2015-11-30 00:00:00"),
        ("2015-11-30 23:59:59", "2015-11-30 23:59:59"),
        ("2015/1/2", "2015-01-02"),
        ("2015.11.30 8:05", "2015-11-30 08:05:00"),
        ("2015-11-30 23:00:00+08:00", "2015-11-30 23:00:00+08:00"),
        ("soon", "soon"),
    ],
)
def test_times_are_read_as_spreadsheets_save_them(cell, read):
    (found,) = sheets.read(f"code,results_due\nmain,{cell}\n", section(), []).rows

    assert found == {"code": "main", "results_due": read}


@pytest.mark.parametrize(
    ("cell", "read"),
    [("TRUE", True), ("yes", True), ("是", True), ("FALSE", False), ("否", False), ("0", False),
     ("maybe", "maybe")],
)  # fmt: skip
def test_flags_are_read_in_both_languages(cell, read):
    (found,) = sheets.read(f"code,invitation_only\nmain,{cell}\n", section(), []).rows

    assert found["invitation_only"] == read


def test_whole_numbers_lose_what_a_spreadsheet_adds():
    lines = 'code,capacity\na,12.0\nb,"1,200"\nc,twelve\n'

    found = sheets.read(lines, section(), []).rows

    assert [venue["capacity"] for venue in found] == [12, 1200, "twelve"]


def test_a_column_that_is_not_there_leaves_what_is_stored():
    stored = [row(kind="branch", capacity=5, title={"en": "Old", "zh-hans": "旧"})]

    (found,) = sheets.read("code,title_en,capacity\nmain,New,\n", section(), stored).rows

    assert found == {
        "code": "main",
        "kind": "branch",
        "title": {"en": "New", "zh-hans": "旧"},
    }


def test_a_list_of_texts_keeps_the_language_without_a_column():
    styles = [{"en": "A", "zh-hans": "甲"}, {"en": "B", "zh-hans": "乙"}]
    stored = [row(badge_styles=styles)]

    (found,) = sheets.read("code,badge_styles_en\nmain,A; D\n", section(), stored).rows

    assert found["badge_styles"] == [{"en": "A", "zh-hans": "甲"}, {"en": "D", "zh-hans": "乙"}]


def test_columns_that_nobody_knows_are_named():
    sheet = sheets.read("code,capcity,kind,kind\nmain,1,a,b\n", section(), [])

    assert [(found.line, found.column, found.message) for found in sheet.problems] == [
        (1, "capcity", "unknown column “capcity”; did you mean “capacity”?"),
        (1, "kind", "the column is here twice"),
    ]


def test_a_line_with_too_many_cells_is_named():
    sheet = sheets.read("code,kind\nmain,a,b\n", section(), [])

    assert [(found.line, found.message) for found in sheet.problems] == [
        (2, "has more cells than the first line has columns")
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "kind,group\na,b\n"])
def test_a_table_without_codes_is_none(text):
    with pytest.raises(UnreadableSheet):
        sheets.read(text, section(), [])


def test_a_table_has_an_end():
    lines = "".join(f"v{i}\n" for i in range(sheets.MOST_ROWS + 1))

    with pytest.raises(UnreadableSheet, match="at most 2000"):
        sheets.read(f"code\n{lines}", section(), [])
    assert len(sheets.read(f"code\n{lines[:-6]}", section(), []).rows) == sheets.MOST_ROWS


def test_instants_are_written_local():
    names = [column.name for column in sheets.columns(section())]
    cells = sheets.cells(section(), row() | {"results_due": local("2015-12-01")})

    assert dict(zip(names, cells, strict=True))["results_due"] == "2015-12-01 00:00:00"
