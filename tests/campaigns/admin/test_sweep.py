"""Sweeps and campaigns in the admin: reports, the breaker, undo, previews, suspension."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from campaigns import sweeping
from campaigns.admin import campaign as campaign_admin
from campaigns.admin import sweep as sweep_admin
from campaigns.models import Campaign, Entry, SweepRun
from campaigns.permissions import AUDITOR, OPERATOR
from config.roles import sync_roles
from sellers.models import Item
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


@pytest.fixture(autouse=True)
def at_once(monkeypatch):
    """Sweeps that a page starts are worked on at once, instead of by a worker."""
    for module in (campaign_admin, sweep_admin):
        monkeypatch.setattr(module, "enqueue", sweeping.work)
        monkeypatch.setattr(module.clock, "now", lambda: NIGHT)


@pytest.fixture
def opened():
    opened = open_campaign()
    RequirementFactory(version=opened.version, code="R", title={"en": "Ships in time"})
    return opened


def swept(opened, entries=3, mode=SweepRun.Mode.ENFORCE):
    rows = [EntryFactory(campaign=opened.campaign, venue=opened.venue) for _ in range(entries)]
    Item.objects.filter(pk__in=[row.item_id for row in rows]).update(ship_time_hours=72)
    run = sweeping.start(campaign=opened.campaign, at=NIGHT, mode=mode)
    return rows, sweeping.work(run)


def page(run):
    return reverse("admin:campaigns_sweeprun_change", args=[run.pk])


def address(name, run):
    return reverse(f"admin:campaigns_sweeprun_{name}", args=[run.pk])


def statuses(rows):
    return {Entry.objects.get(pk=row.pk).status for row in rows}


def test_the_report_counts_by_requirement_and_links_to_the_findings(login, opened):
    _rows, run = swept(opened)
    client = login(AUDITOR)

    report = client.get(page(run))

    (row,) = report.context["requirements"]
    assert (row["code"], row["title"], row["number"]) == ("R", "Ships in time", 3)
    findings = client.get(row["address"])
    assert len(findings.context["cl"].result_list) == 3


def test_undo_asks_with_numbers_and_brings_back(login, opened):
    rows, run = swept(opened)
    assert statuses(rows) == {"cleared_out"}
    client = login(OPERATOR)

    question = client.get(address("undo_run", run))

    assert question.context["summary"][0][1] == 3
    client.post(address("undo_run", run), {"confirmed": "yes", "seen": ""})
    assert statuses(rows) == {"approved"}


def test_an_auditor_cannot_undo(login, opened):
    rows, run = swept(opened)

    response = login(AUDITOR).post(address("undo_run", run), {"confirmed": "yes", "seen": ""})

    assert response.status_code == 403
    assert statuses(rows) == {"cleared_out"}


def test_a_tripped_run_is_confirmed_after_a_question(login, opened):
    Campaign.objects.update(breaker_minimum=1, breaker_share="0.1")
    opened.campaign.refresh_from_db()
    rows, run = swept(opened)
    assert run.state == SweepRun.State.TRIPPED
    assert statuses(rows) == {"approved"}
    client = login(OPERATOR)

    assert "The breaker stopped this sweep" in client.get(page(run)).content.decode()
    client.post(address("confirm_run", run), {"confirmed": "yes", "seen": ""})

    assert statuses(rows) == {"cleared_out"}


def test_a_tripped_run_is_cancelled(login, opened):
    Campaign.objects.update(breaker_minimum=1, breaker_share="0.1")
    opened.campaign.refresh_from_db()
    rows, run = swept(opened)

    login(OPERATOR).post(address("cancel_run", run), {"confirmed": "yes", "seen": ""})

    run.refresh_from_db()
    assert run.state == SweepRun.State.CANCELLED
    assert statuses(rows) == {"approved"}


def test_a_preview_from_the_campaigns_page_moves_nothing(login, opened):
    rows, _run = swept(opened, mode=SweepRun.Mode.SHADOW)
    preview = reverse("admin:campaigns_campaign_preview_sweep", args=[opened.campaign.pk])

    response = login(OPERATOR).get(preview)

    run = SweepRun.objects.get(mode=SweepRun.Mode.PREVIEW)
    assert response.url == page(run)
    assert run.counts["planned"] == {"cleared_out": 3}
    assert statuses(rows) == {"approved"}


def test_suspending_asks_and_stops_the_campaign(login, opened):
    suspend = reverse("admin:campaigns_campaign_suspend", args=[opened.campaign.pk])
    client = login(OPERATOR)

    assert client.get(suspend).status_code == 200
    client.post(suspend, {"confirmed": "yes", "seen": ""})

    opened.campaign.refresh_from_db()
    assert opened.campaign.state == Campaign.State.SUSPENDED


def test_the_campaigns_page_shows_the_timeline_and_the_counts(login, opened):
    swept(opened)

    overview = login(AUDITOR).get(
        reverse("admin:campaigns_campaign_change", args=[opened.campaign.pk])
    )

    drawn = overview.context["timeline"].groups
    assert [len(group.bars) for group in drawn] == [1, 1, 1, 1, 1]
    assert [row["moved"] for row in overview.context["sweeps"]] == [3]
