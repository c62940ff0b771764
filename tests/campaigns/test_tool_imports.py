"""Promotions set elsewhere, imported from a file: repeatable, late, and with bad lines."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import Promotion, ShopTool
from campaigns.tool_imports import import_tools
from sellers.feeds.problems import FeedError
from sellers.models import ChangedSubject
from tests.factories import PromotionFactory, RegistrationFactory, open_campaign
from tests.times import local

pytestmark = pytest.mark.django_db
AT = local("2023-05-11")


@pytest.fixture
def opened(db):
    made = open_campaign()
    for code in ("cash_back", "red_packet"):
        PromotionFactory(
            version=made.version, code=code, kind=Promotion.Kind.MANDATORY, level="shop"
        )
    return made


@pytest.fixture
def shop(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version, seller__code="s1")


@pytest.fixture
def feed(opened, tmp_path):
    """Imports lines; returns what became of them."""

    def run(*lines, header="seller,tool,state,at", errors=None):
        path = tmp_path / "tools.csv"
        path.write_text("\n".join([header, *lines]))
        return import_tools(campaign=opened.campaign, path=path, at=AT, errors=errors)

    return run


def settings(code="cash_back"):
    """(set at, cancelled at) of the tool, days of May."""
    rows = ShopTool.objects.filter(code=code).order_by("set_at", "cancelled_at")
    return [
        tuple(at and (at + timedelta(hours=8)).day for at in (row.set_at, row.cancelled_at))
        for row in rows
    ]


HISTORY = [
    "s1,cash_back,set,2023-05-02",
    "s1,cash_back,cancelled,2023-05-04",
    "s1,cash_back,set,2023-05-06 00:00:00",
    "s1,red_packet,set,2023-05-02",
]


def test_a_history_is_imported_once_in_whatever_order(feed, shop):
    result = feed(*reversed(HISTORY))
    assert (result.read, result.bad, result.changed) == (4, 0, 2)
    assert settings() == [(2, 4), (6, None)]
    assert settings("red_packet") == [(2, None)]
    assert ChangedSubject.objects.get().subject_id == shop.seller_id
    ChangedSubject.objects.all().delete()
    assert feed(*HISTORY).changed == 0
    assert settings() == [(2, 4), (6, None)]
    assert not ChangedSubject.objects.exists()


def test_what_becomes_known_late_takes_its_place(feed, shop):
    assert feed("s1,cash_back,set,2023-05-06").changed == 1
    assert feed("s1,cash_back,set,2023-05-02").changed == 1
    assert settings() == [(2, 6), (6, None)]
    # Not a cancellation: the shop had it all along.
    assert ShopTool.objects.order_by("set_at").first().replaced
    assert feed("s1,cash_back,cancelled,2023-05-04").changed == 1
    assert settings() == [(2, 4), (6, None)]
    assert not ShopTool.objects.filter(replaced=True).exists()
    assert feed("s1,cash_back,cancelled,2023-05-09").changed == 1
    assert feed("s1,cash_back,cancelled,2023-05-10").changed == 0
    assert settings() == [(2, 4), (6, 9)]


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        ("s9,cash_back,set,2023-05-02", "seller", "has not joined this campaign"),
        ("s1,coupon,set,2023-05-02", "tool", "is not a promotion that shops set in this campaign"),
        ("s1,cash_back,off,2023-05-02", "state", "is not one of set, cancelled"),
        ("s1,cash_back,set,May", "at", "is not a date and time such as 2023-05-16 20:00:00"),
        ("s1,cash_back,set,", "at", "must not be empty"),
        ("s1,cash_back,set,2023-05-11 00:00:01", "at", "lies after the time of the import"),
        ("s1,cash_back,set", "", "has 3 cells where the header has 4"),
    ],
)
def test_a_bad_line_is_told_and_the_good_ones_count(feed, shop, tmp_path, line, column, reason):
    errors = tmp_path / "errors.csv"
    result = feed("s1,cash_back,set,2023-05-11", line, errors=errors)
    assert (result.read, result.bad, result.changed) == (2, 1, 1)
    (problem,) = result.first_problems
    assert (problem.line, problem.field, problem.reason) == (3, column, reason)
    assert reason in errors.read_text()


def test_another_file_is_refused(feed, shop):
    with pytest.raises(FeedError, match="expected the columns seller, tool, state, at"):
        feed("s1,cash_back", header="seller,tool")


def test_the_number_of_queries_is_that_of_one_line(feed, opened):
    def lines(first, last):
        for number in range(first, last):
            RegistrationFactory(
                campaign=opened.campaign, version=opened.version, seller__code=f"q{number}"
            )
            yield f"q{number},cash_back,set,2023-05-02"

    few, many = list(lines(0, 1)), list(lines(1, 40))
    numbers = []
    for found in (few, many):
        with CaptureQueriesContext(connection) as queries:
            feed(*found)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1]


def test_the_command_says_what_became_of_it(feed, opened, shop, tmp_path, capsys):
    path = tmp_path / "tools.csv"
    path.write_text(
        "seller,tool,state,at\ns1,cash_back,set,2023-05-02\ns2,cash_back,set,2023-05-02\n"
    )
    call_command("shop_tools", opened.campaign.code, path, at="2023-05-11")
    told = capsys.readouterr()
    assert told.out == "2 read, 1 bad, 1 tools of shops changed\n"
    assert "tools.csv:3: seller “s2” has not joined this campaign" in told.err
    with pytest.raises(CommandError, match="there is no campaign absent"):
        call_command("shop_tools", "absent", path)
