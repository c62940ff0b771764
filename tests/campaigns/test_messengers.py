"""Addresses that are taken, shown and refused, and what comes of a message to one."""

import base64
import hashlib
import hmac
import logging
from urllib.parse import parse_qs, urlsplit

import apprise
import pytest
from apprise.plugins import dingtalk, feishu, wecombot
from django.conf import settings as installed

from campaigns import messengers
from campaigns.messengers import AddressRefused
from campaigns.undelivered import WORDS, Undelivered, words
from tests.webhooks import FakeMessenger

TOKEN = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def server(settings):
    settings.NOTICE_SCHEMES = ["dingtalk", "wecombot", "feishu", "lark", "json"]
    fake = FakeMessenger()
    yield fake
    fake.stop()


@pytest.fixture
def robot(server, monkeypatch):
    """The three messengers' own addresses, leading to the server of this machine."""
    for module, name, path in (
        (dingtalk, "NotifyDingTalk", "robot/send?access_token={token}"),
        (wecombot, "NotifyWeComBot", "cgi-bin/webhook/send?key={key}"),
        (feishu, "NotifyFeishu", "open-apis/bot/v2/hook/{token}"),
    ):
        monkeypatch.setattr(getattr(module, name), "notify_url", f"http://{server.host}/{path}")
    return server


def outcome(address, title="Title", body="Body"):
    try:
        messengers.send(address, title, body)
    except Undelivered as error:
        return error.code, error.permanent
    return "sent"


# --- addresses


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (f"dingtalk://{TOKEN}", f"dingtalk://{TOKEN}"),
        (f" dingtalk://SEC1@{TOKEN}\n", f"dingtalk://SEC1@{TOKEN}"),
        (f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}", f"dingtalk://{TOKEN}"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-B1", "wecombot://a-B1"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/a-B1", "feishu://a-B1"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/a-B1", "lark://a-B1"),
    ],
)
def test_a_messengers_address_is_taken_as_it_is_copied(typed, kept):
    assert messengers.read(typed) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("http://10.0.0.1/admin", "scheme"),
        ("https://169.254.169.254/latest/meta-data", "scheme"),
        ("https://oapi.dingtalk.com.evil.example/robot/send?access_token=1", "scheme"),
        ("json://127.0.0.1:6379/", "scheme"),
        ("mailto://user:secret@mail.example.com", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("wecombot", "scheme"),
        ("", "scheme"),
        ("dingtalk://", "unreadable"),
        ("dingtalk://not a token", "unreadable"),
        ("dingtalk://a.b/c", "unreadable"),
        ("wecombot://abc,json://127.0.0.1", "unreadable"),
        ("wecombot://abc\x00", "unreadable"),
        ("wecombot://" + "a" * 490, "too_long"),
    ],
)
def test_another_address_is_refused_without_being_repeated(typed, why, caplog):
    with caplog.at_level(logging.DEBUG), pytest.raises(AddressRefused) as refused:
        messengers.read(typed)
    assert str(refused.value) == why
    assert typed.strip() == "" or typed not in caplog.text


def test_the_administrator_allows_other_kinds(settings):
    settings.NOTICE_SCHEMES = ["json"]
    assert messengers.read("json://127.0.0.1:8000/x") == "json://127.0.0.1:8000/x"
    with pytest.raises(AddressRefused, match="scheme"):
        messengers.read(f"dingtalk://{TOKEN}")


def test_every_kind_that_can_be_allowed_is_known_to_apprise():
    known = apprise.manager_plugins.NotificationManager()
    assert [one for one in installed.MESSENGERS + installed.ANY_HOST if one not in known] == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        (f"dingtalk://SECRET@{TOKEN}/13800000000", "dingtalk://…cdef"),
        (f"wecombot://{TOKEN}?redirect=yes", "wecombot://…cdef"),
        ("wecombot://short", "wecombot://…"),
        ("json://user:secret@very-long-host.example.com/path", "json://…"),
        ("", "://…"),
    ],
)
def test_an_address_is_shown_without_its_secret(address, shown):
    assert messengers.masked(address) == shown


# --- messages


def test_a_message_arrives(robot):
    assert outcome(f"dingtalk://{TOKEN}", "Title", "One\nTwo") == "sent"
    assert outcome("wecombot://key") == "sent"
    assert outcome("feishu://token") == "sent"
    (ding, ding_body), (wecom, wecom_body), (lark, lark_body) = robot.taken
    assert ding == f"/robot/send?access_token={TOKEN}"
    assert ding_body["text"]["content"] == "Title\r\nOne\nTwo"
    assert (wecom, wecom_body["text"]["content"]) == (
        "/cgi-bin/webhook/send?key=key", "Title\r\nBody",
    )  # fmt: skip
    assert (lark, lark_body["content"]["text"]) == (
        "/open-apis/bot/v2/hook/token", "Title\r\nBody",
    )  # fmt: skip


