"""Addresses of data screens that need no login: signed, and void as soon as one is withdrawn.

What is signed is the campaign and a random key that the campaign keeps. Without SECRET_KEY nobody
can make such an address, not even from the database; a new key, or none, ends those given out.
"""

import secrets

from django.core.signing import BadSignature, Signer
from django.utils.crypto import constant_time_compare

from campaigns.models import Campaign

_SALT = "campaigns.screen"


def token_of(campaign: Campaign) -> str:
    """What opens the campaign's screen without a login; "" while nothing does."""
    if not campaign.screen_key:
        return ""
    return Signer(salt=_SALT).sign(f"{campaign.pk}:{campaign.screen_key}").partition(":")[2]


def opens(token: str, campaign: Campaign) -> bool:
    """Whether the token is one of this campaign's that was not withdrawn."""
    if not token or not campaign.screen_key:
        return False
    try:
        signed = Signer(salt=_SALT).unsign(f"{campaign.pk}:{token}")
    except BadSignature:
        return False
    return constant_time_compare(signed, f"{campaign.pk}:{campaign.screen_key}")


def renew(campaign: Campaign) -> None:
    """Give the campaign a new key; what was given out before opens nothing any more."""
    campaign.screen_key = secrets.token_urlsafe(32)
    campaign.save(update_fields=["screen_key"])


def withdraw(campaign: Campaign) -> None:
    """Leave the campaign without a key: only a login opens its screen."""
    campaign.screen_key = ""
    campaign.save(update_fields=["screen_key"])
