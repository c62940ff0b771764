"""manage.py rulebook."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from campaigns.models import Campaign, RulebookVersion
from tests.campaigns.rulebooks.pages import SMALL, changed
from tests.times import local

pytestmark = pytest.mark.django_db


def run(*words):
    """What the command writes."""
    out = StringIO()
    call_command("rulebook", *map(str, words), stdout=out)
    return out.getvalue()


def refused(*words):
    """What it writes of the problems, and the last word."""
    err = StringIO()
    with pytest.raises(CommandError) as caught:
        call_command("rulebook", *map(str, words), stdout=StringIO(), stderr=err)
    return err.getvalue().splitlines(), str(caught.value)


@pytest.fixture
def rulebook(tmp_path):
    """Write a rulebook file and return its path."""

    def write(text=SMALL, name="small.yaml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_check_says_what_is_wrong_in_every_file(rulebook):
    good = rulebook()
    bad = rulebook(
        changed(("kind: live", "kind: alive"), ("missing: fail", "missing: no")), "bad.yaml"
    )
    assert run("check", good) == "small.yaml: no problem\n"
    lines, last = refused("check", good, bad)
    assert [line.partition(": expected")[0] for line in lines] == [
        "bad.yaml: line 7, milestones[1].kind",
        "bad.yaml: line 32, requirements[0].missing",
    ]
    assert last == "2 problems; nothing was stored"
    assert not Campaign.objects.exists()


def test_load_dump_and_load_again(rulebook, tmp_path):
    assert run("load", rulebook()) == "small v1 is loaded\n"
    text = run("dump", "small")
    (tmp_path / "dumped.yaml").write_text(text, encoding="utf-8")
    assert run("load", tmp_path / "dumped.yaml") == "small v1 says the same\n"
    assert run("dump", "small", "--version", 1) == text


def test_load_under_another_code_with_other_dates_and_publish(rulebook):
    words = ["--code", "spring", "--starts", "2018-05-15", "--publish", "--at", "2018-04-01"]
    assert run("load", rulebook(), *words) == (
        "spring v1 is loaded\nspring v1 is published, in force from 2018-04-01 00:00:00\n"
    )
    version = RulebookVersion.objects.get(campaign__code="spring")
    assert version.published_at == local("2018-04-01")
    assert version.milestone_set.get(code="preheat").starts_at == local("2018-05-15")


def test_a_load_that_cannot_be_published_stores_nothing(rulebook):
    run("load", rulebook(), "--publish", "--at", "2023-03-01")
    changed_file = rulebook(changed(("default: 48", "default: 72")))
    _lines, last = refused("load", changed_file, "--publish", "--at", "2023-02-01")
    assert last == "another version takes effect later than this one would"
    assert RulebookVersion.objects.get().number == 1


def test_publish_with_a_time_of_effect(rulebook):
    run("load", rulebook())
    words = ["--at", "2023-03-01T12:00", "--effective", "2023-04-01"]
    assert run("publish", "small", *words) == (
        "small v1 is published, in force from 2023-04-01 00:00:00\n"
    )
    assert RulebookVersion.objects.get().published_at == local("2023-03-01 12:00")
    assert refused("publish", "small")[1] == "small has no draft"


def test_publish_at_the_clocks_time(rulebook, settings):
    settings.CLOCK_START = local("2023-04-20")
    run("load", rulebook(), "--publish")
    moment = RulebookVersion.objects.get().effective_at
    assert local("2023-04-20") <= moment < local("2023-04-21")


def test_diff_of_versions_files_and_the_library(rulebook):
    run("load", rulebook(), "--publish", "--at", "2023-03-01")
    later = rulebook(changed(("recheck: clear_out}", "recheck: flag}")), "later.yaml")
    sentence = "Requirement R1 at recheck: clears out → flags\n"
    assert run("diff", "small", later) == sentence
    run("load", later)
    assert run("diff", "small@1", "small@2") == sentence
    assert run("diff", "small", later) == "no difference\n"
    chinese = run("diff", "small@1", "small", "--language", "zh-hans")
    assert chinese == "要求 R1 在复检时：清退 → 标记\n"
    assert "Milestone price_reference is added\n" in run("diff", "small", "g520-2023")


def test_a_second_draft_needs_replace(rulebook):
    run("load", rulebook())
    later = rulebook(changed(("default: 48", "default: 72")))
    assert refused("load", later)[1] == "version 1 is a draft; publish or discard it first"
    assert run("load", later, "--replace") == "small v1 is loaded\n"


def test_list_shows_the_library_and_what_is_loaded(rulebook):
    run("load", rulebook(), "--publish", "--at", "2023-03-01")
    assert run("list") == (
        "library: double12-2015 (double12_2015.yaml)\n"
        "library: g520-2023 (g520_2023.yaml)\n"
        "small v1: published, 2023-03-01 00:00:00\n"
    )


def test_metrics_are_the_catalogue_and_what_is_declared(rulebook):
    fact = "facts:\n  - {code: item.rank, subject: item, type: integer, unit: places,"
    run("load", rulebook(f"{SMALL}{fact} label: {{en: Rank, zh-hans: 排名}}}}\n"))
    lines = run("metrics").splitlines()
    assert "item.rank (integer, places): Rank" in lines
    assert "seller.shop_type (text): Shop type" in lines
    assert "item.rank (integer, places): 排名" in run("metrics", "--language", "zh-hans")


def test_schema_is_the_json_schema():
    assert json.loads(run("schema"))["title"] == "Paddock rulebook"


@pytest.mark.parametrize(
    ("words", "last"),
    [
        (["dump", "nobody"], "no campaign is called “nobody”"),
        (["publish", "nobody"], "no campaign is called “nobody”"),
        (["load", "no-such-file"], "1 problem; nothing was stored"),
    ],
)
def test_what_is_not_there_is_said(words, last):
    assert refused(*words)[1] == last


def test_a_version_that_is_not_there_is_said(rulebook):
    run("load", rulebook())
    assert refused("dump", "small", "--version", 9)[1] == "small has no version 9"
