"""Every status times every event times every venue policy that matters, as a table.

The table is what is right, written down by hand. A cell is the status that the entry gets, or why
nothing changes: ``!p`` is what the event says, ``--`` is an event that has nobody to tell.
"""

import pytest

from campaigns.models import Decision, Entry, EntryHistory, Notice, NoticeLine
from tests.campaigns.machine_events import ACTS
from tests.campaigns.machine_world import AT, DECIDED, STATUSES, World

pytestmark = pytest.mark.django_db

SHORT = {
    "sb": "submitted",
    "ir": "in_review",
    "ap": "approved",
    "ar": "at_risk",
    "ab": "abnormal",
    "up": "unpublished",
    "rj": "rejected",
    "wd": "withdrawn",
    "co": "cleared_out",
    "su": "superseded",
    "vo": "void",
}
WHY = {
    "!a": "asked",
    "!b": "taken_back",
    "!c": "already_claimed",
    "!d": "kept",
    "!e": "already_ended",
    "!i": "not_invited",
    "!k": "not_cancellable",
    "!m": "priced",
    "!n": "not_registered",
    "!o": "owner_only",
    "!p": "not_pending",
    "!t": "taken",
    "!u": "not_unpublished",
    "!w": "withdrawable",
    "!x": "conflict",
    "--": "",
}

