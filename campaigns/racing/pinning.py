"""Giving a position by hand, and taking it off again (D12-054)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from campaigns.eligibility.values import Asking
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.measures import raced
from campaigns.models import Pin, Race, RaceSegment, RulebookVersion, Venue, VenueTerms
from campaigns.racing.boards import places_of
from campaigns.racing.candidates import candidates, entries_of
from campaigns.racing.periods import Due
from sellers.localtime import local_text
from sellers.models import Item, Seller, User


class PinRefused(Exception):
    """A position that cannot be given so; the message says why, ``field`` what it is about."""

    def __init__(self, field: str, message: str):
        super().__init__(message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Wanted:
    """Whom to give which position of a race in a venue, in [starts_at, ends_at). Without a group
    it is the one that the candidate is in."""

    race: Race
    terms: VenueTerms
    position: int
    seller: Seller
    item: Item | None
    starts_at: datetime
    ends_at: datetime | None
    reason: str
    group: str = ""


def pin(wanted: Wanted, version: RulebookVersion, *, at: datetime, actor: User | None) -> Pin:
    """Give the position, on every board whose period begins from then on. The board that holds
    stays as it is. Raises PinRefused."""
    _check_time(wanted, at)
    due = Due(version, wanted.race, RaceSegment(), wanted.terms, wanted.starts_at, wanted.starts_at)
    places = places_of(due)[1]
    if places is None:
        raise PinRefused("position", _("The race has no number of places there: it gives none."))
    if not 1 <= wanted.position <= places:
        text = _("There are %(places)d places: expected a position from 1 to %(places)d.")
        raise PinRefused("position", text % {"places": places})
    group = _group(wanted, due, at)
    with transaction.atomic():
        # The venue's row lets one after the other give, so that a position is told as taken.
        Venue.objects.select_for_update().get(pk=wanted.terms.venue_id)
        _check_others(wanted, group)
        return Pin.objects.create(
            venue_id=wanted.terms.venue_id,
            race_code=wanted.race.code,
            group=group,
            position=wanted.position,
            seller=wanted.seller,
            item=wanted.item,
            starts_at=wanted.starts_at,
            ends_at=wanted.ends_at,
            reason=wanted.reason,
            pinned_at=at,
            pinned_by=actor,
        )


def take_off(pin: Pin, *, at: datetime) -> bool:
    """End a pin now; whether it was there to end. The board that holds stays as it is."""
    lasting = Q(ends_at__isnull=True) | Q(ends_at__gt=at)
    rows = Pin.objects.filter(lasting, pk=pin.pk, removed_at__isnull=True)
    return bool(rows.update(removed_at=at))


def pins_of(campaign_id: int) -> QuerySet[Pin]:
    """Every pin of a campaign, also those taken off."""
    rows = Pin.objects.filter(venue__campaign=campaign_id)
    return rows.select_related("venue", "seller", "item", "pinned_by")


def lasting(pins: QuerySet[Pin], at: datetime) -> QuerySet[Pin]:
    """Those that hold, or are still to hold."""
    return pins.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=at), removed_at__isnull=True)


def _check_time(wanted, at):
    if wanted.starts_at < at:
        raise PinRefused("starts_at", _("The past does not change: expected a time from now on."))
    if wanted.ends_at is not None and wanted.ends_at <= wanted.starts_at:
        raise PinRefused("ends_at", _("expected an end after the start"))


def _group(wanted, due, at):
    """The group in which the candidate takes part with an approved entry."""
    race, item = wanted.race, wanted.item
    if race.unit == Race.Unit.ITEM:
        if item is None:
            raise PinRefused("item", _("The race ranks items: expected an item."))
        if item.seller_id != wanted.seller.pk:
            raise PinRefused("item", _("The item belongs to another seller"))
    elif item is not None:
        raise PinRefused("item", _("The race ranks shops: expected no item."))
    asking = Asking(due.version, at, raced(vocabulary_of(due.version), due.terms.code))
    entries = entries_of(due, asking, at).filter(seller=wanted.seller)
    if item is not None:
        entries = entries.filter(item=item)
    groups = sorted({row[0] for row in candidates(entries, due, asking, [])})
    about = "item" if item else "seller"
    if not groups:
        raise PinRefused(
            about,
            _("%(who)s has no approved entry that takes part in this race there.")
            % {"who": item.code if item else wanted.seller.code},
        )
    if not wanted.group and len(groups) == 1:
        return groups[0]
    if wanted.group not in groups:
        text = _("It takes part in these groups: %(groups)s.")
        raise PinRefused("group", text % {"groups": ", ".join(map(str, groups))})
    return wanted.group


def _check_others(wanted, group):
    """No two for one position, and no candidate on two."""
    meets = Q(ends_at__isnull=True) | Q(ends_at__gt=wanted.starts_at)
    others = Pin.objects.filter(
        meets,
        venue=wanted.terms.venue_id,
        race_code=wanted.race.code,
        group=group,
        removed_at__isnull=True,
    )
    if wanted.ends_at is not None:
        others = others.filter(starts_at__lt=wanted.ends_at)
    others = others.select_related("seller", "item").order_by("starts_at", "pk")
    holder = others.filter(position=wanted.position).first()
    if holder is not None:
        text = _("Position %(position)d is given to %(who)s %(time)s.")
        raise PinRefused(
            "position",
            text
            % {
                "position": wanted.position,
                "who": holder.item.code if holder.item else holder.seller.code,
                "time": _time_words(holder),
            },
        )
    same = others.filter(seller=wanted.seller, item=wanted.item).first()
    if same is not None:
        text = _("It has position %(position)d already, %(time)s.")
        what = {"position": same.position, "time": _time_words(same)}
        raise PinRefused("item" if wanted.item else "seller", text % what)


def _time_words(pin):
    start = local_text(pin.starts_at)
    if pin.ends_at is None:
        return _("from %(start)s on") % {"start": start}
    return _("from %(start)s until %(end)s") % {"start": start, "end": local_text(pin.ends_at)}
