"""Why a notice did not get through, as a code that holds no address, and in words."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# The codes themselves, but for those with a number behind a colon.
WORDS = {
    "address": _("The address is not accepted here."),
    "switched_off": _("The channel is switched off or gone."),
    "no_mailbox": _("Nobody has this mailbox any more."),
    "timeout": _("There was no answer in time."),
    "unreachable": _("The address could not be reached."),
    "interrupted": _("Sending was cut off every time."),
    "not_accepted": _("The message was not accepted."),
    "broken": _("The message could not be made."),
}


class Undelivered(Exception):
    """A message did not get through. ``code`` is one of ``WORDS``, or "http:404" (the status of
    the answer), "reply:310000" (the messenger's own number) or "mail:550" (the mail server's).
    ``permanent`` says that another try would change nothing."""

    def __init__(self, code: str, *, permanent: bool = False):
        super().__init__(code)
        self.code = code
        self.permanent = permanent


def words(code: str) -> str:
    """A code in words, "" for none."""
    kind, _colon, number = code.partition(":")
    if kind == "http":
        return gettext("The address answered with HTTP status %(number)s.") % {"number": number}
    if kind == "reply":
        return gettext(
            "The messenger refused the message (%(number)s). Check the robot’s address and its"
            " security settings: keywords, signature and addresses allowed."
        ) % {"number": number}
    if kind == "mail":
        return gettext("The mail server refused the message (%(number)s).") % {"number": number}
    return str(WORDS.get(code, code))
