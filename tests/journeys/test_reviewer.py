"""A reviewer works the queue: looks at the evidence, approves many, rejects one with a reason."""

import pytest
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group

from campaigns.models import Entry, ReasonTemplate
from campaigns.registering import FilingRow, file_entries, join
from config.roles import sync_roles
from tests.factories import (
    CategoryFactory,
    ItemFactory,
    ListPriceFactory,
    SellerFactory,
    UserFactory,
    VenueAssignmentFactory,
)
from tests.journeys.conftest import NOW
from tests.times import local

pytestmark = pytest.mark.browser

PASSWORD = "a-queue-of-my-own"
QUEUE = "/admin/campaigns/entry/"


@pytest.fixture
def queue(season):
    """Three items that wait for review, one more that was refused, and a reviewer."""
    sync_roles()
    season.refresh_from_db()
    seller = SellerFactory(code="S1", name="Moonlight Gifts 月光礼品店")
    category = CategoryFactory(code="handbags")
    codes = []
    for number in range(4):
        item = ItemFactory(
            seller=seller, category=category, code=f"BAG-{number}", title=f"Handbag {number}",
            first_listed_at=local("2023-05-01"), ship_time_hours=72 if number == 3 else 24,
        )  # fmt: skip
        ListPriceFactory(item=item)
        codes.append(item.code)
    actor = UserFactory()
    joined = join(campaign=season, seller=seller, at=NOW, actor=actor)
    assert [finding.code for finding in joined.findings] == []
    registration = joined.registration
    rows = [
        FilingRow(item=code, price="88.00", list_source="stock_list",
                  tools=("cross_shop_reduction",))
        for code in codes
    ]  # fmt: skip
    venue = season.venues.get()
    file_entries(
        registration=registration, venue=venue, rows=rows, at=NOW, actor=actor, key="first"
    )
    ReasonTemplate.objects.create(
        code="picture", text={"en": "The picture is unclear", "zh-hans": "主图不清晰"}
    )
    user = UserFactory(username="reviewer", password=make_password(PASSWORD), is_staff=True)
    user.groups.add(Group.objects.get(name="reviewer"))
    VenueAssignmentFactory(user=user, venue=venue)
    return Entry.objects.filter(status="in_review").order_by("pk")


def choose(visitor, entry):
    """Tick an entry of the list."""
    visitor.page.locator(f'input[name="_selected_action"][value="{entry.pk}"]').check()


def act(visitor, name):
    """Choose what to do with the ticked ones, and go on to the question."""
    visitor.page.locator('select[name="action"]').first.select_option(name, force=True)
    with visitor.page.expect_navigation():
        visitor.page.locator("#changelist-form").evaluate("form => form.requestSubmit()")
    visitor.look()


def test_a_reviewer_works_the_queue(visitor, queue):
    first, second, third = queue
    visitor.log_in("reviewer", PASSWORD)

    visitor.go(QUEUE)
    assert "Handbag 0" in visitor.text()
    assert "Handbag 3" not in visitor.text()

    visitor.go(f"{QUEUE}{first.pk}/change/")
    assert "88.00" in visitor.text()
    refused = Entry.objects.get(status="rejected")
    visitor.go(f"{QUEUE}{refused.pk}/change/")
    text = visitor.text()
    assert "72" in text
    assert "48" in text

    visitor.go(QUEUE)
    choose(visitor, first)
    choose(visitor, second)
    act(visitor, "approve")
    assert visitor.page.locator("table .number").first.inner_text() == "2"
    visitor.press(".paddock-confirm button[type=submit]")
    assert set(Entry.objects.filter(status="approved")) == {first, second}

    choose(visitor, third)
    act(visitor, "reject")
    visitor.page.locator('select[name="template"]').select_option(index=1)
    visitor.page.fill('textarea[name="note"]', "Please send another one. 请更换图片。")
    visitor.press(".paddock-confirm button[type=submit]")
    third.refresh_from_db()
    assert third.status == "rejected"
