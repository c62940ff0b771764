"""Filters that several lists of campaigns share."""

from django.utils.translation import gettext_lazy as _

from sellers.admin.base import CodeFilter


class VenueCodeFilter(CodeFilter):
    """By venue code."""

    title = _("venue code")
    parameter_name = "venue_code"
    lookup = "venue__code"
