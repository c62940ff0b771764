"""The result of a filing, and the table of it."""

import csv
import io

import pytest

from campaigns.models import Entry, Filing, Registration
from campaigns.registering import FilingRow, file_entries
from campaigns.spreadsheets import harmless, plain
from tests.campaigns.portal.conftest import text_of
from tests.factories import FILED, ItemFactory
from tests.times import local


@pytest.fixture
def filed(registration, opened, shop, user):
    """A filing of five rows: accepted, refused, twice the same, unknown, another's."""
    ItemFactory(seller=shop, code="GOOD", title="=HYPERLINK(1)")
    ItemFactory(seller=shop, code="DEAR", title="Dear one")
    ItemFactory(code="ALIEN")
    rows = [
        FilingRow("GOOD", "80.00"),
        FilingRow("DEAR", "95.00"),
        FilingRow("GOOD", "80.00"),
        FilingRow("NOBODY", "80.00"),
        FilingRow("ALIEN", "80.00"),
    ]
    return file_entries(
        registration=registration, venue=opened.venue, rows=rows, at=FILED, actor=user, key="k"
    ).filing


def test_every_row_has_its_reasons(pages, filed):
    rows = pages.get("filing", filed.pk).context["page"].object_list
    assert [(row["item"], row["outcome"]) for row in rows] == [
        ("GOOD", "accepted"),
        ("DEAR", "refused"),
        ("GOOD", "refused"),
        ("NOBODY", "refused"),
        ("ALIEN", "refused"),
    ]
    titles = [[verdict.title for verdict in row["verdicts"]] for row in rows]
    assert titles == [
        [],
        ["The price is low enough"],
        ["The item is in this filing twice"],
        ["There is no such item"],
        ["There is no such item in your shop"],
    ]


def test_another_sellers_item_looks_as_if_it_were_not_there(pages, filed):
    text = text_of(pages.get("filing", filed.pk))
    assert "No item has this code. Check the code." in text
    assert "No item of your shop has this code." in text


def test_rows_are_shown_by_outcome(pages, filed):
    rows = pages.get("filing", filed.pk, only="accepted").context["page"].object_list
    assert [row["item"] for row in rows] == ["GOOD"]
    assert len(pages.get("filing", filed.pk, only="nonsense").context["page"].object_list) == 5


def test_the_table_cannot_run_as_a_formula(pages, filed):
    answer = pages.get("filing_csv", filed.pk)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[1][:5] == ["1", "GOOD", "'=HYPERLINK(1)", "80.00", "approved"]
    assert rows[2][5:9] == [
        "The price is low enough",
        "Campaign price",
        "95.00 CNY",
        "at most 90 CNY",
    ]
    assert len(rows) == 6


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-5", "'-5"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("  =1", "'  =1"),
        ("\n=1", "'\n=1"),
        ("＝1", "'＝1"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (88, "88"),
    ],
)
def test_what_a_spreadsheet_would_run_is_neutralised(cell, text):
    assert harmless(cell) == text


def test_a_downloaded_cell_reads_back(db):
    assert plain(harmless("=A1")) == "=A1"
    assert plain(" I7 ") == "I7"


def test_a_filing_that_is_not_done_is_not_shown(pages, registration, opened):
    filing = Filing.objects.create(
        registration=registration, venue=opened.venue, key="open", at=FILED
    )
    pages.get("filing", filing.pk, expect=404)


def test_what_was_refused_goes_back_on_the_worksheet(pages, filed, codes):
    answer = pages.post("file_refused", filed.pk)
    assert answer.url == pages.address("prices", *codes)
    lines = pages.client.get(answer.url).context["lines"]
    assert [(line.item.code, line.row.price) for line in lines] == [
        ("DEAR", "95.00"),
        ("GOOD", "80.00"),
    ]
    assert lines[0].row.highest == "90.00"


@pytest.mark.parametrize(
    ("moment", "is_open"), [("2023-05-20 23:59:59", True), ("2023-05-21 00:00:00", False)]
)
def test_the_rest_is_filed_again_while_the_venue_takes_items(pages, filed, at, moment, is_open):
    at.set(local(moment))
    answer = pages.get("filing", filed.pk)
    assert (pages.address("file_refused", filed.pk) in answer.content.decode()) is is_open
    closed = "Nothing more can be filed here now. Registration closed at 20 May 2023, 24:00."
    assert (closed in text_of(answer)) is not is_open
    posted = pages.post("file_refused", filed.pk)
    campaign = filed.registration.campaign.code
    assert (posted.url == pages.address("prices", campaign, filed.venue.code)) is is_open


def test_filing_again_needs_a_registration(pages, filed, codes):
    Registration.objects.update(status="withdrawn")
    answer = pages.post("file_refused", filed.pk)
    assert answer.url == pages.address("campaign", codes[0])


def test_one_entry_is_filed_again_at_its_price(pages, filed, codes):
    refused = Entry.objects.get(item__code="DEAR")
    answer = pages.post("file_again", refused.pk)
    (line,) = pages.client.get(answer.url).context["lines"]
    assert (line.item.code, line.row.price, line.row.highest) == ("DEAR", "95.00", "90.00")
    approved = Entry.objects.get(status="approved")
    assert pages.post("file_again", approved.pk).url == pages.address("entry", approved.pk)
