"""Section 5.6: what takes an approved entry off, each with a reason of its own."""

import pytest

from campaigns.models import ReasonTemplate
from tests.times import local

PRESALE, BRANCH = "presale_women", "lingerie"


def swept(world, entry, at):
    """A night; the entry's status and what its history says of its last move."""
    run = world.sweep(at)
    return world.status(entry), world.reason(entry), world.moved_for(run)


def stays(world, entry, at):
    run = world.sweep(at)
    return world.status(entry) == "approved" and world.moved_for(run) == []


@pytest.mark.rule("D12-095")
@pytest.mark.parametrize("venue", [PRESALE, BRANCH])
def test_an_approved_entry_that_fails_a_recheck_is_cleared_out_with_the_reason(world, venue):
    (entry,) = world.approved(venue=venue)
    assert stays(world, entry, "2015-11-21 02:00:00")
    world.sellers({"code": "s1", "marketing_rules_ok": "false"}, at="2015-11-21 12:00:00")

    status, reason, found = swept(world, entry, "2015-11-22 02:00:00")

    assert (status, reason) == ("cleared_out", "D12-006")
    assert found == [("D12-006", "clear_out")]


@pytest.mark.rule("D12-096")
@pytest.mark.parametrize(
    ("on", "gone"), [("2015-11-20 11:59:59", False), ("2015-11-20 12:00:00", True)]
)
def test_a_violation_of_the_shop_after_filing_takes_all_its_entries_off(world, on, gone):
    world.items({"code": "b2"})
    first, second = world.approved("b1", "b2", venue=BRANCH)
    world.violation("image_theft", points=0, on=on)

    world.sweep("2015-11-21 02:00:00")

    said = ("cleared_out", "shop_violation") if gone else ("approved", "")
    for entry in (first, second):
        assert (world.status(entry), world.reason(entry)) == said


@pytest.mark.rule("D12-096")
def test_a_violation_with_an_item_takes_that_item_off_alone(world):
    world.items({"code": "b2"})
    first, second = world.approved("b1", "b2", venue=BRANCH)
    world.violation("not_as_described", points=2, on="2015-11-20 18:00:00", item="b1")

    world.sweep("2015-11-21 02:00:00")

    assert (world.status(first), world.reason(first)) == ("cleared_out", "item_violation")
    assert world.status(second) == "approved"


@pytest.mark.rule("D12-096")
def test_it_counts_once_it_is_verified(world):
    (entry,) = world.approved(venue=BRANCH)
    world.violation("image_theft", on="2015-11-20 18:00:00", verified="false", code="v-open")
    assert stays(world, entry, "2015-11-21 02:00:00")

    world.feed("violations", {"code": "v-open", "verified": "true"}, at="2015-11-21 12:00:00")

    status, reason, _found = swept(world, entry, "2015-11-22 02:00:00")
    assert (status, reason) == ("cleared_out", "shop_violation")


@pytest.mark.rule("D12-097")
@pytest.mark.parametrize("venue", [PRESALE, BRANCH])
@pytest.mark.parametrize(("price", "gone"), [("99.00", False), ("98.99", True)])
def test_selling_early_below_the_campaign_price_clears_out(world, venue, price, gone):
    (entry,) = world.approved(venue=venue, price="99.00")
    world.sell(
        {"item": entry.item.code, "unit_price": price, "quantity": "10"},
        paid_at="2015-12-05 10:00:00",
    )

    world.sweep("2015-12-06 02:00:00")

    said = ("cleared_out", "sold_early") if gone else ("approved", "")
    assert (world.status(entry), world.reason(entry)) == said


@pytest.mark.rule("D12-097")
@pytest.mark.parametrize(
    ("paid_at", "gone"),
    [
        ("2015-11-20 11:59:59", False),
        ("2015-11-20 12:00:00", True),
        ("2015-12-11 23:59:59", True),
        ("2015-12-12 00:00:00", False),
    ],
)
def test_early_is_from_the_filing_until_the_sale(world, paid_at, gone):
    (entry,) = world.approved(venue=BRANCH, price="99.00")
    world.sell({"item": "b1", "unit_price": "98.99"}, paid_at=paid_at)

    world.sweep("2015-12-12 02:00:00")

    # Without a sale in 30 days the item is out for that, whatever else.
    assert (world.reason(entry) == "sold_early") is gone


@pytest.mark.rule("D12-097")
def test_a_fake_trade_below_the_price_is_no_early_sale(world):
    (entry,) = world.approved(venue=BRANCH, price="99.00")
    world.sell(
        {"item": "b1", "unit_price": "1.00", "abnormal": "true"}, paid_at="2015-11-21 10:00:00"
    )

    assert stays(world, entry, "2015-11-22 02:00:00")


