"""Who a delivery goes to, in words: a person or a channel, its address masked."""

from collections import defaultdict
from collections.abc import Iterable

from django.utils.translation import gettext as _

from campaigns import messengers
from campaigns.models import Channel
from sellers.models import User


def names_of(targets: Iterable[str]) -> dict[str, str]:
    """What deliveries' targets ("user:<id>", "channel:<id>") are called, each with its address
    masked. Two queries however many; one that is gone says so."""
    ids = defaultdict(set)
    targets = list(targets)
    for target in targets:
        kind, _sign, number = target.partition(":")
        ids[kind].add(int(number))
    users = User.objects.in_bulk(ids["user"]) if ids["user"] else {}
    channels = Channel.objects.in_bulk(ids["channel"]) if ids["channel"] else {}
    names = {f"user:{pk}": _person(user) for pk, user in users.items()}
    names |= {
        f"channel:{pk}": _joined(channel.name, messengers.masked(channel.url))
        for pk, channel in channels.items()
    }
    return {target: names.get(target) or _("no longer there") for target in targets}


def masked_mail(address: str) -> str:
    """A mail address by which its owner knows it: ``l…@example.org``."""
    name, _sign, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}" if name else ""


def _person(user):
    return _joined(user.get_full_name() or user.get_username(), masked_mail(user.email))


def _joined(name, address):
    return f"{name} · {address}" if address else name
