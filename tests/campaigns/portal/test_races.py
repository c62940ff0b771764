"""The races of a campaign and its boards as shops see them."""

import re
from types import SimpleNamespace

import pytest

from campaigns.models import Race
from tests.campaigns.portal.conftest import text_of
from tests.campaigns.racing.stored import CART, stored_board
from tests.campaigns.racing.world import RaceFactory, RaceSegmentFactory
from tests.factories import (
    EntryFactory,
    ItemFactory,
    MembershipFactory,
    RegistrationFactory,
    SellerFactory,
    VenueTermsFactory,
)
from tests.times import local

NOON = local("2023-05-17 12:10")


@pytest.fixture
def raced(opened, registration, at):
    """A race by the hour for the venue, at ten past noon of the second live day, of two shops
    besides."""
    at.set(NOON)
    RaceFactory(version=opened.version, title={"en": "Main race", "zh-hans": "主会场赛马"})
    RaceSegmentFactory(version=opened.version, measures=[CART["said"]])
    return SimpleNamespace(**vars(opened), others=SellerFactory.create_batch(2))


@pytest.fixture
def entry(raced, registration):
    return EntryFactory(registration=registration, venue=raced.venue)


def board_of(raced, shop, starts_at="2023-05-17 12:00", **fields):
    first, last = raced.others
    ranked = [(first, 900), (shop, 800), (last, 50)]
    return stored_board(raced.version, raced.venue, starts_at, ranked, **fields)


def test_a_campaign_leads_to_its_races(pages, entry, codes):
    address = pages.address("races", codes[0])
    assert address in pages.get("campaign", codes[0]).content.decode()


@pytest.mark.parametrize("fields", [None, {"public": False}])
def test_without_a_public_race_nothing_leads_there(pages, opened, registration, codes, fields):
    if fields:
        RaceFactory(version=opened.version, **fields)
    assert pages.address("races", codes[0]) not in pages.get("campaign", codes[0]).content.decode()
    assert "The campaign has no races" in text_of(pages.get("races", codes[0]))


def test_a_race_tells_rank_place_distance_and_the_next_board(pages, raced, entry, shop, codes):
    board_of(raced, shop, places=1)
    text = text_of(pages.get("races", codes[0]))
    assert (
        "Main race Main venue 2 of 3 8.00 CNY Outside the 1 place"
        " add-to-cart amount, previous hour: 1.00 CNY behind rank 1"
        " 17 May 2023, 13:00" in text
    )


def test_who_stands_is_told_so(pages, raced, entry, shop, codes):
    board_of(raced, shop, places=2)
    assert "2 of 3 8.00 CNY Place 2 of 2" in text_of(pages.get("races", codes[0]))


def test_before_the_first_board_a_candidate_sees_when_it_is_made(pages, raced, entry, codes, at):
    at.set(local("2023-05-15"))
    text = text_of(pages.get("races", codes[0]))
    assert "No board has been made yet. 16 May 2023, 20:00" in text


def test_a_newcomer_waits_for_the_next_board(pages, raced, entry, codes):
    board_of(raced, SellerFactory())
    text = text_of(pages.get("races", codes[0]))
    assert "Your shop was not in the race yet when the present board was made." in text
    assert "8.00" not in text


@pytest.mark.parametrize("status", ["submitted", "rejected"])
def test_without_an_approved_entry_a_shop_takes_part_in_no_race(
    pages, raced, registration, codes, status
):
    EntryFactory(registration=registration, venue=raced.venue, status=status)
    assert "Your shop takes part in no race" in text_of(pages.get("races", codes[0]))


def test_who_left_stays_on_the_present_board_and_is_told_of_the_next(
    pages, raced, entry, shop, codes
):
    type(entry).objects.update(status="withdrawn")
    board_of(raced, shop)
    text = text_of(pages.get("races", codes[0]))
    assert "2 of 3" in text
    assert "it has no approved entry for it now" in text


