"""A marketplace under the Double 12 rulebook, driven through the public path only: the library's
file, feeds, joining, filing, reviewing, sweeping."""

import csv
import os
from functools import cached_property
from pathlib import Path

from campaigns import releasing, reviewing, rounds, shop_tools, sweeping, timeline
from campaigns.models import Campaign, Entry, Registration, SweepRun
from campaigns.registering import FilingRow, file_entries, join
from campaigns.rulebooks.loading import load, open_rulebook
from campaigns.rulebooks.versions import publish, version_in_force
from sellers.feeds.loading import load_file
from sellers.models import Seller, User
from sellers.rollups import roll_up
from tests.factories import UserFactory
from tests.times import local

FED = "2015-10-12 00:00:00"
JOINED = local("2015-10-20 12:00")
TOOLS_SET = local("2015-10-30 12:00")
# When a test files that does not say; all of them are open then.
FILED = {
    "presale": local("2015-11-10 12:00"),
    "branch": local("2015-11-20 12:00"),
    "outer": local("2015-11-20 12:00"),
}
# What it files that does not say: an item stands in one kind of venue alone.
ITEMS = {"presale": "p1", "branch": "b1", "outer": "o1"}
TOOLS = {
    "shop_red_packet": {"amount": "5.00", "threshold": "100.00"},
    "cashback": {"amount": "10.00", "threshold": "200.00"},
}
ROUNDS = ("preselection", "notice_exam")
CATEGORIES = {
    "womens_wear": "",
    "dresses": "womens_wear",
    "mens_wear": "",
    "virtual": "",
    "digital_3c": "",
    "phones": "digital_3c",
    "air_travel": "",
    "jewellery": "",
    "food_farm": "",
    "snacks": "food_farm",
    "mother_baby_non_standard": "",
    "virtual_living": "",
    "live_pets": "",
}
SELLER = {
    "shop_type": "marketplace",
    "marketing_rules_ok": "true",
    "main_category": "womens_wear",
    "operating_score": "80.00",
    "service_score": "4.80",
}
ITEM = {"seller": "s1", "category": "dresses", "stock": "200"}
# Below the 100.00 that items sold at.
PRICE = "99.00"


def rulebook_text():
    """The library's rulebook, or the file that D12_RULEBOOK names (a moved copy of it)."""
    moved = os.environ.get("D12_RULEBOOK")
    return Path(moved).read_text("utf-8") if moved else open_rulebook("double12-2015")[0]


