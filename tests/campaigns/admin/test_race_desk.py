"""The race desk: what holds, what is overdue, one board with every figure, and who may see it."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Board, BoardRow, Campaign, Placement, VenueTerms
from campaigns.permissions import AUDITOR, FINANCE, OPERATOR, REVIEWER
from campaigns.published import forget
from config.roles import sync_roles
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import UserFactory, VenueTermsFactory
from tests.times import local

pytestmark = pytest.mark.django_db
NOW = "2023-05-17 10:20"
MOST_QUERIES = 30


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that a test may set."""
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
    world.race(places=2, title={"en": "Best of the hour", "zh-hans": "小时榜"})
    world.segment()
    return world


def address(name, world, *args, **asked):
    page = reverse(f"admin:campaigns_campaign_{name}", args=[world.campaign.pk, *args])
    return f"{page}?{'&'.join(f'{k}={v}' for k, v in asked.items())}" if asked else page


def sold(world, at, **amounts):
    """Sellers with what they sold in the hour."""
    for code, amount in amounts.items():
        hour(world.sellers[code], at, paid_amount=amount)


@pytest.fixture
def raced(world):
    """Three sellers, of whom the second falls out of the two places at 10:00."""
    world.sellers = {code: world.seller(code) for code in ("anna", "bert", "cleo")}
    sold(world, "2023-05-17 08:00", anna="300.00", bert="200.50", cleo="1.00")
    sold(world, "2023-05-17 09:00", anna="300.00", bert="200.50", cleo="1234567.89")
    world.make("2023-05-17 09:05")
    Board.objects.exclude(starts_at=local("2023-05-17 09:00")).delete()
    world.make("2023-05-17 10:05")
    return world


def test_the_desk_tells_what_holds_and_what_comes(login, raced):
    page = login(OPERATOR).get(address("races", raced))

    (race,) = page.context["races"]
    assert (race["name"], race["next_at"]) == ("Best of the hour", local("2023-05-17 11:00"))
    (venue,) = race["venues"]
    (held,) = venue["of"].held
    assert held.board.starts_at == local("2023-05-17 10:00")
    assert (held.stand, held.pinned, held.promoted, held.demoted, held.left) == (2, 0, 1, 1, 0)
    assert (held.board.candidates, held.board.places, held.board.late) == (3, 2, False)
    assert (venue["of"].due, venue["of"].overdue) == (0, 0)


def test_what_is_overdue_is_told_and_made_on_demand(login, raced, clock):
    clock["at"] = local("2023-05-17 13:10")
    client = login(OPERATOR)
    page = client.get(address("races", raced))
    (venue,) = page.context["races"][0]["venues"]
    # 13:00 is due and not yet late; 11:00 and 12:00 are.
    assert (venue["of"].held, venue["of"].due, venue["of"].overdue) == ([], 3, 2)
    assert venue["of"].oldest == local("2023-05-17 11:00")
    question = client.get(address("make_boards", raced))
    assert [number for _what, number in question.context["summary"]] == [3, 2, 1]
    assert "the oldest from 2023-05-17 11:00" in question.content.decode()
    assert Board.objects.count() == 2
    client.post(address("make_boards", raced), {"confirmed": "yes"})
    made = Board.objects.filter(starts_at__gte=local("2023-05-17 11:00")).order_by("starts_at")
    assert [board.late for board in made] == [True, True, False]
    answer = client.get(address("make_boards", raced), follow=True)
    assert "No board is due." in answer.content.decode()


def test_many_boards_are_left_to_a_worker(login, raced, clock, monkeypatch):
    asked = []
    monkeypatch.setattr("campaigns.admin.race_desk.enqueue_boards", asked.append)
    clock["at"] = local("2023-05-18 10:10")
    client = login(OPERATOR)
    client.post(address("make_boards", raced), {"confirmed": "yes"})
    assert (asked, Board.objects.count()) == ([raced.campaign], 2)


def test_a_suspended_campaign_makes_none(login, raced, clock):
    clock["at"] = local("2023-05-17 13:10")
    Campaign.objects.update(state=Campaign.State.SUSPENDED)
    client = login(OPERATOR)
    assert "no boards are made" in client.get(address("races", raced)).content.decode()
    client.post(address("make_boards", raced), {"confirmed": "yes"})
    assert Board.objects.count() == 2


