"""Sections 1.4, 2.6 and 3.5: the promotions that shops must set, and their landing pages."""

import pytest

from campaigns import shop_tools
from campaigns.models import ShopTool
from tests.times import local


def newcomer(world, *tools):
    """s2 with an item for a branch and one for outer, who has set these tools."""
    world.sellers({"code": "s2"})
    world.items({"code": "i2", "seller": "s2"}, {"code": "i3", "seller": "s2"})
    world.ready("s2", tools=tools)


@pytest.mark.rule("D12-063", "D12-064")
@pytest.mark.parametrize(
    ("tools", "missing"),
    [
        (("shop_red_packet", "cashback"), []),
        (("cashback",), ["D12-063"]),
        (("shop_red_packet",), ["D12-064"]),
    ],
)
def test_branch_and_outer_sellers_set_a_red_packet_and_cash_back(world, tools, missing):
    newcomer(world, *tools)
    both = {"D12-063", "D12-064"}

    assert world.refused("i2", venue="women", seller="s2") == missing
    assert sorted(both & set(world.found("i3", venue="outer", seller="s2"))) == missing


@pytest.mark.rule("D12-063", "D12-064")
def test_presale_sellers_need_not(world):
    newcomer(world)

    assert world.refused("i2", venue="presale_women", seller="s2") == []


@pytest.mark.rule("D12-063", "D12-064", "D12-067")
@pytest.mark.parametrize("tool", ["shop_red_packet", "cashback"])
@pytest.mark.parametrize(
    ("at", "refused"),
    [("2015-10-28 23:59:59", ["setup_closed"]), ("2015-10-29 00:00:00", [])],
)
def test_both_can_be_set_from_29_october(world, tool, at, refused):
    newcomer(world)

    assert world.set_tool(tool, "s2", at=local(at)) == refused


@pytest.mark.rule("D12-067")
@pytest.mark.parametrize(
    ("at", "refused"),
    [("2015-12-11 23:59:59", []), ("2015-12-12 00:00:00", ["setup_closed"])],
)
def test_cash_back_can_be_set_until_11_december(world, at, refused):
    newcomer(world)

    assert world.set_tool("cashback", "s2", at=local(at)) == refused


@pytest.mark.rule("D12-063")
def test_until_when_a_red_packet_can_be_set_is_not_printed(world):
    newcomer(world)

    assert world.set_tool("shop_red_packet", "s2", at=local("2015-12-12 00:00:00")) == []


@pytest.mark.rule("D12-063", "D12-064", "D12-067")
@pytest.mark.parametrize(
    ("tool", "terms", "refused"),
    [
        ("shop_red_packet", {"amount": "0.01"}, []),
        ("shop_red_packet", {"amount": "1.00"}, []),
        ("shop_red_packet", {"amount": "0.00"}, ["term_out_of_bounds"]),
        ("cashback", {"threshold": "1.00", "amount": "0.99"}, []),
        ("cashback", {"threshold": "1.00", "amount": "1.00"}, ["term_not_below"]),
        ("cashback", {"threshold": "200.00", "amount": "0.00"}, ["term_out_of_bounds"]),
        ("cashback", {"threshold": "0.00", "amount": "10.00"},
         ["term_out_of_bounds", "term_not_below"]),
    ],
)  # fmt: skip
def test_amounts_are_above_0_and_cash_back_is_below_its_threshold(world, tool, terms, refused):
    newcomer(world)

    assert world.set_tool(tool, "s2", **terms) == refused


@pytest.mark.rule("D12-001", "D12-063", "D12-064", "D12-067")
@pytest.mark.parametrize(
    ("at", "in_force"),
    [
        ("2015-12-11 23:59:59", False),
        ("2015-12-12 00:00:00", True),
        ("2015-12-12 23:59:59", True),
        ("2015-12-13 00:00:00", False),
    ],
)
def test_the_campaign_carries_both_and_they_are_for_the_sale_day(world, at, in_force):
    rows = world.version.promotion_set.filter(kind="mandatory", level="shop")
    now = rows.filter(starts_at__lte=local(at), ends_at__gt=local(at))

    assert sorted(rows.values_list("code", flat=True)) == ["cashback", "shop_red_packet"]
    assert (rows.count() == now.count()) is in_force
    assert now.exists() is in_force


def decorate(world, page, at):
    result = shop_tools.decorate_page(registration=world.registration(), code=page, at=local(at))
    return [refusal.code for refusal in result.refusals]


@pytest.mark.rule("D12-039")
def test_approval_in_presale_makes_a_page_that_can_be_decorated_from_16_november(world):
    pages = ShopTool.objects.filter(code="presale_landing_page")
    world.file(venue="presale_women", at=local("2015-11-10 12:00:00"))
    assert not pages.exists()

    world.items({"code": "p2"})
    world.approved("p2", venue="presale_women")

    assert pages.get().decorated_at is None
    assert decorate(world, "presale_landing_page", "2015-11-15 23:59:59") == ["setup_closed"]
    assert pages.get().decorated_at is None
    assert decorate(world, "presale_landing_page", "2015-11-16 00:00:00") == []
    assert pages.get().decorated_at == local("2015-11-16 00:00:00")


@pytest.mark.rule("D12-069")
def test_approval_in_a_branch_makes_a_page_that_can_be_decorated_from_19_november(world):
    assert not ShopTool.objects.filter(code="branch_landing_page").exists()

    world.approved(venue="women", at=local("2015-11-18 12:00:00"))

    page = ShopTool.objects.get(code="branch_landing_page")
    assert page.decorated_at is None
    assert decorate(world, "branch_landing_page", "2015-11-18 23:59:59") == ["setup_closed"]
    assert decorate(world, "branch_landing_page", "2015-11-19 00:00:00") == []


@pytest.mark.rule("D12-039", "D12-069")
def test_each_kind_of_venue_has_its_own_page_and_a_shop_one_of_it(world):
    world.items({"code": "b2"})
    world.approved(venue="presale_women")
    world.approved("b1", "b2", venue="women")

    pages = ShopTool.objects.filter(registration=world.registration())
    made = [code for code in pages.values_list("code", flat=True) if code.endswith("_page")]
    assert sorted(made) == ["branch_landing_page", "presale_landing_page"]
