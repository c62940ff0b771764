"""The checker: verdicts by missing policy, stages, venues, waivers, holds and blocks; evidence."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.eligibility.checker import Checker
from campaigns.models import Entry, RequirementHold, RequirementWaiver
from tests.campaigns.eligibility import population
from tests.campaigns.eligibility.trees import facts, trees
from tests.factories import (
    EntryFactory,
    RequirementFactory,
    SweepRunFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.reference import verdict
from tests.times import local

pytestmark = pytest.mark.django_db
AT = local("2023-05-17 02:00")
POLICIES = ["pass", "fail", "hold"]

requirements = st.fixed_dictionaries(
    {
        "require": trees,
        "applies_when": st.one_of(st.none(), trees),
        "missing": st.one_of(
            st.sampled_from(POLICIES),
            st.fixed_dictionaries({"recheck": st.sampled_from(POLICIES)}),
        ),
        "stages": st.one_of(
            st.just({"recheck": "clear_out"}),
            st.just({"admission": "reject"}),
            st.builds(
                lambda tree, missing: {
                    "recheck": {"action": "flag", "require": tree, "missing": missing}
                },
                trees,
                st.sampled_from(POLICIES),
            ),
        ),
        "sample": st.one_of(st.none(), st.just({"metric": "item.sold", "at_least": 2})),
    }
)


@pytest.fixture
def people():
    return population.Population()


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    asked=st.lists(requirements, min_size=1, max_size=5),
    facts_of_each=st.lists(facts, min_size=population.SIZE, max_size=population.SIZE),
)
def test_verdicts_agree_with_the_reference_evaluator(people, asked, facts_of_each):
    people.set(facts_of_each)
    people.version.requirement_set.all().delete()
    for number, terms in enumerate(asked):
        RequirementFactory(version=people.version, code=f"R{number}", position=number, **terms)
    checker = Checker(
        version=people.version, stage="recheck", at=population.AT, statistics=people.statistics,
        vocabulary=population.vocabulary(),
    )  # fmt: skip
    world = population.world()

    found = checker.findings([entry.pk for entry in people.entries])
    explained = checker.explain([entry.pk for entry in people.entries])

    for entry, one in zip(people.entries, facts_of_each, strict=True):
        expected = {
            f"R{number}": verdict(terms, one, world, "recheck")
            for number, terms in enumerate(asked)
            if "recheck" in terms["stages"]
        }
        bad = {code: outcome for code, outcome in expected.items() if outcome != "pass"}
        assert {draft.code: draft.outcome for draft in found.get(entry.pk, [])} == bad
        assert {draft.code: draft.outcome for draft in explained[entry.pk]} == expected


@pytest.fixture
def opened():
    return open_campaign()


def codes(opened, entry, *, at=AT, stage="recheck", **options):
    checker = Checker(version=opened.version, stage=stage, at=at, **options)
    return [draft.code for draft in checker.findings([entry.pk]).get(entry.pk, [])]


def entry_in(opened, **fields):
    return EntryFactory(campaign=opened.campaign, venue=opened.venue, **fields)


def test_a_finding_says_what_was_measured_against_what_and_when_it_was_known(opened):
    RequirementFactory(version=opened.version, code="R")
    entry = entry_in(opened, item__ship_time_hours=72)

    checker = Checker(version=opened.version, stage="recheck", at=AT)
    ((draft,),) = checker.findings([entry.pk]).values()

    (ground,) = draft.grounds
    assert (draft.outcome, draft.action) == ("fail", "clear_out")
    assert (ground.measured, ground.threshold, ground.result) == ("72", "48", False)
    assert ground.comparison.path == "require"
    assert ground.known_at == entry.item.known_at


def test_every_comparison_of_the_tree_is_a_ground_missing_ones_too(opened):
    RequirementFactory(
        version=opened.version,
        code="R",
        applies_when=["item.stock", ">", 0],
        require={"any": [["item.weight_kg", "<=", "20.000"], ["item.recommended", "==", True]]},
    )
    entry = entry_in(opened)

    checker = Checker(version=opened.version, stage="recheck", at=AT)
    ((draft,),) = checker.findings([entry.pk]).values()

    assert [
        (ground.comparison.path, ground.measured, ground.threshold, ground.result)
        for ground in draft.grounds
    ] == [
        ("applies_when", "500", "0", True),
        ("require.any[0]", None, "20.000", None),
        ("require.any[1]", "false", "true", False),
    ]


def test_a_venues_requirement_concerns_that_venue_only_and_replaces_the_general_one(opened):
    other = VenueTermsFactory(version=opened.version, code="strict").venue
    RequirementFactory(version=opened.version, code="GENERAL")
    RequirementFactory(
        version=opened.version, code="STRICT", venue_code="strict", replaces="GENERAL",
        require=["item.ship_time_hours", "<=", 24],
    )  # fmt: skip
    here = entry_in(opened, item__ship_time_hours=72)
    there = EntryFactory(campaign=opened.campaign, venue=other, item__ship_time_hours=72)
    there_fine = EntryFactory(campaign=opened.campaign, venue=other, item__ship_time_hours=24)

    assert codes(opened, here) == ["GENERAL"]
    assert codes(opened, there) == ["STRICT"]
    assert codes(opened, there_fine) == []


def test_a_requirement_is_active_from_its_start_until_before_its_end(opened):
    RequirementFactory(
        version=opened.version, code="R", active_from=local("2023-05-16 20:00"),
        active_until=local("2023-05-21"),
    )  # fmt: skip
    entry = entry_in(opened, item__ship_time_hours=72)
    second = timedelta(seconds=1)

    assert codes(opened, entry, at=local("2023-05-16 20:00") - second) == []
    assert codes(opened, entry, at=local("2023-05-16 20:00")) == ["R"]
    assert codes(opened, entry, at=local("2023-05-21") - second) == ["R"]
    assert codes(opened, entry, at=local("2023-05-21")) == []


def test_a_waiver_excuses_the_seller_until_it_expires(opened):
    RequirementFactory(version=opened.version, code="R")
    entry, other = (entry_in(opened, item__ship_time_hours=72) for _ in range(2))
    RequirementWaiver.objects.create(
        campaign=opened.campaign, requirement_code="R", seller=entry.seller, author=UserFactory(),
        reason="agreed", granted_at=AT, expires_at=AT + timedelta(days=1),
    )  # fmt: skip

    assert codes(opened, entry) == []
    assert codes(opened, other) == ["R"]
    assert codes(opened, entry, at=AT - timedelta(seconds=1)) == ["R"]
    assert codes(opened, entry, at=AT + timedelta(days=1)) == ["R"]


def test_a_hold_keeps_the_requirement_off_the_entry_at_recheck(opened):
    RequirementFactory(version=opened.version, code="R")
    entry, other = (entry_in(opened, item__ship_time_hours=72) for _ in range(2))
    RequirementHold.objects.create(
        entry=entry, requirement_code="R", until=AT + timedelta(days=1),
        run=SweepRunFactory(campaign=opened.campaign, version=opened.version),
    )  # fmt: skip

    assert codes(opened, entry) == []
    assert codes(opened, other) == ["R"]
    assert codes(opened, entry, at=AT + timedelta(days=1)) == ["R"]
    assert codes(opened, entry, stage="admission") == ["R"]


def test_more_requirements_than_a_mask_holds_are_all_evaluated(opened):
    for number in range(130):
        RequirementFactory(version=opened.version, code=f"R{number:03}", position=number)
    entry = entry_in(opened, item__ship_time_hours=72)

    assert codes(opened, entry) == [f"R{number:03}" for number in range(130)]


def test_campaign_wide_seller_rules_can_be_left_to_registrations(opened):
    RequirementFactory(
        version=opened.version, code="S", subject="seller",
        require=["seller.one_click_closed", "==", False],
    )  # fmt: skip
    entry = entry_in(opened, seller__one_click_closed=True)

    assert codes(opened, entry) == ["S"]
    assert codes(opened, entry, campaign_wide_seller_rules=False) == []
    checker = Checker(version=opened.version, stage="recheck", at=AT, base="registration")
    assert list(checker.findings([entry.registration_id])) == [entry.registration_id]


def test_checking_takes_as_many_queries_for_thirty_entries_as_for_one(
    opened, django_assert_max_num_queries
):
    RequirementFactory(version=opened.version, code="R")
    checker = Checker(version=opened.version, stage="recheck", at=AT)
    one = [entry_in(opened, item__ship_time_hours=72).pk]
    thirty = [entry_in(opened, item__ship_time_hours=72).pk for _ in range(30)]

    with django_assert_max_num_queries(5) as few:
        checker.findings(one)
    with django_assert_max_num_queries(5) as many:
        assert len(checker.findings(thirty)) == 30
    assert len(many) == len(few)
    assert Entry.objects.count() == 31
