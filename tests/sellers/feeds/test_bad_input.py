"""Damaged files and wrong lines: a clear word on each, and nothing half-written."""

import csv
import gzip
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow
import pyarrow.parquet
import pytest
from django.core.management import CommandError, call_command

from sellers.feeds.problems import FeedError, harmless
from sellers.models import FeedRun, Item
from tests.factories import CategoryFactory, ItemFactory, SellerFactory
from tests.sellers.feeds.conftest import counts
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def seller():
    """The seller of these files."""
    return SellerFactory(code="s1")


@pytest.fixture
def refused(feed, tmp_path):
    """The message with which a file of these bytes is refused; nothing of it must be there."""

    def message(content, kind="items"):
        path = tmp_path / "file"
        path.write_bytes(content)
        with pytest.raises(FeedError) as caught:
            feed(kind, path)
        assert not Item.objects.exists()
        assert FeedRun.objects.get().state == FeedRun.State.REFUSED
        return str(caught.value)

    return message


def lines(count):
    """A good file of `count` items."""
    return "code,seller,stock\n" + "".join(f"i{number},s1,{number}\n" for number in range(count))


def test_an_empty_file(refused):
    assert refused(b"") == "the file is empty"


def test_a_file_that_is_not_there(feed, tmp_path):
    with pytest.raises(FeedError, match=r"the file cannot be read: .*No such file"):
        feed("items", tmp_path / "nowhere.csv")


def test_only_a_byte_order_mark(refused):
    assert refused(b"\xef\xbb\xbf") == "the file has no header line"


def test_a_missing_header(refused):
    text = refused(b"i1,s1\ni2,s1\n")
    assert text.startswith(
        "the first line names no column of this feed; is the header missing? It is: code, seller,"
    )


def test_a_missing_column(refused):
    assert refused(b"seller,stock\ns1,4\n") == "the column code is missing"


def test_an_unknown_column_is_named_with_a_suggestion(refused):
    text = refused(b"code,seller,ship_time_hour\ni1,s1,4\n")
    assert text == "there is no column ship_time_hour in this feed. Did you mean ship_time_hours?"


def test_an_unknown_column_like_no_other(refused):
    text = refused(b"code,seller,zzz\ni1,s1,4\n")
    assert text.startswith("there is no column zzz in this feed. It has: code, seller, title,")


def test_a_column_twice_or_without_a_name(refused):
    assert refused(b"code,seller,code\n") == "the column code stands there twice"
    FeedRun.objects.all().delete()
    assert refused(b"code,,seller\n") == "column 2 has no name"


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_another_separator(refused, mark):
    text = f"code{mark}seller\ni1{mark}s1\n"
    assert refused(text.encode()) == "the columns must be separated by commas"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf_16(refused, encoding):
    content = lines(2).encode(encoding)
    if encoding == "utf-16-le":
        content = b"\xff\xfe" + content
    assert refused(content) == "the file is UTF-16; save it as UTF-8"


@pytest.mark.parametrize("kept", [1, 10, 200, -8, -1])
def test_a_truncated_gzip(refused, kept, small_chunks):
    content = gzip.compress(lines(500).encode())
    assert "cut off or damaged" in refused(content[: kept + (20 if kept == 1 else 0)])


def test_a_gzip_with_a_wrong_checksum(refused):
    content = bytearray(gzip.compress(lines(500).encode()))
    content[-6] ^= 0xFF
    assert refused(bytes(content)).startswith("the file cannot be read: CRC check failed")


def test_a_quotation_mark_that_is_never_closed(refused):
    text = refused(lines(3).replace("i1,", '"i1,').encode())
    assert text.startswith("the quotation marks do not match in or after line 3")


def test_a_truncated_parquet_file(refused, tmp_path):
    path = tmp_path / "good.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"code": ["i1"], "seller": ["s1"]}), path)
    content = path.read_bytes()
    assert refused(content[:-9]).startswith("the Parquet file is damaged")


