"""Every problem of a file is told at once: the line, the place, and what was expected there."""

import pytest

from campaigns.rulebooks import yaml_text
from campaigns.rulebooks.problems import with_lines
from campaigns.rulebooks.reading import parse
from sellers.metrics import registry
from tests.campaigns.rulebooks.pages import SMALL, changed


def told(text):
    document = yaml_text.read(text)
    _book, problems = parse(document.data, registry.all_metrics())
    return [str(problem) for problem in with_lines(problems, document.lines)]


def test_a_sound_file_has_no_problem():
    assert told(SMALL) == []


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        # Keys
        (
            "    missing: fail",
            "    mising: fail",
            "line 32, requirements[0].mising: unknown key “mising”; did you mean “missing”?",
        ),
        (
            "    subject: item\n",
            "",
            "line 28, requirements[0]: “subject” is missing",
        ),
        ("schema: 1", "schema: 2", "line 1, schema: expected 1; found 2"),
        ("schema: 1\n", "", "line 1: “schema” is missing"),
        (
            "venues:\n  - code: main\n",
            "",
            "line 1: “venues” is missing",
        ),
        (
            "lists:",
            "lissts:",
            "line 10, lissts: unknown key “lissts”; did you mean “lists”?\n"
            "line 36, requirements[1].applies_when[2].list: unknown list “fragile”",
        ),
        # Values
        (
            "kind: live,",
            "kind: alive,",
            "line 7, milestones[1].kind: expected one of seller_registration, item_registration, "
            "preheat, live, reference, other; found “alive”; did you mean “live”?",
        ),
        (
            "starts: 2023-05-16 20:00:00",
            "starts: 16.05.2023",
            "line 7, milestones[1].starts: expected a local time such as 2023-05-16 20:00:00; "
            "a date alone is its 00:00; found “16.05.2023”",
        ),
        (
            "starts: 2023-05-16 20:00:00",
            "starts: 2023-02-30 20:00:00",
            "line 7, milestones[1].starts: “2023-02-30 20:00:00” is no date of the calendar",
        ),
        (
            "ends: 2023-05-21 00:00:00",
            "ends: 2023-05-16 20:00:00",
            "line 7, milestones[1].ends: expected an end after the start",
        ),
        (
            "title: {en: Small, zh-hans: 小活动}",
            "title: Small",
            "line 4, campaign.title: expected a text in both languages: {en: …, zh-hans: …}; "
            "found “Small”",
        ),
        (
            "title: {en: Small, zh-hans: 小活动}",
            "title: {en: Small}",
            "line 4, campaign.title: “zh-hans” is missing",
        ),
        (
            "unit: hours",
            "unit: 7",
            "line 16, tables[0].unit: expected a text (in quotes where it looks like a number); "
            "found 7",
        ),
        (
            "default: 48",
            "default: 4.8",
            "line 17, tables[0].default: expected a whole number",
        ),
        (
            "{keys: [flowers], value: 24}",
            "{keys: [flowers, 1], value: soon}",
            "line 19, tables[0].rows[0].keys: expected 1 keys, one for each of the table's\n"
            "line 19, tables[0].rows[0].value: expected a whole number",
        ),
        (
            "window: {trailing_days: 30}",
            "window: {trailing_days: 0}",
            "line 26, statistics[0].window.trailing_days: expected at least 1; found 0",
        ),
        (
            "window: {trailing_days: 30}",
            "window: {trailing_dayz: 30}",
            "line 26, statistics[0].window: expected {trailing_days: 30}, {from: time, to: time}, "
            "{milestone: code}, {since: time} or {since_filing: true}; found a mapping with "
            "trailing_dayz; "
            "did you mean “trailing_days”?",
        ),
        (
            "window: {trailing_days: 30}",
            "window: {milestone: alive}",
            "line 26, statistics[0].window.milestone: unknown milestone “alive”; "
            "did you mean “live”?",
        ),
        (
            "  - code: main\n",
            "  - {code: main, capacity: many}\n",
            "line 9, venues[0].capacity: expected a whole number; found “many”",
        ),
        (
            "  - code: main\n",
            "  - {code: main venue}\n",
            "line 9, venues[0].code: expected a code of letters, digits, - and _; "
            "found “main venue”",
        ),
        (
            "  - code: item.sold_qty_30d\n",
            "  - code: seller.sold_qty_30d\n",
            "line 21, statistics[0].code: expected a code that starts with “item.”\n"
            "line 39, requirements[1].require.all[0][0]: unknown metric “item.sold_qty_30d”; "
            "did you mean “seller.sold_qty_30d”?",
        ),
        # Stages
        (
            "recheck: clear_out}",
            "recheck: clearout}",
            "line 33, requirements[0].stages.recheck: expected one of clear_out, unpublish, "
            "abnormal, at_risk, flag or a mapping; found “clearout”; did you mean “clear_out”?",
        ),
        (
            "recheck: clear_out}",
            "recheck: {action: at_risk}}",
            "line 33, requirements[0].stages.recheck: at_risk needs grace_hours, "
            "the hours to mend it",
        ),
        (
            "recheck: clear_out}",
            "recheck: {action: flag, grace_hours: 24}}",
            "line 33, requirements[0].stages.recheck.grace_hours: only at_risk has “grace_hours”",
        ),
        (
            "recheck: clear_out}",
            "recheckk: clear_out}",
            "line 33, requirements[0].stages.recheckk: unknown key “recheckk”; "
            "did you mean “recheck”?",
        ),
        # Conditions
        (
            '[item.sold_qty_30d, ">=", 1]',
            '[item.sold_qty_30, ">=", 1]',
            "line 39, requirements[1].require.all[0][0]: unknown metric “item.sold_qty_30”; "
            "did you mean “item.sold_qty_30d”?",
        ),
        (
            '[item.sold_qty_30d, ">=", 1]',
            '[item.sold_qty_30d, "=>", 1]',
            "line 39, requirements[1].require.all[0][1]: expected one of ==, !=, <, <=, >, >=, in, "
            "not_in, contains, not_contains, is_missing, is_known; found “=>”; did you mean “>=”?",
        ),
        (
            "      all:\n",
            "      al:\n",
            "line 37, requirements[1].require: expected [metric, operator, value], or a mapping "
            "with all, any, not, or at_least and of; found a mapping with al; "
            "did you mean “all”?",
        ),
        (
            "{list: fragile}",
            "{list: fragil}",
            "line 36, requirements[1].applies_when[2].list: unknown list “fragil”; "
            "did you mean “fragile”?",
        ),
        (
            "{table: longest}",
            "{table: shortest}",
            "line 31, requirements[0].require[2].table: unknown table “shortest”",
        ),
        (
            "  - code: R2",
            "  - code: R1",
            "line 34, requirements[1].code: “R1” is here twice",
        ),
    ],
)
def test_one_mistake(old, new, problem):
    assert told(changed((old, new))) == problem.split("\n")


def test_every_mistake_is_told_in_the_order_of_the_file():
    text = changed(
        ("schema: 1", "schema: one"),
        ("kind: preheat", "kind: heat"),
        ("  - {code: fragile, values: [glass, china]}", "  - {code: fragile}"),
        ("item.ship_time_hours", "item.ship_hours"),
        ("    missing: fail", "    missing: never"),
        ('[entry.activity_price, ">", 0.01]', "[entry.activity_price]"),
    )
    assert [line.partition(":")[0] for line in told(text)] == [
        "line 1, schema",
        "line 6, milestones[0].kind",
        "line 11, lists[0]",
        "line 31, requirements[0].require[0]",
        "line 32, requirements[0].missing",
        "line 40, requirements[1].require.all[1]",
    ]


@pytest.mark.parametrize(
    "data", ["just words", "- 1\n- 2\n", "schema: 1\nvenues: main\ncampaign: 3\n"]
)
def test_a_file_of_another_shape_is_told_so(data):
    assert told(data)