def test_the_signature_arrives_as_the_messenger_computes_it(robot):
    assert outcome(f"dingtalk://SECabc@{TOKEN}") == "sent"
    asked = parse_qs(urlsplit(robot.taken[0][0]).query)
    (timestamp,) = asked["timestamp"]
    digest = hmac.new(b"SECabc", f"{timestamp}\nSECabc".encode(), hashlib.sha256).digest()
    assert asked["sign"] == [base64.b64encode(digest).decode()]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, "sent"),
        (204, "sent"),
        (302, ("http:302", True)),
        (400, ("http:400", True)),
        (404, ("http:404", True)),
        (408, ("http:408", False)),
        (429, ("http:429", False)),
        (500, ("http:500", False)),
        (503, ("http:503", False)),
    ],
)
def test_what_a_status_means(server, status, expected):
    server.status = status
    server.headers = {"Location": f"http://{server.host}/elsewhere"}
    assert outcome(f"json://{server.host}/here?redirect=yes") == expected
    assert [path for path, _body in server.taken] == ["/here"]


@pytest.mark.parametrize(
    ("address", "reply", "expected"),
    [
        (f"dingtalk://{TOKEN}", {"errcode": 0, "errmsg": "ok"}, "sent"),
        (f"dingtalk://{TOKEN}", {"errcode": 310000, "errmsg": "sign"}, ("reply:310000", True)),
        (f"dingtalk://{TOKEN}", {"errcode": 130101}, ("reply:130101", False)),
        ("wecombot://key", {"errcode": 93000}, ("reply:93000", True)),
        ("wecombot://key", {"errcode": 45009}, ("reply:45009", False)),
        ("feishu://token", {"code": 0, "StatusCode": 0}, "sent"),
        ("feishu://token", {"code": 19001, "msg": "invalid"}, ("reply:19001", True)),
        ("feishu://token", {"code": 11232}, ("reply:11232", False)),
        ("feishu://token", ["odd"], "sent"),
    ],
)
def test_a_refusal_inside_a_good_answer_is_heard(robot, address, reply, expected):
    robot.reply = reply
    assert outcome(address) == expected


def test_no_answer_in_time(server, monkeypatch):
    monkeypatch.setattr(messengers, "READ", 0.2)
    server.silent = True
    assert outcome(f"json://{server.host}/?rto=900") == ("timeout", False)


def test_nobody_there(server):
    server.stop()
    assert outcome(f"json://{server.host}/") == ("unreachable", False)


def test_an_address_that_is_no_longer_allowed_gets_nothing(robot, settings):
    settings.NOTICE_SCHEMES = ["wecombot"]
    assert outcome(f"dingtalk://{TOKEN}") == ("address", True)
    assert outcome("wecombot://not a key") == ("address", True)
    assert robot.taken == []


def test_a_sender_that_breaks_tells_nothing(robot, monkeypatch, caplog):
    def fail(self, **_message):
        raise RuntimeError(f"at {TOKEN}")

    monkeypatch.setattr(dingtalk.NotifyDingTalk, "send", fail)
    assert outcome(f"dingtalk://{TOKEN}") == ("not_accepted", False)
    assert "RuntimeError" in caplog.text
    assert TOKEN not in caplog.text


def test_no_log_has_an_address(robot, caplog):
    """With every log turned up; Apprise and urllib3 would write whole addresses."""
    with caplog.at_level(logging.DEBUG):
        outcome(f"dingtalk://SECRET9@{TOKEN}")
        robot.status = 500
        outcome(f"dingtalk://SECRET9@{TOKEN}")
        robot.stop()
        outcome(f"feishu://{TOKEN}")
        with pytest.raises(AddressRefused):
            messengers.read(f"dingtalk://{TOKEN}-bad")
    assert TOKEN not in caplog.text
    assert "SECRET9" not in caplog.text


def test_names_call_nobody_together(robot):
    outcome("feishu://token", "Title", 'Tea <at user_id="all">all</at> @all')
    text = robot.taken[0][1]["content"]["text"]
    assert text == 'Title\r\nTea ‹at user_id="all"›all‹/at› ＠all'


def test_every_code_is_said_in_words():
    for code in [*WORDS, "http:404", "reply:310000", "mail:550"]:
        assert words(code) != code
        assert code.partition(":")[2] in words(code)
    assert words("") == ""
