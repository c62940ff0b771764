"""The feeds of categories, sellers and items: what is written, and what is left alone."""

from decimal import Decimal

import pytest

from sellers.feeds.problems import FeedError
from sellers.models import (
    Agency,
    Category,
    ChangedSubject,
    FeedRun,
    Item,
    LegalEntity,
    Seller,
    SubjectKind,
)
from tests.factories import CategoryFactory, ItemFactory, SellerFactory
from tests.sellers.feeds.conftest import counts
from tests.times import local

pytestmark = pytest.mark.django_db

ITEMS = """code,seller,title,category,industry,stock,first_listed_at,published_at,ship_time_hours,\
on_stock_list,recommended,volume_m3,weight_kg,free_shipping,cost_price,brand_score,scarcity_score,\
theme_fit
i1,s1,Lamp,lamps,home,12,2023-01-02 03:04:05,2023-01-03,48,true,no,0.600001,20.001,1,9.99,1,2.5,3.25
i2,s1,,,,,,,,,,,,,,,,
"""


def changed():
    """The subjects that are marked as changed."""
    return set(ChangedSubject.objects.values_list("subject_kind", "subject_id"))


@pytest.fixture
def seller():
    """The seller of these files."""
    return SellerFactory(code="s1")


def test_every_column_of_an_item(feed, seller):
    lamps = CategoryFactory(code="lamps")
    assert counts(feed("items", ITEMS)) == (2, 0, 2, 0, 0, 0)
    item = Item.objects.get(code="i1")
    assert (item.seller, item.title, item.category) == (seller, "Lamp", lamps)
    assert (item.industry, item.stock, item.ship_time_hours) == ("home", 12, 48)
    assert item.first_listed_at == local("2023-01-02 03:04:05")
    assert item.published_at == local("2023-01-03 00:00")
    assert (item.on_stock_list, item.recommended, item.free_shipping) == (True, False, True)
    assert (item.volume_m3, item.weight_kg) == (Decimal("0.600001"), Decimal("20.001"))
    assert (item.cost_price, item.brand_score) == (Decimal("9.99"), Decimal("1.00"))
    assert (item.scarcity_score, item.theme_fit) == (Decimal("2.50"), Decimal("3.25"))
    assert item.known_at == item.effective_at == local("2023-05-10 02:00")
    empty = Item.objects.get(code="i2")
    assert (empty.title, empty.list_price) == ("", None)
    known = "category industry stock first_listed_at published_at ship_time_hours on_stock_list"
    for name in [*known.split(), "recommended", "volume_m3", "free_shipping", "theme_fit"]:
        assert getattr(empty, name) is None


def test_the_same_file_twice_changes_nothing(feed, seller, small_chunks):
    CategoryFactory(code="lamps")
    lines = "".join(f"i{number},s1,{number},lamps\n" for number in range(10))
    text = "code,seller,stock,category\n" + lines
    assert counts(feed("items", text)) == (10, 0, 10, 0, 0, 0)
    before = list(Item.objects.order_by("pk").values())
    assert counts(feed("items", text)) == (10, 0, 0, 0, 10, 0)
    assert counts(feed("items", text, at="2023-05-11 02:00")) == (10, 0, 0, 0, 10, 0)
    assert list(Item.objects.order_by("pk").values()) == before
    assert changed() == set()


def test_only_lines_that_differ_are_written(feed, seller, small_chunks):
    text = "code,seller,stock\n" + "".join(f"i{number},s1,{number}\n" for number in range(8))
    feed("items", text)
    outcome = feed("items", text.replace("i5,s1,5", "i5,s1,50"), at="2023-05-11 02:00")
    assert counts(outcome) == (8, 0, 0, 1, 7, 0)
    item = Item.objects.get(code="i5")
    assert (item.stock, item.known_at) == (50, local("2023-05-11 02:00"))
    assert Item.objects.get(code="i4").known_at == local("2023-05-10 02:00")
    assert changed() == {(SubjectKind.ITEM, item.pk)}


def test_an_absent_column_is_left_and_an_empty_cell_is_unknown(feed):
    kept = ItemFactory(code="kept", ship_time_hours=24, stock=5, title="Lamp")
    outcome = feed("items", "code,ship_time_hours\nkept,72\n")
    assert counts(outcome) == (1, 0, 0, 1, 0, 0)
    before = dict(Item.objects.values().get(pk=kept.pk))
    assert (before["ship_time_hours"], before["stock"], before["title"]) == (72, 5, "Lamp")
    assert counts(feed("items", "code,ship_time_hours,title\nkept,,\n")) == (1, 0, 0, 1, 0, 0)
    after = dict(Item.objects.values().get(pk=kept.pk))
    assert (after["ship_time_hours"], after["title"]) == (None, "")
    changing = {"ship_time_hours", "title", "known_at", "effective_at"}
    assert {name for name in after if after[name] != before[name]} <= changing


