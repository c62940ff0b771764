"""An operator's desk on a busy day: Double 12, its 34 branches overdue, 10,000 entries.

Rows are written by the thousand, not filed one by one; one refused entry has its evidence.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from campaigns import tallies
from campaigns.claims import venue_scope
from campaigns.models import (
    Alert,
    Campaign,
    CancellationRequest,
    Channel,
    Claim,
    Decision,
    Delivery,
    Entry,
    EntryHistory,
    Finding,
    Ground,
    Invitation,
    Move,
    Notice,
    ReasonTemplate,
    Registration,
    RulebookVersion,
    TallyDelta,
)
from campaigns.models.entry import EntryTool
from campaigns.rulebooks.loading import open_rulebook, read_rulebook, take_in
from sellers.models import Category, Item, Seller, User, Violation
from tests.times import local

AT = local("2015-12-01 09:00")
PUBLISHED = local("2015-10-01")
JOINED = local("2015-10-20 12:00")
FED = local("2015-10-12")
SELLERS = 200
ENTRIES = 10_000
SHOPS = (
    "Moonlight Gifts 月光礼品店", "Harbour Leather 港湾皮具", "Cotton Lane 棉布巷",
    "North Lake Tea 北湖茶庄", "Little Oak 小橡树童装",
)  # fmt: skip
TITLES = (
    "Silk-lined leather handbag with a brass clasp 真皮手提包", "Rose face cream 玫瑰面霜",
    "Evening candle 香薰蜡烛", "Down jacket, long 长款羽绒服", "Oolong tea, 250 g 乌龙茶",
)  # fmt: skip
# Of every 20 entries of a kind of venue: statuses in turn.
STATUSES = {
    "branch": ("in_review",) * 14 + ("rejected",) * 3 + ("approved", "cleared_out", "withdrawn"),
    "presale": ("approved",) * 12 + ("in_review",) * 4 + ("abnormal", "cleared_out")
    + ("rejected",) * 2,
    "outer": ("approved",) * 15 + ("abnormal", "at_risk", "superseded", "cleared_out", "rejected"),
}  # fmt: skip
PENDING = {"in_review"}
HOLDS = {"in_review", "approved", "at_risk", "abnormal"}
_read = []


@dataclass(frozen=True)
class Desk:
    """The campaign and rows of it that a test most often wants."""

    campaign: Campaign
    version: RulebookVersion
    registration: Registration
    seller: Seller
    refused: Entry


def double12(code: str = "double12-2015") -> Campaign:
    """The library's rulebook, published; read once, stored as often as it is wanted."""
    if not _read:
        text, _source = open_rulebook("double12-2015")
        _read.append(read_rulebook(text))
    version = take_in(_read[0].under(code)).version
    version.state = RulebookVersion.State.PUBLISHED
    version.published_at = version.effective_at = PUBLISHED
    version.save()
    Campaign.objects.filter(pk=version.campaign_id).update(state=Campaign.State.PUBLISHED)
    return Campaign.objects.get(pk=version.campaign_id)


def full_desk(actor: User, entries: int = ENTRIES) -> Desk:
    """The campaign at ``AT`` with ``entries`` entries over all venues that take them."""
    campaign = double12()
    version = campaign.versions.get()
    category = Category.objects.create(
        code="womens_wear", path="/womens_wear/", name="Women's wear", name_zh="女装"
    )
    sellers = Seller.objects.bulk_create(
        Seller(
            code=f"shop-{n:03}", name=f"{SHOPS[n % 5]} {n}", main_category=category,
            shop_type="marketplace", marketing_rules_ok=True, operating_score=Decimal("80.00"),
            service_score=Decimal("4.80"), known_at=FED, effective_at=FED,
        )
        for n in range(SELLERS)
    )  # fmt: skip
    registrations = Registration.objects.bulk_create(
        Registration(
            campaign=campaign, seller=seller, status="joined", version=version,
            main_category=category, created_at=JOINED, joined_at=JOINED,
        )
        for seller in sellers
    )  # fmt: skip
    items = Item.objects.bulk_create(
        Item(
            code=f"item-{n:05}", seller=sellers[n % SELLERS], category=category,
            title=f"{TITLES[n % 5]} {n}", list_price=Decimal("120.00"), stock=200,
            first_listed_at=FED, published_at=FED, known_at=FED, effective_at=FED,
        )
        for n in range(entries)
    )  # fmt: skip
    made = _entries(campaign, version, registrations, items)
    _claims(made)
    _tally(campaign, made)
    _decisions(made, actor)
    _requests(made, actor)
    _invitations(campaign, items, actor)
    _alerts(campaign, sellers)
    _deliveries(campaign, sellers)
    ReasonTemplate.objects.create(
        code="picture", text={"en": "The picture is unclear", "zh-hans": "主图不清晰"}
    )
    ReasonTemplate.objects.create(
        code="counterfeit_goods", use=ReasonTemplate.Use.REVOCATION,
        text={"en": "Counterfeit goods", "zh-hans": "销售假冒商品"},
    )  # fmt: skip
    refused = next(
        row for row in made if row.status == "rejected" and row.venue.code == "presale_women"
    )
    _evidence(refused)
    return Desk(campaign, version, registrations[0], sellers[0], refused)


