"""An operator's hour at the races: 86 venues, a board with much on it, a position by hand, what if.

With PICTURES set to a folder, pictures of the pages are kept there.
"""

import os
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db.models.functions import Length

from campaigns.models import Board, Pin, Placement, RaceSegment, RulebookVersion
from campaigns.rulebooks.versions import new_draft
from config.roles import sync_roles
from sellers import clock
from tests.campaigns.racing.world import RaceWorld, hour
from tests.factories import UserFactory, VenueTermsFactory
from tests.times import local

pytestmark = pytest.mark.browser

PASSWORD = "eighty-six-venues"
FOLDER = os.environ.get("PICTURES")
BRANCHES = 85
SHOPS = ("青禾旗舰店", "Northern Light Outdoor Store", "木屿家居", "Luma", "云上小筑官方旗舰店")


@pytest.fixture
def world(live_server, monkeypatch):
    """A main venue that 62 shops race for by weights, and 85 branches."""
    told = {"at": local("2023-05-17 10:20")}
    monkeypatch.setattr(clock, "now", lambda: told["at"])
    sync_roles()
    user = UserFactory(username="operator", password=make_password(PASSWORD), is_staff=True)
    user.groups.add(Group.objects.get(name="operator"))
    world = RaceWorld(title={"en": "Main venue", "zh-hans": "主会场"})
    world.clock = told
    world.campaign.title = {"en": "520 season", "zh-hans": "520 大促"}
    world.campaign.save()
    world.race(places=10, title={"en": "Best of the hour", "zh-hans": "小时榜"})
    world.segment(
        title={"en": "Sale, by the hour", "zh-hans": "正式期小时榜"},
        score="weights",
        measures=[
            {"sum": "clean_amount", "of": "seller", "weight": "0.7", "percentile": True,
             "title": {"en": "Clean sales", "zh-hans": "净成交额"}},
            {"ratio": [{"sum": "clean_amount", "of": "seller"}, {"sum": "buyers", "of": "seller"}],
             "weight": "0.2"},
            {"metric": "seller.growth_level", "weight": "0.1"},
        ],
    )  # fmt: skip
    branches = [
        VenueTermsFactory(
            version=world.version, code=f"branch-{number:02}", kind="branch",
            title={"en": f"Branch {number:02}", "zh-hans": f"行业分会场 {number:02}"},
        )
        for number in range(BRANCHES)
    ]  # fmt: skip
    world.race(
        code="branches", venue_codes=[], venue_kinds=["branch"], places=1, position=1,
        title={"en": "Branches, daily", "zh-hans": "分会场日榜"}, public=False,
    )  # fmt: skip
    world.segment(
        code="day", race="branches", every="day", facts="previous_day", position=1,
        title={"en": "Sale, by the day", "zh-hans": "正式期日榜"},
        measures=[{"sum": "cart_amount", "of": "seller"}],
    )  # fmt: skip
    for number in range(62):
        seller = world.seller(f"shop-{number:03}")
        seller.name = f"{SHOPS[number % len(SHOPS)]} {number}"
        seller.save()
        for at, turn in (("08:00", 7), ("09:00", 11)):
            amount = f"{(number * turn * 7919) % 100_003 + 0.25:.2f}"
            hour(seller, f"2023-05-17 {at}", paid_amount=amount, buyers=str(number % 9 + 1))
    # Boards begin with the version.
    RulebookVersion.objects.update(effective_at=local("2023-05-17 09:00"))
    world.version.refresh_from_db()
    world.make("2023-05-17 10:02")
    boards = Board.objects.bulk_create(
        Board(
            campaign=world.campaign, version=world.version, venue=terms.venue, unit="seller",
            race_code="branches", segment_code="day", starts_at=local("2023-05-17"),
            ends_at=local("2023-05-18"), facts_from=local("2023-05-16"),
            facts_to=local("2023-05-17"), places=1, candidates=1, state=Board.State.MADE,
            made_at=local("2023-05-17 00:02"), measures=[],
        )
        for terms in branches
    )  # fmt: skip
    Placement.objects.bulk_create(
        Placement(board=board, outcome="promoted", position=1, rank=1, seller=seller)
        for board in boards
    )
    return world


def keep(visitor, name):
    """Keep a picture of the whole page, if pictures are asked for."""
    if FOLDER:
        Path(FOLDER).mkdir(parents=True, exist_ok=True)
        width = visitor.page.viewport_size["width"]
        visitor.page.set_viewport_size({"width": width, "height": 1400})
        visitor.page.screenshot(path=f"{FOLDER}/{name}-{visitor.language}-{width}.png")
        visitor.page.set_viewport_size({"width": width, "height": 844})


