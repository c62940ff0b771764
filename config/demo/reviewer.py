"""A reviewer who works the queue twice a day and decides the same way every time."""

import zlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from campaigns import reviewing
from campaigns.lifecycle import PENDING
from campaigns.models import Campaign, Entry, ReasonTemplate
from sellers.models import User

# Whoever files while the reviewer is at it waits for the next time.
SETTLED = timedelta(minutes=30)
# Of 1,000 entries so many are rejected, and so many left for somebody else to look at.
REJECTED, LEFT = 35, 15
REASONS = {
    "picture": {
        "en": "The main picture does not show the item.",
        "zh-hans": "主图未展示商品本身。",
    },
    "title": {
        "en": "The title promises more than the item is.",
        "zh-hans": "标题存在夸大或与商品不符的描述。",
    },
    "theme": {"en": "The item does not fit the season's theme.", "zh-hans": "商品与活动主题不符。"},
    "no_longer": {
        "en": "The item no longer meets the requirements.",
        "zh-hans": "商品已不再满足活动要求。",
    },
}
NO_LONGER = "no_longer"


class Reviewer:
    """Decides by a number made of the seed and the item's code, never by chance or by order."""

    def __init__(
        self, *, campaign: Campaign, user: User, seed: int, cases: Iterable[str] = ()
    ) -> None:
        """`cases` are the codes of sellers and items that stand for a rule's border: with those
        the reviewer has no quarrel, so that the rule alone decides."""
        self.campaign = campaign
        self.user = user
        self.seed = seed
        self.cases = frozenset(cases)
        self.templates = {
            code: ReasonTemplate.objects.get_or_create(code=code, defaults={"text": text})[0]
            for code, text in REASONS.items()
        }

    def work(self, at: datetime) -> None:
        """Decide what was waiting half an hour before."""
        waiting = Entry.objects.filter(
            campaign=self.campaign, status__in=list(PENDING), submitted_at__lte=at - SETTLED
        ).order_by("pk")
        approved: dict[int, int] = {}
        rejected: dict[str, dict[int, int]] = defaultdict(dict)
        rows = waiting.values_list("pk", "revision", "item__code", "seller__code")
        for pk, revision, code, seller in rows:
            number = zlib.crc32(f"{self.seed}|{code}".encode()) % 1000
            if {code, seller} & self.cases:
                approved[pk] = revision
            elif number < REJECTED:
                rejected[("picture", "title", "theme")[number % 3]][pk] = revision
            elif number < 1000 - LEFT:
                approved[pk] = revision
        decisions = reviewing.approve(entries=approved, at=at, actor=self.user) if approved else []
        for decision in decisions:
            if decision.outcome == reviewing.Outcome.REFUSED:
                rejected[NO_LONGER][decision.entry_id] = approved[decision.entry_id]
        for code, entries in sorted(rejected.items()):
            reviewing.reject(entries=entries, at=at, actor=self.user, template=self.templates[code])
