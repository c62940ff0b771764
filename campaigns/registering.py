"""Registering for a campaign, in two steps: the seller joins, then files items (G520-002, 062).

The public names of what the neighbouring modules do, one noun a file: who calls these from a page,
the API or a command needs this module alone.
"""

from campaigns.admission import NoRulebook
from campaigns.drafts import LARGEST_FILING, FilingRow, UnreadableRequest
from campaigns.filing import file_entries
from campaigns.joining import JoinResult, SellerCheck, check_seller, join, joined_registration
from campaigns.outcomes import FilingResult, RowResult, result_of
from campaigns.previewing import PreviewRow, preview_entries
from campaigns.pricing import Change, reprice_entry, republish_entry
from campaigns.withdrawing import withdraw_entries, withdraw_entry, withdraw_registration

__all__ = [
    "LARGEST_FILING",
    "Change",
    "FilingResult",
    "FilingRow",
    "JoinResult",
    "NoRulebook",
    "PreviewRow",
    "RowResult",
    "SellerCheck",
    "UnreadableRequest",
    "check_seller",
    "file_entries",
    "join",
    "joined_registration",
    "preview_entries",
    "reprice_entry",
    "republish_entry",
    "result_of",
    "withdraw_entries",
    "withdraw_entry",
    "withdraw_registration",
]
