"""Exclusivity: who holds what that only one entry may hold."""

from campaigns.models import Claim, Move


def release(*, batch: Move) -> None:
    """Give up the claims of every entry that ``batch`` moved."""
    Claim.objects.filter(entry__move=batch).delete()
