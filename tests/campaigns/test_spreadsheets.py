"""CSV on its way to a spreadsheet and back."""

from decimal import Decimal

import pytest

from campaigns.spreadsheets import (
    UnreadableSheet,
    csv_answer,
    csv_stream,
    harmless,
    plain,
    records,
    text_of,
)


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("＝1", "'＝1"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("'quoted", "''quoted"),
        ("plain", "plain"),
        ("a=b", "a=b"),
        (None, ""),
        (7, "7"),
    ],
)
def test_a_formula_gets_an_apostrophe(cell, written):
    assert harmless(cell) == written


@pytest.mark.parametrize("cell", ["=1+1", "'quoted", "+", "plain", "＠x", "''two"])
def test_what_was_made_harmless_is_given_back(cell):
    assert plain(harmless(cell)) == cell


def test_a_download_opens_as_what_it_is():
    answer = csv_answer("a.csv", [["code", "=x"], ["中文", None]])

    assert answer.content.decode() == "\ufeffcode,'=x\r\n中文,\r\n"
    assert answer["Content-Disposition"] == 'attachment; filename="a.csv"'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_of_chinese_spreadsheets_are_read(encoding):
    assert text_of("code,标题\n".encode(encoding)) == "code,标题\n"


def test_what_is_no_text_is_refused():
    with pytest.raises(UnreadableSheet, match="no text"):
        text_of(b"\xff\xff\xff")


def test_records_say_where_they_begin_and_leave_blank_lines_out():
    text = '\ufeffcode;title\na;"two\nlines"\n;\nb;x\n'

    assert records(text) == [
        (1, ["code", "title"]),
        (2, ["a", "two\nlines"]),
        (5, ["b", "x"]),
    ]


def test_a_quotation_mark_that_is_never_closed_is_named_by_its_line():
    with pytest.raises(UnreadableSheet, match="Line 2 cannot be read"):
        records('code\n"a\nb\n')


def test_a_stream_sends_numbers_as_numbers_and_no_formula():
    rows = iter([["a", "=1+1"], [Decimal("-0.30"), Decimal("1E+3")], [-5, None]])
    answer = csv_stream("table.csv", rows)
    assert answer.streaming
    assert answer["Content-Disposition"] == 'attachment; filename="table.csv"'
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert text.splitlines() == ["a,'=1+1", "-0.30,1000", "-5,"]