def test_a_board_shows_figures_positions_and_who_went_down(login, raced):
    board = raced.board("2023-05-17 10:00")
    client = login(AUDITOR)
    page = client.get(address("board", raced, board.pk))
    lines = [
        (line["row"].place, line["row"].seller.code, str(line["row"].figures[0].value),
         line["words"].get("position"))
        for line in page.context["lines"]
    ]  # fmt: skip
    assert lines == [
        (1, "cleo", "1234567.89", 1),
        (2, "anna", "300.00", 2),
        (3, "bert", "200.50", None),
    ]
    text = page.content.decode()
    assert "1,234,567.89" in text
    assert "CNY" in text
    left = client.get(address("board", raced, board.pk, show="left"))
    assert [row.seller.code for row in left.context["page"].rows] == ["bert"]
    assert "rank 3, needed 2" in left.content.decode()
    stands = client.get(address("board", raced, board.pk, show="stands"))
    assert [(row.position, row.seller.code) for row in stands.context["page"].rows] == [
        (1, "cleo"),
        (2, "anna"),
    ]
    found = client.get(address("board", raced, board.pk, find="bert"))
    assert [line["row"].place for line in found.context["lines"]] == [3]
    assert not client.get(address("board", raced, board.pk, find="nobody")).context["lines"]


def test_weighted_scores_are_taken_apart(login, world):
    race = world.version.race_set.get()
    world.version.racesegment_set.all().delete()
    world.segment(
        race=race.code,
        score="weights",
        measures=[
            {"sum": "clean_amount", "of": "seller", "weight": "0.7", "percentile": True},
            {"sum": "buyers", "of": "seller", "weight": "0.3", "order": "asc"},
        ],
    )
    world.sellers = {code: world.seller(code) for code in ("anna", "bert", "cleo")}
    sold(world, "2023-05-17 09:00", anna="300.00", bert="200.50")
    hour(world.sellers["anna"], "2023-05-17 09:00", paid_amount="300.00", buyers="1")
    world.make("2023-05-17 10:05")
    board = world.board("2023-05-17 10:00")
    page = login(OPERATOR).get(address("board", world, board.pk))
    found = [
        (
            line["row"].seller.code,
            [str(figure.part.normalize() + 0) for figure in line["row"].figures],
            str(line["row"].score.normalize()),
        )
        for line in page.context["lines"]
    ]  # fmt: skip
    assert found == [
        ("anna", ["0.7", "-0.3"], "0.4"),
        ("bert", ["0.35", "0"], "0.35"),
        ("cleo", ["0", "0"], "0"),
    ]
    text = page.content.decode()
    assert "× 0.7 = 0.7" in text
    assert "weight 0.3" in text


def test_a_long_board_comes_in_pages(login, world):
    for number in range(52):
        world.seller(f"s{number:02}")
    world.make("2023-05-16 20:05")
    board = world.board("2023-05-16 20:00")
    client = login(OPERATOR)
    page = client.get(address("board", world, board.pk))
    assert len(page.context["lines"]) == 50
    assert page.context["page"].previous == ""
    second = client.get(f"{address('board', world, board.pk)}?{page.context['page'].next}")
    assert [line["row"].place for line in second.context["lines"]] == [51, 52]
    back = client.get(f"{address('board', world, board.pk)}?{second.context['page'].previous}")
    assert [line["row"].place for line in back.context["lines"]] == list(range(1, 51))
    for odd in ('["x"]', "[1,2]", "nonsense", '["",99999999999999999999999]', "[]", '["", true]'):
        first = client.get(address("board", world, board.pk), {"after": odd})
        assert len(first.context["lines"]) == 50


def test_past_boards_are_listed_the_latest_first(login, raced):
    page = login(FINANCE).get(address("past_boards", raced, race="race", venue=raced.venue.pk))
    assert [one.board.starts_at for one in page.context["held"]] == [
        local("2023-05-17 10:00"),
        local("2023-05-17 09:00"),
    ]
    assert login(FINANCE).get(address("past_boards", raced, venue="x")).status_code == 404


def test_a_board_is_taken_to_a_spreadsheet(login, raced):
    seller = raced.sellers["anna"]
    seller.name = "=HYPERLINK(1)"
    seller.save()
    board = raced.board("2023-05-17 10:00")
    answer = login(OPERATOR).get(address("board_table", raced, board.pk))
    assert answer.streaming
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0].startswith("group,rank,seller,seller_name,")
    assert lines[0].endswith('(CNY)",filed_at,position,pinned,outcome')
    assert lines[2].startswith(",2,anna,'=HYPERLINK(1),300.00,")
    assert lines[2].endswith(",2,,kept")
    assert lines[3].endswith(",,,demoted")
    assert len(lines) == 4


