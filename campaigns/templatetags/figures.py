"""How rulebook texts, instants and amounts are shown on the seller pages."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils.dateformat import format as date_format
from django.utils.timezone import get_default_timezone
from django.utils.translation import get_language, pgettext

from campaigns.eligibility.sentences import localised as in_language

register = template.Library()


@register.filter
def localised(texts) -> str:
    """A rulebook text ({"en": …, "zh-hans": …}) in the reader's language."""
    return in_language(texts, get_language() or "en")


@register.filter
def moment(at: datetime | None) -> str:
    """An instant in the installation's zone, to the minute."""
    if at is None:
        return "–"
    local = at.astimezone(get_default_timezone())
    return date_format(local, pgettext("format of an instant", "j M Y, H:i"))


@register.filter
def instant(at: datetime | None) -> str:
    """An instant in the installation's zone, to the second."""
    if at is None:
        return "–"
    return f"{moment(at)}:{at.second:02}"


@register.filter
def until(ends_at: datetime | None) -> str:
    """The end of a half-open window; a midnight is the 24:00 of the day that it closes."""
    if ends_at is None:
        return "–"
    local = ends_at.astimezone(get_default_timezone())
    if (local.hour, local.minute, local.second) != (0, 0, 0):
        return moment(ends_at)
    day = (local - timedelta(hours=12)).date()
    return date_format(day, pgettext("the end of a day", "j M Y, 24:00"))


@register.filter
def amount(value: Decimal | None) -> str:
    """A price with its two places, or a dash."""
    return "–" if value is None else f"{value:,.2f}"
