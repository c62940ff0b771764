"""Reasons that a rulebook brings to the installation's list of them."""

import pytest

from campaigns.models import ReasonTemplate
from campaigns.rulebooks import versions
from campaigns.rulebooks.loading import check, dump, load, normalise, read_rulebook
from campaigns.rulebooks.versions import differences
from tests.campaigns.rulebooks.pages import SMALL
from tests.times import local

pytestmark = pytest.mark.django_db

REASONS = SMALL + (
    "reasons:\n"
    "  - code: late\n"
    "    use: clear_out\n"
    "    text: {en: Ships late., zh-hans: 发货超时。}\n"
    "    ref: D12-144\n"
)


def held():
    return dict(ReasonTemplate.objects.values_list("code", "text__en"))


def test_loading_adds_the_reasons_that_the_installation_lacks():
    ReasonTemplate.objects.create(code="other", text={"en": "Other.", "zh-hans": "其他。"})
    load(REASONS)

    found = ReasonTemplate.objects.get(code="late")
    assert (found.use, found.text) == ("clear_out", {"en": "Ships late.", "zh-hans": "发货超时。"})
    assert held() == {"late": "Ships late.", "other": "Other."}


@pytest.mark.rule("D12-144")
def test_the_words_that_operators_gave_a_reason_stay():
    version = versions.publish(load(REASONS).version, at=local("2023-03-01"))
    ReasonTemplate.objects.filter(code="late").update(text={"en": "Too late."})

    load(REASONS, code="twin")
    versions.new_draft(version.campaign)

    assert held() == {"late": "Too late."}
    # What the rulebook said stays in the rulebook.
    assert dump(version) == normalise(REASONS)


def test_a_check_stores_no_reason():
    assert check(REASONS) == []
    assert held() == {}


@pytest.mark.parametrize(
    ("piece", "instead", "path"),
    [
        ("use: clear_out", "use: other", "reasons[0].use"),
        ("code: late", "code: too late", "reasons[0].code"),
        ("    text: {en: Ships late., zh-hans: 发货超时。}\n", "", "reasons[0]"),
    ],
)
def test_a_wrong_reason_is_named(piece, instead, path):
    assert REASONS.count(piece) == 1
    (problem,) = check(REASONS.replace(piece, instead))
    assert path in str(problem)


def test_changes_of_reasons_are_told():
    later = REASONS.replace("Ships late.", "Too late.").replace("ref: D12-144", "ref: D12-102")

    found = differences(read_rulebook(REASONS), read_rulebook(later))

    assert [sentence["en"] for sentence in found] == [
        "Reason late, text: “Ships late.” → “Too late.”",
        "Reason late, reference: D12-144 → D12-102",
    ]
