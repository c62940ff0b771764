"""Evaluates a shard's subjects as a set and keeps what fails as hits."""

from collections.abc import Iterator
from itertools import groupby, islice
from typing import NamedTuple

from django.db.models import Q

from campaigns.eligibility.checker import Checker
from campaigns.models import Hit, SweepRun
from campaigns.sweeping.deciding import RECOVERS
from campaigns.sweeping.shards import Claimed, within
from campaigns.sweeping.subjects import joined_registrations, live_entries
from sellers.bulk_write import delete_in_chunks, insert_from_query

STAGE = "recheck"
ENTRY, REGISTRATION = "entry", "registration"
# Subjects that are looked at, written and committed together.
CHUNK = 2000


class Look(NamedTuple):
    """A hit as it was read: what an evaluation saw of a subject, and what that fails in a block."""

    subject_id: int
    order_key: int
    block: int
    revision: int
    status: str
    seen_move: int | None
    fails: int
    holds: int


_COLUMNS = ("subject_id", "order_key", "revision", "status", "seen_move")
_MASKS = ("fails", "holds")


def checker_of(run: SweepRun, base: str, shard: Claimed | None = None) -> Checker:
    """The checker of a run's requirements over "entry" or "registration", bound to a shard's range.

    Campaign-wide requirements on the seller are asked of registrations, all others of entries.
    """
    return Checker(
        version=run.version,
        stage=STAGE,
        at=run.at,
        base=base,
        statistics=run.statistics,
        low=shard.low if shard else None,
        high=shard.high if shard else None,
        campaign_wide_seller_rules=base == REGISTRATION,
        # What became live after the refresh is for the next night.
        only_computed=True,
    )


def evaluate_registrations(run: SweepRun, shard: Claimed, checker: Checker) -> int:
    """Write the hits of the shard's registrations; returns how many were evaluated."""
    rows = joined_registrations(run).filter(within("seller_id", shard.low, shard.high))
    _write_hits(run, rows, "seller_id", checker, REGISTRATION)
    return rows.count()


def evaluate_entries(run: SweepRun, shard: Claimed, checker: Checker) -> None:
    """Write the hits of the shard's entries.

    An entry that fails nothing itself but may have to move has a hit with empty masks in the first
    block: it may recover, or its registration fails.
    """
    rows = live_entries(run).filter(within("item_id", shard.low, shard.high))
    failing = Hit.objects.filter(run=run, subject_kind=REGISTRATION)
    concerned = Q(status__in=sorted(RECOVERS))
    if failing.exists():
        concerned |= Q(registration_id__in=failing.values("subject_id"))
    _write_hits(run, rows, "item_id", checker, ENTRY, also=concerned)


def forget(run: SweepRun, shard: Claimed, kind: str) -> None:
    """Delete the shard's hits that a former attempt has left."""
    hits = Hit.objects.filter(run=run, subject_kind=kind)
    delete_in_chunks(hits.filter(within("order_key", shard.low, shard.high)))


def batches(run: SweepRun, shard: Claimed, kind: str) -> Iterator[dict[int, list[Look]]]:
    """The shard's hits by subject id, `CHUNK` subjects at a time, in the order of their keys; a
    subject's in the order of its blocks."""
    subjects = (list(group) for _key, group in groupby(_stream(run, shard, kind), key=_order))
    while batch := list(islice(subjects, CHUNK)):
        yield {group[0].subject_id: group for group in batch}


def required(checker: Checker, hits: list[Look], mask: str) -> list:
    """The requirements whose bits are set in the hits' `mask` ("fails" or "holds")."""
    return [
        requirement
        for hit in hits
        for bit, requirement in enumerate(checker.block(hit.block))
        if getattr(hit, mask) >> bit & 1
    ]


def drafts_of(checker: Checker, hits: dict[int, list[Look]]) -> list[tuple[int, object]]:
    """(subject id, finding draft) for every requirement that the hits name, with grounds."""
    drafts = []
    rows = [hit for group in hits.values() for hit in group if hit.fails or hit.holds]
    rows.sort(key=lambda hit: hit.block)
    for block, group in groupby(rows, key=lambda hit: hit.block):
        masks = [(hit.subject_id, hit.fails, hit.holds) for hit in group]
        found = checker.findings_of_hits(masks, block)
        drafts += [(pk, draft) for pk, own in sorted(found.items()) for draft in own]
    return drafts


def _write_hits(run, rows, key, checker, kind, also=None):
    for block in range(checker.blocks):
        extra = also if block == 0 else None
        if not checker.block(block) and extra is None:
            continue
        failing = checker.failing(rows, block, also=extra)
        # Plainly: on PostgreSQL conflicts cost more to ignore than the rows to write. A worker that
        # has lost the shard and still writes these rows makes an IntegrityError, and the shard is
        # tried again.
        insert_from_query(
            failing.values_list("pk", key, "revision", "status", "move_id", *_MASKS),
            Hit,
            [*_COLUMNS, *_MASKS],
            {"run": run.pk, "block": block, "subject_kind": kind},
        )


def _stream(run, shard, kind):
    """The shard's hits of a kind in order, by pages that each start where the last one ended."""
    hits = Hit.objects.filter(run=run, subject_kind=kind).order_by(
        "order_key", "subject_id", "block"
    )
    page = hits.filter(within("order_key", shard.low, shard.high))
    while rows := [Look._make(row) for row in page.values_list(*Look._fields)[:CHUNK]]:
        yield from rows
        last = rows[-1]
        key, subject = _order(last)
        beyond = (
            Q(order_key__gt=key)
            | Q(order_key=key, subject_id__gt=subject)
            | Q(order_key=key, subject_id=subject, block__gt=last.block)
        )
        page = hits.filter(within("order_key", key, shard.high)).filter(beyond)


def _order(hit):
    return hit.order_key, hit.subject_id
