"""What notices say: what happened, by cause, and what to do about it.

The inbox, mail and messengers share these texts. A cause that is not listed is shown as it is.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.dateformat import format as date_format
from django.utils.timezone import get_default_timezone
from django.utils.translation import get_language, gettext, ngettext, pgettext
from django.utils.translation import gettext_lazy as _

from campaigns.models import Entry, Notice

# Entries named in one message; the inbox has them all.
LINES = 20
# Reasons named for one entry in a message.
REASONS = 3
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True)
class Cause:
    """A notice's heading, its sentences, and what the seller does now.

    A sentence is left out when the notice lacks a parameter that it names.
    """

    heading: str
    sentences: tuple = ()
    todo: str = ""


CAUSES = {
    "approved": Cause(_("Entries approved")),
    "recovered": Cause(_("Entries showing again")),
    "restored": Cause(_("Entries put back")),
    "rejected": Cause(
        _("Entries refused"),
        todo=_("Fix what is named and file the item again while registration is open."),
    ),
    "cleared_out": Cause(
        _("Entries cleared out"),
        todo=_("Fix what is named; while registration is open the item may be filed again."),
    ),
    "abnormal": Cause(
        _("Entries no longer showing"),
        todo=_("Fix what is named; the entry comes back by itself at the next check."),
    ),
    "unpublished": Cause(
        _("Entries unpublished"), todo=_("Correct the price, then publish again.")
    ),
    "at_risk": Cause(
        _("Entries at risk"),
        todo=_("Fix what is named before the time given, or the entry is moved off."),
    ),
    "superseded": Cause(_("Entries superseded")),
    "results": Cause(
        _("Results of the review"),
        todo=_("What was refused may be filed again while registration is open."),
    ),
    "void": Cause(_("Entries void")),
    "withdrawn": Cause(_("Entries withdrawn")),
    "registration_rejected": Cause(_("The shop’s registration was refused")),
    "registration_withdrawn": Cause(_("The shop’s registration was withdrawn")),
    "registration_void": Cause(_("The shop’s registration is void")),
    "registration_joined": Cause(_("The shop has joined")),
    "invited": Cause(
        _("Your shop is invited"),
        (
            _("%(venue)s invites your shop to file there."),
            _("Items invited: %(items)s."),
            _("The invitation is open until %(until)s."),
        ),
        _("See the campaigns that invite you, and file or decline."),
    ),
    "invited_by_rank": Cause(
        _("Your shop has won an invitation by its rank"),
        (
            _("%(venue)s invites your shop to file there."),
            _("It was rank %(rank)s on the board."),
            _("Items that may be filed: %(limit)s."),
            _("The invitation is open until %(until)s."),
        ),
        _("See the campaigns that invite you, and file before it ends, or decline."),
    ),
    "invitation_revoked": Cause(
        _("An invitation was revoked"),
        (_("%(venue)s no longer invites your shop."), _("Reason: %(reason)s")),
    ),
    "bonus_granted": Cause(
        _("More places for your shop"),
        (
            _("%(places)s more places: %(quota)s."),
            _("Because of: %(reason)s."),
            _("They may be used until %(until)s."),
        ),
        _("File more items while registration is open."),
    ),
    "bonus_revoked": Cause(
        _("Places taken back"), (_("%(places)s places: %(quota)s."), _("Reason: %(reason)s"))
    ),
    "round_decided": Cause(
        _("Results of a round"),
        (_("%(round)s is decided."), _("Result: %(result)s."), _("Reason: %(reason)s")),
    ),
    "request_refused": Cause(
        _("Request to be taken off refused"), (_("Reason: %(reason)s"),)
    ),
    "permission_revoked": Cause(_("The shop’s permission is taken back")),
    "revoked": Cause(
        _("Permission revoked"),
        (_("Revoked: %(permission)s."), _("Reason: %(reason)s"), _("It holds until %(until)s.")),
    ),
    "sanctioned": Cause(
        _("A sanction is in force"),
        (_("Sanction: %(sanction)s."), _("Reason: %(reason)s"), _("It holds until %(until)s.")),
    ),
    "tool_missing": Cause(
        _("A promotion tool is missing"),
        (_("Missing: %(tool)s."), _("It can be set up until %(until)s.")),
        _("Set it up in time; entries that need it are cleared out otherwise."),
    ),
    "deadline": Cause(
        _("A deadline is near"), (_("%(what)s ends at %(until)s."),)
    ),
    "rules_changed": Cause(
        _("The campaign’s rules have changed"),
        (_("Version %(version)s is in force from %(from_at)s."),),
        _("Read the new rules on the campaign’s page."),
    ),
    "alert": Cause(_("Please look at this"), ("%(text)s",)),
}  # fmt: skip


@dataclass(frozen=True)
class Message:
    """A notice as a message: its title, what is said before and after the entries, and these.

    ``size`` is how many entries the notice has; ``lines`` names the first of them.
    """

    title: str
    head: tuple[str, ...]
    lines: tuple[str, ...]
    size: int
    tail: tuple[str, ...]

    def body(self, most_bytes: int | None = None) -> str:
        """The text, with as many of the entries as fit into so many bytes of UTF-8."""
        for number in range(len(self.lines), 0, -1):
            text = self._with(number)
            if most_bytes is None or len(text.encode()) <= most_bytes:
                return text
        text = self._with(0)
        return text if most_bytes is None else text.encode()[:most_bytes].decode(errors="ignore")

    def _with(self, number):
        parts = list(self.head)
        if self.size:
            entries = ngettext("%(count)d entry:", "%(count)d entries:", self.size)
            parts += ["", entries % {"count": self.size}, *self.lines[:number]]
            if left := self.size - number:
                more = ngettext("… and %(count)d more", "… and %(count)d more", left)
                parts.append(more % {"count": left})
        return "\n".join([*parts, "", *self.tail])


def message(notice: Notice, lines: list, reasons: dict[int, list[str]], size: int) -> Message:
    """The notice in the language in force.

    ``lines`` are its first ``NoticeLine`` rows with their entries and items, ``size`` how many
    there are, ``reasons`` texts by line id, and by 0 those of the notice itself.
    """
    campaign = plain(localised(notice.campaign.title)) or notice.campaign.code
    what = heading(notice)
    head = [f"{campaign}: {what}", *sentences(notice)]
    if own := reasons.get(0):
        head.append(gettext("Reason: %(reason)s") % {"reason": "; ".join(own)})
    tail = [todo(notice), gettext("Your inbox on the marketplace says more, and what you can do.")]
    return Message(
        title=f"[{campaign}] {what}",
        head=tuple(head),
        lines=tuple(_line(line, reasons.get(line.pk, ())) for line in lines[:LINES]),
        size=size,
        tail=tuple(part for part in tail if part),
    )


def heading(notice: Notice) -> str:
    """What a notice is about."""
    cause = CAUSES.get(notice.cause)
    return str(cause.heading) if cause else plain(notice.cause)


def sentences(notice: Notice) -> list[str]:
    """What its parameters say, those sentences that have all they name."""
    cause = CAUSES.get(notice.cause)
    if cause is None:
        return []
    values = {name: _shown(name, value) for name, value in (notice.params or {}).items()}
    told = {name for name, value in values.items() if value}
    return [
        str(sentence) % values
        for sentence in cause.sentences
        if told.issuperset(_PLACEHOLDER.findall(str(sentence)))
    ]


def todo(notice: Notice) -> str:
    """What the seller does now, "" for nothing."""
    cause = CAUSES.get(notice.cause)
    return str(cause.todo) if cause else ""


def localised(texts) -> str:
    """A text kept as {"en": …, "zh-hans": …} in the language in force; a plain text as it is."""
    if not texts:
        return ""
    if isinstance(texts, dict):
        language = get_language() or "en"
        return str(texts.get(language) or texts.get("en") or next(iter(texts.values()), ""))
    return str(texts)


def plain(text: str) -> str:
    """A name on one line, without characters that steer a header, a terminal or the direction."""
    spaced = " ".join(str(text).split())
    return "".join(one for one in spaced if unicodedata.category(one) not in {"Cc", "Cf"})


def _line(line, reasons):
    item = line.entry.item
    status = Entry.Status(line.to_status).label if line.to_status else ""
    text = f"- {plain(item)} ({plain(item.code)})" + (f": {status}" if status else "")
    return f"{text} – {'; '.join(reasons[:REASONS])}" if reasons else text


def _shown(name, value):
    """A parameter in words: an instant where the name is ``until`` or ends in ``_at``."""
    if name == "until" or name.endswith("_at"):
        try:
            return _moment(datetime.fromisoformat(str(value)), ends=name == "until")
        except ValueError:
            return plain(value)
    if isinstance(value, list | tuple):
        return gettext(", ").join(plain(localised(one)) for one in value)
    return plain(localised(value)) if value is not None else ""


def _moment(at, *, ends):
    """An instant in the installation's zone; the midnight that ends a day is its 24:00."""
    local = at.astimezone(get_default_timezone())
    if ends and (local.hour, local.minute, local.second) == (0, 0, 0):
        day = (local - timedelta(hours=12)).date()
        return date_format(day, pgettext("the end of a day", "j M Y, 24:00"))
    return date_format(local, pgettext("format of an instant", "j M Y, H:i"))
