"""Two of a shop's people set a promotion at the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import IntegrityError, connections

from campaigns import holdings
from campaigns.models import Promotion, ShopTool
from campaigns.shop_tools import set_tool
from tests.factories import FILED, PromotionFactory, RegistrationFactory, open_campaign

SETTERS = 8


@pytest.fixture
def registration():
    opened = open_campaign()
    asks = [{"code": "amount", "type": "decimal", "title": {"en": "Amount"}}]
    PromotionFactory(
        version=opened.version, code="cash_back", kind=Promotion.Kind.MANDATORY, level="shop",
        terms={"asks": asks},
    )  # fmt: skip
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)


def set_at_once(registration, lock):
    """All want the tool at the same moment, each with an amount of its own; what came of it."""
    barrier = Barrier(SETTERS, timeout=60)

    def together(ids):
        barrier.wait()
        lock(ids)

    def put(number):
        try:
            terms = {"amount": str(number // 2)}
            return set_tool(registration=registration, code="cash_back", terms=terms, at=FILED)
        except IntegrityError:
            return None
        finally:
            connections.close_all()

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(SETTERS) as pool:
        patch.setattr(holdings, "lock_registrations", together)
        return list(pool.map(put, range(SETTERS)))


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_setting_stands_and_the_others_are_history(registration):
    results = set_at_once(registration, holdings.lock_registrations)
    changes = sum(result.changed for result in results)
    assert ShopTool.objects.filter(cancelled_at__isnull=True).count() == 1
    assert ShopTool.objects.count() == changes
    assert ShopTool.objects.filter(replaced=True).count() == changes - 1
    assert changes >= SETTERS // 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_some_fail(registration):
    """The test above can fail: the lock is what makes it pass, and the constraint is behind it."""
    results = set_at_once(registration, lambda ids: None)
    assert None in results
    assert ShopTool.objects.filter(cancelled_at__isnull=True).count() == 1
