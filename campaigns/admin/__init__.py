"""The staff's view of campaigns, the review queue, sweeps and findings."""

from campaigns.admin import alert, campaign, delivery, entry, finding, rows, rulebook, sweep

__all__ = ["alert", "campaign", "delivery", "entry", "finding", "rows", "rulebook", "sweep"]
