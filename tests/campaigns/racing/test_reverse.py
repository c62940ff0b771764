"""Invitations won by rank: they open a venue whose windows are over, for so many items."""

from datetime import timedelta
from decimal import Decimal

import pytest

from campaigns import reviewing
from campaigns.inviting import accept, decline, invitations_of
from campaigns.models import Campaign, Entry, Invitation, Notice, RaceSegment
from campaigns.racing.causing import invited_by, won_by
from campaigns.registering import FilingRow, file_entries, preview_entries
from campaigns.withdrawing import withdraw_entry
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import (
    ClaimScopeFactory,
    InvitationFactory,
    ItemFactory,
    MilestoneFactory,
    PauseFactory,
    QuotaFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    UserFactory,
    VenueTermsFactory,
)
from tests.times import local

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
# The branch's own window is over long before.
LATE = local("2023-05-17 10:20")
ISSUED, EXPIRES = local("2023-05-17 10:00"), local("2023-05-17 11:00")
WON = {"kind": Invitation.Kind.REVERSE, "items": 1, "issued_at": ISSUED, "expires_at": EXPIRES}


class World(RaceWorld):
    """The race world with a branch that took items until 10 May."""

    def __init__(self, **terms):
        super().__init__()
        MilestoneFactory(
            version=self.version, code="branch_items", kind="other",
            starts_at=local("2023-04-25"), ends_at=local("2023-05-10"),
        )  # fmt: skip
        made = VenueTermsFactory(
            version=self.version, **{"code": "branch", "windows": ["branch_items"], **terms}
        )
        self.terms, self.branch = made, made.venue

    def joined(self, code="shop"):
        """A seller who has joined."""
        seller = SellerFactory(code=code)
        return RegistrationFactory(campaign=self.campaign, version=self.version, seller=seller)

    def won(self, registration, **more):
        """An invitation won by rank."""
        return InvitationFactory(
            **{"venue": self.branch, "seller": registration.seller, **WON, **more}
        )

    def file(self, registration, *items, at=LATE, **more):
        """File items in the branch; outcomes of the rows."""
        key = f"filing{Entry.objects.count()}"
        result = file_entries(
            registration=registration, venue=more.pop("venue", self.branch), rows=rows_of(items),
            at=at, actor=None, key=key, **more,
        )  # fmt: skip
        return outcomes(result)


def rows_of(items):
    return [FilingRow(item.code, Decimal("88.00")) for item in items]


def outcomes(result):
    """Status and place of each row, or the reasons against it."""
    return [
        (row.status, row.entry.slot_source, [finding.code for finding in row.findings])
        for row in result.rows
    ]


@pytest.fixture
def world():
    return World()


@pytest.fixture
def registration(world):
    return world.joined()


@pytest.fixture
def items(registration):
    return ItemFactory.create_batch(4, seller=registration.seller)


TAKEN = ("approved", "reverse_invitation", [])
SHUT = ("rejected", "", ["window_closed"])
USED = ("rejected", "", ["invitation_used"])


@pytest.mark.parametrize(
    ("at", "outcome"),
    [
        (ISSUED - SECOND, SHUT),
        (ISSUED, TAKEN),
        (EXPIRES - SECOND, TAKEN),
        (EXPIRES, SHUT),
    ],
)
def test_it_opens_a_venue_whose_windows_are_over_while_it_is_open(
    world, registration, items, at, outcome
):
    world.won(registration)
    assert world.file(registration, items[0], at=at) == [outcome]


def test_nobody_else_gets_in_and_no_other_venue_opens(world, registration, items):
    other = world.joined("other")
    third = VenueTermsFactory(version=world.version, code="third", windows=["branch_items"]).venue
    world.won(registration)
    assert world.file(other, ItemFactory(seller=other.seller)) == [SHUT]
    assert world.file(registration, items[0], venue=third) == [SHUT]


def test_an_invitation_by_the_platform_opens_nothing(world, registration, items):
    world.won(registration, kind=Invitation.Kind.PLATFORM)
    assert world.file(registration, items[0]) == [SHUT]


def test_an_invitation_of_an_item_opens_for_that_item_alone(world, registration, items):
    world.won(registration, item=items[1])
    assert world.file(registration, *items[:2]) == [SHUT, TAKEN]


def test_a_second_item_is_refused_and_names_the_first(world, registration, items):
    world.won(registration)
    assert world.file(registration, items[0]) == [TAKEN]
    first = Entry.objects.get(status="approved")
    assert world.file(registration, items[1]) == [USED]
    finding = Entry.objects.get(status="rejected").findings.get()
    assert finding.params == {"venue": "branch", "limit": 1, "used": 1, "entry": first.pk}


