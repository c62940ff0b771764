"""Section 4.1: which sellers may join, and what becomes of those who stop meeting it."""

import pytest

from tests.times import local


def refused(world, **facts):
    """Codes against a seller with these facts who joins."""
    world.sellers({"code": "s2", **facts})
    return sorted(finding.code for finding in world.join("s2").findings)


@pytest.mark.rule("G520-015")
@pytest.mark.parametrize(
    ("shop_type", "codes"), [("marketplace", []), ("tmall", ["G520-015"]), ("other", ["G520-015"])]
)
def test_the_campaign_is_for_marketplace_shops(world, shop_type, codes):
    assert refused(world, shop_type=shop_type) == codes


@pytest.mark.rule("G520-016")
@pytest.mark.parametrize(("value", "codes"), [("true", []), ("false", ["G520-016"])])
def test_the_seller_meets_the_marketing_rules(world, value, codes):
    assert refused(world, marketing_rules_ok=value) == codes


@pytest.mark.rule("G520-017")
@pytest.mark.parametrize(
    ("activated", "by_main_account", "bound", "codes"),
    [
        ("false", "false", "true", []),
        ("true", "true", "false", []),
        ("true", "false", "false", ["G520-017"]),
        ("false", "false", "false", ["G520-017"]),
        ("true", "false", "true", []),
    ],
)
def test_the_messenger_is_activated_by_the_main_account_or_bound(
    world, activated, by_main_account, bound, codes
):
    facts = {
        "dingtalk_activated": activated,
        "dingtalk_by_main_account": by_main_account,
        "dingtalk_bound": bound,
    }
    assert refused(world, **facts) == codes


@pytest.mark.rule("G520-018")
@pytest.mark.parametrize(("closed", "codes"), [("false", []), ("true", ["G520-018"])])
def test_the_shop_is_not_closed(world, closed, codes):
    assert refused(world, one_click_closed=closed) == codes


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        pytest.param(code, facts, marks=pytest.mark.rule(code), id=code)
        for code, facts in (
            ("G520-015", {"shop_type": "tmall"}),
            ("G520-016", {"marketing_rules_ok": "false"}),
            ("G520-017", {"dingtalk_bound": "false"}),
        )
    ],
)
def test_who_stops_meeting_it_is_cleared_out_at_night(world, rule, facts):
    (entry,) = world.approved()
    assert world.found(world.sweep("2023-05-11 02:00:00")) == []
    world.sellers({"code": "s1", **facts}, at="2023-05-11 12:00:00")

    run = world.sweep("2023-05-12 02:00:00")

    assert world.found(run) == [(rule, "clear_out")]
    assert world.status(entry) == "cleared_out"


@pytest.mark.rule("G520-018")
def test_a_shop_that_closes_after_approval_is_flagged_and_stays(world):
    (entry,) = world.approved()
    world.sellers({"code": "s1", "one_click_closed": "true"}, at="2023-05-11 12:00:00")

    assert world.found(world.sweep("2023-05-12 02:00:00")) == [("G520-018", "flag")]
    assert world.status(entry) == "approved"


@pytest.mark.rule("G520-016")
def test_what_is_not_known_stops_nobody_but_goes_to_a_person(world):
    world.sellers({"code": "s2", "marketing_rules_ok": ""})
    world.items({"code": "i2", "seller": "s2"})

    assert world.join("s2").joined
    (row,) = world.file("i2", seller="s2")
    assert (row.status, row.entry.held) == ("in_review", True)
    assert local("2023-05-10") < row.entry.submitted_at
