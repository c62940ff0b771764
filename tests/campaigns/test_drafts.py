"""What killed processes and questions leave behind goes away; what counts stays."""

from datetime import timedelta

import pytest

from campaigns import drafts, filing
from campaigns.joining import ASKING_LASTS, check_seller
from campaigns.models import Entry, EntryTool, Filing, Finding, Registration
from campaigns.registering import FilingRow, file_entries
from tests.factories import (
    FILED,
    EntryFactory,
    ItemFactory,
    RegistrationFactory,
    SellerFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def opened():
    return open_campaign()


def cut_off(opened, monkeypatch, rows=None):
    """A filing whose process was killed before it was settled."""
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    items = ItemFactory.create_batch(2, seller=registration.seller)
    rows = rows or [FilingRow(item.code, "88.00", tools=("x",)) for item in [*items, items[0]]]

    def file():
        return file_entries(
            registration=registration,
            venue=opened.venue,
            rows=rows,
            at=FILED,
            actor=None,
            key="cut",
        )

    with monkeypatch.context() as patch:
        patch.setattr(filing, "_settle", lambda *args, **kwargs: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            file()
    return file


def test_drafts_of_a_cut_off_filing_expire(opened, monkeypatch):
    file = cut_off(opened, monkeypatch)
    assert drafts.expire(FILED + drafts.DRAFTS_LAST - SECOND) == 0
    assert (Entry.objects.count(), Filing.objects.count()) == (3, 1)
    assert drafts.expire(FILED + drafts.DRAFTS_LAST) == 3
    models = (Entry, EntryTool, Filing, Finding)
    assert [model.objects.count() for model in models] == [0, 0, 0, 0]
    # The key can be used again.
    assert file().counts == {"approved": 2, "rejected": 1}


def test_a_cut_off_filing_without_any_item_expires_too(opened, monkeypatch):
    cut_off(opened, monkeypatch, rows=[FilingRow("nowhere")])
    drafts.expire(FILED + drafts.DRAFTS_LAST - SECOND)
    assert Filing.objects.exists()
    drafts.expire(FILED + drafts.DRAFTS_LAST)
    assert not Filing.objects.exists()


def test_what_was_filed_stays(opened):
    registration = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    item = ItemFactory(seller=registration.seller)
    rows = [FilingRow(item.code, "88.00"), FilingRow("nowhere")]
    file_entries(
        registration=registration, venue=opened.venue, rows=rows, at=FILED, actor=None, key="k"
    )
    assert drafts.expire(FILED + timedelta(days=1000)) == 0
    assert (Entry.objects.count(), Filing.objects.count(), Finding.objects.count()) == (1, 1, 1)


def test_a_question_expires_unless_something_was_filed_under_it(opened):
    asked, filed = SellerFactory(), SellerFactory()
    for seller in (asked, filed):
        check_seller(campaign=opened.campaign, seller=seller, at=FILED)
    registration = Registration.objects.get(seller=filed)
    file_entries(
        registration=registration,
        venue=opened.venue,
        rows=[FilingRow(ItemFactory(seller=filed).code, "88.00")],
        at=FILED,
        actor=None,
        key="k",
    )
    drafts.expire(FILED + ASKING_LASTS - SECOND)
    assert Registration.objects.count() == 2
    drafts.expire(FILED + ASKING_LASTS)
    # Its rejected entry is evidence.
    assert Registration.objects.get() == registration


def test_only_drafts_expire(opened):
    entry = EntryFactory(venue=opened.venue, expires_at=FILED)
    assert drafts.expire(FILED) == 0
    assert Entry.objects.get() == entry
