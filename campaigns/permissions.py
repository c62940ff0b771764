"""Who may do what, one named predicate each; views, admin and API ask these and nothing else.

Staff have roles, which are groups. A reviewer decides only in the venues assigned to them. A user
acts for a seller through a membership, an agency's user for every seller of the agency.
"""

from django.db.models import Q, QuerySet

from campaigns.models import Entry, Venue
from sellers.models import Membership, Seller, User

OPERATOR, REVIEWER, FINANCE, AUDITOR = "operator", "reviewer", "finance", "auditor"
ROLES = (OPERATOR, REVIEWER, FINANCE, AUDITOR)


def has_role(user: User, *roles: str) -> bool:
    """Whether an active user is in one of the groups; a superuser is in all."""
    if not user.is_active:
        return False
    return user.is_superuser or bool(_groups(user) & set(roles))


def may_operate(user: User) -> bool:
    """Set campaigns up, publish rulebooks, run and undo sweeps, suspend."""
    return has_role(user, OPERATOR)


def may_read_everything(user: User) -> bool:
    """See campaigns, entries, sellers and evidence without deciding anything."""
    return has_role(user, OPERATOR, FINANCE, AUDITOR)


def may_pay(user: User) -> bool:
    """Settle and pay rewards."""
    return has_role(user, FINANCE)


def may_audit(user: User) -> bool:
    """Read what was decided, by whom and on which grounds."""
    return has_role(user, AUDITOR, OPERATOR)


def may_watch(user: User) -> bool:
    """See a campaign's data screen; a role of the staff, whoever else has a shop."""
    return user.is_staff and has_role(user, OPERATOR, AUDITOR)


def may_review(user: User, venue: Venue) -> bool:
    """Approve and reject entries of the venue."""
    return may_operate(user) or reviewable_venues(user).filter(pk=venue.pk).exists()


def may_restore(user: User, venue: Venue) -> bool:
    """Bring what was cleared out of the venue back: its owner, or an operator (D12-106)."""
    return restorable_venues(user).filter(pk=venue.pk).exists()


def restorable_venues(user: User) -> QuerySet[Venue]:
    """The venues into which the user may bring cleared-out entries back."""
    if may_operate(user):
        return Venue.objects.all()
    if has_role(user, REVIEWER):
        return Venue.objects.filter(owner=user)
    return Venue.objects.none()


def may_see_entry(user: User, entry: Entry) -> bool:
    """Open one entry with its evidence."""
    return visible_entries(user).filter(pk=entry.pk).exists()


def may_file(user: User, seller: Seller) -> bool:
    """Join, file, reprice and withdraw for the seller."""
    return user.is_active and _memberships(user, seller).filter(can_file=True).exists()


def may_see_seller(user: User, seller: Seller) -> bool:
    """See the seller's registrations, entries and notices."""
    return may_read_everything(user) or (user.is_active and _memberships(user, seller).exists())


def reviewable_venues(user: User) -> QuerySet[Venue]:
    """The venues whose entries the user may decide."""
    if may_operate(user):
        return Venue.objects.all()
    if has_role(user, REVIEWER):
        return Venue.objects.filter(assignments__user=user)
    return Venue.objects.none()


def visible_entries(user: User) -> QuerySet[Entry]:
    """The entries that the user may see: all, those of assigned venues, or those of own sellers."""
    if may_read_everything(user):
        return Entry.objects.all()
    visible = Q(seller__in=sellers_of(user))
    if has_role(user, REVIEWER):
        visible |= Q(venue__in=reviewable_venues(user))
    return Entry.objects.filter(visible)


def sellers_of(user: User) -> QuerySet[Seller]:
    """The sellers that the user acts for, by a membership of their own or of their agency."""
    if not user.is_active:
        return Seller.objects.none()
    mine = Membership.objects.filter(user=user)
    return Seller.objects.filter(
        Q(pk__in=mine.filter(seller__isnull=False).values("seller"))
        | Q(agency__in=mine.filter(agency__isnull=False).values("agency"))
    )


def _memberships(user, seller):
    of_agency = Q(agency__isnull=False, agency=seller.agency_id)
    return Membership.objects.filter(Q(seller=seller) | of_agency, user=user)


def _groups(user):
    """Names of the user's groups, read once for each user object."""
    if not hasattr(user, "_group_names"):
        user._group_names = set(user.groups.values_list("name", flat=True))
    return user._group_names
