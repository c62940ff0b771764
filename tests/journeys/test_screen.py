"""A data screen on a wall: it fills, follows what is sold, and says when it cannot."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from campaigns import screen_keys
from sellers import clock
from tests.campaigns.sales_world import AT, ENDS, SalesWorld, busy_world
from tests.journeys.conftest import Visitor
from tests.times import local

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# How far things moved on the page, by themselves, since it was loaded.
SHIFTED = """() => new Promise((done) => {
  let moved = 0;
  const seen = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) moved += entry.hadRecentInput ? 0 : entry.value;
  });
  seen.observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(moved), 200);
})"""

PLACES = """() => [...document.querySelectorAll(".panel, h2, .figure, .top > *, .bar, canvas")]
  .map((box) => box.getBoundingClientRect())
  .filter((box) => box.height)
  .map((box) => [box.x, box.y, box.height])"""


@pytest.fixture
def at(monkeypatch):
    """Set the installation's clock."""

    def set_to(instant):
        monkeypatch.setattr(clock, "now", lambda: instant)

    set_to(AT)
    return set_to


@pytest.fixture
def screen(live_server, settings):
    """Open a world's screen, by its address with a key, in somebody's browser."""
    settings.SCREEN_SECONDS = 1

    def open_for(visitor, world):
        screen_keys.renew(world.campaign)
        key = screen_keys.token_of(world.campaign)
        address = f"/screen/{world.campaign.code}/?key={key}&language={visitor.language}"
        visitor.page.goto(f"{live_server.url}{address}")
        expect(visitor.page.locator("body")).not_to_have_attribute("data-phase", "asking")
        visitor.look()
        return visitor.page

    return open_for


@pytest.fixture
def window(browser, live_server):
    """A browser of a width, a theme and a liking of motion, in English."""
    contexts = []

    def open_one(width=1920, height=1080, theme="light", motion="no-preference"):
        context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=theme,
            reduced_motion=motion,
        )
        contexts.append(context)
        return Visitor(context.new_page(), live_server.url, "en")

    yield open_one
    for context in contexts:
        context.close()


def total(page):
    return page.locator("[data-total]")


def news(page):
    return page.locator("[data-news]")


def test_the_screen_of_a_sale_that_goes_on(visitor, screen, at):
    world = busy_world()
    world.add_up(AT)
    world.make(AT)

    page = screen(visitor, world)

    assert page.locator("body").get_attribute("data-phase") == "live"
    expect(total(page)).to_have_text("11,872,092.36")
    expect(news(page)).to_have_attribute("data-tone", "good")
    assert page.locator("[data-share]").inner_text().count("49.4") == 1
    items = page.locator('[data-ranking="item"] li:visible')
    assert (items.count(), items.first.locator(".amount").inner_text()) == (10, "1,602,707")
    assert page.locator('[data-ranking="seller"] [data-of]').inner_text().count("14:00") == 1
    assert page.locator('[data-step="approved"] .value').inner_text() == "39,120"
    assert page.locator("[data-board]").inner_text().count("15:00") == 1


def test_before_the_sale_it_counts_down(visitor, screen, at):
    at(local("2023-05-15 18:29:59"))

    page = screen(visitor, SalesWorld())

    expect(page.locator("[data-countdown]")).to_contain_text("01:30:0")
    assert page.locator("main > .panel:visible").count() == 1
    assert not total(page).is_visible()


def test_after_the_sale_it_shows_the_final_result(visitor, screen, at):
    world = busy_world()
    world.add_up(ENDS)
    at(local("2023-05-22 10:00"))

    page = screen(visitor, world)

    assert page.locator("body").get_attribute("data-phase") == "after"
    expect(total(page)).to_have_text("57,573,300.00")
    assert page.locator("[data-share]").inner_text().count("239.8") == 1
    assert not page.locator("[data-countdown]").is_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), [(768, 1024), (1440, 900), (1920, 1080)])
def test_it_is_accessible_in_both_themes(window, screen, at, theme, width, height):
    world = busy_world()
    world.add_up(AT)
    page = screen(window(width, height, theme), world)
    if width >= 1440:
        tall = page.evaluate("document.documentElement.scrollHeight - innerHeight")
        assert tall <= 0, "a wall cannot be scrolled"


