"""Who a page is for: the user, the seller they act for, and the instant it is shown at."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, wraps

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from campaigns import permissions
from campaigns.models import Notice
from sellers import clock
from sellers.models import Seller, User

MOST_UNREAD = 99
# A notice is shown once it is whole; one that a running sweep still adds lines to is not.
SHOWN_NOTICES = (Notice.State.READY, Notice.State.SENT)


@dataclass(frozen=True)
class Acting:
    """A user acting for a seller."""

    user: User
    seller: Seller

    @cached_property
    def may_file(self) -> bool:
        """Whether the user may join, file and withdraw, or only look."""
        return permissions.may_file(self.user, self.seller)

    @cached_property
    def several(self) -> bool:
        """Whether there is another seller to switch to."""
        return len(permissions.sellers_of(self.user).values_list("pk")[:2]) > 1

    @cached_property
    def unread(self) -> int:
        """Unread notices, counted up to one more than is shown."""
        rows = Notice.objects.filter(
            seller=self.seller, state__in=SHOWN_NOTICES, read_at__isnull=True
        )
        return len(rows.values_list("pk")[: MOST_UNREAD + 1])

    @property
    def unread_text(self) -> str:
        """The number in the navigation: 7, or 99+."""
        return f"{MOST_UNREAD}+" if self.unread > MOST_UNREAD else str(self.unread)


def seller_page(view: Callable) -> Callable:
    """Log in, find the seller among those the user acts for, and tell the view who and when.

    The view's request gets ``acting`` and ``at``. Another's seller is a 404, as if not there.
    """

    @login_required
    @wraps(view)
    def page(request: HttpRequest, seller_id: int, **arguments) -> HttpResponse:
        seller = permissions.sellers_of(request.user).filter(pk=seller_id).first()
        if seller is None:
            raise Http404(_("There is no such shop among yours."))
        request.acting = Acting(request.user, seller)
        request.at = clock.now()
        return view(request, **arguments)

    return page


def filing_page(view: Callable) -> Callable:
    """A seller page for those who may file; the others are refused."""

    @wraps(view)
    def page(request: HttpRequest, **arguments) -> HttpResponse:
        if not request.acting.may_file:
            raise PermissionDenied(_("You may look at this shop but not file for it."))
        return view(request, **arguments)

    return seller_page(page)


def show(
    request: HttpRequest,
    template: str,
    context: dict,
    *,
    section: str,
    trail: list | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render a seller page.

    ``section`` is the tab it belongs to, ``trail`` its breadcrumbs: (label, address) pairs, the
    last without an address.
    """
    frame = {
        "acting": request.acting,
        "at": request.at,
        "zone": settings.TIME_ZONE,
        "section": section,
        "trail": trail or [],
        "at_top": not trail,
    }
    return render(request, f"portal/{template}.html", {**frame, **context}, status=status)
