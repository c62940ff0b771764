"""The staff's view of campaigns, the review queue, sweeps and findings."""

from campaigns.admin import campaign, entry, finding, rows, rulebook, sweep

__all__ = ["campaign", "entry", "finding", "rows", "rulebook", "sweep"]
