"""New violations of monitored kinds alert operators once, and the desk that shows them."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.alerts import LOOKS_BACK, open_alerts, raise_alerts
from campaigns.models import Alert, Campaign, Registration
from campaigns.permissions import AUDITOR, OPERATOR
from config.roles import sync_roles
from sellers import clock
from tests.factories import (
    FILED,
    RegistrationFactory,
    UserFactory,
    VersionFactory,
    ViolationFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def opened(db):
    made = open_campaign()
    made.version.settings = {"campaign": {"monitors": ["counterfeit", "fake_trade"]}}
    made.version.save()
    return made


def new(opened, known_at=FILED, status=Registration.Status.JOINED, **more):
    registration = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, status=status
    )
    return ViolationFactory(seller=registration.seller, known_at=known_at, **more)


def test_a_new_violation_of_a_monitored_kind_alerts_once(opened):
    violation = new(opened)
    new(opened, category="late_shipping")
    assert raise_alerts(at=FILED) == 1
    alert = Alert.objects.get()
    assert (alert.violation, alert.seller, alert.campaign, alert.at) == (
        violation, violation.seller, opened.campaign, FILED,
    )  # fmt: skip
    assert raise_alerts(at=FILED + SECOND) == 0
    again = ViolationFactory(seller=violation.seller, category="fake_trade", known_at=FILED)
    assert raise_alerts(at=FILED + SECOND) == 1
    assert Alert.objects.latest("pk").violation == again


@pytest.mark.parametrize(
    ("more", "alerts"),
    [
        ({}, 1),
        ({"known_at": FILED + SECOND}, 0),
        # The factory's registration joined on 1 May at noon.
        ({"known_at": FILED - timedelta(days=9)}, 1),
        ({"known_at": FILED - timedelta(days=9) - SECOND}, 0),
        ({"status": Registration.Status.WITHDRAWN}, 0),
    ],
)
def test_only_news_of_those_who_take_part(opened, more, alerts):
    new(opened, **more)
    assert raise_alerts(at=FILED) == alerts


@pytest.mark.parametrize(("age", "alerts"), [(LOOKS_BACK, 0), (LOOKS_BACK - SECOND, 1)])
def test_it_looks_back_a_month(opened, age, alerts):
    new(opened)
    assert raise_alerts(at=FILED + age) == alerts


def test_only_published_campaigns_and_the_rulebook_in_force(opened):
    violation = new(opened)
    other = open_campaign()
    RegistrationFactory(campaign=other.campaign, version=other.version, seller=violation.seller)
    VersionFactory(campaign=opened.campaign, number=2, effective_at=FILED + SECOND)
    Campaign.objects.update(state=Campaign.State.SUSPENDED)
    assert raise_alerts(at=FILED) == 0
    Campaign.objects.update(state=Campaign.State.PUBLISHED)
    assert raise_alerts(at=FILED + SECOND) == 0
    assert raise_alerts(at=FILED) == 1


@pytest.fixture
def desk(client, monkeypatch):
    sync_roles()
    monkeypatch.setattr(clock, "now", lambda: FILED)

    def login(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        return user

    return login


LIST = "admin:campaigns_alert_changelist"


def test_open_ones_come_first_and_are_marked_in_bulk(opened, desk, client):
    user = desk(OPERATOR)
    for _number in range(3):
        new(opened)
    raise_alerts(at=FILED)
    first, second, third = Alert.objects.order_by("pk")
    Alert.objects.filter(pk=third.pk).update(seen_at=FILED - SECOND)
    shown = client.get(reverse(LIST)).context["cl"].result_list
    assert [alert.pk for alert in shown] == [second.pk, first.pk, third.pk]
    overview = client.get(reverse("admin:campaigns_campaign_change", args=[opened.campaign.pk]))
    assert "2 violations to look at" in overview.content.decode()
    data = {"action": "mark_seen", "_selected_action": [first.pk, third.pk]}
    client.post(reverse(LIST), data)
    first.refresh_from_db()
    third.refresh_from_db()
    assert (first.seen_at, first.seen_by) == (FILED, user)
    assert (third.seen_at, third.seen_by) == (FILED - SECOND, None)
    assert open_alerts(opened.campaign) == 1


def test_an_auditor_marks_nothing(opened, desk, client):
    desk(AUDITOR)
    new(opened)
    raise_alerts(at=FILED)
    data = {"action": "mark_seen", "_selected_action": [Alert.objects.get().pk]}
    client.post(reverse(LIST), data)
    assert Alert.objects.get().seen_at is None


def test_the_list_asks_as_much_for_many_rows_as_for_one(opened, desk, client):
    desk(OPERATOR)
    numbers = []
    for rows in (1, 2, 27):
        for _number in range(rows):
            new(opened)
        raise_alerts(at=FILED)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse(LIST)).status_code == 200
        numbers.append(len(queries))
    assert numbers == [numbers[0]] * 3