def test_a_new_item_needs_its_seller(feed, errors):
    ItemFactory(code="old")
    outcome = feed("items", "code,stock\nold,1\nnew,2\n")
    assert counts(outcome) == (2, 1, 0, 1, 0, 0)
    assert errors() == [(3, "code", "new", "is not known, and a new row needs: seller")]


def test_an_item_does_not_change_its_seller(feed, errors, seller):
    SellerFactory(code="s2")
    ItemFactory(code="mine", seller=seller, stock=1)
    outcome = feed("items", "code,seller,stock\nmine,s2,5\nother,s2,6\n")
    assert counts(outcome) == (2, 1, 1, 0, 0, 0)
    ((line, field, value, reason),) = errors()
    assert (line, field, value) == (2, "seller", "s2")
    assert reason == "is another seller than the item's, s1; an item does not change its seller"
    assert Item.objects.get(code="mine").stock == 1


def test_unknown_references_are_bad_lines(feed, errors, seller):
    CategoryFactory(code="lamps")
    text = "code,seller,category\na,s1,lamps\nb,s9,lamps\nc,s1,sofas\nd,s9,sofas\ne,s1,\n"
    assert counts(feed("items", text)) == (5, 3, 2, 0, 0, 0)
    assert sorted(errors()) == [
        (3, "seller", "s9", "is not known"),
        (4, "category", "sofas", "is not known"),
        (5, "category", "sofas", "is not known"),
        (5, "seller", "s9", "is not known"),
    ]
    assert set(Item.objects.values_list("code", flat=True)) == {"a", "e"}


def test_of_repeated_lines_the_last_counts_and_the_others_are_told(feed, errors, small_chunks):
    ItemFactory(code="i1", stock=0)
    lines = "i1,1\ni2,7\ni1,2\ni1,3\n"
    ItemFactory(code="i2", stock=0)
    assert counts(feed("items", "code,stock\n" + lines)) == (4, 2, 0, 2, 0, 0)
    assert dict(Item.objects.values_list("code", "stock")) == {"i1": 3, "i2": 7}
    assert errors() == [
        (2, "code", "i1", "stands there again in line 5, which counts"),
        (4, "code", "i1", "stands there again in line 5, which counts"),
    ]


def test_a_list_price_has_a_feed_of_its_own(feed, seller):
    with pytest.raises(FeedError, match=r"no column list_price.*feed of their own, list_prices"):
        feed("items", "code,seller,list_price\ni1,s1,9.00\n")
    assert not Item.objects.exists()


@pytest.mark.parametrize("later", ["same", "other"])
def test_an_older_file_does_not_overwrite_newer_values(feed, seller, later):
    ItemFactory(code="i1", seller=seller, effective_at=None, known_at=None)
    feed("items", "code,stock,ship_time_hours\ni1,1,24\n", at="2023-05-01")
    feed("items", "code,stock\ni1,3\n", at="2023-05-03")
    if later == "same":
        outcome = feed("items", "code,stock,ship_time_hours\ni1,2,24\n", at="2023-05-02")
        assert counts(outcome) == (1, 0, 0, 0, 0, 1)
        hours = 24
    else:
        # Of the shipping time nothing newer was fed, so it is news.
        outcome = feed("items", "code,stock,ship_time_hours\ni1,2,48\n", at="2023-05-02")
        assert counts(outcome) == (1, 0, 0, 1, 0, 0)
        hours = 48
    item = Item.objects.get(code="i1")
    assert (item.stock, item.ship_time_hours) == (3, hours)
    assert item.effective_at == local("2023-05-03")


def test_an_older_file_fills_what_no_newer_one_touched(feed, seller):
    ItemFactory(code="i1", seller=seller, effective_at=None, known_at=None, stock=None)
    ItemFactory(code="i2", seller=seller, effective_at=None, known_at=None, stock=None)
    feed("items", "code,stock\ni1,3\n", at="2023-05-03")
    outcome = feed("items", "code,stock\ni1,2\ni2,2\n", at="2023-05-02")
    assert counts(outcome) == (2, 0, 0, 1, 0, 1)
    assert dict(Item.objects.values_list("code", "stock")) == {"i1": 3, "i2": 2}
    assert counts(feed("items", "code,stock\ni1,4\n", at="2023-05-03")) == (1, 0, 0, 1, 0, 0)


