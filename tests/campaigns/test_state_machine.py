"""Every status times every event times every venue policy that matters, as a table.

The table is what is right, written down by hand. A cell is the status that the entry gets, or why
nothing changes: ``!p`` is what the event says, ``--`` is an event that has nobody to tell.
"""

from itertools import product

import pytest

from campaigns import cancelling, inviting, releasing, review_work, shop_tools, sweeping
from campaigns.claims import campaign_scope
from campaigns.clearing import clear_out, restore
from campaigns.models import (
    Claim,
    Decision,
    Entry,
    EntryHistory,
    Invitation,
    Notice,
    NoticeLine,
    ReasonTemplate,
    Registration,
    Revocation,
)
from campaigns.registering import (
    FilingRow,
    file_entries,
    reprice_entry,
    republish_entry,
    withdraw_entry,
    withdraw_registration,
)
from campaigns.reviewing import approve, reinstate, reject, take_back
from campaigns.revoking import lift, revoke
from sellers.models import Item
from tests.factories import (
    CategoryFactory,
    ClaimScopeFactory,
    ConflictFactory,
    EntryFactory,
    InvitationFactory,
    ItemFactory,
    PromotionFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    UserFactory,
    VenueTermsFactory,
    open_campaign,
)
from tests.times import local

pytestmark = pytest.mark.django_db

AT = local("2023-05-12 10:00")
LATER = local("2023-05-12 12:00")
# Filing is over.
CLOSED = local("2023-05-21 00:00")

DECIDED = "decided"
# Columns of the table. A decided entry is in review, with a decision that is not released yet.
STATUSES = [
    "draft", "submitted", "in_review", DECIDED,
    "approved", "at_risk", "abnormal", "unpublished",
    "rejected", "withdrawn", "cleared_out", "superseded", "void",
]  # fmt: skip
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


class World:
    """A venue for every policy, and in each an entry in every status, each of a shop of its own."""

    def __init__(self, *, invited=(False,), owned=(False,), results_due=None):
        opened = open_campaign(code="elsewhere")
        self.campaign, self.version = opened.campaign, opened.version
        self.campaign.breaker_share = 1
        self.campaign.save()
        self.staff, self.owner = UserFactory.create_batch(2)
        self.excluding = VenueTermsFactory(
            version=self.version, code="excluding", kind="excluding"
        ).venue
        ConflictFactory(
            version=self.version, code="elsewhere", venue_kinds=["main"], against=["excluding"]
        )
        self.rival = VenueTermsFactory(
            version=self.version, code="rival", kind="rival", review_mode="manual"
        ).venue
        ClaimScopeFactory(
            version=self.version,
            code="place",
            taken="decision",
            takeovers=[["rival", "main"]],
            first_prevails=True,
        )
        self.category = CategoryFactory()
        self.cases = []
        modes = ["system", "manual", "system_then_manual"]
        for mode, lets_go, release, asked, kept_to_owner in product(
            modes, [True, False], ["at_once", "together"], invited, owned
        ):
            if (mode, release) == ("system", "together"):
                continue
            policy = {mode, release} | ({"invited"} if asked else set())
            policy |= set() if lets_go else {"kept"}
            policy |= {"owned"} if kept_to_owner else set()
            terms = VenueTermsFactory(
                version=self.version,
                code="-".join(sorted(policy)),
                review_mode=mode,
                cancellable_after_approval=lets_go,
                release=release,
                invitation_only=asked,
                late_refiles="owner" if kept_to_owner else "reviewer",
                results_due=results_due if release == "together" else None,
            )
            if kept_to_owner:
                terms.venue.owner = self.owner
                terms.venue.save()
            self.cases += [
                (policy, status, self.entry(terms.venue, status, before=kept_to_owner))
                for status in STATUSES
                if status != DECIDED or release == "together"
            ]

    def entry(self, venue, status, *, before=False, **fields):
        """An entry; with ``before`` its item was cleared out of the venue already."""
        if "registration" not in fields:
            seller = SellerFactory()
            fields["registration"] = RegistrationFactory(
                campaign=self.campaign, version=self.version, seller=seller
            )
            fields["item"] = ItemFactory(seller=seller, category=self.category)
        if before:
            EntryFactory(venue=venue, version=self.version, status="cleared_out", **fields)
        real = "in_review" if status == DECIDED else status
        entry = EntryFactory(venue=venue, version=self.version, status=real, **fields)
        if status == DECIDED:
            Decision.objects.create(
                entry=entry,
                venue=venue,
                verdict="approve",
                revision=1,
                decided_at=AT,
                decided_by=self.staff,
            )
        if status in {DECIDED, "approved", "at_risk", "abnormal", "unpublished"}:
            Claim.objects.create(
                scope=campaign_scope(self.campaign.pk, "place"),
                subject_kind="item",
                subject_id=entry.item_id,
                entry=entry,
            )
        return entry

    @property
    def entries(self):
        return [entry for _policy, _status, entry in self.cases]

    @property
    def seen(self):
        return {entry.pk: entry.revision for entry in self.entries}

    def sweep(self, action=None):
        if action:
            RequirementFactory(
                version=self.version,
                code="STOCK",
                reason="sold_out",
                require=["item.stock", ">=", 10],
                stages={"recheck": action},
            )
            Item.objects.filter(entries__in=self.entries).update(stock=0)
        return sweeping.work(
            sweeping.start(campaign=self.campaign, at=LATER, mode="enforce"),
        )

    def template(self, code, use):
        return ReasonTemplate.objects.create(code=code, use=use, text={"en": code})


