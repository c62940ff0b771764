"""The rows of rulebook versions; those of published ones are read once by each process.

A published version never changes (``rulebooks.versions.require_draft`` guards every row of it), so
what a process has read of one holds for good. A draft is read anew every time. Three things keep a
memory from being wrong:

- Nothing is remembered inside a transaction: what is read there may be taken back with it.
- What is remembered goes by the version's own values beside its id, when it was published among
  them: a database that was emptied and filled again under a running process does not meet it,
  unless it was filled with versions published at the same instants, as a replay does.
- What does change, the campaign's state and settings, is no row of a version, and not remembered;
  nor what a row leads to, such as a venue with its owner.

A version that says that it is published is asked once whether it is stored so: its publication may
have been taken back with a transaction. What is returned is shared by everyone in the process, and
not to be changed.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock as Mutex
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Model

from campaigns.models import (
    Bonus,
    ClaimScope,
    Conflict,
    Floor,
    Incentive,
    Milestone,
    ParameterTable,
    Pause,
    Promotion,
    Quota,
    Race,
    RaceSegment,
    Requirement,
    RulebookVersion,
    Snapshot,
    Statistic,
    ValueList,
    VenueTerms,
)

# Read together, the first time that one of them is asked for.
REMEMBERED = (
    Bonus, ClaimScope, Conflict, Floor, Incentive, Milestone, ParameterTable, Pause, Promotion,
    Quota, Race, RaceSegment, Requirement, Snapshot, Statistic, ValueList, VenueTerms,
)  # fmt: skip
# Versions that a process remembers: those in force in the campaigns that it works for.
MOST_VERSIONS = 32
# Things worked out of one, many of which hold for requests of one size.
MOST_WORKED_OUT = 256

Row = TypeVar("Row", bound=Model)


@dataclass
class _Version:
    """What a process knows of a version."""

    rows: dict[type[Model], list[Model]]
    worked_out: OrderedDict[object, Any] = field(default_factory=OrderedDict)


_known: OrderedDict[tuple, _Version] = OrderedDict()
_mutex = Mutex()


def rows_of(version: RulebookVersion, model: type[Row]) -> list[Row]:
    """The version's rows of one of ``REMEMBERED``, in rulebook order; tables with their rows.

    What was prefetched with the version is taken as it is: pages that list campaigns do that.
    """
    related = f"{model._meta.model_name}_set"
    if related in getattr(version, "_prefetched_objects_cache", ()):
        return list(getattr(version, related).all())
    found = _remembered(version)
    return _read(version, model) if found is None else found.rows[model]


def worked_out(version: RulebookVersion, name: object, make: Callable[[], Any]) -> Any:
    """What ``make`` works out of a version's rows and of what ``name`` says, and of nothing else;
    remembered under ``name`` where the rows are."""
    found = _remembered(version)
    if found is None:
        return make()
    with _mutex:
        if name in found.worked_out:
            found.worked_out.move_to_end(name)
            return found.worked_out[name]
    made = make()
    with _mutex:
        found.worked_out[name] = made
        while len(found.worked_out) > MOST_WORKED_OUT:
            found.worked_out.popitem(last=False)
    return made


def forget() -> None:
    """Forget every version; for tests, which change what is published."""
    with _mutex:
        _known.clear()


def _remembered(version):
    """What is known of a version; None for a draft, and inside a transaction for a new one."""
    if version.state != RulebookVersion.State.PUBLISHED:
        return None
    key = (
        connection.alias,
        version.pk,
        version.campaign_id,
        version.number,
        version.published_at,
        version.effective_at,
    )
    with _mutex:
        if key in _known:
            _known.move_to_end(key)
            return _known[key]
    if connection.in_atomic_block or not _is_stored(version):
        return None
    found = _Version({model: _shared(_read(version, model)) for model in REMEMBERED})
    with _mutex:
        _known[key] = found
        while len(_known) > MOST_VERSIONS:
            _known.popitem(last=False)
    return found


class _Nothing(dict):
    """A row's memory of what it leads to, which keeps nothing."""

    def __setitem__(self, name, value):
        pass


def _is_stored(version):
    stored = RulebookVersion.objects.filter(
        pk=version.pk,
        state=version.state,
        published_at=version.published_at,
        effective_at=version.effective_at,
    )
    return stored.exists()


def _shared(rows):
    for row in rows:
        row._state.fields_cache = _Nothing()
    return rows


def _read(version, model):
    rows = model._default_manager.filter(version=version.pk)
    return list(rows.prefetch_related("rows") if model is ParameterTable else rows)
