"""The installation's own pages in a real browser: nothing is refused by the content policy."""

import pytest
from playwright.sync_api import Page

from sellers.models import User

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PASSWORD = "quiet-harbour-71"


@pytest.fixture
def complaints(page: Page) -> list[str]:
    """What the browser complains of: the policy's refusals, missing files, errors of scripts."""
    found: list[str] = []
    page.on("console", lambda line: found.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("requestfailed", lambda request: found.append(f"failed: {request.url}"))
    return found


def log_in(page: Page, address: str) -> None:
    User.objects.create_superuser("mei", password=PASSWORD)
    page.goto(f"{address}/accounts/login/")
    page.get_by_label("Username").fill("mei")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").click()


def test_the_page_of_the_api_works_under_the_strict_policy(page, live_server, complaints):
    page.goto(f"{live_server}/api/docs/")
    page.get_by_text("/api/token/").first.wait_for()
    assert complaints == []


def test_the_login_page_leads_staff_to_the_admin(page, live_server, complaints):
    log_in(page, live_server.url)
    page.wait_for_url("**/admin/")
    page.wait_for_load_state("networkidle")
    assert complaints == []


def test_the_language_is_switched_without_a_script(browser, live_server):
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server}/accounts/login/")
    assert page.locator("html").get_attribute("lang") == "en"
    page.locator("button[name=language][value=zh-hans]").click()
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    context.close()