def test_a_parquet_column_of_lists(refused, tmp_path):
    path = tmp_path / "good.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"code": [["i1"]], "seller": ["s1"]}), path)
    assert refused(path.read_bytes()).startswith("the column code is of type list<")


def test_lines_that_are_not_utf_8(feed, errors, tmp_path):
    path = tmp_path / "items.csv"
    text = "code,seller,title\ni1,s1,好\ni2,s1,商品\ni3,s1,plain\n".encode()
    path.write_bytes(text.replace("商品".encode(), "商品".encode("gbk")))
    assert counts(feed("items", path)) == (3, 1, 2, 0, 0, 0)
    ((line, field, _value, reason),) = errors()
    assert (line, field, reason) == (3, "title", "is not UTF-8 text")
    assert Item.objects.get(code="i1").title == "好"


def test_a_byte_order_mark_crlf_and_quotes(feed, tmp_path):
    path = tmp_path / "items.csv"
    text = '\ufeffcode,seller,title\r\ni1,s1,"a ""quoted"", cell"\r\n\r\ni2,s1,"two\r\nlines"\r\n'
    path.write_text(text, encoding="utf-8", newline="")
    assert counts(feed("items", path)) == (2, 0, 2, 0, 0, 0)
    titles = dict(Item.objects.values_list("code", "title"))
    assert titles == {"i1": 'a "quoted", cell', "i2": "two\r\nlines"}


def test_lines_with_too_few_or_too_many_cells(feed, errors, small_chunks):
    text = 'code,seller,stock\ni1,s1\ni2,s1,2,2\ni3,s1,3\n"i4"x,s1,4\ni5,s1,5\n'
    assert counts(feed("items", text)) == (5, 3, 2, 0, 0, 0)
    assert errors() == [
        (2, "", "", "has 2 cells where the header has 3"),
        (3, "", "", "has 4 cells where the header has 3"),
        (5, "", "", "has a quotation mark inside a quoted cell; it must be doubled there"),
    ]


def test_line_numbers_count_what_an_editor_shows(feed, errors):
    text = 'code,seller,title,stock\n\ni1,s1,"three\n\nlines",x\n\ni2,s1,,y\n'
    feed("items", text)
    assert [(line, field) for line, field, _value, _reason in errors()] == [
        (3, "stock"),
        (7, "stock"),
    ]


NUMBER, WHOLE = "is not a decimal number", "is not a whole number"
BAD_CELLS = [
    ("stock", "4.5", WHOLE),
    ("stock", "four", WHOLE),
    ("stock", "1e3", WHOLE),
    ("stock", "1,000", WHOLE),
    ("stock", "٣", WHOLE),
    ("stock", "9" * 30, WHOLE),
    (
        "stock",
        "9223372036854775808",
        "is not between -9223372036854775807 and 9223372036854775807",
    ),
    ("ship_time_hours", "-1", "is not between 0 and 2147483647"),
    ("ship_time_hours", "2147483648", "is not between 0 and 2147483647"),
    ("cost_price", "12.345", "has more than 2 decimal places"),
    ("cost_price", "-0.01", "is not between 0 and 100000000000.00"),
    ("cost_price", "100000000000.01", "is not between 0 and 100000000000.00"),
    ("cost_price", "1e2", NUMBER),
    ("cost_price", "NaN", NUMBER),
    ("cost_price", "Infinity", NUMBER),
    ("cost_price", "¥12", NUMBER),
    ("cost_price", "12,50", NUMBER),
    ("cost_price", "12.", NUMBER),
    ("weight_kg", "0.0001", "has more than 3 decimal places"),
    ("recommended", "maybe", "is not true or false (nor yes or no, 1 or 0)"),
    ("recommended", "2", "is not true or false (nor yes or no, 1 or 0)"),
    *[
        ("published_at", text, "is not a date and time such as 2023-05-16 20:00:00")
        for text in ("16.05.2023", "2023-02-30", "2023-05-16 25:00", "20230516", "now", "2023-5-1")
    ],
    ("published_at", "1899-12-31", "lies before 1900 or after 2199"),
    ("published_at", "2200-01-01 10:00", "lies before 1900 or after 2199"),
    ("title", "x" * 301, "is longer than 300 characters"),
    ("title", "a\0b", "contains a null character"),
    ("seller", "", "must not be empty"),
    ("code", "  ", "must not be empty"),
    ("code", "c" * 81, "is longer than 80 characters"),
]


