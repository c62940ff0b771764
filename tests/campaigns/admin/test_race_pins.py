"""Positions given by hand: judged, told on boards, taken off; by operators alone."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Pin
from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER
from config.roles import sync_roles
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import SellerFactory, UserFactory, VenueTermsFactory
from tests.times import local

pytestmark = pytest.mark.django_db
NOW = "2023-05-17 10:20"


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    told = {"at": local(NOW)}
    monkeypatch.setattr("sellers.clock.now", lambda: told["at"])
    return told


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
def world():
    world = RaceWorld()
    world.race(places=3)
    world.segment()
    world.sellers = {code: world.seller(code) for code in ("anna", "bert", "cleo", "dora")}
    for code, amount in (("anna", "4.00"), ("bert", "3.00"), ("cleo", "2.00"), ("dora", "1.00")):
        for at in ("09:00", "10:00", "11:00", "12:00"):
            hour(world.sellers[code], f"2023-05-17 {at}", paid_amount=amount)
    return world


def pins(world, **asked):
    page = reverse("admin:campaigns_campaign_pins", args=[world.campaign.pk])
    return f"{page}?{'&'.join(f'{k}={v}' for k, v in asked.items())}" if asked else page


def send(client, world, **changes):
    data = {
        "act": "pin", "race": "race", "venue": world.venue.pk, "group": "", "position": "2",
        "code": "dora", "starts_at": "", "ends_at": "2023-05-17T12:30", "reason": "Brand day",
    }  # fmt: skip
    return client.post(pins(world), {**data, **changes})


@pytest.mark.rule("D12-054")
def test_a_pinned_one_stands_where_it_is_put_and_is_marked(login, world, clock):
    client = login(OPERATOR)

    answer = send(client, world)

    assert answer.status_code == 302, answer.context["form"].errors
    pin = Pin.objects.get()
    assert (pin.position, pin.seller.code, pin.reason, pin.pinned_by, pin.pinned_at) == (
        2, "dora", "Brand day", client.user, local(NOW),
    )  # fmt: skip
    assert (pin.starts_at, pin.ends_at) == (local(NOW), local("2023-05-17 12:30"))
    world.make("2023-05-17 11:05")
    board = world.board("2023-05-17 11:00")
    found = board.placements.filter(position__isnull=False).order_by("position")
    assert list(found.values_list("position", "seller__code", "rank", "pinned")) == [
        (1, "anna", 1, False),
        (2, "dora", 4, True),
        (3, "bert", 2, False),
    ]
    clock["at"] = local("2023-05-17 11:06")
    page = reverse("admin:campaigns_campaign_board", args=[world.campaign.pk, board.pk])
    for show in ("ranks", "stands"):
        assert ">pinned</span>" in client.get(page, {"show": show}).content.decode()
    desk = reverse("admin:campaigns_campaign_races", args=[world.campaign.pk])
    assert "1 pinned" in client.get(desk).content.decode()
    table = reverse("admin:campaigns_campaign_board_table", args=[world.campaign.pk, board.pk])
    lines = b"".join(client.get(table).streaming_content).decode().splitlines()
    assert next(line for line in lines if ",dora," in line).endswith(",2,pinned,promoted")
    # Its time is over with the board of 13:00.
    world.make("2023-05-17 13:05")
    last = world.board("2023-05-17 13:00").placements.filter(position=2)
    assert [row.seller.code for row in last] == ["bert"]


def test_taken_off_it_holds_no_longer_and_who_did_it_is_kept(login, world, clock):
    client = login(OPERATOR)
    send(client, world, ends_at="")
    pin = Pin.objects.get()
    clock["at"] = local("2023-05-17 10:40")
    client.post(pins(world), {"act": "take_off", "pin": pin.pk})
    pin.refresh_from_db()
    assert pin.removed_at == local("2023-05-17 10:40")
    log = LogEntry.objects.filter(object_id=str(pin.pk)).order_by("pk")
    assert [entry.user for entry in log] == [client.user] * 2
    world.make("2023-05-17 11:05")
    assert not world.board("2023-05-17 11:00").placements.filter(pinned=True).exists()
    client.post(pins(world), {"act": "take_off", "pin": pin.pk})
    pin.refresh_from_db()
    assert pin.removed_at == local("2023-05-17 10:40")
    assert not client.get(pins(world)).context["lines"]
    (line,) = client.get(pins(world, show="all")).context["lines"]
    assert line["taken_off_by"] == client.user


@pytest.mark.parametrize(
    ("changes", "field", "message"),
    [
        ({"position": "4"}, "position", "There are 3 places"),
        ({"position": "0"}, "position", "greater than or equal to 1"),
        ({"position": "many"}, "position", "Enter a whole number"),
        ({"code": "nobody"}, "code", "There is no seller “nobody”."),
        ({"code": "stranger"}, "code", "no approved entry"),
        ({"code": "dora", "group": "3C"}, "group", "these groups"),
        ({"starts_at": "2023-05-17T10:19"}, "starts_at", "The past does not change"),
        ({"starts_at": "soon"}, "starts_at", "Enter a valid date/time"),
        (
            {"starts_at": "2023-05-17T12:30"},
            "ends_at",
            "expected an end after the start",
        ),
        ({"reason": ""}, "reason", "required"),
        ({"race": "none"}, "race", "Select a valid choice"),
        ({"venue": "other"}, "venue", "Select a valid choice"),
    ],
)
def test_what_cannot_be_pinned_is_refused(login, world, changes, field, message):
    SellerFactory(code="stranger")
    answer = send(login(OPERATOR), world, **changes)
    assert message in str(answer.context["form"].errors[field])
    assert not Pin.objects.exists()


def test_a_seller_whose_entry_is_gone_is_refused(login, world):
    world.sellers["dora"].entries.update(status="withdrawn")
    answer = send(login(OPERATOR), world)
    assert "dora has no approved entry" in str(answer.context["form"].errors["code"])


def test_two_for_one_position_are_refused_with_the_holder(login, world):
    client = login(OPERATOR)
    send(client, world)
    answer = send(client, world, code="cleo", starts_at="2023-05-17T12:29")
    assert "Position 2 is given to dora from 2023-05-17 10:20 until 2023-05-17 12:30." in str(
        answer.context["form"].errors["position"]
    )
    answer = send(client, world, position="3")
    assert "It has position 2 already" in str(answer.context["form"].errors["code"])
    # Half-open: the next may follow at once.
    answer = send(client, world, code="cleo", starts_at="2023-05-17T12:30", ends_at="")
    assert answer.status_code == 302
    assert Pin.objects.count() == 2
    answer = send(client, world, code="bert", ends_at="")
    assert "Position 2 is given to dora" in str(answer.context["form"].errors["position"])
    # What was taken off is in nobody's way.
    Pin.objects.update(removed_at=local(NOW))
    assert send(client, world, code="bert", ends_at="").status_code == 302


def test_a_race_of_items_takes_an_items_code(login, world):
    world.version.race_set.update(unit="item")
    client = login(OPERATOR)
    answer = send(client, world)
    assert "There is no item “dora”." in str(answer.context["form"].errors["code"])
    send(client, world, code="dora-item")
    pin = Pin.objects.get()
    assert (pin.seller.code, pin.item.code) == ("dora", "dora-item")


def test_a_pin_goes_into_the_group_of_its_candidate(login, world):
    world.version.race_set.update(group_by="seller.shop_type")
    client = login(OPERATOR)
    seller = world.sellers["dora"]
    answer = send(client, world, group="other")
    assert str(seller.shop_type) in str(answer.context["form"].errors["group"])
    send(client, world)
    assert Pin.objects.get().group == seller.shop_type


def test_a_race_without_places_has_no_positions(login, world):
    world.version.race_set.update(places=None)
    answer = send(login(OPERATOR), world)
    assert "no number of places" in str(answer.context["form"].errors["position"])


def test_a_venue_of_another_race_is_refused(login, world):
    other = VenueTermsFactory(version=world.version, code="other")
    world.race(code="second", venue_codes=["other"])
    answer = send(login(OPERATOR), world, venue=other.venue_id)
    assert "gives no places" in str(answer.context["form"].errors["venue"])


def test_a_row_of_a_board_leads_to_the_form(login, world):
    world.make("2023-05-17 10:05")
    board = world.board("2023-05-17 10:00")
    page = reverse("admin:campaigns_campaign_board", args=[world.campaign.pk, board.pk])
    way = pins(world, race="race", venue=world.venue.pk, group="", code="dora")
    client = login(OPERATOR)
    assert way.replace("&", "&amp;") in client.get(page).content.decode()
    form = client.get(way).context["form"]
    assert (form["race"].value(), form["venue"].value(), form["code"].value()) == (
        "race", str(world.venue.pk), "dora",
    )  # fmt: skip
    assert "pin…" not in login(AUDITOR).get(page).content.decode()


@pytest.mark.parametrize("role", [AUDITOR, FINANCE, REVIEWER])
def test_only_operators_pin(login, world, role):
    assert send(login(role), world).status_code == 403
    send(login(OPERATOR), world)
    pin = Pin.objects.get()
    client = login(role)
    answer = client.post(pins(world), {"act": "take_off", "pin": pin.pk})
    assert answer.status_code == 403
    pin.refresh_from_db()
    assert pin.removed_at is None
    page = client.get(pins(world))
    if role != REVIEWER:
        assert 'name="act"' not in page.content.decode()


def test_a_pin_of_another_campaign_is_not_found(login, world):
    client = login(OPERATOR)
    send(client, world)
    other = RaceWorld()
    answer = client.post(pins(other), {"act": "take_off", "pin": Pin.objects.get().pk})
    assert answer.status_code == 404


def test_as_many_questions_for_many_pins(login, world):
    client = login(OPERATOR)
    numbers = []
    for number in (1, 3, 40):
        Pin.objects.all().delete()
        for i in range(number):
            Pin.objects.create(
                venue=world.venue, race_code="race", position=1, seller=SellerFactory(),
                starts_at=local(NOW), ends_at=local(NOW) + timedelta(hours=1), reason="x",
                pinned_at=local(NOW), pinned_by=client.user,
                removed_at=None if i % 2 else local(NOW),
            )  # fmt: skip
        client.get(pins(world, show="all"))
        with CaptureQueriesContext(connection) as asked:
            assert len(client.get(pins(world, show="all")).context["lines"]) == number
        numbers.append(len(asked))
    assert numbers[0] == numbers[1] == numbers[2] <= 30
