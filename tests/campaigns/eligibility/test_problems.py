"""Saving checks: each problem names its place and what was expected."""

import pytest

from campaigns.eligibility.problems import check_requirement
from campaigns.models import Requirement
from tests.campaigns.eligibility.population import vocabulary

STAGES = {"admission": "reject", "recheck": "clear_out"}


def problems(require, *, subject="entry", stages=None, **fields):
    row = Requirement(
        code="R", subject=subject, require=require, stages=stages or STAGES,
        missing=fields.pop("missing", "fail"), **fields,
    )  # fmt: skip
    return {problem.path: problem.message for problem in check_requirement(row, vocabulary())}


@pytest.mark.parametrize(
    "require",
    [
        ["item.ship_time_hours", "<=", 48],
        ["item.ship_time_hours", "<=", {"table": "ship_time"}],
        ["entry.activity_price", "<=", {"metric": "item.lowest", "times": "0.9"}],
        ["item.category", "in", {"list": "soft"}],
        ["entry.tools", "contains", "cross_shop_reduction"],
        ["item.refund_rate", "<", "0.05"],
        {"at_least": 2, "of": [["item.stock", ">", 0], ["item.sold", ">", 0]]},
        {"any": [["item.stock", "<", 3], ["item.stock", ">", 5]]},
    ],
)
def test_a_sound_requirement_has_no_problem(require):
    assert problems(require) == {}


@pytest.mark.parametrize(
    ("require", "path", "words"),
    [
        (["item.ship_time", "<=", 48], "require[0]", "did you mean item.ship_time_hours?"),
        (["item.ship_time_hours", "=<", 48], "require[1]", "unknown operator =<"),
        (["item.ship_time_hours", "<="], "require", "a value after <="),
        (["item.ship_time_hours", "is_missing", 1], "require", "no value after is_missing"),
        (["item.ship_time_hours", "<=", "soon"], "require[2]", "expected a number"),
        (["item.ship_time_hours", "<=", 0.5], "require[2]", "expected a decimal written as text"),
        (["item.ship_time_hours", "<=", None], "require[2]", "for a missing one use is_missing"),
        (["item.recommended", "==", "yes"], "require[2]", "expected true or false"),
        (["item.recommended", "<", True], "require[1]", "does not go with a boolean"),
        (["seller.shop_type", "==", "mall"], "require[2]", "expected one of marketplace"),
        (["item.age_days", ">", "30.5"], "require[2]", "a whole number of days"),
        (["item.first_listed_at", ">", "May"], "require[2]", "a time such as"),
        (["item.category", "in", {"list": "sof"}], "require[2].list", "did you mean soft?"),
        (["item.stock", "<=", {"table": "none"}], "require[2].table", "unknown table none"),
        (["item.stock", "<=", [1, 2]], "require[2]", "in or not_in only"),
        (["item.stock", "in", 3], "require[2]", "take a list"),
        (["item.stock", "<=", {"metric": "item.industry"}], "require[2]", "cannot be compared"),
        (["item.stock", "<=", {"metric": "item.ship_time_hours"}], "require[2]", "is in units"),
        (["item.refund_rate", "<", "0.00000001"], "require[2]", "too many decimal places"),
        ({"all": []}, "require.all", "at least one condition"),
        ({"some": []}, "require", "expected one of all, any, not"),
        ({"at_least": 3, "of": [["item.stock", ">", 0]]}, "require.at_least", "from 1 to 1"),
        ({"not": ["item.stok", ">", 0]}, "require.not[0]", "unknown metric item.stok"),
        (
            {"all": [["item.stock", ">", 5], ["item.stock", "<=", 5]]},
            "require.all[1]",
            "no value of item.stock meets this",
        ),
    ],
)
def test_a_problem_names_its_place_and_what_was_expected(require, path, words):
    found = problems(require)

    assert list(found) == [path]
    assert words in found[path]


def test_touching_bounds_leave_one_value_and_are_no_contradiction():
    assert problems({"all": [["item.stock", ">=", 5], ["item.stock", "<=", 5]]}) == {}


def test_a_seller_requirement_cannot_ask_for_an_item():
    assert problems(["item.stock", ">", 0], subject="seller") == {
        "require[0]": "item.stock cannot be asked of a seller"
    }


def test_a_fact_that_a_stage_does_not_have_is_refused_there_only():
    found = problems(["entry.submitted_at", ">", "2023-05-01"])
    assert found == {"require[0]": "entry.submitted_at is not known at admission"}
    recheck = problems(["entry.submitted_at", ">", "2023-05-01"], stages={"recheck": "clear_out"})
    assert recheck == {}


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"stages": {"night": "clear_out"}}, "stages.night"),
        ({"stages": {"recheck": "reject"}}, "stages.recheck.action"),
        ({"stages": {"recheck": {"action": "at_risk"}}}, "stages.recheck.grace_hours"),
        ({"missing": "maybe"}, "missing"),
        ({"applies_when": ["item.colour", "==", "red"]}, "applies_when[0]"),
        ({"sample": {"metric": "item.orders", "at_least": 5}}, "sample[0]"),
        ({"sample": {"least": 5}}, "sample"),
    ],
)
def test_terms_around_the_condition_are_checked(fields, path):
    assert list(problems(["item.stock", ">", 0], **fields)) == [path]


def test_a_stages_own_condition_is_checked():
    stages = {"recheck": {"action": "clear_out", "require": ["item.stok", ">", 0]}}

    assert list(problems(["item.stock", ">", 0], stages=stages)) == ["stages.recheck.require[0]"]
