"""Redis and a real worker: what is sent is done, and done again when its worker was killed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.cache.backends.redis import RedisCache

from config.celery import app
from config.tasks import clear_expired
from tests.config.test_processes import wait_for

pytestmark = pytest.mark.worker


def expired_session(key: str) -> None:
    Session.objects.create(session_key=key, expire_date=datetime(2020, 1, 1, tzinfo=UTC))


@pytest.mark.django_db(transaction=True)
def test_a_job_is_done_by_another_process(worker):
    expired_session("old")
    worker.start()
    clear_expired.delay()
    wait_for(lambda: not Session.objects.exists(), seconds=30)


@pytest.mark.django_db(transaction=True)
def test_a_job_waits_for_a_worker_that_was_killed(worker):
    worker.start()
    worker.kill()
    expired_session("old")
    clear_expired.delay()
    worker.start()
    wait_for(lambda: not Session.objects.exists(), seconds=30)


@pytest.mark.django_db(transaction=True)
def test_a_message_in_hand_comes_back_after_the_worker_was_killed(worker, settings):
    """The message is taken and not acknowledged until its work is done (acks_late)."""
    assert app.conf.task_acks_late
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        channel.queue_declare("default")
        clear_expired.apply_async(connection=connection)
        message = channel.basic_get("default")
        assert message is not None
        assert channel.queue_declare("default").message_count == 0
        # What a restart after `visibility_timeout` does, without the wait.
        channel.qos.restore_by_tag(message.delivery_tag)
        assert channel.queue_declare("default").message_count == 1
    expired_session("old")
    worker.start()
    wait_for(lambda: not Session.objects.exists(), seconds=30)


def test_the_cache_of_production(settings):
    cache = RedisCache(settings.REDIS_URL, {"KEY_PREFIX": "paddock-test"})
    cache.set("price", "88.50", timeout=timedelta(minutes=1).total_seconds())
    assert cache.get("price") == "88.50"
    cache.delete("price")
    assert cache.get("price") is None