def each(world, act):
    """What an event says to each entry: "" where it did it."""
    return {entry.pk: act(entry) for entry in world.entries}


def code_of(refusal):
    return refusal.code if refusal else ""


def by_outcome(results, *done):
    return {
        row.entry_id: ""
        if row.outcome in done
        else row.refusals[0].code
        if row.outcome == "refused"
        else str(row.outcome)
        for row in results
    }


# Each event does its thing to all entries of the world and returns what it said, by entry id.


def file_again(world):
    def one(entry):
        result = file_entries(
            registration=entry.registration,
            venue=entry.venue,
            rows=[FilingRow(entry.item.code, "88")],
            at=AT,
            actor=None,
            key=f"again{entry.pk}",
        )
        (row,) = result.rows
        return row.status if row.status != "rejected" else "=" + row.findings[0].code

    return each(world, one)


def withdraw(world):
    return each(world, lambda entry: code_of(withdraw_entry(entry=entry, at=AT, actor=None)))


def ask_to_cancel(world):
    def one(entry):
        return code_of(cancelling.ask(entry=entry, note="", at=AT, actor=None)) or "asked"

    return each(world, one)


def grant_cancellation(world):
    said = ask_to_cancel(world)
    requests = [
        pk for entry in world.entries
        for pk in entry.cancellation_requests.values_list("pk", flat=True)
    ]  # fmt: skip
    results = cancelling.grant(requests=requests, at=AT, actor=world.staff)
    return said | by_outcome(results, "cleared_out")


def reprice(world):
    def one(entry):
        change = reprice_entry(entry=entry, price="80", at=AT, actor=None)
        return "priced" if change.accepted else change.refusals[0].code

    return each(world, one)


def approve_all(world, *, at=AT, actor=None):
    results = approve(entries=world.seen, at=at, actor=actor or world.staff)
    return by_outcome(results, "approved")


def reject_all(world, *, at=AT):
    template = world.template("blurred", "rejection")
    results = reject(entries=world.seen, at=at, actor=world.staff, template=template)
    return by_outcome(results, "rejected")


def taken_by_another(decide):
    """Somebody else is at all of them."""

    def event(world):
        review_work.claim_work(entries=world.seen, user=world.owner, at=AT)
        return decide(world)

    return event


def approve_late(world):
    return approve_all(world, at=CLOSED)


def reject_late(world):
    return reject_all(world, at=CLOSED)


def owner_approves_late(world):
    return approve_all(world, at=CLOSED, actor=world.owner)


def take_all_back(world):
    return by_outcome(take_back(entries=world.seen, at=AT, actor=world.staff))


def release(world):
    releasing.release(campaign=world.campaign, at=AT, actor=world.staff)
    return {}


def recheck(action):
    def event(world):
        world.sweep(action)
        return {}

    return event


def tool_cancelled(world):
    """Every shop has the tool that is asked for, and cancels it; what follows at once is swept."""
    PromotionFactory(version=world.version, code="packet", kind="mandatory", level="shop")
    RequirementFactory(
        version=world.version,
        code="TOOL",
        reason="tool_gone",
        subject="registration",
        require=["registration.tools", "contains", "packet"],
        stages={"recheck": "clear_out"},
    )
    for entry in world.entries:
        tool = {"registration": entry.registration, "code": "packet"}
        assert shop_tools.set_tool(**tool, terms={}, at=AT).changed
        assert shop_tools.cancel_tool(**tool, at=LATER).changed
    for run in sweeping.take_changes(at=LATER):
        sweeping.work(run)
    return {}


