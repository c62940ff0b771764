"""What a load balancer and an orchestrator ask: is the process alive, and may it be sent work."""

from collections.abc import Callable

import structlog
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from config.celery import app
from config.schedule import QUEUES

logger = structlog.get_logger(__name__)


class NotReadyError(Exception):
    """A check's finding, told to whoever asks."""


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 whenever the process can answer at all; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Answer 200 when every check passes, else 503; each check is told with its outcome.

    A failure names its kind only: the page is open, and an error's text may hold an address.
    """
    results = {}
    for name, check in CHECKS.items():
        try:
            results[name] = {"ok": True, **check()}
        except NotReadyError as finding:
            results[name] = {"ok": False, "error": str(finding)}
        except Exception as error:
            logger.warning("readiness check failed", check=name, exc_info=True)
            results[name] = {"ok": False, "error": type(error).__name__}
    ready = all(result["ok"] for result in results.values())
    return JsonResponse(
        {"status": "ready" if ready else "not ready", "checks": results},
        status=200 if ready else 503,
    )


def _database() -> dict:
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return {"vendor": connection.vendor}


def _migrations() -> dict:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        migration = missing[0][0]
        raise NotReadyError(
            f"{len(missing)} unapplied, the first is {migration.app_label}.{migration.name}"
        )
    return {}


def _broker() -> dict:
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=2)
        channel = connection.default_channel
        waiting = {queue: channel.queue_declare(queue).message_count for queue in QUEUES}
    return {"waiting": waiting}


CHECKS: dict[str, Callable[[], dict]] = {
    "database": _database,
    "migrations": _migrations,
    "broker": _broker,
}
