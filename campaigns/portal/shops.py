"""Choosing the shop to act for: an agency has several, a new user none."""

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from campaigns import permissions
from campaigns.portal.page import seller_page
from campaigns.portal.paging import page_of


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Go to the only shop's campaigns, or to the choice of shops."""
    mine = list(permissions.sellers_of(request.user).values_list("pk", flat=True)[:2])
    if len(mine) == 1:
        return redirect("portal:campaigns", mine[0])
    return redirect("portal:shops")


@login_required
def shops(request: HttpRequest) -> HttpResponse:
    """The shops that the user acts for, with a search."""
    mine = permissions.sellers_of(request.user)
    wanted = request.GET.get("q", "").strip()
    if wanted:
        mine = mine.filter(Q(name__icontains=wanted) | Q(code__icontains=wanted))
    page = page_of(mine, request.GET, newest_first=False)
    return render(request, "portal/shops.html", {"page": page, "wanted": wanted})


@seller_page
def shop(request: HttpRequest) -> HttpResponse:
    """Go to a shop's campaigns."""
    return redirect("portal:campaigns", request.acting.seller.pk)
