"""Voluntary plays (G520-009)."""

import pytest

from campaigns.models import Entry, PlayEnrolment
from campaigns.plays import join_play, leave_play, open_plays
from tests.factories import EntryFactory, PromotionFactory, open_campaign
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-12 10:00")


@pytest.fixture
def opened():
    made = open_campaign()
    PromotionFactory(
        version=made.version,
        code="gift",
        starts_at=local("2023-05-10"),
        ends_at=local("2023-05-21"),
    )
    PromotionFactory(version=made.version, code="reduction", kind="mandatory")
    return made


def entry_in(opened, status="approved"):
    return EntryFactory(
        campaign=opened.campaign, version=opened.version, venue=opened.venue, status=status
    )


def code(refusal):
    return refusal.code if refusal else None


@pytest.mark.parametrize("status", Entry.Status.values)
def test_only_approved_entries_join(opened, status):
    entry = entry_in(opened, status)
    refusal = join_play(entry=entry, play="gift", at=AT)
    assert code(refusal) == (None if status == "approved" else "entry_not_open")
    assert PlayEnrolment.objects.exists() == (status == "approved")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-05-09 23:59:59", "play_closed"),
        ("2023-05-10 00:00:00", None),
        ("2023-05-20 23:59:59", None),
        ("2023-05-21 00:00:00", "play_closed"),
    ],
)
def test_a_play_has_its_time(opened, text, expected):
    at = local(text)
    assert code(join_play(entry=entry_in(opened), play="gift", at=at)) == expected
    plays = [play.code for play in open_plays(opened.version, at)]
    assert plays == ([] if expected else ["gift"])


@pytest.mark.parametrize("play", ["reduction", "nothing"])
def test_what_is_no_voluntary_play_is_not_joined(opened, play):
    assert code(join_play(entry=entry_in(opened), play=play, at=AT)) == "unknown_play"


def test_a_play_may_be_open_to_others_too(opened):
    PromotionFactory(
        version=opened.version, code="early", terms={"open_to": ["in_review", "approved"]}
    )
    assert join_play(entry=entry_in(opened, "in_review"), play="early", at=AT) is None


def test_joining_twice_is_joining_once_and_leaving_is_free(opened):
    entry = entry_in(opened)
    for at in (AT, local("2023-05-13")):
        assert join_play(entry=entry, play="gift", at=at) is None
    assert PlayEnrolment.objects.get().joined_at == AT
    assert leave_play(entry=entry, play="gift") is True
    assert leave_play(entry=entry, play="gift") is False


def test_a_play_changes_nothing_about_the_entry(opened):
    joined, ignoring = entry_in(opened), entry_in(opened)
    before = list(Entry.objects.order_by("id").values())
    join_play(entry=joined, play="gift", at=AT)
    leave_play(entry=joined, play="gift")
    assert list(Entry.objects.order_by("id").values()) == before
    assert not ignoring.history.exists()
