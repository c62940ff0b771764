"""The races of a campaign in which the shop takes part, and the boards that it is on."""

from itertools import pairwise

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from campaigns import permissions
from campaigns.models import Placement, Race, VenueTerms
from campaigns.portal.board_words import figure_text, gap_text, prompts, row_shown, venue_title
from campaigns.portal.page import seller_page, show
from campaigns.portal.paging import Page
from campaigns.portal.standing import own_campaign, trail_of
from campaigns.published import rows_of
from campaigns.racing.entrants import entrants
from campaigns.racing.reading import board_rows, latest_boards, made, rows_on
from campaigns.racing.standings import Standing, history, standings
from campaigns.templatetags.figures import localised

RACES = 30
# Of a board are shown the first rows, and so many before and after the shop's own.
FIRST, AROUND = 10, 3
# Of several items of the shop on one board so many are linked.
MOST_OWN = 20
PERSONALISED = "personalised"
LARGEST_PLACE = 2**31 - 1


@seller_page
def races(request: HttpRequest, code: str) -> HttpResponse:
    """Each race in which the shop takes part: its rank, whether it stands, how far the next place
    is, and when the next board is made; and what its entries lack for others."""
    campaign = own_campaign(request, code)
    version, seller = campaign.calendar.version, request.acting.seller
    found = entrants(version, seller, request.at)
    seen = [one for one in found if one.race.public]
    boards = latest_boards(campaign, (one.pair for one in seen), request.at)
    places = standings((board for rows in boards.values() for board in rows), seller)
    rows = [_race_shown(one, boards.get(one.pair, ()), places) for one in seen]
    page = _page(request, [row for row in rows if row])
    context = {
        "campaign": campaign,
        "page": page,
        "prompts": prompts(found),
        "has_races": any(race.public for race in rows_of(version, Race)),
    }
    trail = trail_of(request, campaign, (_("Races"), ""))
    return show(request, "races", context, section="campaigns", trail=trail)


@seller_page
def board(request: HttpRequest, code: str, board_id: int) -> HttpResponse:
    """A board of a public race on which the shop is: what was ranked by, the first rows, those
    around its own, and its rank over the last periods."""
    campaign = own_campaign(request, code)
    seller = request.acting.seller
    found = _own_board(campaign, seller, board_id)
    chosen = _chosen(request)
    standing = standings([found], seller, chosen={found.pk: chosen} if chosen else None)[found.pk]
    group, columns = standing.row.group, standing.columns
    near = Q(place__gte=standing.row.place - AROUND, place__lte=standing.row.place + AROUND)
    rows = rows_on(found).filter(near | Q(place__lte=FIRST), group=group)
    rows = board_rows(found, rows, columns=columns)
    stands = Placement.objects.filter(board=found, group=group, rank__in=[r.place for r in rows])
    positions = dict(stands.filter(position__isnull=False).values_list("rank", "position"))
    shown = [row_shown(row, seller_id=seller.pk, positions=positions) for row in rows]
    for before, row in pairwise(shown):
        row["is_cut"] = row["place"] != before["place"] + 1
    own = next(row for row in shown if row["place"] == standing.row.place)
    race, terms = _race_and_terms(found)
    title = localised(race.title) or found.race_code
    periods = history(found, seller, group=group or None)
    context = {
        "campaign": campaign,
        "board": found,
        "title": title,
        "venue_title": (localised(terms.title) if terms else "") or found.venue.code,
        "is_personalised": terms is not None and terms.placement_mode == PERSONALISED,
        "standing": standing,
        "to_next": gap_text(standing.to_next),
        "to_last": gap_text(standing.to_last),
        "own": own,
        "own_rows": _own_rows(found, seller, standing),
        "columns": columns,
        "rows": shown,
        "is_weighted": own["score"] is not None,
        "periods": list(reversed(periods)),
        "has_chart": sum(period.rank is not None for period in periods) > 1,
        **_neighbours(found, seller),
    }
    address = reverse("portal:races", args=[seller.pk, campaign.code])
    trail = trail_of(request, campaign, (_("Races"), address), (title, ""))
    return show(request, "board", context, section="campaigns", trail=trail)


def _race_shown(entrant, boards, places) -> dict | None:
    """A race as one row; None for one that has nothing to say."""
    found = [places[board.pk] for board in boards if board.pk in places]
    standing: Standing | None = min(found, key=lambda one: one.row.place, default=None)
    if entrant.lacks or (standing is None and not (entrant.is_candidate and entrant.next_at)):
        return None
    shown = {
        "title": localised(entrant.race.title) or entrant.race.code,
        "venue": venue_title(entrant),
        "next_at": entrant.next_at,
        "standing": standing,
        "is_candidate": entrant.is_candidate,
        "is_first": not boards,
    }
    if standing is not None:
        shown["to_next"] = gap_text(standing.to_next)
        shown["to_last"] = gap_text(standing.to_last)
        value = standing.columns[0].value(standing.row)
        shown["figure"] = figure_text(standing.columns[0], value)
    return shown


def _own_board(campaign, seller, board_id):
    boards = made(permissions.boards_of([seller])).filter(campaign=campaign, pk=board_id)
    found = boards.select_related("venue", "version").first()
    if found is None:
        raise Http404
    return found


def _race_and_terms(board):
    """The race, and the venue's terms, as the board's version has them."""
    race = next(row for row in rows_of(board.version, Race) if row.code == board.race_code)
    terms = rows_of(board.version, VenueTerms)
    return race, next((row for row in terms if row.venue_id == board.venue_id), None)


def _chosen(request):
    """Which of the shop's rows is looked at: group and place."""
    place = request.GET.get("place", "")
    if not (place.isascii() and place.isdigit() and int(place) <= LARGEST_PLACE):
        return None
    return request.GET.get("group", ""), int(place)


def _own_rows(board, seller, standing):
    """The shop's rows on the board, best first, where it has several."""
    if standing.number == 1:
        return []
    rows = rows_on(board).filter(seller=seller).order_by("place", "group")
    return list(rows[:MOST_OWN])


def _neighbours(board, seller):
    """The boards of the same race and venue just before and after on which the shop is."""
    boards = made(permissions.boards_of([seller])).filter(
        venue=board.venue_id, race_code=board.race_code
    )
    before = boards.filter(starts_at__lt=board.starts_at).order_by("-starts_at")
    after = boards.filter(starts_at__gt=board.starts_at).order_by("starts_at")
    return {"before": before.first(), "after": after.first()}


def _page(request, rows):
    page = Paginator(rows, RACES).get_page(request.GET.get("page"))
    return Page(
        rows=list(page),
        previous=f"page={page.previous_page_number()}" if page.has_previous() else "",
        next=f"page={page.next_page_number()}" if page.has_next() else "",
    )
