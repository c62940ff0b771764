"""Computing a version's statistics, for a few subjects or for a range of all live ones."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet

from campaigns.lifecycle import LIVE
from campaigns.models import Entry, Registration, RulebookVersion
from campaigns.published import forget
from campaigns.statistics.assigning import assign_slots
from campaigns.statistics.specs import Specs
from sellers.bulk_write import id_ranges
from sellers.metrics.statistics import compute, renew
from sellers.models import FactSet, Item, Seller, SubjectKind

SELLER, ITEM = SubjectKind.SELLER.value, SubjectKind.ITEM.value
# A query takes so many ids at a time.
MOST_IDS = 1_000


def admission_key(version: RulebookVersion) -> str:
    """The key of the fact set in which a version's filings are judged."""
    return f"admission:{version.campaign_id}:{version.number}"


def run_key(run_id: int) -> str:
    """The key of a sweep's fact set."""
    return f"run:{run_id}"


def fact_set_for(key: str, *, at: datetime | None = None) -> FactSet:
    """The fact set of statistics with that key, made if there is none; ``at`` is its as-of."""
    made = {"kind": FactSet.Kind.STATISTICS, "as_of": at}
    return FactSet.objects.get_or_create(key=key, defaults=made)[0]


def refresh(
    *,
    version: RulebookVersion,
    at: datetime,
    fact_set_key: str,
    seller_ids: Iterable[int] = (),
    item_ids: Iterable[int] = (),
) -> FactSet:
    """Bring the figures of a few sellers and items up to ``at``, for filings and questions.

    Their rows are renewed in a fact set that lives on, which is returned. Raises StatisticError.
    """
    fact_set = fact_set_for(fact_set_key)
    specs = _ready(version, at)
    for level, ids in ((SELLER, seller_ids), (ITEM, item_ids)):
        ids = sorted(set(ids))
        for start in range(0, len(ids), MOST_IDS):
            renew(
                specs=specs.of(level),
                fact_set=fact_set,
                subject_kind=level,
                at=at,
                ids=ids[start : start + MOST_IDS],
            )
    return fact_set


def refresh_range(
    *,
    version: RulebookVersion,
    at: datetime,
    fact_set: FactSet,
    level: str,
    low: int | None = None,
    high: int | None = None,
    rows: QuerySet | None = None,
) -> int:
    """Compute a sweep's figures of each ``level`` for the subjects with ids in [low, high).

    Those are the items of ``rows``, entries (by default the campaign's live ones), or the sellers
    of ``rows``, entries or registrations (by default the joined ones). What the fact set has of the
    range is replaced, so a range may be done again. Returns the number of subjects. Raises
    StatisticError.
    """
    if level == SELLER:
        rows = joined_registrations(version) if rows is None else rows
        subjects = Seller.objects
    else:
        rows = live_entries(version) if rows is None else rows
        subjects = Item.objects
    specs = _ready(version, at).of(level)
    done = 0
    for first, end in id_ranges(subjects.all(), low, high):
        own = rows.filter(**{f"{level}__gte": first, f"{level}__lt": end})
        done += compute(
            specs=specs,
            fact_set=fact_set,
            subject_kind=level,
            at=at,
            # Not EXISTS: SQLite would look each subject up by the rows' range, not by its id.
            subjects=subjects.filter(pk__in=own.values(level)),
            low=first,
            high=end,
        )
    return done


def live_entries(version: RulebookVersion) -> QuerySet:
    """The campaign's live entries."""
    return Entry.objects.filter(campaign=version.campaign_id, status__in=sorted(LIVE))


def joined_registrations(version: RulebookVersion) -> QuerySet:
    """The campaign's joined registrations."""
    return Registration.objects.filter(
        campaign=version.campaign_id, status=Registration.Status.JOINED
    )


def _ready(version, at):
    """The version's specs, each with its slots: a draft's rows may not have theirs yet."""
    specs = Specs(version, at)
    if any(not slot for row in specs.statistics for slot in specs.spec(row).slots):
        assign_slots(version)
        forget()
        specs = Specs(version, at)
    return specs
