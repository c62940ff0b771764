"""The outbox: what is written, when it is ready, and that it is sent once."""

from datetime import timedelta

import pytest
from django.utils import translation

from campaigns import mailing, notices
from campaigns.lifecycle import transition, transition_registrations
from campaigns.models import Move, Notice, NoticeLine
from tests.factories import (
    AgencyFactory,
    CampaignFactory,
    EntryFactory,
    ItemFactory,
    MembershipFactory,
    RegistrationFactory,
    SellerFactory,
    SweepRunFactory,
    UserFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-17 02:00")
C = Move.Cause


def move(*entries, to="cleared_out", cause=C.SWEEP, from_status="approved", **kwargs):
    return transition(
        entries={entry.pk: entry.revision for entry in entries},
        from_status=from_status,
        to_status=to,
        cause=cause,
        at=AT,
        **kwargs,
    )


def written():
    rows = Notice.objects.order_by("seller", "cause")
    return [(notice.seller_id, notice.cause, notice.lines.count()) for notice in rows]


def test_one_notice_for_each_seller_and_cause_of_a_run():
    run = SweepRunFactory()
    entries = EntryFactory.create_batch(3, campaign=run.campaign)
    more = EntryFactory(campaign=run.campaign, seller=entries[0].seller)
    move(*entries, run=run)
    move(more, run=run)
    other = EntryFactory(campaign=run.campaign, seller=entries[0].seller)
    move(other, to="abnormal", run=run)
    sellers = [entry.seller_id for entry in entries]
    assert written() == [
        (sellers[0], "abnormal", 1),
        (sellers[0], "cleared_out", 2),
        (sellers[1], "cleared_out", 1),
        (sellers[2], "cleared_out", 1),
    ]
    assert set(Notice.objects.values_list("key", "state", "run")) == {
        (f"run:{run.pk}", "open", run.pk)
    }
    line = NoticeLine.objects.get(entry=more)
    assert (line.from_status, line.to_status) == ("approved", "cleared_out")


def test_a_runs_notices_wait_until_it_closes():
    run, other = SweepRunFactory(), SweepRunFactory()
    for one in (run, other):
        move(EntryFactory(campaign=one.campaign), run=one)
    assert notices.send_ready(at=AT + timedelta(days=1)) == 0
    assert notices.close(key=f"run:{run.pk}") == 1
    assert notices.close(key=f"run:{run.pk}") == 0
    assert notices.send_ready(at=AT) == 1
    assert Notice.objects.get(run=run).state == "sent"
    assert Notice.objects.get(run=other).state == "open"


def test_what_is_not_a_runs_is_ready_at_once():
    move(EntryFactory(), cause=C.OPERATOR)
    notice = Notice.objects.get()
    assert (notice.state, notice.key, notice.at) == ("ready", f"move:{Move.objects.get().pk}", AT)


def test_what_a_killed_process_left_open_is_sent_after_an_hour():
    move(EntryFactory(), cause=C.REVIEW, notice_key="review:1")
    hour = timedelta(hours=1)
    assert notices.send_ready(at=AT + hour - timedelta(seconds=1)) == 0
    assert notices.send_ready(at=AT + hour) == 1


@pytest.mark.parametrize(
    ("from_status", "to", "cause", "expected"),
    [
        ("draft", "submitted", C.FILING, None),
        ("submitted", "in_review", C.FILING, None),
        ("submitted", "approved", C.FILING, "approved"),
        ("draft", "rejected", C.FILING, "rejected"),
        ("approved", "withdrawn", C.SELLER, None),
        ("unpublished", "approved", C.SELLER, None),
        ("abnormal", "approved", C.SWEEP, "recovered"),
        ("at_risk", "approved", C.SWEEP, "recovered"),
        ("cleared_out", "approved", C.UNDO, "restored"),
        ("approved", "superseded", C.TAKEOVER, "superseded"),
        ("approved", "void", C.REGISTRATION, "void"),
    ],
)
def test_which_moves_a_seller_is_told_of(from_status, to, cause, expected):
    move(EntryFactory(status=from_status), from_status=from_status, to=to, cause=cause)
    assert [cause for _seller, cause, _lines in written()] == ([expected] if expected else [])


@pytest.mark.parametrize(("cause", "told"), [(C.SELLER, False), (C.OPERATOR, True)])
def test_an_ended_registration_is_told_unless_the_seller_ended_it(cause, told):
    registration = RegistrationFactory()
    transition_registrations(
        registrations={registration.pk: 1},
        from_status="joined",
        to_status="void",
        cause=cause,
        at=AT,
    )
    assert [row[1] for row in written()] == (["registration_void"] if told else [])


def test_a_notice_is_sent_once(monkeypatch):
    handed = []
    monkeypatch.setattr(mailing, "send", lambda ids: handed.extend(ids))
    monkeypatch.setattr(notices, "SEND_CHUNK", 2)
    move(*EntryFactory.create_batch(5), cause=C.OPERATOR)
    later = AT + timedelta(minutes=1)
    assert notices.send_ready(at=later, limit=3) == 3
    assert notices.send_ready(at=later) == 2
    assert notices.send_ready(at=later) == 0
    assert sorted(handed) == sorted(Notice.objects.values_list("id", flat=True))
    assert set(Notice.objects.values_list("state", "sent_at")) == {("sent", later)}


def test_a_notice_that_another_sender_marks_is_not_sent_again(monkeypatch):
    """Another sender takes the batch between reading the ids and marking them."""
    handed = []
    monkeypatch.setattr(mailing, "send", lambda ids: handed.extend(ids))
    move(EntryFactory(), cause=C.OPERATOR)
    notice = Notice.objects.get()

    class Stolen(list):
        """The ids just read, in whose reading the other sender was quicker."""

        def __iter__(self):
            Notice.objects.update(state="sent", sent_at=AT - timedelta(minutes=5))
            return super().__iter__()

    monkeypatch.setattr(notices, "_ready_ids", lambda size: Stolen([notice.pk]))
    assert notices.send_ready(at=AT) == 0
    assert handed == []
    notice.refresh_from_db()
    assert notice.sent_at == AT - timedelta(minutes=5)


# --- mail


@pytest.fixture
def by_mail(settings):
    settings.NOTICES_BY_EMAIL = True


def tell(seller, entries=1, cause=C.OPERATOR):
    items = [ItemFactory(seller=seller, title=f"Tea {number}") for number in range(entries)]
    rows = [EntryFactory(item=item) for item in items]
    campaign = rows[0].campaign
    for row in rows[1:]:
        row.campaign = campaign
        row.save()
    move(*rows, cause=cause)
    notices.send_ready(at=AT)


def test_nothing_is_mailed_unless_the_installation_says_so(mailoutbox):
    tell(MembershipFactory().seller)
    assert mailoutbox == []


def test_the_sellers_people_are_mailed_in_their_language(by_mail, mailoutbox):
    agency = AgencyFactory()
    seller = SellerFactory(agency=agency)
    english = MembershipFactory(seller=seller, user__language="en").user
    chinese = MembershipFactory(seller=None, agency=agency, user__language="zh-hans").user
    MembershipFactory(seller=seller, user=chinese)
    MembershipFactory(seller=seller, user__email="")
    MembershipFactory(seller=seller, user__is_active=False)
    MembershipFactory(user=UserFactory())
    campaign = CampaignFactory(title={"en": "Gifts", "zh-hans": "礼遇季"})
    move(EntryFactory(item=ItemFactory(seller=seller, title="Tea 0"), campaign=campaign))
    assert notices.send_ready(at=AT) == 1
    assert [mail.to for mail in mailoutbox] == [[english.email], [chinese.email]]
    assert mailoutbox[0].subject == "[Gifts] Entries cleared out"
    assert f"- Tea 0 ({NoticeLine.objects.get().entry.item.code}): cleared out" in (
        mailoutbox[0].body
    )
    with translation.override("zh-hans"):
        assert mailoutbox[1].subject == f"[礼遇季] {mailing.SUBJECTS['cleared_out']}"


def test_a_long_notice_is_cut_short_in_the_mail(by_mail, mailoutbox):
    seller = MembershipFactory().seller
    tell(seller, entries=mailing.LINES + 1)
    (mail,) = mailoutbox
    assert "21 entries:" in mail.body
    assert mail.body.count("\n- ") == 20
    assert "…" in mail.body


def test_a_refused_mail_does_not_hold_up_the_others(by_mail, mailoutbox, monkeypatch):
    from django.core.mail import EmailMessage

    seller = MembershipFactory().seller
    bad = MembershipFactory(seller=seller, user__email="bad@example.org").user
    good = MembershipFactory(seller=seller).user
    send = EmailMessage.send

    def refuse(self):
        if bad.email in self.to:
            raise OSError("mailbox unavailable")
        return send(self)

    monkeypatch.setattr(EmailMessage, "send", refuse)
    tell(seller)
    assert good.email in {address for mail in mailoutbox for address in mail.to}
    assert len(mailoutbox) == 2
