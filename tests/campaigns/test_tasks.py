"""The jobs that the clock starts: each reads the clock and does the domain's work."""

import pytest

from campaigns import tasks
from campaigns.lifecycle import transition
from campaigns.models import Board, BoardRow, BonusGrant, Entry, Notice, Tally
from sellers import clock
from sellers.models import OrderLine
from sellers.rollups import mark_hours
from tests.campaigns.racing.world import RaceWorld
from tests.factories import (
    BonusFactory,
    EntryFactory,
    OrderLineFactory,
    RegistrationFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-12 10:00")


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)


def test_notices_are_sent_and_tallies_folded():
    entry = EntryFactory()
    transition(
        entries={entry.pk: 1}, from_status="approved", to_status="void", cause="operator", at=AT
    )
    tasks.send_notices()
    tasks.fold_tallies()
    notice = Notice.objects.get()
    assert (notice.state, notice.sent_at) == ("sent", AT)
    assert Tally.objects.get(name="status.void").value == 1


def test_drafts_expire():
    old = EntryFactory(status="draft", expires_at=AT)
    young = EntryFactory(status="draft", expires_at=local("2023-05-12 10:00:01"))
    tasks.expire_drafts()
    assert list(Entry.objects.all()) == [young]
    assert old.pk != young.pk


def test_bonuses_are_granted_in_published_campaigns():
    for state in ("published", "draft"):
        opened = open_campaign()
        BonusFactory(version=opened.version, kept=True)
        RegistrationFactory(campaign=opened.campaign, version=opened.version)
        opened.campaign.state = state
        opened.campaign.save()
    tasks.grant_bonuses()
    tasks.grant_bonuses()
    grant = BonusGrant.objects.get()
    assert (grant.granted_at, grant.registration.campaign.state) == (AT, "published")


@pytest.mark.django_db(transaction=True)
def test_boards_are_made_once_what_they_rank_by_has_been_fed(monkeypatch, settings):
    settings.BOARD_DELAY_MINUTES = 2
    world = RaceWorld()
    world.race()
    world.segment()
    line = OrderLineFactory(
        item=world.seller("a").items.get(),
        order__placed_at=local("2023-05-17 09:59:59"),
    )
    mark_hours(OrderLine.objects.filter(pk=line.pk))
    Board.objects.create(
        campaign=world.campaign,
        version=world.version,
        venue=world.venue,
        race_code="race",
        segment_code="hours",
        unit="seller",
        starts_at=local("2023-05-17 09:00"),
        ends_at=local("2023-05-17 10:00"),
        state="made",
    )
    for now, made in (("10:01:59", 1), ("10:02", 2), ("10:03", 2)):
        monkeypatch.setattr(clock, "now", lambda now=now: local(f"2023-05-17 {now}"))
        tasks.make_boards()
        assert Board.objects.count() == made
    row = BoardRow.objects.get()
    assert (row.seller, row.input_1) == (line.seller, 8800)
