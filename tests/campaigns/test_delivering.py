"""Deliveries: queued once for each address, sent at least once, tried again, given up, shown."""

import smtplib
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import translation

from campaigns import delivering, mailing, messengers, notices
from campaigns.delivering import MOST_ATTEMPTS, Sent, pause_after
from campaigns.lifecycle import transition
from campaigns.models import (
    Channel,
    Delivery,
    EntryHistory,
    Finding,
    Move,
    Notice,
    ReasonTemplate,
)
from campaigns.notice_texts import CAUSES, LINES
from campaigns.undelivered import Undelivered
from tests.factories import (
    AgencyFactory,
    CampaignFactory,
    EntryFactory,
    ItemFactory,
    MembershipFactory,
    RequirementFactory,
    SellerFactory,
    SweepRunFactory,
    UserFactory,
    VersionFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-17 02:00")
MINUTE = timedelta(minutes=1)


def channel(seller, name="messenger", **more):
    more = {"url": f"wecombot://{name}-{seller.pk}", "language": "en", **more}
    return Channel.objects.create(seller=seller, name=name, **more)


def cleared(seller, entries=1, titles=None, run=None, **more):
    """Clear entries of the seller out and close the notice; the entries."""
    campaign = more.pop("campaign", None) or (run.campaign if run else CampaignFactory())
    titles = titles or [f"Tea {number}" for number in range(entries)]
    rows = [
        EntryFactory(item=ItemFactory(seller=seller, title=title), campaign=campaign)
        for title in titles
    ]
    transition(
        entries={row.pk: row.revision for row in rows},
        from_status="approved",
        to_status="cleared_out",
        cause=Move.Cause.SWEEP if run else Move.Cause.OPERATOR,
        at=AT,
        run=run,
        **more,
    )
    if run:
        notices.close(key=f"run:{run.pk}")
    return rows


def ready(*sellers, **more):
    """One delivery for each channel of the sellers, due at AT."""
    for seller in sellers:
        cleared(seller, **more)
    notices.send_ready(at=AT)


@pytest.fixture
def phone(monkeypatch):
    """Takes messages in place of the messengers: (address, title, body); ``answers`` are errors to
    raise, in order, None for a yes."""

    class Phone(list):
        answers = []

        def take(self, address, title, body):
            answer = self.answers.pop(0) if self.answers else None
            if answer:
                raise answer
            self.append((address, title, body))

    found = Phone()
    monkeypatch.setattr(messengers, "send", found.take)
    return found


@pytest.fixture
def by_mail(settings):
    settings.NOTICES_BY_EMAIL = True


def states():
    rows = Delivery.objects.order_by("id")
    return list(rows.values_list("state", "attempts", "due_at", "error"))


# --- queued once for each address


def test_each_channel_and_each_mailbox_gets_one_delivery(by_mail):
    agency = AgencyFactory()
    seller = SellerFactory(agency=agency)
    app, chat = channel(seller, "seller app"), channel(seller, "messenger")
    channel(seller, "old", is_active=False)
    channel(SellerFactory(), "other")
    one = MembershipFactory(seller=seller).user
    two = MembershipFactory(seller=None, agency=agency).user
    MembershipFactory(seller=seller, user=two)
    MembershipFactory(seller=seller, user__email="")
    MembershipFactory(seller=seller, user__is_active=False)
    MembershipFactory(user=UserFactory())
    ready(seller)
    assert set(Delivery.objects.values_list("medium", "target", "state", "due_at")) == {
        ("messenger", f"channel:{app.pk}", "queued", AT),
        ("messenger", f"channel:{chat.pk}", "queued", AT),
        ("email", f"user:{one.pk}", "queued", AT),
        ("email", f"user:{two.pk}", "queued", AT),
    }
    assert Delivery.objects.count() == 4
    assert delivering.queue([Notice.objects.get().pk], at=AT) == 0


def test_no_mail_is_queued_unless_the_installation_says_so():
    ready(MembershipFactory().seller)
    assert Notice.objects.get().state == "sent"
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("number", [1, 30])
def test_queueing_takes_as_many_statements_for_one_as_for_many(
    by_mail, number, django_assert_num_queries
):
    for _ in range(number):
        seller = MembershipFactory().seller
        channel(seller)
        cleared(seller)
    ids = list(Notice.objects.values_list("pk", flat=True))
    with django_assert_num_queries(3):
        assert delivering.queue(ids, at=AT) == 2 * number


def test_a_notice_is_marked_only_with_its_deliveries(monkeypatch):
    seller = SellerFactory()
    channel(seller)
    cleared(seller)

    def killed(ids, at):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "queue", killed)
        with pytest.raises(KeyboardInterrupt):
            notices.send_ready(at=AT)
    assert Notice.objects.get().state == "ready"
    notices.send_ready(at=AT)
    assert Delivery.objects.count() == 1


