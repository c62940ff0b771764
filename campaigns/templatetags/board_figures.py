"""How the exact figures of boards are written."""

from decimal import Decimal

from django import template

from campaigns.eligibility.sentences import unit_text

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


@register.filter
def unit(code: str) -> str:
    """A unit in words."""
    return unit_text(code) if code else ""
