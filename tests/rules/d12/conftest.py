"""The Double 12 rulebook's world: built once for the package, as it was again for every test."""

import pytest
from django.core.management import call_command

from tests.rules.d12.world import World


@pytest.fixture(scope="package")
def built(django_db_setup, django_db_blocker, tmp_path_factory):
    """The rulebook loaded and the facts fed, outside any test's transaction."""
    with django_db_blocker.unblock():
        try:
            World.build(tmp_path_factory.mktemp("d12"))
            yield
        finally:
            call_command("flush", interactive=False, verbosity=0)


@pytest.fixture
def world(built, db, tmp_path):
    """A marketplace under the Double 12 rulebook."""
    return World(tmp_path)
