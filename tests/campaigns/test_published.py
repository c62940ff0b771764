"""What a process remembers of published versions, and what makes it read again.

Outside transactions, as in an installation: inside one nothing is remembered.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns import published
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.models import (
    Campaign,
    Milestone,
    RequirementWaiver,
    RulebookVersion,
    Venue,
    VenueTerms,
)
from campaigns.published import rows_of, worked_out
from campaigns.rulebooks.versions import version_in_force
from sellers.models import Category
from tests.factories import (
    CategoryFactory,
    EntryFactory,
    FactDefinitionFactory,
    MilestoneFactory,
    RequirementFactory,
    UserFactory,
    VenueTermsFactory,
    VersionFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db(transaction=True)
NOON = local("2023-05-10 12:00")
DRAFT = RulebookVersion.State.DRAFT


def again(version):
    """The version as another request reads it."""
    return RulebookVersion.objects.get(pk=version.pk)


def codes(version):
    return [row.code for row in rows_of(version, Milestone)]


def test_rows_of_a_published_version_are_read_once_by_a_process():
    version = VersionFactory()
    MilestoneFactory(version=version, code="live", position=2)
    MilestoneFactory(version=version, code="preheat", position=1)
    MilestoneFactory(code="of another version")
    assert codes(version) == ["preheat", "live"]
    other = again(version)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert codes(other) == ["preheat", "live"]
    assert len(queries) == 0


def test_rows_of_a_draft_are_read_every_time():
    version = VersionFactory(state=DRAFT, published_at=None, effective_at=None)
    MilestoneFactory(version=version, code="live", position=2)
    assert codes(version) == ["live"]
    MilestoneFactory(version=version, code="preheat", position=1)
    assert codes(version) == ["preheat", "live"]


def test_what_a_transaction_takes_back_was_not_remembered():
    version = VersionFactory()
    with transaction.atomic():
        MilestoneFactory(version=version, code="live")
        assert codes(version) == ["live"]
        assert worked_out(version, "number", lambda: len(codes(version))) == 1
        transaction.set_rollback(True)
    assert codes(version) == []
    assert worked_out(version, "number", lambda: len(codes(version))) == 0


def test_another_version_of_the_same_id_is_another():
    version = VersionFactory()
    MilestoneFactory(version=version, code="live")
    assert codes(version) == ["live"]
    # As where a database was emptied and filled again under a running process.
    Milestone.objects.all().delete()
    later = version.published_at + timedelta(microseconds=1)
    RulebookVersion.objects.update(published_at=later)
    assert codes(again(version)) == []


def test_what_was_published_and_taken_back_is_read_every_time():
    version = VersionFactory(state=DRAFT, published_at=None, effective_at=None)
    MilestoneFactory(version=version, code="live", position=2)
    with transaction.atomic():
        # Not the instance in hand, which goes on to say that it is published.
        version.state = RulebookVersion.State.PUBLISHED
        version.published_at = version.effective_at = NOON
        version.save()
        transaction.set_rollback(True)
    assert codes(version) == ["live"]
    MilestoneFactory(version=version, code="preheat", position=1)
    assert codes(version) == ["preheat", "live"]


def test_a_version_published_while_a_process_lives_is_read():
    first = VersionFactory()
    MilestoneFactory(version=first, code="live")
    draft = VersionFactory(
        campaign=first.campaign, number=2, state=DRAFT, published_at=None, effective_at=None
    )
    assert codes(version_in_force(first.campaign, NOON)) == ["live"]
    assert codes(draft) == []
    MilestoneFactory(version=draft, code="preheat")
    # As another process does it.
    RulebookVersion.objects.filter(pk=draft.pk).update(
        state=RulebookVersion.State.PUBLISHED, published_at=NOON, effective_at=NOON
    )
    before = NOON - timedelta(seconds=1)
    assert codes(version_in_force(first.campaign, before)) == ["live"]
    assert codes(version_in_force(first.campaign, NOON)) == ["preheat"]


def test_what_a_row_leads_to_is_not_remembered():
    version = VersionFactory()
    VenueTermsFactory(version=version)
    (terms,) = rows_of(version, VenueTerms)
    assert terms.venue.owner is None
    assert terms.version.campaign.state == Campaign.State.PUBLISHED
    owner = UserFactory()
    Venue.objects.update(owner=owner)
    Campaign.objects.update(state=Campaign.State.SUSPENDED)
    (terms,) = rows_of(again(version), VenueTerms)
    assert terms.venue.owner == owner
    assert terms.version.campaign.state == Campaign.State.SUSPENDED


def test_many_threads_work_out_what_is_right_and_remember_no_more_than_they_may(monkeypatch):
    monkeypatch.setattr(published, "MOST_WORKED_OUT", 3)
    version = VersionFactory()
    MilestoneFactory(version=version, code="live")
    codes(version)

    def ask(number):
        return [worked_out(version, (number + k) % 7, lambda k=k: (number + k) % 7)
                for k in range(200)]  # fmt: skip

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))
    assert answers == [[(number + k) % 7 for k in range(200)] for number in range(8)]
    (known,) = published._known.values()
    assert len(known.worked_out) == 3


def test_only_so_many_versions_are_remembered(monkeypatch):
    monkeypatch.setattr(published, "MOST_VERSIONS", 2)
    first, second, third = (VersionFactory() for _number in range(3))
    for version in (first, second, first, third):
        codes(version)
    read = []
    for version in (first, third, second):
        with CaptureQueriesContext(connection) as queries:
            codes(version)
        read.append(bool(queries))
    # The one that was longest not asked for is read again.
    assert read == [False, False, True]


def test_only_so_much_is_worked_out_of_a_version(monkeypatch):
    monkeypatch.setattr(published, "MOST_WORKED_OUT", 2)
    version, made = VersionFactory(), []
    for name in ("a", "b", "a", "c", "a", "b"):
        worked_out(version, name, lambda name=name: made.append(name))
    assert made == ["a", "b", "c", "b"]


def test_a_fact_declared_later_is_in_the_vocabulary():
    version = VersionFactory()
    known = vocabulary_of(version)
    assert vocabulary_of(again(version)) is known
    fact = FactDefinitionFactory(code="item.review_score", label={"en": "score"})
    assert vocabulary_of(version).metric("item.review_score").label == {"en": "score"}
    fact.label = {"en": "review score"}
    fact.save()
    assert vocabulary_of(version).metric("item.review_score").label == {"en": "review score"}


def failing(entry, at):
    """Codes that the entry fails when it is filed at the instant, by a checker of its own."""
    found = Checker(version=again(entry.version), stage="admission", at=at).findings([entry.pk])
    return [draft.code for draft in found.get(entry.pk, [])]


def test_a_prepared_condition_counts_days_from_the_instant_asked_about():
    entry = EntryFactory(item__first_listed_at=local("2023-05-01 09:00"))
    RequirementFactory(
        version=entry.version, code="old enough", require=["item.age_days", ">=", 10]
    )
    asked = [("2023-05-10 23:59:59", True), ("2023-05-11", False), ("2023-05-10 12:00", True)]
    assert [bool(failing(entry, local(text))) for text, _fails in asked] == [
        fails for _text, fails in asked
    ]


def test_a_prepared_condition_follows_the_category_tree():
    top = CategoryFactory(code="toys")
    entry = EntryFactory(item__category=CategoryFactory(code="dolls"))
    RequirementFactory(version=entry.version, require=["item.category", "==", "toys"], code="toys")
    assert failing(entry, NOON) == ["toys"]
    Category.objects.filter(code="dolls").update(parent=top, path="/toys/dolls/")
    assert failing(entry, NOON) == []


def test_a_prepared_condition_follows_waivers():
    entry = EntryFactory(item__ship_time_hours=49)
    RequirementFactory(version=entry.version, code="quick")
    assert failing(entry, NOON) == ["quick"]
    RequirementWaiver.objects.create(
        campaign=entry.campaign,
        requirement_code="quick",
        seller=entry.seller,
        granted_at=NOON,
        expires_at=NOON + timedelta(hours=1),
        author=UserFactory(),
        reason="agreed",
    )
    before, after = NOON - timedelta(seconds=1), NOON + timedelta(hours=1)
    asked = (before, NOON, after - timedelta(seconds=1), after)
    assert [failing(entry, at) for at in asked] == [["quick"], [], [], ["quick"]]


@pytest.mark.parametrize("number", [1, 2, 3, 5])
def test_a_prepared_condition_is_asked_of_any_number_of_rows(number):
    first = EntryFactory(item__ship_time_hours=49)
    RequirementFactory(version=first.version, code="quick")
    entries = [first] + [
        EntryFactory(campaign=first.campaign, item__ship_time_hours=hours)
        for hours in (48, 49, 48, 49)[: number - 1]
    ]
    checker = Checker(version=first.version, stage="admission", at=NOON)
    found = checker.findings([entry.pk for entry in entries])
    assert sorted(found) == [entry.pk for entry in entries if entry.item.ship_time_hours == 49]
