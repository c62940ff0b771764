"""What the shop was told: notices, their lines, and which of them were read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from campaigns.models import Entry, Notice
from campaigns.portal.decisions import reasons_of
from campaigns.portal.page import SHOWN_NOTICES, seller_page, show
from campaigns.portal.paging import page_of

# Lines on one page of a notice.
LINES = 50
CAUSES = {
    "approved": gettext_lazy("Entries approved"),
    "recovered": gettext_lazy("Entries showing again"),
    "restored": gettext_lazy("Entries put back"),
    "rejected": gettext_lazy("Entries refused"),
    "cleared_out": gettext_lazy("Entries cleared out"),
    "abnormal": gettext_lazy("Entries no longer showing"),
    "unpublished": gettext_lazy("Entries unpublished"),
    "at_risk": gettext_lazy("Entries at risk"),
    "superseded": gettext_lazy("Entries superseded"),
    "void": gettext_lazy("Entries void"),
    "withdrawn": gettext_lazy("Entries withdrawn"),
    "registration_rejected": gettext_lazy("The shop’s registration was refused"),
    "registration_withdrawn": gettext_lazy("The shop’s registration was withdrawn"),
    "registration_void": gettext_lazy("The shop’s registration is void"),
    "registration_joined": gettext_lazy("The shop has joined"),
}


@seller_page
def inbox(request: HttpRequest) -> HttpResponse:
    """The shop's notices, newest first, all or the unread ones."""
    notices = _notices(request).select_related("campaign")
    only_unread = request.GET.get("only") == "unread"
    if only_unread:
        notices = notices.filter(read_at__isnull=True)
    page = page_of(notices, request.GET)
    for notice in page:
        notice.heading = heading(notice)
    context = {"page": page, "only_unread": only_unread}
    return show(request, "inbox", context, section="inbox")


@seller_page
def notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """One notice with its entries; opening it marks it as read."""
    found = _notices(request).select_related("campaign").filter(pk=notice_id).first()
    if found is None:
        raise Http404
    if found.read_at is None:
        Notice.objects.filter(pk=found.pk, read_at__isnull=True).update(read_at=request.at)
    lines = found.lines.select_related("entry__item", "entry__move", "entry__venue")
    page = page_of(lines, request.GET, size=LINES, newest_first=False)
    reasons = reasons_of([line.entry for line in page if line.entry])
    for line in page:
        line.reasons = reasons.get(line.entry_id, []) if _still_there(line) else []
        line.outcome = Entry.Status(line.to_status).label if line.to_status else ""
    found.heading = heading(found)
    trail = [
        (_("Inbox"), reverse("portal:inbox", args=[request.acting.seller.pk])),
        (found.heading, ""),
    ]
    return show(request, "notice", {"notice": found, "page": page}, section="inbox", trail=trail)


@require_POST
@seller_page
def mark(request: HttpRequest) -> HttpResponse:
    """Mark every notice as read, or one as unread."""
    notices = _notices(request)
    if one := request.POST.get("unread", ""):
        if one.isdigit():
            notices.filter(pk=one).update(read_at=None)
    else:
        notices.filter(read_at__isnull=True).update(read_at=request.at)
    return redirect("portal:inbox", request.acting.seller.pk)


def heading(notice: Notice) -> str:
    """What a notice is about."""
    return str(CAUSES.get(notice.cause, notice.cause))


def _notices(request):
    return Notice.objects.filter(seller=request.acting.seller, state__in=SHOWN_NOTICES)


def _still_there(line):
    """Whether the entry has not moved since, so that its present reasons are the notice's."""
    return line.entry is not None and line.entry.status == line.to_status
