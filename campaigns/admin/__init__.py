"""The staff's view of campaigns, the review queue, sweeps and findings."""

from campaigns.admin import alert, campaign, entry, finding, rows, rulebook, sweep

__all__ = ["alert", "campaign", "entry", "finding", "rows", "rulebook", "sweep"]