def test_of_one_filing_the_first_that_may_stand_uses_it(world, registration, items):
    RequirementFactory(
        version=world.version, code="ship", require=["item.ship_time_hours", "<=", 48]
    )
    items[0].ship_time_hours = 49
    items[0].save()
    world.won(registration)
    assert world.file(registration, *items[:3]) == [("rejected", "", ["ship"]), TAKEN, USED]


def test_two_items_where_it_is_good_for_two(world, registration, items):
    world.won(registration, items=2)
    assert world.file(registration, *items[:3]) == [TAKEN, TAKEN, USED]


def test_without_a_limit_any_number(world, registration, items):
    world.won(registration, items=None)
    assert world.file(registration, *items) == [TAKEN] * 4


def test_the_preview_says_the_same_and_keeps_nothing(world, registration, items):
    world.won(registration)
    found = preview_entries(
        campaign=world.campaign, seller=registration.seller, venue=world.branch,
        rows=rows_of(items[:2]), at=LATE,
    )  # fmt: skip
    assert [(row.status, [each.code for each in row.refusals]) for row in found] == [
        ("approved", []),
        ("rejected", ["invitation_used"]),
    ]
    assert not Entry.objects.exists()


@pytest.mark.parametrize("status", ["rejected", "withdrawn", "superseded", "void"])
def test_what_ended_without_being_approved_gives_its_use_back(world, registration, items, status):
    world.branch = _manual(registration)
    world.won(registration)
    assert world.file(registration, items[0]) == [("in_review", "reverse_invitation", [])]
    entry = Entry.objects.get()
    assert world.file(registration, items[1]) == [USED]
    if status == "rejected":
        reviewing.reject(entries={entry.pk: 1}, at=LATE, actor=UserFactory(), note="no")
    elif status == "withdrawn":
        withdraw_entry(entry=entry, at=LATE, actor=None)
    else:
        Entry.objects.filter(pk=entry.pk).update(status=status)
    assert Entry.objects.get(pk=entry.pk).status == status
    assert world.file(registration, items[2]) == [("in_review", "reverse_invitation", [])]


@pytest.mark.parametrize("status", ["withdrawn", "cleared_out", "superseded", "void", "abnormal"])
def test_what_was_approved_once_has_used_it(world, registration, items, status):
    world.won(registration)
    assert world.file(registration, items[0]) == [TAKEN]
    Entry.objects.update(status=status)
    assert world.file(registration, items[1]) == [USED]


def _manual(registration):
    """A venue, its windows over, in which people decide."""
    return VenueTermsFactory(
        version=registration.version, code="manual", windows=["branch_items"],
        review_mode="manual",
    ).venue  # fmt: skip


def test_one_that_comes_back_needs_room(world, registration, items):
    world.branch = _manual(registration)
    world.won(registration)
    actor = UserFactory()
    world.file(registration, items[0])
    first = Entry.objects.get()
    reviewing.reject(entries={first.pk: 1}, at=LATE, actor=actor, note="no")
    assert world.file(registration, items[1]) == [("in_review", "reverse_invitation", [])]
    second = Entry.objects.get(status="in_review")
    (result,) = reviewing.reinstate(entries={first.pk: 1}, at=LATE, actor=actor)
    assert [refusal.code for refusal in result.refusals] == ["invitation_used"]
    assert result.refusals[0].params["entry"] == second.pk
    reviewing.reject(entries={second.pk: 1}, at=LATE, actor=actor, note="no")
    (result,) = reviewing.reinstate(entries={first.pk: 1}, at=EXPIRES, actor=actor)
    assert (result.outcome, result.refusals) == (reviewing.Outcome.REINSTATED, [])


@pytest.mark.parametrize(
    ("mode", "status"),
    [("system", "approved"), ("system_then_manual", "in_review"), ("manual", "in_review")],
)
def test_the_venues_review_mode_decides(world, registration, items, mode, status):
    world.terms.review_mode = mode
    world.terms.save()
    world.won(registration)
    assert world.file(registration, items[0]) == [(status, "reverse_invitation", [])]


@pytest.mark.parametrize("state", ["suspended", "ended"])
def test_a_campaign_that_does_not_run_stays_shut(world, registration, items, state):
    world.won(registration)
    Campaign.objects.update(state=state)
    registration.refresh_from_db()
    ((status, _source, codes),) = world.file(registration, items[0])
    wanted = "campaign_suspended" if state == "suspended" else "window_closed"
    assert (status, codes) == ("rejected", [wanted])


