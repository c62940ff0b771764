"""The data screen of a campaign, for the wall of an operations room, and the feed that it asks.

Operators and auditors see it with their login; whoever has the campaign's address with a key, as
long as the key is not withdrawn, without one.
"""

import hashlib
import json

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils import translation
from django.utils.cache import get_conditional_response
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from campaigns import permissions, screen_keys
from campaigns.best_sellers import MOST_ROWS
from campaigns.models import Campaign
from campaigns.screen import gather
from sellers import clock

# The sums of sales are made every five minutes; three times that without any is late.
STALE_SECONDS = 900
# The installation's time when the figures were taken: by it the screen counts down. It is no part
# of the body, which else would never be the same twice.
AT = "Paddock-At"


@require_safe
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """The page. It holds no figures: a script asks for them, again and again."""
    campaign, with_key = _asked(request, code)
    if campaign is None:
        return redirect_to_login(request.get_full_path())
    _choose_language(request)
    key = {"key": request.GET["key"]} if with_key else {}
    query = f"?{urlencode(key)}" if key else ""
    languages = [
        {"code": language, "query": urlencode({**key, "language": language})}
        for language, _name in settings.LANGUAGES
        if language != translation.get_language()
    ]
    context = {
        "campaign": campaign,
        "feed": f"data.json{query}",
        "seconds": settings.SCREEN_SECONDS,
        "stale": STALE_SECONDS,
        "zone": settings.TIME_ZONE,
        "languages": languages,
        "steps": _steps(),
        "rankings": [("item", _("Best items")), ("seller", _("Best sellers"))],
        "places": range(1, MOST_ROWS + 1),
        "words": _words(),
    }
    return _guarded(render(request, "screen/screen.html", context), with_key)


@require_safe
def feed(request: HttpRequest, code: str) -> HttpResponse:
    """What `campaigns.screen.gather` gives, as JSON, with an ETag; 304 while it is the same."""
    campaign, with_key = _asked(request, code)
    if campaign is None:
        return _guarded(JsonResponse({"error": "login"}, status=403), with_key)
    at = clock.now()
    body = json.dumps(gather(campaign, at), ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    answer = HttpResponse(body, content_type="application/json")
    answer["ETag"] = etag
    answer = get_conditional_response(request, etag=etag, response=answer)
    answer[AT] = at.isoformat()
    return _guarded(answer, with_key)


def _asked(request, code) -> tuple[Campaign | None, bool]:
    """The campaign, and whether a key opens it; None for who has to log in first.

    Raises PermissionDenied for who may not see it. Whether there is such a campaign only those
    learn who may see all of them.
    """
    campaign = Campaign.objects.select_related("sales").filter(code=code).first()
    key = request.GET.get("key", "")
    if campaign is not None and screen_keys.opens(key, campaign):
        return campaign, True
    if not request.user.is_authenticated:
        if key:
            raise PermissionDenied
        return None, False
    if not permissions.may_watch(request.user):
        raise PermissionDenied
    if campaign is None:
        raise Http404
    return campaign, False


def _guarded(answer, with_key):
    """The answer, kept by the reader alone; with a key not at all, nor is its address told."""
    answer["Cache-Control"] = "no-store" if with_key else "private, no-cache"
    if with_key:
        answer["Referrer-Policy"] = "no-referrer"
    return answer


def _choose_language(request):
    """A screen on a wall has nobody to press a button: its address may say the language."""
    language = request.GET.get("language", "")
    if language in dict(settings.LANGUAGES):
        translation.activate(language)


def _steps():
    return [
        ("filed", pgettext("of entries", "Filed")),
        ("refused", _("Refused at filing")),
        ("pending", pgettext("of entries", "Waiting")),
        ("approved", _("Approved")),
        ("at_risk", _("At risk")),
        ("abnormal", _("Abnormal")),
        ("cleared_out", _("Cleared out")),
        ("left", _("Ended otherwise")),
    ]


def _words():
    """What the script says; {…} stands for what it fills in."""
    return {
        "total": _("Sales so far"),
        "final": _("Final result"),
        "units": _("{units} units sold"),
        "share": _("{share}% of the target of {target}"),
        "asOf": _("as of {time}"),
        "nothing": _("Nothing is sold yet."),
        "untilSale": _("Until the sale starts"),
        "starts": _("{title} starts"),
        "ends": _("{title} ends"),
        "over": _("The sale is over."),
        "noRulebook": _("No rulebook is in force yet."),
        "days": _("{days} d {time}"),
        "nextBoard": _("Next board: {title}, {time}"),
        "boardHours": _("{title} · {venue} · {from} to {until}"),
        "boardUntil": _("{title} · {venue} · until {until}"),
        "salesUntil": _("the whole sale until {until}"),
        "hoursSummary": _("{day}: {amount} so far; the best hour is {hour} with {best}."),
        "lost": _("No connection. Figures of {time}; next try at {next}."),
        "refused": _("This screen is not open here any more: log in again, or ask for a new link."),
        "late": _("The sales are those of {time}; newer ones are late."),
        "fresh": _("Up to date"),
        "asking": _("Asking for the figures…"),
        "suspended": _("suspended"),
        "light": _("Light"),
        "dark": _("Dark"),
    }


urlpatterns = [
    path("<slug:code>/", screen, name="screen"),
    path("<slug:code>/data.json", feed, name="screen_feed"),
]
