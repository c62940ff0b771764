"""The staff's view of campaigns, the review queue, sweeps and findings."""

from campaigns.admin import (
    bonus,
    campaign,
    delivery,
    entry,
    finding,
    invitation,
    registration,
    round,
    rows,
    rulebook,
    sweep,
)

__all__ = [
    "bonus",
    "campaign",
    "delivery",
    "entry",
    "finding",
    "invitation",
    "registration",
    "round",
    "rows",
    "rulebook",
    "sweep",
]
