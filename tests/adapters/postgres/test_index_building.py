"""Indexes of the log are built while others go on writing, and what broke off is done by the next upgrade."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

import psycopg2

from tests.support.database import FreshDatabase, Server, ask, new_database
from vad.domain.errors import StoreUnavailableError

_BEFORE = "0045"
_EVENT = """
    INSERT INTO audit_events (event_id, recorded_at, type, outcome, sid, evidence)
    VALUES (gen_random_uuid(), now(), 'login.succeeded', 'success', 'a login', '{}')
"""
_BUILDING = """
    SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
        AND query LIKE 'CREATE INDEX CONCURRENTLY%'
"""
_HALF_BUILT = "SELECT count(*) FROM pg_index JOIN pg_class ON oid = indexrelid WHERE NOT indisvalid AND relkind = 'i'"
_PROMISED = """
    SELECT count(*) FROM pg_index WHERE indrelid = 'audit_events'::regclass AND NOT indisvalid
"""
_LACKING = """
    SELECT p.inhrelid::regclass::text FROM pg_inherits AS p
    WHERE p.inhparent = 'audit_events'::regclass
        AND (SELECT count(*) FROM pg_index WHERE indrelid = p.inhrelid AND indisvalid)
            < (SELECT count(*) FROM pg_index WHERE indrelid = p.inhparent AND indisvalid)
"""


@contextmanager
def reading(database: FreshDatabase) -> Iterator[None]:
    """Somebody takes an export, and reads slowly: whoever builds an index has to wait for them."""
    with closing(psycopg2.connect(database.superuser_url.replace("+psycopg2", "", 1))) as connection:
        connection.set_session(isolation_level="REPEATABLE READ")
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit_events")
            yield


@contextmanager
def upgrading(database: FreshDatabase) -> Iterator[None]:
    """`vad db upgrade`, until somebody breaks it off, or for as long as the block and what it waits for last."""

    def upgrade() -> None:
        with suppress(StoreUnavailableError):
            database.migrate()

    thread = threading.Thread(target=upgrade)
    thread.start()
    yield
    thread.join()


def builder_waiting(database: FreshDatabase) -> int:
    """The process that builds, once it waits."""
    until = time.monotonic() + 30
    while not (found := ask(database.superuser_url, _BUILDING)):
        assert time.monotonic() < until, "nobody builds"
    return int(found[0][0])


def test_others_write_while_the_indexes_of_the_log_are_built(postgres: Server) -> None:
    """Also when that waits for somebody who reads; the log has them all in the end, and so has each later month."""
    with new_database(postgres) as made:
        replace(made, admin_url="", worker_url="").migrate(_BEFORE)
        ask(made.app_url, _EVENT)
        with reading(made), upgrading(made):
            builder = builder_waiting(made)
            ask(made.app_url, f"SET statement_timeout = '2s'; {_EVENT}")
            ask(made.superuser_url, "SELECT pg_terminate_backend(%s)", (builder,))
        assert ask(made.superuser_url, _HALF_BUILT) == [(1,)]
        made.migrate()
        assert ask(made.superuser_url, _HALF_BUILT) == [(0,)]
        ask(made.worker_url, "SELECT keep_audit_months(current_date, current_date + 300)")
        assert ask(made.superuser_url, _LACKING) == []
        assert ask(made.superuser_url, _PROMISED) == [(0,)]
        assert ask(made.superuser_url, "SELECT count(*) FROM audit_events WHERE sid = 'a login'") == [(2,)]
