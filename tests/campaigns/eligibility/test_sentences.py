"""Generated sentences."""

import pytest

from campaigns.eligibility.sentences import localised, sentence
from campaigns.models import Requirement
from tests.campaigns.eligibility.population import vocabulary


def said(require, **fields):
    row = Requirement(
        code="R", subject="entry", require=require, stages={"admission": "reject"}, **fields
    )
    return sentence(row, vocabulary(), "en")


@pytest.mark.parametrize(
    ("require", "text"),
    [
        (["item.ship_time_hours", "<=", 48], "Shipping time is at most 48 hours"),
        (["item.recommended", "==", True], "On the recommended list is yes"),
        (["item.stock", "is_known"], "Stock is known"),
        (
            ["entry.activity_price", "<=", {"metric": "item.list_price", "times": "0.9"}],
            "Campaign price is at most 0.9 × List price",
        ),
        (["item.category", "in", {"list": "soft"}], "Category is one of list “soft”"),
        (
            {"any": [["item.stock", ">", 0], {"all": [["item.recommended", "==", True],
             ["item.stock", "is_missing"]]}]},
            "Stock is above 0 units or (On the recommended list is yes and Stock is not known)",
        ),
        (
            {"at_least": 1, "of": [["item.stock", ">", 0], ["item.stock", "is_missing"]]},
            "at least 1 of: Stock is above 0 units; Stock is not known",
        ),
    ],
)  # fmt: skip
def test_a_requirement_is_said_in_one_sentence(require, text):
    assert said(require) == text


def test_the_premise_comes_first():
    text = said(["item.stock", ">", 0], applies_when=["item.age_days", ">", 30])

    assert text == "If Days since first listing is above 30 days: Stock is above 0 units"


def test_a_text_falls_back_to_english_and_then_to_any():
    assert localised({"en": "Price", "zh-hans": "价格"}, "zh-hans") == "价格"
    assert localised({"en": "Price"}, "zh-hans") == "Price"
    assert localised({"zh-hans": "价格"}, "en") == "价格"
    assert localised({}, "en") == ""
