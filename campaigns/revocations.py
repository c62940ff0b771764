"""Whose permission for a campaign is taken back (D12-146)."""

from campaigns.models import Campaign, Revocation
from campaigns.timeline import Refusal
from sellers.models import Seller

PERMISSION_REVOKED = "permission_revoked"


def refusals(campaign: Campaign | int, seller: Seller | int) -> list[Refusal]:
    """Why the seller neither joins nor files in the campaign; none while nothing stands. One
    query."""
    standing = Revocation.objects.filter(campaign=campaign, seller=seller, lifted_at=None)
    return [refusal(row) for row in standing.select_related("reason")]


def refusal(revocation: Revocation) -> Refusal:
    """The reason as sellers read it; the evidence is the operators' own."""
    reason = revocation.reason
    return Refusal(PERMISSION_REVOKED, {"reason": reason.code, "text": reason.text, "note": ""})
