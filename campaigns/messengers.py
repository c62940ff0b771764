"""Messages to a messenger's address, by way of Apprise: which addresses are taken, how they are
shown without their secret, and what came of a message."""

import contextlib
import json
import logging
import re
from collections.abc import Iterator
from contextvars import ContextVar
from functools import wraps
from urllib.parse import unquote, urlsplit

import apprise
import requests
from apprise.common import OverflowMode
from django.conf import settings

from campaigns.undelivered import Undelivered

logger = logging.getLogger(__name__)

LONGEST_ADDRESS = 500
# Seconds to connect, and to wait for an answer.
CONNECT, READ = 4, 6
# Addresses as the messengers show them to be copied, and what they are to Apprise.
COPIED = (
    (r"https://oapi\.dingtalk\.com/robot/send\?access_token=(\w+)", "dingtalk"),
    (r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([\w-]+)", "wecombot"),
    (r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([\w-]+)/?", "feishu"),
    (r"https://open\.larksuite\.com/open-apis/bot/v2/hook/([\w-]+)/?", "lark"),
)
# Most bytes of a message; a longer one is refused by the messenger.
MOST_BYTES = {"wecombot": 2048}
MOST_BYTES_ELSE = 15_000
# These answer "200 OK" to what they refuse, and say so inside: a number that is not 0. The numbers
# below are final: no such robot, stopped, or its keywords, signature or addresses allowed do not
# let the message in. Another number, such as "too often", is worth another try.
NUMBERED = {
    "dingtalk": {300001, 310000, 400013, 400101, 400102, 400105, 400106, 430101, 430102, 430103},
    "wecombot": {40008, 40058, 44004, 45002, 93000},
    "feishu": {19001, 19002, 19021, 19022, 19024},
    "lark": {19001, 19002, 19021, 19022, 19024},
}
# Answers after which the same message may yet get through.
PASSING = frozenset({408, 425, 429})

_heard: ContextVar[list | None] = ContextVar("heard", default=None)


class AddressRefused(ValueError):
    """An address that is not taken: "unreadable", "too_long", or "scheme" for a kind that this
    installation does not allow. It does not hold the address."""


def read(address: str) -> str:
    """An address as it is kept. A webhook's address copied from a messenger becomes Apprise's own.

    Raises AddressRefused.
    """
    address = address.strip()
    for pattern, scheme in COPIED:
        if found := re.fullmatch(pattern, address):
            address = f"{scheme}://{found[1]}"
    if len(address) > LONGEST_ADDRESS:
        raise AddressRefused("too_long")
    if scheme_of(address) not in settings.NOTICE_SCHEMES:
        raise AddressRefused("scheme")
    if not address.isprintable() or " " in address or "," in address or _plugin(address) is None:
        raise AddressRefused("unreadable")
    return address


def scheme_of(address: str) -> str:
    """What stands before ``://``, "" where nothing does."""
    scheme, separator, _rest = address.partition("://")
    return scheme.lower() if separator else ""


def masked(address: str) -> str:
    """An address by which its owner knows it and nobody else can use it: ``dingtalk://…3f9a``."""
    scheme = scheme_of(address)
    try:
        token = urlsplit(address).netloc.rpartition("@")[2]
    except ValueError:
        token = ""
    end = unquote(token)[-4:] if len(token) >= 12 and scheme in settings.MESSENGERS else ""
    return f"{scheme}://…{end}"


def most_bytes(address: str) -> int:
    """How long a message to this address may be, in bytes of UTF-8."""
    return MOST_BYTES.get(scheme_of(address), MOST_BYTES_ELSE)


def send(address: str, title: str, body: str) -> None:
    """Send a message of plain text; takes seconds at most. Raises Undelivered.

    Apprise says only whether a message was taken, and takes a messenger's "200 OK" for a yes. What
    the other side answered is heard beside it (docs/decisions/0007).
    """
    if scheme_of(address) not in settings.NOTICE_SCHEMES:
        raise Undelivered("address", permanent=True)
    plugin = _plugin(address)
    if plugin is None:
        raise Undelivered("address", permanent=True)
    with _listening() as heard:
        try:
            taken = plugin.notify(title=_harmless(title), body=_harmless(body))
        except Exception as error:
            # Its text may hold the address.
            logger.warning("%s: %s", scheme_of(address), type(error).__name__)
            raise Undelivered("not_accepted") from None
    for answer in heard:
        _judge(answer, scheme_of(address))
    if not taken:
        raise Undelivered("not_accepted")


def _plugin(address):
    """Apprise's sender for an address, held to our terms whatever the address says; None for an
    address that it cannot read."""
    asset = apprise.AppriseAsset(
        app_id="Paddock", app_desc="Paddock", app_url="", http_redirects=False, async_mode=False
    )
    plugin = apprise.Apprise.instantiate(address, asset=asset)
    if plugin is None:
        return None
    # An address may carry settings of its own ("?redirect=yes&verify=no&rto=900").
    plugin.redirects = False
    plugin.verify_certificate = True
    plugin.socket_connect_timeout, plugin.socket_read_timeout = CONNECT, READ
    plugin.notify_format = apprise.NotifyFormat.TEXT
    plugin.overflow_mode = OverflowMode.UPSTREAM
    plugin.interpret_emojis = False
    # The outbox paces itself; Apprise would sleep for seconds.
    plugin.request_rate_per_sec = 0
    if scheme_of(address) == "dingtalk":
        signature = plugin.get_signature
        # Apprise quotes the signature and hands it to requests, which quotes it once more.
        plugin.get_signature = lambda: tuple(map(unquote, signature()))
    return plugin


def _harmless(text):
    """Text in which no name can address a whole group (``@all``, ``<at user_id="all">``)."""
    return text.translate({ord("@"): "＠", ord("<"): "‹", ord(">"): "›"})


def _judge(answer, scheme):
    """Raise Undelivered for an answer, or an error in place of one, that is not a yes."""
    if isinstance(answer, requests.Timeout):
        raise Undelivered("timeout")
    if isinstance(answer, requests.RequestException):
        raise Undelivered("unreachable")
    number = _number(answer) if scheme in NUMBERED else 0
    if number:
        raise Undelivered(f"reply:{number}", permanent=number in NUMBERED[scheme])
    status = answer.status_code
    if not 200 <= status < 300:
        raise Undelivered(f"http:{status}", permanent=300 <= status < 500 and status not in PASSING)


def _number(answer):
    """The number inside a messenger's answer; 0 for a yes and for an answer without one."""
    try:
        told = json.loads(answer.content[:10_000])
    except ValueError:
        return 0
    if not isinstance(told, dict):
        return 0
    found = told.get("errcode", told.get("code", told.get("StatusCode", 0)))
    return found if isinstance(found, int) else 0


@contextlib.contextmanager
def _listening() -> Iterator[list]:
    """A list that gets the answers to all requests of this thread, and the errors without one."""
    heard = []
    token = _heard.set(heard)
    try:
        yield heard
    finally:
        _heard.reset(token)


def _hear(send):
    @wraps(send)
    def sending(session, request, **options):
        heard = _heard.get()
        if heard is None:
            return send(session, request, **options)
        try:
            answer = send(session, request, **options)
        except requests.RequestException as error:
            heard.append(error)
            raise
        heard.append(answer)
        return answer

    return sending


requests.Session.send = _hear(requests.Session.send)