def test_it_follows_what_is_sold_and_nothing_jumps(window, screen, at):
    world = SalesWorld()
    item = world.item("a", title="Silk scarf")
    world.sold(item, "2023-05-17 13:00", "5.00", quantity=1)
    world.target("20.00")
    world.add_up(AT)
    visitor = window()
    page = screen(visitor, world)
    expect(total(page)).to_have_text("5.00")
    before, places = page.evaluate(SHIFTED), page.evaluate(PLACES)

    world.sold(item, "2023-05-17 13:00", "1234567.89", quantity=1000)
    world.add_up(AT + timedelta(minutes=1), whole=True)
    at(AT + timedelta(minutes=1))

    expect(total(page)).to_have_text("1,234,567.89")
    expect(page.locator('[data-ranking="item"] .amount').first).to_have_text("1,234,568")
    expect(page.locator("[data-table] tbody tr").nth(13).locator("td").first).to_have_text(
        "1,234,568"
    )
    assert page.evaluate(PLACES) == places
    # Digits that grow to the left are all that moves; a reader's eye is lost from 0.1 on.
    assert page.evaluate(SHIFTED) - before < 0.005
    assert visitor.complaints == []


def test_a_lost_connection_is_told_and_found_again(window, screen, at):
    world = SalesWorld()
    world.add_up(AT)
    page = screen(window(), world)
    expect(news(page)).to_have_attribute("data-tone", "good")

    page.route("**/data.json*", lambda route: route.abort())
    expect(news(page)).to_have_attribute("data-tone", "bad")
    expect(news(page)).to_contain_text("No connection")
    assert total(page).inner_text() == "0.00"

    page.unroute("**/data.json*")
    expect(news(page)).to_have_attribute("data-tone", "good", timeout=20_000)


def test_it_waits_longer_after_every_failure(window, screen, at):
    world = SalesWorld()
    world.add_up(AT)
    page = screen(window(), world)
    asked = []
    page.route("**/data.json*", lambda route: (asked.append(1), route.fulfill(status=500)))
    # At 1, 2, 4 and 8 seconds; every second it would be seven.
    page.wait_for_timeout(8_000)
    assert 2 <= len(asked) <= 4


def test_a_withdrawn_address_is_told(window, screen, at):
    world = SalesWorld()
    world.add_up(AT)
    page = screen(window(), world)
    screen_keys.withdraw(world.campaign)
    expect(news(page)).to_contain_text("log in again")


def test_old_sales_are_told(window, screen, at):
    world = SalesWorld()
    world.add_up(AT)
    page = screen(window(), world)
    at(AT + timedelta(minutes=16))
    expect(news(page)).to_have_attribute("data-tone", "warn")
    expect(news(page)).to_contain_text("17 May, 14:05")


def test_the_theme_that_was_chosen_is_kept(window, screen, at):
    world = busy_world()
    world.add_up(AT)
    visitor = window(theme="light")
    page = screen(visitor, world)
    page.get_by_role("button", name="Dark").click()
    visitor.look()
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    expect(page.get_by_role("button", name="Light")).to_be_visible()


def test_the_chart_can_be_read_as_a_table(window, screen, at):
    world = busy_world()
    world.add_up(AT)
    visitor = window()
    page = screen(visitor, world)
    summary = "17 May: 9,893,407 so far; the best hour is 13:00 with 1,148,908."
    expect(page.locator("canvas")).to_have_attribute("aria-label", summary)
    page.get_by_role("button", name="As a table").click()
    visitor.look()
    row = page.get_by_role("row", name="13:00")
    expect(row).to_be_visible()
    expect(row).to_contain_text("1,148,908")


def test_who_wants_no_motion_gets_none(window, screen, at):
    world = busy_world()
    world.add_up(AT)
    page = screen(window(motion="reduce"), world)
    moves = page.locator(".bar").first.evaluate("bar => getComputedStyle(bar).transitionDuration")
    assert moves == "0s"
    assert page.evaluate("chart.chart.options.animation") is False
    other = screen(window(), world)
    assert other.evaluate("chart.chart.options.animation.duration") == 500
