"""The rules of the process in words: why something was refused without a requirement, and what
helps."""

from collections import defaultdict
from datetime import datetime

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Entry
from campaigns.refusal_titles import NAMING, TITLES
from campaigns.templatetags.figures import localised, moment, until
from sellers.models import Seller

SENTENCES = {
    "campaign_suspended": _("The marketplace has suspended the campaign; nothing is taken in."),
    "not_registered": _("Items are filed after the shop has joined the campaign."),
    "not_selectable": _(
        "Items are picked from the stock list or the recommended list. This one is on neither, "
        "or not on the list that was chosen."
    ),
    "not_invited": _(
        "The venue takes invited items. This one is not, nor has the shop a free choice."
    ),
    "unknown_source": _("Only the campaign centre takes registrations."),
    "invitation_closed": _("It was declined, taken back, or has expired."),
    "bonus_condition": _("The extra places come with it."),
    "round_decided": _("The marketplace’s decision stands."),
    "venue_closed": _("The marketplace fills this venue itself."),
    "already_claimed": _("Another entry of the campaign holds this item."),
    "duplicate_row": _("Only the first of the rows with this item counts."),
    "unknown_item": _("No item has this code."),
    "not_your_item": _("No item of your shop has this code."),
    "price_missing": _("Every item needs a campaign price above 0."),
    "not_cancellable": _("Once approved, entries of this venue stay until the campaign ends."),
    "changed": _("Look at it again before you decide."),
    "page_not_made": _("It is made when the first entry of the shop is approved."),
    "term_not_below": _("It must be below the amount from which it is given."),
    "withdrawable": _("The venue lets this entry go; nobody has to be asked."),
    "already_asked": _("The marketplace has the request and will answer."),
}
REMEDIES = {
    "registration_paused": _("File again when the pause is over."),
    "not_registered": _("Join the campaign first."),
    "not_selectable": _("Pick the item from a list that it is on, or pick another item."),
    "not_invited": _("File an item that is invited, or choose another venue."),
    "venue_closed": _("Choose another venue."),
    "conflict": _("Withdraw the other entry first, or file another item."),
    "unknown_source": _("File the item here yourself."),
    "invitation_closed": _("Look at the invitations that are open."),
    "invitation_used": _("Withdraw the entry that uses it while it is not approved yet."),
    "enrolment_closed": _("Enrol while enrolment is open."),
    "bonus_not_enrolled": _("Enrol on the page of your places."),
    "bonus_unconfirmed": _("Nothing to do: the marketplace decides."),
    "round_closed": _("Apply while applications are open."),
    "quota_full": _("Withdraw an entry to free its place, or use the recommended list."),
    "already_claimed": _("Withdraw the other entry first if this one is to take its place."),
    "unknown_item": _("Check the code."),
    "not_your_item": _("Check the code, or switch to the shop that has the item."),
    "price_missing": _("Enter a price and file again."),
}
# What a seller can do about an entry, by its status.
NEXT_STEPS = {
    "submitted": _("Nothing to do: the marketplace decides."),
    "in_review": _("Nothing to do: a reviewer decides."),
    "at_risk": _("Fix what is named before the time given, or the entry is moved off."),
    "abnormal": _("Fix what is named; the entry comes back by itself at the next check."),
    "unpublished": _("Correct the price, then publish again."),
    "rejected": _("Fix what is named and file the item again while registration is open."),
    "cleared_out": _("Fix what is named; while registration is open the item may be filed again."),
    "withdrawn": _("While registration is open the item may be filed again."),
}
# What a person gave a reason for: a template's text, words of their own, or both.
BY_PEOPLE = frozenset(
    {"rejected_by_reviewer", "cleared_out_by_operator", "permission_revoked", "request_refused"}
)
CHOICES = {
    "seller.shop_type": dict(Seller.ShopType.choices),
    "seller.kind": dict(Seller.Kind.choices),
    "entry.list_source": dict(Entry.ListSource.choices),
    "entry.source": dict(Entry.Source.choices),
    "entry.status": dict(Entry.Status.choices),
}


def title(code: str) -> str:
    """A process reason in a few words; a code that is not known stays as it is."""
    return str(TITLES.get(code, code))


def sentence(code: str, params: dict) -> str:
    """A process reason in a sentence with its figures."""
    values = defaultdict(lambda: "–", params)
    if code in NAMING:
        return str(NAMING[code]) % values
    if writer := _WRITERS.get(code):
        return writer(params, values)
    return str(SENTENCES.get(code, ""))


def in_full(code: str, params: dict) -> str:
    """A process reason's title and sentence in one."""
    parts = [title(code), sentence(code, params)]
    return " – ".join(part for part in parts if part)


def remedy(code: str) -> str:
    """What helps against a process reason, "" where nothing does."""
    return str(REMEDIES.get(code, ""))


def next_step(status: str) -> str:
    """What the seller of an entry in this status can do."""
    return str(NEXT_STEPS.get(status, ""))


def choice(metric: str, value: str) -> str:
    """A coded value of a metric in words; one without words stays as it is."""
    return str(CHOICES.get(metric, {}).get(value, value))


def _owner_only(params, _values):
    texts = [
        gettext(
            "It was cleared out before and filed again, and filing has ended; who owns the venue "
            "decides."
        )
    ]
    if who := params.get("contact") or params.get("owner"):
        texts.append(gettext("Turn to %(contact)s.") % {"contact": who})
    return " ".join(texts)


