"""Measured values and thresholds in words."""

import pytest
from django.utils import translation

from campaigns.models import Finding, Ground
from campaigns.portal import reasons
from campaigns.portal.evidence import Reader
from campaigns.portal.suggesting import bounds
from campaigns.registering import FilingRow, preview_entries
from campaigns.templatetags.figures import amount, instant, localised, moment, until
from tests.factories import (
    FILED,
    CategoryFactory,
    FactDefinitionFactory,
    ItemFactory,
    PromotionFactory,
    RequirementFactory,
    SellerFactory,
    StatisticFactory,
    ValueListFactory,
    open_campaign,
)
from tests.times import local


@pytest.fixture
def version(db):
    return open_campaign().version


def line_of(version, metric, op, measured, threshold, *, path="require", result=False, **more):
    finding = Finding.objects.create(
        campaign=version.campaign, version=version, stage="admission", code="x", outcome="fail",
        requirement=RequirementFactory(version=version), at=FILED,
    )  # fmt: skip
    Ground.objects.create(
        finding=finding, path=path, metric=metric, comparator=op, measured=measured,
        threshold=threshold, result=result, **more,
    )  # fmt: skip
    (line,) = Reader([version.pk]).finding(finding).lines
    return line


@pytest.mark.parametrize(
    ("metric", "op", "measured", "threshold", "unit", "expected"),
    [
        ("item.ship_time_hours", "<=", "72", "48", "hours", ("72 hours", "at most 48 hours")),
        ("item.ship_time_hours", ">", "72", "48", "hours", ("72 hours", "above 48 hours")),
        ("item.list_price", "<", "5.20", "5.00", "CNY", ("5.20 CNY", "below 5.00 CNY")),
        ("item.list_price", ">=", None, "5.00", "CNY", ("not known", "at least 5.00 CNY")),
        ("seller.shop_type", "==", "tmall", "marketplace", "", ("Tmall shop", "marketplace shop")),
        ("seller.shop_type", "in", "tmall", "marketplace, other", "",
         ("Tmall shop", "one of: marketplace shop, other")),
        ("seller.dingtalk_bound", "==", "false", "true", "", ("no", "yes")),
        ("seller.dingtalk_bound", "!=", "false", "false", "", ("no", "not no")),
        ("seller.growth_level", "is_missing", "5", None, "level", ("5 level", "not known")),
        ("seller.growth_level", "is_known", None, None, "", ("not known", "known")),
        ("item.published_at", ">=", "2023-05-10T12:00:00+08:00", "2023-05-11T00:00:00+08:00", "",
         ("10 May 2023, 12:00", "at least 11 May 2023, 00:00")),
        ("entry.tools", "contains", "–", "coupon", "", ("none", "with Coupons")),
        ("entry.tools", "not_contains", "coupon, gift", "gift", "",
         ("Coupons, gift", "without gift")),
        ("item.category", "not_in", "bags", "barred (2)", "", ("Bags", "none of: list “Barred”")),
        ("item.sold", ">=", "0", "1", "units", ("0 units", "at least 1 units")),
        ("item.own_fact", "==", "7", "8", "", ("7", "8")),
        ("gone.metric", "<=", "7", "8", "", ("7", "at most 8")),
    ],
)  # fmt: skip
def test_a_ground_is_put_in_words(version, metric, op, measured, threshold, unit, expected):
    PromotionFactory(version=version, code="coupon", title={"en": "Coupons"})
    ValueListFactory(version=version, code="barred", title={"en": "Barred"}, values=["a", "b"])
    CategoryFactory(code="bags", name="Bags")
    StatisticFactory(version=version, code="item.sold", title={"en": "Units sold"})
    FactDefinitionFactory(code="item.own_fact", label={"en": "Own fact"})
    line = line_of(version, metric, op, measured, threshold, unit=unit)
    assert (line.measured, line.needed) == expected


def test_the_time_a_statistic_looked_at_is_told(version):
    version.milestone_set.filter(code="live").update(title={"en": "Live days"})
    texts = [
        line_of(version, "item.stock", "<=", "1", "2", window=window).window
        for window in ("", "30d", "milestone:live", "2023-05-09/2023-05-21")
    ]
    assert texts == [
        "",
        "the last 30 days",
        "during “Live days”",
        "from 2023-05-09 until before 2023-05-21",
    ]


def test_labels_come_from_metrics_statistics_and_declared_facts(version):
    StatisticFactory(version=version, code="item.sold", title={"en": "Units sold"})
    FactDefinitionFactory(code="item.own_fact", label={"en": "Own fact"})
    metrics = ("item.list_price", "item.sold", "item.own_fact", "gone.metric")
    labels = [line_of(version, metric, "<=", "1", "2").label for metric in metrics]
    assert labels == ["List price", "Units sold", "Own fact", "gone.metric"]


