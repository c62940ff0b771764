"""The plan of a Double 12: the same for a seed, over every kind of venue, within its windows."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from campaigns.rulebooks.loading import open_rulebook, read_rulebook
from config.demo.double12.values import with_own
from config.demo.seasons import SEASONS
from config.marketplaces.double12.calendar import Double12
from config.marketplaces.files import read_cover
from config.marketplaces.olist import double12 as olist
from config.marketplaces.synthetic import double12 as synthetic
from tests.config.marketplaces import double12 as sample
from tests.config.marketplaces.folders import digest, plan, read, rows

SEASON = SEASONS["double12"]


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """The small made-up marketplace."""
    folder = tmp_path_factory.mktemp("small") / "out"
    synthetic.write(folder, seed=1212, size="S")
    return folder


@pytest.fixture(scope="module")
def brazil(tmp_path_factory):
    """The sample of Olist as the marketplace of a Double 12."""
    base = tmp_path_factory.mktemp("brazil")
    olist.write(sample.lay_out(base / "source"), base / "out", seed=1212)
    return base / "out"


@pytest.fixture(params=["small", "brazil"])
def folder(request):
    """Either marketplace."""
    return request.getfixturevalue(request.param)


def test_a_seed_gives_the_same_bytes_and_another_others(small, tmp_path):
    synthetic.write(tmp_path / "again", seed=1212, size="S")
    synthetic.write(tmp_path / "other", seed=1213, size="S")
    assert digest(tmp_path / "again") == digest(small) != digest(tmp_path / "other")


def test_olist_gives_the_same_bytes_for_the_same_files(brazil, tmp_path):
    olist.write(sample.lay_out(tmp_path / "source"), tmp_path / "again", seed=1212)
    assert digest(tmp_path / "again") == digest(brazil)


def kind(venue):
    """A venue's kind by its code."""
    return "presale" if venue.startswith("presale_") else "outer" if venue == "outer" else "branch"


def test_every_upload_is_a_table_of_the_sellers_own_items(folder):
    owners = {row["code"]: row["seller"] for row in rows(folder, "items")}
    uploads = plan(folder, "uploads")
    assert {kind(row["venue"]) for row in uploads} == {"presale", "branch", "outer"}
    for row in uploads:
        lines = read(folder / row["path"])
        assert len(lines) == int(row["lines"]) > 0
        assert {owners[line["item"]] for line in lines} == {row["seller"]}
        assert all(line["price"] > "0" for line in lines)


def test_uploads_come_while_their_venues_take_them(folder):

    calendar = Double12(date.fromisoformat(read_cover(folder).starts))
    windows = {
        "presale": (calendar.at(-49), calendar.at(-20)),
        "branch": (calendar.at(-24), calendar.at(-12)),
        "outer": (calendar.at(-39), calendar.at(6)),
    }
    for row in plan(folder, "uploads"):
        opens, closes = windows[kind(row["venue"])]
        assert str(opens) <= row["at"] < str(closes), row


def test_every_venue_of_the_plan_is_one_of_the_rulebooks(folder):
    book = yaml.safe_load(open_rulebook(SEASON.rulebook)[0])
    venues = {row["code"] for row in book["venues"]}
    assert {row["venue"] for row in plan(folder, "uploads")} <= venues
    for own in (synthetic.OWN, olist.OWN):
        codes = set(own.branches) | {"something else"}
        assert {own.branch(code) for code in codes} | {
            own.presale(code) for code in codes
        } <= venues


@pytest.mark.django_db
def test_own_values_take_the_place_of_examples_and_nothing_else_changes():
    text = open_rulebook(SEASON.rulebook)[0]
    before = read_rulebook(text).render()
    after = read_rulebook(with_own(text, olist.OWN)).render()
    changed = {section for section in before if before[section] != after[section]}
    assert changed == {"lists", "tables", "requirements"}
    rules = Counter()
    for old, new in zip(before["requirements"], after["requirements"], strict=True):
        rules[old["code"]] += old != new
    assert +rules == Counter({"D12-082": 1})
    stock = next(row for row in after["tables"] if row["code"] == "branch_stock")
    assert {row["value"] for row in stock["rows"]} == {30}
    homes = next(row for row in after["tables"] if row["code"] == "home_branch")
    assert {row["keys"][0]: row["value"] for row in homes["rows"]} == olist.OWN.branches


def test_nothing_of_the_plan_is_told_before_the_items_it_names(folder: Path):
    known: dict[str, str] = {}
    for row in rows(folder, "items"):
        known.setdefault(row["code"], row["told"])
    for row in plan(folder, "uploads"):
        assert all(known[line["item"]] < row["at"] for line in read(folder / row["path"]))
