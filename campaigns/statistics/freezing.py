"""A version's snapshots: metrics frozen at an instant for the whole campaign (G520-028)."""

from datetime import datetime

from campaigns.models import RulebookVersion, Snapshot
from campaigns.published import rows_of
from sellers.bulk_write import delete_in_chunks
from sellers.metrics import snapshots
from sellers.models import ItemSlots, SellerSlots


def ensure_snapshots(version: RulebookVersion, at: datetime) -> None:
    """Freeze each of the version's snapshots whose time has come and that is not frozen yet."""
    due = [(row, key) for row, key in _keyed(version) if row.as_of <= at]
    frozen = snapshots.frozen(key for _row, key in due)
    for row, key in due:
        if key not in frozen:
            snapshots.freeze(key=key, metric=row.metric, slot=row.slot, as_of=row.as_of, at=at)


def snapshot_keys(version: RulebookVersion) -> dict[str, str]:
    """The key of each snapshot's frozen fact set, by the snapshot's code."""
    return {row.code: key for row, key in _keyed(version)}


def prune(*, before: datetime) -> int:
    """Delete what admission computed before then, and what broken-off freezing has left; returns
    how many slot rows. A sweep's figures go with the sweep."""
    old = {"fact_set__key__startswith": "admission:", "known_at__lt": before}
    admission = sum(
        delete_in_chunks(model.objects.filter(**old)) for model in (SellerSlots, ItemSlots)
    )
    return admission + snapshots.prune(before=before)


def _keyed(version):
    return [
        (row, snapshots.key_of(f"{version.campaign_id}:{row.code}", row.metric, row.as_of))
        for row in rows_of(version, Snapshot)
    ]
