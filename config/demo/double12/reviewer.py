"""A reviewer who decides what waits in presale and the branches, twice a day."""

import zlib
from collections import defaultdict
from datetime import datetime

from campaigns import reviewing
from campaigns.evidence import ADMISSION
from campaigns.lifecycle import PENDING
from campaigns.models import Entry, Finding, ReasonTemplate
from config.demo import reviewer

ELSEWHERE = "elsewhere"
TEXT = {
    "en": "The item was approved in another venue first.",
    "zh-hans": "商品已在其他会场先通过审核。",
}


class Reviewer(reviewer.Reviewer):
    """Approves most of what meets the rules; in a venue by hand what fails one is rejected."""

    def __init__(self, **options) -> None:
        super().__init__(**options)
        self.templates[ELSEWHERE] = ReasonTemplate.objects.get_or_create(
            code=ELSEWHERE, defaults={"text": TEXT}
        )[0]

    def work(self, at: datetime) -> None:
        """Decide what was waiting half an hour before and has no decision yet."""
        waiting = Entry.objects.filter(
            campaign=self.campaign,
            status__in=list(PENDING),
            decision=None,
            submitted_at__lte=at - reviewer.SETTLED,
        ).order_by("pk")
        rows = list(waiting.values_list("pk", "revision", "item__code", "venue__code"))
        failing = set(
            Finding.objects.filter(
                entry__in=waiting, stage=ADMISSION, outcome=Finding.Outcome.FAIL
            ).values_list("entry", flat=True)
        )
        approved: dict[int, int] = {}
        rejected: dict[str, dict[int, int]] = defaultdict(dict)
        for pk, revision, item, venue in rows:
            number = zlib.crc32(f"{self.seed}|{item}|{venue}".encode()) % 1000
            if pk in failing:
                rejected[reviewer.NO_LONGER][pk] = revision
            elif number < reviewer.REJECTED * 2:
                rejected[("picture", "title", "theme")[number % 3]][pk] = revision
            elif number < 1000 - reviewer.LEFT:
                approved[pk] = revision
        decisions = reviewing.approve(entries=approved, at=at, actor=self.user) if approved else []
        for decision in decisions:
            if decision.outcome == reviewing.Outcome.REFUSED:
                held = any(row.code == "already_claimed" for row in decision.refusals)
                reason = ELSEWHERE if held else reviewer.NO_LONGER
                rejected[reason][decision.entry_id] = approved[decision.entry_id]
        for code, entries in sorted(rejected.items()):
            reviewing.reject(entries=entries, at=at, actor=self.user, template=self.templates[code])
