"""A seller's channels: which addresses are accepted, in words, and trying one out."""

from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from campaigns import delivering, messengers
from campaigns.messengers import LONGEST_ADDRESS, AddressRefused
from campaigns.models import Channel
from campaigns.undelivered import Undelivered, words

# Every notice goes to each of them.
MOST_CHANNELS = 10
# Seconds between two test messages to one channel.
TEST_PAUSE = 10
NAMES = {
    "dingtalk": _("DingTalk"),
    "wecombot": _("WeCom"),
    "feishu": _("Feishu"),
    "lark": _("Lark"),
    "wxpusher": "WxPusher",
    "pushplus": "PushPlus",
    "schan": "ServerChan",
    "line": "LINE",
    "slack": "Slack",
    "discord": "Discord",
    "tgram": "Telegram",
}


@dataclass(frozen=True)
class Tested:
    """What came of a test message, in words."""

    arrived: bool
    text: str


class AddressField(forms.CharField):
    """An address as its owner types it. It is never shown again, not even when it is refused."""

    def __init__(self, **kwargs):
        super().__init__(**{"label": _("Address"), **kwargs})
        self.widget.attrs |= {"autocomplete": "off", "spellcheck": "false"}
        self.widget.format_value = lambda value: ""

    def clean(self, value):
        """The address as it is kept; refused with what is accepted."""
        value = super().clean(value)
        if not value:
            return ""
        try:
            return messengers.read(value)
        except AddressRefused as refusal:
            raise ValidationError(refusal_text(str(refusal))) from None


def refusal_text(why: str) -> str:
    """Why an address is not taken, and what is."""
    if why == "too_long":
        text = gettext("An address has at most %(most)d characters.") % {"most": LONGEST_ADDRESS}
    elif why == "scheme":
        text = gettext("This kind of address is not accepted.")
    else:
        text = gettext("This address cannot be read.")
    return f"{text} {accepted_text()}"


def accepted_text() -> str:
    """Which addresses are accepted here."""
    kinds = [
        f"{NAMES[scheme]} ({scheme}://…)" if scheme in NAMES else f"{scheme}://…"
        for scheme in settings.NOTICE_SCHEMES
    ]
    return gettext(
        "Accepted: the webhook address of a group’s robot as the messenger shows it, or %(kinds)s."
    ) % {"kinds": gettext(", ").join(kinds)}


def name_of(channel: Channel) -> str:
    """The messenger that a channel leads to."""
    scheme = messengers.scheme_of(channel.url)
    return str(NAMES.get(scheme, scheme))


def test(channel: Channel) -> Tested:
    """Send a channel a test message, seconds at most; what came of it. Not more often than every
    ten seconds, so that nobody has the installation knock at an address again and again."""
    if not cache.add(f"channel-test:{channel.pk}", 1, TEST_PAUSE):
        text = gettext("Wait %(seconds)d seconds between two tests.") % {"seconds": TEST_PAUSE}
        return Tested(False, text)
    try:
        delivering.send_test(channel)
    except Undelivered as error:
        text = gettext("The test message did not arrive: %(reason)s")
        return Tested(False, text % {"reason": words(error.code)})
    return Tested(True, gettext("The test message was taken. Look whether it is there."))
