"""The jobs that the clock starts: each reads the clock and does the domain's work."""

import pytest

from campaigns import tasks
from campaigns.lifecycle import transition
from campaigns.models import BonusGrant, Entry, Notice, Tally
from sellers import clock
from tests.factories import BonusFactory, EntryFactory, RegistrationFactory, open_campaign
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