@pytest.mark.parametrize(("field", "cell", "reason"), BAD_CELLS)
def test_a_bad_cell(feed, errors, field, cell, reason, tmp_path):
    good = {"code": "bad", "seller": "s1"}
    path = tmp_path / "items.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, ["code", "seller", field] if field not in good else good)
        writer.writeheader()
        writer.writerow({**good, field: cell})
        writer.writerow({"code": "fine", "seller": "s1"})
    assert counts(feed("items", path)) == (2, 1, 1, 0, 0, 0)
    assert [(line, name, why) for line, name, _value, why in errors()] == [(2, field, reason)]
    assert Item.objects.get().code == "fine"


GOOD_CELLS = [
    ("stock", " 12 ", 12),
    ("stock", "+3", 3),
    ("stock", "-3", -3),
    ("cost_price", "12.3400", Decimal("12.34")),
    ("cost_price", "100000000000.00", Decimal("100000000000.00")),
    ("cost_price", "0.01", Decimal("0.01")),
    ("brand_score", "-0.01", Decimal("-0.01")),
    ("volume_m3", "0.000001", Decimal("0.000001")),
    ("recommended", "YES", True),
    ("recommended", "0", False),
    ("published_at", "2023-05-16", local("2023-05-16")),
    ("published_at", "2023-05-16T20:00", local("2023-05-16 20:00")),
    ("published_at", "2023-05-16 20:00:01.5", local("2023-05-16 20:00:01.500000")),
    ("published_at", "2023-05-16T12:00:00Z", local("2023-05-16 20:00")),
    ("published_at", "2023-05-16 09:00-03:00", local("2023-05-16 20:00")),
    ("title", "=1+1", "=1+1"),
    ("title", "x" * 300, "x" * 300),
]


@pytest.mark.parametrize(("field", "cell", "value"), GOOD_CELLS)
def test_a_good_cell(feed, field, cell, value):
    assert counts(feed("items", f"code,seller,{field}\ni1,s1,{cell}\n")) == (1, 0, 1, 0, 0, 0)
    assert getattr(Item.objects.get(), field) == value


def test_all_bad_cells_of_a_line_are_told_and_the_line_counts_once(feed, errors):
    outcome = feed("items", "code,seller,stock,cost_price\ni1,s1,x,y\ni2,s1,1,1\n")
    assert counts(outcome) == (2, 1, 1, 0, 0, 0)
    assert errors() == [(2, "stock", "x", WHOLE), (2, "cost_price", "y", NUMBER)]
    assert [problem.field for problem in outcome.first_problems] == ["stock", "cost_price"]


def test_no_errors_file_without_errors(feed, tmp_path):
    path = tmp_path / "errors.csv"
    path.write_text("of an earlier file")
    outcome = feed("items", lines(1))
    assert outcome.errors is None
    assert not path.exists()


def test_a_repeated_bad_cell_is_told_each_time(feed, errors, small_chunks):
    feed("items", "code,seller,stock\n" + "".join(f"i{number},s1,x\n" for number in range(5)))
    assert errors() == [(line, "stock", "x", WHOLE) for line in range(2, 7)]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("@SUM(1)", "'@SUM(1)"),
        ("＝1", "'＝1"),
        ("plain", "plain"),
        ("-5.5", "-5.5"),
        ("+5", "+5"),
        ("a=1", "a=1"),
    ],
)
def test_formulas_are_made_harmless_in_the_errors_file(feed, errors, cell, written):
    feed("items", f"code,seller,stock\n{cell},s1,x\nb,{cell},1\n")
    assert errors()[1] == (3, "seller", written, "is not known")
    assert harmless(cell) == written