def test_venues_that_feed_one_bring_its_race(pages, raced, entry, registration, codes):
    VenueTermsFactory(
        version=raced.version, code="top", feeds_from=["main"], title={"en": "The top"}
    )
    RaceFactory(version=raced.version, code="up", venue_codes=["top"], candidates="feeding")
    RaceSegmentFactory(version=raced.version, code="up", race="up")
    assert "up The top" in text_of(pages.get("races", codes[0]))


def test_a_board_shows_its_measures_the_first_rows_and_ones_own(pages, raced, entry, shop, codes):
    others = SellerFactory.create_batch(40)
    ranked = [(seller, 10_000 - n) for n, seller in enumerate(others)]
    ranked.insert(29, (shop, 9_971))
    board = stored_board(raced.version, raced.venue, "2023-05-17 12:00", ranked, places=10)
    answer = pages.get("board", codes[0], board.pk)
    places = [row["place"] for row in answer.context["rows"]]
    assert places == [*range(1, 11), *range(27, 34)]
    assert [row["place"] for row in answer.context["rows"] if row.get("is_cut")] == [27]
    text = text_of(answer)
    assert "Main race" in text
    assert "Ranked by, in this order: Add-to-cart amount, previous hour" in text
    assert "Figures of 17 May 2023, 11:00 – 17 May 2023, 12:00." in text
    assert "Rank 30 of 41" in text
    assert "To stand: add-to-cart amount, previous hour: 0.20 CNY behind rank 10" in text


def test_a_past_board_is_there_as_it_was(pages, raced, entry, shop, codes):
    past = board_of(raced, shop, "2023-05-17 10:00")
    stored_board(raced.version, raced.venue, "2023-05-17 11:00", [(shop, 300)])
    last = stored_board(raced.version, raced.venue, "2023-05-17 12:00", [(shop, 300)])
    answer = pages.get("board", codes[0], last.pk)
    assert [period.rank for period in answer.context["periods"]] == [1, 1, 2]
    address = pages.address("board", codes[0], past.pk)
    assert f'href="{address}"' in answer.content.decode()
    answer = pages.client.get(address)
    assert (answer.context["before"], answer.context["standing"].row.place) == (None, 2)
    assert answer.context["after"].starts_at == local("2023-05-17 11:00")


def test_the_chart_has_a_table_and_no_script_of_its_own_page(pages, raced, entry, shop, codes):
    board = board_of(raced, shop, "2023-05-17 11:00")
    page = pages.get("board", codes[0], board.pk).content.decode()
    # One board makes no line.
    assert "<canvas" not in page
    assert "chart.js" not in page
    board = board_of(raced, shop)
    page = pages.get("board", codes[0], board.pk).content.decode()
    assert re.findall(r'data-rank="(\d+)"', page) == ["2", "2"]
    assert re.search(r'<canvas data-ranks="ranks-table"[^>]*aria-label=', page)
    assert len(re.findall(r"<script", page)) == len(re.findall(r"<script src=", page)) == 2


def test_only_who_is_on_a_public_board_sees_it(pages, raced, entry, shop, codes):
    board = board_of(raced, shop)
    strange = board_of(raced, SellerFactory(), "2023-05-17 11:00")
    making = board_of(raced, shop, "2023-05-17 10:00", state="making")
    pages.get("board", codes[0], board.pk)
    pages.get("board", codes[0], strange.pk, expect=404)
    pages.get("board", codes[0], making.pk, expect=404)
    Race.objects.update(public=False)
    pages.get("board", codes[0], board.pk, expect=404)
    assert "2 of 3" not in text_of(pages.get("races", codes[0]))


def test_a_board_of_items_shows_the_row_that_is_chosen(pages, raced, registration, codes):
    shop = pages.seller
    first, second = ItemFactory.create_batch(2, seller=shop)
    EntryFactory(registration=registration, venue=raced.venue, item=first)
    ranked = [(shop, first, 900), (raced.others[0], None, 850), (shop, second, 800)]
    board = stored_board(
        raced.version, raced.venue, "2023-05-17 12:00", ranked, unit="item", places=1
    )
    answer = pages.get("board", codes[0], board.pk)
    assert "Nobody is before you." in text_of(answer)
    assert [row.place for row in answer.context["own_rows"]] == [1, 3]
    answer = pages.get("board", codes[0], board.pk, place="3", group="")
    assert "of the shop, previous hour: 0.50 CNY behind rank 2" in text_of(answer)
    for nonsense in ("x", "-1", "2", "9" * 30):
        answer = pages.get("board", codes[0], board.pk, place=nonsense)
        assert answer.context["standing"].row.place == 1


