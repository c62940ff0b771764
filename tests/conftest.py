"""What every test runs under."""

import os
import shutil
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core.cache import cache

from campaigns import published
from config.celery import app
from config.schedule import QUEUES
from tests.workers import Worker


def pytest_configure(config: pytest.Config) -> None:
    """Keep a run's messages, requests counted and passwords to itself, and quick."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if not settings.REDIS_URL:
        app.conf.broker_url = "memory://"
        app.conf.broker_transport_options = {}


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs a service that this run was not given."""
    on_postgres = settings.DATABASES["default"]["ENGINE"].endswith("postgresql")
    with_worker = on_postgres and bool(settings.REDIS_URL)
    missing = {
        marker
        for marker, available in {"postgres": on_postgres, "worker": with_worker}.items()
        if not available
    }
    kept, left_out = [], []
    for item in items:
        names = {mark.name for mark in item.iter_markers()}
        (left_out if missing & names else kept).append(item)
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = kept
    if any(item.get_closest_marker("browser") for item in kept):
        # Playwright runs an event loop in the thread in which the tests use the database.
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Start every test with no request counted against a limit."""
    cache.clear()


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Start every test with no published rulebook read: the next one's rows may be other rows."""
    published.forget()


@pytest.fixture
def empty_queues() -> None:
    """Drop what other tests left in the queues."""
    with app.connection_for_write() as connection:
        for queue in QUEUES:
            connection.default_channel.queue_declare(queue)
            connection.default_channel.queue_purge(queue)


@pytest.fixture
def worker(transactional_db, empty_queues) -> Iterator[Worker]:
    """A worker process that is not yet started, on empty queues; it ends with the test."""
    found = Worker()
    yield found
    found.kill()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Run the system's Chromium; as root, as in CI, it has no sandbox."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": found, "args": arguments}