def test_a_tab_and_a_carriage_return_are_harmless_too():
    assert [harmless(text) for text in ("\t=1", "\r=1", "\n=1")] == ["'\t=1", "'\r=1", "'\n=1"]


def test_a_parquet_file_with_types(feed, errors, tmp_path, small_chunks):
    CategoryFactory(code="7")
    path = tmp_path / "items.parquet"
    size = 7
    at = datetime(2023, 5, 16, 12, tzinfo=UTC)
    table = pyarrow.table(
        {
            "code": [f"i{number}" for number in range(size)],
            "seller": pyarrow.array(["s1"] * size).dictionary_encode(),
            "category": pyarrow.array([7] * size),
            "stock": pyarrow.array([1.0, None, 2.5, 3.0, 4.0, float("nan"), 5.0]),
            "cost_price": pyarrow.array([88.1, 0.1 + 0.2, None, 1.0, 2.0, 3.0, 1e22]),
            "weight_kg": pyarrow.array([Decimal("1.500")] * size),
            "recommended": pyarrow.array([True, False, None, True, True, True, True]),
            "published_at": pyarrow.array([at] * size, pyarrow.timestamp("ns", "UTC")),
            "first_listed_at": pyarrow.array([date(2023, 5, 16)] * size),
        }
    )
    pyarrow.parquet.write_table(table, path, row_group_size=4)
    assert counts(feed("items", path)) == (7, 4, 3, 0, 0, 0)
    assert {(line, field, reason) for line, field, _value, reason in errors()} == {
        (2, "cost_price", "has more than 2 decimal places"),
        (3, "stock", WHOLE),
        (6, "stock", WHOLE),
        (7, "cost_price", "is not between 0 and 100000000000.00"),
    }
    item = Item.objects.get(code="i0")
    assert (item.stock, item.cost_price, item.weight_kg) == (1, Decimal("88.10"), Decimal("1.500"))
    assert (item.recommended, item.category.code) == (True, "7")
    assert item.published_at == at
    assert item.first_listed_at == local("2023-05-16")
    assert set(Item.objects.values_list("code", flat=True)) == {"i0", "i3", "i4"}


def test_a_gzip_file_is_read_whatever_its_name(feed, tmp_path):
    path = tmp_path / "items.csv"
    path.write_bytes(gzip.compress(lines(3).encode()))
    assert counts(feed("items", path)) == (3, 0, 3, 0, 0, 0)


def test_a_header_alone_is_a_file_without_lines(feed):
    assert counts(feed("items", "code,seller\n")) == (0, 0, 0, 0, 0, 0)


def test_the_command(tmp_path, capsys):
    ItemFactory(code="old", stock=1)
    path = tmp_path / "items.csv"
    path.write_text("code,stock\nold,2\nnew,x\n")
    call_command("feed", "items", str(path), "--at", "2023-05-10 02:00")
    out, err = capsys.readouterr()
    assert out == (
        "items: 2 read, 1 bad, 0 inserted, 1 updated, 0 unchanged, 0 older than what is known\n"
    )
    assert "items.csv:3: stock “x” is not a whole number" in err
    beside = tmp_path / "items.csv.errors.csv"
    assert beside.read_text().splitlines()[1] == "items.csv,3,stock,x,is not a whole number"
    run = FeedRun.objects.get()
    assert run.at == local("2023-05-10 02:00")
    with pytest.raises(CommandError, match=r"1 of 2 lines are bad\. Nothing was written."):
        call_command("feed", "items", str(path), "--strict", at="2023-05-11")
    path.write_text("code,stok\nold,2\n")
    with pytest.raises(
        CommandError, match=r"items.csv: .*Did you mean stock\? Nothing was written"
    ):
        call_command("feed", "items", str(path))
    with pytest.raises(CommandError, match="expected a date and time in ISO 8601, found soon"):
        call_command("feed", "items", str(path), at="soon")
