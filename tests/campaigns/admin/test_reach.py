"""How many live entries a requirement would touch, on its page: asked, followed, read."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import reach
from campaigns.admin import reach as page
from campaigns.models import ReachCount, RulebookVersion
from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER
from campaigns.rulebooks.versions import new_draft
from config.roles import sync_roles
from tests.factories import EntryFactory, RequirementFactory, UserFactory, open_campaign
from tests.times import local

pytestmark = pytest.mark.django_db
NIGHT = local("2023-05-12 02:00")


@pytest.fixture
def login(client):
    sync_roles()

    def as_role(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return as_role


@pytest.fixture
def queue(monkeypatch):
    """The counts handed to the queue; nobody works on them."""
    sent = []
    monkeypatch.setattr(page, "enqueue_count", sent.append)
    monkeypatch.setattr(page.clock, "now", lambda: NIGHT)
    return sent


@pytest.fixture
def opened():
    opened = open_campaign()
    for stock in (*[500] * 5, 3, 4, None):
        EntryFactory(campaign=opened.campaign, venue=opened.venue, item__stock=stock)
    return opened


def required(version, **fields):
    return RequirementFactory(
        version=version,
        code="STOCK",
        require=["item.stock", ">=", 10],
        missing="hold",
        **{"stages": {"recheck": "clear_out"}, **fields},
    )


@pytest.fixture
def requirement(opened):
    """A requirement of a draft."""
    return required(new_draft(opened.campaign))


def form_page(requirement):
    return reverse("admin:campaigns_requirement_change", args=[requirement.pk])


def section(requirement):
    return reverse("admin:campaigns_requirement_reach", args=[requirement.pk])


def worked(queue):
    for pk in queue:
        reach.work(pk, clock=lambda: NIGHT)
    queue.clear()


def test_an_operator_asks_waits_and_reads_the_numbers_in_a_sentence(login, queue, requirement):
    client = login(OPERATOR)
    before = client.get(form_page(requirement)).content.decode()
    assert "Nobody has asked yet." in before
    assert "Count them" in before

    answer = client.post(section(requirement))

    assert (answer.status_code, answer.url) == (302, f"{form_page(requirement)}#reach")
    waiting = client.get(form_page(requirement)).content.decode()
    assert "Waiting for a worker since 12 May 2023, 02:00:00." in waiting
    assert "data-under-way" in waiting
    assert 'href="?seen=' in waiting, "a link does it without a script"
    assert "Count them" not in waiting

    worked(queue)
    done = client.get(form_page(requirement)).content.decode()
    assert "Of 8 live entries it would fail 2 (25.0 %) and could not answer for 1." in done
    assert "As of 12 May 2023, 02:00:00; it took 0.0 s." in done
    assert "What it does about a failure: clear out." in done
    assert "Count again" in done
    assert "data-under-way" not in done
    assert "for an earlier wording" not in done


def test_it_is_said_in_chinese(login, queue, requirement):
    client = login(OPERATOR)
    client.post(section(requirement))
    worked(queue)

    done = client.get(section(requirement), headers={"accept-language": "zh-hans"}).content.decode()

    assert "在 8 条在线报名中，2 条（25.0%）将不满足，1 条无法判断。" in done


def test_the_section_alone_is_what_a_script_gets(login, queue, requirement):
    client = login(OPERATOR)

    asked = client.post(section(requirement), headers={"X-Requested-With": "fetch"})

    assert asked.status_code == 200
    assert asked.content.decode().lstrip().startswith("<section")
    assert "data-under-way" in asked.content.decode()
    assert len(queue) == 1


def test_pressing_twice_is_one_count(login, queue, requirement):
    client = login(OPERATOR)
    client.post(section(requirement))
    client.post(section(requirement))

    worked(queue)

    count = ReachCount.objects.get()
    assert (count.state, count.turn, count.by_venue[str(count_venue(requirement))]) == (
        "done", 1, [8, 2, 1],
    )  # fmt: skip


def count_venue(requirement):
    return requirement.version.campaign.venues.get().pk


def test_examples_show_what_was_measured_and_lead_to_the_entries(login, queue, requirement):
    client = login(OPERATOR)
    client.post(section(requirement))
    worked(queue)

    shown = client.get(section(requirement)).context["reach_section"]["examples"]

    assert [str(row["outcome"]).split(">")[1].split("<")[0] for row in shown] == [
        "would fail", "would fail", "no answer",
    ]  # fmt: skip
    assert [row["grounds"][0]["ground"].measured for row in shown] == ["3", "4", None]
    assert {row["grounds"][0]["ground"].threshold for row in shown} == {"10"}
    (example, *_rest) = ReachCount.objects.get().examples
    entry = reverse("admin:campaigns_entry_change", args=[example["entry"]])
    assert f'href="{entry}"' in shown[0]["entry"]


def test_a_changed_draft_is_told_from_what_was_counted(login, queue, requirement):
    client = login(OPERATOR)
    client.post(section(requirement))
    worked(queue)
    requirement.require = ["item.stock", ">=", 4]
    requirement.save()

    old = client.get(section(requirement)).content.decode()
    assert "for an earlier wording" in old
    assert "it would fail 2 (25.0 %)" in old

    client.post(section(requirement))
    worked(queue)
    new = client.get(section(requirement)).content.decode()
    assert "for an earlier wording" not in new
    assert "it would fail 1 (12.5 %)" in new


def test_how_far_it_is(login, queue, requirement):
    client = login(OPERATOR)
    client.post(section(requirement))
    ReachCount.objects.update(
        state="running", heard_at=NIGHT, done=1, plan=[["entry", 0, 5], ["entry", 5, 9]]
    )

    running = client.get(section(requirement)).content.decode()

    assert "Counting: 1 of 2 parts done." in running
    assert '<progress id="reach-progress" value="1" max="2">' in running


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("queued", "no worker has taken it up"),
        ("running", "Whoever was counting has not been heard of since 12 May 2023, 02:00:00."),
    ],
)
def test_a_dead_count_may_be_asked_for_again(login, queue, requirement, monkeypatch, state, words):
    client = login(OPERATOR)
    client.post(section(requirement))
    ReachCount.objects.update(state=state, heard_at=NIGHT)
    queue.clear()
    monkeypatch.setattr(page.clock, "now", lambda: NIGHT + timedelta(minutes=10))

    dead = client.get(section(requirement)).content.decode()
    assert words in dead
    assert "Count again" in dead
    assert "data-under-way" not in dead

    client.post(section(requirement))
    assert len(queue) == 1


def test_what_is_wrong_is_said_with_what_to_do(login, queue, requirement):
    client = login(OPERATOR)
    requirement.require = ["item.stock", ">=", {"table": "gone"}]
    requirement.save()
    client.post(section(requirement))
    worked(queue)

    failed = client.get(section(requirement)).content.decode()

    assert "The requirement cannot be evaluated:" in failed
    assert "gone" in failed
    assert "Mend it, save, and count again." in failed
    assert "Count again" in failed


def test_a_requirement_asked_of_no_entry_has_no_button(login, queue, opened):
    requirement = required(new_draft(opened.campaign), stages={"reward": "withhold"})
    client = login(OPERATOR)

    text = client.get(form_page(requirement)).content.decode()
    assert "so it touches no entry" in text
    assert "Count them" not in text
    client.post(section(requirement))
    assert queue == []
    assert not ReachCount.objects.exists()


def test_a_published_requirement_can_be_counted_too(login, queue, opened):
    requirement = required(opened.version)
    assert requirement.version.state == RulebookVersion.State.PUBLISHED
    client = login(OPERATOR)

    client.post(section(requirement))
    worked(queue)

    assert "it would fail 2" in client.get(form_page(requirement)).content.decode()


def test_an_auditor_reads_and_does_not_ask(login, queue, requirement):
    reach.work(reach.ask(requirement, at=NIGHT).pk, clock=lambda: NIGHT)
    client = login(AUDITOR)

    text = client.get(form_page(requirement)).content.decode()
    assert "it would fail 2" in text
    assert "Count again" not in text
    assert client.get(section(requirement)).status_code == 200
    assert client.post(section(requirement)).status_code == 403
    assert queue == []


@pytest.mark.parametrize("role", [REVIEWER, FINANCE])
def test_others_see_neither_numbers_nor_entries(login, queue, requirement, role):
    reach.work(reach.ask(requirement, at=NIGHT).pk, clock=lambda: NIGHT)
    client = login(role)

    assert "How many live entries" not in client.get(form_page(requirement)).content.decode()
    assert client.get(section(requirement)).status_code == 403
    assert client.post(section(requirement)).status_code == 403


def test_nobody_who_is_not_logged_in(client, queue, requirement):
    assert client.get(section(requirement)).status_code == 302
    assert client.post(section(requirement)).status_code == 302
    assert queue == []


def test_the_page_asks_as_many_queries_for_many_examples_as_for_one(
    login, queue, requirement, opened, django_assert_num_queries
):
    client = login(OPERATOR)
    client.post(section(requirement))
    worked(queue)
    with CaptureQueriesContext(connection) as captured:
        client.get(section(requirement))
    few = len(captured)
    for _number in range(12):
        EntryFactory(campaign=opened.campaign, venue=opened.venue, item__stock=1)
    client.post(section(requirement))
    worked(queue)

    with django_assert_num_queries(few):
        text = client.get(section(requirement)).content.decode()
    assert "15 examples" in text
