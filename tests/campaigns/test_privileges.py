"""The privilege feed as a file: in when approved, out when it ends, and never all in memory."""

import csv
import gzip

import pytest
from django.core.management import CommandError, call_command

from campaigns import lifecycle, privileges, standing
from campaigns.models import Move
from tests.factories import EntryFactory, ItemFactory, SellerFactory
from tests.large_campaign import large_campaign, version_of
from tests.times import local

pytestmark = pytest.mark.django_db
AT = local("2015-12-01")


@pytest.fixture
def campaign():
    return large_campaign()


def entry_in(campaign, venue="branch-01", **fields):
    return EntryFactory(
        campaign=campaign, venue=campaign.venues.get(code=venue), version=version_of(campaign),
        **fields,
    )  # fmt: skip


def exported(campaign, path, at="2015-12-01"):
    call_command("privileges", str(path), "--campaign", campaign.code, "--at", at)
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", ["items.csv", "items.csv.gz"])
def test_the_file_says_where_an_item_stands_and_what_it_shows(campaign, tmp_path, name, capsys):
    entry = entry_in(campaign, "presale-01", approved_at=local("2015-11-20 12:00"))

    (line,) = exported(campaign, tmp_path / name)

    assert line == {
        "campaign": "double12", "seller": entry.seller.code, "item": entry.item.code,
        "venue": "presale-01", "kind": "presale", "on_sale": "true", "badge_en": "Presale",
        "badge_zh-hans": "预售", "campaign_price": "88.00", "effective_price": "88.00",
        "since": "2015-11-20T12:00:00+08:00", "updated": "2015-11-20T12:00:00+08:00",
    }  # fmt: skip
    assert "1 campaign items" in capsys.readouterr().out


@pytest.mark.parametrize(
    "status", ["submitted", "in_review", "abnormal", "unpublished", "rejected", "withdrawn",
               "cleared_out", "superseded", "void"],
)  # fmt: skip
def test_only_campaign_items_are_in(campaign, tmp_path, status):
    entry_in(campaign, status=status)
    stays = entry_in(campaign, status="at_risk")

    assert [line["item"] for line in exported(campaign, tmp_path / "a.csv")] == [stays.item.code]


def test_an_item_is_out_with_the_move_that_ends_it(campaign, tmp_path):
    entry = entry_in(campaign, "outer")
    assert len(exported(campaign, tmp_path / "a.csv")) == 1

    lifecycle.transition(
        entries={entry.pk: entry.revision}, from_status="approved", to_status="withdrawn",
        cause=Move.Cause.SELLER, at=AT,
    )  # fmt: skip

    assert exported(campaign, tmp_path / "a.csv") == []


def test_the_badge_is_of_the_instant_asked_about(campaign, tmp_path):
    entry_in(campaign, "presale-01")

    def badge(at):
        (line,) = exported(campaign, tmp_path / "a.csv", at)
        return line["badge_en"]

    assert badge("2015-12-12 01:59:59") == "Presale"
    assert badge("2015-12-12 02:00:00") == ""


def test_formulas_are_made_harmless(campaign, tmp_path):
    seller = SellerFactory(code="=1+1")
    item = ItemFactory(seller=seller, code="@item")
    entry_in(campaign, item=item, seller=seller)

    (line,) = exported(campaign, tmp_path / "a.csv")

    assert (line["seller"], line["item"]) == ("'=1+1", "'@item")


def test_a_file_that_cannot_be_written_leaves_the_old_one(campaign, tmp_path, monkeypatch):
    path = tmp_path / "a.csv"
    path.write_text("old")
    entry_in(campaign)

    def fails(_campaign, _at):
        yield ["x"] * len(privileges.HEADER)
        raise OSError("disk full")

    monkeypatch.setattr(privileges, "lines", fails)
    with pytest.raises(CommandError, match="disk full"):
        call_command("privileges", str(path), "--campaign", campaign.code)

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--campaign", "nobody"], "No campaign “nobody”"),
        (["--campaign", "double12", "--at", "soon"], "ISO 8601"),
    ],
)
def test_bad_options_are_told(campaign, tmp_path, options, message):
    with pytest.raises(CommandError, match=message):
        call_command("privileges", str(tmp_path / "a.csv"), *options)

    assert list(tmp_path.iterdir()) == []


def test_the_feed_takes_as_many_queries_for_thirty_items_as_for_one(
    campaign, django_assert_num_queries
):
    for number in (1, 29):
        for _ in range(number):
            entry_in(campaign)
        with django_assert_num_queries(4):
            found = list(privileges.lines(campaign, AT))
    assert len(found) == 30


def test_the_feed_is_read_in_chunks(campaign, monkeypatch):
    for _ in range(5):
        entry_in(campaign)
    monkeypatch.setattr(privileges, "CHUNK", 2)
    seen = []
    line = privileges._line
    monkeypatch.setattr(
        privileges, "_line", lambda code, row, shown: seen.append(row) or line(code, row, shown)
    )

    feed = privileges.lines(campaign, AT)
    next(feed)

    assert len(seen) == 1
    assert len(list(feed)) == 4


def test_a_venues_page_has_its_own_items_while_it_is_online(campaign):
    outer = entry_in(campaign, "outer")
    branch = entry_in(campaign, "branch-01")

    def on(code, at):
        shown = standing.showings(campaign, local(at))
        return list(privileges.on_page(campaign.venues.get(code=code), shown))

    assert on("outer", "2015-12-07") == [outer]
    assert on("branch-01", "2015-12-06 23:59:59") == []
    assert on("branch-01", "2015-12-07") == [branch]
    assert on("branch-02", "2015-12-07") == []
