"""Values as a rulebook file has them and as its rows keep them.

Rows keep JSON, where a decimal is text ("0.90"), so that no binary float ever comes near a figure.
A time is local to the installation's zone: "2023-05-16 20:00:00".
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.timezone import get_default_timezone
from django.utils.translation import gettext as _

from sellers.localtime import from_local, local_date

DECIMAL_TEXT = re.compile(r"^-?(?:0|[1-9][0-9]*)\.[0-9]+$")
TIME_PATTERN = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"
    r"( [0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?([-+][0-9]{2}:[0-9]{2})?)?$"
)
_TIME = re.compile(TIME_PATTERN)
OFFSET_PATTERN = r"^[-+]?([0-9]+d)?([0-9]+h)?([0-9]+m)?$"
# An address of a site, or a path of this one; nothing that a browser would run.
LINK_PATTERN = r"^(https?://|/(?!/))[^\s\\]*$"
_OFFSET = re.compile(r"^([-+]?)(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?$")


# The order in which a file shows the keys of small structures; any others follow by name.
KEY_ORDER = (
    *("en", "zh-hans"),
    *("admission", "recheck", "reward"),
    *("action", "require", "missing", "grace_hours", "then"),
    *("metric", "times", "list", "table", "all", "any", "not", "at_least", "of"),
    *("trailing_days", "offset_days", "include_today"),
    *("from", "to", "milestone", "since", "since_filing", "until", "anchored"),
)
_RANK = {key: rank for rank, key in enumerate((*KEY_ORDER, None, "ref", "example"))}


def in_order(keys) -> list[str]:
    """Keys in the order of a file."""
    return sorted(keys, key=lambda key: (_RANK.get(key, _RANK[None]), key))


def to_json(value):
    """What a row keeps of a file's value: decimals become their exact text."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, dict):
        return {key: to_json(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [to_json(part) for part in value]
    return value


def from_json(value):
    """What a file shows of a row's value: text that is a decimal becomes that number, and keys
    come in one order, which a database need not keep."""
    if isinstance(value, str) and DECIMAL_TEXT.match(value):
        return Decimal(value)
    if isinstance(value, dict):
        return {key: from_json(value[key]) for key in in_order(value)}
    if isinstance(value, list | tuple):
        return [from_json(part) for part in value]
    return value


def is_time(value) -> bool:
    """Whether a value is the text of a time ("2023-05-16 20:00:00") or of a date."""
    return isinstance(value, str) and bool(_TIME.match(value))


def read_time(text: str) -> datetime:
    """The aware instant of a local time; a date alone is its 00:00.

    A time that clocks skip is the first instant after the gap, one that they show twice the first
    of the two unless an offset ("+08:00") says which. Raises ValueError.
    """
    if not isinstance(text, str) or not _TIME.match(text):
        raise ValueError(_("expected a time such as 2023-05-16 20:00:00"))
    try:
        naive = datetime.fromisoformat(text)
        return naive if naive.tzinfo else from_local(naive)
    except (ValueError, OverflowError):
        raise ValueError(_("“%(text)s” is no date of the calendar") % {"text": text}) from None


def show_time(at: datetime) -> str:
    """An aware instant as local text; with its offset where the text alone would mean another."""
    local = at.astimezone(get_default_timezone())
    text = local.replace(tzinfo=None).isoformat(sep=" ")
    if from_local(local.replace(tzinfo=None, fold=0)) == at:
        return text
    offset = local.strftime("%z")
    return f"{text}{offset[:3]}:{offset[3:]}"


def read_offset(text: str) -> int:
    """Minutes of "-2h", "+30m" or "1d12h". Raises ValueError."""
    match = _OFFSET.match(text) if isinstance(text, str) else None
    if match is None or not any(match.groups()[1:]):
        raise ValueError(_("expected an offset such as -2h, +30m or 1d12h"))
    sign, days, hours, minutes = match.groups()
    total = int(days or 0) * 1440 + int(hours or 0) * 60 + int(minutes or 0)
    return -total if sign == "-" else total


def show_offset(minutes: int) -> str:
    """Minutes as "-2h" or "+1d12h30m"."""
    days, rest = divmod(abs(minutes), 1440)
    hours, left = divmod(rest, 60)
    parts = [f"{n}{unit}" for n, unit in ((days, "d"), (hours, "h"), (left, "m")) if n]
    return ("-" if minutes < 0 else "+") + ("".join(parts) or "0m")


@dataclass(frozen=True)
class Shift:
    """A move of every date by whole days. Clocks show the same time of day on the new date.

    What is anchored to a year moves by whole years instead, and so stays "1 January".
    """

    days: int
    years: int

    @classmethod
    def between(cls, old: datetime, new: date) -> "Shift":
        """The move that brings the local date of ``old`` to ``new``."""
        was = local_date(old)
        return cls((new - was).days, new.year - was.year)

    def instant(self, at: datetime) -> datetime:
        """An aware instant moved by the days; a time that does not exist then is the first one
        after the gap."""
        local = at.astimezone(get_default_timezone()).replace(tzinfo=None, fold=0)
        return from_local(local + timedelta(days=self.days))

    def text(self, text: str, *, anchored: bool = False) -> str:
        """A local time's text moved by the days, or by the years if anchored."""
        naive = datetime.fromisoformat(text).replace(tzinfo=None)
        if anchored:
            moved = _in_year(naive, naive.year + self.years)
        else:
            moved = naive + timedelta(days=self.days)
        return moved.isoformat(sep=" ") if len(text) > 10 else moved.date().isoformat()

    def times_in(self, value):
        """A JSON value with every time in it moved; {…, "anchored": "year"} marks its own."""
        if isinstance(value, dict):
            anchored = value.get("anchored") == "year"
            return {
                key: self.text(part, anchored=True)
                if anchored and is_time(part)
                else self.times_in(part)
                for key, part in value.items()
            }
        if isinstance(value, list):
            return [self.times_in(part) for part in value]
        return self.text(value) if is_time(value) else value


def _in_year(naive, year):
    """The same day of another year; 29 February becomes the 28th where there is none."""
    try:
        return naive.replace(year=year)
    except ValueError:
        return naive.replace(year=year, day=28)