@pytest.mark.rule("D12-098", "D12-099")
@pytest.mark.parametrize(
    ("tool", "named", "code"),
    [
        ("shop_red_packet", "red_packet_cancelled", "D12-098"),
        ("cashback", "cashback_cancelled", "D12-099"),
    ],
)
def test_cancelling_a_tool_clears_out_and_setting_it_again_does_not_restore(
    world, tool, named, code
):
    (entry,) = world.approved(venue=BRANCH)
    assert stays(world, entry, "2015-11-21 02:00:00")
    world.cancel_tool(tool, "2015-11-21 10:00:00")
    assert world.set_tool(tool, at=local("2015-11-21 11:00:00")) == []

    status, reason, found = swept(world, entry, "2015-11-22 02:00:00")

    assert (status, reason) == ("cleared_out", named)
    assert found == [(code, "clear_out")]
    world.sweep("2015-11-23 02:00:00")
    assert world.status(entry) == "cleared_out"


@pytest.mark.rule("D12-098", "D12-099")
@pytest.mark.parametrize("tool", ["shop_red_packet", "cashback"])
def test_what_was_cancelled_before_filing_or_given_other_terms_stays(world, tool):
    world.cancel_tool(tool, "2015-11-20 11:00:00")
    assert world.set_tool(tool, at=local("2015-11-20 11:30:00")) == []
    (entry,) = world.approved(venue=BRANCH)
    assert world.set_tool(tool, at=local("2015-11-20 15:00:00"), amount="7.00") == []

    assert stays(world, entry, "2015-11-21 02:00:00")


@pytest.mark.rule("D12-098", "D12-099")
def test_presale_entries_do_not_depend_on_them(world):
    (entry,) = world.approved(venue=PRESALE)
    world.cancel_tool("shop_red_packet", "2015-11-10 13:00:00")
    world.cancel_tool("cashback", "2015-11-10 13:00:00")

    assert stays(world, entry, "2015-11-11 02:00:00")


@pytest.mark.rule("D12-100")
@pytest.mark.parametrize(
    ("category", "cause", "gone"),
    [
        ("mens_wear", "own", True),
        ("mens_wear", "", True),
        ("mens_wear", "platform", False),
        ("womens_wear", "own", False),
        ("", "own", False),
    ],
)
def test_a_main_category_that_the_shop_changed_clears_out(world, category, cause, gone):
    (entry,) = world.approved(venue=BRANCH)
    at = "2015-11-20 18:00:00"
    world.sellers({"code": "s1", "main_category": category}, at=at)
    world.feed("facts", {"seller": "s1", "seller.main_category_change": cause}, at=at)

    world.sweep("2015-11-21 02:00:00")

    said = ("cleared_out", "main_category_changed") if gone else ("approved", "")
    assert (world.status(entry), world.reason(entry)) == said


@pytest.mark.rule("D12-102")
@pytest.mark.parametrize(("stock", "gone"), [("200", False), ("199", True)])
def test_any_other_condition_that_is_lost_clears_out_and_is_named(world, stock, gone):
    (entry,) = world.approved(venue=BRANCH)
    world.feed("items", {"code": "b1", "stock": stock}, at="2015-11-20 18:00:00")

    run = world.sweep("2015-11-21 02:00:00")

    said = ("cleared_out", "D12-060") if gone else ("approved", "")
    assert (world.status(entry), world.reason(entry)) == said
    grounds = [
        (ground.measured, ground.threshold)
        for finding in run.findings.all()
        for ground in finding.grounds.all()
    ]
    assert (("199", "200") in grounds) is gone


@pytest.mark.rule("D12-050", "D12-060")
@pytest.mark.parametrize(
    ("at", "gone"), [("2015-12-11 23:59:59", True), ("2015-12-12 00:00:00", False)]
)
def test_stock_is_there_to_be_sold_once_the_sale_has_begun(world, at, gone):
    (entry,) = world.approved(venue=BRANCH)
    world.sell({"item": "b1", "quantity": "20", "unit_price": "100.00"},
               paid_at="2015-12-01 12:00:00")  # fmt: skip
    world.feed("items", {"code": "b1", "stock": "199"}, at="2015-12-11 18:00:00")

    world.sweep(at)

    assert (world.status(entry) == "cleared_out") is gone


@pytest.mark.rule("D12-144")
def test_the_reasons_come_with_the_rulebook_for_operators_to_add_to(world):
    asked = set(world.version.requirement_set.exclude(reason="").values_list("reason", flat=True))
    texts = dict(ReasonTemplate.objects.values_list("code", "text"))

    assert asked <= set(texts)
    assert all(set(text) == {"en", "zh-hans"} for text in texts.values())
