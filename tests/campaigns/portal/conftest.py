"""A shop, somebody who acts for it, and a campaign that takes registrations."""

from types import SimpleNamespace

import pytest
from django.urls import reverse

from campaigns.models import Requirement
from sellers import clock
from tests.factories import (
    FILED,
    MembershipFactory,
    RegistrationFactory,
    RequirementFactory,
    SellerFactory,
    open_campaign,
)


@pytest.fixture
def at(monkeypatch):
    """The instant that the pages are shown at; ``at.set(...)`` moves it."""
    told = SimpleNamespace(now=FILED)
    told.set = lambda instant: setattr(told, "now", instant)
    monkeypatch.setattr(clock, "now", lambda: told.now)
    return told


@pytest.fixture
def shop(db):
    return SellerFactory(name="Moonlight Gifts")


@pytest.fixture
def user(shop):
    return MembershipFactory(seller=shop).user


@pytest.fixture
def pages(client, user, shop, at):
    """Addresses and requests of the shop's pages, by the name of the address."""
    client.force_login(user)

    def address(name, *arguments):
        return reverse(f"portal:{name}", args=[shop.pk, *arguments])

    def get(name, /, *arguments, expect=200, **query):
        answer = client.get(address(name, *arguments), query)
        assert answer.status_code == expect
        return answer

    def post(name, /, *arguments, expect=302, **data):
        answer = client.post(address(name, *arguments), data)
        assert answer.status_code == expect
        return answer

    return SimpleNamespace(address=address, get=get, post=post, client=client, seller=shop)


@pytest.fixture
def opened(db):
    """The open campaign with a price requirement on items and one on the shop."""
    made = open_campaign(title={"en": "Main venue", "zh-hans": "主会场"})
    made.campaign.title = {"en": "Gifting season", "zh-hans": "礼遇季"}
    made.campaign.save()
    RequirementFactory(
        version=made.version,
        code="bound",
        title={"en": "The messenger is bound", "zh-hans": "已绑定钉钉"},
        remedy={"en": "Bind it.", "zh-hans": "请绑定。"},
        subject=Requirement.Subject.SELLER,
        require=["seller.dingtalk_bound", "==", True],
        stages={"admission": "reject"},
    )
    RequirementFactory(
        version=made.version,
        code="cheap",
        title={"en": "The price is low enough", "zh-hans": "价格够低"},
        remedy={"en": "Lower it.", "zh-hans": "请降价。"},
        require=["entry.activity_price", "<=", {"metric": "item.list_price", "times": "0.9"}],
        stages={"admission": "reject"},
    )
    return made


@pytest.fixture
def registration(opened, shop):
    return RegistrationFactory(campaign=opened.campaign, seller=shop, version=opened.version)


@pytest.fixture
def codes(opened):
    """The campaign's and the venue's code, as addresses have them."""
    return opened.campaign.code, opened.venue.code


def text_of(answer) -> str:
    """What a page says, without its tags, spaces made one."""
    from html.parser import HTMLParser

    words = []
    parser = HTMLParser()
    parser.handle_data = words.append
    parser.feed(answer.content.decode())
    return " ".join(" ".join(words).split())
