"""Queries over a rulebook version's conditions, compiled once and asked of other rows again.

A condition takes longer to become SQL than to be answered for a filing's few rows.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

from django.db.models import DateTimeField, QuerySet

from campaigns.eligibility.categories import CategoryTree
from campaigns.eligibility.frame import Frame
from campaigns.models import RulebookVersion
from campaigns.published import worked_out
from sellers.bulk_write import Given, Prepared

AT = Given("at", DateTimeField())


@dataclass
class _Kept:
    """A prepared query, and the category tree that it was made with if it names categories."""

    made: tuple[CategoryTree | None, Prepared] | None = None


def prepared(
    version: RulebookVersion, name: Hashable, frame: Frame, build: Callable[[], QuerySet]
) -> Prepared:
    """The query that ``build`` makes over the frame, whose ``instant`` is ``AT``.

    ``name`` says all that the query follows from beside the version, the frame and, where it names
    categories, their tree. Of a draft it is made anew every time.
    """
    sets = tuple(sorted(frame.fact_sets.items()))
    kept = worked_out(version, (name, frame.base, sets, frame.low, frame.high), _Kept)
    if kept.made is not None:
        tree, query = kept.made
        if tree is None or tree == frame.trees.tree:
            return query
    query = Prepared(build())
    kept.made = (frame.trees.tree if frame.names_categories else None, query)
    return query
