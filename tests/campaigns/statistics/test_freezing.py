"""A version's snapshots are frozen once, when their time has come."""

import pytest

from campaigns import statistics
from sellers.metrics.snapshots import track
from sellers.models import FactChange, FactSet, SellerSlots
from tests.factories import SellerFactory, SnapshotFactory, VersionFactory
from tests.times import local

pytestmark = pytest.mark.django_db

AS_OF = local("2023-04-25")


def frozen_levels(version, code="seller.frozen"):
    """Frozen levels by seller."""
    key = statistics.snapshot_keys(version)[code]
    return dict(SellerSlots.objects.filter(fact_set__key=key).values_list("seller", "number_01"))


@pytest.fixture
def snapshot():
    found = SnapshotFactory(code="seller.frozen", as_of=AS_OF)
    statistics.assign_slots(found.version)
    return found


@pytest.mark.rule("G520-028")
@pytest.mark.parametrize(("at", "frozen"), [("2023-04-24 23:59:59", 0), ("2023-04-25", 1)])
def test_a_snapshot_is_frozen_when_its_time_has_come(snapshot, at, frozen):
    statistics.ensure_snapshots(snapshot.version, local(at))
    assert FactSet.objects.filter(complete=True).count() == frozen


@pytest.mark.rule("G520-028")
def test_a_level_is_frozen_for_the_whole_campaign(snapshot):
    seller, unlevelled = SellerFactory(growth_level=5), SellerFactory(growth_level=None)
    track("seller.growth_level")
    statistics.ensure_snapshots(snapshot.version, local("2023-04-25 15:00"))
    changes = [(seller, "6"), (unlevelled, "1")]
    for subject, value in changes:
        FactChange.objects.create(
            metric="seller.growth_level",
            subject_id=subject.pk,
            value=value,
            effective_at=local("2023-04-20"),
            known_at=local("2023-05-10"),
        )
    statistics.ensure_snapshots(snapshot.version, local("2023-05-16"))
    assert frozen_levels(snapshot.version) == {seller.pk: 5}


def test_the_next_version_has_the_same_frozen_values(snapshot):
    seller = SellerFactory(growth_level=5)
    track("seller.growth_level")
    statistics.ensure_snapshots(snapshot.version, AS_OF)
    second = VersionFactory(campaign=snapshot.version.campaign, number=2)
    SnapshotFactory(version=second, code="seller.frozen", as_of=AS_OF)
    SnapshotFactory(version=second, code="seller.later", as_of=local("2023-05-01"))
    SnapshotFactory(
        version=second, code="seller.kind", metric="seller.shop_type", as_of=local("2023-06-01")
    )
    statistics.ensure_snapshots(second, local("2023-05-01"))
    assert FactSet.objects.count() == 2
    assert frozen_levels(second) == frozen_levels(second, "seller.later") == {seller.pk: 5}
    assert frozen_levels(second, "seller.kind") == {}


def test_another_campaign_freezes_its_own():
    first, second = (SnapshotFactory(code="seller.frozen").version for _ in range(2))
    assert statistics.snapshot_keys(first) != statistics.snapshot_keys(second)


def test_a_version_without_snapshots_asks_once(django_assert_num_queries):
    version = VersionFactory()
    with django_assert_num_queries(1):
        statistics.ensure_snapshots(version, AS_OF)