def test_times_may_stand_in_the_file(feed, seller):
    text = "code,seller,stock,effective_at,known_at\ni1,s1,4,2023-05-01,2023-05-02 08:00\n"
    feed("items", text + "i2,s1,4,,\ni3,s1,4,2023-04-01,\n")
    item = Item.objects.get(code="i1")
    assert (item.effective_at, item.known_at) == (local("2023-05-01"), local("2023-05-02 08:00"))
    item = Item.objects.get(code="i2")
    assert (item.effective_at, item.known_at) == (local("2023-05-10 02:00"),) * 2
    item = Item.objects.get(code="i3")
    assert (item.effective_at, item.known_at) == (local("2023-04-01"), local("2023-05-10 02:00"))
    # Fed again without the time: what is in effect from later is newer.
    outcome = feed("items", "code,stock\ni1,9\n", at="2023-04-30")
    assert counts(outcome) == (1, 0, 0, 0, 0, 1)


def test_what_is_not_in_effect_yet_cannot_be_fed(feed, seller, errors):
    lines = "i1,s1,2023-05-10 02:00:00\ni2,s1,2023-05-10 02:00:01\n"
    for name in ("effective_at", "known_at"):
        outcome = feed("items", f"code,seller,{name}\n{lines}")
        assert outcome.run.bad == 1
        assert [row[0] for row in errors()] == [3]
        assert errors()[0][3] == "lies after the time of the feed"


def test_of_several_times_in_one_file_the_latest_is_written(feed, seller, small_chunks):
    text = "code,seller,stock,effective_at\n"
    text += "i1,s1,1,2023-05-01\ni1,s1,3,2023-05-03\ni2,s1,9,2023-05-01\ni1,s1,2,2023-05-02\n"
    assert counts(feed("items", text)) == (4, 0, 2, 0, 0, 2)
    assert dict(Item.objects.values_list("code", "stock")) == {"i1": 3, "i2": 9}
    assert counts(feed("items", text)) == (4, 0, 0, 0, 2, 2)


def test_a_run_is_recorded(feed, seller):
    outcome = feed("items", "code,seller\ni1,s1\ni2,s9\n")
    run = FeedRun.objects.get()
    assert run == outcome.run
    assert (run.kind, run.file_name, run.state) == ("items", "items.csv", "done")
    assert (run.read, run.bad, run.inserted, run.columns) == (2, 1, 1, ["code", "seller"])
    assert (run.at, run.newest) == (local("2023-05-10 02:00"),) * 2
    assert len(run.digest) == 64


def test_strict_writes_nothing_if_a_line_is_bad(feed, seller, errors):
    text = "code,seller\ni1,s1\ni2,s9\n"
    outcome = feed("items", text, strict=True)
    assert outcome.run.state == FeedRun.State.REFUSED
    assert counts(outcome) == (2, 1, 0, 0, 0, 0)
    assert len(errors()) == 1
    assert not Item.objects.exists()
    good = feed("items", text.replace("i2,s9\n", ""), strict=True)
    assert good.run.state == FeedRun.State.DONE
    assert counts(good) == (1, 0, 1, 0, 0, 0)


def test_a_dry_run_writes_nothing_and_counts(feed, seller):
    ItemFactory(code="old", seller=seller, stock=1)
    ItemFactory(code="same", seller=seller, stock=2)
    text = "code,seller,stock\nold,s1,9\nsame,s1,2\nnew,s1,3\nbad,s9,4\n"
    before = list(Item.objects.order_by("pk").values())
    outcome = feed("items", text, dry_run=True)
    assert counts(outcome) == (4, 1, 1, 1, 1, 0)
    assert list(Item.objects.order_by("pk").values()) == before
    assert not FeedRun.objects.exists()
    assert counts(feed("items", text)) == (4, 1, 1, 1, 1, 0)


SELLERS = """code,name,kind,entity,entity_name,agency,agency_name,main_category,shop_type,\
marketing_rules_ok,dingtalk_activated,dingtalk_by_main_account,dingtalk_bound,one_click_closed,\
growth_level,industry_featured,operating_score,service_score
s1,店铺,shop,e1,Alpha Ltd,a1,Agents,lamps,marketplace,true,false,no,yes,0,5,1,88.50,4.75
s2,Second,,e1,Alpha Ltd,,,,,,,,,,,,,
"""


