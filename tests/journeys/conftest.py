"""A browser, and somebody who looks at every page the way a reader would."""

import os
import shutil
from dataclasses import dataclass, field

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from campaigns.rulebooks import loading
from campaigns.rulebooks.versions import publish
from sellers import clock
from tests.times import local

NOW = local("2023-05-10 12:00")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LANGUAGES = ("en", "zh-hans")
WIDTHS = (390, 1440)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's own Chromium; CHROMIUM names another."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    return {
        **browser_type_launch_args,
        "executable_path": chromium,
        "args": CHROMIUM_ARGUMENTS,
    }


@pytest.fixture(params=[(language, width) for language in LANGUAGES for width in WIDTHS], ids=str)
def reader(request):
    """A language and the width of a window."""
    return request.param


@pytest.fixture
def browser_context_args(browser_context_args, request):
    """A window of the reader's width, a phone's if it is narrow."""
    if "reader" not in request.fixturenames:
        return browser_context_args
    _language, width = request.getfixturevalue("reader")
    return {**browser_context_args, "viewport": {"width": width, "height": 844}}


@pytest.fixture
def season(live_server, monkeypatch) -> Campaign:
    """The 520 season as its rulebook has it, on a day in its registration window."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    text, source = loading.open_rulebook("g520-2023")
    version = loading.load(text, source=source).version
    version = publish(version, at=local("2023-04-24"))
    version.campaign.refresh_from_db()
    return version.campaign


@dataclass
class Visitor:
    """A page in a browser, and what it complained of."""

    page: Page
    address: str
    language: str
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def _note(self, message):
        if message.type in {"error", "warning"}:
            self.complaints.append(message.text)

    def go(self, path: str) -> None:
        """Open an address and look at it."""
        self.page.goto(f"{self.address}{path}")
        self.look()

    def press(self, selector: str) -> None:
        """Press a button or follow a link that leads to another page, and look at that."""
        with self.page.expect_navigation():
            self.page.locator(selector).first.click()
        self.look()

    def look(self) -> None:
        """The page fits its window, is in its language, keeps to the policy, and is accessible."""
        # What a page fetches after it was loaded has arrived.
        expect(self.page.locator("[data-fragment]:empty")).to_have_count(0)
        where = self.page.url
        overflow = self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert overflow <= 0, f"{where} is {overflow} px wider than its window"
        assert self.page.locator("html").get_attribute("lang") == self.language, where
        assert self.complaints == [], where
        found = Axe().run(self.page)
        assert found.violations_count == 0, f"{where}\n{found.generate_report()}"

    def text(self) -> str:
        """What can be read on the page, spaces made one."""
        return " ".join(self.page.locator("body").inner_text().split())

    def log_in(self, name: str, password: str) -> None:
        """Choose the language, then log in, as people do."""
        self.page.goto(f"{self.address}/accounts/login/")
        other = self.page.locator(f'button[name="language"][value="{self.language}"]')
        if other.count():
            with self.page.expect_navigation():
                other.click()
        self.look()
        self.page.fill('input[name="username"]', name)
        self.page.fill('input[name="password"]', password)
        self.press('main button[class*="btn-primary"]')


@pytest.fixture
def visitor(page, live_server, reader):
    """Somebody with a browser, before logging in."""
    language, _width = reader
    return Visitor(page, live_server.url, language)
