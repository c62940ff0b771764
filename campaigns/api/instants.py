"""The instant that a request asks about."""

from datetime import datetime

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from sellers import clock
from sellers.localtime import from_local


def requested_instant(request: Request) -> datetime:
    """``?at=`` in ISO 8601, local where it has no offset; the clock's time by default.

    Raises ValidationError for anything else.
    """
    text = request.query_params.get("at")
    if not text:
        return clock.now()
    try:
        found = parse_datetime(text)
    except ValueError:
        found = None
    if found is None:
        raise ValidationError({"at": _("Expected a time such as 2023-05-16T20:00:00.")})
    return from_local(found) if found.tzinfo is None else found
