"""The content security policy: strict on every page, relaxed under the admin alone."""

import pytest
from django.test import Client

from sellers.models import User

STRICT = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "manifest-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'self'",
    "frame-ancestors": "'none'",
}
RELAXED = {
    **STRICT,
    "script-src": "'self' 'unsafe-eval'",
    "style-src": "'self' 'unsafe-inline'",
}


def policy(response) -> dict[str, str]:
    parts = response["Content-Security-Policy"].split(";")
    return dict(part.strip().split(" ", 1) for part in parts)


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/api/docs/", "/nothing/here", "/healthz"])
def test_strict_outside_the_admin(client: Client, address):
    assert policy(client.get(address)) == STRICT


@pytest.mark.django_db
def test_relaxed_in_the_admin(client: Client):
    assert policy(client.get("/admin/login/")) == RELAXED
    client.force_login(User.objects.create_superuser("admin"))
    assert policy(client.get("/admin/")) == RELAXED


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/forgotten/", "/api/docs/"])
def test_pages_obey_it(client: Client, address):
    page = client.get(address).content.decode()
    assert "<style" not in page
    assert " style=" not in page
    assert " onclick=" not in page
    assert "<script>" not in page
