"""Sections 1.1, 2.1, 2.2, 3.1 and 7: the venues, what they take, what they are told apart by."""

from collections import Counter

import pytest

from campaigns.models import Requirement
from campaigns.rulebooks import yaml_text
from campaigns.rulebooks.versions import new_draft, publish
from tests.rules.d12.world import rulebook_text
from tests.times import local

BRANCHES = {"industry": 20, "featured": 10, "business": 4}


@pytest.mark.rule("D12-017")
def test_presale_has_a_main_venue_and_21_branches_of_which_the_main_one_is_fed(world):
    kinds = Counter(world.version.venueterms_set.values_list("kind", flat=True))

    assert (kinds["presale_main"], kinds["presale"]) == (1, 21)
    assert world.terms("presale_main").feeds_from_kinds == ["presale"]
    assert "venue_closed" in world.found("p1", venue="presale_main", at=local("2015-11-10 12:00"))
    assert world.refused(venue="presale_women") == []


@pytest.mark.rule("D12-040")
@pytest.mark.parametrize(
    ("venue", "codes"), [("main", ["venue_closed"]), ("women", []), ("trials", [])]
)
def test_the_main_venue_takes_no_registrations(world, venue, codes):
    assert world.refused("b1", venue=venue, at=local("2015-11-20 12:00")) == codes


@pytest.mark.rule("D12-041")
def test_there_are_34_branches_of_three_groups(world):
    groups = world.version.venueterms_set.filter(kind="branch").values_list("group", flat=True)

    assert Counter(groups) == BRANCHES
    assert sum(BRANCHES.values()) == 34
    assert world.version.floor_set.filter(code="women_new_discoveries", venue_code="women").exists()


@pytest.mark.rule("D12-041")
def test_a_venues_name_is_edited_in_a_draft(world):
    draft = new_draft(world.campaign)
    terms = draft.venueterms_set.get(code="women")
    terms.title = {"en": "Dresses", "zh-hans": "连衣裙会场"}
    terms.save()
    later = publish(draft, at=local("2015-10-25"))

    assert later.venueterms_set.get(code="women").title["en"] == "Dresses"
    assert world.terms("women").title["en"] == "Women's wear"


@pytest.mark.rule("D12-139")
def test_there_are_an_affiliate_main_venue_and_27_branches(world):
    rows = world.version.venueterms_set.filter(kind__startswith="affiliate")

    assert Counter(row.kind for row in rows) == {"affiliate_main": 1, "affiliate": 27}
    assert {row.takes_registrations for row in rows} == {False}


@pytest.mark.rule("D12-009", "D12-062")
@pytest.mark.parametrize(
    ("deposit", "codes"),
    [("999.99", ["digital_deposit"]), ("1000.00", []), ("", ["digital_deposit"])],
)
def test_a_venue_adds_requirements_to_the_general_ones(world, deposit, codes):
    world.items({"code": "i2"})
    world.feed("facts", {"seller": "s1", "seller.deposit_amount": deposit})

    assert world.refused("i2", venue="digital") == codes
    assert world.refused(venue="women") == []


@pytest.mark.rule("D12-009")
def test_what_a_venue_adds_does_not_take_the_general_ones_away(world):
    world.feed("facts", {"seller": "s1", "seller.deposit_amount": "1000.00"})
    world.sellers({"code": "s1", "marketing_rules_ok": "false"})

    assert world.refused(venue="digital") == ["D12-006"]


@pytest.mark.rule("D12-056")
@pytest.mark.parametrize(
    ("venue", "kind", "good", "bad", "code"),
    [
        ("women", "sellers", {"main_category": "dresses"}, {"main_category": "mens_wear"},
         "women_main_category"),
        ("digital", "facts", {"seller.deposit_amount": "1000.00"},
         {"seller.deposit_amount": "999.99"}, "digital_deposit"),
        ("beauty", "facts", {"seller.credit_level": "6"}, {"seller.credit_level": "5"},
         "beauty_credit"),
        ("shoes", "item facts", {"item.has_mobile_detail": "true"},
         {"item.has_mobile_detail": "false"}, "shoes_mobile_detail"),
        ("appliances", "qualifications", {"code": "seven_day_return"}, {"code": "enterprise"},
         "appliances_contract"),
        ("global_buys", "qualifications", {"code": "enterprise"}, {"code": "seven_day_return"},
         "global_buys_shop_type"),
    ],
)  # fmt: skip
def test_branches_ask_for_contract_shop_type_deposit_detail_page_credit_or_category(
    world, venue, kind, good, bad, code
):
    stock = {"code": "i2", "stock": "300"}
    world.items(stock)

    def feed(facts):
        if kind == "sellers":
            world.sellers({"code": "s1", **facts})
        elif kind == "facts":
            world.feed("facts", {"seller": "s1", **facts})
        elif kind == "item facts":
            world.feed("facts", {"item": "i2", **facts})
        else:
            world.feed("qualifications", {"seller": "s1", "valid_from": "2015-01-01", **facts})

    feed(bad)
    assert world.refused("i2", venue=venue) == [code]
    feed(good)
    assert world.refused("i2", venue=venue) == []


@pytest.mark.rule("D12-062", "D12-086")
def test_a_rule_added_to_one_venue_leaves_the_others_as_they_are(world):
    draft = new_draft(world.campaign)
    Requirement.objects.create(
        version=draft, code="men-price", venue_code="men", subject="entry", position=99,
        require=["entry.activity_price", "<=", "50.00"], stages={"admission": "reject"},
    )  # fmt: skip
    draft.venueterms_set.filter(code="shoes").update(review_mode="manual")
    publish(draft, at=local("2015-11-01"))
    world.items({"code": "i2"}, {"code": "i3"})

    assert world.refused("b1", venue="men", price="50.00") == []
    assert world.refused("i2", venue="men", price="50.01") == ["men-price"]
    assert world.refused("i3", venue="lingerie", price="50.01") == []


@pytest.mark.rule("D12-048", "D12-106", "D12-109", "D12-113")
def test_every_branch_says_what_all_branches_say():
    branches = [
        row for row in yaml_text.read(rulebook_text()).data["venues"] if row["kind"] == "branch"
    ]
    same = {
        "release": "together",
        "results_due": "2015-12-01 00:00:00",
        "cancellable_after_approval": False,
        "withdrawal_warning_hours": 24,
        "late_refiles": "owner",
        "windows": ["branch_registration"],
    }

    assert len(branches) == 34
    for row in branches:
        assert {key: row[key] for key in same} == same
        assert row["contact"]


@pytest.mark.rule("D12-113")
def test_withdrawing_from_outer_is_warned_of_a_day_before_filing_ends():
    rows = {row["code"]: row for row in yaml_text.read(rulebook_text()).data["venues"]}

    assert rows["outer"]["withdrawal_warning_hours"] == 24
