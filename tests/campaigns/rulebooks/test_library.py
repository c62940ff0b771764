"""What the 520 rulebook says; and a rulebook of rules found in other marketplaces."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from campaigns.eligibility.sentences import sentence
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.rulebooks import loading, versions, yaml_text
from campaigns.rulebooks.loading import check, dump, load, normalise
from campaigns.rulebooks.rulebook import read_version
from campaigns.rulebooks.values import is_time
from tests.times import local

OTHERS = Path(__file__).parent / "other_marketplaces.yaml"
TEXTS = {
    **{name: path.read_text(encoding="utf-8") for name, path in loading.library().items()},
    "other-marketplaces": OTHERS.read_text(encoding="utf-8"),
}
G520 = yaml_text.read(TEXTS["g520-2023"]).data


def rows(key):
    """The rows of a section of the 520 rulebook, by code."""
    return {row["code"]: row for row in G520[key]}


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.django_db
def test_it_loads_publishes_and_dumps_to_the_same(name):
    text = TEXTS[name]
    assert check(text) == []
    version = versions.publish(load(text).version, at=local("2015-10-01"))
    assert version.campaign.code == name
    assert dump(version) == normalise(text)
    again = load(dump(version), code="twin").version
    assert read_version(again) == read_version(version).under("twin")


@pytest.mark.parametrize("name", TEXTS)
@pytest.mark.django_db
def test_every_requirement_says_what_it_asks_in_both_languages(name):
    version = load(TEXTS[name]).version
    vocabulary = vocabulary_of(version)
    for row in version.requirement_set.all():
        for language in versions.LANGUAGES:
            assert row.title[language]
            assert row.remedy[language]
            for stage in row.stages:
                assert sentence(row, vocabulary, language, stage)


def numbers_named(data, document):
    """The numbers of the rules that a rulebook's rows name; all are of one document."""
    named = set()

    def collect(value):
        if isinstance(value, dict):
            named.update(str(value.get("ref", "")).split())
            for part in value.values():
                collect(part)
        elif isinstance(value, list):
            for part in value:
                collect(part)

    collect(data)
    return {int(code.removeprefix(f"{document}-")) for code in named}


def test_the_520_rulebook_names_every_rule_it_is_made_of():
    assert numbers_named(G520, "G520") == {
        *range(1, 21),
        *range(21, 32),
        *(33, 34, 35, 36, 38, 39, 40, 41, 43, 46, 47, 48, 49, 50),
    }


@pytest.mark.parametrize("name", loading.library())
def test_each_number_has_a_rule_or_is_an_example(name):
    def bare(value, path, covered):
        if isinstance(value, dict):
            covered = covered or "ref" in value or value.get("example") is True
            for key, part in value.items():
                yield from bare(part, (*path, key), covered)
        elif isinstance(value, list):
            for i, part in enumerate(value):
                yield from bare(part, (*path, i), covered)
        elif not covered and (type(value) in (int, Decimal) or is_time(value)):
            yield path

    data = yaml_text.read(TEXTS[name]).data
    assert list(bare(data, (), False)) == [("schema",)]


@pytest.mark.parametrize(
    ("code", "starts", "ends"),
    [
        ("seller_registration", "2023-04-25 15:00:00", "2023-05-21 00:00:00"),
        ("item_registration", "2023-04-25 15:00:00", "2023-05-21 00:00:00"),
        ("price_reference", "2023-05-09 00:00:00", "2023-05-21 00:00:00"),
        ("preheat", "2023-05-15 00:00:00", "2023-05-16 20:00:00"),
        ("live", "2023-05-16 20:00:00", "2023-05-21 00:00:00"),
    ],
)
def test_the_520_calendar(code, starts, ends):
    milestone = rows("milestones")[code]
    assert (milestone["starts"], milestone["ends"]) == (starts, ends)


def test_what_a_520_recheck_does():
    done = {}
    for code, row in rows("requirements").items():
        recheck = row["stages"].get("recheck")
        done[code] = recheck["action"] if isinstance(recheck, dict) else recheck
    assert done == {
        "G520-006": None,
        "G520-015": "clear_out",
        "G520-016": "clear_out",
        "G520-017": "clear_out",
        "G520-018": "flag",
        "G520-019": None,
        "G520-030": None,
        "G520-031": "flag",
        "G520-033": "flag",
        "G520-034": "unpublish",
        "G520-038": "abnormal",
        "G520-039": "clear_out",
    }


def test_what_a_missing_value_means_in_the_520():
    assert {code: row["missing"] for code, row in rows("requirements").items()} == {
        "G520-006": "hold",
        "G520-015": "hold",
        "G520-016": "hold",
        "G520-017": "hold",
        "G520-018": "pass",
        "G520-019": "fail",
        "G520-030": "fail",
        "G520-031": "hold",
        "G520-033": "pass",
        "G520-034": "pass",
        "G520-038": "fail",
        "G520-039": "hold",
    }


def test_the_520_quota_table():
    table = rows("tables")["stock_list_ceiling"]
    assert [(str(row["keys"]), row["value"]) for row in table["rows"]] == [
        ("[{'from': 1, 'to': 4}, True]", 10),
        ("[{'from': 1, 'to': 4}, None]", 5),
        ("[4, True]", 150),
        ("[4, None]", 12),
        ("[5, True]", 150),
        ("[5, None]", 30),
        ("[{'from': 7, 'to': 9}, None]", 600),
        ("[6, None]", 300),
        ("[{'missing': True}, None]", 3),
    ]
    assert table["default"] == 3


@pytest.mark.django_db
def test_the_520_on_other_dates():
    version = load(TEXTS["g520-2023"], code="g520-2018", starts=date(2018, 5, 15)).version
    document = read_version(version).render()
    moved = {row["code"]: (row["starts"], row["ends"]) for row in document["milestones"]}
    assert moved["seller_registration"] == ("2018-04-25 15:00:00", "2018-05-21 00:00:00")
    assert moved["price_reference"] == ("2018-05-09 00:00:00", "2018-05-21 00:00:00")
    assert moved["live"] == ("2018-05-16 20:00:00", "2018-05-21 00:00:00")
    assert document["snapshots"][0]["as_of"] == "2018-04-25 00:00:00"
    assert {row["starts"] for row in document["locks"]} == {"2018-05-15 00:00:00"}
    assert document["promotions"][0]["starts"] == "2018-05-16 20:00:00"
    assert document["pauses"] == [
        {**row, "start_offset": "-2h", "end_offset": "+30m"} for row in G520["pauses"]
    ]


def test_the_other_marketplaces_have_ten_requirements_and_two_venue_policies():
    data = yaml_text.read(TEXTS["other-marketplaces"]).data
    assert len(data["requirements"]) >= 10
    venues = {row["code"]: row for row in data["venues"]}
    assert venues["flash"]["windows"] == ["flash_registration"]
    assert venues["copied"]["cancellable_after_approval"] is False
    assert venues["invited"]["invitation_only"] is True


def test_whatever_other_marketplaces_ask_names_the_page_that_asks_for_it():
    data = yaml_text.read(TEXTS["other-marketplaces"]).data
    lines = TEXTS["other-marketplaces"].splitlines()
    pages = [line.removeprefix("#   ") for line in lines if line.startswith("#   ")]
    named = {page.partition("  ")[0].partition(" (")[0] for page in pages}
    asked = [*data["requirements"], *data["venues"][1:], *data["claims"], *data["locks"]]
    assert {row["ref"] for row in asked} <= named
