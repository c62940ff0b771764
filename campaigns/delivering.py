"""The outbox's second half: one delivery for each notice and address, and sending these.

The inbox is the notice itself. Beside it a notice goes to every channel of its seller that is in
use and, where the installation mails notices, to every mailbox of its people: queued once each,
sent at least once. A delivery that fails is tried again, later and later, then given up and shown.
"""

import logging
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import CharField, Count, F, Prefetch, Q, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import override

from campaigns import mailing, messengers
from campaigns.models import Channel, Delivery, Notice, NoticeLine
from campaigns.notice_reasons import Reasons
from campaigns.notice_texts import LINES, message
from campaigns.undelivered import Undelivered
from sellers.bulk_write import delete_in_chunks, insert_from_query
from sellers.models import Membership, User

logger = logging.getLogger(__name__)

CHUNK = 20
# A worker that holds a chunk for longer was killed: the chunk is sent by another. Longer than a
# chunk of messages that all time out takes, and than a turn.
LEASE = timedelta(minutes=15)
# A minute after the first failure, then four times as long each: the last try is a day after.
FIRST_PAUSE = timedelta(minutes=1)
MOST_ATTEMPTS = 7
# What was sent, and what was given up, is shown for so long.
KEEP_SENT = timedelta(days=30)
KEEP_FAILED = timedelta(days=180)

_S = Delivery.State
_M = Delivery.Medium


@dataclass(frozen=True)
class Sent:
    """How many deliveries went, failed and will be tried again, and were given up."""

    sent: int = 0
    again: int = 0
    failed: int = 0


def queue(notices: Iterable[int], *, at: datetime) -> int:
    """Make the deliveries of notices (ids), one for each address; how many are new.

    A few statements for any number of them, repeatable, in the caller's transaction.
    """
    ids = list(notices)
    channels = Channel.objects.filter(is_active=True)
    made = _queue(channels, "channel", "pk", "seller__notices", ids, _M.MESSENGER, at)
    if settings.NOTICES_BY_EMAIL:
        people = Membership.objects.filter(user__is_active=True).exclude(user__email="")
        for path in ("seller__notices", "agency__seller__notices"):
            made += _queue(people, "user", "user_id", path, ids, _M.EMAIL, at)
    return made


def _queue(rows, kind, number, path, ids, medium, at):
    target = Concat(Value(f"{kind}:"), Cast(number, CharField()))
    told = rows.annotate(told=F(f"{path}__pk"), target=target).filter(told__in=ids)
    return insert_from_query(
        told.order_by("told", "target").values_list("told", "target").distinct(),
        Delivery,
        ["notice", "target"],
        {"medium": medium, "due_at": at, "state": _S.QUEUED},
        ignore_conflicts=True,
        at_once=True,
    )


def send_due(*, at: datetime, budget: timedelta | None = None) -> Sent:
    """Send what is due at ``at``, in chunks, until nothing is or the time is up.

    Several may do so at once. Nothing is sent inside a transaction. Who is killed between a message
    and its mark leaves a delivery that is sent again when its lease ends.
    """
    began = time.monotonic()
    sent = again = failed = 0
    while chunk := _claim(at):
        tried = [delivery for delivery in chunk if delivery.attempts <= MOST_ATTEMPTS]
        failed += _give_up({delivery.pk for delivery in chunk} - {one.pk for one in tried})
        with mailing.connection() as mails:
            batch = _Batch(tried, mails)
            for delivery in tried:
                outcome = _try(batch, delivery, at)
                sent += outcome == _S.SENT
                again += outcome == _S.QUEUED
                failed += outcome == _S.FAILED
        if budget is not None and time.monotonic() - began > budget.total_seconds():
            break
    return Sent(sent, again, failed)


def pause_after(attempts: int) -> timedelta:
    """How long a delivery rests after so many failed attempts."""
    return FIRST_PAUSE * 4 ** (attempts - 1)


def send_test(channel: Channel) -> None:
    """Send a channel a message that says only that it works. Raises Undelivered."""
    with override(channel.language):
        title = _("Test of a notice channel")
        text = _("Notices to %(seller)s arrive here.") % {"seller": channel.seller}
        messengers.send(channel.url, title, text)


def retry(deliveries: Iterable[int], *, at: datetime) -> int:
    """Queue given-up deliveries (ids) again, with all their attempts; how many were given up."""
    failed = Delivery.objects.filter(pk__in=list(deliveries), state=_S.FAILED)
    return failed.update(state=_S.QUEUED, attempts=0, due_at=at, error="")


def purge(*, at: datetime) -> int:
    """Remove what was sent a month ago and given up half a year ago; how many rows went."""
    old = Q(state=_S.SENT, sent_at__lt=at - KEEP_SENT)
    old |= Q(state=_S.FAILED, notice__at__lt=at - KEEP_FAILED)
    return delete_in_chunks(Delivery.objects.filter(old))


