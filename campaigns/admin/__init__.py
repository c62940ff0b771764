"""The staff's view of campaigns, the review queue, sweeps and findings."""

from campaigns.admin import (
    alert,
    campaign,
    cancellation,
    delivery,
    entry,
    finding,
    release,
    revocation,
    rows,
    rulebook,
    sweep,
    venue,
)

__all__ = [
    "alert",
    "campaign",
    "cancellation",
    "delivery",
    "entry",
    "finding",
    "release",
    "revocation",
    "rows",
    "rulebook",
    "sweep",
    "venue",
]
