"""One login for every role, and two sellers."""

import hashlib
import hmac
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import transaction

from campaigns.models import Campaign, Venue, VenueAssignment
from campaigns.permissions import REVIEWER, ROLES
from config.marketplaces.files import read_plan
from config.roles import sync_roles
from sellers.models import Membership, Seller, User

ADMIN, API_AND_PAGES = "/admin/", "/"


@dataclass(frozen=True)
class Login:
    """Who may come in, where, and with what."""

    name: str
    password: str
    where: str
    note: str


def password(name: str) -> str:
    """Return a login's password: the installation's own secret, so that it can be told again."""
    key = settings.SECRET_KEY.encode()
    return f"{name}-" + hmac.new(key, name.encode(), hashlib.sha256).hexdigest()[:8]


def sellers_of(marketplace: Path) -> dict[str, str]:
    """Return the seller logins of a marketplace: login to the seller's code."""
    return {row["login"]: row["seller"] for row in read_plan(marketplace, "logins")}


@transaction.atomic
def make_staff() -> dict[str, User]:
    """Make one login per staff role; return them by role."""
    sync_roles()
    made = {}
    for role in ROLES:
        made[role] = _user(role, is_staff=True)
        made[role].groups.set([Group.objects.get(name=role)])
    return made


@transaction.atomic
def make_sellers(marketplace: Path) -> dict[str, User]:
    """Make the seller logins; return them by the code of their seller."""
    made = {}
    for name, code in sellers_of(marketplace).items():
        made[code] = _user(name)
        Membership.objects.get_or_create(user=made[code], seller=Seller.objects.get(code=code))
    return made


def assign_venues(campaign: Campaign) -> None:
    """Let the reviewer work every venue of the campaign."""
    reviewer = User.objects.get(username=REVIEWER)
    for venue in Venue.objects.filter(campaign=campaign):
        VenueAssignment.objects.get_or_create(user=reviewer, venue=venue)


def logins(marketplace: Path) -> list[Login]:
    """Return every login as it is told to who looks at the demonstration."""
    told = [Login(role, password(role), ADMIN, "") for role in ROLES]
    by_code = {code: name for name, code in sellers_of(marketplace).items()}
    shops = Seller.objects.filter(code__in=by_code).order_by("code")
    named = {by_code[shop.code]: shop.name for shop in shops}
    return told + [
        Login(name, password(name), API_AND_PAGES, named.get(name, ""))
        for name in sellers_of(marketplace)
    ]


def _user(name: str, **fields: object) -> User:
    user, _made = User.objects.get_or_create(username=name, defaults=fields)
    user.set_password(password(name))
    user.save()
    return user
