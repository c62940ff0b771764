"""A marketplace under rules of other marketplaces, driven through the public path only: the
commands that load a rulebook and feed files, joining, filing, reviewing, sweeping."""

import csv
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from campaigns import reviewing, sweeping
from campaigns.models import Campaign, Entry, Registration, SweepRun
from campaigns.registering import FilingRow, file_entries, join
from sellers.models import Seller, User
from tests.factories import UserFactory
from tests.times import local

RULEBOOK = Path(__file__).parents[2] / "campaigns" / "rulebooks" / "other_marketplaces.yaml"
FED, FILED = "2023-05-02 00:00:00", "2023-05-08 12:00:00"
CHANGED, NIGHT = "2023-05-09 12:00:00", "2023-05-10 02:00:00"
SELLER = {
    "seller.performance_score": "4.5",
    "seller.late_dispatch_rate_7d": "0.01",
    "seller.fault_cancellation_rate_7d": "0.01",
    "seller.positive_rating": "0.95",
    "seller.cancellation_rate": "0.01",
    "seller.ship_on_time_rate": "0.95",
    "seller.reputation": "green",
}
COLUMNS = {"category": "toys", "stock": "50"}
ITEM = {
    "item.negative_review_rate_30d": "0.001",
    "item.negative_reviews_30d": "6",
    "item.rating": "4.5",
    "item.reviews": "20",
    "item.reserved_stock": "50",
}
CATEGORIES = (
    {"code": "toys"},
    {"code": "electronics"},
    {"code": "phones", "parent": "electronics"},
    {"code": "groceries"},
    {"code": "medicines"},
    {"code": "painkillers", "parent": "medicines"},
)


class World:
    """Sellers and items that meet everything but for what is fed of them, and the means to feed.

    "s1" and "s2" have items of the same codes, approved, and "s1" has "x1" to "x3", not filed.
    """

    def __init__(self, folder):
        """The world that ``build`` has made; files of feeds go to ``folder``."""
        self.folder = folder
        self.user = User.objects.get(username="actor")
        self.campaign = Campaign.objects.get(code="other-marketplaces")
        self.files = self.filings = 0

    @classmethod
    def build(cls, folder):
        """Load and publish the rulebook and feed the categories, sellers and items."""
        UserFactory(username="actor")
        call_command("rulebook", "load", str(RULEBOOK), "--publish", "--at", "2023-04-25",
                     stdout=StringIO())  # fmt: skip
        world = cls(folder)
        world.feed("categories", *CATEGORIES)
        world.sellers({"s1": {}, "s2": {}})
        world.items({"s1": {}, "x1": {}, "x2": {}, "x3": {}}, seller="s1")
        world.items({"s2": {}}, seller="s2")
        for seller in ("s1", "s2"):
            (row,) = world.file(seller, seller=seller)
            assert (row.status, row.findings) == ("approved", [])
        return world

    def feed(self, kind, *rows, at=FED):
        """Feed rows (dicts of text) as a CSV file; every line must be good."""
        self.files += 1
        path = self.folder / f"{self.files}_{kind}.csv"
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        call_command("feed", kind, path, at=at, strict=True, stdout=StringIO())

    def sellers(self, known):
        """Feed sellers, and of each the facts that are not the good ones (code to facts)."""
        self.feed("sellers", *({"code": code} for code in known))
        self.facts({code: {**SELLER, **facts} for code, facts in known.items()})

    def items(self, known, *, seller=None):
        """Feed items of a seller, or of those of the same codes; as ``sellers``, also columns."""
        rows = {code: {**COLUMNS, **ITEM, **facts} for code, facts in known.items()}
        self.columns({code: {"seller": seller or code, **facts} for code, facts in rows.items()})
        self.facts(rows)
        prices = {"price": "100.00", "starts_at": "2023-01-01"}
        self.feed("list_prices", *({"item": code, **prices} for code in rows))

    def columns(self, known, *, at=FED):
        """Feed columns of items (code to columns; what is not a column is passed over)."""
        self._feed_alike("items", "code", known, at, lambda name: "." not in name)

    def facts(self, known, *, at=FED):
        """Feed declared facts of sellers or items (code to facts; columns are passed over)."""
        for level in ("seller", "item"):
            self._feed_alike("facts", level, known, at, lambda n, of=f"{level}.": n.startswith(of))

    def _feed_alike(self, kind, key, known, at, wanted):
        """One file for all rows with the same columns: an empty cell would tell something."""
        files = {}
        for code, values in known.items():
            row = {name: value for name, value in values.items() if wanted(name)}
            if row:
                files.setdefault(tuple(row), []).append({key: code, **row})
        for rows in files.values():
            self.feed(kind, *rows, at=at)

    def join(self, code, at=FILED):
        """A seller joins; the JoinResult."""
        seller = Seller.objects.get(code=code)
        return join(campaign=self.campaign, seller=seller, at=local(at), actor=self.user)

    def file(self, *items, seller="s1", venue="main", price="80.00", at=FILED, source="seller"):
        """File items of a seller, who joins first if need be; the results by row."""
        joined = self.join(seller, at)
        assert joined.joined, [finding.code for finding in joined.findings]
        self.filings += 1
        return file_entries(
            registration=joined.registration,
            venue=self.campaign.venues.get(code=venue),
            rows=[FilingRow(item=item, price=price) for item in items],
            at=local(at),
            actor=self.user,
            key=f"{self.folder.name} {self.filings}",
            source=source,
        ).rows

    def approve(self, *rows, at=FILED):
        """Have a reviewer approve what waits for review; the outcomes."""
        entries = {row.entry.pk: row.entry.revision for row in rows}
        decisions = reviewing.approve(entries=entries, at=local(at), actor=self.user)
        return [str(decision.outcome) for decision in decisions]

    def registration(self, seller):
        """A seller's latest registration."""
        return Registration.objects.filter(seller__code=seller).latest("id")

    def entry(self, item, venue="main"):
        """An item's latest entry in a venue, as it is now."""
        return Entry.objects.filter(item__code=item, venue__code=venue).latest("id")

    def status(self, item, venue="main"):
        """The status of an item's latest entry in a venue."""
        return self.entry(item, venue).status

    def sweep(self, at=NIGHT):
        """An enforcing re-check at a local time; the run."""
        run = sweeping.start(
            campaign=self.campaign,
            at=local(at),
            mode=SweepRun.Mode.ENFORCE,
            scope=f"test {at}",
            shard_count=1,
        )
        run = sweeping.work(run)
        assert run.state == SweepRun.State.DONE, run.trip_reason
        return run


def codes(findings):
    """What stands against a subject: the codes of findings that failed, sorted."""
    return sorted(finding.code for finding in findings if finding.outcome == "fail")


def grounds(finding):
    """A finding's comparisons: (metric, measured, comparator, threshold), in rulebook order."""
    rows = finding.grounds.order_by("id")
    return tuple(rows.values_list("metric", "measured", "comparator", "threshold"))
