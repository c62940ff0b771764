"""Taking rulebooks in: all or nothing, under another code, with other dates."""

from datetime import date

import pytest
from django.test import override_settings

from campaigns.models import Campaign, RulebookVersion, Venue
from campaigns.rulebooks import loading, versions
from campaigns.rulebooks.loading import check, clone, dump, load, normalise
from campaigns.rulebooks.problems import RulebookErrors
from campaigns.rulebooks.versions import VersionRefused
from sellers.models import FactDefinition, TrackedFact
from tests.campaigns.rulebooks.pages import SMALL, changed
from tests.factories import open_campaign
from tests.times import local

pytestmark = pytest.mark.django_db

MARCH = local("2023-03-01")


def times_of(version):
    """The milestones of a version, as local text."""
    return {
        row["code"]: (row["starts"], row["ends"])
        for row in loading.read_version(version).render()["milestones"]
    }


def test_a_load_makes_the_campaign_and_its_first_draft():
    loaded = load(SMALL, source="small.yaml")
    version = loaded.version
    assert loaded.is_new
    assert (str(version), version.state, version.source) == ("small v1", "draft", "small.yaml")
    assert version.campaign.title == {"en": "Small", "zh-hans": "小活动"}
    assert list(Venue.objects.values_list("campaign__code", "code")) == [("small", "main")]
    rows = version.requirement_set.values_list("code", "position", "require", "missing")
    assert list(rows) == [
        ("R1", 0, ["item.ship_time_hours", "<=", {"table": "longest"}], "fail"),
        (
            "R2",
            1,
            {
                "all": [
                    ["item.sold_qty_30d", ">=", 1],
                    ["entry.activity_price", ">", "0.01"],
                ]
            },
            "",
        ),
    ]
    table = version.parametertable_set.get()
    assert (table.default, list(table.rows.values_list("keys", "value"))) == (
        "48",
        [(["flowers"], "24")],
    )


def test_what_is_dumped_loads_to_the_same_and_is_normal():
    version = load(SMALL).version
    text = dump(version)
    assert text == normalise(SMALL) == normalise(text)
    again = load(text, code="twin").version
    assert dump(again) == text.replace("code: small", "code: twin")


def test_a_load_for_a_campaign_that_has_a_rulebook_makes_the_next_draft():
    first = versions.publish(load(SMALL).version, at=MARCH)
    second = load(changed(("default: 48", "default: 72"))).version
    assert (second.number, second.state, second.campaign) == (2, "draft", first.campaign)
    assert Venue.objects.count() == 1


def test_the_same_file_again_changes_nothing():
    first = versions.publish(load(SMALL).version, at=MARCH)
    loaded = load(SMALL)
    assert (loaded.version, loaded.is_new) == (first, False)
    assert RulebookVersion.objects.count() == 1


def test_another_draft_is_only_replaced_when_that_is_asked_for():
    load(SMALL)
    text = changed(("default: 48", "default: 72"))
    with pytest.raises(VersionRefused, match="version 1 is a draft"):
        load(text)
    version = load(text, replace=True).version
    assert RulebookVersion.objects.get() == version
    assert version.parametertable_set.get().default == "72"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("kind: live", "kind: alive"),
        ("item.ship_time_hours", "item.ship_hours"),
        ('">", 0.01', '">", cheap'),
        ("  - code: R2", "  - code: R1"),
    ],
)
def test_a_load_with_a_problem_stores_nothing(old, new):
    with pytest.raises(RulebookErrors):
        load(changed((old, new)))
    assert not Campaign.objects.exists()
    assert not RulebookVersion.objects.exists()


def test_a_check_tells_what_the_engine_says_with_its_line_and_stores_nothing():
    text = changed(
        ('">", 0.01', '">", cheap'),
        ("[item.ship_time_hours,", "[item.title_length,"),
    )
    assert [str(problem) for problem in check(text)] == [
        "line 31, requirements[0].require[0]: unknown metric “item.title_length”",
        "line 40, requirements[1].require.all[1][2]: expected a number",
    ]
    assert check(SMALL) == []
    assert not Campaign.objects.exists()


def test_a_problem_in_a_tables_row_is_placed_in_the_table():
    text = changed(
        ("keys: [flowers], value: 24}", "keys: [flowers], value: 0.00000000000000000001}"),
        ("type: integer", "type: decimal"),
    )
    assert [(problem.line, problem.place) for problem in check(text)] == [(19, "tables[0].rows[0]")]


