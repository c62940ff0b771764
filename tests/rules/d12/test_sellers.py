"""Section 3 and the qualification clauses of 1.3, 2.5 and 3.4: which sellers may take part."""

import pytest

from tests.times import local


@pytest.mark.rule("D12-002")
def test_turnover_is_no_bar(world):
    """s2 has sold nothing at all; an item that did is what a venue may ask for, and women does."""
    assert world.kept_out("s2") == []
    world.ready("s2")
    world.items({"code": "i2", "seller": "s2"}, {"code": "i3", "seller": "s2"}, sold=None)

    assert world.refused("i2", venue="presale_women", seller="s2") == []
    assert world.refused("i3", venue="women", seller="s2") == ["D12-061"]


@pytest.mark.rule("D12-005", "D12-033", "D12-055")
@pytest.mark.parametrize(
    ("shop_type", "codes"), [("marketplace", []), ("tmall", ["D12-005"]), ("other", ["D12-005"])]
)
def test_the_campaign_is_for_marketplace_shops(world, shop_type, codes):
    assert world.kept_out(shop_type=shop_type) == codes


@pytest.mark.rule("D12-005")
def test_whoever_joined_registers_for_web_and_mobile_at_once(world):
    assert world.refused(venue="women") == []
    assert {slot.channel for slot in world.version.resourceslot_set.all()} >= {"web", "mobile"}


@pytest.mark.rule("D12-006", "D12-033", "D12-055")
@pytest.mark.parametrize(("value", "codes"), [("true", []), ("false", ["D12-006"])])
def test_the_seller_meets_the_marketing_rules(world, value, codes):
    assert world.kept_out(marketing_rules_ok=value) == codes


@pytest.mark.rule("D12-005", "D12-006", "D12-033")
@pytest.mark.parametrize(
    ("code", "facts"),
    [("D12-005", {"shop_type": "tmall"}), ("D12-006", {"marketing_rules_ok": "false"})],
)
def test_who_stops_meeting_it_is_cleared_out_at_night(world, code, facts):
    (entry,) = world.approved(venue="presale_women")
    assert world.moved_for(world.sweep("2015-11-11 02:00:00")) == []
    world.sellers({"code": "s1", **facts}, at="2015-11-11 12:00:00")

    assert world.moved_for(world.sweep("2015-11-12 02:00:00")) == [(code, "clear_out")]
    assert world.status(entry) == "cleared_out"


@pytest.mark.rule("D12-006")
def test_who_meets_it_again_may_join(world):
    assert world.kept_out(marketing_rules_ok="false") == ["D12-006"]
    assert world.kept_out(marketing_rules_ok="true", at=local("2015-10-21")) == []
