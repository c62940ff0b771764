"""Violations that operators take in by hand, beside the feed (D12-096)."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from sellers import sanctions
from sellers.changes import mark_changed
from sellers.models import SubjectKind, Violation


def take_in(violation: Violation, *, author, at: datetime) -> Violation:
    """Store a verified violation with its author; its seller is re-checked and barred at once.

    It is known from ``at`` on, under a code of its own.
    """
    violation.code = violation.code or f"operator-{uuid4().hex}"
    violation.verified, violation.author, violation.known_at = True, author, at
    with transaction.atomic():
        violation.save(force_insert=True)
        _follow(violation, at)
    return violation


def set_verified(violation: Violation, verified: bool, *, at: datetime) -> bool:
    """Say whether a violation stands; whether that is news. Bars that rest on it follow."""
    with transaction.atomic():
        rows = Violation.objects.filter(pk=violation.pk).exclude(verified=verified)
        if not rows.update(verified=verified):
            return False
        violation.verified = verified
        _follow(violation, at)
    return True


def _follow(violation, at):
    rows = Violation.objects.filter(pk=violation.pk)
    mark_changed(rows, subject_kind=SubjectKind.SELLER, subject="seller_id", at=at)
    sanctions.apply(at=at)
