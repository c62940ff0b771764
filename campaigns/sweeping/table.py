"""A run's result as a text table, for a terminal."""

import unicodedata

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.models import Entry, SweepRun

WIDTH = 60


def table(run: SweepRun, result: dict) -> str:
    """What happened in a run: ``result`` is its `summary`."""
    lines = [
        f"{run.campaign.code}  {result['at']}  {run.get_mode_display()}  "
        f"{run.get_state_display()}  #{run.pk}",
        _line(_("live entries"), result["live"]),
    ]
    titles = dict(run.version.requirement_set.values_list("code", "title"))
    lines += _section(_("failed"), result.get("failed", {}), titles)
    lines += _section(_("without an answer"), result.get("held", {}), titles)
    moved = result.get("moved", result.get("planned", {}))
    heading = _("moved") if "moved" in result else _("would move")
    names = {value: str(label) for value, label in Entry.Status.choices}
    lines += _section(heading, {names[status]: number for status, number in moved.items()}, {})
    lines.append(_line(_("recovered"), result.get("recovered", result.get("recovering", 0))))
    if result.get("flagged"):
        lines.append(_line(_("flagged"), result["flagged"]))
    if result.get("skipped"):
        lines.append(_line(_("changed meanwhile, left alone"), result["skipped"]))
    if result.get("unconfirmed"):
        lines.append(_line(_("not part of what was confirmed"), result["unconfirmed"]))
    lines += [_line(_("seconds"), result["seconds"]), *_breaker(result["breaker"])]
    return "\n".join(lines)


def _section(heading, numbers, titles):
    if not numbers:
        return [_line(heading, 0)]
    rows = [_line(f"  {code} {_title(titles.get(code))}", n) for code, n in numbers.items()]
    return [_line(heading, sum(numbers.values())), *rows]


def _title(texts):
    texts = texts or {}
    return texts.get(get_language(), texts.get("en", ""))


def _breaker(reason):
    lines = []
    for row in reason.get("shares", ()):
        where = row["venue"] or _("the whole campaign")
        share = _("%(moves)d of %(live)d would leave approved; at most %(limit)s may") % row
        lines.append(f"! {where}: {share}")
    lines += [
        "! " + _("%(feed)s: last fed %(newest)s, more than %(hours)d hours before") % row
        for row in reason.get("stale", ())
    ]
    if "error" in reason:
        lines.append(f"! {reason['error']}")
    return lines


def _line(label, value):
    room = WIDTH - sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in str(label))
    return f"{label}{' ' * max(1, room)}{value if value is not None else '–':>10}"