class World:
    """One seller "s1" who has joined, passed the rounds and set the tools, with an item for each
    kind of venue that meets everything there, and the means to change that."""

    def __init__(self, folder):
        """The world that ``build`` has made; files of feeds go to ``folder``."""
        self.folder = folder
        self.user = User.objects.get(username="actor")
        self.campaign = Campaign.objects.get(code="double12-2015")
        self.files = self.filings = 0

    @classmethod
    def build(cls, folder):
        """Load and publish the rulebook, feed the seller and the items, and let the seller join."""
        UserFactory(username="actor")
        version = load(rulebook_text(), source="double12_2015.yaml").version
        publish(version, at=local("2015-10-01"))
        # Here feeds come when a test wants them, so old facts do not stop a sweep.
        Campaign.objects.update(stale_after_hours=24 * 365)
        world = cls(folder)
        world.feed("categories", *({"code": code, "parent": up} for code, up in CATEGORIES.items()))
        world.sellers({"code": "s1"})
        world.items(*({"code": code} for code in ITEMS.values()))
        world.ready("s1")

    @cached_property
    def version(self):
        """The rulebook."""
        return version_in_force(self.campaign, JOINED)

    def venue(self, code):
        """A venue."""
        return self.campaign.venues.get(code=code)

    def terms(self, code):
        """A venue's terms."""
        return self.version.venueterms_set.get(code=code)

    def phases(self, at):
        """Codes of the milestones open at a local time."""
        return timeline.phases(self.version, local(at))

    # --- Facts ---------------------------------------------------------------------------------

    def feed(self, kind, *rows, at=FED):
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

    def sellers(self, *rows, at=FED):
        """Feed sellers that meet everything but for what the rows say."""
        self.feed("sellers", *({**SELLER, **row} for row in rows), at=at)

    def items(self, *rows, at=FED, price="120.00", sold="100.00", quantity="30"):
        """Feed items that meet everything but for what the rows say, with a list price and, on 1
        November, a sale of so many units each (none for ``sold=None``)."""
        self.feed("items", *({**ITEM, **row} for row in rows), at=at)
        self.list_prices(
            *({"item": row["code"], "price": price, "starts_at": "2015-01-01"} for row in rows)
        )
        if sold is not None:
            self.sell(
                *(
                    {"item": row["code"], "seller": row.get("seller", "s1"), "quantity": quantity,
                     "unit_price": sold}
                    for row in rows
                )
            )  # fmt: skip

    def list_prices(self, *rows, at=FED):
        """Feed list prices."""
        self.feed("list_prices", *rows, at=at)

    def sell(self, *rows, paid_at="2015-11-01 12:00:00"):
        """Feed an order for each row (one unit at 100.00 unless it says otherwise); roll up."""
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
                "unit_price": "100.00",
                "paid_amount": row.get("unit_price", "100.00"),
                **row,
            }
            for number, row in enumerate(rows)
        ]
        self.feed("orders", *orders, at=paid_at)
        roll_up()

    def carts(self, *rows, at="2015-12-13 00:00:00"):
        """Feed carts, presale and red packets, and roll up."""
        self.feed("carts", *rows, at=at)
        roll_up()

    def rolled_up(self):
        """Roll up what was fed."""
        roll_up()

    def violation(self, category, *, points=0, severity="general", on, seller="s1", **more):
        """Feed one penalty of a local time, known a minute later."""
        self.files += 1
        self.feed(
            "violations",
            {"code": f"v{self.files}", "seller": seller, "category": category,
             "points": str(points), "severity": severity, "occurred_at": on, "penalised_at": on,
             **more},
            at=on,
        )  # fmt: skip

    # --- Taking part ---------------------------------------------------------------------------

    def join(self, code="s1", at=JOINED):
        """A seller joins; the JoinResult."""
        return join(
            campaign=self.campaign, seller=Seller.objects.get(code=code), at=at, actor=self.user
        )

    def kept_out(self, code="s2", at=JOINED, **facts):
        """Feed a seller with these facts and have them join; codes of what stands against it."""
        self.sellers({"code": code, **facts})
        joined = self.join(code, at=at)
        codes = sorted(row.code for row in joined.findings if row.outcome == "fail")
        assert joined.joined is not bool(codes)
        return codes

    def ready(self, code, *, rounds=ROUNDS, tools=tuple(TOOLS), at=JOINED):
        """A seller joins, passes the rounds and sets the tools; the registration."""
        registration = self.join(code, at=at).registration
        for name in rounds:
            self.pass_round(name, code, at=at)
        for name in tools:
            assert self.set_tool(name, code) == []
        return registration

    def registration(self, code="s1"):
        """A seller's standing registration."""
        return Registration.objects.get(
            campaign=self.campaign, seller__code=code, status=Registration.Status.JOINED
        )

    def pass_round(self, name, code="s1", at=JOINED):
        """The seller has passed a round."""
        found = rounds.record(
            campaign=self.campaign, code=name, rows=[(1, code, True, "")], at=at, actor=self.user
        )
        assert found.problems == []

    def set_tool(self, name, code="s1", at=TOOLS_SET, **terms):
        """The shop sets a promotion; codes of what it is refused for."""
        result = shop_tools.set_tool(
            registration=self.registration(code), code=name, terms={**TOOLS[name], **terms}, at=at,
            actor=self.user,
        )  # fmt: skip
        return [refusal.code for refusal in result.refusals]

    def cancel_tool(self, name, at, code="s1"):
        """The shop cancels a promotion at a local time."""
        result = shop_tools.cancel_tool(
            registration=self.registration(code), code=name, at=local(at), actor=self.user
        )
        assert result.changed

    # --- Filing --------------------------------------------------------------------------------

    def file(self, *items, venue="women", price=PRICE, at=None, seller="s1", **more):
        """File items of a seller who has joined; the results by row."""
        self.filings += 1
        kind = self.terms(venue).kind
        rows = [FilingRow(item=item, price=price, **more) for item in items or (ITEMS[kind],)]
        return file_entries(
            registration=self.join(seller).registration, venue=self.venue(venue), rows=rows,
            at=at or FILED[kind], actor=self.user, key=f"filing{self.filings}",
        ).rows  # fmt: skip

    def found(self, *items, **options):
        """File one item; codes of what was found against it, refused for it or not."""
        (row,) = self.file(*items, **options)
        return sorted(finding.code for finding in row.findings if finding.outcome == "fail")

    def refused(self, *items, **options):
        """File one item; codes of what it was refused for, none if it was not."""
        (row,) = self.file(*items, **options)
        codes = sorted(finding.code for finding in row.findings if finding.outcome == "fail")
        assert (row.status == "rejected") == bool(codes)
        return codes

    def approved(self, *items, **options):
        """File, have a reviewer approve, and release the venue's results where these are released
        together; the entries."""
        venue = options.get("venue", "women")
        ids = [row.entry.pk for row in self.file(*items, **options)]
        at = options.get("at") or FILED[self.terms(venue).kind]
        self.approve(*ids, at=at, venue=venue)
        entries = list(Entry.objects.filter(pk__in=ids).order_by("line"))
        assert {entry.status for entry in entries} == {"approved"}
        return entries

    def approve(self, *ids, at, venue=None, user=None):
        """A reviewer approves entries (ids), and where a venue is named its results are released;
        the outcomes."""
        results = reviewing.approve(entries=dict.fromkeys(ids, 1), at=at, actor=user or self.user)
        if venue is not None and self.terms(venue).release == "together":
            releasing.release(
                campaign=self.campaign, venue=self.venue(venue), at=at, actor=self.user
            )
        return [str(row.outcome) for row in results]

    def sweep(self, at):
        """An enforcing re-check at a local time; the run."""
        self.campaign.refresh_from_db()
        run = sweeping.start(
            campaign=self.campaign, at=local(at), mode=SweepRun.Mode.ENFORCE, scope=f"test {at}"
        )
        run = sweeping.work(run)
        assert run.state == SweepRun.State.DONE, run.trip_reason
        return run

    def moved_for(self, run):
        """(code, action) of a run's findings, sorted."""
        return sorted(run.findings.values_list("code", "action"))

    def status(self, entry):
        """An entry's status now."""
        return Entry.objects.get(pk=entry.pk).status

    def reason(self, entry):
        """What its history says of an entry's last move."""
        return entry.history.order_by("id").last().reason