def test_every_column_of_a_seller(feed):
    lamps = CategoryFactory(code="lamps")
    assert counts(feed("sellers", SELLERS)) == (2, 0, 2, 0, 0, 0)
    seller = Seller.objects.get(code="s1")
    assert (seller.name, seller.kind, seller.shop_type) == ("店铺", "shop", "marketplace")
    assert (seller.entity.code, seller.entity.name) == ("e1", "Alpha Ltd")
    assert (seller.agency.code, seller.agency.name) == ("a1", "Agents")
    assert seller.main_category == lamps
    flags = "marketing_rules_ok dingtalk_activated dingtalk_by_main_account dingtalk_bound"
    assert [getattr(seller, name) for name in flags.split()] == [True, False, False, True]
    assert (seller.one_click_closed, seller.industry_featured) == (False, True)
    assert (seller.growth_level, seller.operating_score) == (5, Decimal("88.50"))
    assert seller.service_score == Decimal("4.75")
    empty = Seller.objects.get(code="s2")
    assert (empty.kind, empty.entity.code, empty.agency) == ("shop", "e1", None)
    assert (empty.shop_type, empty.growth_level, empty.one_click_closed) == (None, None, None)
    assert LegalEntity.objects.count() == Agency.objects.count() == 1
    assert counts(feed("sellers", SELLERS)) == (2, 0, 0, 0, 2, 0)
    assert changed() == set()


def test_a_known_seller_gets_a_new_entity(feed):
    seller = SellerFactory(code="s1")
    outcome = feed("sellers", "code,entity\ns1,e7\n", dry_run=True)
    assert counts(outcome) == (1, 0, 0, 1, 0, 0)
    assert not LegalEntity.objects.exists()
    assert counts(feed("sellers", "code,entity\ns1,e7\n")) == (1, 0, 0, 1, 0, 0)
    seller.refresh_from_db()
    assert (seller.entity.code, seller.entity.name) == ("e7", "")
    assert changed() == {(SubjectKind.SELLER, seller.pk)}
    feed("sellers", "code,entity,entity_name\ns1,e7,Early\ns2,e7,Late\n")
    seller.entity.refresh_from_db()
    assert seller.entity.name == "Late"


def test_a_parent_may_stand_after_its_child(feed, small_chunks):
    text = "code,parent,industry,name\nleaf,branch,home,Leaf\nx,,,\ny,,,\nbranch,root,,\nroot,,,\n"
    assert counts(feed("categories", text)) == (5, 0, 5, 0, 0, 0)
    paths = dict(Category.objects.values_list("code", "path"))
    assert paths["leaf"] == "/root/branch/leaf/"
    assert (paths["branch"], paths["root"], paths["x"]) == ("/root/branch/", "/root/", "/x/")
    assert Category.objects.get(code="leaf").industry == "home"
    assert counts(feed("categories", text)) == (5, 0, 0, 0, 5, 0)


def test_a_category_that_moves_takes_its_descendants_along(feed):
    feed("categories", "code,parent\na,\nb,\nmoving,a\nleaf,moving\n")
    item = ItemFactory(category=Category.objects.get(code="leaf"))
    ItemFactory(category=Category.objects.get(code="a"))
    assert counts(feed("categories", "code,parent\nmoving,b\n")) == (1, 0, 0, 1, 0, 0)
    assert Category.objects.get(code="leaf").path == "/b/moving/leaf/"
    assert Category.objects.get(code="leaf").parent.code == "moving"
    assert changed() == {(SubjectKind.ITEM, item.pk)}


def test_a_category_cannot_be_below_itself_or_below_nothing(feed, errors):
    feed("categories", "code,parent\ntop,\n")
    text = "code,parent\na,b\nb,c\nc,a\nlost,nowhere\nbelow,lost\nsl/ash,\ngood,top\ntop,good\n"
    assert counts(feed("categories", text)) == (8, 8, 0, 0, 0, 0)
    told = {(line, reason) for line, _field, _value, reason in errors()}
    assert {line for line, reason in told if reason == "is below the category itself"} == {
        *(2, 3, 4, 8, 9)
    }
    assert {line for line, reason in told if reason == "is not known"} == {5, 6}
    assert (7, "must not contain a slash") in told
    assert list(Category.objects.values_list("code", "path")) == [("top", "/top/")]
