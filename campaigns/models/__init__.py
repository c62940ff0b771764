"""What sellers take part in."""

from campaigns.models.campaign import Campaign, RulebookVersion, Venue, VenueAssignment
from campaigns.models.decision import CancellationRequest, Decision, Release
from campaigns.models.delivery import Channel, Delivery
from campaigns.models.entry import Claim, Entry, EntryTool, Filing, PlayEnrolment
from campaigns.models.finding import Finding, Ground, RequirementHold, RequirementWaiver
from campaigns.models.invitation import Invitation
from campaigns.models.move import (
    EntryHistory,
    Move,
    RegistrationHistory,
    Tally,
    TallyDelta,
)
from campaigns.models.notice import Notice, NoticeLine, ReasonTemplate
from campaigns.models.plan import GracePeriod, PlannedMove, SweepSubject
from campaigns.models.promotion import Promotion, ShopTool
from campaigns.models.quota import Bonus, BonusGrant, Quota
from campaigns.models.race import (
    MOST_INPUTS,
    MOST_MEASURES,
    Attainment,
    Board,
    BoardRow,
    Incentive,
    Pin,
    Placement,
    Race,
    RaceSegment,
)
from campaigns.models.reach import ReachCount
from campaigns.models.registration import Allotment, Registration
from campaigns.models.revocation import Alert, Revocation
from campaigns.models.round import Round, RoundResult
from campaigns.models.rulebook import (
    Lock,
    Milestone,
    ParameterRow,
    ParameterTable,
    Pause,
    Requirement,
    Snapshot,
    Statistic,
    ValueList,
)
from campaigns.models.sales import CampaignHour, CampaignSales, CampaignTop
from campaigns.models.sweep import Hit, SweepRun, SweepShard
from campaigns.models.venue import (
    ClaimScope,
    Conflict,
    Floor,
    ResourceSlot,
    SlotAllotment,
    VenueTerms,
)

__all__ = [
    "MOST_INPUTS",
    "MOST_MEASURES",
    "Alert",
    "Allotment",
    "Attainment",
    "Board",
    "BoardRow",
    "Bonus",
    "BonusGrant",
    "Campaign",
    "CampaignHour",
    "CampaignSales",
    "CampaignTop",
    "CancellationRequest",
    "Channel",
    "Claim",
    "ClaimScope",
    "Conflict",
    "Decision",
    "Delivery",
    "Entry",
    "EntryHistory",
    "EntryTool",
    "Filing",
    "Finding",
    "Floor",
    "GracePeriod",
    "Ground",
    "Hit",
    "Incentive",
    "Invitation",
    "Lock",
    "Milestone",
    "Move",
    "Notice",
    "NoticeLine",
    "ParameterRow",
    "ParameterTable",
    "Pause",
    "Pin",
    "Placement",
    "PlannedMove",
    "PlayEnrolment",
    "Promotion",
    "Quota",
    "Race",
    "RaceSegment",
    "ReachCount",
    "ReasonTemplate",
    "Registration",
    "RegistrationHistory",
    "Release",
    "Requirement",
    "RequirementHold",
    "RequirementWaiver",
    "ResourceSlot",
    "Revocation",
    "Round",
    "RoundResult",
    "RulebookVersion",
    "ShopTool",
    "SlotAllotment",
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
