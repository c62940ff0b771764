"""A marketplace under the 520 rulebook, driven through the public path only: the library's file,
feeds, joining, filing, reviewing, sweeping."""

import csv
import os
from pathlib import Path

from campaigns import reviewing, sweeping
from campaigns.models import Campaign, Entry, SweepRun
from campaigns.registering import FilingRow, file_entries, join
from campaigns.rulebooks.loading import load, open_rulebook
from campaigns.rulebooks.versions import publish
from sellers.feeds.loading import load_file
from sellers.models import Seller, User
from sellers.rollups import roll_up
from tests.factories import UserFactory
from tests.times import local

FILED = local("2023-05-10 12:00")
REDUCTION = ("cross_shop_reduction",)
SELLER = {
    "shop_type": "marketplace",
    "marketing_rules_ok": "true",
    "dingtalk_activated": "false",
    "dingtalk_by_main_account": "false",
    "dingtalk_bound": "true",
    "one_click_closed": "false",
    "growth_level": "5",
    "industry_featured": "false",
}
ITEM = {
    "seller": "s1",
    "category": "dresses",
    "stock": "500",
    "first_listed_at": "2023-01-01 00:00:00",
    "ship_time_hours": "48",
    "on_stock_list": "true",
    "recommended": "false",
}


def rulebook_text():
    """The library's rulebook, or the file that G520_RULEBOOK names (a moved copy of it)."""
    moved = os.environ.get("G520_RULEBOOK")
    return Path(moved).read_text("utf-8") if moved else open_rulebook("g520-2023")[0]


class World:
    """One seller "s1" with one item "i1" that meet everything, and the means to change that."""

    def __init__(self, folder):
        """The world that ``build`` has made; files of feeds go to ``folder``."""
        self.folder = folder
        self.user = User.objects.get(username="actor")
        self.campaign = Campaign.objects.get(code="g520-2023")
        self.venue = self.campaign.venues.get()
        self.files = self.filings = 0

    @classmethod
    def build(cls, folder):
        """Load and publish the rulebook, and feed the seller and the item."""
        UserFactory(username="actor")
        version = load(rulebook_text(), source="g520_2023.yaml").version
        publish(version, at=local("2023-04-01"))
        # Here feeds come when a test wants them, so old facts do not stop a sweep.
        Campaign.objects.update(stale_after_hours=24 * 365)
        world = cls(folder)
        world.feed("categories", {"code": "dresses"}, {"code": "gold_jewellery"},
                   {"code": "virtual"}, {"code": "fresh_flowers"})  # fmt: skip
        world.sellers({"code": "s1"})
        world.items({"code": "i1"})

    def feed(self, kind, *rows, at="2023-04-20 00:00:00"):
        """Feed rows (dicts of text) as a CSV file; every line must be good."""
        self.files += 1
        path = self.folder / f"{self.files}_{kind}.csv"
        columns = list(dict.fromkeys(name for row in rows for name in row))
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(rows)
        outcome = load_file(kind=kind, path=path, at=local(at))
        assert outcome.first_problems == [], outcome.first_problems

    def sellers(self, *rows, at="2023-04-20 00:00:00"):
        """Feed sellers that meet everything but for what the rows say."""
        self.feed("sellers", *({**SELLER, **row} for row in rows), at=at)

    def items(self, *rows, at="2023-04-20 00:00:00", price="88.00"):
        """Feed items that meet everything but for what the rows say, with a list price and, on
        5 May, a sale of one unit each."""
        self.feed("items", *({**ITEM, **row} for row in rows), at=at)
        self.list_prices(
            *({"item": row["code"], "price": price, "starts_at": "2023-01-01"} for row in rows)
        )
        self.sell(*({"item": row["code"], "seller": row.get("seller", "s1")} for row in rows))

    def list_prices(self, *rows, at="2023-04-20 00:00:00"):
        """Feed list prices."""
        self.feed("list_prices", *rows, at=at)

    def sell(self, *rows, paid_at="2023-05-05 12:00:00"):
        """Feed an order of one unit for each row, and roll up."""
        self.files += 1
        orders = [
            {
                "order": f"{paid_at} {self.files}-{number}",
                "line": "1",
                "buyer": f"b{number}",
                "state": "paid",
                "placed_at": paid_at,
                "paid_at": paid_at,
                "seller": "s1",
                "quantity": "1",
                "unit_price": "80.00",
                "paid_amount": row.get("unit_price", "80.00"),
                **row,
            }
            for number, row in enumerate(rows)
        ]
        self.feed("orders", *orders, at=paid_at)
        roll_up()

    def carts(self, *rows, at="2023-05-20 00:00:00"):
        """Feed what was put into carts, and roll up."""
        self.feed("carts", *rows, at=at)
        roll_up()

    def join(self, code="s1", at=FILED):
        """A seller joins; the JoinResult."""
        return join(
            campaign=self.campaign, seller=Seller.objects.get(code=code), at=at, actor=self.user
        )

    def file(self, *items, price="88.00", at=FILED, source="stock_list", tools=REDUCTION,
             seller="s1"):  # fmt: skip
        """File items of a seller, who joins first if need be; the results by row."""
        joined = self.join(seller, at=min(at, FILED))
        assert joined.joined, [finding.code for finding in joined.findings]
        self.filings += 1
        rows = [
            FilingRow(item=item, price=price, list_source=source, tools=tools)
            for item in items or ("i1",)
        ]
        return file_entries(
            registration=joined.registration, venue=self.venue, rows=rows, at=at,
            actor=self.user, key=f"filing{self.filings}",
        ).rows  # fmt: skip

    def refused(self, *items, **options):
        """Codes of what stands against one row; empty if it goes to review."""
        (row,) = self.file(*items, **options)
        codes = sorted(finding.code for finding in row.findings if finding.outcome == "fail")
        assert (row.status == "rejected") == bool(codes)
        return codes

    def approved(self, *items, **options):
        """File, and have a reviewer approve; the entries."""
        at = options.get("at", FILED)
        ids = [row.entry.pk for row in self.file(*items, **options)]
        reviewing.approve(entries=dict.fromkeys(ids, 1), at=at, actor=self.user)
        entries = list(Entry.objects.filter(pk__in=ids).order_by("line"))
        assert {entry.status for entry in entries} == {"approved"}
        return entries

    def sweep(self, at):
        """An enforcing re-check at a local time; the run."""
        self.campaign.refresh_from_db()
        run = sweeping.start(
            campaign=self.campaign, at=local(at), mode=SweepRun.Mode.ENFORCE, scope=f"test {at}"
        )
        run = sweeping.work(run)
        assert run.state == SweepRun.State.DONE, run.trip_reason
        return run

    def found(self, run):
        """(code, action) of a run's findings, sorted."""
        return sorted(run.findings.values_list("code", "action"))

    def status(self, entry):
        """An entry's status now."""
        return Entry.objects.get(pk=entry.pk).status
