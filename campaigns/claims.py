"""Exclusivity: who holds what that only one entry may hold."""

from campaigns.models import Claim, Move


def venue_scope(venue_id: int) -> str:
    """The scope in which every venue claims each of its items."""
    return f"venue:{venue_id}"


def release(*, batch: Move) -> None:
    """Give up the claims of every entry that ``batch`` moved."""
    Claim.objects.filter(entry__move=batch).delete()