def _entries(campaign, version, registrations, items):
    taking = list(version.venueterms_set.filter(takes_registrations=True).select_related("venue"))
    rows = []
    for n, item in enumerate(items):
        # The place by seventeens: every venue of a kind has every status, and every shop has many.
        terms = taking[n % len(taking)]
        status = STATUSES[terms.kind][n // len(taking) * 7 % 20]
        submitted = AT - timedelta(days=6, minutes=n)
        decided = None if status in PENDING else AT - timedelta(days=3)
        rows.append(
            Entry(
                campaign=campaign, venue=terms.venue, registration=registrations[n % SELLERS],
                seller_id=item.seller_id, item=item, status=status, version=version,
                activity_price=Decimal("99.00") - n % 10, submitted_at=submitted,
                decided_at=decided, held=n % 97 == 0,
                approved_at=decided if status in {"approved", "abnormal", "at_risk"} else None,
            )
        )  # fmt: skip
    return Entry.objects.bulk_create(rows)


def _claims(entries):
    Claim.objects.bulk_create(
        Claim(
            scope=venue_scope(row.venue_id), subject_kind="item", subject_id=row.item_id, entry=row
        )
        for row in entries
        if row.status in HOLDS
    )


def _tally(campaign, entries):
    counts = Counter()
    for row in entries:
        counts[row.venue_id, f"status.{row.status}"] += 1
        counts[row.venue_id, "moved.draft.submitted"] += 1
        if row.status not in PENDING:
            goal = "rejected" if row.status == "rejected" else "approved"
            counts[row.venue_id, f"moved.in_review.{goal}"] += 1
    TallyDelta.objects.bulk_create(
        TallyDelta(campaign=campaign, venue_id=venue, name=name, day=AT.date(), delta=number)
        for (venue, name), number in counts.items()
    )
    tallies.fold()


def _decisions(entries, actor):
    waiting = [row for row in entries if row.status == "in_review"]
    Decision.objects.bulk_create(
        Decision(
            entry=row, venue_id=row.venue_id, verdict="reject" if n % 4 == 0 else "approve",
            revision=row.revision, decided_at=AT - timedelta(days=1), decided_by=actor,
        )
        for n, row in enumerate(waiting[:2_000])
    )  # fmt: skip


def _requests(entries, actor):
    live = [row for row in entries if row.status == "approved"]
    CancellationRequest.objects.bulk_create(
        CancellationRequest(
            entry=row, asked_at=AT - timedelta(hours=n), asked_by=actor,
            note="The supplier cannot deliver. 供应商无法供货。",
        )
        for n, row in enumerate(live[:120])
    )  # fmt: skip


def _invitations(campaign, items, actor):
    outer = campaign.venues.get(code="outer")
    states = ("issued", "seen", "accepted", "declined", "revoked")
    Invitation.objects.bulk_create(
        Invitation(
            campaign=campaign, venue=outer, seller_id=item.seller_id, state=states[n % 5],
            item=None if n % 7 == 0 else item, source=f"batch {n // 500}", issued_at=JOINED,
            expires_at=local("2015-12-13"), issued_by=actor,
        )
        for n, item in enumerate(items[:1_000])
    )  # fmt: skip


def _alerts(campaign, sellers):
    kinds = ("counterfeit", "fake_trade", "image_theft")
    violations = Violation.objects.bulk_create(
        Violation(
            code=f"v{n}", seller=seller, category=kinds[n % 3], severity="serious", points=12,
            occurred_at=AT - timedelta(days=2), penalised_at=AT - timedelta(days=1),
            known_at=AT - timedelta(days=1),
        )
        for n, seller in enumerate(sellers[:80])
    )  # fmt: skip
    Alert.objects.bulk_create(
        Alert(campaign=campaign, violation=row, seller=row.seller, at=AT - timedelta(hours=n))
        for n, row in enumerate(violations)
    )


def _deliveries(campaign, sellers):
    causes = ("approved", "rejected", "cleared_out")
    notices = Notice.objects.bulk_create(
        Notice(
            seller=seller, campaign=campaign, cause=causes[n % 3], key=f"desk:{n}", state="sent",
            at=AT - timedelta(hours=n), sent_at=AT - timedelta(hours=n),
        )
        for n, seller in enumerate(sellers)
    )  # fmt: skip
    channel = Channel.objects.create(
        seller=sellers[0], name="Shop chat 店铺群", url="json://hooks.example.org/shop-000"
    )
    states = ("sent", "sent", "queued", "failed")
    Delivery.objects.bulk_create(
        Delivery(
            notice=notice, medium="messenger" if n == 0 else "email",
            target=f"channel:{channel.pk}" if n == 0 else f"user:{n}", state=states[n % 4],
            attempts=n % 4 + 1, sent_at=AT if n % 4 < 2 else None,
            error="timeout" if n % 4 == 3 else "",
        )
        for n, notice in enumerate(notices)
    )  # fmt: skip


def _evidence(entry):
    requirement = entry.version.requirement_set.get(code="D12-038")
    finding = Finding.objects.create(
        campaign=entry.campaign, registration=entry.registration, entry=entry,
        requirement=requirement, version=entry.version, stage="admission", code=requirement.code,
        outcome="fail", action="reject", at=AT - timedelta(days=6),
    )  # fmt: skip
    Ground.objects.create(
        finding=finding, path="require", metric="entry.activity_price",
        measured=str(entry.activity_price), comparator="<=", threshold="85.00", unit="CNY",
        known_at=FED, result=False,
    )  # fmt: skip
    move = Move.objects.create(cause=Move.Cause.FILING, at=finding.at)
    EntryHistory.objects.create(
        move=move, entry=entry, from_status="draft", to_status="rejected", at=finding.at,
        reason=requirement.code,
    )  # fmt: skip
    EntryTool.objects.create(entry=entry, code="shop_red_packet")
