"""A wrong value stops the start, and its message begins with the variable's name."""

import os
import re
import runpy
import subprocess
import sys
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PRODUCTION = {
    "MODE": "production",
    "SECRET_KEY": "d3kL0q-9xZ_Vb7nT2mW5sR8yP1cH4gJ6fA-eU0iO3tQ7vN9zX2bM5kS8",
    "ALLOWED_HOSTS": "paddock.example.com",
    "DATABASE_URL": "postgres://paddock:secret@db.example.com:5432/paddock",
    "REDIS_URL": "redis://cache.example.com:6379/0",
}


@pytest.fixture
def read(monkeypatch, tmp_path):
    """Read the settings anew under an environment of their own, and return them by name."""

    def read(**variables: str) -> dict:
        monkeypatch.setattr(os, "environ", {"VAR_DIR": str(tmp_path), **variables})
        monkeypatch.setattr("environ.Env.ENVIRON", os.environ)
        return runpy.run_path(str(settings.BASE_DIR / "config" / "settings.py"))

    return read


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MODE", "staging"),
        ("DEBUG", "maybe"),
        ("VAR_DIR", "relative/folder"),
        ("DATABASE_URL", "mysql://localhost/paddock"),
        ("DATABASE_URL", "postgres://localhost:notaport/paddock"),
        ("DATABASE_URL", "postgres://localhost:5432/"),
        ("DATABASE_URL", "paddock.sqlite3"),
        ("REDIS_URL", "http://localhost:6379"),
        ("REDIS_URL", "redis://localhost:99999999"),
        ("TIME_ZONE", "Asia/Nowhere"),
        ("TIME_ZONE", "../etc/passwd"),
        ("CLOCK_START", "15/05/2023"),
        ("CLOCK_EPOCH", "yesterday"),
        ("CLOCK_EPOCH", "1684112400"),
        ("LANGUAGE_CODE", "fr"),
        ("QUEUE_DIR", "queue"),
        ("MAX_UPLOAD_MB", "0"),
        ("MAX_UPLOAD_MB", "ten"),
        ("MAX_UPLOAD_MB", "-3"),
        ("PROXY_COUNT", "6"),
        ("LOGIN_FAILURE_LIMIT", "0"),
        ("LOGIN_COOLOFF_HOURS", "1.5"),
        ("METRICS_PUBLIC", "2"),
        ("CSRF_TRUSTED_ORIGINS", "paddock.example.com"),
        ("ALLOWED_HOSTS", "one.example.com,,two.example.com"),
        ("EMAIL_URL", "ftp://mail.example.com"),
        ("SCREEN_SECONDS", "4"),
        ("SCREEN_SECONDS", "often"),
        ("NOTICE_SCHEMES", "dingtalk,gopher"),
        ("NOTICE_SCHEMES", "dingtalk,,feishu"),
        ("NOTICE_SCHEMES", "dingtalk,dingtalk"),
        ("NOTICE_SCHEMES", "DingTalk"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_wrong_value_is_refused_by_name(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name}: "):
        read(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_POOL_SIZE", "many"),
        ("REDIS_VISIBILITY_TIMEOUT", "59"),
        ("SSL_REDIRECT", "perhaps"),
        ("HSTS_SECONDS", "1 year"),
        ("DEBUG", "true"),
    ],
)
def test_a_wrong_value_of_production_is_refused_by_name(read, name, value):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name}: "):
        read(**{**PRODUCTION, name: value})


@pytest.mark.parametrize("name", ["SECRET_KEY", "ALLOWED_HOSTS", "REDIS_URL"])
@pytest.mark.parametrize("how", ["missing", "empty"])
def test_production_does_not_start_without(read, name, how):
    variables = {**PRODUCTION, name: ""}
    if how == "missing":
        del variables[name]
    with pytest.raises(ImproperlyConfigured, match=rf"^{name}: must be set"):
        read(**variables)


def test_a_password_is_not_told(read):
    with pytest.raises(ImproperlyConfigured) as caught:
        read(DATABASE_URL="postgres://paddock:s3cret@localhost:notaport/paddock")
    assert "s3cret" not in str(caught.value)


def test_the_start_itself_is_stopped():
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "MODE": "staging"},
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "MODE: expected one of embedded, production, found 'staging'" in done.stderr


def test_embedded_needs_nothing(read, tmp_path):
    found = read()
    assert found["DATABASES"]["default"]["NAME"] == str(tmp_path / "paddock.sqlite3")
    assert found["DATABASES"]["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert found["DATABASES"]["default"]["ATOMIC_REQUESTS"] is False
    assert found["CELERY_BROKER_URL"] == "files://localhost"
    assert found["TIME_ZONE"] == "Asia/Shanghai"
    assert found["CLOCK_START"] is None
    assert found["DEBUG"] is False


def test_the_key_of_an_embedded_installation_is_kept(read, tmp_path):
    key = read()["SECRET_KEY"]
    assert len(key) >= 50
    assert read()["SECRET_KEY"] == key
    assert (tmp_path / "secret_key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.glob("secret_key*")] == ["secret_key"]


def test_a_clock_start_without_an_offset_is_local(read):
    found = read(CLOCK_START="2018-05-15T09:00", TIME_ZONE="America/Sao_Paulo", CLOCK_EPOCH="1e9")
    assert found["CLOCK_START"] == datetime(2018, 5, 15, 9, tzinfo=ZoneInfo("America/Sao_Paulo"))
    assert found["CLOCK_EPOCH"] == 1e9


def test_a_database_of_production(read):
    database = read(**PRODUCTION)["DATABASES"]["default"]
    assert database["ENGINE"] == "django.db.backends.postgresql"
    assert (database["HOST"], database["PORT"]) == ("db.example.com", 5432)
    assert database["CONN_MAX_AGE"] == 60
    pooled = read(**PRODUCTION, DATABASE_POOL_SIZE="7")["DATABASES"]["default"]
    assert pooled["OPTIONS"]["pool"]["max_size"] == 7
    assert "CONN_MAX_AGE" not in pooled


@pytest.mark.parametrize("word", ["1", "true", "Yes", "ON"])
def test_words_for_true(read, word):
    assert read(METRICS_PUBLIC=word)["METRICS_PUBLIC"] is True


@pytest.mark.parametrize("word", ["0", "false", "No", "off", ""])
def test_words_for_false(read, word):
    assert read(METRICS_PUBLIC=word)["METRICS_PUBLIC"] is False


def test_the_deployment_check_is_clean():
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], **PRODUCTION},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues (0 silenced)" in done.stdout


def test_every_variable_is_on_the_administrators_page():
    source = (settings.BASE_DIR / "config" / "settings.py").read_text()
    names = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', source))
    page = (settings.BASE_DIR / "docs" / "deploying.md").read_text()
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", page, flags=re.MULTILINE))
    assert len(names) > 20
    assert names == told
