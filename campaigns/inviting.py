"""Inviting sellers to venues, and what they answer (D12-075, 079, 081, 082, 131, 135).

An invitation is one for a venue, a seller, an item (or any) and a source, so that to issue it again
changes nothing. When it expires needs no job: it is open in [issued_at, expires_at).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from campaigns import notices, sheets
from campaigns.admission import refresh, rulebook_at
from campaigns.eligibility.bound import FAIL
from campaigns.eligibility.checker import Checker
from campaigns.eligibility.grounds import FindingDraft
from campaigns.evidence import ADMISSION
from campaigns.joining import joined_registration
from campaigns.lifecycle import LIVE, PENDING
from campaigns.models import Entry, Invitation, Venue, VenueTerms
from campaigns.published import rows_of
from campaigns.rulebooks.versions import version_in_force
from campaigns.slots import INVITATION, OPEN_STATES, REVERSE, open_invitations
from campaigns.timeline import Refusal, shown
from sellers.bulk_write import insert_from_query, insert_rows
from sellers.feeds.problems import Problem
from sellers.models import Item, Seller

INVITED, INVITED_BY_RANK = "invited", "invited_by_rank"
# Columns of an uploaded table; without an item, any is invited.
SELLER, ITEM = "seller", "item"

_S = Invitation.State
_UNANSWERED = (_S.ISSUED, _S.SEEN)
_LONGEST_SOURCE = Invitation._meta.get_field("source").max_length


@dataclass(frozen=True)
class Invited:
    """What came of issuing: invitations that are new, those there were, and lines left out."""

    new: int
    repeated: int
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class Answer:
    """What came of accepting: whether it is accepted now; if not, process reasons and the
    requirements of the venue that the seller does not meet."""

    accepted: bool
    refusals: list[Refusal] = field(default_factory=list)
    findings: list[FindingDraft] = field(default_factory=list)


@dataclass(frozen=True)
class Issue:
    """What all invitations of a batch share. ``source`` names the batch, board or upload; they end
    at ``expires_at`` (exclusive), or never. ``items`` may be filed under each, or any number.
    ``told`` has what the notice of a seller (id) tells besides, such as the rank that won it."""

    venue: Venue
    source: str
    at: datetime
    expires_at: datetime | None = None
    kind: str = Invitation.Kind.PLATFORM
    actor: object = None
    items: int | None = None
    told: Mapping[int, dict] = field(default_factory=dict)

    def __post_init__(self):
        if not self.source or len(self.source) > _LONGEST_SOURCE:
            raise ValueError(f"a source of 1 to {_LONGEST_SOURCE} characters is needed")
        if self.expires_at is not None and self.expires_at <= self.at:
            raise ValueError("an invitation cannot end before it is issued")

    def as_columns(self) -> dict:
        """The columns of every row."""
        return {
            "campaign": self.venue.campaign_id,
            "venue": self.venue.pk,
            "kind": self.kind,
            "items": self.items,
            "source": self.source,
            "issued_at": self.at,
            "expires_at": self.expires_at,
            "issued_by": getattr(self.actor, "pk", None),
        }


def invite(issue: Issue, rows: Iterable[tuple[int, str, str]]) -> Invited:
    """Invite sellers by code, each with one item or ("") with any: (line, seller, item).

    A line that names nobody, nothing, or another's item is left out and told; nothing is lost of
    the others. A batch of a few thousand at a time; may be called once more with the same.
    """
    total = _total(_invite(issue, part) for part in _parts(rows))
    _tell(issue)
    return total


def invite_from(issue: Issue, path: Path) -> Invited:
    """Invite the lines of a CSV with the columns ``seller`` and, if it has one, ``item``.

    Raises FeedError for a file that cannot be read as a table.
    """
    problems = []
    known = (SELLER, ITEM)
    batches = sheets.batches(path, needed=(SELLER,), known=known, problems=problems)
    total = _total(
        _invite(issue, [(line, cells[SELLER], cells.get(ITEM, "")) for line, cells in lines])
        for lines in batches
    )
    _tell(issue)
    return Invited(total.new, total.repeated, sorted([*problems, *total.problems]))


def invite_selected(issue: Issue, rows: QuerySet, *, fresh: bool = False) -> int:
    """Invite what a query of sellers or of items selects; returns how many invitations are new.

    ``fresh`` leaves out sellers who have an open invitation to the venue, or an entry that stands
    in it (D12-135). The database does it all, however many they are.
    """
    is_items = rows.model is Item
    owner = "seller" if is_items else "pk"
    if fresh:
        open_ones = open_invitations(issue.at).filter(venue=issue.venue, seller=OuterRef(owner))
        standing = Entry.objects.filter(
            venue=issue.venue, seller=OuterRef(owner), status__in=PENDING | LIVE
        )
        rows = rows.filter(~Exists(open_ones), ~Exists(standing))
    names = [owner, "pk"] if is_items else [owner]
    columns = [SELLER, ITEM] if is_items else [SELLER]
    new = insert_from_query(
        rows.order_by("pk").values_list(*names),
        Invitation,
        columns,
        {"state": _S.ISSUED, **issue.as_columns()},
        ignore_conflicts=True,
    )
    _tell(issue)
    return new


def invitations_of(seller: Seller, at: datetime) -> QuerySet[Invitation]:
    """The seller's invitations that are open at the instant: “campaigns inviting me”."""
    return open_invitations(at).filter(seller=seller).select_related("campaign", "venue", "item")


