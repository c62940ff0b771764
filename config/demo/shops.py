"""The sellers of the plan at work: they join, file, cut prices, publish again, withdraw."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from campaigns import registering
from campaigns.admission import rulebook_at
from campaigns.joining import registration_for
from campaigns.lifecycle import HOLDS_PLACE
from campaigns.models import Campaign, Entry, Venue
from sellers.models import Seller, User

Row = dict[str, str]


class Shops:
    """Does what the rows of the plan say, through the services that the sellers' pages call.

    `users` maps the codes of sellers with a login to their user; the others act without one.
    """

    def __init__(self, *, campaign: Campaign, venue: Venue, users: dict[str, User]) -> None:
        self.campaign = campaign
        self.venue = venue
        self.users = users
        self._acts = {
            "join": self._join,
            "withdraw": self._withdraw,
            "withdraw_registration": self._leave,
            "reprice": self._reprice,
            "republish": self._republish,
        }

    def act(self, row: Row, at: datetime) -> None:
        """Do what one row of the acts says."""
        self._acts[row["what"]](row, at)

    def file(self, rows: list[Row], at: datetime) -> None:
        """File one seller's rows in one request.

        A seller whose registration was refused files all the same: that is refused as well, and
        kept with its evidence.
        """
        seller = self._seller(rows[0])
        registration = registration_for(
            campaign=self.campaign,
            seller=seller,
            version=rulebook_at(self.campaign, at),
            at=at,
        )
        registering.file_entries(
            registration=registration,
            venue=self.venue,
            rows=[
                registering.FilingRow(
                    item=row["item"],
                    price=row["activity_price"] or None,
                    list_source=row["list_source"] or None,
                    tools=tuple(row["tools"].split()),
                )
                for row in rows
            ],
            at=at,
            actor=self.users.get(seller.code),
            key=f"{at:%Y%m%d%H%M%S}",
        )

    def _join(self, row: Row, at: datetime) -> None:
        seller = self._seller(row)
        actor = self.users.get(seller.code)
        registering.join(campaign=self.campaign, seller=seller, at=at, actor=actor)

    def _leave(self, row: Row, at: datetime) -> None:
        seller = self._seller(row)
        registration = registering.joined_registration(self.campaign, seller)
        if registration is not None:
            registering.withdraw_registration(
                registration=registration, at=at, actor=self.users.get(seller.code)
            )

    def _withdraw(self, row: Row, at: datetime) -> None:
        for entry in self._entries(row, HOLDS_PLACE):
            registering.withdraw_entry(entry=entry, at=at, actor=self.users.get(row["seller"]))

    def _reprice(self, row: Row, at: datetime) -> None:
        for entry in self._entries(row, HOLDS_PLACE):
            registering.reprice_entry(
                entry=entry,
                price=Decimal(row["price"]),
                at=at,
                actor=self.users.get(row["seller"]),
            )

    def _republish(self, row: Row, at: datetime) -> None:
        for entry in self._entries(row, {Entry.Status.UNPUBLISHED}):
            registering.republish_entry(entry=entry, at=at, actor=self.users.get(row["seller"]))

    def _seller(self, row: Row) -> Seller:
        return Seller.objects.get(code=row["seller"])

    def _entries(self, row: Row, statuses: Iterable[str]) -> list[Entry]:
        """What the seller has of the item in these statuses; nothing if it was refused."""
        return list(
            Entry.objects.filter(
                campaign=self.campaign, item__code=row["item"], status__in=list(statuses)
            ).order_by("pk")
        )
