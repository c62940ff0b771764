"""Why the entries of a notice moved, in words, in the language in force."""

from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Q

from campaigns.models import (
    Entry,
    EntryHistory,
    Finding,
    Notice,
    NoticeLine,
    ReasonTemplate,
    RegistrationHistory,
    Requirement,
)
from campaigns.notice_texts import localised, plain
from campaigns.refusal_titles import NAMING, TITLES, named

# An entry that got here needs no reason.
_UNREASONED = frozenset({Entry.Status.APPROVED, Entry.Status.DRAFT})


class Reasons:
    """The reasons of notices and their lines, read with six queries for any number of them.

    ``lines`` have their entries; ``notices`` are those that the lines belong to and those without
    lines. The texts are made when asked for, so that one reading serves several languages.
    """

    def __init__(self, notices: Iterable[Notice], lines: Iterable[NoticeLine]):
        self._notices = {notice.pk: notice for notice in notices}
        self._lines = [line for line in lines if line.entry_id and _has_reason(line)]
        self._moves = self._read_moves()
        self._own = self._read_registrations()
        self._findings = self._read_findings()
        self._name_codes()

    def of_line(self, line: NoticeLine) -> list[str]:
        """Why the line's entry moved: what it failed first, else the code kept with the move."""
        history = self._moves.get(line.pk)
        if history is None:
            return []
        found = [
            finding
            for finding in (
                *self._findings["entry", line.entry_id],
                *self._findings["registration", line.entry.registration_id],
            )
            if _led_to(finding, history)
        ]
        return self._words(found, history.reason, line.entry.campaign_id)

    def of_notice(self, notice: Notice) -> list[str]:
        """Why a registration ended; [] for other notices."""
        history = self._own.get(notice.pk)
        if history is None:
            return []
        found = self._findings["registration", history.registration_id]
        found = [finding for finding in found if _led_to(finding, history)]
        return self._words(found, history.reason, notice.campaign_id)

    def _words(self, found, reason, campaign):
        # The code kept with the move is the one that decided.
        found.sort(key=lambda finding: reason not in (finding.code, _reason_of(finding)))
        words = [self._of_finding(finding) for finding in found]
        own = localised(self._templates.get(reason))
        if not own and not words:
            own = localised(self._requirements.get((campaign, reason))) or TITLES.get(reason, "")
        texts = [plain(text) for text in (own, *words)]
        return list(dict.fromkeys(text for text in texts if text))

    def _of_finding(self, finding):
        if finding.code in NAMING:
            return named(finding.code, finding.params)
        if finding.requirement is None:
            told = [localised(finding.params.get("text")), finding.params.get("note", "")]
            return " ".join(part for part in told if part) or TITLES.get(finding.code, finding.code)
        template = localised(self._templates.get(_reason_of(finding)))
        return template or localised(finding.requirement.title) or finding.code

    def _read_moves(self):
        """Line id to the history row of the move that the line tells of."""
        by_entry = defaultdict(list)
        wanted = {line.entry_id for line in self._lines}
        for row in EntryHistory.objects.filter(entry__in=wanted).select_related("move"):
            by_entry[row.entry_id].append(row)
        found = {}
        for line in self._lines:
            notice = self._notices[line.notice_id]
            rows = [
                row
                for row in by_entry[line.entry_id]
                if row.to_status == line.to_status and _is_of(row, notice)
            ]
            if rows:
                found[line.pk] = min(rows, key=lambda row: row.pk)
        return found

    def _read_registrations(self):
        """Notice id to the history row of the registration's move that it tells of."""
        wanted = {
            (notice.seller_id, notice.campaign_id): notice
            for notice in self._notices.values()
            if notice.cause.startswith("registration_")
        }
        if not wanted:
            return {}
        rows = RegistrationHistory.objects.filter(
            registration__seller__in={seller for seller, _campaign in wanted},
            registration__campaign__in={campaign for _seller, campaign in wanted},
        ).select_related("move", "registration")
        found = {}
        for row in rows.order_by("-id"):
            notice = wanted.get((row.registration.seller_id, row.registration.campaign_id))
            if notice and notice.cause == f"registration_{row.to_status}" and _is_of(row, notice):
                found[notice.pk] = row
        return found

    def _read_findings(self):
        by_subject = defaultdict(list)
        entries = {line.entry_id for line in self._lines}
        registrations = {line.entry.registration_id for line in self._lines}
        registrations |= {row.registration_id for row in self._own.values()}
        moves = [*self._moves.values(), *self._own.values()]
        if not moves:
            return by_subject
        runs = {row.move.run_id for row in moves if row.move.run_id}
        instants = {row.at for row in moves if not row.move.run_id}
        rows = (
            Finding.objects.filter(
                Q(entry__in=entries) | Q(registration__in=registrations, entry__isnull=True)
            )
            .filter(Q(run__in=runs) | Q(run__isnull=True, at__in=instants))
            .select_related("requirement")
            .order_by("id")
        )
        for row in rows:
            subject = ("entry", row.entry_id) if row.entry_id else None
            by_subject[subject or ("registration", row.registration_id)].append(row)
        return by_subject

    def _name_codes(self):
        """The texts of the codes that moves keep, and of those that requirements give."""
        moves = [*self._moves.values(), *self._own.values()]
        codes = {row.reason for row in moves if row.reason}
        of_requirements = {_reason_of(row) for rows in self._findings.values() for row in rows}
        templates = ReasonTemplate.objects.filter(code__in=codes | (of_requirements - {""}))
        self._templates = dict(templates.values_list("code", "text"))
        self._requirements = {}
        if codes:
            campaigns = {notice.campaign_id for notice in self._notices.values()}
            rows = Requirement.objects.filter(
                Q(code__in=codes) | Q(reason__in=codes), version__campaign__in=campaigns
            ).order_by("version__number")
            for row in rows.values_list("version__campaign", "code", "reason", "title"):
                campaign, code, reason, title = row
                self._requirements[campaign, reason or code] = title
                self._requirements[campaign, code] = title


def _has_reason(line):
    return line.to_status and line.to_status not in _UNREASONED


def _reason_of(finding):
    return finding.requirement.reason if finding.requirement else ""


def _is_of(row, notice):
    """Whether a history row is of the move, or one of the moves, that a notice tells of."""
    if notice.run_id:
        return row.move.run_id == notice.run_id
    kind, _colon, number = notice.key.partition(":")
    return row.move_id == int(number) if kind == "move" else row.at >= notice.at


def _led_to(finding, history):
    if history.move.run_id:
        return finding.run_id == history.move.run_id
    return finding.run_id is None and finding.at == history.at