@pytest.mark.parametrize(
    ("role", "status"), [(OPERATOR, 200), (AUDITOR, 200), (FINANCE, 200), (REVIEWER, 403)]
)
def test_who_sees_boards(login, raced, role, status):
    board = raced.board("2023-05-17 10:00").pk
    client = login(role)
    pages = [
        address("races", raced),
        address("past_boards", raced, race="race", venue=raced.venue.pk),
        address("board", raced, board),
        address("board_table", raced, board),
        address("what_if", raced, board),
        address("pins", raced),
    ]
    assert [client.get(page).status_code for page in pages] == [status] * len(pages)
    campaign = reverse("admin:campaigns_campaign_change", args=[raced.campaign.pk])
    assert (address("races", raced) in client.get(campaign).content.decode()) == (status == 200)


@pytest.mark.parametrize("role", [AUDITOR, FINANCE, REVIEWER])
def test_only_operators_have_boards_made(login, raced, clock, role):
    clock["at"] = local("2023-05-17 13:10")
    client = login(role)
    assert client.post(address("make_boards", raced), {"confirmed": "yes"}).status_code == 403
    assert Board.objects.count() == 2


def test_a_board_of_another_campaign_is_not_found(login, raced):
    other = RaceWorld()
    board = raced.board("2023-05-17 10:00")
    assert login(OPERATOR).get(address("board", other, board.pk)).status_code == 404


def test_the_way_from_the_side_bar(login, world):
    client = login(OPERATOR)
    index = reverse("admin:campaigns_campaign_all_races")
    assert index in client.get(reverse("admin:index")).content.decode()
    assert client.get(index).url == address("races", world)
    RaceWorld().race()
    assert len(client.get(index).context["lines"]) == 2
    assert index not in login(REVIEWER).get(reverse("admin:index")).content.decode()


def test_a_campaign_without_races_says_where_they_come_from(login):
    world = RaceWorld()
    page = login(OPERATOR).get(address("races", world))
    assert "add them to a draft" in page.content.decode()
    campaign = reverse("admin:campaigns_campaign_change", args=[world.campaign.pk])
    assert address("races", world) not in page.client.get(campaign).content.decode()


def queries(client, page):
    client.get(page)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(page).status_code == 200
    return len(asked)


def test_as_many_questions_for_86_venues_as_for_one(login, raced):
    client = login(OPERATOR)
    one = queries(client, address("races", raced))
    template = raced.board("2023-05-17 10:00")
    seller = raced.sellers["anna"]
    race = raced.version.race_set.get()

    def venues(first, last):
        for number in range(first, last):
            terms = VenueTermsFactory(version=raced.version, code=f"v{number}")
            values = {field.attname: getattr(template, field.attname)
                      for field in Board._meta.fields if not field.primary_key}  # fmt: skip
            board = Board.objects.create(**{**values, "venue_id": terms.venue_id})
            Placement.objects.create(board=board, outcome="kept", position=1, seller=seller)
        codes = VenueTerms.objects.filter(version=raced.version).values_list("code", flat=True)
        race.venue_codes = list(codes)
        race.save()

    numbers = [one]
    for first, last in ((2, 4), (4, 87)):
        venues(first, last)
        forget()
        numbers.append(queries(client, address("races", raced)))
    page = client.get(address("races", raced))
    assert [len(each["venues"]) for each in page.context["races"]] == [86]
    assert numbers == [one] * 3
    assert one <= MOST_QUERIES


def test_a_board_asks_as_often_however_long_it_is(login, world):
    client = login(OPERATOR)
    numbers = []
    for first, last, at in ((0, 1, "20:00"), (1, 3, "21:00"), (3, 45, "22:00")):
        for number in range(first, last):
            world.seller(f"s{number:02}")
        world.make(f"2023-05-16 {at}")
        board = world.board(f"2023-05-16 {at}")
        numbers.append(
            [
                queries(client, address("board", world, board.pk, show=show))
                for show in ("ranks", "stands", "left")
            ]
        )
    assert BoardRow.objects.filter(board=board).count() == 45
    assert numbers[0] == numbers[1] == numbers[2]
    assert max(numbers[0]) <= MOST_QUERIES