def test_an_operator_watches_the_races(visitor, world):
    desk = f"/admin/campaigns/campaign/{world.campaign.pk}/races/"
    visitor.log_in("operator", PASSWORD)
    visitor.go("/admin/campaigns/campaign/races/")
    assert visitor.page.url.endswith(desk)
    keep(visitor, "desk")
    assert visitor.page.locator("#races [data-row]").count() == 1 + BRANCHES
    visitor.page.fill("[data-find]", "branch-" if visitor.language == "en" else "分会场 07")
    visitor.page.fill("[data-find]", "07")
    assert visitor.page.locator("#races [data-row]:visible").count() == 1
    visitor.page.select_option('select[name="race"]', "race")
    visitor.press(".paddock-race-tools button")
    assert visitor.page.locator("#races [data-row]").count() == 1

    # The board of the hour: ranking, who stands, who went.
    visitor.press(".paddock-boards tbody a")
    keep(visitor, "board")
    assert visitor.page.locator(".paddock-ranking tbody tr").count() == 50
    visitor.press('a[rel="next"]')
    assert visitor.page.locator(".paddock-ranking tbody tr").count() == 12
    visitor.press('.paddock-tabs a[href="?show=stands"]')
    assert visitor.page.locator(".paddock-ranking tbody tr").count() == 10
    keep(visitor, "stands")
    visitor.press('.paddock-tabs a[href="?show=left"]')
    keep(visitor, "left")
    visitor.page.fill('input[name="find"]', "shop-nobody")
    visitor.press(".paddock-race-tools button")
    assert "shop-nobody" in visitor.text()

    # What if: nothing by what each buyer paid.
    board = Board.objects.filter(race_code="race").latest("starts_at")
    visitor.go(f"/admin/campaigns/campaign/{world.campaign.pk}/boards/{board.pk}/what-if/")
    keep(visitor, "what-if-asked")
    visitor.page.fill('input[name="measures_2_weight"]', "0")
    visitor.press(".paddock-what-if .paddock-buttons button")
    keep(visitor, "what-if")
    visitor.page.locator("#outcome").scroll_into_view_if_needed()
    keep(visitor, "what-if-outcome")
    assert visitor.page.locator("#outcome .paddock-badge.good").count() > 0
    visitor.page.fill('input[name="measures_1_weight"]', "much")
    visitor.press(".paddock-what-if .paddock-buttons button")
    assert "much" in visitor.page.locator('[role="alert"]').first.inner_text()

    # A position by hand, refused for another, taken off.
    visitor.go(f"{desk}pins/")
    for code in ("shop-007", "shop-008"):
        visitor.page.fill('input[name="position"]', "3")
        visitor.page.fill('input[name="code"]', code)
        visitor.page.fill('input[name="reason"]', "品牌日 brand day")
        visitor.press('button[value="pin"]')
    keep(visitor, "pins")
    assert Pin.objects.get().seller.code == "shop-007"
    assert "shop-007" in visitor.page.locator(".errorlist").first.inner_text()
    visitor.press('button[value="take_off"]')
    assert not Pin.objects.filter(removed_at=None).exists()
    visitor.go(f"{desk}pins/?show=all")
    keep(visitor, "pins-all")
    past = f"{desk}past/?race=race&venue={world.venue.pk}"
    visitor.go(past)
    keep(visitor, "past")

    # Three hours later nobody has made boards.
    world.clock["at"] = local("2023-05-17 13:20")
    visitor.go(desk)
    keep(visitor, "overdue")
    visitor.press('a[href$="/races/make/"]')
    keep(visitor, "make")
    visitor.press(".paddock-confirm button[type=submit]")
    assert visitor.page.url.endswith(desk)
    assert Board.objects.filter(starts_at=local("2023-05-17 13:00")).exists()


def test_an_operator_drafts_races(visitor, world):
    draft = new_draft(world.campaign)
    visitor.log_in("operator", PASSWORD)
    visitor.go(f"/admin/campaigns/rulebookversion/{draft.pk}/change/")
    for model in ("race", "racesegment"):
        row = getattr(draft, f"{model}_set").order_by(Length("code")).last()
        visitor.go(f"/admin/campaigns/{model}/{row.pk}/change/")
        keep(visitor, f"form-{model}")
    hours = draft.racesegment_set.get(code="hours")
    visitor.go(f"/admin/campaigns/racesegment/{hours.pk}/change/")
    visitor.page.select_option('select[name="facts_time"]', "since:live")
    visitor.page.fill('input[name="measures_1_weight"]', "0.65")
    visitor.page.locator('input[name="measures_1_weight"]').scroll_into_view_if_needed()
    keep(visitor, "form-measures")
    with visitor.page.expect_navigation():
        visitor.page.locator('[name="_save"]').first.click()
    visitor.look()
    found = RaceSegment.objects.get(pk=hours.pk)
    assert (found.facts, found.measures[0]["weight"]) == ({"since": "live"}, "0.65")
    visitor.go(f"/admin/campaigns/rulebookversion/{draft.pk}/publish/")
    keep(visitor, "differences")


def test_a_campaign_before_its_first_board(visitor, world):
    Board.objects.all().delete()
    world.clock["at"] = local("2023-05-16 12:00")
    visitor.log_in("operator", PASSWORD)
    desk = f"/admin/campaigns/campaign/{world.campaign.pk}/races/"
    visitor.go(desk)
    keep(visitor, "none")
    visitor.go(f"{desk}pins/")
    visitor.go(f"{desk}past/?race=race&venue={world.venue.pk}")
    world.version.racesegment_set.all().delete()
    world.version.race_set.all().delete()
    visitor.go(desk)
    keep(visitor, "no-races")
