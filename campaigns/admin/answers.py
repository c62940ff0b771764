"""What came of a decision over many entries, told in a line for each outcome."""

from collections import Counter
from collections.abc import Iterable

from django.contrib import messages
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from campaigns.admin import shown
from campaigns.late_refiles import OWNER_ONLY
from campaigns.models import Entry
from campaigns.verdicts import Outcome, Result

OUTCOME_WORDS = {
    Outcome.APPROVED: _("approved"),
    Outcome.REJECTED: _("rejected"),
    Outcome.KEPT: _("decided; sellers learn it when the results are released"),
    Outcome.TAKEN_BACK: _("open again"),
    Outcome.REINSTATED: _("back in review"),
    Outcome.RESTORED: _("restored"),
    Outcome.CLEARED_OUT: _("cleared out"),
    Outcome.REFUSED: _("not approved: a requirement, a claim or a place is in the way"),
    Outcome.NOT_PENDING: _("already decided"),
    Outcome.CHANGED: _("changed since you saw it"),
    Outcome.TAKEN: _("being reviewed by somebody else"),
}
GOOD = frozenset(
    {
        Outcome.APPROVED,
        Outcome.REJECTED,
        Outcome.KEPT,
        Outcome.TAKEN_BACK,
        Outcome.REINSTATED,
        Outcome.RESTORED,
        Outcome.CLEARED_OUT,
    }
)


def tell(model_admin, request, results: Iterable[Result]) -> None:
    """A message for each outcome with its number; refusals say what is in the way."""
    results = list(results)
    for outcome, number in sorted(Counter(result.outcome for result in results).items()):
        level = messages.SUCCESS if outcome in GOOD else messages.WARNING
        words = ngettext("%(count)d entry: %(what)s", "%(count)d entries: %(what)s", number)
        text = words % {"count": number, "what": OUTCOME_WORDS[outcome]}
        model_admin.message_user(request, text, level)
    found = [refusal for row in results for refusal in _in_the_way(row)]
    titles = _titles({refusal.params["entry"] for refusal in found if "entry" in refusal.params})
    ways = Counter(_words(refusal, titles) for refusal in found)
    for text, number in ways.most_common(5):
        model_admin.message_user(request, f"{text} ({number})", messages.WARNING)


def _in_the_way(result):
    return result.refusals if result.outcome == Outcome.REFUSED else ()


def _titles(entries) -> dict[int, str]:
    """What the venues of these entries (ids) are called, by entry; two queries."""
    venues = (
        dict(Entry.objects.filter(pk__in=entries).values_list("pk", "venue")) if entries else {}
    )
    titles = shown.venue_titles(set(venues.values())) if venues else {}
    return {entry: titles[venue] for entry, venue in venues.items() if titles.get(venue)}


def _words(refusal, titles) -> str:
    """A refusal in words; who holds what was wanted, and who decides, are named."""
    params, text = refusal.params, shown.reason_text(refusal.code)
    if refusal.code == OWNER_ONLY:
        who = params.get("contact") or params.get("owner")
        return f"{text}: {who}" if who else text
    if "entry" in params:
        venue = titles.get(params["entry"]) or params["venue"]
        return _("%(text)s: entry %(entry)s in %(venue)s") % {
            "text": text,
            "entry": params["entry"],
            "venue": venue,
        }
    return text
