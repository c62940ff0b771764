"""The re-check of live entries: evaluate all, look at the whole, then move.

run = start(campaign=…, at=…, mode="enforce")
run = work(run)                # in as many processes as wanted
confirm(run), undo(run, …)     # after the breaker; afterwards
"""

from campaigns.sweeping.confirming import confirm
from campaigns.sweeping.purging import purge
from campaigns.sweeping.reporting import summary
from campaigns.sweeping.starting import NIGHTLY, SweepRefused, cancel, resume, start
from campaigns.sweeping.targeting import take_changes, targeted
from campaigns.sweeping.undoing import undo
from campaigns.sweeping.working import work

__all__ = [
    "NIGHTLY",
    "SweepRefused",
    "cancel",
    "confirm",
    "purge",
    "resume",
    "start",
    "summary",
    "take_changes",
    "targeted",
    "undo",
    "work",
]
