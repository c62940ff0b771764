"""What if: the same facts by other measures, side by side, and nothing stored."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import BoardRow, RaceSegment
from campaigns.permissions import OPERATOR
from campaigns.published import rows_of
from config.roles import sync_roles
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import UserFactory
from tests.times import local

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client, monkeypatch):
    monkeypatch.setattr("sellers.clock.now", lambda: local("2023-05-17 10:20"))
    sync_roles()
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=OPERATOR))
    client.force_login(user)
    return client


@pytest.fixture
def world():
    """Anna sells most, Cleo to most buyers."""
    world = RaceWorld()
    world.race(places=2)
    world.segment(
        score="weights",
        measures=[
            {"sum": "clean_amount", "of": "seller", "weight": 1},
            {"sum": "buyers", "of": "seller", "weight": 0},
        ],
    )
    for code, amount, buyers in (("anna", "30.00", 1), ("bert", "20.00", 2), ("cleo", "10.00", 3)):
        hour(world.seller(code), "2023-05-17 09:00", paid_amount=amount, buyers=str(buyers))
    world.make("2023-05-17 10:05")
    world.made = world.board("2023-05-17 10:00")
    return world


def what_if(world, board=None):
    args = [world.campaign.pk, (board or world.made).pk]
    return reverse("admin:campaigns_campaign_what_if", args=args)


def sent(client, world, board=None, **changes):
    """The form's own values with some changed, posted."""
    form = client.get(what_if(world, board)).context["form"]
    data = {}
    for bound in form:
        value = bound.value()
        if bound.name == "measures":
            names = bound.field.widget.widgets_names
            pairs = zip(names, value, strict=True)
            data |= {f"measures{name}": part for name, part in pairs if part is not False}
        else:
            data[bound.name] = value
    return client.post(what_if(world, board), {**data, **changes})


def outcome(answer):
    found = answer.context["supposed"]
    return [(each.row.place, each.row.seller.code, each.was, each.by) for each in found.rows]


def test_the_same_measures_give_the_stored_board(operator, world):
    answer = sent(operator, world)
    assert outcome(answer) == [(1, "anna", 1, 0), (2, "bert", 2, 0), (3, "cleo", 3, 0)]
    assert answer.context["same"] == 3
    assert "The first 2 would be the same ones" in answer.content.decode()


def test_other_weights_move_up_and_down_and_out(operator, world):
    before = list(BoardRow.objects.order_by("pk").values())
    answer = sent(operator, world, measures_1_weight="0", measures_2_weight="1")
    assert outcome(answer) == [(1, "cleo", 3, 2), (2, "bert", 2, 0), (3, "anna", 1, -2)]
    found = answer.context["supposed"]
    assert [(one.seller.code, one.was, one.now) for one in found.gone] == [("anna", 1, 3)]
    assert [each.row.seller.code for each in found.come] == ["cleo"]
    assert "1 of the first 2 would be another" in answer.content.decode()
    assert list(BoardRow.objects.order_by("pk").values()) == before
    (segment,) = rows_of(world.version, RaceSegment)
    assert [measure["weight"] for measure in segment.measures] == [1, 0]


def test_one_measure_after_the_other_and_the_lowest_first(operator, world):
    answer = sent(
        operator, world, score="order", measures_1_order="asc",
        measures_1_percentile="on",
    )  # fmt: skip
    assert outcome(answer) == [(1, "cleo", 3, 2), (2, "bert", 2, 0), (3, "anna", 1, -2)]
    assert answer.context["supposed"].weighted is False


def test_other_measures_of_another_time(operator, world):
    hour(world.venue.entries.get(seller__code="bert").seller, "2023-05-16 21:00", paid_amount="99")
    answer = sent(operator, world, measures_1_facts="since:live")
    assert [seller for _place, seller, _was, _by in outcome(answer)] == ["bert", "anna", "cleo"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measures_1_weight": "much"}, "“much” is no weight"),
        ({"measures_1_weight": "NaN"}, "“NaN” is no weight"),
        ({"measures_1_weight": "-1"}, "“-1” is no weight"),
        ({"measures_1_weight": "1001"}, "“1001” is no weight"),
        ({"measures_1_weight": "0.00001"}, "expected at most 4 decimal places"),
        ({"measures_1_weight": ""}, "“weight” is missing"),
        ({"measures_1_figure": "sum:seller:love"}, "unknown field “love”"),
        ({"measures_1_figure": "sum:planet:love"}, "A figure is not known"),
        ({"measures_1_figure": "metric:seller.nothing"}, "unknown metric “seller.nothing”"),
        ({"measures_1_figure": "metric:seller.shop_type"}, "seller.shop_type is not a number"),
        ({"measures_1_figure": "metric:item.stock"}, "item.stock is not a figure of a seller"),
        ({"measures_1_facts": "since:never"}, "unknown milestone “never”"),
        ({"measures_1_facts": "yesterday"}, "A time is not known"),
        ({"measures_1_figure": "", "measures_2_figure": ""}, "This field is required."),
    ],
)
def test_bad_input_is_told(operator, world, changes, message):
    answer = sent(operator, world, **changes)
    assert answer.status_code == 200
    assert message in str(answer.context["form"].errors["measures"])
    assert "supposed" not in answer.context


def test_a_group_is_ranked_alone(operator):
    world = RaceWorld()
    world.race(places=1, group_by="seller.shop_type")
    world.segment()
    for number, kind in enumerate(("marketplace", "marketplace", "brand")):
        seller = world.seller(f"s{number}")
        type(seller).objects.filter(pk=seller.pk).update(shop_type=kind)
        hour(seller, "2023-05-17 09:00", paid_amount=f"{number}.00", buyers=str(9 - number))
    world.make("2023-05-17 10:05")
    board = world.board("2023-05-17 10:00")
    answer = sent(operator, world, board, group="marketplace",
                  measures_1_figure="sum:seller:buyers")  # fmt: skip
    assert outcome(answer) == [(1, "s0", 2, 1), (2, "s1", 1, -1)]
    assert answer.context["form"].fields["group"].choices == [
        ("brand", "brand"), ("marketplace", "marketplace"),
    ]  # fmt: skip


# A published rulebook is remembered outside a transaction.
@pytest.mark.django_db(transaction=True)
def test_it_only_reads_and_asks_as_often_for_many(operator, world):
    numbers = []
    for size in (3, 40):
        for number in range(3, size):
            world.seller(f"more{number}")
        world.made.rows.all().delete() if size == 3 else None
        operator.get(what_if(world))
        form = operator.get(what_if(world)).context["form"]
        names = form.fields["measures"].widget.widgets_names
        data = {
            f"measures{name}": part
            for name, part in zip(names, form["measures"].value(), strict=True)
            if part is not False
        }
        with CaptureQueriesContext(connection) as asked:
            answer = operator.post(what_if(world), {**data, "score": "weights"})
        assert len(answer.context["supposed"].rows) == size
        numbers.append(len(asked))
        writes = [each["sql"] for each in asked if each["sql"].split()[0] not in ("SELECT", "WITH")]
        assert writes == []
    assert numbers[0] == numbers[1] <= 30


def test_no_more_than_a_hundred_are_ranked(operator, world):
    for number in range(110):
        world.seller(f"more{number:03}")
    answer = sent(operator, world, measures_1_weight="0", measures_2_weight="0")
    assert len(answer.context["supposed"].rows) == 100
