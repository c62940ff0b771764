"""Allotting places: how many of a quota's a seller has, within the quota's range (G520-026)."""

from datetime import datetime

from django.utils.translation import gettext as _

from campaigns.models import Allotment, Registration, RulebookVersion


class AllotmentRefused(ValueError):
    """There is no such quota to allot; the text says why."""


def allot(
    *, registration: Registration, quota: str, places: int, version: RulebookVersion, at: datetime
) -> Allotment:
    """Give the registration's seller so many places of a quota (code); the range still bounds them.

    A later allotment takes the place of an earlier. Raises AllotmentRefused for a quota that is not
    allotted, and for less than no place.
    """
    if not version.quota_set.filter(code=quota, allotted=True).exists():
        raise AllotmentRefused(_("Places of this quota are not allotted."))
    if places < 0:
        raise AllotmentRefused(_("Places cannot be fewer than 0."))
    return Allotment.objects.update_or_create(
        campaign=registration.campaign,
        quota_code=quota,
        seller=registration.seller,
        defaults={"places": places, "decided_at": at},
    )[0]
