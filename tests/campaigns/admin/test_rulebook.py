"""Rulebooks in the admin: drafts are edited by choice, published versions only read."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.admin.fields import StagesField, TableKeysField
from campaigns.models import Campaign, Requirement, RulebookVersion
from campaigns.permissions import AUDITOR, OPERATOR
from campaigns.rulebooks.loading import load, open_rulebook
from campaigns.rulebooks.versions import new_draft, publish
from config.roles import sync_roles
from tests.campaigns.admin.forms import form_of
from tests.factories import UserFactory
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def published():
    text, source = open_rulebook("g520-2023")
    version = load(text, source=source).version
    return publish(version, at=local("2023-04-20"))


@pytest.fixture
def login(client):
    sync_roles()

    def as_role(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return client

    return as_role


def page(version):
    return reverse("admin:campaigns_rulebookversion_change", args=[version.pk])


def test_a_published_version_is_only_read(login, published):
    client = login(OPERATOR)
    row = published.requirement_set.get(code="G520-038")

    assert client.get(page(published)).status_code == 200
    address = reverse("admin:campaigns_requirement_change", args=[row.pk])
    assert client.post(address, {"code": "X"}).status_code == 403
    delete = reverse("admin:campaigns_requirement_delete", args=[row.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403


def test_saving_a_form_unchanged_changes_nothing(login, published):
    draft = new_draft(published.campaign)
    client = login(OPERATOR)
    fields = ["require", "applies_when", "missing", "stages", "title", "remedy", "sample"]
    before = {row["code"]: row for row in draft.requirement_set.values("code", *fields)}

    for row in draft.requirement_set.all():
        address, data = form_of(client, row)
        response = client.post(address, data)
        assert response.status_code == 302, response.context["adminform"].form.errors

    after = {row["code"]: row for row in draft.requirement_set.values("code", *fields)}
    assert after == before


def test_a_condition_is_changed_and_published_with_the_difference_in_words(login, published):
    client = login(OPERATOR)
    draft = new_draft(published.campaign)
    row = draft.requirement_set.get(code="G520-038")
    address, data = form_of(client, row)

    client.post(address, {**data, "require": '["item.ship_time_hours", "<=", 24]'})

    row.refresh_from_db()
    assert row.require == ["item.ship_time_hours", "<=", 24]
    publishing = reverse("admin:campaigns_rulebookversion_publish_version", args=[draft.pk])
    question = client.get(publishing)
    assert any("G520-038" in what for what, _number in question.context["summary"])
    client.post(publishing, {"confirmed": "yes", "seen": ""})
    draft.refresh_from_db()
    assert draft.state == RulebookVersion.State.PUBLISHED


def test_a_condition_that_cannot_run_is_refused_with_its_place(login, published):
    client = login(OPERATOR)
    row = new_draft(published.campaign).requirement_set.get(code="G520-038")
    address, data = form_of(client, row)

    response = client.post(address, {**data, "require": '["item.ship_time", "<=", 24]'})

    assert "did you mean “item.ship_time_hours”?" in response.content.decode()
    assert Requirement.objects.get(pk=row.pk).require == row.require


def test_the_builder_is_told_its_sentence_in_both_languages(login, published):
    address = reverse("admin:campaigns_rulebookversion_sentence", args=[published.pk])

    answer = (
        login(OPERATOR)
        .post(address, {"condition": '["item.ship_time_hours", "<=", 48]', "subject": "item"})
        .json()
    )

    assert answer["sentences"]["en"] == "Shipping time is at most 48 hours"
    assert answer["sentences"]["zh-hans"].startswith("发货时间")
    assert answer["problems"] == []


def test_an_auditor_edits_nothing(login, published):
    client = login(AUDITOR)
    row = new_draft(published.campaign).requirement_set.first()
    address = reverse("admin:campaigns_requirement_change", args=[row.pk])

    assert client.get(address).status_code == 200
    assert client.post(address, {"code": "X"}).status_code == 403
    publishing = reverse("admin:campaigns_rulebookversion_publish_version", args=[row.version_id])
    assert client.post(publishing, {"confirmed": "yes"}).status_code == 403


def test_a_campaign_is_cloned_with_its_dates_moved(login, published):
    address = reverse("admin:campaigns_rulebookversion_clone_version", args=[published.pk])

    login(OPERATOR).post(address, {"confirmed": "yes", "code": "g520-2024", "starts": "2024-05-15"})

    copy = Campaign.objects.get(code="g520-2024").versions.get()
    assert copy.milestone_set.get(code="preheat").starts_at == local("2024-05-15")
    assert copy.milestone_set.get(code="live").starts_at == local("2024-05-16 20:00")


@pytest.mark.parametrize("name", ["change", "problems", "publish_version", "download"])
@pytest.mark.parametrize("rulebook", ["double12-2015", "g520-2023"])
def test_no_page_of_a_rulebook_costs_more_than_30_queries(login, name, rulebook):
    text, source = open_rulebook(rulebook)
    version = load(text, source=source).version
    draft = new_draft(publish(version, at=local("2015-01-01")).campaign)
    client = login(OPERATOR)

    with CaptureQueriesContext(connection) as queries:
        answer = client.get(reverse(f"admin:campaigns_rulebookversion_{name}", args=[draft.pk]))

    assert answer.status_code == 200
    assert len(queries) <= 30


def test_a_version_is_downloaded_as_its_file(login, published):
    address = reverse("admin:campaigns_rulebookversion_download", args=[published.pk])

    text = login(OPERATOR).get(address).content.decode()

    assert "code: G520-038" in text


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ("fresh_flowers", ["fresh_flowers"]),
        ("1..4, true", [{"from": 1, "to": 4}, True]),
        ("..4, *", [{"to": 4}, None]),
        ("?, *", [{"missing": True}, None]),
        ("sofas|mattresses", [["sofas", "mattresses"]]),
        ("6, false", [6, False]),
    ],
)
def test_a_tables_keys_are_read_as_they_are_shown(text, keys):
    field = TableKeysField()

    assert field.to_python(text) == keys
    assert field.prepare_value(keys) == text


def test_a_stages_own_condition_survives_the_form():
    field = StagesField()
    stages = {
        "admission": "reject",
        "recheck": {"action": "at_risk", "grace_hours": 24, "then": "clear_out",
                    "require": ["item.stock", ">", 0]},
    }  # fmt: skip

    field.remember(stages)

    assert field.clean(field.widget.decompress(stages)) == stages
