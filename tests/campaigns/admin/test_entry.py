"""The review queue: who sees what, bulk decisions with numbers, evidence on one page."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from campaigns.models import Entry, Finding, Ground, ReasonTemplate
from campaigns.permissions import AUDITOR, OPERATOR, REVIEWER
from config.roles import sync_roles
from tests.factories import (
    FILED,
    EntryFactory,
    RequirementFactory,
    UserFactory,
    VenueAssignmentFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db
QUEUE = "admin:campaigns_entry_changelist"


@pytest.fixture
def login(client):
    sync_roles()

    def as_role(role, *venues):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        for venue in venues:
            VenueAssignmentFactory(user=user, venue=venue)
        client.force_login(user)
        return client

    return as_role


@pytest.fixture
def opened():
    return open_campaign(review_mode="system_then_manual")


def pending(opened, count=1, **fields):
    return [
        EntryFactory(
            campaign=opened.campaign, venue=opened.venue, version=opened.version,
            status=Entry.Status.IN_REVIEW, **fields,
        )
        for _ in range(count)
    ]  # fmt: skip


def act(client, name, entries, **more):
    data = {"action": name, "_selected_action": [entry.pk for entry in entries], **more}
    return client.post(reverse(QUEUE), data)


def statuses(entries):
    return [Entry.objects.get(pk=entry.pk).status for entry in entries]


def packed(entries):
    return ",".join(f"{entry.pk}:{entry.revision}" for entry in entries)


def test_the_queue_shows_what_waits_first(login, opened):
    (waiting,) = pending(opened)
    done = EntryFactory(campaign=opened.campaign, venue=opened.venue)
    client = login(OPERATOR)

    waiting_page = client.get(reverse(QUEUE)).context["cl"].result_list
    all_page = client.get(reverse(QUEUE), {"queue": "all"}).context["cl"].result_list

    assert [row.pk for row in waiting_page] == [waiting.pk]
    assert {row.pk for row in all_page} == {waiting.pk, done.pk}


def test_a_reviewer_sees_only_assigned_venues(login, opened):
    (mine,) = pending(opened)
    pending(open_campaign())

    rows = login(REVIEWER, opened.venue).get(reverse(QUEUE)).context["cl"].result_list

    assert [row.pk for row in rows] == [mine.pk]


def test_approving_asks_with_numbers_and_then_approves(login, opened):
    entries = pending(opened, 3)
    client = login(REVIEWER, opened.venue)

    question = act(client, "approve", entries)

    assert question.status_code == 200
    assert statuses(entries) == ["in_review"] * 3
    assert question.context["summary"][0][1] == 3
    act(client, "approve", entries[:1], confirmed="yes", seen=packed(entries))
    assert statuses(entries) == ["approved"] * 3


def test_an_entry_changed_after_the_question_is_left_alone(login, opened):
    entries = pending(opened, 2)
    client = login(REVIEWER, opened.venue)
    seen = packed(entries)
    Entry.objects.filter(pk=entries[0].pk).update(revision=2)

    response = act(client, "approve", entries[:1], confirmed="yes", seen=seen)

    assert statuses(entries) == ["in_review", "approved"]
    assert response.status_code == 302


def test_rejecting_needs_a_reason_and_keeps_it(login, opened):
    (entry,) = pending(opened)
    template = ReasonTemplate.objects.create(
        code="image", text={"en": "The main image is unclear", "zh-hans": "主图不清晰"}
    )
    client = login(REVIEWER, opened.venue)

    without = act(client, "reject", [entry], confirmed="yes", seen=packed([entry]))

    assert "Choose a reason or write one." in without.content.decode()
    assert statuses([entry]) == ["in_review"]
    act(
        client, "reject", [entry], confirmed="yes", seen=packed([entry]), template=template.pk,
        note="Please send another one.",
    )  # fmt: skip
    assert statuses([entry]) == ["rejected"]
    finding = Finding.objects.get(entry=entry)
    assert finding.params["reason"] == "image"
    assert finding.params["note"] == "Please send another one."


def test_a_reviewer_cannot_decide_in_another_venue_by_hand_made_requests(login, opened):
    (other,) = pending(open_campaign())
    (mine,) = pending(opened)
    client = login(REVIEWER, opened.venue)

    act(client, "approve", [mine], confirmed="yes", seen=packed([mine, other]))

    assert statuses([mine, other]) == ["approved", "in_review"]


def test_an_auditor_looks_but_does_not_decide(login, opened):
    (entry,) = pending(opened)
    client = login(AUDITOR)

    act(client, "approve", [entry], confirmed="yes", seen=packed([entry]))

    assert statuses([entry]) == ["in_review"]
    page = client.get(reverse("admin:campaigns_entry_change", args=[entry.pk]))
    assert page.status_code == 200


def test_one_entry_is_decided_on_its_own_page(login, opened):
    (entry,) = pending(opened)
    client = login(REVIEWER, opened.venue)
    address = reverse("admin:campaigns_entry_approve_one", args=[entry.pk])

    assert client.get(address).status_code == 200
    client.post(address, {"confirmed": "yes", "seen": packed([entry])})

    assert statuses([entry]) == ["approved"]


def test_the_page_shows_every_piece_of_evidence(login, opened):
    (entry,) = pending(opened)
    requirement = RequirementFactory(
        version=opened.version, code="G520-038", title={"en": "A shipping time is set"},
        remedy={"en": "Set it with the tool."},
    )  # fmt: skip
    finding = Finding.objects.create(
        campaign=opened.campaign, entry=entry, registration=entry.registration, stage="admission",
        requirement=requirement, version=opened.version, code="G520-038", outcome="fail", at=FILED,
    )  # fmt: skip
    Ground.objects.create(
        finding=finding, path="require", metric="item.ship_time_hours", measured="49",
        comparator="<=", threshold="48", unit="hours", known_at=FILED, result=False,
    )  # fmt: skip

    page = login(REVIEWER, opened.venue).get(
        reverse("admin:campaigns_entry_change", args=[entry.pk])
    )

    text = page.content.decode()
    for words in (
        "A shipping time is set",
        "49",
        "48",
        "hours",
        "Set it with the tool.",
        "not met",
    ):
        assert words in text


def test_taking_work_keeps_another_reviewer_off(login, opened):
    entries = pending(opened, 2)
    act(login(REVIEWER, opened.venue), "take", entries[:1])

    second = login(REVIEWER, opened.venue)
    act(second, "approve", entries, confirmed="yes", seen=packed(entries))

    assert statuses(entries) == ["in_review", "approved"]


def test_the_queue_takes_as_many_queries_for_thirty_as_for_two(
    login, opened, django_assert_max_num_queries
):
    client = login(OPERATOR)
    pending(opened, 2)
    client.get(reverse(QUEUE))
    with django_assert_max_num_queries(40) as few:
        client.get(reverse(QUEUE))
    pending(opened, 28)
    with django_assert_max_num_queries(40) as many:
        assert len(client.get(reverse(QUEUE)).context["cl"].result_list) == 30
    assert len(many) == len(few)
