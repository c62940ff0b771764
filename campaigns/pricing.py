"""Prices after filing: locks, campaign and list prices, publishing again (G520-033, 034, 046)."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q

from campaigns import deciding
from campaigns.admission import refresh, rulebook_at
from campaigns.eligibility.bound import FAIL
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.grounds import FindingDraft
from campaigns.evidence import ADMISSION, save_requirements
from campaigns.lifecycle import HOLDS_PLACE, LIVE, PENDING, transition
from campaigns.models import Campaign, Entry, Lock, Move, RulebookVersion
from campaigns.rulebooks.versions import version_in_force
from campaigns.timeline import Refusal, shown
from sellers.models import ChangedSubject, Item, ListPrice

CAMPAIGN_PRICE, LIST_PRICE = "entry.activity_price", "item.list_price"
RECHECK = "recheck"
# What a re-check notes without taking the badge does not keep an item from being published.
_HARMLESS = frozenset({"flag", "at_risk"})

_PRICE = Entry._meta.get_field("activity_price")
_LIST_PRICE = Item._meta.get_field("list_price")


@dataclass(frozen=True)
class Change:
    """Whether a change was made, and if not, why: process reasons and failed requirements."""

    refusals: list[Refusal] = field(default_factory=list)
    findings: list[FindingDraft] = field(default_factory=list)

    @property
    def accepted(self) -> bool:
        """Whether the change was made."""
        return not self.refusals and not self.findings


def locks_on(
    version: RulebookVersion, *, metric: str, old: Decimal | None, new: Decimal | None, at: datetime
) -> list[Refusal]:
    """The locks in force that refuse this change of a field, each a ``price_locked`` refusal.

    A lock on raising lets cuts pass and one on cutting raises; a value that was or becomes unknown
    counts as any change.
    """
    if old == new:
        return []
    directions = {Lock.Direction.ANY}
    if old is not None and new is not None:
        directions.add(Lock.Direction.RAISE if new > old else Lock.Direction.CUT)
    else:
        directions |= {Lock.Direction.RAISE, Lock.Direction.CUT}
    locks = version.lock_set.filter(
        field=metric, direction__in=directions, starts_at__lte=at, ends_at__gt=at
    )
    return [
        Refusal(
            "price_locked",
            {
                "lock": lock.code,
                "field": metric,
                "direction": lock.direction,
                "starts_at": shown(lock.starts_at),
                "ends_at": shown(lock.ends_at),
                "old": None if old is None else str(old),
                "new": None if new is None else str(new),
            },
        )
        for lock in locks
    ]


def reprice_entry(*, entry: Entry, price: Decimal | str, at: datetime, actor) -> Change:
    """Change the campaign price of a pending or live entry that the caller read.

    Refused while a lock forbids it (G520-046). A cut is not held against the requirements (033); a
    raise is, and is refused where the entry would fail something that it does not fail now. The
    revision rises, so that a decision made on the old price does not land. Raises NoRulebook.
    """
    version = rulebook_at(entry.campaign, at)
    new, wrong = _price(price, _PRICE)
    if wrong:
        return Change(refusals=[wrong])
    if entry.status not in HOLDS_PLACE:
        return Change(refusals=[Refusal("already_ended", {"status": entry.status})])
    old = entry.activity_price
    locked = locks_on(version, metric=CAMPAIGN_PRICE, old=old, new=new, at=at)
    if locked:
        return Change(refusals=locked)
    if old is not None and new <= old:
        with transaction.atomic():
            return _set_price(entry, new, version)
    facts = refresh(version, at, sellers=[entry.seller_id], items=[entry.item_id])
    checker = Checker(version=version, stage=ADMISSION, at=at, statistics=facts)
    with transaction.atomic():
        before = _failing(checker, entry)
        with transaction.atomic():
            change = _set_price(entry, new, version)
            added = [row for code, row in _failing(checker, entry).items() if code not in before]
            if added and change.accepted:
                transaction.set_rollback(True)
        if change.accepted and added:
            change = Change(findings=added)
            save_requirements({entry.pk: added}, owner="entry", version=version, at=at)
    return change


def change_list_price(*, item: Item, price: Decimal | str, at: datetime) -> Change:
    """Change an item's list price from now on.

    Refused while a campaign in which the item stands has a lock on it (G520-046). Prices that are
    scheduled stay; the new one lasts until the next of them.
    """
    new, wrong = _price(price, _LIST_PRICE)
    if wrong:
        return Change(refusals=[wrong])
    campaigns = Campaign.objects.filter(
        id__in=Entry.objects.filter(item=item, status__in=LIVE).values("campaign")
    )
    versions = [version_in_force(campaign, at) for campaign in campaigns]
    locked = [
        refusal
        for version in versions
        if version is not None
        for refusal in locks_on(version, metric=LIST_PRICE, old=item.list_price, new=new, at=at)
    ]
    if locked:
        return Change(refusals=locked)
    with transaction.atomic():
        shown_prices = ListPrice.objects.filter(item=item, struck=False)
        running = shown_prices.filter(starts_at__lt=at).filter(Q(ends_at=None) | Q(ends_at__gt=at))
        stated_end = running.order_by("-starts_at").values_list("stated_ends_at", flat=True).first()
        following = shown_prices.filter(starts_at__gt=at).order_by("starts_at")
        next_start = following.values_list("starts_at", flat=True).first()
        running.update(ends_at=at)
        ends = [end for end in (stated_end, next_start) if end is not None]
        ListPrice.objects.update_or_create(
            item=item,
            starts_at=at,
            struck=False,
            defaults={
                "price": new,
                "ends_at": min(ends) if ends else None,
                "stated_ends_at": stated_end,
                "known_at": at,
            },
        )
        Item.objects.filter(pk=item.pk).update(list_price=new)
        ChangedSubject.objects.update_or_create(
            subject_kind="item", subject_id=item.pk, defaults={"changed_at": at}
        )
    item.list_price = new
    return Change()


def republish_entry(*, entry: Entry, at: datetime, actor) -> Change:
    """Publish an unpublished entry again, at its seller's wish (G520-034).

    It is re-checked first; what would take it off again refuses it. Raises NoRulebook.
    """
    if entry.status != Entry.Status.UNPUBLISHED:
        return Change(refusals=[Refusal("not_unpublished", {"status": entry.status})])
    version = rulebook_at(entry.campaign, at)
    facts = refresh(version, at, sellers=[entry.seller_id], items=[entry.item_id])
    checker = Checker(version=version, stage=RECHECK, at=at, statistics=facts)
    failing = [row for row in _failing(checker, entry).values() if row.action not in _HARMLESS]
    if failing:
        save_requirements({entry.pk: failing}, owner="entry", version=version, at=at, stage=RECHECK)
        return Change(findings=failing)
    moved = transition(
        entries={entry.pk: entry.revision},
        from_status=Entry.Status.UNPUBLISHED,
        to_status=Entry.Status.APPROVED,
        cause=Move.Cause.SELLER,
        at=at,
        actor=actor,
        reason="republished",
    )
    return Change() if moved else Change(refusals=[Refusal("changed", {})])


def _set_price(entry, price, version):
    """Compare-and-set on what the caller read. A decision on the old price falls."""
    same = Entry.objects.filter(pk=entry.pk, revision=entry.revision, status=entry.status)
    if not same.update(activity_price=price, revision=F("revision") + 1):
        return Change(refusals=[Refusal("changed", {})])
    if entry.status in PENDING:
        deciding.drop([entry.pk], version)
    return Change()


def _failing(checker, entry):
    """What the entry fails now, by code."""
    findings = checker.findings([entry.pk]).get(entry.pk, [])
    return {finding.code: finding for finding in findings if finding.outcome == FAIL}


def _price(value, column):
    """(price, refusal): a price above 0 that the column holds."""
    try:
        price = column.to_python(value)
        if price is None:
            return None, Refusal("price_missing", {})
        column.scale(price)
    except ValidationError:
        return None, Refusal("price_unreadable", {"given": str(value)[:80]})
    if price <= 0:
        return None, Refusal("price_missing", {"given": str(price)})
    return price, None
