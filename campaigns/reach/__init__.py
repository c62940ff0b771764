"""How many live entries a requirement would touch, before anybody publishes it.

count = ask(requirement, at=…, actor=…)   # at most one count of a requirement is under way
work(count.pk)                            # in a worker; may come twice, late, or after a death

Nothing moves and no finding is written. Statistics and frozen values that the requirement needs
go into fact sets of the count's own, which are deleted with its end.
"""

from campaigns.reach.asking import ReachRefused, ask, is_abandoned, stage_of
from campaigns.reach.counting import work
from campaigns.reach.facts import purge
from campaigns.reach.reporting import Reach, reach_of
from campaigns.reach.wording import digest

__all__ = [
    "Reach",
    "ReachRefused",
    "ask",
    "digest",
    "is_abandoned",
    "purge",
    "reach_of",
    "stage_of",
    "work",
]
