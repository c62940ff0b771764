"""A shop's channels: added, tested, switched off; addresses refused and never shown."""

import pytest
from django.urls import reverse

from campaigns import messengers
from campaigns.channels import MOST_CHANNELS
from campaigns.models import Channel, Delivery, Notice
from campaigns.undelivered import Undelivered
from sellers.models import Membership
from tests.campaigns.portal.conftest import text_of
from tests.factories import FILED, SellerFactory

TOKEN = "0123456789abcdefSECRET"


@pytest.fixture
def channel(shop):
    return Channel.objects.create(
        seller=shop, name="chat", url=f"wecombot://{TOKEN}", language="en"
    )


def add(pages, expect=302, **typed):
    typed = {"name": "chat", "url": f"wecombot://{TOKEN}", "language": "zh-hans", **typed}
    return pages.post("channels", expect=expect, **typed)


def test_a_channel_is_added_and_its_address_not_shown_again(pages, user):
    assert "Notices are in the inbox only." in text_of(pages.get("channels"))
    add(pages, url=f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}")
    channel = Channel.objects.get()
    assert (channel.seller, channel.name, channel.url, channel.language, channel.created_by) == (
        pages.seller, "chat", f"dingtalk://{TOKEN}", "zh-hans", user,
    )  # fmt: skip
    page = pages.get("channels")
    assert "chat DingTalk · dingtalk://…CRET" in text_of(page)
    assert TOKEN not in page.content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("http://169.254.169.254/latest", "This kind of address is not accepted."),
        ("json://127.0.0.1:6379", "This kind of address is not accepted."),
        (f"dingtalk://{TOKEN}?x y", "This address cannot be read."),
        ("wecombot://" + "a" * 500, "An address has at most 500 characters."),
        ("", "This field is required."),
    ],
)
def test_another_address_is_refused_with_what_is_accepted(pages, typed, told):
    page = add(pages, url=typed, expect=200)
    assert told in text_of(page)
    if typed:
        assert "DingTalk (dingtalk://…), WeCom (wecombot://…)" in text_of(page)
        assert typed not in page.content.decode()
    assert not Channel.objects.exists()


def test_the_same_page_in_chinese(pages, channel):
    pages.client.cookies["django_language"] = "zh-hans"
    page = pages.get("channels")
    assert '<html lang="zh-hans">' in page.content.decode()
    assert Channel.Language.ZH_HANS.label in text_of(page)


def test_a_name_is_taken_once(pages, channel):
    page = add(pages, expect=200)
    assert "There is a channel of this name already." in text_of(page)
    assert Channel.objects.count() == 1


def test_a_shop_has_so_many_channels(pages, shop):
    Channel.objects.bulk_create(
        Channel(seller=shop, name=f"c{number}", url="wecombot://abc")
        for number in range(MOST_CHANNELS - 1)
    )
    add(pages, name="last")
    page = add(pages, name="one more", expect=200)
    assert "A shop has at most 10 channels." in text_of(page)
    assert Channel.objects.count() == MOST_CHANNELS


def test_a_channel_is_switched_changed_and_removed(pages, channel):
    pages.post("channel", channel.pk, do="off")
    channel.refresh_from_db()
    assert not channel.is_active
    assert "switched off" in text_of(pages.get("channels"))
    pages.post("channel", channel.pk, do="on")
    pages.post("channel", channel.pk, do="language", language="zh-hans")
    channel.refresh_from_db()
    assert (channel.is_active, channel.language) == (True, "zh-hans")
    pages.post("channel", channel.pk, do="language", language="fr")
    pages.post("channel", channel.pk, do="burn")
    channel.refresh_from_db()
    assert (channel.is_active, channel.language) == (True, "zh-hans")
    pages.post("channel", channel.pk, do="remove")
    assert not Channel.objects.exists()


def test_a_test_message_is_sent_in_the_channels_language(pages, channel, monkeypatch):
    sent = []
    monkeypatch.setattr(messengers, "send", lambda *message: sent.append(message))
    pages.post("channel", channel.pk, do="test")
    page = text_of(pages.get("channels"))
    assert "The test message was taken." in page
    pages.post("channel", channel.pk, do="test")
    assert "Wait 10 seconds between two tests." in text_of(pages.get("channels"))
    assert sent == [
        (channel.url, "Test of a notice channel", "Notices to Moonlight Gifts arrive here.")
    ]


def test_a_failed_test_and_a_failed_notice_are_shown(pages, channel, opened, monkeypatch):
    def refuse(*_message):
        raise Undelivered("timeout")

    monkeypatch.setattr(messengers, "send", refuse)
    pages.post("channel", channel.pk, do="test")
    assert "There was no answer in time." in text_of(pages.get("channels"))
    notice = Notice.objects.create(
        seller=channel.seller, campaign=opened.campaign, cause="approved", key="k", state="sent",
        at=FILED,
    )  # fmt: skip
    Delivery.objects.create(
        notice=notice, medium="messenger", target=f"channel:{channel.pk}", state="failed",
        error="http:404",
    )  # fmt: skip
    told = "The latest notice did not arrive: The address answered with HTTP status 404."
    assert told in text_of(pages.get("channels"))


def test_another_shops_channel_is_not_there(pages):
    other = Channel.objects.create(seller=SellerFactory(), name="n", url="wecombot://abc")
    for do in ("test", "off", "remove"):
        pages.post("channel", other.pk, do=do, expect=404)
    other.refresh_from_db()
    assert other.is_active


def test_who_may_only_look_changes_nothing(pages, channel, user):
    Membership.objects.filter(user=user).update(can_file=False)
    page = pages.get("channels").content.decode()
    assert 'name="do"' not in page
    assert 'name="url"' not in page
    add(pages, expect=403)
    pages.post("channel", channel.pk, do="off", expect=403)
    channel.refresh_from_db()
    assert channel.is_active


def test_names_are_text(pages, shop):
    Channel.objects.create(seller=shop, name="<script>alert(1)</script>", url="wecombot://a")
    page = pages.get("channels").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("number", [1, 3, 10])
def test_the_page_asks_as_much_for_one_as_for_many(pages, shop, number, django_assert_num_queries):
    for each in range(number):
        Channel.objects.create(seller=shop, name=f"c{each}", url="wecombot://abc")
    pages.get("channels")
    with django_assert_num_queries(7):
        pages.get("channels")


def test_the_inbox_leads_here(pages):
    assert reverse("portal:channels", args=[pages.seller.pk]) in pages.get("inbox").content.decode()
