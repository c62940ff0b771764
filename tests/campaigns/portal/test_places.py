"""Places: what gives them, what uses them, what blocks, and enrolling for more; and rounds."""

from datetime import timedelta

import pytest
from django.utils.translation import override

from campaigns.models import BonusGrant, RoundResult
from campaigns.portal import reasons
from tests.campaigns.portal.conftest import text_of
from tests.factories import (
    FILED,
    BonusFactory,
    EntryFactory,
    MilestoneFactory,
    QuotaFactory,
    RoundFactory,
    RoundResultFactory,
)
from tests.times import local

ENDS = local("2023-05-11 18:00")


@pytest.fixture
def cart(opened, registration):
    """A quota of one place with a bonus to enrol for until 11 May, 18:00."""
    MilestoneFactory(
        version=opened.version, code="cart", starts_at=local("2023-05-02"), ends_at=ENDS
    )
    QuotaFactory(version=opened.version, code="free", ceiling=1, title={"en": "Free choice"})
    return BonusFactory(
        version=opened.version,
        code="carts",
        title={"en": "Carts filled"},
        enrol_in="cart",
        kept=True,
        when=["seller.growth_level", ">=", 5],
    )


def test_a_quota_explains_itself(pages, opened, cart, registration, codes):
    entry = EntryFactory(registration=registration, venue=opened.venue)
    text = text_of(pages.get("places", codes[0]))
    assert "Free choice 1 of 1 used" in text
    assert "No place left – Free choice: 1 of 1 places are used." in text
    assert "No extra places: Carts filled: The shop has not enrolled." in text
    assert "The campaign’s rules 1 holds now" in text
    assert "Carts filled 0 of 5 The shop has not enrolled" in text
    assert entry.item.code in text


def test_enrolling_brings_the_places(pages, cart, codes):
    answer = pages.client.post(pages.address("enrol", codes[0]), {"bonus": "carts"}, follow=True)
    text = text_of(answer)
    assert "Your shop is enrolled for the extra places." in text
    assert "0 of 6 used" in text
    assert "Carts filled 5 granted on" in text
    assert BonusGrant.objects.get().enrolled_at == FILED


def test_after_its_window_there_is_nothing_to_enrol_for(pages, cart, codes, at):
    at.set(ENDS)
    assert 'value="carts"' not in pages.get("places", codes[0]).content.decode()
    answer = pages.client.post(pages.address("enrol", codes[0]), {"bonus": "carts"}, follow=True)
    assert "Enrolment is not open – It closed at" in text_of(answer)
    assert not BonusGrant.objects.exists()
    at.set(ENDS - timedelta(seconds=1))
    assert 'value="carts"' in pages.get("places", codes[0]).content.decode()


def test_who_has_not_joined_has_no_places_page(pages, opened, codes):
    pages.get("places", codes[0], expect=404)
    pages.post("enrol", codes[0], expect=404, bonus="carts")
    pages.post("apply", codes[0], expect=404, round="pick")


def test_only_the_first_entries_are_named(pages, opened, cart, registration, codes):
    EntryFactory.create_batch(12, registration=registration, venue=opened.venue)
    text = text_of(pages.get("places", codes[0]))
    assert text.count("Approved") + text.count("approved") == 10
    assert "and 2 more" in text


def test_rounds_are_listed_and_applied_for(pages, opened, registration, codes):
    MilestoneFactory(
        version=opened.version, code="cart", starts_at=local("2023-05-02"), ends_at=ENDS
    )
    RoundFactory(version=opened.version, code="pick", title={"en": "Pick"}, windows=["cart"])
    RoundFactory(version=opened.version, code="exam", title={"en": "Exam"}, kind="exam")
    assert pages.address("rounds", codes[0]) in pages.get("campaign", codes[0]).content.decode()
    text = text_of(pages.get("rounds", codes[0]))
    assert "Pick Pre-selection Not passed yet Apply" in text
    assert "Exam Exam Not passed yet The marketplace enters the results." in text
    answer = pages.client.post(pages.address("apply", codes[0]), {"round": "pick"}, follow=True)
    assert "Applied; the marketplace decides" in text_of(answer)
    assert RoundResult.objects.get().state == "applied"
    answer = pages.client.post(pages.address("apply", codes[0]), {"round": "exam"}, follow=True)
    assert "There is no such round to apply for" in text_of(answer)


@pytest.mark.parametrize(
    ("result", "state"),
    [
        ({"state": "passed", "passed_at": FILED}, "Passed"),
        ({"state": "passed", "passed_at": FILED, "ended_at": FILED}, "No longer passed"),
        ({"state": "failed", "decided_at": FILED, "note": "40 points"}, "Failed 40 points"),
    ],
)
def test_a_round_says_how_the_shop_stands(pages, opened, registration, codes, result, state):
    RoundFactory(version=opened.version, code="exam", title={"en": "Exam"}, kind="exam")
    RoundResultFactory(registration=registration, code="exam", **result)
    assert f"Exam Exam {state}" in text_of(pages.get("rounds", codes[0]))


def test_rounds_of_who_has_not_joined(pages, opened, codes):
    RoundFactory(version=opened.version, code="exam", kind="exam")
    assert "Join the campaign first" in text_of(pages.get("rounds", codes[0]))


@pytest.mark.parametrize(
    ("code", "params", "text"),
    [
        (
            "conflict",
            {"conflict": "in_presale", "entry": 1, "venue": "p1", "status": "in_review",
             "title": {"en": "In presale"}},
            "In presale (venue p1, in review).",
        ),
        ("conflict", {"conflict": "in_presale", "venue": "p1", "status": "approved"},
         "in_presale (venue p1, approved)."),
        ("conflict", {"conflict": "in_presale", "venue": "p1", "status": "approved",
                      "venue_title": {"en": "Women’s presale", "zh-hans": "女装预售"}},
         "in_presale (venue Women’s presale, approved)."),
        ("superseded_by", {"entry": 1, "venue": "p1"},
         "The entry in venue p1 was approved and stands instead."),
        ("superseded_by", {"entry": 1, "venue": "p1", "venue_title": {"en": "Women’s presale"}},
         "The entry in venue Women’s presale was approved and stands instead."),
        ("window_closed", {"closed_at": "2023-05-21T00:00:00+08:00", "contact": "a@b",
                           "owner": "Li", "cleared_out": 7},
         "The item was cleared out: only the venue’s operator can bring it back."
         " Contact of the venue: Li, a@b."),
        ("window_closed", {"closed_at": "2023-05-21T00:00:00+08:00", "contact": "", "owner": ""},
         "."),
        ("not_invited", {"venue": "x", "free_choices": [{"quota": "free", "grants": [
            {"title": {"en": "Gold"}, "code": "gold", "reason": "bonus_condition"}]}]},
         "No extra places: Gold: The condition is not met."),
    ],
)  # fmt: skip
def test_the_new_reasons_in_words(code, params, text):
    said = reasons.sentence(code, params)
    assert said.endswith(text)
    assert ("Contact" in said) == bool(params.get("contact"))


@pytest.mark.parametrize("code", ["conflict", "superseded_by"])
def test_a_venue_is_named_in_the_readers_language(code):
    params = {"conflict": "c", "entry": 1, "venue": "p1", "status": "approved"}
    with override("zh-hans"):
        said = reasons.sentence(code, params | {"venue_title": {"en": "P", "zh-hans": "女装预售"}})
    assert "女装预售" in said
    assert "p1" not in said
