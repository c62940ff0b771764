"""Voluntary plays that approved entries may join; ignoring one changes nothing (G520-009)."""

from datetime import datetime

from campaigns.admission import rulebook_at
from campaigns.models import Entry, PlayEnrolment, Promotion, RulebookVersion
from campaigns.timeline import Refusal, shown


def open_plays(version: RulebookVersion, at: datetime) -> list[Promotion]:
    """The voluntary plays in force at the instant, in rulebook order."""
    plays = _plays(version)
    return [play for play in plays if _closed(play, at) is None]


def join_play(*, entry: Entry, play: str, at: datetime) -> Refusal | None:
    """Take an entry into a play (code); None when it is in, joined before or now.

    Refused: ``unknown_play``, ``play_closed`` with its times, ``entry_not_open`` where the entry's
    status is not one that the play is open to (by default approved).
    """
    version = rulebook_at(entry.campaign, at)
    promotion = _plays(version).filter(code=play).first()
    if promotion is None:
        return Refusal("unknown_play", {"play": play})
    if (closed := _closed(promotion, at)) is not None:
        return closed
    open_to = promotion.terms.get("open_to") or [Entry.Status.APPROVED]
    status = Entry.objects.values_list("status", flat=True).get(pk=entry.pk)
    if status not in open_to:
        return Refusal("entry_not_open", {"play": play, "status": status})
    PlayEnrolment.objects.get_or_create(entry=entry, play=play, defaults={"joined_at": at})
    return None


def leave_play(*, entry: Entry, play: str) -> bool:
    """Take an entry out of a play; whether it was in."""
    return bool(PlayEnrolment.objects.filter(entry=entry, play=play).delete()[0])


def _plays(version):
    """What shops set for themselves is not an entry's to join."""
    return version.promotion_set.filter(kind=Promotion.Kind.VOLUNTARY, level=Promotion.Level.ENTRY)


def _closed(play, at):
    if play.starts_at is not None and at < play.starts_at:
        return Refusal("play_closed", {"play": play.code, "opens_at": shown(play.starts_at)})
    if play.ends_at is not None and at >= play.ends_at:
        return Refusal("play_closed", {"play": play.code, "closed_at": shown(play.ends_at)})
    return None
