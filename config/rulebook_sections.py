"""The sections of a rulebook: every app's own, in the order of the file."""

from campaigns.rulebooks.sections import CAMPAIGN_SECTIONS

SECTIONS = (*CAMPAIGN_SECTIONS,)
