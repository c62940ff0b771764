"""The outbox: what is written, when it is ready, and that it is sent once."""

from datetime import timedelta

import pytest
from django.db import transaction

from campaigns import delivering, notices
from campaigns.lifecycle import transition, transition_registrations
from campaigns.models import Move, Notice, NoticeLine, Registration
from tests.factories import (
    CampaignFactory,
    EntryFactory,
    RegistrationFactory,
    SellerFactory,
    SweepRunFactory,
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
    monkeypatch.setattr(delivering, "queue", lambda ids, at: handed.extend(ids))
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
    monkeypatch.setattr(delivering, "queue", lambda ids, at: handed.extend(ids))
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


# --- notices without entries


def test_many_sellers_are_told_in_one_statement_and_once(django_assert_num_queries):
    campaign = CampaignFactory()
    registrations = RegistrationFactory.create_batch(3, campaign=campaign)
    rows = Registration.objects.filter(campaign=campaign).values_list("seller", "campaign")
    told = {"cause": "invited", "key": "invitations:7", "at": AT}
    with transaction.atomic(), django_assert_num_queries(1):
        assert notices.tell(rows, **told, params={"venue": {"en": "Shoes"}, "until": AT}) == 3
    assert notices.tell(rows, **told) == 0
    assert [notice.seller_id for notice in Notice.objects.order_by("seller")] == [
        registration.seller_id for registration in registrations
    ]
    notice = Notice.objects.first()
    assert (notice.state, notice.campaign) == ("ready", campaign)
    assert notice.params == {"venue": {"en": "Shoes"}, "until": "2023-05-16T18:00:00Z"}
    other = {**told, "key": "invitations:8"}
    assert notices.tell(rows, **other) == 3


def test_sellers_can_have_parameters_of_their_own():
    campaign, (one, two) = CampaignFactory(), SellerFactory.create_batch(2)
    told = {"cause": "bonus_granted", "key": "bonus:1", "at": AT, "campaign": campaign}
    own = {one.pk: {"places": 8}, two.pk: {"places": 5}}
    assert notices.tell(own, **told, params={"quota": "outer"}) == 2
    assert notices.tell([one.pk, two.pk], **told) == 0
    assert notices.tell([], **told) == 0
    assert list(Notice.objects.order_by("seller").values_list("params", flat=True)) == [
        {"quota": "outer", "places": 8},
        {"quota": "outer", "places": 5},
    ]


def test_what_is_told_is_undone_with_what_it_tells_of():
    seller = SellerFactory()
    with transaction.atomic():
        notices.tell([seller.pk], cause="alert", key="a", at=AT, campaign=CampaignFactory())
        transaction.set_rollback(True)
    assert not Notice.objects.exists()
