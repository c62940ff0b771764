"""Boards over the API: who sees which, filters, pages by key, placements, and the table."""

import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Board, BoardRow, Placement, Race
from campaigns.permissions import AUDITOR, REVIEWER
from tests.campaigns.racing.stored import CART, stored_board
from tests.campaigns.racing.world import RaceFactory, RaceSegmentFactory
from tests.factories import (
    ItemFactory,
    MembershipFactory,
    SellerFactory,
    UserFactory,
    VenueAssignmentFactory,
    VenueFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db
NOON = "2023-05-17 12:00"


@pytest.fixture
def opened():
    made = open_campaign()
    RaceFactory(version=made.version)
    RaceSegmentFactory(version=made.version, measures=[CART["said"]])
    return made


@pytest.fixture
def sellers():
    return [SellerFactory(code=code, name=f"Shop {code}") for code in "abc"]


@pytest.fixture
def board(opened, sellers):
    return made(opened, sellers)


def made(opened, sellers, starts_at=NOON, **fields):
    ranked = [(seller, 900 - n) for n, seller in enumerate(sellers)]
    return stored_board(opened.version, opened.venue, starts_at, ranked, **fields)


def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def staff(role=AUDITOR):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def of(seller):
    return MembershipFactory(seller=seller).user


def get(name, *arguments, user=None, expect=200, **asked):
    answer = api(user or staff()).get(reverse(name, args=arguments), asked)
    assert answer.status_code == expect
    return answer


def ids(answer):
    return [row["id"] for row in answer.json()["results"]]


def test_boards_come_newest_first_and_tell_their_periods(opened, sellers):
    first = made(opened, sellers, "2023-05-17 11:00", places=2)
    second = made(opened, sellers)
    making = made(opened, sellers, "2023-05-17 13:00", state="making")
    assert ids(get("board-list")) == [second.pk, first.pk]
    row = get("board-list").json()["results"][1]
    assert row == {
        "id": first.pk,
        "campaign": opened.campaign.code,
        "venue": "main",
        "race": "race",
        "segment": "hours",
        "unit": "seller",
        "starts_at": "2023-05-17T11:00:00+08:00",
        "ends_at": "2023-05-17T12:00:00+08:00",
        "facts_from": "2023-05-17T10:00:00+08:00",
        "facts_to": "2023-05-17T11:00:00+08:00",
        "floor": "",
        "places": 2,
        "candidates": 3,
        "version": 1,
        "made_at": "2023-05-17T11:00:00+08:00",
        "late": False,
    }
    get("board-detail", making.pk, expect=404)


@pytest.mark.rule("D12-136")
def test_boards_are_found_by_what_they_are_and_by_any_past_instant(opened, sellers):
    past, last = made(opened, sellers, "2023-05-17 11:00"), made(opened, sellers)
    other = made(open_campaign(), sellers, race="other", segment="days")
    code = opened.campaign.code
    for asked, found in (
        ({"campaign": code}, [last, past]),
        ({"race": "other"}, [other]),
        ({"segment": "days"}, [other]),
        ({"venue": "main", "campaign": code}, [last, past]),
        ({"venue": "none"}, []),
        ({"campaign": code, "at": "2023-05-17T11:59:59+08:00"}, [past]),
        ({"campaign": code, "at": "2023-05-17T12:00:00+08:00"}, [last]),
        ({"campaign": code, "at": "2023-05-17T10:59:59+08:00"}, []),
        ({"campaign": code, "starts_from": "2023-05-17T12:00:00+08:00"}, [last]),
        ({"campaign": code, "starts_before": "2023-05-17T12:00:00+08:00"}, [past]),
        ({"campaign": code, "late": "true"}, []),
    ):
        assert ids(get("board-list", **asked)) == [row.pk for row in found], asked


def test_a_board_tells_its_measures_in_the_callers_language(opened, board):
    measure = {**CART, "title": {"en": "Carts", "zh-hans": "加购"}, "weight": "0.5"}
    Board.objects.update(measures=[measure])
    found = get("board-detail", board.pk).json()
    assert found["measures"] == [
        {
            "label": "Carts",
            "unit": "CNY",
            "descending": True,
            "percentile": False,
            "weight": "0.5",
            "inputs": [{"label": "add-to-cart amount, previous hour", "unit": "CNY"}],
        }
    ]
    assert found["candidate_pool"] is False
    answer = api(staff()).get(
        reverse("board-detail", args=[board.pk]), headers={"accept-language": "zh-hans"}
    )
    assert answer.json()["measures"][0]["label"] == "加购"


def test_rows_have_exact_figures_best_first(board, sellers):
    rows = get("board-rows", board.pk).json()["results"]
    assert [(row["rank"], row["seller"]) for row in rows] == [(1, "a"), (2, "b"), (3, "c")]
    assert rows[0] == {
        "group": "",
        "rank": 1,
        "seller": "a",
        "item": None,
        "entry": 1,
        "filed_at": None,
        "score": None,
        "figures": [{"value": "9.00", "inputs": ["9.00"], "part": None}],
    }
    found = get("board-rows", board.pk, seller="c").json()["results"]
    assert [row["rank"] for row in found] == [3]


def test_a_weighted_score_is_taken_apart(board):
    Board.objects.update(measures=[{**CART, "weight": "0.0001"}])
    # Cents times the weight in ten thousandths.
    BoardRow.objects.filter(place=1).update(score=900)
    BoardRow.objects.filter(place=2).update(score=None, input_1=None)
    first, second = get("board-rows", board.pk).json()["results"][:2]
    assert (first["score"], first["figures"][0]["part"]) == ("0.000900", "0.000900")
    assert second["figures"][0]["value"] is None


def test_rows_are_those_of_one_group_unless_a_seller_is_asked_for(board, sellers):
    BoardRow.objects.create(
        board=board, group="bags", place=1, seller=sellers[0], entry_id=9, input_1=5
    )
    assert len(get("board-rows", board.pk).json()["results"]) == 3
    (row,) = get("board-rows", board.pk, group="bags").json()["results"]
    assert (row["group"], row["rank"], row["seller"]) == ("bags", 1, "a")
    mine = get("board-rows", board.pk, seller="a").json()["results"]
    assert sorted(row["group"] for row in mine) == ["", "bags"]
    (row,) = get("board-rows", board.pk, seller="a", group="bags").json()["results"]
    assert row["entry"] == 9


def test_pages_of_rows_go_on_by_place(board):
    answer = get("board-rows", board.pk, page_size=2)
    assert [row["rank"] for row in answer.json()["results"]] == [1, 2]
    following = api(staff()).get(answer.json()["next"])
    assert [row["rank"] for row in following.json()["results"]] == [3]
    assert following.json()["next"] is None


def test_placements_are_who_stands_or_who_left(opened, sellers):
    board = made(opened, sellers, places=2)
    Placement.objects.create(board=board, outcome="demoted", rank=3, seller=sellers[2])
    found = get("board-placements", board.pk).json()["results"]
    assert [(row["position"], row["seller"], row["source"]) for row in found] == [
        (1, "a", "main"),
        (2, "b", "main"),
    ]
    (left,) = get("board-placements", board.pk, stands="false").json()["results"]
    assert (left["position"], left["rank"], left["outcome"], left["seller"]) == (
        None, 3, "demoted", "c",
    )  # fmt: skip
    assert len(get("board-placements", board.pk, seller="b").json()["results"]) == 1


@pytest.mark.rule("G520-014")
@pytest.mark.parametrize(("mode", "is_pool"), [("personalised", True), ("race", False)])
def test_a_personalised_venues_board_is_a_candidate_pool(opened, sellers, mode, is_pool):
    type(opened.terms).objects.update(placement_mode=mode)
    board = made(opened, sellers, places=1)
    (row,) = get("board-placements", board.pk).json()["results"]
    assert row["candidate_pool"] is is_pool
    assert get("board-detail", board.pk).json()["candidate_pool"] is is_pool
    lines = table(board)
    assert [line["display"] for line in lines] == ["candidate_pool" if is_pool else ""] * 3


def table(board, user=None):
    answer = get("board-table", board.pk, user=user)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_a_table_has_every_row_and_no_formula(opened, sellers):
    sellers[0].name = "=cmd|' /C calc'!A0"
    sellers[0].save()
    item = ItemFactory(seller=sellers[0], code="i", title="@home")
    ranked = [(sellers[0], item, 900), (sellers[1], None, -5)]
    board = stored_board(opened.version, opened.venue, NOON, ranked, unit="item", places=1)
    first, second = table(board)
    assert first == {
        "group": "",
        "rank": "1",
        "shop": "a",
        "shop’s name": "'=cmd|' /C calc'!A0",
        "item": "i",
        "title": "'@home",
        "filed at": "",
        "place on the page": "1",
        "display": "",
        "add-to-cart amount of the shop, previous hour (CNY)": "9.00",
        "score": "",
    }
    # A negative figure is no formula.
    assert second["add-to-cart amount of the shop, previous hour (CNY)"] == "-0.05"
    assert second["place on the page"] == ""


def test_a_seller_sees_the_public_boards_that_it_is_on(opened, sellers, board):
    user = of(sellers[1])
    strange = made(opened, [SellerFactory()], "2023-05-17 11:00")
    assert ids(get("board-list", user=user)) == [board.pk]
    assert len(get("board-rows", board.pk, user=user).json()["results"]) == 3
    assert len(table(board, user)) == 3
    names = ("board-detail", "board-rows", "board-placements", "board-table")
    for name in names:
        get(name, strange.pk, user=user, expect=404)
    Race.objects.update(public=False)
    assert ids(get("board-list", user=user)) == []
    for name in names:
        get(name, board.pk, user=user, expect=404)
        get(name, board.pk)


def test_a_race_that_is_public_elsewhere_is_not_public_here(opened, sellers, board):
    Race.objects.update(public=False)
    RaceFactory(version=open_campaign().version)
    assert ids(get("board-list", user=of(sellers[0]))) == []


def test_a_reviewer_sees_the_boards_of_their_venues(opened, sellers, board):
    other = VenueTermsFactory(version=opened.version, code="second")
    stored_board(opened.version, other.venue, NOON, [(sellers[0], 1)])
    user = staff(REVIEWER)
    assert ids(get("board-list", user=user)) == []
    VenueAssignmentFactory(user=user, venue=opened.venue)
    assert ids(get("board-list", user=user)) == [board.pk]


def test_without_a_token_nothing_is_shown(board):
    for name in ("board-detail", "board-rows", "board-placements", "board-table"):
        assert APIClient().get(reverse(name, args=[board.pk])).status_code == 401
    assert APIClient().get(reverse("board-list")).status_code == 401


@pytest.mark.parametrize("number", [1, 3, 1000])
@pytest.mark.parametrize("as_seller", [False, True])
def test_lists_take_as_many_queries_however_long(opened, sellers, number, as_seller):
    board = made(opened, [sellers[0]] * number, places=number)
    Board.objects.bulk_create(
        Board(
            campaign=opened.campaign, version=opened.version, venue=opened.venue,
            race_code="race", segment_code="hours", unit="seller", state="made",
            measures=[CART], starts_at=local(NOON) + timedelta(hours=n),
            ends_at=local(NOON) + timedelta(hours=n + 1),
        )
        for n in range(1, number)
    )  # fmt: skip
    BoardRow.objects.bulk_create(
        BoardRow(board=row, place=1, seller=sellers[0], entry_id=1, input_1=1)
        for row in Board.objects.exclude(pk=board.pk)
    )
    user = of(sellers[0]) if as_seller else staff()
    client = api(user)
    counted = {}
    for name, arguments in (
        ("board-list", []),
        ("board-rows", [board.pk]),
        ("board-placements", [board.pk]),
        ("board-table", [board.pk]),
    ):
        address = reverse(name, args=arguments)
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address, {"page_size": 1000})
            rows = list(answer.streaming_content) if answer.streaming else answer.json()["results"]
        counted[name] = len(captured)
        # A table has a mark and a header before its rows.
        assert len(rows) == (number + 2 if answer.streaming else number)
    assert counted == {"board-list": 1, "board-rows": 9, "board-placements": 3, "board-table": 11}


def test_venues_of_another_campaign_do_not_count(opened, sellers):
    VenueFactory(campaign=opened.campaign, code="elsewhere")
    assert ids(get("board-list", venue="elsewhere")) == []