def test_a_pause_holds_all_the_same(world, registration, items):
    PauseFactory(
        version=world.version, code="rest", starts_at=local("2023-05-17 10:30"),
        ends_at=local("2023-05-17 10:40"),
    )  # fmt: skip
    world.won(registration)
    paused = [("rejected", "", ["registration_paused"])]
    assert world.file(registration, items[0], at=local("2023-05-17 10:30")) == paused
    assert world.file(registration, items[0], at=local("2023-05-17 10:40")) == [TAKEN]


def test_who_has_not_joined_is_refused(world, items, registration):
    world.won(registration)
    type(registration).objects.update(status="withdrawn")
    registration.refresh_from_db()
    assert world.file(registration, items[0]) == [("rejected", "", ["not_registered"])]


def test_quotas_hold_and_may_speak_of_it(world, registration, items):
    QuotaFactory(
        version=world.version, code="won", ceiling=1,
        where=["entry.slot_source", "==", "reverse_invitation"],
    )  # fmt: skip
    world.won(registration, items=2)
    assert world.file(registration, *items[:2]) == [TAKEN, ("rejected", "", ["quota_full"])]


def test_requirements_may_speak_of_it(world, registration, items):
    RequirementFactory(
        version=world.version, code="cheap",
        applies_when=["entry.slot_source", "==", "reverse_invitation"],
        require=["entry.activity_price", "<", "88.00"],
    )  # fmt: skip
    world.won(registration)
    assert world.file(registration, items[0]) == [("rejected", "", ["cheap"])]
    # Within the venue's window it is no matter of invitations.
    assert world.file(registration, items[0], at=local("2023-05-09")) == [("approved", "", [])]


def test_while_the_window_is_open_it_is_not_used(world, registration, items):
    early = local("2023-05-09")
    world.won(registration, issued_at=early)
    assert world.file(registration, *items[:2], at=early) == [("approved", "", [])] * 2
    assert Invitation.objects.get().state == "issued"
    assert world.file(registration, items[2]) == [TAKEN]


def test_filing_under_it_accepts_it_and_declining_closes_the_door(world, registration, items):
    won = world.won(registration, items=2)
    assert accept(invitation=won, at=LATE).accepted
    assert world.file(registration, items[0]) == [TAKEN]
    assert decline(invitation=won, at=LATE) is None
    assert world.file(registration, items[1]) == [SHUT]
    assert Entry.objects.filter(status="approved").count() == 1


def test_filing_answers_for_the_seller(world, registration, items):
    won = world.won(registration)
    world.file(registration, items[0])
    won.refresh_from_db()
    assert (won.state, won.answered_at) == ("accepted", LATE)


def test_the_next_one_won_is_good_for_one_more(world, registration, items):
    world.won(registration)
    assert world.file(registration, items[0]) == [TAKEN]
    world.won(registration, source="next", issued_at=EXPIRES, expires_at=EXPIRES + 3600 * SECOND)
    assert world.file(registration, items[1], at=EXPIRES) == [TAKEN]
    assert world.file(registration, items[2], at=EXPIRES) == [USED]


def test_of_two_open_ones_each_is_used_by_one(world, registration, items):
    world.won(registration)
    world.won(registration, source="next", expires_at=EXPIRES + SECOND)
    assert world.file(registration, *items[:3]) == [TAKEN, TAKEN, USED]
    assert world.file(registration, items[3], at=EXPIRES) == [USED]


def test_a_limit_holds_for_any_invitation(registration, items):
    world = World(code="asked", windows=[], invitation_only=True)
    asked = RegistrationFactory(
        campaign=world.campaign, version=world.version, seller=registration.seller
    )
    world.won(asked, kind=Invitation.Kind.PLATFORM)
    assert world.file(asked, *items[:2]) == [("approved", "invitation", []), USED]


def test_whose_invitation_is_used_up_may_take_a_free_choice(registration, items):
    world = World(code="asked", windows=[], invitation_only=True)
    QuotaFactory(version=world.version, code="free", ceiling=1, free_choice=True)
    asked = RegistrationFactory(
        campaign=world.campaign, version=world.version, seller=registration.seller
    )
    world.won(asked, kind=Invitation.Kind.PLATFORM)
    assert world.file(asked, *items[:3]) == [
        ("approved", "invitation", []), ("approved", "free", []), USED,
    ]  # fmt: skip


