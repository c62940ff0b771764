"""Filing by a table: what is read, what is told, and that nothing typed is lost."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.portal import uploading, worksheet
from campaigns.portal.uploading import Fault, UnreadableTable, read_table
from tests.campaigns.portal.conftest import text_of
from tests.factories import ItemFactory


@pytest.fixture
def items(shop):
    return [
        ItemFactory(seller=shop, code="I1"),
        ItemFactory(seller=shop, code="I2", recommended=True),
    ]


def lines_of(answer):
    return [(line.item.code, line.row.price, line.row.source) for line in answer.context["lines"]]


@pytest.mark.parametrize(
    "text",
    [
        "item,price\nI1,80.00\nI2,70\n",
        "\n item , price \r\nI1,80.00\r\n\r\nI2,70\r\n",
        "price;item\n80.00;I1\n70;I2",
        "item\tprice\nI1\t80.00\nI2\t70",
        "商品编码,活动价\nI1,80.00\nI2,70",
        'code,"campaign price",title\n"I1","80.00","a, b"\nI2,70,',
        "item,price\n'I1,80.00\nI2,70",
    ],
)
def test_tables_are_read_as_spreadsheets_write_them(shop, items, text):
    rows, faults = read_table(text, shop)
    assert faults == []
    assert [(rows[item.pk].price, rows[item.pk].source) for item in items] == [
        ("80.00", "stock_list"),
        ("70", "recommended_list"),
    ]


def test_a_bad_line_is_told_by_line_field_and_value(shop, items):
    ItemFactory(code="ALIEN")
    text = "item,price,list\nI1,abc,\nNOBODY,80,\nI2,80,nonsense\nALIEN,80,\nI1,80,\n,80,\nI2,,\n"
    rows, faults = read_table(text, shop)
    assert rows == {}
    assert faults == [
        Fault(2, "price", "abc", "“abc” is not a price. Write it like 88.00."),
        Fault(3, "item", "NOBODY", "No item of your shop has this code."),
        Fault(4, "list", "nonsense", "Expected stock_list or recommended_list."),
        Fault(5, "item", "ALIEN", "No item of your shop has this code."),
        Fault(6, "item", "I1", "The item is on line 2 already."),
        Fault(7, "item", "", "No item of your shop has this code."),
        Fault(8, "item", "I2", "The item is on line 4 already."),
        Fault(8, "price", "", "Enter a price."),
    ]


def test_a_line_number_counts_quoted_line_breaks(shop, items):
    text = 'item,price,title\nI1,80,"two\nlines"\nI2,bad,\n'
    _rows, faults = read_table(text, shop)
    assert [(fault.line, fault.field) for fault in faults] == [(4, "price")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is nothing in it."),
        ("\n \n", "There is nothing in it."),
        ("item,cost\nI1,80", "The first line must name the columns; missing: price."),
        ("I1,80\nI2,70", "The first line must name the columns; missing: item, price."),
        ('item,price\n"I1,80\n' + "x" * 200_000, "Line 3 cannot be read"),
    ],
    ids=["empty", "blank", "no price", "no header", "a quote without end"],
)
def test_what_is_no_table_is_refused_whole(shop, items, text, said):
    with pytest.raises(UnreadableTable, match="^" + said.replace(".", r"\.")):
        read_table(text, shop)


def test_at_most_600_lines(shop):
    text = "item,price\n" + "".join(f"X{n},1\n" for n in range(601))
    with pytest.raises(UnreadableTable, match="601 rows; at most 600"):
        read_table(text, shop)


def test_a_good_table_goes_to_the_prices(pages, codes, registration, items):
    file = SimpleUploadedFile("my.csv", b"item,price,list\nI1,80.00,\nI2,70,stock_list\n")
    answer = pages.client.post(pages.address("csv", *codes), {"file": file}, follow=True)
    assert lines_of(answer) == [("I1", "80.00", "stock_list"), ("I2", "70", "stock_list")]
    assert [line.row.highest for line in answer.context["lines"]] == ["90.00", "90.00"]
    assert "2 lines were taken over." in text_of(answer)


def test_a_table_from_a_chinese_system_is_read(pages, codes, registration, items):
    content = "商品编码,活动价,产品列表\nI1,80.00,现货产品列表\n".encode("gb18030")
    file = SimpleUploadedFile("表.csv", content)
    answer = pages.client.post(pages.address("csv", *codes), {"file": file}, follow=True)
    assert lines_of(answer) == [("I1", "80.00", "stock_list")]


def test_bad_lines_stop_everything_and_keep_the_text(pages, codes, registration, items):
    file = SimpleUploadedFile("my.csv", b"item,price\nI1,80.00\nI2,abc\n")
    answer = pages.client.post(pages.address("csv", *codes), {"file": file})
    text = text_of(answer)
    assert "1 fault" in text
    assert "1 line is good. Nothing was taken over" in text
    assert "3 price abc" in text
    assert "item,price\nI1,80.00\nI2,abc" in answer.content.decode()
    assert pages.get("prices", *codes, expect=302)
    corrected = {"text": "item,price\nI1,80.00\nI2,70\n"}
    answer = pages.client.post(pages.address("csv", *codes), corrected, follow=True)
    assert lines_of(answer) == [("I1", "80.00", "stock_list"), ("I2", "70", "recommended_list")]


def test_the_good_lines_are_taken_if_the_seller_says_so(pages, codes, registration, items):
    data = {"text": "item,price\nI1,80.00\nI2,abc\n", "bad": "skip"}
    answer = pages.client.post(pages.address("csv", *codes), data, follow=True)
    assert lines_of(answer) == [("I1", "80.00", "stock_list")]
    assert "1 bad line was left out." in text_of(answer)


def test_what_was_chosen_before_stays(pages, codes, registration, items):
    pages.post("choose", *codes, item=[items[0].pk], shown="", do="go")
    data = {"text": "item,price\nI2,70\n"}
    answer = pages.client.post(pages.address("csv", *codes), data, follow=True)
    assert [code for code, _price, _source in lines_of(answer)] == ["I1", "I2"]


def test_a_file_that_is_no_text_is_told(pages, codes, registration):
    file = SimpleUploadedFile("my.xlsx", b"PK\x03\x04\xff\xfe\x00\x80\xff")
    answer = pages.client.post(pages.address("csv", *codes), {"file": file})
    assert "The file is no text. Save it as CSV (UTF-8)." in text_of(answer)


def test_a_file_that_is_too_large_is_told(pages, codes, registration, monkeypatch):
    monkeypatch.setattr(uploading, "LARGEST_FILE", 10)
    file = SimpleUploadedFile("my.csv", b"item,price\nI1,80.00\n")
    answer = pages.client.post(pages.address("csv", *codes), {"file": file})
    assert "The file is larger than 1 MB." in text_of(answer)


def test_more_than_fit_are_left_out_and_told(pages, codes, registration, items, monkeypatch):
    monkeypatch.setattr(worksheet, "LARGEST", 1)
    pages.post("choose", *codes, item=[items[0].pk], shown="", do="go")
    data = {"text": "item,price\nI2,70\n"}
    answer = pages.client.post(pages.address("csv", *codes), data, follow=True)
    assert "At most 1 items are filed at once" in text_of(answer)
    assert [code for code, _price, _source in lines_of(answer)] == ["I1"]


def test_the_table_to_fill_in_can_be_sent_back(pages, codes, registration, items):
    content = pages.get("csv_template", *codes).content.decode("utf-8-sig")
    assert content.splitlines()[0] == "item,price,list,list price,title"
    filled = content.replace("I1,,", "I1,80,").replace("I2,,", "I2,70,")
    rows, faults = read_table(filled, registration.seller)
    assert faults == []
    assert {rows[item.pk].source for item in items} == {"stock_list", "recommended_list"}