# Event, and the venues that the row is for: every policy that it names must be the venue's. The
# first row that fits counts. No venue that the system alone reviews releases together, and only
# one that releases together has decided entries. In a venue that is ``owned`` every item was
# cleared out before, and once filing is over only the owner decides.
TABLE = """
event                  | policy  | dr sb ir de | ap ar ab up | rj wd co su vo
file_again             | invited | !i !i !i !i | !i !i !i !i | !i !i !i !i !i
file_again             | system  | ap !c !c .. | !c !c !c !c | ap ap ap ap ap
file_again             |         | ir !c !c !c | !c !c !c !c | ir ir ir ir ir
withdraw               | kept    | !e wd wd wd | !k !k !k !k | !e !e !e !e !e
withdraw               |         | !e wd wd wd | wd wd wd wd | !e !e !e !e !e
ask_to_cancel          | kept    | !e !w !w !w | !a !a !a !a | !e !e !e !e !e
ask_to_cancel          |         | !e !w !w !w | !w !w !w !w | !e !e !e !e !e
grant_cancellation     | kept    | !e !w !w !w | co co co co | !e !e !e !e !e
grant_cancellation     |         | !e !w !w !w | !w !w !w !w | !e !e !e !e !e
reprice                |         | !e !m !m !m | !m !m !m !m | !e !e !e !e !e
approve                | together | !p !d !d !d | !p !p !p !p | !p !p !p !p !p
approve                |         | !p ap ap .. | !p !p !p !p | !p !p !p !p !p
reject                 | together | !p !d !d !d | !p !p !p !p | !p !p !p !p !p
reject                 |         | !p rj rj .. | !p !p !p !p | !p !p !p !p !p
approve_once_due       |         | !p ap ap ap | !p !p !p !p | !p !p !p !p !p
reject_once_due        |         | !p rj rj rj | !p !p !p !p | !p !p !p !p !p
approve_taken          |         | !p !t !t !t | !p !p !p !p | !p !p !p !p !p
reject_taken           |         | !p !t !t !t | !p !p !p !p | !p !p !p !p !p
approve_late           | owned   | !p !o !o !o | !p !p !p !p | !p !p !p !p !p
approve_late           | together | !p !d !d !d | !p !p !p !p | !p !p !p !p !p
approve_late           |         | !p ap ap .. | !p !p !p !p | !p !p !p !p !p
reject_late            | owned   | !p !o !o !o | !p !p !p !p | !p !p !p !p !p
reject_late            | together | !p !d !d !d | !p !p !p !p | !p !p !p !p !p
reject_late            |         | !p rj rj .. | !p !p !p !p | !p !p !p !p !p
owner_approves_late    | together | !p !d !d !d | !p !p !p !p | !p !p !p !p !p
owner_approves_late    |         | !p ap ap .. | !p !p !p !p | !p !p !p !p !p
take_back              |         | !p !p !p !b | !p !p !p !p | !p !p !p !p !p
release                |         | -- -- -- ap | -- -- -- -- | -- -- -- -- --
recheck_clears_out     |         | -- -- -- -- | co co co co | -- -- -- -- --
recheck_makes_abnormal |         | -- -- -- -- | ab ab -- -- | -- -- -- -- --
recheck_unpublishes    |         | -- -- -- -- | up up up -- | -- -- -- -- --
recheck_puts_at_risk   |         | -- -- -- -- | ar -- ar -- | -- -- -- -- --
recheck_finds_nothing  |         | -- -- -- -- | -- ap ap -- | -- -- -- -- --
tool_cancelled         |         | -- -- -- -- | co co co co | -- -- -- -- --
undo                   |         | -- -- -- -- | ap ar ab up | -- -- -- -- --
republish              |         | !u !u !u !u | !u !u !u ap | !u !u !u !u !u
clear_out              |         | !p !p !p !p | co co co co | !p !p !p !p !p
restore                |         | !p !p !p !p | !p !p !p !p | !p !p ap !p !p
reinstate              |         | !p !p !p !p | !p !p !p !p | ir ir ir ir ir
restore_excluded       |         | !p !p !p !p | !p !p !p !p | !p !p !x !p !p
reinstate_excluded     |         | !p !p !p !p | !p !p !p !p | !x !x !x !x !x
restore_unjoined       |         | !p !p !p !p | !p !p !p !p | !p !p !n !p !p
reinstate_unjoined     |         | !p !p !p !p | !p !p !p !p | !n !n !n !n !n
takeover               |         | -- su su su | su su su su | -- -- -- -- --
registration_withdrawn | kept    | -- vo vo vo | !k !k !k !k | -- -- -- -- --
registration_withdrawn |         | -- vo vo vo | vo vo vo vo | -- -- -- -- --
registration_voided    |         | -- vo vo vo | vo vo vo vo | -- -- -- -- --
revoke                 |         | -- vo vo vo | co co co co | -- -- -- -- --
lift_revocation        |         | -- -- -- -- | -- -- -- -- | -- -- -- -- --
revoke_invitation      |         | -- -- -- -- | -- -- -- -- | -- -- -- -- --
decline_invitation     |         | -- -- -- -- | -- -- -- -- | -- -- -- -- --
"""
# What sellers do themselves they are not told, nor what only sends an entry to be looked at.
SILENT = {"withdraw", "republish", "registration_withdrawn", "reinstate", "file_again"}
# What the history says of the move beside its statuses: cause and reason code.
SAID = {
    "withdraw": ("seller", ""),
    "grant_cancellation": ("operator", "seller_request"),
    "approve": ("review", ""),
    "reject": ("review", "blurred"),
    "approve_once_due": ("review", ""),
    "reject_once_due": ("review", "blurred"),
    "approve_late": ("review", ""),
    "reject_late": ("review", "blurred"),
    "owner_approves_late": ("review", ""),
    "release": ("review", ""),
    "recheck_clears_out": ("sweep", "sold_out"),
    "recheck_makes_abnormal": ("sweep", "sold_out"),
    "recheck_unpublishes": ("sweep", "sold_out"),
    "recheck_puts_at_risk": ("sweep", "sold_out"),
    "recheck_finds_nothing": ("sweep", "recovered"),
    "tool_cancelled": ("sweep", "tool_gone"),
    "undo": ("undo", "undone"),
    "republish": ("seller", "republished"),
    "clear_out": ("operator", "fake"),
    "restore": ("operator", "restored"),
    "reinstate": ("operator", ""),
    "takeover": ("takeover", "superseded_by"),
    "registration_withdrawn": ("registration", ""),
    "registration_voided": ("registration", ""),
    "revoke": ("", "odd_orders"),
}
# A decision stands until something other than a look at it happens to the entry.
DECISION_STANDS = {
    "file_again", "ask_to_cancel", "grant_cancellation", "republish", "clear_out", "restore",
    "reinstate", "undo", "approve", "reject", "recheck_clears_out", "recheck_makes_abnormal",
    "recheck_unpublishes", "recheck_puts_at_risk", "recheck_finds_nothing", "tool_cancelled",
    "approve_taken", "reject_taken", "approve_late", "reject_late", "owner_approves_late",
    "restore_excluded", "reinstate_excluded", "restore_unjoined", "reinstate_unjoined",
    "lift_revocation", "revoke_invitation", "decline_invitation",
}  # fmt: skip
# What venues an event needs beside those that every event meets.
WORLDS = {
    "file_again": {"invited": (False, True)},
    "revoke_invitation": {"invited": (True,)},
    "decline_invitation": {"invited": (True,)},
    "approve_late": {"owned": (False, True)},
    "reject_late": {"owned": (False, True)},
    "owner_approves_late": {"owned": (False, True)},
    "approve_once_due": {"results_due": AT},
    "reject_once_due": {"results_due": AT},
}