def test_a_branch_entry_under_it_supersedes_the_outer_one(world, registration, items):
    VenueTermsFactory(version=world.version, code="outer", kind="outer")
    world.terms.kind = "branch"
    world.terms.save()
    ClaimScopeFactory(
        version=world.version, code="place", venue_kinds=["branch", "outer"],
        taken="decision", takeovers=[["branch", "outer"]],
    )  # fmt: skip
    outer = world.campaign.venues.get(code="outer")
    assert world.file(registration, items[0], venue=outer) == [("approved", "", [])]
    world.won(registration)
    assert world.file(registration, items[0]) == [TAKEN]
    assert list(Entry.objects.order_by("pk").values_list("venue__code", "status")) == [
        ("outer", "superseded"), ("branch", "approved"),
    ]  # fmt: skip


@pytest.fixture
def race(world):
    """Branch shops of the hour before are ranked; the first two are invited."""
    VenueTermsFactory(version=world.version, code="outer")
    world.terms.feeds_from = ["outer"]
    world.terms.save()
    world.race(venue_codes=["branch"], candidates="feeding", title={"en": "Hourly race"})
    world.segment(invites=2, invited_items=1)
    world.outer = world.campaign.venues.get(code="outer")
    return world


@pytest.mark.django_db(transaction=True)
def test_every_hour_only_those_not_yet_invited_or_registered(race):
    world = race
    sellers = {code: world.seller(code, venue=world.outer) for code in "abcd"}
    for code, amount in (("a", "4"), ("b", "3"), ("c", "2"), ("d", "1")):
        hour(sellers[code], "2023-05-17 09:00", paid_amount=amount)
        hour(sellers[code], "2023-05-17 10:00", paid_amount=amount)
    hour(sellers["d"], "2023-05-17 10:00", paid_amount="9")
    world.make("2023-05-17 10:00")
    at = local("2023-05-17 10:00")
    board = world.board("2023-05-17 10:00")
    invited = invited_by(board).order_by("seller__code")
    assert list(
        invited.values_list("seller__code", "kind", "items", "issued_at", "expires_at")
    ) == [
        ("a", "reverse", 1, at, local("2023-05-17 11:00")),
        ("b", "reverse", 1, at, local("2023-05-17 11:00")),
    ]
    assert {won.rank for won in won_by(invited).values()} == {1, 2}
    # a files, b lets the hour pass: the next board invites b anew and d for the first time.
    registration = sellers["a"].registrations.get()
    assert world.file(registration, ItemFactory(seller=sellers["a"]), at=LATE) == [TAKEN]
    world.make("2023-05-17 11:00")
    following = invited_by(world.board("2023-05-17 11:00"))
    assert list(following.values_list("seller__code", flat=True)) == ["d"]
    assert world.ranked("2023-05-17 11:00") == ["d", "a", "b", "c"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("state", "again"), [("issued", []), ("accepted", []), ("declined", ["a"]), ("revoked", ["a"])]
)
def test_who_has_an_open_one_is_not_invited_again(race, state, again):
    world = race
    RaceSegment.objects.update(invited_until="live")
    seller = world.seller("a", venue=world.outer)
    hour(seller, "2023-05-17 09:00", paid_amount="5")
    world.make("2023-05-17 10:00")
    invitation = Invitation.objects.get()
    assert invitation.expires_at == local("2023-05-21")
    Invitation.objects.update(state=state)
    world.make("2023-05-17 11:00")
    following = invited_by(world.board("2023-05-17 11:00"))
    assert list(following.values_list("seller__code", flat=True)) == again


@pytest.mark.django_db(transaction=True)
def test_the_winner_is_told_of_rank_venue_and_end(race):
    world = race
    for code, amount in (("a", "1"), ("b", "2")):
        hour(world.seller(code, venue=world.outer), "2023-05-17 09:00", paid_amount=amount)
    world.make("2023-05-17 10:00")
    told = {
        notice.seller.code: notice.params
        for notice in Notice.objects.filter(cause="invited_by_rank").select_related("seller")
    }
    shared = {"venue": "branch", "limit": 1, "until": "2023-05-17T11:00:00+08:00"}
    assert told == {"a": {**shared, "rank": 2}, "b": {**shared, "rank": 1}}
    (shown,) = invitations_of(SellerFactory._meta.model.objects.get(code="b"), LATE)
    assert won_by([shown])[shown.pk].board == world.board("2023-05-17 10:00")
