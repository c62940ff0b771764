"""Whether the process is alive, and whether it may be sent work."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from config import health
from config.celery import app


@pytest.mark.django_db
def test_ready_when_everything_answers(client: Client, empty_queues):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ready",
        "checks": {
            "database": {"ok": True, "vendor": connection.vendor},
            "migrations": {"ok": True},
            "broker": {"ok": True, "waiting": {"default": 0, "sweeps": 0, "notices": 0}},
        },
    }


@pytest.mark.django_db
def test_waiting_messages_are_counted(client: Client, empty_queues):
    with app.connection_for_write() as broker:
        app.send_task("nobody.listens", queue="sweeps", connection=broker)
        waiting = client.get("/readyz").json()["checks"]["broker"]["waiting"]
        broker.default_channel.queue_purge("sweeps")
    assert waiting["sweeps"] == 1


@pytest.mark.django_db
def test_not_ready_with_a_migration_unapplied(client: Client):
    MigrationRecorder(connection).record_unapplied("sessions", "0001_initial")
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["status"] == "not ready"
    assert response.json()["checks"]["migrations"] == {
        "ok": False,
        "error": "1 unapplied, the first is sessions.0001_initial",
    }
    assert response.json()["checks"]["database"]["ok"] is True


@pytest.mark.django_db
def test_a_failing_check_tells_its_kind_and_not_its_text(client: Client, monkeypatch):
    def refuse() -> dict:
        raise ConnectionRefusedError("redis://:s3cret@cache:6379")

    monkeypatch.setitem(health.CHECKS, "broker", refuse)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"]["broker"] == {"ok": False, "error": "ConnectionRefusedError"}
    assert b"s3cret" not in response.content


def test_alive_without_asking_the_database(client: Client):
    # No django_db mark: touching the database would fail the test.
    response = client.get("/healthz")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_health_is_only_read(client: Client, address):
    assert client.post(address).status_code == 405


@pytest.mark.parametrize(
    ("token", "public", "sent", "status"),
    [
        ("", False, None, 404),
        ("", False, "Bearer ", 404),
        ("t0ken", False, None, 404),
        ("t0ken", False, "Bearer wrong", 404),
        ("t0ken", False, "Bearer t0ken", 200),
        ("", True, None, 200),
    ],
)
def test_metrics_are_for_who_knows_the_token(client, settings, token, public, sent, status):
    settings.METRICS_TOKEN = token
    settings.METRICS_PUBLIC = public
    headers = {"Authorization": sent} if sent is not None else {}
    response = client.get("/metrics", headers=headers)
    assert response.status_code == status
    if status == 200:
        assert b"django_http_requests_total_by_method_total" in response.content
