"""The invitation desk, bonus grants, results of rounds, and the quota desk."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.models import Allotment, BonusGrant, Invitation, Notice, RoundResult
from campaigns.permissions import AUDITOR, OPERATOR
from config.roles import sync_roles
from sellers import clock
from tests.factories import (
    FILED,
    BonusFactory,
    BonusGrantFactory,
    EntryFactory,
    InvitationFactory,
    ItemFactory,
    QuotaFactory,
    RegistrationFactory,
    RoundFactory,
    RoundResultFactory,
    SellerFactory,
    UserFactory,
    VenueTermsFactory,
    VersionFactory,
    open_campaign,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: FILED)


@pytest.fixture
def login(client):
    sync_roles()

    def as_role(role):
        user = UserFactory(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client.force_login(user)
        client.user = user
        return client

    return as_role


@pytest.fixture
def opened():
    return open_campaign(invitation_only=True)


@pytest.fixture
def registration(opened):
    return RegistrationFactory(
        campaign=opened.campaign, version=opened.version, seller=SellerFactory(code="s1")
    )


def address(model, page="changelist", *arguments):
    return reverse(f"admin:campaigns_{model}_{page}", args=arguments)


def act(client, model, name, rows, **more):
    data = {"action": name, "_selected_action": [row.pk for row in rows], **more}
    return client.post(address(model), data, follow=True)


def confirmed(client, model, name, rows, **more):
    seen = ",".join(f"{row.pk}:0" for row in rows)
    return act(client, model, name, rows, confirmed="yes", seen=seen, **more)


def table(text):
    return SimpleUploadedFile("table.csv", text.encode())


def numbers(answer):
    return {str(what): number for what, number in answer.context["numbers"]}


def test_invitations_are_listed_and_found(login, opened):
    made = InvitationFactory(venue=opened.venue, expires_at=FILED)
    other = InvitationFactory(state="declined")
    client = login(OPERATOR)
    page = client.get(address("invitation"))
    assert [row.pk for row in page.context["cl"].result_list] == [other.pk, made.pk]
    assert "expired" in page.content.decode()
    found = client.get(address("invitation"), {"state__exact": "declined"})
    assert [row.pk for row in found.context["cl"].result_list] == [other.pk]
    found = client.get(address("invitation"), {"seller_code": made.seller.code})
    assert [row.pk for row in found.context["cl"].result_list] == [made.pk]


def test_a_table_invites_and_says_what_came_of_each_line(login, opened):
    ItemFactory(code="i1", seller__code="s1")
    client = login(OPERATOR)
    data = {
        "venue": opened.venue.pk,
        "source": "November",
        "kind": "platform",
        "expires_at": "2023-05-21 00:00:00",
    }
    for expected in ({"Invited": 1, "Invited before": 0}, {"Invited": 0, "Invited before": 1}):
        file = table("seller,item\ns1,i1\nnobody,\n")
        answer = client.post(address("invitation", "upload"), {**data, "file": file})
        assert numbers(answer) == expected
        assert [tuple(problem) for problem in answer.context["problems"]] == [
            (3, "seller", "nobody", "there is no such seller")
        ]
    made = Invitation.objects.get()
    assert (made.source, made.issued_by, made.issued_at) == ("November", client.user, FILED)
    assert made.expires_at.isoformat() == "2023-05-20T16:00:00+00:00"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"file": table("shop\nx\n")}, "“seller” is missing"),
        ({"file": table("seller\nx\n"), "expires_at": "2023-05-10 12:00:00"}, "cannot end before"),
        ({"file": table("seller\nx\n"), "source": ""}, "required"),
        ({}, "required"),
    ],
)
def test_what_cannot_be_uploaded_is_told_on_the_form(login, opened, change, text):
    data = {"venue": opened.venue.pk, "source": "November", "kind": "platform", **change}
    answer = login(OPERATOR).post(address("invitation", "upload"), data)
    assert "numbers" not in answer.context
    assert text in answer.content.decode()
    assert not Invitation.objects.exists()


def test_only_venues_by_invitation_are_offered(login, opened):
    opened.version.venueterms_set.update(title={"en": "Outer venue"})
    VenueTermsFactory(version=opened.version, code="branch")
    open_campaign()
    # Once by invitation, and no longer; and from the next version on.
    changed = open_campaign(code="changed", invitation_only=True)
    for number, days, invited in ((2, -1, False), (3, 1, False)):
        version = VersionFactory(
            campaign=changed.campaign, number=number, effective_at=FILED + timedelta(days=days)
        )
        VenueTermsFactory(version=version, invitation_only=invited)
    coming = open_campaign()
    version = VersionFactory(
        campaign=coming.campaign, number=2, effective_at=FILED + timedelta(days=1)
    )
    VenueTermsFactory(version=version, invitation_only=True)
    form = login(OPERATOR).get(address("invitation", "upload")).context["form"]
    offered = {choice.instance: label for choice, label in form.fields["venue"].choices if choice}
    assert set(offered) == {opened.venue, coming.venue}
    assert offered[opened.venue].endswith(" · Outer venue")
    assert offered[coming.venue] == f"{coming.campaign.code} · main"


def test_what_does_not_work_by_invitation_is_refused(login, opened):
    other = VenueTermsFactory(version=opened.version, code="branch").venue
    data = {"venue": other.pk, "source": "November", "kind": "platform"}
    answer = login(OPERATOR).post(
        address("invitation", "upload"), {**data, "file": table("seller\n")}
    )
    assert "venue" in answer.context["form"].errors


def test_invitations_are_taken_back_with_numbers(login, opened, registration):
    made = InvitationFactory(venue=opened.venue, seller=registration.seller)
    declined = InvitationFactory(venue=opened.venue, state="declined")
    EntryFactory(registration=registration, venue=opened.venue, slot_source="invitation")
    client = login(OPERATOR)
    asked = act(client, "invitation", "revoke", [made, declined])
    assert [number for _what, number in asked.context["summary"]] == [1, 1, 1]
    assert Invitation.objects.filter(state="revoked").count() == 0
    answer = confirmed(client, "invitation", "revoke", [made, declined], note="No stock")
    assert "1 invitation is taken back." in answer.content.decode()
    assert Invitation.objects.get(state="revoked") == made
    notice = Notice.objects.get(cause="invitation_revoked")
    assert (notice.seller, notice.params["reason"]) == (registration.seller, "No stock")


def test_an_auditor_looks_and_does_nothing(login, opened, registration):
    made = InvitationFactory(venue=opened.venue)
    client = login(AUDITOR)
    assert client.get(address("invitation")).status_code == 200
    for model in ("invitation", "roundresult"):
        assert client.get(address(model, "upload")).status_code == 403
    confirmed(client, "invitation", "revoke", [made])
    made.refresh_from_db()
    assert made.state == "issued"
    page = reverse("admin:campaigns_registration_change", args=[registration.pk])
    assert client.get(page).status_code == 200


def test_extra_places_are_confirmed_and_refused_in_bulk(login, opened, registration):
    BonusFactory(
        version=opened.version,
        code="carts",
        confirmed=True,
        when=["seller.growth_level", ">=", 5],
    )
    low = RegistrationFactory(
        campaign=opened.campaign, version=opened.version, seller=SellerFactory(growth_level=4)
    )
    third = RegistrationFactory(campaign=opened.campaign, version=opened.version)
    grants = [
        BonusGrantFactory(registration=row, bonus_code="carts")
        for row in (registration, low, third)
    ]
    client = login(OPERATOR)
    asked = act(client, "bonusgrant", "confirm", grants[:2])
    assert [number for _what, number in asked.context["summary"]] == [2]
    answer = confirmed(client, "bonusgrant", "confirm", grants[:2])
    assert "1 granted; 1 do not meet the condition now." in answer.content.decode()
    answer = confirmed(client, "bonusgrant", "refuse", grants[1:])
    assert "2 refused." in answer.content.decode()
    assert list(
        BonusGrant.objects.order_by("id").values_list("granted_at", "refused_at", "decided_by")
    ) == [
        (FILED, None, client.user.pk),
        (None, FILED, client.user.pk),
        (None, FILED, client.user.pk),
    ]
    found = client.get(address("bonusgrant"), {"state": "granted"})
    assert [row.pk for row in found.context["cl"].result_list] == [grants[0].pk]


def test_extra_places_are_taken_back_with_a_remark(login, opened, registration):
    BonusFactory(version=opened.version, code="carts", kept=True, places=5)
    granted = BonusGrantFactory(
        registration=registration, bonus_code="carts", granted_at=FILED, places=5
    )
    waiting = BonusGrantFactory(bonus_code="carts")
    client = login(OPERATOR)
    asked = act(client, "bonusgrant", "take_back", [granted, waiting])
    assert [number for _what, number in asked.context["summary"]] == [1, 1]
    assert "The seller reads this." in asked.content.decode()
    answer = confirmed(client, "bonusgrant", "take_back", [granted, waiting], note="Misuse")
    assert "1 taken back." in answer.content.decode()
    granted.refresh_from_db()
    assert (granted.granted_at, granted.refused_at, granted.decided_by) == (
        None,
        FILED,
        client.user,
    )
    notice = Notice.objects.get(cause="bonus_revoked")
    assert (notice.seller, notice.params["reason"]) == (registration.seller, "Misuse")


def test_rounds_are_decided_in_bulk(login, opened, registration):
    rows = [
        RoundResultFactory(registration=registration, code="pick"),
        RoundResultFactory(code="pick"),
    ]
    client = login(OPERATOR)
    asked = act(client, "roundresult", "pass_them", rows)
    assert asked.context["summary"] == [("pick · applied", 2)]
    confirmed(client, "roundresult", "pass_them", rows[:1], note="well done")
    confirmed(client, "roundresult", "fail_them", rows)
    assert list(RoundResult.objects.order_by("id").values_list("state", "note")) == [
        ("passed", "well done"),
        ("failed", ""),
    ]
    confirmed(client, "roundresult", "end_them", rows)
    assert list(RoundResult.objects.order_by("id").values_list("ended_at", flat=True)) == [
        FILED,
        None,
    ]


def test_results_come_by_the_table(login, opened, registration):
    RoundFactory(version=opened.version, code="exam", kind="exam")
    client = login(OPERATOR)
    data = {"campaign": opened.campaign.pk, "code": "exam"}
    file = table("seller,result\ns1,passed\nnobody,failed\n")
    answer = client.post(address("roundresult", "upload"), {**data, "file": file})
    assert (numbers(answer), answer.context["bad"]) == ({"Changed": 1, "As before": 0}, 1)
    assert RoundResult.objects.get().decided_by == client.user
    data["code"] = "nothing"
    answer = client.post(address("roundresult", "upload"), {**data, "file": table("x")})
    assert "has no such round now" in answer.content.decode()


def test_the_quota_desk_explains_and_allots(login, opened, registration):
    QuotaFactory(version=opened.version, code="stock", ceiling=30, floor=3, allotted=True,
                 title={"en": "Stock list"})  # fmt: skip
    BonusFactory(version=opened.version, code="gold", quota="stock", title={"en": "Gold"},
                 when=["seller.growth_level", ">=", 6])  # fmt: skip
    entry = EntryFactory(registration=registration, venue=opened.venue)
    client = login(OPERATOR)
    found = client.get(address("registration"), {"q": "s1"})
    assert [row.pk for row in found.context["cl"].result_list] == [registration.pk]
    page = client.get(address("registration", "change", registration.pk)).content.decode()
    for text in ("Stock list", "1 of 30 used", "Gold", "0 of 5", "The condition is not met"):
        assert text in page
    assert str(entry.item) in page
    asks = reverse("admin:campaigns_registration_allot_places", args=[registration.pk])
    assert "within 3 to 30; 1 used" in client.get(asks).content.decode()
    data = {"confirmed": "yes", "quota": "stock", "places": "7"}
    answer = client.post(asks, data, follow=True)
    assert "1 of 7 used" in answer.content.decode()
    assert Allotment.objects.get().places == 7
    for wrong in ({"places": "-1"}, {"quota": "nothing"}):
        client.post(asks, {**data, **wrong})
    assert Allotment.objects.get().places == 7


def test_nothing_is_allotted_where_the_rulebook_allots_nothing(login, opened, registration):
    QuotaFactory(version=opened.version)
    asks = reverse("admin:campaigns_registration_allot_places", args=[registration.pk])
    assert login(OPERATOR).post(asks, {"confirmed": "yes"}).status_code == 403


@pytest.mark.parametrize("model", ["invitation", "bonusgrant", "roundresult", "registration"])
def test_a_list_takes_no_more_queries_for_more_rows(login, model, django_assert_max_num_queries):
    make = {
        "invitation": InvitationFactory,
        "bonusgrant": BonusGrantFactory,
        "roundresult": RoundResultFactory,
        "registration": RegistrationFactory,
    }[model]
    client, counts = login(OPERATOR), []
    for number in (1, 2, 27):
        make.create_batch(number)
        with django_assert_max_num_queries(30) as captured:
            client.get(address(model))
        counts.append(len(captured))
    assert counts[0] == counts[1] == counts[2]
