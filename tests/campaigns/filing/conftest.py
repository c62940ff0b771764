"""A campaign that takes items, and a shop that has joined."""

import pytest

from tests.factories import (
    RegistrationFactory,
    open_campaign,
)


@pytest.fixture
def opened():
    return open_campaign()


@pytest.fixture
def registration(opened):
    return RegistrationFactory(campaign=opened.campaign, version=opened.version)
