"""The campaigns a shop may join, and one campaign as the shop sees it."""

from collections import Counter, defaultdict
from collections.abc import Iterable

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language

from campaigns.admission import ADMISSION
from campaigns.eligibility.bound import stage_terms
from campaigns.eligibility.sentences import sentence
from campaigns.eligibility.vocabulary import vocabulary_of
from campaigns.joining import check_seller
from campaigns.models import Entry, Promotion, Race, Registration, Requirement, VenueTerms
from campaigns.portal.board_words import prompts
from campaigns.portal.calendar import OPEN, PAUSED, Calendar, current_versions
from campaigns.portal.evidence import HOLD, PASS
from campaigns.portal.filters import GROUPS
from campaigns.portal.page import seller_page, show
from campaigns.portal.paging import page_of
from campaigns.portal.places import places_shown
from campaigns.portal.standing import own_campaign, standing_of, trail_of, visible_campaigns
from campaigns.portal.venue_groups import MOST_UNFOLDED, by_kind
from campaigns.published import rows_of
from campaigns.racing.entrants import entrants
from campaigns.templatetags.figures import localised
from campaigns.venue_kinds import kind_name

PAGE = 20
# The order of the cards: where something can be done first.
ORDER = {OPEN: 0, PAUSED: 1, "suspended": 2, "soon": 3, "over": 4}
ABOUT_ITEMS = (Requirement.Subject.ITEM, Requirement.Subject.ENTRY)


@seller_page
def campaigns(request: HttpRequest) -> HttpResponse:
    """Every campaign open, coming or joined: its phase, and where the shop stands in it."""
    page = page_of(visible_campaigns(request), request.GET, size=PAGE)
    versions = current_versions(page.rows, request.at)
    page.rows[:] = [row for row in page.rows if row.pk in versions]
    registrations = _registrations(request, page.rows)
    counts = _counts(registrations.values())
    for row in page:
        row.calendar = Calendar(row, versions[row.pk], request.at)
        row.registration = registrations.get(row.pk)
        row.is_joined = bool(row.registration) and _has_joined(row.registration)
        row.figures = _figures(request, row, counts) if row.registration else []
    page.rows.sort(key=lambda row: (ORDER[row.calendar.filing], not row.is_joined, -row.pk))
    return show(request, "campaigns", {"page": page}, section="campaigns")


@seller_page
def standing(request: HttpRequest, code: str) -> HttpResponse:
    """A fragment: which requirements for joining the shop does not meet, or all in ``full``."""
    campaign = own_campaign(request, code)
    check = _check(request, campaign)
    part = "shop_needs" if "full" in request.GET else "standing"
    return render(request, f"portal/parts/{part}.html", _standing(check))


@seller_page
def campaign(request: HttpRequest, code: str) -> HttpResponse:
    """One campaign: the shop's requirements as measured, what items need, places, timeline."""
    found = own_campaign(request, code)
    version = found.calendar.version
    registration = _registrations(request, [found]).get(found.pk)
    is_joined = registration is not None and _has_joined(registration)
    # Who has joined does not wait for what was asked before: it is fetched into the page.
    check = None
    if not is_joined or "standing" in request.GET:
        check = _check(request, found)
    title = localised(found.title) or found.code
    venues = rows_of(version, VenueTerms)
    query = request.GET.get("q", "").strip()
    asks = _asks(version, venues, check.asking.vocabulary if check else vocabulary_of(version))
    promotions = rows_of(version, Promotion)
    context = {
        "campaign": found,
        "calendar": found.calendar,
        "title": title,
        "registration": registration,
        "is_joined": is_joined,
        "is_inline": check is not None,
        **(_standing(check) if check else {}),
        "asks": asks,
        "asks_by_place": _by_place(asks),
        "places": places_shown(
            request, found, check.registration if check else registration, check
        ),
        "venues": venues,
        "venue_groups": by_kind(venues, query),
        "is_large": len(venues) > MOST_UNFOLDED,
        "past_count": _past(found.calendar),
        "query": query,
        "tools": promotions,
        "has_shop_tools": any(row.level == Promotion.Level.SHOP for row in promotions),
        "has_rounds": is_joined and version.round_set.exists(),
        "has_races": is_joined and any(race.public for race in rows_of(version, Race)),
        "prompts": _prompts(request, version) if is_joined else [],
        "advice": localised(version.settings.get("campaign", {}).get("advice")),
    }
    trail = trail_of(request, found)[:-1]
    return show(request, "campaign", context, section="campaigns", trail=[*trail, (title, "")])


def _check(request, campaign):
    return check_seller(
        campaign=campaign,
        seller=request.acting.seller,
        at=request.at,
        version=campaign.calendar.version,
    )


def _standing(check):
    verdicts = standing_of(check)
    faults = [verdict for verdict in verdicts if verdict.outcome != PASS]
    return {
        "verdicts": verdicts,
        "faults": faults,
        "met_count": len(verdicts) - len(faults),
        "held_count": sum(verdict.outcome == HOLD for verdict in faults),
    }


def _registrations(request, campaigns):
    """Campaign id to the seller's latest registration."""
    rows = Registration.objects.filter(seller=request.acting.seller, campaign__in=campaigns)
    rows = rows.exclude(status=Registration.Status.DRAFT).order_by("pk")
    return {row.campaign_id: row for row in rows}


def _has_joined(registration: Registration) -> bool:
    return registration.status == Registration.Status.JOINED


def _counts(registrations: Iterable[Registration]) -> dict[int, Counter]:
    """Registration id to how many of its entries are in each status."""
    counts = defaultdict(Counter)
    rows = Entry.objects.filter(registration__in=[row.pk for row in registrations])
    grouped = rows.order_by().values_list("registration", "status").annotate(number=Count("pk"))
    for registration, status, number in grouped:
        counts[registration][status] = number
    return counts


def _figures(request, campaign, counts):
    """(name, number, address) of the shop's entries by what they ask of the seller."""
    numbers = counts[campaign.registration.pk]
    entries = reverse("portal:entries", args=[request.acting.seller.pk])
    found = []
    for code, (label, statuses) in GROUPS.items():
        number = sum(numbers[status] for status in statuses)
        if number or code == "running":
            found.append((label, number, f"{entries}?campaign={campaign.pk}&status=group:{code}"))
    return found


def _past(calendar):
    """How many milestones are over and folded away; none where there are few in all."""
    if len(calendar.milestones) <= MOST_UNFOLDED:
        return 0
    return sum(row.state == "past" for row in calendar.milestones)


def _by_place(asks):
    """What is asked everywhere, then what some venues ask beside it."""
    groups = {}
    for ask in sorted(asks, key=lambda ask: bool(ask["venues"])):
        groups.setdefault(ask["venues"], []).append(ask)
    return [{"name": name, "asks": rows} for name, rows in groups.items()]


def _prompts(request, version):
    """What the shop's entries lack for races; nothing is asked where no race asks anything."""
    if all(race.where is None for race in rows_of(version, Race)):
        return []
    return prompts(entrants(version, request.acting.seller, request.at))


def _asks(version, venues, vocabulary):
    """What every item must meet at filing, in sentences."""
    language = get_language() or "en"
    titles = {terms.code: localised(terms.title) or terms.code for terms in venues}
    return [
        {
            "title": localised(row.title) or row.code,
            "sentence": sentence(row, vocabulary, language, ADMISSION),
            "venues": titles.get(row.venue_code) or ", ".join(map(kind_name, row.venue_kinds)),
        }
        for row in rows_of(version, Requirement)
        if row.subject in ABOUT_ITEMS and stage_terms(row, ADMISSION) is not None
    ]