def rows_of_table():
    rows = []
    for line in TABLE.strip().splitlines()[1:]:
        event, policy, *cells = (part.strip() for part in line.split("|"))
        rows.append((event, set(policy.split()), " ".join(cells).split()))
    return rows


ROWS = rows_of_table()
EVENTS = list(dict.fromkeys(event for event, _policy, _cells in ROWS))


def expected(event, policy, status):
    cells = next(cells for named, asked, cells in ROWS if named == event and asked <= policy)
    return cells[STATUSES.index(status)]


def words(cell):
    return SHORT.get(cell) or f"={WHY[cell]}"


def test_the_table_is_whole():
    assert all(len(cells) == len(STATUSES) for _event, _policy, cells in ROWS)
    targets = {cell for _event, _policy, cells in ROWS for cell in cells}
    assert targets == (set(SHORT) - {"sb"}) | set(WHY) | {".."}
    assert {event for event, policy, _cells in ROWS if not policy} == set(EVENTS)
    moving = {event for event, _policy, cells in ROWS if set(cells) & set(SHORT)}
    assert set(SAID) == moving - {"file_again"}


@pytest.mark.parametrize("event", EVENTS)
def test_an_event_does_to_every_status_under_every_policy_what_the_table_says(event):
    world = World(**WORLDS.get(event, {}))
    before = {entry.pk: entry.status for entry in world.entries}
    said = ACTS[event](world)
    after = dict(Entry.objects.values_list("id", "status"))
    wrong = []
    for policy, status, entry in world.cases:
        cell = words(expected(event, policy, status))
        found = _found(event, said.get(entry.pk, ""), before[entry.pk], after[entry.pk])
        if event == "undo" and _steps(entry)[-1:] == [("cleared_out", cell)]:
            # Gone, and back where it was.
            found = cell
        if found != cell:
            wrong.append((sorted(policy), status, f"{cell} expected, {found} found"))
            continue
        wrong += [(sorted(policy), status, fault) for fault in _faults(event, cell, status, entry)]
    assert wrong == []


def _found(event, said, before, after):
    """What became of an entry: its new status, or "=" with what the event said."""
    if event == "file_again":
        assert before == after
        return said
    if before == after:
        return f"={said}"
    return after if not said else f"{after}, but said {said}"


def _steps(entry):
    return list(entry.history.order_by("id").values_list("from_status", "to_status"))


def _faults(event, cell, status, entry):
    """What is wrong with the history, the notice and the decision beside an entry's status."""
    real = "in_review" if status == DECIDED else status
    moved = not cell.startswith("=") and event != "file_again"
    steps = _steps(entry)
    if not moved and steps:
        yield f"nothing moved, but the history has {steps}"
    if moved:
        known = [(real, "cleared_out"), ("cleared_out", real)] if event == "undo" else None
        if steps != (known or [(real, cell)]):
            yield f"the history has {steps}"
        last = EntryHistory.objects.filter(entry=entry).select_related("move").last()
        cause, reason = SAID[event]
        cause = cause or ("registration" if cell == "void" else "operator")
        if (last.move.cause, last.reason) != (cause, reason):
            yield f"the history says {last.move.cause}, {last.reason}"
    lines = NoticeLine.objects.filter(entry=entry, notice__state=Notice.State.READY)
    told = list(lines.values_list("to_status", flat=True))
    if moved and event not in SILENT:
        wanted = ["cleared_out", real] if event == "undo" else [cell]
        if sorted(told) != sorted(wanted):
            yield f"the seller is told {told}"
    elif told:
        yield f"the seller is told {told}, of nothing"
    if status == DECIDED and Decision.objects.filter(entry=entry).exists() != (
        event in DECISION_STANDS
    ):
        yield "the decision stands" if event not in DECISION_STANDS else "the decision is gone"
