"""What kinds of venues are called. A kind is a rulebook's own word; the usual ones are known."""

from django.utils.translation import gettext as _


def kind_name(kind: str) -> str:
    """The kind in the reader's language; one that is not known here as the rulebook writes it."""
    return {
        "main": _("main"),
        "branch": _("branch"),
        "presale": _("presale"),
        "presale_main": _("presale main"),
        "outer": _("outer"),
        "affiliate": _("affiliate"),
        "affiliate_main": _("affiliate main"),
    }.get(kind, kind)