QUOTA = "quotas:\n  - {code: places, ceiling: 5}\n"


@pytest.mark.parametrize(
    ("quota", "place", "message"),
    [
        (
            '{code: places, ceiling: 5, where: [entry.list_source, "==", 5]}',
            "quotas[0].where[2]",
            "expected a text or a code",
        ),
        (
            '{code: places, ceiling: 5, where: {not: [entry.list_source, "==", attic]}}',
            "quotas[0].where.not[2]",
            "expected one of stock_list, recommended_list",
        ),
        (
            "{code: places, ceiling: {table: longest}}",
            "quotas[0].ceiling.table",
            "item.category cannot be asked of a registration",
        ),
        (
            "{code: places, ceiling: {metric: seller.shop_type}}",
            "quotas[0].ceiling.metric",
            "expected a metric that is a number",
        ),
        (
            "{code: places, ceiling: 5, floor: 3}",
            "quotas[0].floor",
            "a floor means nothing without “allotted: true”",
        ),
        (
            "{code: places, ceiling: {table: longer}}",
            "quotas[0].ceiling.table",
            "unknown table “longer”; did you mean “longest”?",
        ),
    ],
)
def test_a_quota_that_cannot_be_counted_is_told(quota, place, message):
    text = SMALL + QUOTA.replace("{code: places, ceiling: 5}", quota)
    assert [(problem.place, problem.message) for problem in check(text)] == [(place, message)]


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("field: quantity", "field: quantitty", "statistics[0].field"),
        ("source: item_days", "source: item_dayz", "statistics[0].source"),
        (
            "    field: quantity\n",
            "    field: quantity\n    where: [x, '>', 1]\n",
            "statistics[0].where[0]",
        ),
        ("function: sum", "function: ratio", "statistics[0]"),
    ],
)
def test_a_statistic_that_cannot_be_computed_is_told(old, new, place):
    problems = check(changed((old, new)))
    assert {problem.place for problem in problems} == {place}


def test_a_metric_that_cannot_be_frozen_is_told():
    text = SMALL + (
        "snapshots:\n  - {code: seller.then, metric: seller.qualifications, as_of: 2023-04-25}\n"
    )
    assert [problem.place for problem in check(text)] == ["snapshots[0].metric"]


def test_a_fact_that_means_something_else_already_is_told():
    fact = (
        "facts:\n"
        "  - code: seller.rating\n    subject: seller\n    type: decimal\n    places: 1\n"
        "    label: {en: Rating, zh-hans: 评分}\n"
    )
    load(SMALL + fact)
    other = (SMALL + fact).replace("places: 1", "places: 2").replace("small", "other")
    assert [problem.place for problem in check(other)] == ["facts[0]"]
    with pytest.raises(RulebookErrors):
        load(other)
    assert Campaign.objects.get().code == "small"
    assert FactDefinition.objects.get().places == 1


def test_a_load_gives_slots_to_figures_and_logs_what_it_freezes():
    text = SMALL + (
        "snapshots:\n  - {code: seller.then, metric: seller.growth_level, as_of: 2023-04-25}\n"
    )
    version = load(text).version
    assert version.statistic_set.get().slot == "number_01"
    assert version.snapshot_set.get().slot == "number_01"
    assert list(TrackedFact.objects.values_list("metric", flat=True)) == ["seller.growth_level"]


def test_dates_move_by_whole_days_and_the_first_preheat_starts_on_the_day():
    version = load(SMALL, code="later", starts=date(2018, 5, 15)).version
    assert times_of(version) == {
        "preheat": ("2018-05-15 00:00:00", "2018-05-16 20:00:00"),
        "live": ("2018-05-16 20:00:00", "2018-05-21 00:00:00"),
    }


def test_without_a_preheat_the_first_live_milestone_starts_on_the_day():
    text = changed(("kind: preheat", "kind: other"))
    version = load(text, starts=date(2024, 2, 28)).version
    assert times_of(version)["live"] == ("2024-02-28 20:00:00", "2024-03-04 00:00:00")
    assert times_of(version)["preheat"] == ("2024-02-27 00:00:00", "2024-02-28 20:00:00")


def test_without_either_there_is_nothing_to_move_by():
    text = changed(("kind: preheat", "kind: other"), ("kind: live", "kind: other"))
    with pytest.raises(RulebookErrors, match="expected a milestone of kind preheat or live"):
        load(text, starts=date(2024, 2, 28))


