"""The sellers of a Double 12 at work, through what their pages call."""

from datetime import datetime
from pathlib import Path
from zlib import crc32

from campaigns import bonuses, inviting, registering, rounds
from campaigns.admission import rulebook_at
from campaigns.filing import FilingRow, file_entries
from campaigns.joining import joined_registration, registration_for
from campaigns.models import Campaign, Entry, Invitation, Venue
from campaigns.portal.uploading import read_table
from sellers.models import Item, Seller, User

Row = dict[str, str]


class Shops:
    """Does what the plan says; `users` maps the codes of sellers with a login to their user."""

    def __init__(self, *, campaign: Campaign, folder: Path, users: dict[str, User]) -> None:
        self.campaign, self.folder, self.users = campaign, folder, users
        self.venues = {row.code: row for row in Venue.objects.filter(campaign=campaign)}

    def act(self, row: Row, at: datetime) -> None:
        """Join, apply for a round, or enrol for a bonus; who was refused does neither."""
        seller = Seller.objects.get(code=row["seller"])
        actor = self.users.get(seller.code)
        if row["what"] == "join":
            registering.join(campaign=self.campaign, seller=seller, at=at, actor=actor)
            return
        registration = joined_registration(self.campaign, seller)
        if registration is None:
            return
        version = rulebook_at(self.campaign, at)
        if row["what"] == "apply":
            rounds.apply(registration=registration, code=row["code"], version=version, at=at)
        else:
            bonuses.enrol(registration=registration, bonus=row["code"], version=version, at=at)

    def answer(self, at: datetime) -> None:
        """Answer the invitations won by rank that wait: every third shop declines, the others file
        the first item that they have in an outer venue."""
        waiting = Invitation.objects.filter(
            campaign=self.campaign,
            kind=Invitation.Kind.REVERSE,
            state=Invitation.State.ISSUED,
            issued_at__lte=at,
            expires_at__gt=at,
        )
        for invitation in waiting.select_related("seller", "venue", "campaign").order_by("pk"):
            seller = invitation.seller
            if crc32(seller.code.encode()) % 3 == 0:
                inviting.decline(invitation=invitation, at=at)
                continue
            own = Entry.objects.filter(
                campaign=self.campaign, seller=seller, status=Entry.Status.APPROVED
            ).select_related("item")
            entry = own.order_by("submitted_at", "pk").first()
            answer = inviting.accept(invitation=invitation, at=at)
            if answer.accepted and entry is not None:
                file_entries(
                    registration=entry.registration,
                    venue=invitation.venue,
                    rows=[FilingRow(item=entry.item.code, price=str(entry.activity_price))],
                    at=at,
                    actor=self.users.get(seller.code),
                    key=f"invitation-{invitation.pk}",
                )

    def upload(self, row: Row, at: datetime) -> None:
        """File a table that a seller uploads: read as on the seller's page, then filed."""
        seller = Seller.objects.get(code=row["seller"])
        text = (self.folder / row["path"]).read_text(encoding="utf-8")
        rows, faults = read_table(text, seller)
        if faults:
            raise ValueError(f"{row['path']}, line {faults[0].line}: {faults[0].reason}")
        codes = dict(Item.objects.filter(pk__in=rows).values_list("pk", "code"))
        file_entries(
            registration=registration_for(
                campaign=self.campaign,
                seller=seller,
                version=rulebook_at(self.campaign, at),
                at=at,
            ),
            venue=self.venues[row["venue"]],
            rows=[
                FilingRow(item=codes[pk], price=line.price, list_source=line.source or None)
                for pk, line in rows.items()
            ],
            at=at,
            actor=self.users.get(seller.code),
            key=f"{at:%Y%m%d%H%M%S}-{row['venue']}"[:64],
        )
