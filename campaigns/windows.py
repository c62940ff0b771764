"""The time that a statistic looks at: from its row's JSON to instants, to a code, to words."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sellers.localtime import from_local, local_date, local_midnight
from sellers.metrics.statistics import StatisticError, Window

FILING = "filing"
_DAYS = re.compile(r"^(\d+)d(?:-(\d+)d)?(\+today)?$")


def resolve(
    window: Mapping, *, at: datetime, milestones: Mapping[str, tuple[datetime, datetime]]
) -> Window:
    """The instants of a statistic's window, evaluated at `at`.

    `trailing_days` N are the N whole local days before the one of `at`, that one excluded;
    `offset_days` ends them so many days earlier, and `include_today` adds the day of `at`, of which
    only what was until `at` can count. `from` and `to`, `since` and the ends of milestones are
    taken as they are, half-open. An empty window has no bounds. `since_filing` begins with each
    entry's own filing and ends `until` an instant or a milestone's start, if at all. Raises
    StatisticError.
    """
    keys = set(window) - {"anchored"}
    if not keys:
        return Window()
    if "trailing_days" in keys and keys <= {"trailing_days", "offset_days", "include_today"}:
        return _trailing(window, at)
    if keys == {"from", "to"}:
        return Window(_instant(window["from"], "from"), _instant(window["to"], "to"))
    if keys == {"since"}:
        return Window(_instant(window["since"], "since"), None)
    if keys == {"milestone"}:
        return Window(*_milestone(window["milestone"], milestones, "window.milestone"))
    if window.get("since_filing") is True and keys <= {"since_filing", "until"}:
        return Window(None, _end(window.get("until"), milestones), since_filing=True)
    raise StatisticError(
        "window", _("expected trailing_days, from and to, milestone, since, or since_filing")
    )


def code_of(window: Mapping) -> str:
    """A short text of a window that stays with the evidence, the same in every language.

    ``30d``, ``30d-1d`` (ending a day earlier), ``30d+today``, ``2023-05-09/2023-05-21``,
    ``2023-01-01/``, ``milestone:live``, ``filing/``, ``filing/2023-05-16``,
    ``filing/milestone:live``; empty for no window.
    """
    if "since_filing" in window:
        until = window.get("until", "")
        end = f"milestone:{until['milestone']}" if isinstance(until, Mapping) else _short(until)
        return f"{FILING}/{end}"
    if "trailing_days" in window:
        offset = f"-{window['offset_days']}d" if window.get("offset_days") else ""
        return (
            f"{window['trailing_days']}d{offset}{'+today' if window.get('include_today') else ''}"
        )
    if "milestone" in window:
        return f"milestone:{window['milestone']}"
    if "since" in window or "from" in window:
        start = window.get("since") or window.get("from")
        return f"{_short(start)}/{_short(window.get('to', ''))}"
    return ""


def words(code: str) -> str:
    """What `code_of` gave, in the reader's language; any other text as it is."""
    if found := _DAYS.match(code):
        return _words_of_days(int(found[1]), int(found[2] or 0), bool(found[3]))
    if code.startswith("milestone:"):
        return _("during “%(milestone)s”") % {"milestone": code.partition(":")[2]}
    start, slash, end = code.partition("/")
    if not slash:
        return code
    if start == FILING:
        return _words_since_filing(end)
    if not end:
        return _("since %(start)s") % {"start": start}
    return _("from %(start)s until before %(end)s") % {"start": start, "end": end}


def _words_since_filing(end):
    if not end:
        return _("since the entry was filed")
    kind, colon, milestone = end.partition(":")
    if colon and kind == "milestone":
        return _("since the entry was filed, until “%(milestone)s” starts") % {
            "milestone": milestone
        }
    return _("since the entry was filed, until before %(end)s") % {"end": end}


def _words_of_days(days, offset, include_today):
    text = ngettext("the last %(days)d day", "the last %(days)d days", days) % {"days": days}
    if include_today:
        return _("%(days)s and today") % {"days": text}
    if offset:
        ending = ngettext(
            "%(days)s, ending %(offset)d day earlier",
            "%(days)s, ending %(offset)d days earlier",
            offset,
        )
        return ending % {"days": text, "offset": offset}
    return text


def _milestone(code, milestones, path):
    try:
        return milestones[code]
    except KeyError:
        raise StatisticError(path, _("unknown milestone %(code)s") % {"code": code}) from None


def _end(until, milestones):
    if until is None:
        return None
    if isinstance(until, Mapping) and set(until) == {"milestone"}:
        return _milestone(until["milestone"], milestones, "window.until.milestone")[0]
    return _instant(until, "until")


def _trailing(window, at):
    days = _whole(window, "trailing_days", 1)
    offset = _whole(window, "offset_days", 0)
    include_today = window.get("include_today", False)
    if not isinstance(include_today, bool):
        raise StatisticError("window.include_today", _("expected true or false"))
    if include_today and offset:
        raise StatisticError(
            "window.offset_days", _("a window that includes today cannot end earlier")
        )
    today = local_date(at)
    last = today + timedelta(days=1) if include_today else today - timedelta(days=offset)
    first = today - timedelta(days=offset + days)
    return Window(local_midnight(first), local_midnight(last))


def _whole(window, key, least):
    value = window.get(key, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 36_600:
        raise StatisticError(
            f"window.{key}",
            _("expected a whole number of days, at least %(least)d") % {"least": least},
        )
    return value


def _instant(text, key):
    try:
        found = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise StatisticError(
            f"window.{key}", _("expected a time such as 2023-05-16 20:00:00")
        ) from None
    return from_local(found) if found.tzinfo is None else found


def _short(text):
    """A local time without its 00:00:00."""
    return str(text).removesuffix(" 00:00:00")
