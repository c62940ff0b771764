"""The Double 12 rulebook's world: built once for the package, as it was again for every test."""

import pytest
from django.core.management import call_command
from django.urls import reverse

from sellers import clock
from sellers.models import Seller
from tests.factories import MembershipFactory
from tests.rules.d12.world import World
from tests.times import local


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


@pytest.fixture
def workbench(world, client, monkeypatch):
    """Pages of the seller "s1" at a local time: by the name of the address, the answer."""
    seller = Seller.objects.get(code="s1")
    client.force_login(MembershipFactory(seller=seller).user)

    def page(name, *arguments, at, **query):
        monkeypatch.setattr(clock, "now", lambda: local(at))
        answer = client.get(reverse(f"portal:{name}", args=[seller.pk, *arguments]), query)
        assert answer.status_code == 200
        return answer

    return page
