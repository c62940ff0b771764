"""Values of a past date: metrics whose changes are logged, and freezing what they were.

A frozen value is the one in effect at an instant, as it was known when it was frozen; it stays.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from sellers.bulk_write import CHUNK, copy_rows, delete_in_chunks, insert_rows
from sellers.metrics import registry
from sellers.metrics.registry import CURRENT_SET, Metric, MetricType
from sellers.metrics.slots import allocate, from_slot, from_text, slot_model, to_slot, to_text
from sellers.models import (
    Category,
    FactChange,
    FactDefinition,
    FactSet,
    Item,
    Seller,
    SubjectKind,
    TrackedFact,
)

# A set that is being filled is not found under its own key before it is whole.
UNFINISHED = "freezing:"

_MODELS = {SubjectKind.SELLER: Seller, SubjectKind.ITEM: Item}
_TYPES = frozenset(MetricType) - {MetricType.SET, MetricType.RATIO}


def freezable(code: str) -> Metric:
    """The metric of that code, if its value can be logged and frozen; else raises ValueError.

    These are the single values of sellers and items, the catalogue's and declared ones.
    """
    definition = FactDefinition.objects.filter(code=code).first()
    try:
        metric = _declared(definition) if definition else registry.get(code)
    except registry.UnknownMetric:
        raise ValueError(_("unknown metric %(code)s") % {"code": code}) from None
    if metric.subject not in SubjectKind.values or metric.type not in _TYPES:
        raise ValueError(_("%(code)s cannot be frozen: it is no single value") % {"code": code})
    return metric


def track(code: str) -> bool:
    """Log the changes of a metric from now on, its present values being the first; returns whether
    it was not logged before.

    A present value is in effect, and known, since its row is; where a row does not say since when,
    nothing is logged. Raises ValueError for a metric that cannot be logged.
    """
    metric = freezable(code)
    with transaction.atomic():
        made = TrackedFact.objects.get_or_create(metric=code)[1]
        if made:
            for page in _present_values(metric):
                columns = ["metric", "subject_id", "value", "effective_at", "known_at"]
                insert_rows(FactChange, ((code, *row) for row in page), columns)
    return made


def key_of(owner: str, metric: str, as_of: datetime) -> str:
    """The key of a frozen fact set: whose it is (at most 80 characters), of what, as of when."""
    mark = sha256(metric.encode()).hexdigest()[:8]
    return f"frozen:{owner}:{as_of.timestamp():.0f}:{mark}"


def frozen(keys: Iterable[str]) -> frozenset[str]:
    """Which of these fact sets are frozen."""
    return frozenset(
        FactSet.objects.filter(key__in=list(keys), complete=True).values_list("key", flat=True)
    )


def freeze(*, key: str, metric: str, slot: str = "", as_of: datetime, at: datetime) -> bool:
    """Freeze a metric's values of ``as_of`` under ``key``; returns whether they were not yet.

    A subject's value is the latest in effect at ``as_of`` of those known by ``at``; of two in
    effect since the same instant it is the one known later. A subject without a value gets no row.
    The set appears whole or not at all, and never changes: who comes second finds it there.
    """
    if frozen([key]):
        return False
    source = freezable(metric)
    slot = slot or allocate(source.type, ())
    fact_set = FactSet.objects.create(
        kind=FactSet.Kind.FROZEN, key=f"{UNFINISHED}{uuid4().hex}", as_of=as_of
    )
    columns = ["fact_set", source.subject, slot, "effective_at", "known_at"]
    for page in _values_of(source, as_of, at):
        rows = ((fact_set.pk, *row) for row in page)
        copy_rows(slot_model(source.subject), rows, columns)
    try:
        with transaction.atomic():
            FactSet.objects.filter(pk=fact_set.pk).update(key=key, complete=True)
    except IntegrityError:
        _delete(fact_set)
        return False
    return True


def prune(*, before: datetime) -> int:
    """Delete what broken-off freezing of instants before then has left; returns how many rows."""
    left = FactSet.objects.filter(key__startswith=UNFINISHED, as_of__lt=before)
    return sum(_delete(fact_set) for fact_set in left)


def _declared(definition):
    return Metric(
        code=definition.code,
        type=MetricType(definition.type),
        label=definition.label,
        path=definition.slot,
        places=definition.places,
        fact_set=CURRENT_SET,
    )


def _present_values(metric) -> Iterator[list]:
    """Pages of (subject id, text, effective at, known at) of the rows that have a value."""
    if metric.fact_set:
        rows = slot_model(metric.subject).objects.filter(fact_set__key=CURRENT_SET)
        subject, path = f"{metric.subject}_id", metric.path
    else:
        rows = _MODELS[SubjectKind(metric.subject)].objects.all()
        subject = "pk"
        path = f"{metric.path}__code" if metric.type == MetricType.CATEGORY else metric.path
    rows = rows.filter(**{f"{path}__isnull": False}).order_by(subject)
    found = rows.values_list(subject, path, "effective_at", "known_at")
    for page in _pages(found, subject):
        yield [
            (pk, _text(metric, value), effective or known, known or effective)
            for pk, value, effective, known in page
            if effective or known
        ]


def _text(metric, value):
    if metric.fact_set:
        value = from_slot(metric.type, value, metric.places)
    return to_text(metric.type, value, metric.places)


def _values_of(metric, as_of, at) -> Iterator[list]:
    """Pages of (subject id, stored value, effective at, known at), one of each subject."""
    changes = FactChange.objects.filter(
        metric=metric.code, effective_at__lte=as_of, known_at__lte=at
    ).order_by("subject_id", "-effective_at", "-known_at")
    found = changes.values_list("subject_id", "value", "effective_at", "known_at")
    stored = _storing(metric)
    for page in _pages(found, "subject_id"):
        latest = [next(group) for _subject, group in groupby(page, key=itemgetter(0))]
        yield [
            (pk, stored(text), effective, known)
            for pk, text, effective, known in latest
            if text is not None
        ]


def _storing(metric):
    """A function from a value's text to what its slot stores."""
    if metric.type == MetricType.CATEGORY:
        ids = dict(Category.objects.values_list("code", "pk"))
        return ids.get

    def stored(text):
        value = from_text(metric.type, text, metric.places)
        return to_slot(metric.type, value, metric.places)

    return stored


def _pages(rows, key) -> Iterator[list]:
    """Lists of at least a chunk's rows, by whole subjects: ``rows`` are ordered by ``key``, which
    is their first column."""
    last = None
    while True:
        page = rows if last is None else rows.filter(**{f"{key}__gt": last})
        found = list(page[:CHUNK])
        if not found:
            return
        last = found[-1][0]
        if len(found) == CHUNK:
            found = [row for row in found if row[0] != last]
            found += rows.filter(**{key: last})
        yield found


def _delete(fact_set):
    rows = sum(
        delete_in_chunks(slot_model(kind).objects.filter(fact_set=fact_set))
        for kind in SubjectKind.values
    )
    FactSet.objects.filter(pk=fact_set.pk).delete()
    return rows
