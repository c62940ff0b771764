"""The events of the state machine's table: each does its thing to all entries of a world, and
returns what it said of them."""

from campaigns import (
    cancelling,
    inviting,
    releasing,
    review_work,
    shop_tools,
    sweeping,
    uninviting,
)
from campaigns.clearing import clear_out, restore
from campaigns.models import Invitation, Registration, Revocation
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
from tests.campaigns.machine_world import AT, CLOSED, LATER
from tests.factories import InvitationFactory, PromotionFactory, RequirementFactory


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
    assert uninviting.revoke(Invitation.objects.all(), at=AT) == number
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