def test_everything_dated_moves_and_what_is_anchored_to_a_year_stays_its_first_day():
    text = changed(
        (
            "    window: {trailing_days: 30}\n",
            "    window: {since: 2023-01-01, anchored: year}\n"
            "  - code: item.sold_before\n"
            "    level: item\n    function: sum\n    source: item_days\n    field: quantity\n"
            "    window: {from: 2023-05-01, to: 2023-05-08}\n"
            "snapshots:\n"
            "  - {code: seller.level_then, metric: seller.growth_level, as_of: 2023-04-25}\n"
            "locks:\n"
            "  - code: prices\n    field: item.list_price\n    direction: any\n"
            "    starts: 2023-05-16 18:00:00\n    ends: 2023-05-21\n"
            "pauses:\n"
            "  - {code: noon, starts: 2023-05-16 12:00:00, ends: 2023-05-16 13:00:00}\n"
            "promotions:\n"
            "  - {code: gift, kind: voluntary, starts: 2023-05-15, ends: 2023-05-21,"
            " terms: {until: 2023-05-20 12:00:00}}\n",
        ),
        (
            "    subject: entry\n",
            "    subject: entry\n    active_from: 2023-05-16 20:00:00\n"
            "    active_until: 2023-05-18\n",
        ),
        (
            "applies_when: [item.category, in, {list: fragile}]",
            'applies_when: [item.published_at, "<", 2023-05-10 06:00:00]',
        ),
    )
    document = loading.read_version(load(text, starts=date(2024, 3, 1)).version).render()
    windows = [row["window"] for row in document["statistics"]]
    assert windows == [
        {"since": "2024-01-01 00:00:00", "anchored": "year"},
        {"from": "2024-02-16 00:00:00", "to": "2024-02-23 00:00:00"},
    ]
    assert document["snapshots"][0]["as_of"] == "2024-02-10 00:00:00"
    assert (document["locks"][0]["starts"], document["locks"][0]["ends"]) == (
        "2024-03-02 18:00:00",
        "2024-03-07 00:00:00",
    )
    assert document["pauses"][0]["starts"] == "2024-03-02 12:00:00"
    assert document["promotions"][0]["terms"] == {"until": "2024-03-06 12:00:00"}
    requirement = document["requirements"][1]
    assert requirement["applies_when"] == ["item.published_at", "<", "2024-02-25 06:00:00"]
    assert requirement["active_from"] == "2024-03-02 20:00:00"
    assert requirement["active_until"] == "2024-03-04 00:00:00"


@override_settings(TIME_ZONE="America/Sao_Paulo")
def test_a_midnight_that_clocks_skip_becomes_the_first_instant_after():
    version = load(SMALL, starts=date(2018, 11, 4)).version
    assert times_of(version) == {
        "preheat": ("2018-11-04 01:00:00", "2018-11-05 20:00:00"),
        "live": ("2018-11-05 20:00:00", "2018-11-10 00:00:00"),
    }
    assert dump(load(dump(version), code="twin").version) == dump(version).replace(
        "code: small", "code: twin"
    )


def test_a_clone_is_another_campaign_with_the_same_rules():
    version = versions.publish(load(SMALL).version, at=MARCH)
    copy = clone(version, code="next-year", starts=date(2024, 5, 13))
    assert (copy.number, copy.state, copy.source) == (1, "draft", "small v1")
    assert copy.campaign.state == "draft"
    told = [told["en"] for told in versions.diff(version, copy)]
    assert told == [
        "Campaign, code: small → next-year",
        "Milestone preheat, starts at: 2023-05-15 00:00:00 → 2024-05-13 00:00:00",
        "Milestone preheat, ends at: 2023-05-16 20:00:00 → 2024-05-14 20:00:00",
        "Milestone live, starts at: 2023-05-16 20:00:00 → 2024-05-14 20:00:00",
        "Milestone live, ends at: 2023-05-21 00:00:00 → 2024-05-19 00:00:00",
    ]


def test_a_clone_takes_no_code_that_is_in_use():
    version = load(SMALL).version
    with pytest.raises(RulebookErrors, match="there is a campaign “small” already"):
        clone(version, code="small")


def test_a_rulebook_of_factories_can_be_dumped():
    text = dump(open_campaign().version)
    assert check(text) == []


def test_the_library_is_known_by_its_names():
    text, source = loading.open_rulebook("g520-2023")
    assert (source, text[:1]) == ("g520_2023.yaml", "#")
    with pytest.raises(RulebookErrors, match="the library has double12-2015, g520-2023"):
        loading.open_rulebook("g521")