def mark_seen(invitations: Iterable[int], at: datetime) -> int:
    """Note that the seller has seen these (ids) for the first time; returns how many."""
    unseen = Invitation.objects.filter(id__in=list(invitations), state=_S.ISSUED)
    return unseen.update(state=_S.SEEN, seen_at=at)


def accept(*, invitation: Invitation, at: datetime) -> Answer:
    """Accept an invitation for its seller.

    Refused: one that is not open any more (``invitation_closed``), a seller who has not joined
    (``not_registered``), and one who does not meet what the venue asks of sellers at admission,
    such as an exam (D12-081). What cannot be answered does not stop it. Accepted twice it stays so.
    Raises NoRulebook.
    """
    closed = _closed(invitation, at)
    if closed is not None:
        return Answer(False, [closed])
    registration = joined_registration(invitation.campaign, invitation.seller)
    if registration is None:
        return Answer(False, [Refusal("not_registered", {})])
    version = rulebook_at(invitation.campaign, at)
    checker = Checker(
        version=version,
        stage=ADMISSION,
        at=at,
        base="registration",
        statistics=refresh(version, at, sellers=[invitation.seller_id]),
        venue=invitation.venue_id,
    )
    found = checker.findings([registration.pk]).get(registration.pk, [])
    failing = [finding for finding in found if finding.outcome == FAIL]
    if failing:
        return Answer(False, findings=failing)
    if not _answer(invitation, _S.ACCEPTED, _UNANSWERED, at):
        invitation.refresh_from_db()
        closed = _closed(invitation, at)
    return Answer(closed is None, [closed] if closed else [])


def decline(*, invitation: Invitation, at: datetime) -> Refusal | None:
    """Decline an open invitation, also one accepted before; None, or ``invitation_closed``.

    Entries filed under it stay.
    """
    closed = _closed(invitation, at)
    if closed is None and not _answer(invitation, _S.DECLINED, OPEN_STATES, at):
        invitation.refresh_from_db()
        closed = _closed(invitation, at)
    return closed


def revoke(invitations: QuerySet[Invitation]) -> int:
    """Take open invitations back; returns how many. Entries filed under them stay."""
    return invitations.filter(state__in=OPEN_STATES).update(state=_S.REVOKED)


def entries_under(invitations: QuerySet[Invitation]) -> int:
    """How many entries stand in the venues of these invitations, with their item if they name one,
    for the invited sellers: what a revocation leaves as it is."""
    under = invitations.filter(venue=OuterRef("venue"), seller=OuterRef("seller"))
    of_item = under.filter(item=OuterRef("item"))
    of_any = under.filter(item__isnull=True)
    standing = Entry.objects.filter(
        status__in=PENDING | LIVE, slot_source__in=[INVITATION, REVERSE]
    )
    return standing.filter(Exists(of_item) | Exists(of_any)).count()


