"""Who may open the admin's own addresses and run its actions: every one of them, for every role.

A new address or action fails here until it is listed with the roles that may use it.
"""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.test import RequestFactory
from django.urls import get_resolver, reverse

from campaigns.models import (
    Board,
    Campaign,
    Channel,
    ReasonTemplate,
    Revocation,
    RulebookVersion,
    SweepRun,
    Venue,
)
from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER, ROLES
from config.roles import OWN_APPS, permissions_of, sync_roles
from sellers import clock
from tests.campaigns.racing.stored import stored_board
from tests.campaigns.racing.world import RaceFactory, RaceSegmentFactory
from tests.factories import (
    FILED,
    EntryFactory,
    MembershipFactory,
    QuotaFactory,
    RequirementFactory,
    SweepRunFactory,
    UserFactory,
    VenueAssignmentFactory,
    VersionFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db

NOBODY = set()
OPERATORS = {OPERATOR}
DECIDERS = {OPERATOR, REVIEWER}
AUDITORS = {OPERATOR, AUDITOR}
# Rulebooks are no business of those who pay.
READERS = {OPERATOR, REVIEWER, AUDITOR}
# What shops sell is for those who answer for it.
ACCOUNTABLE = {OPERATOR, FINANCE, AUDITOR}
EVERYBODY = set(ROLES)
# Address: who may open it, and who may send it something.
ADDRESSES = {
    "auth_user_password_change": (NOBODY, NOBODY),
    "campaigns_campaign_all_races": (ACCOUNTABLE, ACCOUNTABLE),
    "campaigns_campaign_board": (ACCOUNTABLE, ACCOUNTABLE),
    "campaigns_campaign_board_table": (ACCOUNTABLE, ACCOUNTABLE),
    "campaigns_campaign_edit_rulebook": (OPERATORS, OPERATORS),
    "campaigns_campaign_make_boards": (OPERATORS, OPERATORS),
    "campaigns_campaign_past_boards": (ACCOUNTABLE, ACCOUNTABLE),
    "campaigns_campaign_pins": (ACCOUNTABLE, OPERATORS),
    "campaigns_campaign_preview_sweep": (OPERATORS, OPERATORS),
    "campaigns_campaign_races": (ACCOUNTABLE, ACCOUNTABLE),
    "campaigns_campaign_release_results": (OPERATORS, OPERATORS),
    "campaigns_campaign_resume": (OPERATORS, OPERATORS),
    "campaigns_campaign_screen": (OPERATORS, OPERATORS),
    "campaigns_campaign_slots": (EVERYBODY, OPERATORS),
    "campaigns_campaign_slots_table": (EVERYBODY, EVERYBODY),
    "campaigns_campaign_suspend": (OPERATORS, OPERATORS),
    "campaigns_campaign_what_if": (ACCOUNTABLE, ACCOUNTABLE),
    "campaigns_channel_send_test": (OPERATORS, OPERATORS),
    "campaigns_entry_approve_one": (DECIDERS, DECIDERS),
    "campaigns_entry_reject_one": (DECIDERS, DECIDERS),
    "campaigns_invitation_upload": (OPERATORS, OPERATORS),
    "campaigns_registration_allot_places": (OPERATORS, OPERATORS),
    "campaigns_registration_revoke": (OPERATORS, OPERATORS),
    "campaigns_requirement_reach": (AUDITORS, OPERATORS),
    "campaigns_revocation_lift": (OPERATORS, OPERATORS),
    "campaigns_roundresult_upload": (OPERATORS, OPERATORS),
    "campaigns_rulebookversion_clone_version": (OPERATORS, OPERATORS),
    "campaigns_rulebookversion_discard_version": (OPERATORS, OPERATORS),
    "campaigns_rulebookversion_download": (READERS, READERS),
    "campaigns_rulebookversion_edit_copy": (OPERATORS, OPERATORS),
    "campaigns_rulebookversion_problems": (READERS, READERS),
    "campaigns_rulebookversion_publish_version": (OPERATORS, OPERATORS),
    "campaigns_rulebookversion_sentence": (READERS, READERS),
    "campaigns_rulebookversion_venues_in": (OPERATORS, OPERATORS),
    "campaigns_rulebookversion_venues_out": (READERS, READERS),
    "campaigns_sweeprun_cancel_run": (OPERATORS, OPERATORS),
    "campaigns_sweeprun_confirm_run": (OPERATORS, OPERATORS),
    "campaigns_sweeprun_resume_run": (OPERATORS, OPERATORS),
    "campaigns_sweeprun_undo_run": (OPERATORS, OPERATORS),
    "campaigns_venue_release_results": (OPERATORS, OPERATORS),
}
# What the list of a model offers for the rows that are ticked, beside deleting them.
ACTIONS = {
    ("alert", "mark_seen"): OPERATORS,
    ("bonusgrant", "confirm"): OPERATORS,
    ("bonusgrant", "refuse"): OPERATORS,
    ("bonusgrant", "take_back"): OPERATORS,
    ("cancellationrequest", "grant"): OPERATORS,
    ("cancellationrequest", "refuse"): OPERATORS,
    ("delivery", "retry_failed"): OPERATORS,
    ("entry", "approve"): DECIDERS,
    ("entry", "clear_out"): OPERATORS,
    ("entry", "give_back"): DECIDERS,
    ("entry", "reject"): DECIDERS,
    ("entry", "reinstate"): DECIDERS,
    ("entry", "restore"): DECIDERS,
    ("entry", "take"): DECIDERS,
    ("entry", "take_back"): DECIDERS,
    ("invitation", "revoke"): OPERATORS,
    ("roundresult", "end_them"): OPERATORS,
    ("roundresult", "fail_them"): OPERATORS,
    ("roundresult", "pass_them"): OPERATORS,
    ("sanction", "end_now"): OPERATORS,
}
STANDARD = ("changelist", "add", "history", "delete", "change")
OWN = {
    model: found
    for model, found in admin.site._registry.items()
    if model._meta.app_label in OWN_APPS
}
# The state in which a run lets itself be asked.
STATES = {"confirm": "tripped", "undo": "done", "cancel": "evaluating", "resume": "failed"}


def own_names(found):
    """Names of the addresses that a model's admin has beside those of every admin."""
    options = found.model._meta
    every = {f"{options.app_label}_{options.model_name}_{name}" for name in STANDARD}
    return {pattern.name for pattern in found.get_urls() if pattern.name} - every


@pytest.fixture
def at(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: FILED)


@pytest.fixture
def world(at):
    """One of everything that an address may name, in the state in which it may be asked."""
    sync_roles()
    opened = open_campaign(review_mode="manual")
    QuotaFactory(version=opened.version, allotted=True, ceiling=3)
    draft = VersionFactory(
        campaign=opened.campaign, number=2, state=RulebookVersion.State.DRAFT,
        published_at=None, effective_at=None,
    )  # fmt: skip
    entry = EntryFactory(campaign=opened.campaign, venue=opened.venue, status="in_review")
    # The shop of the entry keeps its permission; another has lost its own.
    other = EntryFactory(campaign=opened.campaign, venue=opened.venue)
    reason = ReasonTemplate.objects.create(code="lost", use="revocation", text={"en": "lost"})
    revocation = Revocation.objects.create(
        campaign=opened.campaign, seller=other.seller, reason=reason, at=FILED
    )
    RaceFactory(version=opened.version)
    RaceSegmentFactory(version=opened.version)
    stored_board(opened.version, opened.venue, "2023-05-17 12:00", [(other.seller, 1)], places=1)
    return {
        "campaign": opened.campaign.pk,
        "version": opened.version.pk,
        "draft": draft.pk,
        "venue": opened.venue.pk,
        "entry": entry.pk,
        "registration": entry.registration_id,
        "requirement": RequirementFactory(version=draft).pk,
        "channel": Channel.objects.create(seller=other.seller, name="n", url="wecombot://a").pk,
        "revocation": revocation.pk,
        "run": SweepRunFactory(campaign=opened.campaign, version=opened.version).pk,
        "user": UserFactory().pk,
    }


def object_of(name, world):
    """The primary key that an address is tried with."""
    model, _, rest = name.partition("_")[2].partition("_")
    if model == "sweeprun":
        state = STATES[rest.partition("_")[0]]
        SweepRun.objects.filter(pk=world["run"]).update(state=state)
        return world["run"]
    if model == "rulebookversion":
        return world["version" if rest == "edit_copy" else "draft"]
    if rest == "resume":
        Campaign.objects.update(state=Campaign.State.SUSPENDED)
    return world.get(model)


def address_of(name, key):
    """The address of that name, about the object of that key if it is about one."""
    (possible, *_rest) = get_resolver().namespace_dict["admin"][1].reverse_dict.getlist(name)
    named = possible[0][0][1]
    if named and "board" in named:
        # A board of the campaign that the address is about.
        return reverse(f"admin:{name}", args=[key, Board.objects.get().pk])
    address = reverse(f"admin:{name}", args=[key] if named else [])
    if name.endswith("past_boards"):
        venue = Venue.objects.filter(campaign=key).order_by("pk").first()
        return f"{address}?race=race&venue={venue.pk if venue else 0}"
    return address


def staff(role, world):
    """Somebody of a role; a reviewer is assigned to the venue."""
    user = UserFactory(is_staff=True)
    if role:
        user.groups.add(Group.objects.get(name=role))
    if role == REVIEWER:
        VenueAssignmentFactory(user=user, venue_id=world["venue"])
    return user


def test_every_own_address_is_listed_with_its_roles():
    found = set().union(*(own_names(found) for found in OWN.values()))
    assert found == set(ADDRESSES)


@pytest.mark.parametrize("name", ADDRESSES)
def test_an_address_opens_for_its_roles_alone(name, client, world):
    readers, writers = ADDRESSES[name]
    # Those first who may not: what the others do may change what can be asked.
    for role in sorted([*ROLES, ""], key=lambda role: (role in readers) + (role in writers)):
        client.force_login(staff(role, world))
        for method, allowed in ((client.get, readers), (client.post, writers)):
            answer = method(address_of(name, object_of(name, world)))
            if role in allowed:
                assert answer.status_code < 400, (role, method)
            else:
                assert answer.status_code == 403, (role, method)


def test_a_stranger_and_a_seller_are_asked_to_log_in(client, world):
    for user in (None, MembershipFactory().user):
        if user:
            client.force_login(user)
        for name in ADDRESSES:
            for method in (client.get, client.post):
                answer = method(address_of(name, object_of(name, world)))
                assert answer.status_code == 302, name
                assert answer.url.startswith(reverse("admin:login")), name


def test_what_is_not_there_is_not_found(client, world):
    client.force_login(staff(OPERATOR, world))
    every = ("_upload", "_all_races")
    about_one = [name for name in ADDRESSES if not name.endswith(every)]
    answers = {
        (name, method.__name__): method(address_of(name, 999_999)).status_code
        for name in about_one
        for method in (client.get, client.post)
    }
    assert {asked: code for asked, code in answers.items() if code not in {403, 404}} == {}


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_list_offers_its_actions_to_their_roles_alone(role, world):
    request = RequestFactory().get("/")
    request.user = staff(role, world)
    offered = {
        (model._meta.model_name, action)
        for model, found in OWN.items()
        for action in found.get_actions(request)
        if action != "delete_selected"
    }
    assert offered == {action for action, roles in ACTIONS.items() if role in roles}


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_a_list_and_its_form_open_by_the_roles_permissions(role, client, world):
    allowed = permissions_of(role) if role else set()
    client.force_login(staff(role, world))
    for model in OWN:
        options = model._meta
        may = {verb for verb in ("view", "add", "change", "delete")
               if (options.app_label, f"{verb}_{options.model_name}") in allowed}  # fmt: skip
        name = f"admin:{options.app_label}_{options.model_name}"
        answer = client.get(reverse(f"{name}_changelist"))
        assert (answer.status_code == 200) == bool(may & {"view", "change"}), options.label
        if "add" not in may:
            assert client.get(reverse(f"{name}_add")).status_code == 403, options.label
            assert client.post(reverse(f"{name}_add"), {}).status_code == 403, options.label
