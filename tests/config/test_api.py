"""The API's own addresses: token, schema and its page."""

import pytest
from django.test import Client

from sellers.models import User

PASSWORD = "quiet-harbour-71"


@pytest.fixture
def user(db) -> User:
    return User.objects.create_user("mei", password=PASSWORD)


def ask_token(client: Client, password: str):
    return client.post("/api/token/", {"username": "mei", "password": password})


def test_a_password_buys_a_token(client: Client, user: User):
    response = ask_token(client, PASSWORD)
    assert response.json() == {"token": user.auth_token.key}


def test_the_token_is_under_the_lockout(client: Client, user: User):
    assert [ask_token(client, "wrong").status_code for _ in range(5)] == [400] * 5
    response = ask_token(client, PASSWORD)
    assert response.status_code == 429
    assert "Too many failed logins" in response.json()["detail"]


def test_tokens_are_throttled(client: Client, user: User):
    assert [ask_token(client, PASSWORD).status_code for _ in range(11)] == [200] * 10 + [429]


def test_the_schema_is_complete_and_without_warnings(client: Client, db, capfd):
    response = client.get("/api/schema/", headers={"Accept": "application/json"})
    assert response.status_code == 200
    assert "/api/token/" in response.json()["paths"]
    assert capfd.readouterr().err == ""


def test_the_page_keeps_its_script_apart(client: Client, db):
    page = client.get("/api/docs/").content.decode()
    assert 'src="/api/docs/?script="' in page
    script = client.get("/api/docs/?script=")
    assert script["Content-Type"].startswith("application/javascript")
    assert "/api/schema/" in script.content.decode()
