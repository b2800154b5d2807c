"""PostgreSQL hangs: no time-out of its own strikes, and yet nobody waits for ever."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.adapters.postgres.postgres_records import AT, a_person, all_at_once, make_known
from tests.support.database import role_of
from tests.support.frozen import frozen
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

pytestmark = pytest.mark.slow

LIMIT = 1.5
"""Seconds: half a second for a statement, and one more before the watch ends it."""
LONGEST = LIMIT + 1.5


@pytest.fixture(scope="module")
def server(server_directory: Path) -> Iterator[PostgresServer]:
    """Give a server of our own, to hold."""
    with PostgresServer(server_directory / "frozen", free_port(), fast=True) as running:
        migrate.upgrade(running.migrate_url, app_role=role_of(running.app_url))
        yield running


@pytest.fixture
def own_work(server: PostgresServer, keyring: KeyRing) -> Iterator[PostgresWork]:
    """Give units of work that wait for a short time only."""
    make_known(server.migrate_url, keyring)
    opened = Database(server.app_url, Limits(connections=8, statement=500))
    yield PostgresWork(opened, Sealer(keyring), BsnLookup(keyring))
    opened.close()


def refused(call: Callable[[], object]) -> float:
    """How long it took to hear that PostgreSQL is away."""
    begun = time.monotonic()
    with pytest.raises(StoreUnavailableError):
        call()
    return time.monotonic() - begun


def recovered(work: PostgresWork) -> None:
    """It goes on by itself, at most a moment later."""
    deadline = time.monotonic() + 5
    while True:
        try:
            a_person(work)
        except StoreUnavailableError:
            assert time.monotonic() < deadline
        else:
            return


def test_a_read_ends(server: PostgresServer, own_work: PostgresWork) -> None:
    """All connections of the pool at once, each after the limit; the next hear of it in no time at all."""
    all_at_once(8, lambda: a_person(own_work))
    with frozen(server.pid):
        waits = all_at_once(8, lambda: refused(lambda: a_person(own_work)))
        assert max(waits) < LONGEST
        assert max(waits) > LIMIT - 0.5, "it was the watch that ended them"
        again = all_at_once(8, lambda: refused(lambda: a_person(own_work)))
        # One of them may be trying to connect, which libpq gives two seconds.
        assert sorted(again)[-2] < 1.0
    recovered(own_work)


def test_a_commit_ends(server: PostgresServer, own_work: PostgresWork) -> None:
    """In the middle of a transaction: nothing counts as committed, and what was begun is undone."""
    person = a_person(own_work)
    with own_work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
        tx.outbox.add("security-alert", {"reason": "frozen"}, AT)
        with frozen(server.pid):
            assert refused(tx.commit) < LONGEST
    recovered(own_work)


def test_those_who_answer_are_left_alone(own_work: PostgresWork) -> None:
    """A connection that lies idle for longer than the limit lives on, and is used again."""
    a_person(own_work)
    threading.Event().wait(LIMIT + 1.0)
    person = a_person(own_work)
    with own_work() as tx:
        tx.audit.append(LoginSucceeded(actor=person), at=AT)
        threading.Event().wait(LIMIT + 1.0)
        tx.commit()


def test_the_watch_ends_with_its_pool(server: PostgresServer, keyring: KeyRing) -> None:
    """Who closes a database leaves no thread behind."""
    make_known(server.migrate_url, keyring)
    before = set(threading.enumerate())
    opened = Database(server.app_url, Limits(connections=2, statement=500))
    a_person(PostgresWork(opened, Sealer(keyring), BsnLookup(keyring)))
    (watch,) = (each for each in set(threading.enumerate()) - before if each.name == "postgresql-watch")
    opened.close()
    watch.join(5)
    assert not watch.is_alive()
