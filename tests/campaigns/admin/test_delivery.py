"""Deliveries and channels in the admin: what is seen, tried again, and never shown."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.urls import reverse

from campaigns import messengers
from campaigns.admin import delivery as delivery_admin
from campaigns.models import Channel, Delivery, Notice
from campaigns.permissions import AUDITOR, OPERATOR
from campaigns.undelivered import Undelivered
from config.roles import sync_roles
from tests.factories import CampaignFactory, SellerFactory, UserFactory
from tests.times import local

pytestmark = pytest.mark.django_db
NOW = local("2023-05-12 09:00")
SECRET = "0123456789abcdefSECRET"
DELIVERIES = reverse("admin:campaigns_delivery_changelist")


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(delivery_admin.clock, "now", lambda: NOW)


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
def channel():
    return Channel.objects.create(
        seller=SellerFactory(), name="chat", url=f"wecombot://{SECRET}", language="en"
    )


def deliveries(channel, *states, error="http:404"):
    campaign = CampaignFactory()
    rows = []
    for number, state in enumerate(states):
        notice = Notice.objects.create(
            seller=channel.seller, campaign=campaign, cause="approved", key=f"k{number}",
            state="sent", at=NOW,
        )  # fmt: skip
        rows.append(
            Delivery.objects.create(
                notice=notice, medium="messenger", target=f"channel:{channel.pk}", state=state,
                attempts=3, error=error if state == "failed" else "",
            )
        )  # fmt: skip
    return rows


@pytest.mark.parametrize("number", [1, 3, 40])
def test_the_list_asks_as_much_for_one_as_for_many(
    login, channel, number, django_assert_num_queries
):
    deliveries(channel, *["failed"] * number)
    client = login(AUDITOR)
    client.get(DELIVERIES)
    with django_assert_num_queries(8):
        page = client.get(DELIVERIES, {"state__exact": "failed"}).content.decode()
    assert page.count("The address answered with HTTP status 404.") == number
    assert SECRET not in page


def test_it_says_who_a_delivery_goes_to_and_gives_no_address_away(login, channel):
    rows = deliveries(channel, "sent", "sent", "sent", "sent")
    lan = UserFactory(first_name="Lan", last_name="Chen", email="lan.chen@example.org")
    bare = UserFactory(username="shop-7", email="")
    targets = [f"channel:{channel.pk}", f"user:{lan.pk}", f"user:{bare.pk}", "user:0"]
    for row, target in zip(rows, targets, strict=True):
        Delivery.objects.filter(pk=row.pk).update(target=target)
    client = login(AUDITOR)
    wanted = ["chat · wecombot://…CRET", "Lan Chen · l…@example.org", "shop-7", "no longer there"]
    page = client.get(DELIVERIES).content.decode()
    for row, target, words in zip(rows, targets, wanted, strict=True):
        own = client.get(reverse("admin:campaigns_delivery_change", args=[row.pk]))
        for content in (page, own.content.decode()):
            assert words in content
            assert target not in content
            assert "lan.chen" not in content
            assert SECRET not in content


def test_the_list_is_filtered(login, channel):
    deliveries(channel, "failed", "sent", "queued")
    client = login(AUDITOR)
    for query, number in (
        ({"state__exact": "failed"}, 1),
        ({"medium__exact": "messenger"}, 3),
        ({"medium__exact": "email"}, 0),
        ({"seller_code": channel.seller.code}, 3),
        ({"seller_code": "another"}, 0),
    ):
        assert len(client.get(DELIVERIES, query).context["cl"].result_list) == number


def test_failed_ones_are_tried_again_after_a_page_with_numbers(login, channel):
    failed, other, sent = deliveries(channel, "failed", "failed", "sent")
    client = login(OPERATOR)
    chosen = {"action": "retry_failed", "_selected_action": [failed.pk, other.pk, sent.pk]}
    question = client.post(DELIVERIES, chosen)
    assert [number for _what, number in question.context["summary"]] == [2, 2, 1]
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed", "sent"}
    answer = {**chosen, "confirmed": "yes", "seen": question.context["seen"]}
    page = client.post(DELIVERIES, answer, follow=True)
    assert "2 deliveries are queued again." in page.content.decode()
    rows = Delivery.objects.order_by("pk").values_list("state", "attempts", "due_at", "error")
    assert list(rows) == [("queued", 0, NOW, ""), ("queued", 0, NOW, ""), ("sent", 3, None, "")]


def test_an_auditor_tries_nothing_again(login, channel):
    (failed,) = deliveries(channel, "failed")
    chosen = {"action": "retry_failed", "_selected_action": [failed.pk], "confirmed": "yes"}
    login(AUDITOR).post(DELIVERIES, chosen)
    failed.refresh_from_db()
    assert failed.state == "failed"


def test_an_address_is_taken_once_and_shown_masked(login, channel):
    client = login(OPERATOR)
    page = reverse("admin:campaigns_channel_change", args=[channel.pk])
    shown = client.get(page).content.decode()
    assert "wecombot://…CRET" in shown
    assert SECRET not in shown
    form = {"seller": channel.seller_id, "name": "chat", "language": "en", "is_active": "on"}
    assert client.post(page, {**form, "new_address": ""}).status_code == 302
    channel.refresh_from_db()
    assert channel.url == f"wecombot://{SECRET}"
    client.post(page, {**form, "new_address": f"feishu://{SECRET}"})
    channel.refresh_from_db()
    assert channel.url == f"feishu://{SECRET}"
    assert SECRET not in "".join(LogEntry.objects.values_list("change_message", flat=True))
    assert SECRET not in client.get(reverse("admin:campaigns_channel_changelist")).content.decode()


@pytest.mark.parametrize("address", ["", "json://10.0.0.1:6379/x", "http://10.0.0.1/"])
def test_a_new_channel_needs_an_accepted_address(login, address):
    client, seller = login(OPERATOR), SellerFactory()
    form = {"seller": seller.pk, "name": "n", "language": "en", "is_active": "on"}
    answer = client.post(reverse("admin:campaigns_channel_add"), {**form, "new_address": address})
    assert answer.status_code == 200
    assert not Channel.objects.exists()
    page = answer.content.decode()
    assert "DingTalk (dingtalk://…)" in page
    assert not address or address not in page


def test_a_new_channel_remembers_who_added_it(login):
    client, seller = login(OPERATOR), SellerFactory()
    form = {"seller": seller.pk, "name": "n", "language": "en", "is_active": "on"}
    client.post(reverse("admin:campaigns_channel_add"), {**form, "new_address": "wecombot://abc"})
    assert Channel.objects.get().created_by_id == int(client.session["_auth_user_id"])


def test_a_test_message_is_asked_for_first(login, channel, monkeypatch):
    sent = []
    monkeypatch.setattr(messengers, "send", lambda *message: sent.append(message))
    client = login(OPERATOR)
    address = reverse("admin:campaigns_channel_send_test", args=[channel.pk])
    client.get(address)
    assert sent == []
    page = client.post(address, {"confirmed": "yes", "seen": ""}, follow=True)
    assert "The test message was taken." in page.content.decode()
    assert sent == [
        (channel.url, "Test of a notice channel", f"Notices to {channel.seller} arrive here.")
    ]
    page = client.post(address, {"confirmed": "yes", "seen": ""}, follow=True)
    assert "Wait 10 seconds between two tests." in page.content.decode()
    assert len(sent) == 1


def test_a_failed_test_says_why(login, channel, monkeypatch):
    def refuse(*_message):
        raise Undelivered("reply:93000", permanent=True)

    monkeypatch.setattr(messengers, "send", refuse)
    address = reverse("admin:campaigns_channel_send_test", args=[channel.pk])
    page = login(OPERATOR).post(address, {"confirmed": "yes", "seen": ""}, follow=True)
    assert "refused the message (93000)" in page.content.decode()
    assert SECRET not in page.content.decode()


def test_an_auditor_sends_no_test(login, channel, monkeypatch):
    monkeypatch.setattr(messengers, "send", None)
    address = reverse("admin:campaigns_channel_send_test", args=[channel.pk])
    assert login(AUDITOR).post(address, {"confirmed": "yes", "seen": ""}).status_code == 403
