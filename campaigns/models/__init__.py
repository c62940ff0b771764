"""What sellers take part in."""

from campaigns.models.campaign import Campaign, RulebookVersion, Venue, VenueAssignment
from campaigns.models.entry import Claim, Entry, EntryTool, Filing, PlayEnrolment
from campaigns.models.finding import Finding, Ground, RequirementHold, RequirementWaiver
from campaigns.models.move import (
    EntryHistory,
    Move,
    RegistrationHistory,
    Tally,
    TallyDelta,
)
from campaigns.models.notice import Notice, NoticeLine, ReasonTemplate
from campaigns.models.plan import GracePeriod, PlannedMove, SweepSubject
from campaigns.models.reach import ReachCount
from campaigns.models.registration import Allotment, Registration
from campaigns.models.rulebook import (
    ClaimScope,
    Lock,
    Milestone,
    ParameterRow,
    ParameterTable,
    Pause,
    Promotion,
    Quota,
    Requirement,
    Snapshot,
    Statistic,
    ValueList,
    VenueTerms,
)
from campaigns.models.sweep import Hit, SweepRun, SweepShard

__all__ = [
    "Allotment",
    "Campaign",
    "Claim",
    "ClaimScope",
    "Entry",
    "EntryHistory",
    "EntryTool",
    "Filing",
    "Finding",
    "GracePeriod",
    "Ground",
    "Hit",
    "Lock",
    "Milestone",
    "Move",
    "Notice",
    "NoticeLine",
    "ParameterRow",
    "ParameterTable",
    "Pause",
    "PlannedMove",
    "PlayEnrolment",
    "Promotion",
    "Quota",
    "ReachCount",
    "ReasonTemplate",
    "Registration",
    "RegistrationHistory",
    "Requirement",
    "RequirementHold",
    "RequirementWaiver",
    "RulebookVersion",
    "Snapshot",
    "Statistic",
    "SweepRun",
    "SweepShard",
    "SweepSubject",
    "Tally",
    "TallyDelta",
    "ValueList",
    "Venue",
    "VenueAssignment",
    "VenueTerms",
]
