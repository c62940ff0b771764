"""The operators' desk in a Double 12: imports, rounds, and what only a person may do."""

import zlib
from datetime import datetime, timedelta
from pathlib import Path

from campaigns import cancelling, clearing, inviting, revoking, rounds, sweeping
from campaigns.lifecycle import LIVE
from campaigns.models import (
    Campaign,
    CancellationRequest,
    Entry,
    EntryHistory,
    ReasonTemplate,
    RequirementWaiver,
    Revocation,
    RoundResult,
    ShopTool,
    SweepRun,
    Venue,
    VenueTerms,
)
from campaigns.rulebooks.versions import version_in_force
from campaigns.tool_imports import import_tools
from sellers.models import User, Violation

PASSED = 86
BRANCH = "branch"
# The tool and the requirement behind a reason for clear-outs.
TOOLS_OF = {
    "cashback_cancelled": ("cashback", "D12-099"),
    "red_packet_cancelled": ("shop_red_packet", "D12-098"),
}
LET_OFF = timedelta(days=7)
BREACHES = ("item_violation", "shop_violation")


class Desk:
    """One operator, who picks by the seed wherever there is a choice.

    `spared` are the codes of the sellers with a login: nobody takes their campaign away.
    """

    def __init__(
        self, *, campaign: Campaign, user: User, seed: int, folder: Path, spared: set[str]
    ) -> None:
        self.campaign, self.user, self.seed = campaign, user, seed
        self.folder, self.spared = folder, spared

    def take_in(self, row: dict[str, str], at: datetime) -> None:
        """Import a table: results of an exam, invitations, tools that shops set elsewhere."""
        path = self.folder / row["path"]
        if row["what"] == "tools":
            import_tools(campaign=self.campaign, path=path, at=at)
        elif row["what"] == "exam":
            rounds.record_from(
                path, campaign=self.campaign, code=row["target"], at=at, actor=self.user
            )
        else:
            venue = Venue.objects.get(campaign=self.campaign, code=row["target"])
            issue = inviting.Issue(venue, path.name, at, actor=self.user)
            inviting.invite_from(issue, path)

    def decide_round(self, at: datetime) -> None:
        """Pass most of those who have applied for the pre-selection, and fail the others."""
        waiting = RoundResult.objects.filter(
            registration__campaign=self.campaign, state=RoundResult.State.APPLIED
        )
        rows = waiting.values_list("pk", "registration__seller__code")
        passed = [pk for pk, code in rows if self._number(code) % 100 < PASSED]
        for part, yes in ((waiting.filter(pk__in=passed), True), (waiting, False)):
            rounds.decide(results=part, passed=yes, at=at, actor=self.user)

    def confirm(self, at: datetime) -> None:
        """Look at what the breaker has stopped, and confirm it."""
        stopped = SweepRun.objects.filter(
            campaign=self.campaign, state=SweepRun.State.TRIPPED, confirmations=None
        )
        for run in stopped.order_by("pk"):
            sweeping.work(sweeping.confirm(run, at=at, actor=self.user))

    def revoke(self, at: datetime) -> None:
        """Take one shop's permission back at once, for abnormal orders (D12-146)."""
        live = Entry.objects.filter(campaign=self.campaign, status__in=LIVE)
        sellers = live.exclude(seller__code__in=self.spared).select_related("seller")
        found = {row.seller.code: row.seller for row in sellers}
        if found and not Revocation.objects.filter(campaign=self.campaign).exists():
            revoking.revoke(
                campaign=self.campaign,
                seller=found[min(found, key=self._number)],
                reason=ReasonTemplate.objects.get(code="abnormal_orders"),
                note="Orders that return to the same buyers",
                at=at,
                actor=self.user,
            )

    def ask(self, at: datetime) -> None:
        """Four shops ask for a branch entry to be taken off (D12-101)."""
        branch = Entry.objects.filter(
            campaign=self.campaign, status=Entry.Status.APPROVED, venue__in=self._branches(at)
        )
        chosen: dict[int, Entry] = {}
        for entry in sorted(
            branch.select_related("campaign", "venue", "item"),
            key=lambda entry: self._number(entry.item.code),
        ):
            chosen.setdefault(entry.seller_id, entry)
            if len(chosen) == 4:
                break
        for entry in chosen.values():
            cancelling.ask(entry=entry, note="The item is sold out.", at=at, actor=None)

    def answer(self, at: datetime) -> None:
        """Grant all the requests but the last."""
        asked = CancellationRequest.objects.filter(
            entry__campaign=self.campaign, answered_at=None
        ).order_by("pk")
        *granted, last = asked.values_list("pk", flat=True) or [None]
        if last is not None:
            cancelling.grant(requests=granted, at=at, actor=self.user)
            note = "The item is in the venue's plan; please restock it."
            cancelling.refuse(requests=[last], note=note, at=at, actor=self.user)

    def restore(self, at: datetime) -> None:
        """After the deadline, bring back what was cleared out for a tool that is set again.

        The shop is let off the requirement until the sale is over: that it cancelled stays true.
        """
        for reason, (tool, requirement) in TOOLS_OF.items():
            standing = ShopTool.objects.filter(
                registration__campaign=self.campaign, code=tool, cancelled_at=None
            )
            rows = Entry.objects.filter(
                campaign=self.campaign,
                status=Entry.Status.CLEARED_OUT,
                registration__in=standing.values("registration"),
                venue__in=self._branches(at),
                pk__in=EntryHistory.objects.filter(
                    entry__campaign=self.campaign, to_status="cleared_out", reason=reason
                ).values("entry"),
            ).order_by("pk")
            seen = dict(rows.values_list("pk", "revision"))
            sellers = dict.fromkeys(rows.values_list("seller", flat=True))
            RequirementWaiver.objects.bulk_create(
                RequirementWaiver(
                    campaign=self.campaign,
                    requirement_code=requirement,
                    seller_id=seller,
                    author=self.user,
                    reason="Set again within the day",
                    granted_at=at,
                    expires_at=at + LET_OFF,
                )
                for seller in sellers
            )
            if seen:
                clearing.restore(entries=seen, at=at, actor=self.user)

    def undo(self, at: datetime) -> None:
        """Undo the first re-check that moved entries for a violation withdrawn since; once."""
        if SweepRun.objects.filter(campaign=self.campaign).exclude(undone_at=None).exists():
            return
        withdrawn = Violation.objects.filter(verified=False)
        moved = EntryHistory.objects.filter(
            entry__campaign=self.campaign,
            reason__in=BREACHES,
            entry__status=Entry.Status.CLEARED_OUT,
            entry__seller__in=withdrawn.values("seller"),
        ).order_by("pk")
        for history in moved.select_related("move__run"):
            if history.move.run is not None:
                sweeping.undo(history.move.run, at=at, actor=self.user)
                return

    def _branches(self, at: datetime):
        version = version_in_force(self.campaign, at)
        terms = VenueTerms.objects.filter(version=version, kind=BRANCH)
        return terms.values("venue")

    def _number(self, code: str) -> int:
        return zlib.crc32(f"{self.seed}|{code}".encode())
