"""Choosing items: search, what stays chosen, and at most 600."""

import pytest

from campaigns.portal import worksheet
from tests.campaigns.portal.conftest import text_of
from tests.factories import CategoryFactory, EntryFactory, ItemFactory, SellerFactory


@pytest.fixture
def sheet(pages, registration, opened):
    """The items chosen, read from the session."""

    def chosen():
        kept = pages.client.session.get(f"worksheet:{registration.pk}:{opened.venue.pk}")
        return [] if kept is None else [int(pk) for pk in kept["rows"]]

    return chosen


def items_of(seller, number, **more):
    category = CategoryFactory()
    return [ItemFactory(seller=seller, category=category, **more) for _ in range(number)]


def test_the_only_venue_is_not_asked_for(pages, codes, registration):
    assert pages.get("items", codes[0], expect=302).url == pages.address("choose", *codes)


def test_items_are_filed_after_joining(pages, opened, codes):
    assert pages.get("items", codes[0], expect=302).url == pages.address("campaign", codes[0])
    pages.get("choose", *codes, expect=404)


def test_only_the_sellers_items_are_shown(pages, codes, registration, shop):
    (mine,) = items_of(shop, 1, title="My bag")
    ItemFactory(title="Another's bag")
    assert [row.pk for row in pages.get("choose", *codes).context["page"]] == [mine.pk]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "silk BAG"}, ["A1"]),
        ({"q": "b2"}, ["B2"]),
        ({"q": "nothing"}, []),
        ({"source": "recommended"}, ["B2"]),
        ({"source": "stock"}, ["A1", "C3"]),
        ({"category": "shoes"}, ["C3"]),
        ({"entered": "no"}, ["A1", "B2"]),
        ({"entered": "yes"}, ["C3"]),
    ],
)
def test_items_are_found_by_words_category_and_list(
    pages, codes, registration, shop, opened, query, found
):
    shoes, bags = CategoryFactory(code="shoes"), CategoryFactory(code="bags")
    ItemFactory(seller=shop, code="A1", title="Bag lined with silk", category=bags)
    ItemFactory(
        seller=shop, code="B2", title="Purse", recommended=True, on_stock_list=False, category=bags
    )
    worn = ItemFactory(seller=shop, code="C3", title="Silk shoes", category=shoes)
    EntryFactory(registration=registration, venue=opened.venue, item=worn)
    if "category" in query:
        query = {"category": shoes.pk}
    assert [row.code for row in pages.get("choose", *codes, **query).context["page"]] == found


def test_an_item_that_is_entered_cannot_be_chosen(pages, codes, registration, shop, opened):
    mine, entered = items_of(shop, 2)
    entry = EntryFactory(registration=registration, venue=opened.venue, item=entered)
    answer = pages.get("choose", *codes)
    assert answer.context["shown"] == str(mine.pk)
    assert pages.address("entry", entry.pk) in answer.content.decode()


def test_what_is_chosen_stays_chosen_from_page_to_page(pages, codes, registration, shop, sheet):
    rows = items_of(shop, 60)
    first = pages.get("choose", *codes)
    assert len(first.context["page"]) == 50
    following = first.context["page"].next
    pages.post(
        "choose", *codes, item=[rows[0].pk, rows[1].pk], shown=first.context["shown"],
        turn=following,
    )  # fmt: skip
    second = pages.client.get(f"{pages.address('choose', *codes)}?{following}")
    assert [row.pk for row in second.context["page"]] == [row.pk for row in rows[50:]]
    pages.post("choose", *codes, item=[rows[55].pk], shown=second.context["shown"], do="filter")
    assert sheet() == [rows[0].pk, rows[1].pk, rows[55].pk]
    again = pages.get("choose", *codes)
    assert [row.pk for row in again.context["page"] if row.chosen] == [rows[0].pk, rows[1].pk]


def test_a_box_left_empty_takes_the_item_out(pages, codes, registration, shop, sheet):
    one, two = items_of(shop, 2)
    shown = f"{one.pk},{two.pk}"
    pages.post("choose", *codes, item=[one.pk, two.pk], shown=shown, do="filter")
    pages.post("choose", *codes, item=[two.pk], shown=shown, do="filter")
    assert sheet() == [two.pk]
    pages.post("choose", *codes, shown="", do="clear")
    assert sheet() == []


def test_the_filter_is_kept_in_the_address(pages, codes, registration, shop):
    items_of(shop, 1)
    answer = pages.post("choose", *codes, q="silk bag", source="stock", category="", do="filter")
    assert answer.url == f"{pages.address('choose', *codes)}?q=silk+bag&source=stock"


def test_all_that_match_are_chosen_at_once(pages, codes, registration, shop, opened, sheet):
    bags = items_of(shop, 3, title="Bag")
    items_of(shop, 2, title="Shoe")
    EntryFactory(registration=registration, venue=opened.venue, item=bags[0])
    address = f"{pages.address('choose', *codes)}?q=bag"
    assert pages.client.post(address, {"do": "all"}).url == address
    assert sheet() == [bags[1].pk, bags[2].pk]


def test_at_most_600_are_chosen(pages, codes, registration, shop, sheet):
    category = CategoryFactory()
    from sellers.models import Item

    Item.objects.bulk_create(
        Item(code=f"many{n}", seller=shop, category=category) for n in range(603)
    )
    answer = pages.client.post(pages.address("choose", *codes), {"do": "all"}, follow=True)
    assert len(sheet()) == worksheet.LARGEST == 600
    assert "At most 600 items are filed at once" in text_of(answer)


def test_anothers_item_cannot_be_chosen(pages, codes, registration, shop, sheet):
    pages.post("choose", *codes, item=[ItemFactory().pk], shown="", do="filter")
    assert sheet() == []


def test_nonsense_in_the_form_does_no_harm(pages, codes, registration, shop, sheet):
    (mine,) = items_of(shop, 1)
    pages.post("choose", *codes, item=["x", "", "-1", str(mine.pk)], shown="a,,9", do="nothing")
    assert sheet() == [mine.pk]


def test_going_on_needs_an_item(pages, codes, registration, shop):
    items_of(shop, 1)
    answer = pages.client.post(pages.address("choose", *codes), {"do": "go"}, follow=True)
    assert "Choose at least one item." in text_of(answer)


def test_a_shop_without_items_is_told_so(pages, codes, registration):
    assert "Your shop has no items yet" in text_of(pages.get("choose", *codes))


@pytest.mark.parametrize("number", [1, 3, 45])
def test_the_list_asks_as_much_for_one_item_as_for_many(
    pages, codes, registration, shop, opened, number, django_assert_num_queries
):
    for row in items_of(shop, number):
        EntryFactory(registration=registration, venue=opened.venue, item=row)
    pages.get("choose", *codes)
    with django_assert_num_queries(15):
        pages.get("choose", *codes)


def test_two_sellers_of_an_agency_have_two_worksheets(registration, opened, rf):
    request = rf.get("/")
    request.session = {}
    other = SellerFactory()
    sheet = worksheet.Worksheet()
    sheet.add([ItemFactory(seller=registration.seller)])
    worksheet.save(request, registration, opened.venue, sheet)
    elsewhere = type(registration)(pk=registration.pk + 1, seller=other)
    assert worksheet.load(request, elsewhere, opened.venue).rows == {}
    assert worksheet.load(request, registration, opened.venue) == sheet