def _invite(issue, rows):
    sellers = dict(
        Seller.objects.filter(code__in={seller for _line, seller, _item in rows}).values_list(
            "code", "id"
        )
    )
    items = {
        code: (pk, owner)
        for code, pk, owner in Item.objects.filter(
            code__in={item for _line, _seller, item in rows if item}
        ).values_list("code", "id", "seller")
    }
    problems, good = [], []
    for line, seller, item in rows:
        found = items.get(item) if item else (None, sellers.get(seller))
        if seller not in sellers:
            problems.append(Problem(line, SELLER, seller, _("there is no such seller")))
        elif found is None:
            problems.append(Problem(line, ITEM, item, _("there is no such item")))
        elif found[1] != sellers[seller]:
            problems.append(Problem(line, ITEM, item, _("the item is another seller’s")))
        else:
            good.append((sellers[seller], found[0]))
    constants = {"state": _S.ISSUED, **issue.as_columns()}
    # Two uploads at once insert in one order.
    good = sorted(set(good), key=lambda row: (row[0], row[1] or 0))
    new = insert_rows(
        Invitation,
        [(*row, *constants.values()) for row in good],
        [SELLER, ITEM, *constants],
    )
    return Invited(new, len(rows) - len(problems) - new, problems)


def _total(parts):
    """What came of all parts together."""
    new = repeated = 0
    problems = []
    for part in parts:
        new, repeated = new + part.new, repeated + part.repeated
        problems += part.problems
    return Invited(new, repeated, problems)


def _parts(rows, size=5_000):
    part = []
    for row in rows:
        part.append(row)
        if len(part) == size:
            yield part
            part = []
    yield part


def _tell(issue):
    """Write a notice for every seller of the batch who has none of it yet (D12-079): made from the
    invitations, so that whoever takes a killed batch up again leaves nobody out."""
    batch = sha256(issue.source.encode()).hexdigest()[:32]
    invited = Invitation.objects.filter(
        venue=issue.venue, source=issue.source, state__in=OPEN_STATES
    )
    version = version_in_force(issue.venue.campaign, issue.at)
    titles = rows_of(version, VenueTerms) if version else []
    title = next((row.title for row in titles if row.venue_id == issue.venue.pk), None)
    params = {"venue": title or issue.venue.code}
    if issue.expires_at is not None:
        params["until"] = shown(issue.expires_at)
    if issue.items is not None:
        params["limit"] = issue.items
    cause = INVITED_BY_RANK if issue.kind == Invitation.Kind.REVERSE else INVITED
    key = f"invited:{issue.venue.pk}:{batch}"
    if not issue.told:
        sellers = invited.values_list("seller", "campaign")
        notices.tell(sellers, cause=cause, key=key, at=issue.at, params=params)
        return
    own = {pk: issue.told.get(pk, {}) for pk in invited.values_list("seller", flat=True)}
    notices.tell(
        own, cause=cause, key=key, at=issue.at, params=params, campaign=issue.venue.campaign
    )


def _closed(invitation, at):
    """The refusal of an answer to an invitation that is not open, else None."""
    expired = invitation.expires_at is not None and invitation.expires_at <= at
    if invitation.state in OPEN_STATES and invitation.issued_at <= at and not expired:
        return None
    params = {"state": invitation.state}
    if expired:
        params["closed_at"] = shown(invitation.expires_at)
    return Refusal("invitation_closed", params)


@transaction.atomic
def _answer(invitation, state, from_states, at):
    """Compare-and-set; whether the invitation has that answer now."""
    rows = Invitation.objects.filter(pk=invitation.pk)
    if rows.filter(state__in=[each for each in from_states if each != state]).update(
        state=state, answered_at=at
    ):
        invitation.state = state
        return True
    return rows.filter(state=state).exists()
