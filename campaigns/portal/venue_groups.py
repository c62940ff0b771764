"""A campaign's venues by kind, for pages of campaigns that have a hundred of them."""

from dataclasses import dataclass
from datetime import datetime

from campaigns.models import Milestone, VenueTerms
from campaigns.portal.calendar import Calendar
from campaigns.templatetags.figures import localised
from campaigns.venue_kinds import kind_name

# With more venues than this they are folded away by kind.
MOST_UNFOLDED = 12


@dataclass
class Group:
    """Venues of a kind whose items are filed in the same windows, in the rulebook's order.

    ``closes_at`` is when the window that is open closes, ``opens_at`` when the next one opens.
    """

    name: str
    venues: list[VenueTerms]
    closes_at: datetime | None = None
    opens_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether items may be filed there now, as far as windows go."""
        return self.closes_at is not None


def by_kind(venues: list[VenueTerms], query: str = "") -> list[Group]:
    """The venues by kind, of these only those whose title or code has the words of ``query``."""
    groups = {}
    for terms in _found(venues, query):
        groups.setdefault(terms.kind, Group(kind_name(terms.kind), [])).venues.append(terms)
    return list(groups.values())


def for_filing(venues: list[VenueTerms], calendar: Calendar, query: str = "") -> list[Group]:
    """The venues by kind and windows, those that are open first, then those that open next."""
    windows = {row.code: row for row in calendar.milestones}
    groups = {}
    for terms in _found(venues, query):
        key = (terms.kind, tuple(terms.windows))
        if key not in groups:
            own = [windows[code] for code in terms.windows if code in windows] or [
                row for row in windows.values() if row.kind == Milestone.Kind.ITEM_REGISTRATION
            ]
            groups[key] = Group(
                kind_name(terms.kind),
                [],
                max((row.ends_at for row in own if row.state == "now"), default=None),
                min((row.starts_at for row in own if row.state == ""), default=None),
            )
        groups[key].venues.append(terms)
    return sorted(groups.values(), key=lambda row: (not row.is_open, row.opens_at is None))


def _found(venues, query):
    words = query.casefold().split()
    for terms in venues:
        text = f"{localised(terms.title)} {terms.code}".casefold()
        if all(word in text for word in words):
            yield terms
