"""What changes from one rulebook to another, in words of both languages."""

import pytest

from campaigns.rulebooks import yaml_text
from campaigns.rulebooks.reading import parse
from campaigns.rulebooks.versions import differences
from sellers.metrics import registry
from tests.campaigns.rulebooks.pages import SMALL, changed


def book(text):
    found, problems = parse(yaml_text.read(text).data, registry.all_metrics())
    assert problems == []
    return found


def told(*replacements):
    return differences(book(SMALL), book(changed(*replacements)))


def test_a_rulebook_does_not_differ_from_itself():
    assert differences(book(SMALL), book(SMALL)) == []


@pytest.mark.parametrize(
    ("old", "new", "en", "zh"),
    [
        (
            "recheck: clear_out}",
            "recheck: flag}",
            "Requirement R1 at recheck: clears out → flags",
            "要求 R1 在复检时：清退 → 标记",
        ),
        (
            "stages: {admission: reject, recheck: clear_out}",
            "stages: {admission: reject}",
            "Requirement R1 at recheck: clears out → is not asked",
            "要求 R1 在复检时：清退 → 不检查",
        ),
        (
            "recheck: clear_out}",
            "recheck: {action: clear_out, missing: hold}}",
            "Requirement R1 at recheck, a missing value: none → hold",
            "要求 R1 在复检时，缺失值：无 → hold",
        ),
        (
            '[item.sold_qty_30d, ">=", 1]',
            '[item.sold_qty_30d, ">=", 2]',
            "Requirement R2, requires, all[0]: item.sold_qty_30d >= 1 → item.sold_qty_30d >= 2",
            "要求 R2，要求条件，all[0]：item.sold_qty_30d >= 1 → item.sold_qty_30d >= 2",
        ),
        (
            "applies_when: [item.category, in, {list: fragile}]",
            "applies_when: {not: [item.category, in, {list: fragile}]}",
            "Requirement R2, applies when: item.category in list fragile → "
            "not (item.category in list fragile)",
            "要求 R2，适用条件：item.category in list fragile → "
            "非（item.category in list fragile）",
        ),
        (
            "default: 48",
            "default: 72",
            "Table longest, value where no row matches: 48 → 72",
            "参数表 longest，无匹配行时的值：48 → 72",
        ),
        (
            "{keys: [flowers], value: 24}",
            "{keys: [flowers], value: 36}",
            "Table longest, for, [flowers]: 24 → 36",
            "参数表 longest，对应，[flowers]：24 → 36",
        ),
        (
            "starts: 2023-05-16 20:00:00",
            "starts: 2023-05-16 21:00:00",
            "Milestone live, starts at: 2023-05-16 20:00:00 → 2023-05-16 21:00:00",
            "里程碑 live，开始时间：2023-05-16 20:00:00 → 2023-05-16 21:00:00",
        ),
        (
            "title: {en: Ships soon, zh-hans: 尽快发货}",
            "title: {en: Ships fast, zh-hans: 快速发货}",
            "Requirement R1, title: “Ships soon” → “Ships fast”",
            "要求 R1，标题：“尽快发货” → “快速发货”",
        ),
        (
            "  - {code: fragile, values: [glass, china]}",
            "  - {code: fragile, values: [glass]}",
            "List fragile, values: [glass, china] → [glass]",
            "列表 fragile，取值：[glass, china] → [glass]",
        ),
        (
            "  - code: R2",
            "  - code: R3",
            "Requirement R3 is added\nRequirement R2 is removed",
            "新增要求 R3\n删除要求 R2",
        ),
        (
            "  - code: main\n",
            "  - {code: main, invitation_only: true, capacity: 20}\n",
            "Venue main, by invitation only: no → yes\nVenue main, display places: none → 20",
            "会场 main，仅限受邀：否 → 是\n会场 main，展示位数：无 → 20",
        ),
    ],
)
def test_a_change_is_one_sentence_in_each_language(old, new, en, zh):
    found = told((old, new))
    assert [sentence["en"] for sentence in found] == en.split("\n")
    assert [sentence["zh-hans"] for sentence in found] == zh.split("\n")


def test_changes_come_in_the_order_of_the_file():
    found = told(("default: 48", "default: 72"), ("kind: preheat", "kind: other"))
    assert [sentence["en"] for sentence in found] == [
        "Milestone preheat, kind: preheat → other",
        "Table longest, value where no row matches: 48 → 72",
    ]
