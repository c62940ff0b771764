"""Logging in and out, the lockout, passwords and the language."""

import re

import pytest
from django.core import mail
from django.test import Client

from sellers.models import User

PASSWORD = "quiet-harbour-71"


@pytest.fixture
def user(db) -> User:
    return User.objects.create_user("mei", "mei@example.com", PASSWORD)


def log_in(client: Client, password: str = PASSWORD, username: str = "mei", **extra):
    return client.post("/accounts/login/", {"username": username, "password": password}, **extra)


def test_the_front_door_leads_to_the_login_page(client: Client):
    assert client.get("/").headers["Location"] == "/accounts/login/?next=/"


def test_logging_in_and_out(client: Client, user: User):
    assert log_in(client).status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert client.get("/accounts/logout/").status_code == 405
    assert client.post("/accounts/logout/").status_code == 302
    assert "_auth_user_id" not in client.session


def test_staff_land_in_the_admin(client: Client, user: User):
    User.objects.update(is_staff=True)
    client.force_login(user)
    assert client.get("/").headers["Location"] == "/admin/"


def test_five_wrong_passwords_lock_a_name_at_one_address(client: Client, user: User):
    assert [log_in(client, "wrong").status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    assert log_in(client).status_code == 429
    assert b"Too many failed logins" in log_in(client).content
    # The same person from elsewhere, and another name from here, are not locked out.
    assert log_in(client, REMOTE_ADDR="192.0.2.7").status_code == 302
    User.objects.create_user("li", password=PASSWORD)
    assert log_in(client, username="li").status_code == 302


def test_a_success_before_the_fifth_forgets_the_failures(client: Client, user: User):
    for _ in range(4):
        log_in(client, "wrong")
    assert log_in(client).status_code == 302
    client.logout()
    assert [log_in(client, "wrong").status_code for _ in range(4)] == [200] * 4


def test_a_forged_address_does_not_escape_the_lockout(client: Client, user: User):
    for number in range(5):
        log_in(client, "wrong", headers={"X-Forwarded-For": f"198.51.100.{number}"})
    assert log_in(client, headers={"X-Forwarded-For": "198.51.100.99"}).status_code == 429


def test_a_forgotten_password_is_replaced_by_mail(client: Client, user: User):
    client.post("/accounts/forgotten/", {"email": "mei@example.com"})
    assert mail.outbox[0].subject == "Paddock: choose a new password"
    link = re.search(r"http://testserver(/accounts/forgotten/\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    assert b"Choose a new password" in form.content
    new = {"new_password1": "slow-river-1842", "new_password2": "slow-river-1842"}
    assert client.post(form.request["PATH_INFO"], new, follow=True).status_code == 200
    user.refresh_from_db()
    assert user.check_password("slow-river-1842")
    assert b"This link no longer works" in client.get(link, follow=True).content


def test_an_unknown_address_learns_nothing(client: Client, user: User):
    known = client.post("/accounts/forgotten/", {"email": "mei@example.com"})
    unknown = client.post("/accounts/forgotten/", {"email": "nobody@example.com"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert len(mail.outbox) == 1


def test_the_language_is_kept_for_pages_and_for_notices(client: Client, user: User):
    client.force_login(user)
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/accounts/password/"})
    user.refresh_from_db()
    assert user.language == "zh-hans"
    assert b'<html lang="zh-hans">' in client.get("/accounts/password/").content


def test_a_language_we_do_not_have_changes_nothing(client: Client, user: User):
    client.force_login(user)
    client.post("/i18n/setlang/", {"language": "xx-nowhere"})
    user.refresh_from_db()
    assert user.language == ""


def test_the_language_does_not_lead_to_another_site(client: Client, db):
    response = client.post(
        "/i18n/setlang/", {"language": "en", "next": "https://evil.example.com/"}
    )
    assert response["Location"] == "/"
