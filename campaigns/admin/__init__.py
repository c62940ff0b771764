"""The staff's view of campaigns, the review queue, sweeps and findings."""

from campaigns.admin import (
    alert,
    bonus,
    campaign,
    cancellation,
    delivery,
    entry,
    finding,
    invitation,
    registration,
    release,
    revocation,
    round,
    rows,
    rulebook,
    sweep,
    venue,
)

__all__ = [
    "alert",
    "bonus",
    "campaign",
    "cancellation",
    "delivery",
    "entry",
    "finding",
    "invitation",
    "registration",
    "release",
    "revocation",
    "round",
    "rows",
    "rulebook",
    "sweep",
    "venue",
]