@pytest.mark.parametrize(
    ("path", "result", "mark", "needed"),
    [
        ("require", True, "pass", "at most 2"),
        ("require", False, "fail", "at most 2"),
        ("require", None, "hold", "at most 2"),
        ("require.not", True, "fail", "not: at most 2"),
        ("require.not", False, "pass", "not: at most 2"),
        ("require.not.any[0].not", True, "pass", "at most 2"),
    ],
)
def test_a_comparison_inside_a_not_reads_the_other_way(version, path, result, mark, needed):
    line = line_of(version, "item.stock", "<=", "1", "2", path=path, result=result)
    assert (line.mark, line.needed) == (mark, needed)


def test_what_only_says_when_a_rule_applies_is_no_measure(version):
    line = line_of(version, "item.age_days", ">", "31", "30", path="applies_when", result=True)
    assert line.premise


def test_every_process_reason_has_words_in_both_languages():
    for code in reasons.TITLES:
        english = reasons.title(code)
        with translation.override("zh-hans"):
            assert reasons.title(code) != english != code
            assert reasons.sentence(code, {}) is not None


@pytest.mark.parametrize(
    ("code", "params", "sentence"),
    [
        ("window_closed", {"opens_at": "2023-04-25T15:00:00+08:00"},
         "Registration opens at 25 Apr 2023, 15:00."),
        ("window_closed", {"closed_at": "2023-05-21T00:00:00+08:00"},
         "Registration closed at 20 May 2023, 24:00."),
        ("window_closed", {}, "Registration is not open."),
        ("quota_full", {"used": 5, "ceiling": 5}, "5 of 5 places are used."),
        ("duplicate_row", {"line": 3}, "Row 3 is the one that counts."),
        ("price_unreadable", {"given": "x"}, "“x” was given."),
        ("something_new", {}, ""),
    ],
)  # fmt: skip
def test_a_process_reason_has_its_figures(code, params, sentence):
    assert reasons.sentence(code, params) == sentence


def test_a_reason_nobody_has_words_for_shows_its_code():
    assert reasons.title("something_new") == "something_new"


@pytest.mark.parametrize(
    ("require", "applies_when", "found"),
    [
        (["entry.activity_price", "<=", {"metric": "item.list_price"}], None, ["100"]),
        (["entry.activity_price", "<", {"metric": "item.list_price"}], None, ["99.99"]),
        (["entry.activity_price", "<=", "33.333"], None, ["33.33"]),
        (["entry.activity_price", "<", "33.333"], None, ["33.33"]),
        (["entry.activity_price", "==", "50"], None, ["50"]),
        (["item.list_price", ">=", {"metric": "entry.activity_price", "times": "1.5"}], None,
         ["66.66"]),
        (["entry.activity_price", ">=", "5"], None, []),
        ({"not": ["entry.activity_price", "<=", "5"]}, None, []),
        (["item.stock", "<=", 5], None, []),
        # Does not apply to this item, so it binds nothing.
        (["entry.activity_price", "<=", "5"], ["item.stock", "<", 1], []),
        (["entry.activity_price", "<=", "5"], ["item.stock", ">", 1], ["5"]),
    ],
)  # fmt: skip
def test_the_highest_price_is_read_off_the_requirement(db, require, applies_when, found):
    opened = open_campaign()
    RequirementFactory(
        version=opened.version, require=require, applies_when=applies_when,
        stages={"admission": "reject"},
    )  # fmt: skip
    item = ItemFactory(seller=SellerFactory())
    (row,) = preview_entries(
        campaign=opened.campaign, seller=item.seller, venue=opened.venue,
        rows=[FilingRow(item.code, item.list_price)], at=FILED,
    )  # fmt: skip
    assert [f"{bound:.2f}" for bound in bounds(row.requirements)] == [
        f"{float(text):.2f}" for text in found
    ]


def test_instants_are_shown_in_the_installations_zone():
    at = local("2023-05-16 20:30:05")
    assert moment(at) == "16 May 2023, 20:30"
    assert instant(at) == "16 May 2023, 20:30:05"
    assert until(local("2023-05-21")) == "20 May 2023, 24:00"
    assert until(local("2023-05-16 20:00")) == "16 May 2023, 20:00"
    with translation.override("zh-hans"):
        assert moment(at) == "2023年5月16日 20:30"
        assert until(local("2023-05-21")) == "2023年5月20日 24:00"
    assert moment(None) == until(None) == amount(None) == "–"


def test_a_rulebook_text_falls_back_to_english():
    with translation.override("zh-hans"):
        assert localised({"en": "Main", "zh-hans": "主会场"}) == "主会场"
        assert localised({"en": "Main"}) == "Main"
    assert localised({"zh-hans": "主会场"}) == "主会场"
    assert localised({}) == ""