def _quota_full(params, values):
    text = gettext("%(used)s of %(ceiling)s places are used.") % values
    if name := localised(params.get("title")):
        text = f"{name}: {text}"
    return " ".join([text, *_lacking(params)])


def _lacking(params):
    """What a quota's bonuses lack, in a sentence; none where they lack nothing."""
    lacking = [
        f"{localised(grant['title']) or grant['code']}: {title(grant['reason'])}"
        for grant in params.get("grants", [])
        if "reason" in grant
    ]
    if lacking:
        yield gettext("No extra places: %(why)s.") % {"why": "; ".join(lacking)}


def _conflict(params, values):
    name = localised(params.get("title")) or values["conflict"]
    status = choice("entry.status", values["status"])
    return gettext("%(name)s (venue %(venue)s, %(status)s).") % {
        "name": name,
        "venue": values["venue"],
        "status": status,
    }


def _timed(params, _values):
    if "closes_at" in params:
        ends = _read(params["closes_at"])
        return gettext("Open until %(time)s.") % {"time": until(ends) if ends else "–"}
    if "opens_at" in params:
        return gettext("It opens at %(time)s.") % {"time": _moment(params["opens_at"])}
    if "closed_at" in params:
        ended = _read(params["closed_at"])
        return gettext("It closed at %(time)s.") % {"time": until(ended) if ended else "–"}
    return ""


def _price_locked(_params, values):
    texts = {
        "raise": gettext(
            "Until %(until)s it may be lowered but not raised: %(old)s to %(new)s is a rise."
        ),
        "cut": gettext(
            "Until %(until)s it may be raised but not lowered: %(old)s to %(new)s is a cut."
        ),
    }
    text = texts.get(values["direction"], gettext("Until %(until)s it may not change."))
    ends_at = _read(values["ends_at"])
    return text % {
        "until": until(ends_at) if ends_at else "–",
        "old": values["old"] or "–",
        "new": values["new"] or "–",
    }


def _window_closed(params, _values):
    if "opens_at" in params:
        return gettext("Registration opens at %(time)s.") % {"time": _moment(params["opens_at"])}
    if "closed_at" in params:
        ended = _read(params["closed_at"])
        text = gettext("Registration closed at %(time)s.") % {
            "time": until(ended) if ended else params["closed_at"]
        }
        return " ".join([text, *_whom_to_ask(params)])
    return gettext("Registration is not open.")


def _setup_closed(params, _values):
    if "opens_at" in params:
        return gettext("It can be set up from %(time)s on.") % {"time": _moment(params["opens_at"])}
    closed = _read(params.get("closed_at"))
    return gettext("It could be set up until %(time)s.") % {"time": until(closed)}


def _bounds(params, _values):
    texts = {
        "least": gettext("It must be at least %(bound)s."),
        "most": gettext("It must be at most %(bound)s."),
        "above": gettext("It must be above %(bound)s."),
    }
    return " ".join(text % {"bound": params[key]} for key, text in texts.items() if key in params)


def _whom_to_ask(params):
    """Sentences of who can still help once filing has ended (D12-106)."""
    if "cleared_out" in params:
        yield gettext("The item was cleared out: only the venue’s operator can bring it back.")
    if names := [text for text in (params.get("owner"), params.get("contact")) if text]:
        yield gettext("Contact of the venue: %(names)s.") % {"names": ", ".join(names)}


def _moment(text):
    at = _read(text)
    return moment(at) if at else text


def _read(text):
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None


def _paused(_params, values):
    return gettext("From %(paused)s to %(resumes)s nothing is taken in.") % {
        "paused": _moment(values["paused_at"]),
        "resumes": _moment(values["resumes_at"]),
    }


def _not_invited(params, _values):
    quotas = params.get("free_choices", [])
    texts = [str(SENTENCES["not_invited"]), *(text for row in quotas for text in _lacking(row))]
    return " ".join(texts)


def _invitation_used(params, values):
    text = ngettext(
        "The invitation is for %(limit)s item.",
        "The invitation is for %(limit)s items.",
        params.get("limit") or 0,
    )
    used = gettext("Entry %(entry)s uses it.") if "entry" in params else ""
    return " ".join(part % values for part in (text, used) if part)


def _by_people(params, _values):
    parts = [localised(params.get("text")), params.get("note", "")]
    return " ".join(part for part in parts if part)


def _duplicate(params, values):
    if "line" not in params:
        return str(SENTENCES.get("duplicate_row", ""))
    return gettext("Row %(line)s is the one that counts.") % values


def _given(_params, values):
    return gettext("“%(given)s” was given.") % values


_WRITERS = {
    "window_closed": _window_closed,
    "registration_paused": _paused,
    "quota_full": _quota_full,
    "not_invited": _not_invited,
    "invitation_used": _invitation_used,
    "conflict": _conflict,
    "setup_closed": _setup_closed,
    "term_out_of_bounds": _bounds,
    "price_locked": _price_locked,
    "owner_only": _owner_only,
    "duplicate_row": _duplicate,
    **dict.fromkeys(BY_PEOPLE, _by_people),
    **dict.fromkeys(
        ("enrolment_closed", "bonus_not_enrolled", "bonus_window", "round_closed"), _timed
    ),
    **dict.fromkeys(("price_unreadable", "quantity_unreadable", "term_unreadable"), _given),
}
