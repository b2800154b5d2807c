"""PostgreSQL away, back, and read-only: no token, no lost write, and it heals by itself."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.postgres.postgres_records import (
    AT,
    BSN,
    PGO,
    a_consent,
    a_grant,
    a_person,
    all_at_once,
    logged_about,
    make_known,
)
from tests.support.database import FreshDatabase, ask, new_database, role_of
from vad.adapters.postgres import migrate
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import KeyRing
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.domain.audit import LoginSucceeded
from vad.domain.errors import StoreUnavailableError
from vad.sandbox.ports import free_port
from vad.sandbox.postgres import PostgresServer
from vad.services.ports.conditions import GrantMade

pytestmark = pytest.mark.slow

TYPES = ("login.succeeded", "login.failed", "consent.given", "token.issued")

END_OTHERS = """SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
                WHERE datname = current_database() AND usename = %s"""


@pytest.fixture(scope="module")
def server(server_directory: Path) -> Iterator[PostgresServer]:
    """Give a server of our own, to stop and start."""
    with PostgresServer(server_directory / "outages", free_port(), fast=True) as running:
        migrate.upgrade(running.migrate_url, app_role=role_of(running.app_url))
        yield running


@pytest.fixture
def own_work(server: PostgresServer, keyring: KeyRing) -> Iterator[PostgresWork]:
    """Give units of work on that server, with several connections in the pool."""
    make_known(server.migrate_url, keyring)
    opened = Database(server.app_url, Limits(connections=8))
    work = PostgresWork(opened, Sealer(keyring), BsnLookup(keyring))
    all_at_once(8, lambda: a_person(work))
    yield work
    opened.close()


def test_a_restart_is_not_noticed_by_what_comes_after(server: PostgresServer, own_work: PostgresWork) -> None:
    """Every connection in the pool is dead, and yet each next unit of work succeeds: reading, writing, logging."""
    person = a_person(own_work)
    server.stop()
    server.start()
    assert set(all_at_once(8, lambda: a_person(own_work))) == {person}

    server.kill()
    server.start()
    with own_work() as tx:
        tx.consents.add([a_consent(person)])
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
        tx.commit()

    server.stop()
    server.start()
    with own_work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
        tx.commit()

    server.stop()
    server.start()
    with own_work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
        assert tx.commit_if(GrantMade(a_grant(person), AT, None))
    assert logged_about(own_work, person, AT) == 3


def test_away_is_told_at_once_and_ends_by_itself(server: PostgresServer, own_work: PostgresWork) -> None:
    """Without PostgreSQL every use fails as unavailable, within the time-outs; with it everything goes on."""
    server.stop()
    try:
        for _ in range(2):
            began = time.monotonic()
            with own_work() as tx, pytest.raises(StoreUnavailableError):
                tx.persons.find_or_add(BSN, AT)
            with own_work() as tx:
                tx.audit.append(LoginSucceeded(), at=AT)
                with pytest.raises(StoreUnavailableError):
                    tx.commit()
            assert time.monotonic() - began < 2 * Limits().connect_seconds
    finally:
        server.start()
    a_person(own_work)


def test_a_connection_lost_in_the_middle_loses_the_whole(server: PostgresServer, own_work: PostgresWork) -> None:
    """Once something was changed nothing is tried again: half of it may not be done twice."""
    person = a_person(own_work)
    with own_work() as tx:
        consent = a_consent(person)
        tx.consents.add([consent])
        ask(server.url("postgres"), END_OTHERS, (role_of(server.app_url),))
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
        with pytest.raises(StoreUnavailableError):
            tx.commit()
    with own_work() as tx:
        standing = tx.standings.of_request(person, person, PGO, ())
        assert standing is not None
        assert consent not in standing.consents


def test_a_read_is_repeated_on_a_new_connection(server: PostgresServer, own_work: PostgresWork) -> None:
    """A dead connection found by the first trip of a unit of work is replaced, whatever that trip was."""
    person = a_person(own_work)
    for _ in range(3):
        ask(server.url("postgres"), END_OTHERS, (role_of(server.app_url),))
        with own_work() as tx:
            assert tx.persons.get(person) is not None


def test_read_only_is_unavailable_until_it_is_over(
    postgres: FreshDatabase, migrated_template: str, keyring: KeyRing
) -> None:
    """A standby, or a primary that only reads, gives no token; the first connection to a writable one is found."""
    with new_database(postgres, migrated_template) as made:
        make_known(made.migrate_url, keyring)
        opened = Database(made.app_url)
        work = PostgresWork(opened, Sealer(keyring), BsnLookup(keyring))
        a_person(work)
        name = made.app_url.rsplit("/", 1)[1]
        ask(made.superuser_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        ask(made.superuser_url, END_OTHERS, (role_of(made.app_url),))
        with work() as tx:
            tx.audit.append(LoginSucceeded(), at=AT)
            with pytest.raises(StoreUnavailableError, match="25006"):
                tx.commit()
        ask(postgres.superuser_url, f"ALTER DATABASE {name} RESET default_transaction_read_only")
        with work() as tx:
            tx.audit.append(LoginSucceeded(), at=AT)
            tx.commit()
        opened.close()
