"""Deliveries by mail: what servers answer, and to whom it goes."""

import smtplib

import pytest
from django.core.mail import EmailMessage

from campaigns import delivering, mailing
from campaigns.delivering import Sent
from tests.campaigns.delivering.deliveries import AT, ready, states
from tests.factories import (
    MembershipFactory,
    SellerFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailed(by_mail, monkeypatch):
    """A seller's delivery by mail, refused with an error; what came of it."""
    MembershipFactory(seller=SellerFactory(), user__email="a@example.org")

    def refuse(error):
        def send(self):
            raise error

        monkeypatch.setattr(EmailMessage, "send", send)
        ready(SellerFactory._meta.model.objects.get(memberships__isnull=False))
        delivering.send_due(at=AT)
        return states()[0]

    return refuse


@pytest.mark.parametrize(
    ("error", "state", "code"),
    [
        (smtplib.SMTPRecipientsRefused({"a": (550, b"no such")}), "failed", "mail:550"),
        (smtplib.SMTPRecipientsRefused({"a": (450, b"greylisted")}), "queued", "mail:450"),
        (smtplib.SMTPDataError(554, b"spam"), "failed", "mail:554"),
        (smtplib.SMTPDataError(421, b"busy"), "queued", "mail:421"),
        (smtplib.SMTPAuthenticationError(535, b"password"), "queued", "mail:535"),
        (smtplib.SMTPServerDisconnected("gone"), "queued", "unreachable"),
        (ConnectionRefusedError(), "queued", "unreachable"),
        (TimeoutError(), "queued", "timeout"),
        (ValueError("bad header"), "failed", "address"),
    ],
)
def test_what_a_mail_servers_answer_means(mailed, error, state, code):
    assert mailed(error)[0::3] == (state, code)


def test_a_refused_mail_does_not_hold_up_the_others(by_mail, mailoutbox, monkeypatch):
    seller = SellerFactory()
    MembershipFactory(seller=seller, user__email="bad@example.org")
    good = MembershipFactory(seller=seller).user
    send = mailing.EmailMessage.send

    def refuse(self):
        if self.to == ["bad@example.org"]:
            raise smtplib.SMTPRecipientsRefused({"bad@example.org": (550, b"")})
        return send(self)

    monkeypatch.setattr(mailing.EmailMessage, "send", refuse)
    ready(seller)
    assert delivering.send_due(at=AT) == Sent(sent=1, failed=1)
    assert [mail.to for mail in mailoutbox] == [[good.email]]


def test_who_no_longer_acts_for_the_shop_gets_no_mail(by_mail, mailoutbox):
    seller = SellerFactory()
    rows = [MembershipFactory(seller=seller) for _ in range(3)]
    ready(seller)
    rows[0].delete()
    rows[1].user.is_active = False
    rows[1].user.save()
    rows[2].user.email = ""
    rows[2].user.save()
    assert delivering.send_due(at=AT) == Sent(failed=3)
    assert mailoutbox == []
    assert {row[3] for row in states()} == {"no_mailbox"}
