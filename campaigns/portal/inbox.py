"""What the shop was told: notices, their lines, and which of them were read."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from campaigns.models import Entry, Notice
from campaigns.notice_reasons import Reasons
from campaigns.notice_texts import heading, sentences, todo
from campaigns.portal.decisions import reason_texts, reasons_of
from campaigns.portal.page import SHOWN_NOTICES, seller_page, show
from campaigns.portal.paging import page_of

# Lines on one page of a notice.
LINES = 50


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
    entries = [line.entry for line in page if line.entry]
    verdicts, texts = reasons_of(entries), reason_texts(entries)
    reasons = Reasons([found], page)
    for line in page:
        # What was measured, while it is what the notice tells of; else the reason that was kept.
        line.reasons = verdicts.get(line.entry_id, []) if _still_there(line) else []
        line.reason = texts.get(line.entry_id, "") if line.reasons else ""
        line.words = reasons.of_line(line) if not line.reasons else []
        line.outcome = Entry.Status(line.to_status).label if line.to_status else ""
    found.heading, found.told, found.todo = heading(found), sentences(found), todo(found)
    found.reasons = reasons.of_notice(found)
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


def _notices(request):
    return Notice.objects.filter(seller=request.acting.seller, state__in=SHOWN_NOTICES)


def _still_there(line):
    """Whether the entry has not moved since, so that its present reasons are the notice's."""
    return line.entry is not None and line.entry.status == line.to_status