def _claim(at):
    """The next due deliveries, each now leased to this call and to no other."""
    due = Delivery.objects.filter(state=_S.QUEUED, due_at__lte=at)
    with transaction.atomic():
        rows = due.order_by("due_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        chunk = list(rows[:CHUNK])
        ids = [delivery.pk for delivery in chunk]
        due.filter(pk__in=ids).update(attempts=F("attempts") + 1, due_at=at + LEASE)
    for delivery in chunk:
        delivery.attempts += 1
    return chunk


def _give_up(ids):
    """Those whose every attempt was cut off before its end: something about them kills senders."""
    if not ids:
        return 0
    cut_off = Delivery.objects.filter(pk__in=ids, state=_S.QUEUED)
    return cut_off.update(state=_S.FAILED, error="interrupted", due_at=None)


def _try(batch, delivery, at):
    """Send one delivery and write down what came of it; its state then."""
    try:
        batch.send(delivery)
    except Undelivered as error:
        return _failed(delivery, error, at)
    except Exception as error:
        # One notice that cannot be told must not hold up the others. Its text may hold an address.
        logger.error("delivery %s: %s", delivery.pk, type(error).__name__)
        return _failed(delivery, Undelivered("broken"), at)
    return _settle(delivery, state=_S.SENT, sent_at=at, due_at=None, error="")


def _failed(delivery, error, at):
    if error.permanent or delivery.attempts >= MOST_ATTEMPTS:
        return _settle(delivery, state=_S.FAILED, due_at=None, error=error.code)
    due_at = at + pause_after(delivery.attempts)
    return _settle(delivery, state=_S.QUEUED, due_at=due_at, error=error.code)


def _settle(delivery, **values):
    """Write what came of an attempt, unless the lease has ended and another took it up. A statement
    for each: what has been sent is to be known before the next is."""
    ours = Delivery.objects.filter(pk=delivery.pk, state=_S.QUEUED, attempts=delivery.attempts)
    ours.update(**values)
    return values["state"]


class _Batch:
    """What a chunk of deliveries is made of, read with as many queries for 1 as for 20."""

    def __init__(self, deliveries, mails):
        self._mails = mails
        wanted = {delivery.notice_id for delivery in deliveries}
        lines = NoticeLine.objects.filter(entry__isnull=False).select_related("entry__item")
        first = Prefetch("lines", lines.order_by("id")[:LINES], to_attr="first_lines")
        self._notices = {
            notice.pk: notice
            for notice in Notice.objects.filter(pk__in=wanted)
            .select_related("campaign", "seller")
            .annotate(size=Count("lines", filter=Q(lines__entry__isnull=False)))
            .prefetch_related(first)
        }
        ids = defaultdict(set)
        for delivery in deliveries:
            kind, _sign, number = delivery.target.partition(":")
            ids[kind].add(int(number))
        self._channels = Channel.objects.filter(is_active=True).in_bulk(ids["channel"])
        users = User.objects.filter(is_active=True).exclude(email="")
        self._users = users.in_bulk(ids["user"])
        self._acts = _who_acts_for(self._notices.values(), self._users)
        notices = self._notices.values()
        self._reasons = Reasons(notices, [line for one in notices for line in one.first_lines])
        self._made = {}

    def send(self, delivery):
        """Send one of the deliveries. Raises Undelivered."""
        notice = self._notices[delivery.notice_id]
        number = int(delivery.target.partition(":")[2])
        if delivery.medium == _M.MESSENGER:
            channel = self._channels.get(number)
            if channel is None or channel.seller_id != notice.seller_id:
                raise Undelivered("switched_off", permanent=True)
            told = self._message(notice, channel.language)
            with override(channel.language):
                body = told.body(messengers.most_bytes(channel.url) - len(told.title.encode()) - 2)
            messengers.send(channel.url, told.title, body)
            return
        user = self._users.get(number)
        if user is None or (notice.seller_id, number) not in self._acts:
            raise Undelivered("no_mailbox", permanent=True)
        language = user.language or settings.LANGUAGE_CODE
        told = self._message(notice, language)
        with override(language):
            body = told.body()
        mailing.send(user.email, told.title, body, connection=self._mails)

    def _message(self, notice, language):
        """The notice in a language, made once."""
        if (notice.pk, language) not in self._made:
            with override(language):
                reasons = {line.pk: self._reasons.of_line(line) for line in notice.first_lines}
                reasons[0] = self._reasons.of_notice(notice)
                told = message(notice, notice.first_lines, reasons, notice.size)
            self._made[notice.pk, language] = told
        return self._made[notice.pk, language]


def _who_acts_for(notices, users):
    """(seller id, user id) of those users who act for a notice's seller, or for its agency."""
    sellers = {notice.seller for notice in notices}
    of_agency = defaultdict(set)
    for seller in sellers:
        of_agency[seller.agency_id].add(seller.pk)
    acts = set()
    rows = Membership.objects.filter(user__in=list(users)).filter(
        Q(seller__in=sellers) | Q(agency__in=[pk for pk in of_agency if pk])
    )
    for user, seller, agency in rows.values_list("user_id", "seller_id", "agency_id"):
        acts |= {(pk, user) for pk in ([seller] if seller else of_agency[agency])}
    return acts