# --- sent, tried again, given up


def test_what_is_sent_is_not_sent_again(phone):
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b")
    ready(seller)
    assert delivering.send_due(at=AT) == Sent(sent=2)
    assert delivering.send_due(at=AT + timedelta(days=9)) == Sent()
    assert [address for address, _title, _body in phone] == [
        f"wecombot://a-{seller.pk}", f"wecombot://b-{seller.pk}",
    ]  # fmt: skip
    assert states() == [("sent", 1, None, "")] * 2
    assert set(Delivery.objects.values_list("sent_at", flat=True)) == {AT}


def test_a_failure_is_tried_again_later_and_later(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    phone.answers = [Undelivered("timeout")] * (MOST_ATTEMPTS - 1)
    at = AT
    for attempt in range(1, MOST_ATTEMPTS):
        assert delivering.send_due(at=at - timedelta(microseconds=1)) == Sent()
        assert delivering.send_due(at=at) == Sent(again=1)
        at += pause_after(attempt)
        assert states() == [("queued", attempt, at, "timeout")]
    assert at - AT == 1365 * MINUTE
    assert delivering.send_due(at=at) == Sent(sent=1)
    assert states() == [("sent", MOST_ATTEMPTS, None, "")]


def test_after_the_last_attempt_it_is_given_up_and_can_be_tried_anew(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    phone.answers = [Undelivered("unreachable")] * MOST_ATTEMPTS
    at = AT
    for attempt in range(1, MOST_ATTEMPTS):
        delivering.send_due(at=at)
        at += pause_after(attempt)
    assert delivering.send_due(at=at) == Sent(failed=1)
    assert states() == [("failed", MOST_ATTEMPTS, None, "unreachable")]
    assert delivering.send_due(at=at + timedelta(days=9)) == Sent()
    (pk,) = Delivery.objects.values_list("pk", flat=True)
    assert delivering.retry([pk], at=at) == 1
    assert delivering.retry([pk], at=at) == 0
    assert states() == [("queued", 0, at, "")]
    assert delivering.send_due(at=at) == Sent(sent=1)


def test_a_refusal_for_good_fails_at_once(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    phone.answers = [Undelivered("http:404", permanent=True)]
    assert delivering.send_due(at=AT) == Sent(failed=1)
    assert states() == [("failed", 1, None, "http:404")]


def test_who_is_killed_after_sending_sends_again(phone, monkeypatch):
    seller = SellerFactory()
    channel(seller)
    ready(seller)

    def killed(*_arguments, **_values):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivering, "_settle", killed)
        with pytest.raises(KeyboardInterrupt):
            delivering.send_due(at=AT)
    assert len(phone) == 1
    lease = AT + delivering.LEASE
    assert states() == [("queued", 1, lease, "")]
    assert delivering.send_due(at=lease - timedelta(microseconds=1)) == Sent()
    assert delivering.send_due(at=lease) == Sent(sent=1)
    assert len(phone) == 2


def test_what_kills_every_sender_is_given_up(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    at = AT
    for _attempt in range(MOST_ATTEMPTS):
        phone.answers = [KeyboardInterrupt()]
        with pytest.raises(KeyboardInterrupt):
            delivering.send_due(at=at)
        at += delivering.LEASE
    assert delivering.send_due(at=at) == Sent(failed=1)
    assert states() == [("failed", MOST_ATTEMPTS + 1, None, "interrupted")]


def test_who_comes_late_does_not_undo_what_another_did(phone, monkeypatch):
    """The first worker's lease ends while it sends; another takes it up and fails for good."""
    seller = SellerFactory()
    channel(seller)
    ready(seller)
    take = phone.take

    def slow(*message):
        monkeypatch.setattr(messengers, "send", take)
        phone.answers = [Undelivered("http:404", permanent=True)]
        assert delivering.send_due(at=AT + delivering.LEASE) == Sent(failed=1)
        take(*message)

    monkeypatch.setattr(messengers, "send", slow)
    delivering.send_due(at=AT)
    assert states() == [("failed", 2, None, "http:404")]


def test_a_chunk_is_claimed_by_one_of_two():
    seller = SellerFactory()
    for number in range(3):
        channel(seller, f"c{number}")
    ready(seller)
    assert len(delivering._claim(AT)) == 3
    assert delivering._claim(AT) == []


def test_one_that_cannot_be_told_does_not_hold_up_the_others(phone, caplog):
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b")
    ready(seller)
    phone.answers = [RuntimeError("wecombot://secret")]
    assert delivering.send_due(at=AT) == Sent(sent=1, again=1)
    assert states()[0] == ("queued", 1, AT + MINUTE, "broken")
    assert "RuntimeError" in caplog.text
    assert "secret" not in caplog.text


def test_a_channel_that_was_switched_off_meanwhile_gets_nothing(phone):
    seller = SellerFactory()
    for name in ("off", "gone", "moved"):
        channel(seller, name)
    ready(seller)
    Channel.objects.filter(name="off").update(is_active=False)
    Channel.objects.filter(name="gone").delete()
    Channel.objects.filter(name="moved").update(seller=SellerFactory())
    assert delivering.send_due(at=AT) == Sent(failed=3)
    assert phone == []
    assert {error for _state, _attempts, _due, error in states()} == {"switched_off"}


def test_the_time_for_sending_is_limited(phone, monkeypatch):
    monkeypatch.setattr(delivering, "CHUNK", 2)
    seller = SellerFactory()
    for number in range(5):
        channel(seller, f"c{number}")
    ready(seller)
    assert delivering.send_due(at=AT, budget=timedelta(0)) == Sent(sent=2)
    assert delivering.send_due(at=AT) == Sent(sent=3)


def test_sending_asks_as_much_for_one_entry_as_for_many(phone, django_assert_max_num_queries):
    def sends(sellers, entries):
        rows = SellerFactory.create_batch(sellers)
        for seller in rows:
            channel(seller)
        ready(*rows, entries=entries)
        # Reading, and one mark for each delivery.
        with django_assert_max_num_queries(13 + sellers):
            assert delivering.send_due(at=AT) == Sent(sent=sellers)

    sends(1, 1)
    sends(1, 25)
    sends(delivering.CHUNK - 1, 3)


def test_old_deliveries_are_removed(phone):
    seller = SellerFactory()
    for name in ("a", "b", "c"):
        channel(seller, name)
    ready(seller)
    phone.answers = [None, Undelivered("address", permanent=True), Undelivered("timeout")]
    delivering.send_due(at=AT)
    month, half_year = AT + delivering.KEEP_SENT, AT + delivering.KEEP_FAILED
    assert delivering.purge(at=month) == 0
    assert delivering.purge(at=month + MINUTE) == 1
    assert delivering.purge(at=half_year) == 0
    assert delivering.purge(at=half_year + MINUTE) == 1
    assert [state for state, *_rest in states()] == ["queued"]
    assert Notice.objects.count() == 1


# --- what is said


def test_everybody_reads_their_own_language(phone, by_mail, mailoutbox):
    seller = SellerFactory()
    channel(seller, "a", language="en")
    channel(seller, "b", language="zh-hans")
    english = MembershipFactory(seller=seller, user__language="en").user
    chinese = MembershipFactory(seller=seller, user__language="zh-hans").user
    campaign = CampaignFactory(title={"en": "Gifts", "zh-hans": "礼遇季"})
    (entry,) = cleared(seller, campaign=campaign)
    notices.send_ready(at=AT)
    assert delivering.send_due(at=AT) == Sent(sent=4)
    (_, in_english, body), (_, in_chinese, _) = phone
    assert in_english == "[Gifts] Entries cleared out"
    assert f"1 entry:\n- Tea 0 ({entry.item.code}): cleared out\n" in body
    assert str(CAUSES["cleared_out"].todo) in body
    with translation.override("zh-hans"):
        assert in_chinese == f"[礼遇季] {CAUSES['cleared_out'].heading}"
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [
        ([english.email], in_english),
        ([chinese.email], in_chinese),
    ]
    assert mailoutbox[0].body == body


def test_a_long_notice_names_the_first_entries_and_counts_the_rest(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller, entries=LINES + 3)
    delivering.send_due(at=AT)
    ((_, _, body),) = phone
    assert "23 entries:" in body
    assert body.count("\n- ") == LINES
    assert "\n… and 3 more\n" in body


def test_a_message_is_no_longer_than_the_messenger_takes(phone):
    seller = SellerFactory()
    channel(seller)
    ready(seller, titles=["茶" * 60] * 15)
    delivering.send_due(at=AT)
    ((_, title, body),) = phone
    assert len(f"{title}\r\n{body}".encode()) <= 2048
    named = body.count("\n- ")
    assert 3 <= named < 15
    assert f"\n… and {15 - named} more\n" in body


def test_a_requirements_title_is_the_reason(phone):
    run = SweepRunFactory()
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b", language="zh-hans")
    requirement = RequirementFactory(
        version=run.version, code="R", title={"en": "Ships in time", "zh-hans": "按时发货"}
    )
    (entry,) = cleared(seller, run=run, reason="R")
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert f"({entry.item.code}): cleared out – Ships in time" in phone[0][2]
    assert "– 按时发货" in phone[1][2]
    # With two that failed, the one that decided comes first.
    Delivery.objects.all().delete()
    Notice.objects.update(state="ready")
    other = RequirementFactory(version=run.version, code="S", title={"en": "In stock"})
    for one in (other, requirement):
        Finding.objects.create(
            campaign=run.campaign, version=run.version, run=run, entry=entry, requirement=one,
            code=one.code, outcome="fail", stage="recheck", action="clear_out",
            at=AT,
        )  # fmt: skip
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert "– Ships in time; In stock" in phone[2][2]


def test_a_picked_reason_is_told_in_its_own_words(phone):
    ReasonTemplate.objects.create(
        code="fake", use="clear_out", text={"en": "Counterfeit", "zh-hans": "假货"}
    )
    seller = SellerFactory()
    channel(seller, language="zh-hans")
    cleared(seller, reason="fake")
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert "– 假货" in phone[0][2]


def test_a_requirement_may_name_the_template(phone):
    run = SweepRunFactory()
    seller = SellerFactory()
    channel(seller)
    ReasonTemplate.objects.create(code="late", use="clear_out", text={"en": "Too late"})
    RequirementFactory(version=run.version, code="R", reason="late", title={"en": "Ships"})
    cleared(seller, run=run, reason="late")
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert "– Too late" in phone[0][2]
    assert "Ships" not in phone[0][2]


def test_the_reason_is_that_of_the_notices_own_move(phone):
    """An entry cleared out twice, for two reasons; each notice names its own."""
    version = VersionFactory()
    for code, title in (("R", "First"), ("S", "Second")):
        RequirementFactory(version=version, code=code, title={"en": title})
    runs = [
        SweepRunFactory(campaign=version.campaign, version=version, at=at)
        for at in (AT, AT + MINUTE)
    ]
    seller = SellerFactory()
    channel(seller)
    (entry,) = cleared(seller, run=runs[0], reason="R")
    move = {"from_status": "cleared_out", "to_status": "approved", "cause": Move.Cause.UNDO}
    transition(entries={entry.pk: entry.revision}, at=AT, tell=False, **move)
    transition(
        entries={entry.pk: entry.revision}, from_status="approved", to_status="cleared_out",
        cause=Move.Cause.SWEEP, at=AT + MINUTE, run=runs[1], reason="S",
    )  # fmt: skip
    notices.close(key=f"run:{runs[1].pk}")
    assert EntryHistory.objects.filter(entry=entry).count() == 3
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert ["– First" in body for _, _, body in phone] == [True, False]
    assert ["– Second" in body for _, _, body in phone] == [False, True]


def test_a_notice_without_entries_says_what_its_parameters_say(phone):
    seller = SellerFactory()
    channel(seller, "a")
    channel(seller, "b", language="zh-hans")
    notices.tell(
        [seller.pk],
        cause="invited",
        key="invitations:1",
        at=AT,
        campaign=CampaignFactory(title={"en": "Double 12"}),
        params={
            "venue": {"en": "Outer venue", "zh-hans": "外围会场"},
            "until": local("2023-06-01"),
        },
    )
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert phone[0][1] == "[Double 12] Your shop is invited"
    assert phone[0][2].splitlines()[:4] == [
        "Double 12: Your shop is invited",
        "Outer venue invites your shop to file there.",
        "The invitation is open until 31 May 2023, 24:00.",
        "",
    ]
    assert "外围会场" in phone[1][2]


def test_an_unknown_cause_is_told_all_the_same(phone):
    seller = SellerFactory()
    channel(seller)
    told = {"cause": "of_its_own", "key": "x", "at": AT, "params": {"venue": "V"}}
    notices.tell([seller.pk], campaign=CampaignFactory(title={}, code="c"), **told)
    notices.send_ready(at=AT)
    delivering.send_due(at=AT)
    assert phone[0][1] == "[c] of_its_own"


def test_names_cannot_write_headers_or_lines(phone, by_mail, mailoutbox):
    seller = SellerFactory()
    channel(seller)
    MembershipFactory(seller=seller, user__language="en")
    evil = "Gifts\r\nBcc: everyone@example.org\r\n\r\n<script>alert(1)</script>\u202e\x07"
    cleared(seller, titles=[evil], campaign=CampaignFactory(title={"en": evil}))
    notices.send_ready(at=AT)
    assert delivering.send_due(at=AT) == Sent(sent=2)
    ((_, title, body),), (mail,) = phone, mailoutbox
    name = "Gifts Bcc: everyone@example.org <script>alert(1)</script>"
    assert title == mail.subject == f"[{name}] Entries cleared out"
    assert f"\n- {name} (" in body
    assert mail.message().get_content_type() == "text/plain"
    assert mail.message()["Bcc"] is None


# --- mail


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
