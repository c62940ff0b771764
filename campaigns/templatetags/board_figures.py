"""How the exact figures of boards are written."""

from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.utils.timezone import get_default_timezone

from campaigns.eligibility.sentences import unit_text
from campaigns.templatetags.figures import moment, until
from sellers.localtime import local_midnight

register = template.Library()


@register.filter
def exactly(value: Decimal | None) -> str:
    """A number as it is, with thousands set off; a dash for what is not known."""
    # A part that counts against may be −0.
    return "–" if value is None else f"{value + 0:,f}"


@register.filter
def shortly(value: Decimal | None) -> str:
    """A score, a ratio or a percentile: exact, without the zeros at its end."""
    text = exactly(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


@register.simple_tag
def period(starts_at: datetime, ends_at: datetime) -> str:
    """A half-open period; of one that ends on the day on which it began the end is a time alone."""
    zone = get_default_timezone()
    start, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    if start.date() == end.date():
        return f"{moment(starts_at)} – {end:%H:%M}"
    if end == local_midnight(start.date() + timedelta(days=1)):
        return f"{moment(starts_at)} – 24:00"
    return f"{moment(starts_at)} – {until(ends_at)}"


@register.filter
def unit(code: str) -> str:
    """A unit in words; of a ratio both of its units."""
    return "/".join(unit_text(part) for part in code.split("/")) if code else ""
