"""The world of the other marketplaces' rulebook: built once, and as it was again for every test."""

import pytest
from django.core.management import call_command

from tests.rules.other_marketplaces import season
from tests.rules.other_marketplaces.world import World


@pytest.fixture(scope="package")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """The rulebook loaded, its season played to the morning after a night; the night's summary.

    Outside any test's transaction.
    """
    with django_db_blocker.unblock():
        yield season.play(World.build(tmp_path_factory.mktemp("other_marketplaces")))
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def world(built, db, tmp_path):
    """A marketplace under the rulebook, the morning after a night."""
    return World(tmp_path)


@pytest.fixture
def summary(built):
    """What `manage.py nightly` said of the night."""
    return built