def undo(world):
    run = world.sweep("clear_out")
    sweeping.undo(run, at=LATER, actor=world.staff)
    return {}


def republish(world):
    def one(entry):
        change = republish_entry(entry=entry, at=AT, actor=None)
        return "" if change.accepted else change.refusals[0].code

    return each(world, one)


def clear_all_out(world):
    template = world.template("fake", "clear_out")
    results = clear_out(entries=world.seen, reason=template, at=AT, actor=world.staff)
    return by_outcome(results, "cleared_out")


def restore_all(world):
    return by_outcome(restore(entries=world.seen, at=AT, actor=world.staff), "restored")


def reinstate_all(world):
    return by_outcome(reinstate(entries=world.seen, at=AT, actor=world.staff), "reinstated")


def excluded(bring_back):
    """Each item stands in a venue that excludes the others."""

    def event(world):
        for entry in world.entries:
            world.entry(
                world.excluding, "in_review", registration=entry.registration, item=entry.item
            )
        return bring_back(world)

    return event


def unjoined(bring_back):
    """All shops have left."""

    def event(world):
        Registration.objects.update(status="withdrawn")
        return bring_back(world)

    return event


def takeover(world):
    rivals = [
        world.entry(world.rival, "in_review", registration=entry.registration, item=entry.item)
        for entry in world.entries
    ]
    results = approve(entries={row.pk: 1 for row in rivals}, at=AT, actor=world.staff)
    assert {row.outcome for row in results} == {"approved"}
    return {}


def registration_withdrawn(world):
    def one(entry):
        refusal = withdraw_registration(registration=entry.registration, at=AT, actor=None)
        return code_of(refusal)

    return each(world, one)


def registration_voided(world):
    def one(entry):
        return code_of(
            withdraw_registration(
                registration=entry.registration, at=AT, actor=world.staff, cause="operator"
            )
        )

    return each(world, one)


def revoke_all(world):
    template = world.template("odd_orders", "revocation")

    def one(entry):
        revoke(
            campaign=world.campaign, seller=entry.seller, reason=template, note="", at=AT,
            actor=world.staff,
        )  # fmt: skip
        return ""

    return each(world, one)


def lift_all(world):
    """What a revocation took off does not come back with the permission, nor does the rest move."""
    template = world.template("odd_orders", "revocation")
    for entry in world.entries:
        standing = Revocation.objects.create(
            campaign=world.campaign, seller=entry.seller, reason=template, at=AT, actor=world.staff
        )
        assert lift(revocation=standing, at=LATER, actor=world.staff, bring_back=True)
    return {}


def invite_all(world):
    return [
        InvitationFactory(venue=entry.venue, seller=entry.seller, item=entry.item)
        for entry in world.entries
    ]


def revoke_invitations(world):
    number = len(invite_all(world))
    assert inviting.revoke(Invitation.objects.all()) == number
    return {}


def decline_invitations(world):
    for invitation in invite_all(world):
        assert inviting.decline(invitation=invitation, at=AT) is None
    return {}


ACTS = {
    "file_again": file_again,
    "withdraw": withdraw,
    "ask_to_cancel": ask_to_cancel,
    "grant_cancellation": grant_cancellation,
    "reprice": reprice,
    "approve": approve_all,
    "reject": reject_all,
    "approve_once_due": approve_all,
    "reject_once_due": reject_all,
    "approve_taken": taken_by_another(approve_all),
    "reject_taken": taken_by_another(reject_all),
    "approve_late": approve_late,
    "reject_late": reject_late,
    "owner_approves_late": owner_approves_late,
    "take_back": take_all_back,
    "release": release,
    "recheck_clears_out": recheck("clear_out"),
    "recheck_makes_abnormal": recheck("abnormal"),
    "recheck_unpublishes": recheck("unpublish"),
    "recheck_puts_at_risk": recheck({"action": "at_risk", "grace_hours": 24}),
    "recheck_finds_nothing": recheck(None),
    "tool_cancelled": tool_cancelled,
    "undo": undo,
    "republish": republish,
    "clear_out": clear_all_out,
    "restore": restore_all,
    "reinstate": reinstate_all,
    "restore_excluded": excluded(restore_all),
    "reinstate_excluded": excluded(reinstate_all),
    "restore_unjoined": unjoined(restore_all),
    "reinstate_unjoined": unjoined(reinstate_all),
    "takeover": takeover,
    "registration_withdrawn": registration_withdrawn,
    "registration_voided": registration_voided,
    "revoke": revoke_all,
    "lift_revocation": lift_all,
    "revoke_invitation": revoke_invitations,
    "decline_invitation": decline_invitations,
}


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
