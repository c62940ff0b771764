"""Choosing the items to file: a list to search, and a worksheet that grows page by page."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.joining import joined_registration
from campaigns.lifecycle import HOLDS_PLACE
from campaigns.models import Entry, VenueTerms
from campaigns.portal import worksheet
from campaigns.portal.filters import ItemFilter
from campaigns.portal.page import filing_page, show
from campaigns.portal.paging import page_of
from campaigns.portal.standing import filing_place, own_campaign, trail_of
from campaigns.portal.suggesting import prefill
from campaigns.portal.venue_groups import MOST_UNFOLDED, for_filing
from campaigns.published import rows_of
from campaigns.templatetags.figures import localised
from sellers.models import Category, Item


@filing_page
def venues(request: HttpRequest, code: str) -> HttpResponse:
    """Go to the only venue that takes items, or choose among several."""
    campaign = own_campaign(request, code)
    if joined_registration(campaign, request.acting.seller) is None:
        messages.info(request, _("Join the campaign first; then file items."))
        return redirect("portal:campaign", request.acting.seller.pk, code)
    venues = rows_of(campaign.calendar.version, VenueTerms)
    open_ones = [terms for terms in venues if terms.takes_registrations]
    if len(open_ones) == 1:
        return redirect("portal:choose", request.acting.seller.pk, code, open_ones[0].code)
    trail = trail_of(request, campaign, (_("File items"), ""))
    query = request.GET.get("q", "").strip()
    context = {
        "campaign": campaign,
        "venue_groups": for_filing(open_ones, campaign.calendar, query),
        "is_large": len(open_ones) > MOST_UNFOLDED,
        "query": query,
    }
    return show(request, "venues", context, section="campaigns", trail=trail)


@filing_page
def choose(request: HttpRequest, code: str, venue: str) -> HttpResponse:
    """The shop's items with a box each; what is chosen stays chosen from page to page."""
    campaign, place, registration = filing_place(request, code, venue)
    sheet = worksheet.load(request, registration, place)
    items = Item.objects.filter(seller=request.acting.seller)
    chosen = ItemFilter(
        request.GET,
        queryset=items,
        categories=_categories(items),
        entered=_entered_ids(place, registration),
    )
    if request.method == "POST":
        return _chosen(request, campaign, place, registration, sheet, chosen.qs)
    page = page_of(chosen.qs.select_related("category"), request.GET, newest_first=False)
    entered = _entered(place, page.rows)
    for item in page:
        item.entered = entered.get(item.pk)
        item.chosen = item.pk in sheet.rows
        item.category_name = category_name(item.category)
        item.lists = [label for _value, label in worksheet.sources_of(item)]
    context = {
        "campaign": campaign,
        "venue": place,
        "filter": chosen,
        "page": page,
        "shown": ",".join(str(item.pk) for item in page if not item.entered),
        "filtered": any(request.GET.get(name) for name in chosen.filters),
        "number": len(sheet.rows),
        "most": worksheet.LARGEST,
    }
    trail = trail_of(request, campaign, (_("File items"), ""))
    return show(request, "choose", context, section="campaigns", trail=trail)


def _chosen(request, campaign, place, registration, sheet, matching):
    """Take over the boxes of the page; then stay, take all that match, or go on to the prices."""
    ticked = parse_ids(request.POST.getlist("item"))
    sheet.remove(set(parse_ids(request.POST.get("shown", "").split(","))) - set(ticked))
    mine = Item.objects.filter(seller=request.acting.seller)
    too_many = sheet.add(mine.filter(pk__in=ticked).order_by("pk"))
    action = request.POST.get("do")
    if action == "clear":
        sheet.rows.clear()
    if action == "all":
        free = matching.exclude(pk__in=sheet.rows).exclude(pk__in=_entered_ids(place, registration))
        too_many += sheet.add(free.order_by("pk")[: worksheet.LARGEST - len(sheet.rows) + 1])
    if too_many:
        messages.warning(
            request,
            _("At most %(most)d items are filed at once; the others were left out.")
            % {"most": worksheet.LARGEST},
        )
    if action == "go" and sheet.rows:
        prefill(request, registration, place, sheet)
        worksheet.save(request, registration, place, sheet)
        return redirect("portal:prices", request.acting.seller.pk, campaign.code, place.code)
    worksheet.save(request, registration, place, sheet)
    if action == "filter":
        wanted = {name: request.POST.get(name, "") for name in ItemFilter.base_filters}
        return redirect(f"{request.path}?{urlencode({k: v for k, v in wanted.items() if v})}")
    if "turn" in request.POST:
        return redirect(f"{request.path}?{QueryDict(request.POST['turn']).urlencode()}")
    if action == "go":
        messages.info(request, _("Choose at least one item."))
    elif action == "all" and sheet.rows:
        number = len(sheet.rows)
        text = ngettext("%(number)d item is chosen.", "%(number)d items are chosen.", number)
        messages.success(request, text % {"number": number})
    return redirect(request.get_full_path())


def _entered(place, items):
    """Item id to its entry in the venue that still takes part."""
    rows = Entry.objects.filter(venue=place, item__in=items, status__in=HOLDS_PLACE)
    return {row.item_id: row for row in rows}


def _entered_ids(place, registration):
    rows = Entry.objects.filter(registration=registration, venue=place, status__in=HOLDS_PLACE)
    return rows.values("item")


def _categories(items):
    """The categories that the shop's items are in, as choices."""
    rows = Category.objects.filter(pk__in=items.values("category")).order_by("path")
    return [(row.pk, category_name(row)) for row in rows]


def category_name(category: Category | None) -> str:
    """A category's name in the reader's language."""
    if category is None:
        return ""
    return localised({"en": category.name, "zh-hans": category.name_zh}) or category.code


def parse_ids(values) -> list[int]:
    """Numbers among posted values; whatever is none is left out."""
    return [int(value) for value in values if value.isascii() and value.isdigit()][:1000]
