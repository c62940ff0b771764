"""Phases, windows and pauses on both sides of each end."""

from datetime import timedelta

import pytest

from campaigns.models import Milestone
from campaigns.timeline import (
    Refusal,
    next_event,
    pauses,
    phases,
    refusals,
    registration_open,
    registration_windows,
)
from tests.factories import MilestoneFactory, PauseFactory, VenueTermsFactory, open_campaign
from tests.times import local

pytestmark = pytest.mark.django_db


def code(version, text, **kwargs):
    refusal = registration_open(version, local(text), **kwargs)
    return refusal.code if refusal else None


@pytest.mark.parametrize("step", ["seller", "item"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-04-25 14:59:59", "window_closed"),
        ("2023-04-25 15:00:00", None),
        ("2023-05-16 17:59:59", None),
        ("2023-05-16 18:00:00", "registration_paused"),
        ("2023-05-16 20:29:59", "registration_paused"),
        ("2023-05-16 20:30:00", None),
        ("2023-05-20 23:59:59", None),
        ("2023-05-21 00:00:00", "window_closed"),
    ],
)
def test_both_steps_are_open_within_their_window_but_for_the_pause(step, text, expected):
    opened = open_campaign()
    assert code(opened.version, text, step=step, venue=opened.venue) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2023-05-14 23:59:59", set()),
        ("2023-05-15 00:00:00", {"preheat"}),
        ("2023-05-16 19:59:59", {"preheat"}),
        ("2023-05-16 20:00:00", {"live"}),
        ("2023-05-20 23:59:59", {"live"}),
        ("2023-05-21 00:00:00", set()),
    ],
)
def test_a_phase_ends_where_the_next_begins(text, expected):
    version = open_campaign().version
    assert phases(version, local(text)) - {"sellers", "items"} == expected


def test_phases_overlap():
    version = open_campaign().version
    assert phases(version, local("2023-05-16 12:00")) == {"sellers", "items", "preheat"}


def test_a_refusal_says_when_it_opens_or_closed():
    version = open_campaign().version
    assert refusals(version, local("2023-04-01")) == [
        Refusal("window_closed", {"opens_at": "2023-04-25T15:00:00+08:00"})
    ]
    assert refusals(version, local("2023-06-01")) == [
        Refusal("window_closed", {"closed_at": "2023-05-21T00:00:00+08:00"})
    ]
    assert refusals(version, local("2023-05-16 19:00")) == [
        Refusal(
            "registration_paused",
            {
                "paused_at": "2023-05-16T18:00:00+08:00",
                "resumes_at": "2023-05-16T20:30:00+08:00",
            },
        )
    ]


def test_a_pause_moves_with_its_anchor():
    version = open_campaign().version
    live = version.milestone_set.get(code="live")
    live.starts_at += timedelta(days=1)
    live.save()
    assert code(version, "2023-05-16 19:00") is None
    assert code(version, "2023-05-17 18:00:00") == "registration_paused"


def test_a_pause_may_have_its_own_times():
    version = open_campaign().version
    PauseFactory(
        version=version,
        code="works",
        starts_at=local("2023-05-02"),
        ends_at=local("2023-05-03"),
    )
    assert [window.code for window in pauses(version)] == ["works", "opening"]
    assert code(version, "2023-05-02 23:59:59") == "registration_paused"
    assert code(version, "2023-05-03 00:00:00") is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("published", []),
        ("suspended", ["campaign_suspended"]),
        ("draft", ["window_closed"]),
        ("ended", ["window_closed"]),
    ],
)
def test_only_a_published_campaign_is_open(state, expected):
    version = open_campaign().version
    version.campaign.state = state
    found = refusals(version, local("2023-05-10"))
    assert [refusal.code for refusal in found] == expected


def test_every_reason_is_given():
    version = open_campaign().version
    version.campaign.state = "suspended"
    found = refusals(version, local("2023-05-16 19:00"))
    assert [refusal.code for refusal in found] == ["campaign_suspended", "registration_paused"]


def test_a_venue_may_take_items_in_its_own_windows():
    version = open_campaign().version
    MilestoneFactory(
        version=version,
        code="late",
        kind=Milestone.Kind.OTHER,
        starts_at=local("2023-05-22"),
        ends_at=local("2023-05-23"),
    )
    late = VenueTermsFactory(version=version, code="late_venue", windows=["late"]).venue
    assert code(version, "2023-05-10", step="item", venue=late) == "window_closed"
    assert code(version, "2023-05-22", step="item", venue=late) is None
    # Joining the campaign is not the venue's.
    assert code(version, "2023-05-10", step="seller", venue=late) is None
    assert [w.code for w in registration_windows(version, step="item", venue=late)] == ["late"]


def test_between_two_windows_the_next_opening_is_named():
    version = open_campaign().version
    MilestoneFactory(
        version=version,
        code="again",
        kind=Milestone.Kind.SELLER_REGISTRATION,
        starts_at=local("2023-06-01"),
        ends_at=local("2023-06-02"),
    )
    assert registration_open(version, local("2023-05-25")).params == {
        "opens_at": "2023-06-01T00:00:00+08:00"
    }


def test_what_happens_next():
    version = open_campaign().version
    event = next_event(version, local("2023-05-15"))
    # Preheat ends at the instant at which live starts; the start is the news.
    assert (event.milestone.code, event.what) == ("live", "starts")
    assert event.at == local("2023-05-16 20:00")
    last = next_event(version, local("2023-05-16 20:00"))
    assert (last.what, last.at) == ("ends", local("2023-05-21"))
    assert next_event(version, local("2023-05-21")) is None
