"""What a shop fills in when it sets a promotion: asked for by the rulebook, read and checked.

``Promotion.terms["asks"]`` is a list of mappings: ``code``, ``type`` (integer, decimal, boolean or
text), ``title``, ``unit``, and optionally ``places`` (of a decimal; 2), ``least`` and ``most``
(bounds of a number, both allowed values), ``above`` (a number that it must exceed), ``below_term``
(the code of another number asked for, which it must be below), ``optional``.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from campaigns.models import Promotion
from campaigns.timeline import Refusal

NUMBERS = ("integer", "decimal")
TYPES = (*NUMBERS, "boolean", "text")
LONGEST = 200
PLACES, LONGEST_PLACES = 2, 6
# What a column of money may hold, too.
LARGEST = Decimal(10) ** 11
_TRUTH = {"true": True, "false": False, "on": True, "": False}


def asked(promotion: Promotion) -> list[dict]:
    """What the promotion asks a shop for, in order."""
    return promotion.terms.get("asks") or []


def read(promotion: Promotion, given: Mapping) -> tuple[dict, list[Refusal]]:
    """The terms as they are kept (decimals as their exact text), and what is wrong with them.

    ``given`` holds texts of a form or plain values by code; what is not asked for is refused:
    ``term_unknown``, ``term_missing``, ``term_unreadable``, ``term_out_of_bounds``.
    """
    asks = {ask["code"]: ask for ask in asked(promotion)}
    refusals = [_refusal("term_unknown", code, given[code]) for code in given if code not in asks]
    kept = {}
    for code, ask in asks.items():
        value = given.get(code)
        text = "" if value is None else str(value).strip()
        if not text and ask["type"] != "boolean":
            if not ask.get("optional"):
                refusals.append(_refusal("term_missing", code, ""))
            continue
        try:
            kept[code] = _value(ask, value if isinstance(value, bool) else text)
        except ValueError:
            refusals.append(_refusal("term_unreadable", code, text))
            continue
        if ask["type"] in NUMBERS and not _fits(ask, Decimal(kept[code])):
            refusals.append(
                _refusal(
                    "term_out_of_bounds",
                    code,
                    text,
                    **{key: str(ask[key]) for key in ("least", "most", "above") if key in ask},
                )
            )
    refusals += _too_large(asks, kept)
    return ({} if refusals else kept), refusals


def _value(ask, value):
    kind = ask["type"]
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        try:
            return _TRUTH[value.lower()]
        except KeyError:
            raise ValueError(value) from None
    if kind == "text":
        if len(value) > LONGEST or "\0" in value:
            raise ValueError(value)
        return value
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(value) from None
    if not number.is_finite() or abs(number) > LARGEST:
        raise ValueError(value)
    places = ask.get("places", PLACES) if kind == "decimal" else 0
    exact = number.quantize(Decimal(1).scaleb(-places))
    if exact != number:
        raise ValueError(value)
    return int(exact) if kind == "integer" else str(exact)


def _fits(ask, number):
    least, most, above = (ask.get(key) for key in ("least", "most", "above"))
    return (
        (least is None or number >= Decimal(str(least)))
        and (most is None or number <= Decimal(str(most)))
        and (above is None or number > Decimal(str(above)))
    )


def _too_large(asks, kept):
    for code, ask in asks.items():
        other = ask.get("below_term")
        if code in kept and other in kept and Decimal(kept[code]) >= Decimal(kept[other]):
            yield _refusal("term_not_below", code, kept[code], other=other)


def _refusal(code, term, given, **more):
    return Refusal(code, {"term": term, "given": str(given), **more})
