"""The sections that campaigns bring to a rulebook, in the order of the file."""

from campaigns.rulebooks.sections.figures import FACTS, SNAPSHOTS, STATISTICS
from campaigns.rulebooks.sections.heading import HEADING
from campaigns.rulebooks.sections.parameters import LISTS, TABLES
from campaigns.rulebooks.sections.races import INCENTIVES, RACES, SEGMENTS
from campaigns.rulebooks.sections.reasons import REASONS
from campaigns.rulebooks.sections.requirements import (
    BONUSES,
    QUOTAS,
    REQUIREMENTS,
    ROUNDS,
)
from campaigns.rulebooks.sections.terms import LOCKS, PROMOTIONS
from campaigns.rulebooks.sections.timeline import MILESTONES, PAUSES
from campaigns.rulebooks.sections.venues import CLAIMS, CONFLICTS, FLOORS, SLOTS, VENUES

CAMPAIGN_SECTIONS = (
    HEADING,
    FACTS,
    MILESTONES,
    PAUSES,
    VENUES,
    FLOORS,
    CLAIMS,
    CONFLICTS,
    LISTS,
    TABLES,
    STATISTICS,
    SNAPSHOTS,
    ROUNDS,
    REASONS,
    REQUIREMENTS,
    QUOTAS,
    BONUSES,
    LOCKS,
    PROMOTIONS,
    SLOTS,
    RACES,
    SEGMENTS,
    INCENTIVES,
)
