"""Statistics of many subjects at once, written to the slot rows of a fact set.

One query computes everything of a level. The source with the most to read is joined to the subjects
and grouped with filtered aggregates; figures of other sources are subqueries per subject, which an
index answers. Measured on a million items with both databases, joining one aggregated subquery per
source is slower, and so is a second pass that updates the rows of the first.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

from django.db.models import BigIntegerField, DateTimeField, QuerySet

from sellers.bulk_write import (
    Given,
    PreparedInsert,
    delete_in_chunks,
    insert_from_query,
    one_of,
    padded,
    short_transaction,
    upsert_from_query,
)
from sellers.localtime import local_date, local_midnight
from sellers.metrics.slots import slot_model
from sellers.metrics.statistics.counting import TICK, Moment
from sellers.metrics.statistics.expressions import ALIAS, Asked, Joined, figures
from sellers.metrics.statistics.sources import SOURCES, SUBJECTS
from sellers.metrics.statistics.spec import Function, StatisticSpec
from sellers.models import FactSet

# Subjects that one statement renews, prepared for the day; more are read first, as by `compute`.
AT_ONCE = 64
# Written along, and no reason to write.
_CARRIED = ["known_at", "effective_at"]


def compute(
    *,
    specs: Sequence[StatisticSpec],
    fact_set: FactSet,
    subject_kind: str,
    at: datetime,
    subjects: QuerySet,
    low: int | None = None,
    high: int | None = None,
) -> int:
    """Write one slot row per subject, with every figure of `specs`; returns how many rows.

    `subjects` is a queryset of sellers or items, of which those with ids in [low, high) are done.
    What the fact set has of that range is replaced, so doing a range again gives the same rows.
    Subjects without anything to count get their row too: zeros where nothing is zero. Raises
    IntegrityError where somebody else writes the same range at the same time; doing it again puts
    that right. (Leaving out what is there already would make every insert twice as slow.) On
    SQLite best done by `id_ranges`.
    """
    model = slot_model(subject_kind)
    # Names of columns as a filter: of the fact set, and of the range.
    former = {"fact_set": fact_set}
    if low is not None:
        former[f"{subject_kind}__gte"] = low
    if high is not None:
        former[f"{subject_kind}__lt"] = high
    delete_in_chunks(model.objects.filter(**former))
    if not specs:
        return 0
    return insert_from_query(
        figures_of(specs, subject_kind, Moment(at), subjects, low, high),
        model,
        [subject_kind, *_columns(specs)],
        _constants(fact_set.pk, at),
    )


def renew(
    *,
    specs: Sequence[StatisticSpec],
    fact_set: FactSet,
    subject_kind: str,
    at: datetime,
    ids: Sequence[int],
) -> None:
    """`compute` for a few subjects (ids) of a fact set that lives on: rows are inserted or updated,
    those of other subjects stay."""
    if not specs or not ids:
        return
    if len(ids) > AT_ONCE:
        subjects = SUBJECTS[subject_kind].objects.filter(pk__in=ids)
        upsert_from_query(
            figures_of(specs, subject_kind, Moment(at), subjects.order_by("pk")),
            slot_model(subject_kind),
            [subject_kind, *_columns(specs)],
            key=["fact_set", subject_kind],
            constants=_constants(fact_set.pk, at),
            carried=_CARRIED,
        )
        return
    asked, moment = padded(ids), Moment(at)
    ending = frozenset(spec.window for spec in _leaves(specs) if moment.ends(spec.window))
    statement = _renewal(tuple(specs), subject_kind, len(asked), local_date(at), ending)
    with short_transaction():
        statement.run(ids=asked, fact_set=fact_set.pk, at=at, after=at + TICK)


@lru_cache(maxsize=256)
def _renewal(specs, subject_kind, number, day, ending):
    """The statement that renews so many subjects at an instant of a local day with which the
    windows of ``ending`` end."""
    at, after = Given("at", DateTimeField()), Given("after", DateTimeField())
    moment = Moment(local_midnight(day), at, after, ending)
    subjects = SUBJECTS[subject_kind].objects.filter(pk__in=one_of("ids", number))
    return PreparedInsert(
        figures_of(specs, subject_kind, moment, subjects.order_by("pk")),
        slot_model(subject_kind),
        [subject_kind, *_columns(specs)],
        _constants(Given("fact_set", BigIntegerField()), Given("at", DateTimeField())),
        key=["fact_set", subject_kind],
        carried=_CARRIED,
    )


def figures_of(
    specs: Sequence[StatisticSpec],
    subject_kind: str,
    moment: Moment,
    subjects: QuerySet,
    low: int | None = None,
    high: int | None = None,
) -> QuerySet:
    """The query behind both: tuples of a subject's id and its figures, in the order of the slots of
    `specs`."""
    rows = subjects
    if low is not None:
        rows = rows.filter(pk__gte=low)
    if high is not None:
        rows = rows.filter(pk__lt=high)
    sources = {code: Asked(SOURCES[code], moment) for code in {s.source for s in _leaves(specs)}}
    joined = _joined(specs, moment)
    # The alias of the join is gone from the columns once `values` has named them.
    if joined is not None:
        sources[joined.source.code] = joined
        rows = rows.annotate(**{ALIAS: joined.relation(low, high)})
    found = [figure for spec in specs for figure in figures(spec, sources)]
    named = {f"figure_{number}": figure for number, figure in enumerate(found)}
    return rows.values("pk").annotate(**named).values_list("pk", *named)


def _joined(specs, moment):
    """The source to join: the one with the most rows to read, times the statistics that read it."""
    readers = defaultdict(list)
    for spec in _leaves(specs):
        if spec.function != Function.LAST:
            readers[spec.source].append(spec)
    if not readers:
        return None
    code = max(sorted(readers), key=lambda code: len(readers[code]) * SOURCES[code].per_subject)
    return Joined(SOURCES[code], readers[code], moment)


def _leaves(specs):
    for spec in specs:
        if spec.function == Function.RATIO:
            yield from (spec.numerator, spec.denominator)
        else:
            yield spec


def _columns(specs):
    return [slot for spec in specs for slot in spec.slots]


def _constants(fact_set, at):
    return {"fact_set": fact_set, "known_at": at, "effective_at": at}
