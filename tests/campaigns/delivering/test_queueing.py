"""Deliveries: queued once for each address."""

import pytest

from campaigns import delivering, notices
from campaigns.models import (
    Delivery,
    Notice,
)
from tests.campaigns.delivering.deliveries import AT, channel, cleared, ready
from tests.factories import (
    AgencyFactory,
    MembershipFactory,
    SellerFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


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
