"""The second step of filing: prices, the check, filing once, and what the result says."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Entry, Filing, VenueTerms
from campaigns.portal import worksheet
from sellers.models import Item
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    CategoryFactory,
    ItemFactory,
    ListPriceFactory,
    PromotionFactory,
    QuotaFactory,
    RequirementFactory,
    StatisticFactory,
)
from tests.times import local


@pytest.fixture
def items(shop):
    """Three items of 100.00 each."""
    category = CategoryFactory()
    return [ItemFactory(seller=shop, code=f"I{n}", category=category) for n in range(3)]


@pytest.fixture
def typed(pages, codes, registration):
    """Posts the price page with these prices by item, and what else is given."""

    def send(prices, do="check", follow=False, **more):
        data = {
            "items": ",".join(str(item.pk) for item in prices),
            "do": do,
            "key": more.pop("key", "key1"),
            **{f"price-{item.pk}": price for item, price in prices.items()},
            **more,
        }
        return pages.client.post(pages.address("prices", *codes), data, follow=follow)

    return send


def test_without_a_choice_there_is_nothing_to_price(pages, codes, registration):
    assert pages.get("prices", *codes, expect=302).url == pages.address("choose", *codes)


def test_the_highest_price_that_passes_is_filled_in(pages, codes, registration, items):
    ids = [item.pk for item in items]
    answer = pages.post("choose", *codes, item=ids, shown="", do="go")
    assert answer.url == pages.address("prices", *codes)
    lines = pages.get("prices", *codes).context["lines"]
    assert [(line.row.price, line.row.highest) for line in lines] == [("90.00", "90.00")] * 3
    assert not Entry.objects.exists()


def test_the_lowest_list_price_is_shown_with_since_when(pages, codes, registration, opened, shop):
    StatisticFactory(
        version=opened.version, code="item.lowest", function="min", source="list_prices",
        field="price", window={"from": "2023-05-09 00:00:00", "to": "2023-05-21 00:00:00"},
        include_scheduled=True, slot="number_01", title={"en": "Lowest"},
    )  # fmt: skip
    RequirementFactory(
        version=opened.version, code="lowest", stages={"admission": "reject"},
        require=["entry.activity_price", "<=", {"metric": "item.lowest"}],
    )  # fmt: skip
    item = ItemFactory(seller=shop)
    soon = local("2023-05-19")
    ListPriceFactory(item=item, ends_at=soon)
    ListPriceFactory(
        item=item, starts_at=soon, price=Decimal("88.00"), known_at=local("2023-05-08")
    )
    pages.post("choose", *codes, item=[item.pk], shown="", do="go")
    answer = pages.get("prices", *codes)
    (line,) = answer.context["lines"]
    assert (line.row.price, line.since.starts_at) == ("88.00", soon)
    assert "88.00 lowest list price, from 19 May 2023, 00:00" in text_of(answer)


def test_an_item_without_a_list_price_gets_no_suggestion(pages, codes, registration, shop):
    item = ItemFactory(seller=shop, list_price=None)
    pages.post("choose", *codes, item=[item.pk], shown="", do="go")
    (line,) = pages.get("prices", *codes).context["lines"]
    assert (line.row.price, line.row.highest) == ("", "")


def test_a_check_says_measured_and_needed_and_files_nothing(typed, items):
    answer = typed({items[0]: "90.00", items[1]: "90.01", items[2]: "1"})
    lines = answer.context["lines"]
    assert [line.status for line in lines] == ["approved", "rejected", "approved"]
    (verdict,) = lines[1].verdicts
    (line,) = verdict.lines
    assert (line.label, line.measured, line.needed) == (
        "Campaign price",
        "90.01 CNY",
        "at most 90 CNY",
    )
    text = text_of(answer)
    assert "2 of 3 pass" in text
    assert "File the 2 that pass" in text
    assert not Entry.objects.exists()
    assert not Filing.objects.exists()


def test_filing_gives_one_result_for_each_row(typed, pages, items):
    prices = {items[0]: "90.00", items[1]: "90.01", items[2]: "1"}
    answer = typed(prices, do="file", follow=True)
    filing = Filing.objects.get()
    assert answer.redirect_chain[-1][0] == pages.address("filing", filing.pk)
    rows = answer.context["page"].object_list
    assert [(row["line"], row["item"], row["outcome"]) for row in rows] == [
        (1, "I0", "accepted"),
        (2, "I1", "refused"),
        (3, "I2", "accepted"),
    ]
    assert "Campaign price 90.01 CNY needed: at most 90 CNY" in text_of(answer)
    assert Entry.objects.get(item=items[1]).status == "rejected"


def test_pressing_twice_files_once(typed, items):
    prices = {items[0]: "80.00"}
    first = typed(prices, do="file")
    again = typed(prices, do="file")
    assert first.url == again.url
    assert Entry.objects.count() == 1


def test_only_what_passes_is_filed_and_the_rest_stays(typed, pages, codes, items):
    prices = {items[0]: "90.00", items[1]: "90.01"}
    answer = typed(prices, do="file_passing", follow=True)
    assert [row["item"] for row in answer.context["page"].object_list] == ["I0"]
    left = pages.get("prices", *codes)
    assert [(line.item.code, line.row.price) for line in left.context["lines"]] == [("I1", "90.01")]
    assert left.context["sheet"].key != "key1"
    # The same request once more neither files again nor brings the filed row back.
    assert typed(prices, do="file_passing").url == answer.redirect_chain[-1][0]
    assert Entry.objects.count() == 1


def test_if_nothing_passes_nothing_is_filed(typed, items):
    answer = typed({items[0]: "99.00"}, do="file_passing")
    assert answer.status_code == 200
    assert "0 of 1 pass" in text_of(answer)
    assert not Filing.objects.exists()


@pytest.mark.parametrize(
    ("price", "problem"),
    [
        ("", "Enter a price."),
        ("  ", "Enter a price."),
        ("abc", "“abc” is not a price. Write it like 88.00."),
        ("NaN", "“NaN” is not a price. Write it like 88.00."),
        ("0", "The price must be above 0."),
        ("-1", "The price must be above 0."),
        ("1.005", "A price has at most 2 decimal places."),
        ("100000000000", "The price is too large."),
        ("1E+30", "The price is too large."),
        ("99999999999.99", ""),
        ("0.01", ""),
        ("¥1,234.50", ""),
    ],
)
def test_what_is_wrong_with_a_price(price, problem):
    assert worksheet.price_problem(price) == problem


@pytest.mark.parametrize("do", ["check", "file", "file_passing"])
def test_a_bad_price_keeps_everything_that_was_typed(typed, pages, codes, items, do):
    answer = typed({items[0]: "abc", items[1]: "77.77"}, do=do)
    assert answer.status_code == 200
    assert [line.problem != "" for line in answer.context["lines"]] == [True, False]
    content = answer.content.decode()
    assert 'value="abc"' in content
    assert 'value="77.77"' in content
    assert not Filing.objects.exists()
    # Closing the page loses nothing either.
    kept = pages.get("prices", *codes).context["lines"]
    assert [line.row.price for line in kept] == ["abc", "77.77"]


def test_a_thousands_comma_is_read(typed, shop):
    dear = ItemFactory(seller=shop, list_price=Decimal("5000.00"))
    typed({dear: "1,234.50"}, do="file")
    assert Entry.objects.get().activity_price == Decimal("1234.50")


def test_a_row_can_be_taken_out(typed, pages, codes, items):
    typed({items[0]: "1", items[1]: "2"}, do="", remove=items[0].pk)
    assert [line.item.code for line in pages.get("prices", *codes).context["lines"]] == ["I1"]


def test_prices_are_filled_in_with_a_cut(pages, codes, registration, items, typed):
    pages.post("choose", *codes, item=[items[0].pk, items[1].pk], shown="", do="go")
    typed({items[0]: "", items[1]: "5"}, do="fill", percent="10")
    lines = pages.get("prices", *codes).context["lines"]
    assert [line.row.price for line in lines] == ["81.00", "81.00"]


@pytest.mark.parametrize("percent", ["-1", "100", "x", "1.5"])
def test_a_senseless_cut_changes_nothing(typed, items, percent):
    answer = typed({items[0]: "80.00"}, do="fill", percent=percent)
    assert "Give a whole percentage from 0 to 99." in text_of(answer)
    assert answer.context["lines"][0].row.price == "80.00"


def test_tools_are_bound_to_every_row(typed, opened, items):
    PromotionFactory(
        version=opened.version, code="cross", kind="mandatory", title={"en": "Cross-shop cut"}
    )
    RequirementFactory(
        version=opened.version, code="tool", require=["entry.tools", "contains", "cross"],
        title={"en": "It takes part in the cut"}, stages={"admission": "reject"},
    )  # fmt: skip
    answer = typed({items[0]: "80.00"})
    assert "Promotion tools none needed: with Cross-shop cut" in text_of(answer)
    assert [(tool.code, tool.demanded) for tool in answer.context["tools"]] == [("cross", True)]
    typed({items[0]: "80.00", items[1]: "80.00"}, do="file", tools=["cross"])
    assert [list(row.tools.values_list("code", flat=True)) for row in Entry.objects.all()] == [
        ["cross"],
        ["cross"],
    ]
    assert set(Entry.objects.values_list("status", flat=True)) == {"approved"}


def test_the_list_is_chosen_where_an_item_is_on_both(typed, items):
    Item.objects.filter(pk=items[0].pk).update(recommended=True)
    answer = typed({items[0]: "80.00"}, **{f"source-{items[0].pk}": "stock_list"})
    assert f'name="source-{items[0].pk}"' in answer.content.decode()
    typed({items[0]: "80.00"}, do="file", **{f"source-{items[0].pk}": "stock_list"})
    assert Entry.objects.get().list_source == "stock_list"


def test_a_full_quota_is_told_with_its_numbers(typed, opened, items):
    QuotaFactory(version=opened.version, code="q", ceiling=2, title={"en": "Places"})
    answer = typed(dict.fromkeys(items, "80.00"))
    lines = answer.context["lines"]
    assert [line.status for line in lines] == ["approved", "approved", "rejected"]
    assert lines[2].verdicts[0].title == "No place left"
    assert "2 of 2 places are used." in text_of(answer)


def test_a_pause_refuses_every_row_and_keeps_them(typed, pages, codes, items, at):
    at.set(local("2023-05-16 18:00"))
    answer = typed({items[0]: "80.00"})
    assert answer.context["lines"][0].verdicts[0].title == "Registration is paused"
    at.set(local("2023-05-16 20:30"))
    assert [line.row.price for line in pages.get("prices", *codes).context["lines"]] == ["80.00"]
    assert typed({items[0]: "80.00"}).context["passing"] == 1


def test_where_people_decide_filing_goes_to_review(typed, opened, items):
    VenueTerms.objects.update(review_mode="system_then_manual")
    answer = typed({items[0]: "80.00"})
    assert "goes to review" in text_of(answer)
    answer = typed({items[0]: "80.00"}, do="file", follow=True)
    assert answer.context["counts"] == {"review": 1}


def test_anothers_item_is_not_filed(typed, items):
    answer = typed({ItemFactory(): "1.00", items[0]: "80.00"}, do="file", follow=True)
    assert [row["item"] for row in answer.context["page"].object_list] == ["I0"]


def test_600_rows_are_filed_at_once(typed, shop, codes, pages):
    category = CategoryFactory()
    template = ItemFactory(seller=shop, category=category)
    fields = {"seller": shop, "category": category, "list_price": template.list_price}
    rows = Item.objects.bulk_create(
        Item(code=f"R{n}", on_stock_list=True, recommended=True, **fields) for n in range(600)
    )
    sources = {f"source-{row.pk}": "stock_list" for row in rows}
    prices = {row: "80.00" if n % 10 else "95.00" for n, row in enumerate(rows)}
    checked = typed(prices, **sources)
    assert (checked.context["passing"], checked.context["refused"]) == (540, 60)
    answer = typed(prices, do="file", follow=True, **sources)
    assert answer.context["total"] == 600
    assert answer.context["counts"] == {"accepted": 540, "refused": 60}
    only = pages.client.get(answer.redirect_chain[-1][0], {"only": "refused"})
    assert [row["line"] for row in only.context["page"].object_list] == list(range(1, 600, 10))
    second = pages.client.get(answer.redirect_chain[-1][0], {"page": "6"})
    assert second.context["page"].object_list[-1]["line"] == 600
    table = pages.get("filing_csv", Filing.objects.get().pk).content.decode()
    assert len(table.splitlines()) == 601


def test_more_rows_than_600_are_cut(typed, items, monkeypatch):
    monkeypatch.setattr(worksheet, "LARGEST", 2)
    answer = typed(dict.fromkeys(items, "80.00"))
    assert len(answer.context["lines"]) == 2


def test_the_check_asks_as_much_for_one_row_as_for_many(typed, items):
    counts = []
    for number in (1, 3):
        prices = dict.fromkeys(items[:number], "95.00")
        typed(prices)
        with CaptureQueriesContext(connection) as found:
            typed(prices)
        counts.append(len(found))
    assert counts[0] == counts[1]
