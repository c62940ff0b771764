"""The API's lists and pages: who sees what, exactly, in a constant number of queries."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.urls import reverse
from rest_framework.test import APIClient

from campaigns.models import Entry, EntryHistory, Finding, Ground, Move, SweepRun, TallyDelta
from campaigns.permissions import AUDITOR, REVIEWER
from tests.factories import (
    FILED,
    CampaignFactory,
    EntryFactory,
    MembershipFactory,
    SweepRunFactory,
    UserFactory,
    VenueAssignmentFactory,
    VenueFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db


def api(user):
    client = APIClient()
    client.force_authenticate(user)
    return client


def staff(role):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get_or_create(name=role)[0])
    return user


def found(entry, **fields):
    finding = Finding.objects.create(
        campaign=entry.campaign, entry=entry, registration=entry.registration,
        version=entry.version, stage="recheck", code="G520-038", outcome="fail", at=FILED, **fields,
    )  # fmt: skip
    Ground.objects.create(
        finding=finding, path="require", metric="item.ship_time_hours", measured="49",
        comparator="<=", threshold="48", unit="hours", known_at=FILED, result=False,
    )  # fmt: skip
    return finding


@pytest.mark.parametrize("name", ["campaign-list", "entry-list", "sweep-list", "finding-list"])
def test_nothing_is_shown_without_a_login(name):
    assert APIClient().get(reverse(name)).status_code == 401


def test_a_seller_sees_only_their_own_entries():
    mine, other = EntryFactory(), EntryFactory()
    user = MembershipFactory(seller=mine.seller).user

    response = api(user).get(reverse("entry-list"))

    assert [row["id"] for row in response.json()["results"]] == [mine.pk]
    assert api(user).get(reverse("entry-detail", args=[other.pk])).status_code == 404


def test_a_reviewer_sees_only_the_venues_assigned_to_them():
    mine, _other = EntryFactory(), EntryFactory()
    user = staff(REVIEWER)
    VenueAssignmentFactory(user=user, venue=mine.venue)

    response = api(user).get(reverse("entry-list"))

    assert [row["id"] for row in response.json()["results"]] == [mine.pk]


def test_drafts_are_not_listed():
    entry = EntryFactory(status=Entry.Status.DRAFT)

    assert api(staff(AUDITOR)).get(reverse("entry-list")).json()["results"] == []
    assert entry.status == "draft"


def test_prices_keep_their_cents():
    EntryFactory(activity_price=Decimal("88.50"))

    (row,) = api(staff(AUDITOR)).get(reverse("entry-list")).json()["results"]

    assert row["activity_price"] == "88.50"


def test_entries_are_filtered_by_code_and_status():
    entry = EntryFactory(status=Entry.Status.ABNORMAL)
    EntryFactory(campaign=entry.campaign, venue=entry.venue)
    asked = {"campaign": entry.campaign.code, "venue": "main", "status": ["abnormal", "at_risk"]}

    rows = api(staff(AUDITOR)).get(reverse("entry-list"), asked).json()["results"]

    assert [row["id"] for row in rows] == [entry.pk]


def test_an_entry_shows_its_history_and_evidence_but_no_previews():
    entry = EntryFactory()
    move = Move.objects.create(cause=Move.Cause.REVIEW, at=FILED)
    EntryHistory.objects.create(
        entry=entry, move=move, from_status="in_review", to_status="approved", at=FILED
    )
    finding = found(entry)
    found(entry, run=SweepRunFactory(campaign=entry.campaign, mode=SweepRun.Mode.PREVIEW))
    user = MembershipFactory(seller=entry.seller).user

    page = api(user).get(reverse("entry-detail", args=[entry.pk])).json()

    assert [(step["to_status"], step["cause"]) for step in page["history"]] == [
        ("approved", "review")
    ]
    (shown,) = page["findings"]
    assert shown["id"] == finding.pk
    (ground,) = shown["grounds"]
    assert (ground["measured"], ground["comparator"], ground["threshold"], ground["unit"]) == (
        "49", "<=", "48", "hours",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["entry-list", "finding-list", "sweep-list"])
def test_a_page_takes_as_many_queries_for_thirty_rows_as_for_one(
    name, django_assert_max_num_queries
):
    client = api(staff(AUDITOR))

    def grow(rows):
        for _ in range(rows):
            entry = EntryFactory()
            found(entry)
            SweepRunFactory(campaign=entry.campaign)

    grow(1)
    client.get(reverse(name))
    with django_assert_max_num_queries(20) as one:
        client.get(reverse(name))
    grow(29)
    with django_assert_max_num_queries(20) as thirty:
        assert len(client.get(reverse(name)).json()["results"]) == 30
    assert len(thirty) == len(one)


def test_pages_follow_each_other_without_gaps_or_counting():
    entries = [EntryFactory() for _ in range(5)]
    client = api(staff(AUDITOR))
    seen, address = [], reverse("entry-list") + "?page_size=2"
    while address:
        page = client.get(address).json()
        assert "count" not in page
        seen += [row["id"] for row in page["results"]]
        address = page["next"]

    assert seen == [entry.pk for entry in reversed(entries)]


def test_the_timeline_tells_what_is_open_at_an_instant():
    opened = open_campaign()
    user = UserFactory()
    address = reverse("campaign-timeline", args=[opened.campaign.code])

    before = api(user).get(address, {"at": "2023-05-16T19:59:59"}).json()
    after = api(user).get(address, {"at": "2023-05-16T20:00:00"}).json()

    assert before["phases"] == ["sellers", "items", "preheat"]
    assert after["phases"] == ["sellers", "items", "live"]
    assert after["pauses"] == [
        {
            "code": "opening",
            "starts_at": "2023-05-16T18:00:00+08:00",
            "ends_at": "2023-05-16T20:30:00+08:00",
        }
    ]
    assert before["version"] == 1


def test_an_instant_that_is_none_is_a_clear_error():
    opened = open_campaign()

    response = api(UserFactory()).get(
        reverse("campaign-timeline", args=[opened.campaign.code]), {"at": "soon"}
    )

    assert response.status_code == 400
    assert response.json() == {"at": "Expected a time such as 2023-05-16T20:00:00."}


def test_draft_campaigns_are_for_staff():
    CampaignFactory(code="secret", state="draft")

    assert api(UserFactory()).get(reverse("campaign-list")).json()["results"] == []
    assert api(UserFactory()).get(reverse("campaign-detail", args=["secret"])).status_code == 404
    assert len(api(staff(AUDITOR)).get(reverse("campaign-list")).json()["results"]) == 1


def test_the_funnel_adds_tallies_and_is_for_staff():
    venue = VenueFactory()
    for delta in (5, -2):
        TallyDelta.objects.create(
            campaign=venue.campaign, venue=venue, name="status.approved",
            day=local("2023-05-10").date(), delta=delta,
        )  # fmt: skip
    address = reverse("campaign-funnel", args=[venue.campaign.code])

    assert api(UserFactory()).get(address).status_code == 403
    assert api(staff(AUDITOR)).get(address).json() == [
        {"venue": "main", "name": "status.approved", "value": 3}
    ]


def test_a_sweeps_findings_are_counted_by_requirement():
    entry = EntryFactory()
    run = SweepRunFactory(campaign=entry.campaign)
    found(entry, run=run, action="abnormal")
    found(EntryFactory(campaign=entry.campaign), run=run, action="abnormal")
    address = reverse("sweep-requirements", args=[run.pk])

    assert api(staff(AUDITOR)).get(address).json() == [
        {"code": "G520-038", "outcome": "fail", "action": "abnormal", "findings": 2}
    ]
    assert api(MembershipFactory(seller=entry.seller).user).get(address).status_code == 404


def test_the_schema_is_valid_and_names_every_address(tmp_path):
    schema = tmp_path / "schema.yaml"

    call_command("spectacular", "--validate", "--fail-on-warn", "--file", str(schema))

    text = schema.read_text()
    for address in ("/api/campaigns/{code}/timeline/", "/api/entries/{id}/", "/api/findings/"):
        assert address in text
