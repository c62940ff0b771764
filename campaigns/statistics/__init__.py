"""The statistics and frozen values of a rulebook version: their slots, and computing them.

A version's statistics are computed into a fact set of their own for each purpose: one per sweep,
which replaces ranges of it, and one per version for admission, in which the few subjects of a
filing are renewed. Every subject that was asked for has a slot row there, with 0 where nothing is
zero; a subject without a row was not asked for, and nothing is known of it.
"""

from campaigns.statistics.assigning import Problem, assign_slots, problems
from campaigns.statistics.freezing import ensure_snapshots, prune, snapshot_keys
from campaigns.statistics.refreshing import (
    ITEM,
    SELLER,
    admission_key,
    fact_set_for,
    refresh,
    refresh_range,
    run_key,
)
from campaigns.statistics.specs import Described, Specs, describe

__all__ = [
    "ITEM",
    "SELLER",
    "Described",
    "Problem",
    "Specs",
    "admission_key",
    "assign_slots",
    "describe",
    "ensure_snapshots",
    "fact_set_for",
    "problems",
    "prune",
    "refresh",
    "refresh_range",
    "run_key",
    "snapshot_keys",
]
