"""What an entry must hold to stand: its claims, and a place under every quota that counts it.

Taken together, in file order: an entry that lacks one takes none of the others.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from campaigns import claims
from campaigns.claims import Holder, Key, ScopeBook, Subject
from campaigns.models import Entry, Registration, RulebookVersion
from campaigns.offers import Offer
from campaigns.prevailing import supersede
from campaigns.quotas import QuotaBook
from campaigns.timeline import Refusal


@dataclass(frozen=True)
class Wish:
    """An entry that wants to stand: the moments at which it takes its claims now, and whether it
    wants a place or has one already. Where its decision is not released yet, whom it takes a claim
    from stays as it is until then.

    ``offers`` are the invitations that it may be filed under: it uses the first that has room
    (D12-131). ``choices`` are the free choices (quota codes) of an entry that nobody invited, or
    whose invitations are used up: it takes a place of the first that has one (D12-116).
    """

    subject: Subject
    moments: tuple[str, ...] = (claims.FILING,)
    place: bool = True
    released: bool = True
    choices: tuple[str, ...] = ()
    offers: tuple[Offer, ...] = ()


@dataclass
class Plan:
    """Who would get what they wish for (entry ids), what they take over, and who is refused.

    ``chosen`` are the free choices that entries would use, ``used`` the invitations, by entry.
    """

    granted: dict[int, tuple[Key, ...]] = field(default_factory=dict)
    takeovers: dict[int, dict[Key, Holder]] = field(default_factory=dict)
    refused: dict[int, list[Refusal]] = field(default_factory=dict)
    chosen: dict[int, str] = field(default_factory=dict)
    used: dict[int, Offer] = field(default_factory=dict)

    def free_claims(self) -> dict[int, tuple[Key, ...]]:
        """The granted claims that nobody holds yet, by entry."""
        lost = {key for keys in self.takeovers.values() for key in keys}
        return {
            entry_id: tuple(key for key in keys if key not in lost)
            for entry_id, keys in self.granted.items()
        }

    @property
    def losers(self) -> set[int]:
        """Ids of the entries that would lose a claim to a takeover."""
        return {holder.entry_id for lost in self.takeovers.values() for holder in lost.values()}


def lock_registrations(ids: Iterable[int]) -> None:
    """Hold the registrations until the transaction ends, so that places are counted in turn.

    On a database without row locks a transaction that writes is alone anyway.
    """
    if connection.features.has_select_for_update:
        rows = Registration.objects.filter(id__in=list(ids)).order_by("id")
        list(rows.select_for_update(no_key=True).values_list("id", flat=True))


class Holdings:
    """Claims and places of a version's entries at an instant, for some registrations (ids).

    ``facts`` are the statistics that bonuses may look at; see ``BonusBook``. ``chosen`` are the
    free choices that entries got places of so far, ``used`` their invitations, by entry.
    """

    def __init__(
        self,
        *,
        version: RulebookVersion,
        registrations: Iterable[int],
        at: datetime,
        vocabulary=None,
        facts=None,
    ):
        self.at = at
        self.chosen = {}
        self.used = {}
        self.scopes = ScopeBook(version)
        self.quotas = QuotaBook(
            version=version, registrations=registrations, at=at, vocabulary=vocabulary, facts=facts
        )

    def plan(self, wishes: list[Wish]) -> Plan:
        """Who would get what they wish for, in the order given; writes nothing."""
        keys = {
            wish.subject.entry_id: self.scopes.keys(wish.subject, *wish.moments) for wish in wishes
        }
        held = claims.holders(key for wanted in keys.values() for key in wanted)
        losers = {holder.entry_id for holder in held.values()} if self.scopes.scopes else set()
        places = _Places(self.quotas, [wish.subject for wish in wishes if wish.place], losers)
        plan = Plan()
        promised = {}
        for wish in wishes:
            subject = wish.subject
            wanted = keys[subject.entry_id]
            lost, refusals = self._conflicts(wish, wanted, held, promised)
            freed = {holder.entry_id for holder in lost.values()}
            if wish.place:
                venue_code = self.scopes.codes.get(subject.venue_id, "")
                refusals = refusals or places.refusals(wish, freed, venue_code)
            if refusals:
                plan.refused[subject.entry_id] = refusals
                continue
            offer, chosen = places.use(wish, freed)
            if offer:
                plan.used[subject.entry_id] = offer
            if chosen:
                plan.chosen[subject.entry_id] = chosen
            plan.granted[subject.entry_id] = wanted
            if lost:
                plan.takeovers[subject.entry_id] = lost
            code = self.scopes.codes.get(subject.venue_id, "")
            for key in wanted:
                promised[key] = Holder(
                    key.scope, 0, subject.entry_id, 0, "", subject.venue_id, code
                )
        return plan

    def take(
        self, wishes: list[Wish], *, actor=None, notice_key: str = ""
    ) -> dict[int, list[Refusal]]:
        """Take claims and places; returns the entries refused (ids) and why.

        Call it under ``lock_registrations`` within a transaction. A claim that somebody else took
        between look and insert is refused too, and the rest is planned again without it. Bonuses
        that are granted once and due are granted first.
        """
        if any(wish.place for wish in wishes):
            self.quotas.grant()
        refused = {}
        waiting = wishes
        while waiting:
            plan = self._settled_plan(waiting)
            raced = claims.take(plan.free_claims())
            kept = {wish.subject.entry_id for wish in waiting if not wish.released}
            self._take_over(plan, raced, kept, actor=actor, notice_key=notice_key)
            refused |= {pk: [_claimed(holder)] for pk, holder in raced.items()}
            self.chosen |= {pk: code for pk, code in plan.chosen.items() if pk not in raced}
            self.used |= {pk: offer for pk, offer in plan.used.items() if pk not in raced}
            if not raced:
                return refused | plan.refused
            # What the raced ones would have used may now go to those refused after them.
            waiting = [wish for wish in waiting if wish.subject.entry_id in plan.refused]
        return refused

    def _conflicts(self, wish, wanted, held, promised):
        """(claims to take over, refusals) among the claims that an entry wants."""
        subject, lost, refusals = wish.subject, {}, []
        for key in wanted:
            if key in promised:
                refusals.append(_claimed(promised[key]))
                continue
            holder = held.get(key)
            if holder is None or holder.entry_id == subject.entry_id:
                continue
            takes_over = self.scopes.takes_over(key, venue_id=subject.venue_id, holder=holder)
            # One decision waits for its release at a time; a second would displace the first.
            if takes_over and (wish.released or holder.displaced_id is None):
                lost[key] = holder
            else:
                refusals.append(_claimed(holder))
        return lost, refusals

    def _settled_plan(self, wishes):
        """A plan whose losers are locked, so that none moves before its claim is taken over."""
        locked = set()
        while True:
            plan = self.plan(wishes)
            if plan.losers <= locked:
                return plan
            locked |= plan.losers
            if connection.features.has_select_for_update:
                rows = Entry.objects.filter(id__in=locked).order_by("id")
                list(rows.select_for_update().values_list("id", flat=True))

    def _take_over(self, plan, raced, kept, *, actor, notice_key):
        """Give taken-over claims to their new holders and end the old ones' entries; those whose
        new holder is in ``kept`` stay until its release."""
        losers = {}
        for entry_id, lost in plan.takeovers.items():
            if entry_id in raced:
                continue
            for holder in lost.values():
                claims.take_over(
                    holder.claim_id,
                    from_entry=holder.entry_id,
                    to_entry=entry_id,
                    displaced=holder.entry_id if entry_id in kept else None,
                )
                if entry_id not in kept:
                    losers[holder.entry_id] = entry_id
                    if holder.displaced_id is not None:
                        losers[holder.displaced_id] = entry_id
        if losers:
            supersede(
                losers,
                version=self.quotas.version,
                at=self.at,
                actor=actor,
                notice_key=notice_key,
            )


class _Places:
    """Places left per registration and quota while a plan hands them out."""

    def __init__(self, book: QuotaBook, subjects: list[Subject], losers: set[int]):
        quotas = book.quotas if subjects else []
        self.places = {
            (registration_id, place.quota.code): place
            for registration_id, places in (book.places() if quotas else {}).items()
            for place in places
        }
        self.counted = book.counted_ids(subject.entry_id for subject in subjects) if quotas else {}
        self.using = dict.fromkeys(self.counted, frozenset())
        if losers and quotas:
            self.using = {
                quota.code: set(
                    book.users(quota).filter(id__in=losers).values_list("id", flat=True)
                )
                for quota in quotas
            }
        self.spent = Counter()
        # Invitation id to the entries that are to use it.
        self.under = defaultdict(list)

    def refusals(self, wish: Wish, freed: set[int], venue_code: str) -> list[Refusal]:
        """Every quota that has no place for the entry, the places of ``freed`` entries free.

        Of invitations and free choices it needs one. Where invitations are used up the first is
        named; where all free choices are full, all are. A seller who has and uses no free choice at
        all is not invited.
        """
        full = {code: self._full(code, wish, freed) for code in self._asked(wish)}
        found = [refusal for refusal in full.values() if refusal]
        if self._offer(wish) is not None or self._choice(wish, freed) is not None:
            return found
        if wish.offers:
            offer = wish.offers[0]
            found.append(offer.used_up(venue_code, self.under[offer.invitation]))
        elif wish.choices:
            choices = [self._full(code, wish, freed) for code in wish.choices]
            if any(refusal.params["ceiling"] or refusal.params["used"] for refusal in choices):
                found += choices
            else:
                free = [refusal.params for refusal in choices]
                found.append(Refusal("not_invited", {"venue": venue_code, "free_choices": free}))
        return found

    def use(self, wish: Wish, freed: set[int]) -> tuple[Offer | None, str | None]:
        """Hand out the entry's places if it takes any, and give back those of the ``freed``.

        Returns the invitation that it uses, or the free choice whose place it has, if either.
        """
        offer = self._offer(wish) if wish.place else None
        chosen = None if offer else self._choice(wish, freed)
        if offer:
            self.under[offer.invitation].append(wish.subject.entry_id)
        taken = {*self._asked(wish), chosen} if wish.place else set()
        for code in self.using:
            change = int(code in taken) - len(self.using[code] & freed)
            self.spent[wish.subject.registration_id, code] += change
        return offer, chosen

    def _asked(self, wish):
        """The quotas that must have a place for the entry."""
        return [
            code
            for code, counted in self.counted.items()
            if wish.subject.entry_id in counted and code not in wish.choices
        ]

    def _offer(self, wish):
        entry = wish.subject.entry_id
        return next(
            (offer for offer in wish.offers if offer.has_room(entry, self.under[offer.invitation])),
            None,
        )

    def _choice(self, wish, freed):
        return next((code for code in wish.choices if not self._full(code, wish, freed)), None)

    def _full(self, code, wish, freed):
        """The refusal where the quota has no place for the entry, else None."""
        place = self.places[wish.subject.registration_id, code]
        if place.ceiling is None or self.using[code] & freed:
            return None
        used = place.used + self.spent[wish.subject.registration_id, code]
        return place.full(used) if used >= place.ceiling else None


def _claimed(holder: Holder) -> Refusal:
    return Refusal(
        "already_claimed",
        {
            "scope": holder.scope,
            "entry": holder.entry_id,
            "venue": holder.venue_code,
            "status": holder.status,
        },
    )
