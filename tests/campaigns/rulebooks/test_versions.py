"""Drafts, publication and which version holds when."""

import pytest

from campaigns.models import Campaign, Requirement, RulebookVersion
from campaigns.rulebooks import versions
from campaigns.rulebooks.loading import dump, load
from campaigns.rulebooks.problems import RulebookErrors
from campaigns.rulebooks.rulebook import read_version
from campaigns.rulebooks.versions import VersionRefused
from tests.campaigns.rulebooks.pages import SMALL, changed
from tests.factories import RequirementFactory, SweepRunFactory, UserFactory
from tests.times import local

pytestmark = pytest.mark.django_db

MARCH, APRIL, MAY = local("2023-03-01"), local("2023-04-01"), local("2023-05-01")


def published(text=SMALL, at=MARCH, **options):
    return versions.publish(load(text).version, at=at, **options)


@pytest.mark.rule("G520-054")
def test_checks_before_the_publication_keep_version_1_and_those_from_then_on_use_version_2():
    first = published()
    second = published(changed(("default: 48", "default: 72")), at=local("2023-05-17 10:00:00"))
    campaign = first.campaign
    in_force = versions.version_in_force
    assert in_force(campaign, local("2023-05-17 09:59:59")) == first
    assert in_force(campaign, local("2023-05-17 10:00:00")) == second
    assert in_force(campaign, MARCH) == first
    assert in_force(campaign, local("2023-02-28 23:59:59")) is None


@pytest.mark.rule("G520-054")
def test_a_version_may_take_effect_later_than_it_is_published():
    first = published()
    draft = versions.new_draft(first.campaign)
    second = versions.publish(draft, at=APRIL, effective_at=MAY)
    assert (second.published_at, second.effective_at) == (APRIL, MAY)
    assert versions.version_in_force(first.campaign, local("2023-04-30 23:59:59")) == first
    assert versions.version_in_force(first.campaign, MAY) == second


def test_of_two_that_take_effect_at_once_the_later_holds():
    first = published()
    second = versions.publish(versions.new_draft(first.campaign), at=MARCH)
    assert versions.version_in_force(first.campaign, MARCH) == second


def test_a_version_does_not_take_effect_before_its_publication_or_before_the_last_one():
    first = published(at=APRIL)
    draft = versions.new_draft(first.campaign)
    with pytest.raises(VersionRefused, match="before its publication"):
        versions.publish(draft, at=MAY, effective_at=APRIL)
    with pytest.raises(VersionRefused, match="takes effect later"):
        versions.publish(draft, at=MARCH)
    assert versions.publish(draft, at=APRIL).number == 2


def test_publishing_gives_the_campaign_its_settings_and_says_who_did_it():
    actor = UserFactory()
    version = load(changed(("zh-hans: 小活动}", "zh-hans: 小活动}\n  breaker_share: 0.15"))).version
    assert (version.state, version.campaign.state) == ("draft", "draft")
    version = versions.publish(version, at=MARCH, actor=actor)
    campaign = Campaign.objects.get(pk=version.campaign_id)
    assert (version.state, version.published_by) == ("published", actor)
    assert (campaign.state, str(campaign.breaker_share)) == ("published", "0.1500")


def test_a_suspended_campaign_stays_so():
    first = published()
    Campaign.objects.update(state="suspended")
    versions.publish(versions.new_draft(first.campaign), at=APRIL)
    assert Campaign.objects.get().state == "suspended"


def test_a_published_version_does_not_change():
    version = published()
    for forbidden in (
        lambda: versions.require_draft(version),
        lambda: versions.publish(version, at=APRIL),
        lambda: versions.discard(version),
    ):
        with pytest.raises(VersionRefused, match="version 1 is published and does not change"):
            forbidden()
    assert RulebookVersion.objects.get().effective_at == MARCH


def test_a_new_draft_says_what_the_latest_version_says():
    first = published()
    draft = versions.new_draft(first.campaign)
    assert (draft.number, draft.state, draft.effective_at) == (2, "draft", None)
    assert read_version(draft) == read_version(first)
    assert dump(draft) == dump(first)
    assert versions.diff(first, draft) == []


def test_a_new_draft_starts_from_the_campaigns_present_settings():
    first = published()
    Campaign.objects.update(breaker_minimum=7)
    draft = versions.new_draft(Campaign.objects.get())
    assert [told["en"] for told in versions.diff(first, draft)] == [
        "Campaign, breaker: moves that never trip it: 50 → 7"
    ]


def test_a_campaign_has_one_draft():
    first = published()
    draft = versions.new_draft(first.campaign)
    with pytest.raises(VersionRefused, match="version 2 is a draft"):
        versions.new_draft(first.campaign)
    versions.discard(draft)
    assert versions.new_draft(first.campaign).number == 2


def test_a_campaign_without_a_rulebook_has_nothing_to_start_from():
    with pytest.raises(VersionRefused, match="no rulebook to start from"):
        versions.new_draft(Campaign.objects.create(code="bare"))


def test_a_draft_goes_with_the_previews_made_of_it():
    draft = load(SMALL).version
    SweepRunFactory(campaign=draft.campaign, version=draft, mode="preview")
    versions.discard(draft)
    assert not RulebookVersion.objects.exists()


def test_drafting_takes_as_many_queries_for_many_rows_as_for_few(django_assert_max_num_queries):
    first = published()
    for number in range(50):
        RequirementFactory(version=first, code=f"more-{number}")
    with django_assert_max_num_queries(60):
        versions.new_draft(first.campaign)


def test_publishing_refuses_rows_that_an_editor_broke_and_names_each():
    draft = load(SMALL).version
    Requirement.objects.filter(code="R1").update(require=["item.ship_hours", "<=", 48])
    Requirement.objects.filter(code="R2").update(require=["entry.activity_price", ">", "cheap"])
    draft.milestone_set.filter(code="live").update(ends_at=MARCH)
    with pytest.raises(RulebookErrors) as caught:
        versions.publish(draft, at=MARCH)
    assert [str(problem) for problem in caught.value.problems] == [
        "milestones[1].ends: expected an end after the start",
        "requirements[0].require[0]: unknown metric “item.ship_hours”; "
        "did you mean “item.ship_time_hours”?",
    ]
    draft.refresh_from_db()
    assert draft.state == "draft"


def test_publishing_refuses_a_comparison_that_cannot_be_made():
    draft = load(SMALL).version
    Requirement.objects.filter(code="R2").update(require=["entry.activity_price", ">", "cheap"])
    with pytest.raises(RulebookErrors) as caught:
        versions.publish(draft, at=MARCH)
    assert [problem.place for problem in caught.value.problems] == ["requirements[1].require[2]"]
