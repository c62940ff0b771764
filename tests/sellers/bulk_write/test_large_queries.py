"""What PostgreSQL is told for statements over very many rows, and that it is told so no longer."""

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction

from sellers.bulk_write import large_queries
from sellers.models import LegalEntity

pytestmark = pytest.mark.django_db


def settings_of_the_session():
    """PostgreSQL's settings jit and work_mem; SQLite has neither."""
    if connection.vendor == "sqlite":
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('jit'), current_setting('work_mem'),"
            " current_setting('random_page_cost'), current_setting('synchronous_commit')"
        )
        return cursor.fetchone()


def on_postgresql(*values):
    return values if connection.vendor == "postgresql" else None


def test_large_queries_get_memory_and_give_it_back():
    before = settings_of_the_session()
    with large_queries():
        assert settings_of_the_session() == on_postgresql("off", "64MB", "1.1", "off")
    assert settings_of_the_session() == before


def test_large_queries_take_nothing_away_that_was_given():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET work_mem = '100MB'")
            cursor.execute("SET random_page_cost = 1")
    with large_queries():
        assert settings_of_the_session() == on_postgresql("off", "100MB", "1", "off")


def test_large_queries_that_fail_leave_no_setting_behind():
    before = settings_of_the_session()
    with pytest.raises(IntegrityError), transaction.atomic(), large_queries():
        LegalEntity.objects.bulk_create([LegalEntity(code="a"), LegalEntity(code="a")])
    assert settings_of_the_session() == before


def of_the_session(name, value):
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, false)", (name, value))


def fail(error, before):
    """Fail as a statement or the code round it does, with the settings of large queries."""
    assert settings_of_the_session() != before
    if error is IntegrityError:
        LegalEntity.objects.bulk_create([LegalEntity(code="a"), LegalEntity(code="a")])
    raise error


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("error", [ValueError, IntegrityError, KeyboardInterrupt])
def test_a_connection_that_stays_has_its_settings_back_after_an_error(error):
    before = settings_of_the_session()
    own = connection.connection
    connection.close_at = None
    with pytest.raises(error), large_queries():
        fail(error, before)
    close_old_connections()
    assert connection.connection is own
    assert settings_of_the_session() == before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_what_the_session_had_set_itself_is_set_again():
    of_the_session("work_mem", "5MB")
    of_the_session("jit", "off")
    before = settings_of_the_session()
    try:
        with large_queries():
            assert settings_of_the_session() == ("off", "64MB", "1.1", "off")
        assert settings_of_the_session() == before
    finally:
        connection.close()


@pytest.mark.postgres
def test_one_block_within_another_leaves_that_its_settings():
    before = settings_of_the_session()
    with large_queries():
        with large_queries():
            pass
        assert settings_of_the_session() == ("off", "64MB", "1.1", "off")
    assert settings_of_the_session() == before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_error_that_spoils_the_transaction_is_the_one_that_is_raised():
    before = settings_of_the_session()
    with (
        pytest.raises(ValueError, match="its own"),
        transaction.atomic(),
        large_queries(),
        transaction.atomic(savepoint=False),
    ):
        raise ValueError("its own")
    assert settings_of_the_session() == before


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_lost_on_the_way_is_no_error_of_its_own():
    with large_queries():
        connection.close()
    assert settings_of_the_session()[3] == "on"