def test_a_personalised_venue_says_that_a_rank_promises_nothing(pages, raced, entry, shop, codes):
    type(raced.terms).objects.update(placement_mode="personalised")
    board = board_of(raced, shop)
    assert "does not promise to be shown" in text_of(pages.get("board", codes[0], board.pk))


@pytest.mark.rule("D12-142")
@pytest.mark.parametrize("page", ["campaign", "races"])
def test_the_workbench_says_what_a_race_lacks_and_links_to_it(pages, raced, entry, codes, page):
    remedy = {"metric": "seller.growth_level", "text": {"en": "Grow."}, "link": "/help/?a=1&b=2"}
    version = raced.version
    version.settings = {**version.settings, "campaign": {"remedies": [remedy]}}
    version.save()
    Race.objects.update(where=["seller.growth_level", ">=", 8])
    type(pages.seller).objects.update(growth_level=7)
    answer = pages.get(page, codes[0])
    assert (
        "Not taking part yet: Main race. None of your approved entries meets:"
        " Growth level is at least 8 level. Grow. Do it now" in text_of(answer)
    )
    assert 'href="/help/?a=1&amp;b=2"' in answer.content.decode()
    type(pages.seller).objects.update(growth_level=8)
    assert "Not taking part yet" not in text_of(pages.get(page, codes[0]))


@pytest.mark.parametrize("number", [1, 3, 12])
def test_many_races_take_as_many_queries_as_one(
    pages, raced, entry, shop, codes, number, django_assert_num_queries
):
    for n in range(1, number):
        VenueTermsFactory(version=raced.version, code=f"v{n}", feeds_from=["main"])
        RaceFactory(
            version=raced.version, code=f"r{n}", venue_codes=[f"v{n}"], candidates="feeding"
        )
        RaceSegmentFactory(version=raced.version, code=f"s{n}", race=f"r{n}")
        terms = raced.version.venueterms_set.get(code=f"v{n}")
        ranked = [(raced.others[0], 9), (shop, 1)]
        stored_board(
            raced.version, terms.venue, "2023-05-17 12:00", ranked, race=f"r{n}", segment=f"s{n}"
        )
    board_of(raced, shop, places=1)
    pages.get("races", codes[0])
    with django_assert_num_queries(34):
        answer = pages.get("races", codes[0])
    assert len(answer.context["page"]) == number


@pytest.mark.parametrize("number", [3, 1000])
def test_a_long_board_takes_as_many_queries_as_a_short_one(
    pages, raced, entry, shop, codes, number, django_assert_num_queries
):
    sellers = SellerFactory.create_batch(2)
    ranked = [(sellers[n % 2], number - n) for n in range(number)]
    ranked[number // 2] = (shop, number - number // 2)
    board = stored_board(raced.version, raced.venue, "2023-05-17 12:00", ranked, places=2)
    pages.get("board", codes[0], board.pk)
    with django_assert_num_queries(31):
        pages.get("board", codes[0], board.pk)


def test_another_shop_of_the_race_sees_its_own_place(client, raced, entry, shop, codes):
    other = raced.others[0]
    RegistrationFactory(campaign=raced.campaign, seller=other, version=raced.version)
    EntryFactory(campaign=raced.campaign, venue=raced.venue, seller=other)
    board = board_of(raced, shop)
    client.force_login(MembershipFactory(seller=other).user)
    answer = client.get(f"/seller/{other.pk}/campaigns/{codes[0]}/races/boards/{board.pk}/")
    assert answer.context["standing"].row.place == 1
