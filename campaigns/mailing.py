"""Notices by e-mail, where the installation sends any: to the people who act for the seller."""

import logging
from collections import defaultdict
from collections.abc import Iterable

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Count, F, Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import ngettext, override

from campaigns.models import Entry, Notice, NoticeLine
from sellers.models import User

logger = logging.getLogger(__name__)

# Entries named in one mail; the inbox has them all.
LINES = 20

SUBJECTS = {
    "approved": lazy("Entries approved"),
    "recovered": lazy("Entries showing again"),
    "restored": lazy("Entries put back"),
    "rejected": lazy("Entries refused"),
    "cleared_out": lazy("Entries cleared out"),
    "abnormal": lazy("Entries no longer showing"),
    "unpublished": lazy("Entries unpublished"),
    "at_risk": lazy("Entries at risk"),
    "superseded": lazy("Entries superseded"),
    "void": lazy("Entries void"),
    "withdrawn": lazy("Entries withdrawn"),
    "registration_rejected": lazy("The shop’s registration was refused"),
    "registration_withdrawn": lazy("The shop’s registration was withdrawn"),
    "registration_void": lazy("The shop’s registration is void"),
    "registration_joined": lazy("The shop has joined"),
}


def send(ids: Iterable[int]) -> int:
    """Mail notices (ids) to their sellers' people who have an address; how many mails went.

    A mail that the server refuses is logged and does not hold up the others.
    """
    if not settings.NOTICES_BY_EMAIL:
        return 0
    lines = NoticeLine.objects.filter(entry__isnull=False).select_related("entry__item")
    notices = list(
        Notice.objects.filter(id__in=list(ids))
        .select_related("campaign", "seller")
        .annotate(size=Count("lines", filter=Q(lines__entry__isnull=False)))
        .prefetch_related(Prefetch("lines", lines.order_by("id")[:LINES], to_attr="first_lines"))
        .order_by("id")
    )
    people = _people({notice.seller_id: notice.seller.agency_id for notice in notices})
    sent = 0
    with get_connection() as connection:
        for notice in notices:
            for user in people[notice.seller_id]:
                mail = _mail(notice, user, connection)
                try:
                    sent += mail.send()
                except OSError:
                    logger.exception("notice %s to %s", notice.pk, user.pk)
    return sent


def _people(sellers):
    """Seller id to the active users with an address who act for the seller or its agency."""
    agencies = defaultdict(list)
    for seller_id, agency_id in sellers.items():
        if agency_id is not None:
            agencies[agency_id].append(seller_id)
    users = (
        User.objects.filter(is_active=True)
        .exclude(email="")
        .filter(Q(memberships__seller__in=sellers) | Q(memberships__agency__in=agencies))
        .annotate(of_seller=F("memberships__seller"), of_agency=F("memberships__agency"))
        .order_by("id")
    )
    people = defaultdict(dict)
    for user in users:
        for seller_id in [user.of_seller] if user.of_seller else agencies[user.of_agency]:
            people[seller_id][user.pk] = user
    return {seller_id: list(people[seller_id].values()) for seller_id in sellers}


def _mail(notice, user, connection):
    with override(user.language or settings.LANGUAGE_CODE):
        subject = str(SUBJECTS.get(notice.cause, notice.cause))
        title = notice.campaign.title
        campaign = title.get(user.language) or title.get("en") or notice.campaign.code
        body = [f"{campaign}: {subject}", ""]
        if notice.size:
            entries = ngettext("%(count)d entry:", "%(count)d entries:", notice.size)
            body.append(entries % {"count": notice.size})
            body += [
                f"- {line.entry.item} ({line.entry.item.code}):"
                f" {Entry.Status(line.to_status).label}"
                for line in notice.first_lines
            ]
            if notice.size > LINES:
                body.append("…")
            body.append("")
        body.append(_("Your inbox on the marketplace says more, and what you can do."))
    return EmailMessage(
        f"[{campaign}] {subject}".replace("\n", " "),
        "\n".join(body),
        to=[user.email],
        connection=connection,
    )
