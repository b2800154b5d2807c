"""A statement is waited for no longer than the request that needs it may take."""

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import bindparam, func, select, text

from tests.adapters.postgres.postgres_records import all_at_once
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.errors import OutOfTimeError, UnavailableError
from vad.services.time_limit import SECONDS, limited

SLEEP = Query(select(func.pg_sleep(bindparam("seconds"))))
ADD = Query(text("INSERT INTO notes VALUES (1)"))


@pytest.fixture
def database(database: FreshDatabase) -> FreshDatabase:
    """Give a database with a table to write to."""
    ask(database.migrate_url, "CREATE TABLE IF NOT EXISTS notes (number int)")
    ask(database.migrate_url, "GRANT INSERT ON notes TO PUBLIC")
    ask(database.migrate_url, "TRUNCATE notes")
    return database


@pytest.fixture
def app(database: FreshDatabase) -> Iterator[Database]:
    """Give connections of the service's role, of which the first is open: connecting takes no time below."""
    opened = Database(database.app_url)
    sleep(opened, 0)
    yield opened
    opened.close()


def since(left: float) -> float:
    """When a request came that has so many seconds left."""
    return time.monotonic() - SECONDS + left


def sleep(database: Database, seconds: float) -> None:
    """Let PostgreSQL take its time for a read."""
    with Transaction(database) as transaction:
        transaction.read(SLEEP, seconds=seconds)


def test_a_slow_read_ends_with_its_request(app: Database) -> None:
    """A statement may take five seconds; the request has less than one. Those who have time go on beside it."""

    def one_of_two(number: int) -> float:
        began = time.monotonic()
        if number:
            sleep(app, 2.5)
        else:
            with limited(time.monotonic, since=since(0.5)), pytest.raises(OutOfTimeError):
                sleep(app, 4.0)
        return time.monotonic() - began

    numbers = iter(range(2))
    cut_short, whole = sorted(all_at_once(2, lambda: one_of_two(next(numbers))))
    assert 0.4 < cut_short < 2.0
    assert whole > 2.4
    sleep(app, 0)


def add_and_commit(database: Database, left: float) -> None:
    """Change something in time, and commit when so many seconds are left."""
    with Transaction(database) as transaction:
        transaction.change(ADD)
        with limited(time.monotonic, since=since(left)):
            transaction.commit()


def add_and_wait(database: Database) -> None:
    """Change something, and then wait for PostgreSQL."""
    with Transaction(database) as transaction:
        transaction.change(ADD)
        transaction.read(SLEEP, seconds=4.0)


def test_nothing_begins_when_the_time_is_over(app: Database, database: FreshDatabase) -> None:
    """Neither a read nor a commit: what was changed before is undone, and the connection is as good as new."""
    with limited(time.monotonic, since=since(-1.0)), pytest.raises(OutOfTimeError):
        sleep(app, 0)
    with pytest.raises(OutOfTimeError):
        add_and_commit(app, -1.0)
    assert ask(database.migrate_url, "SELECT count(*) FROM notes") == [(0,)]
    add_and_commit(app, 5.0)
    assert ask(database.migrate_url, "SELECT count(*) FROM notes") == [(1,)]


def test_a_slow_change_ends_with_its_request(app: Database, database: FreshDatabase) -> None:
    """Cut off in the middle of a transaction: undone, and the next one works at once."""
    began = time.monotonic()
    with limited(time.monotonic, since=since(0.5)), pytest.raises(UnavailableError):
        add_and_wait(app)
    assert time.monotonic() - began < 2.0
    add_and_commit(app, 5.0)
    assert ask(database.migrate_url, "SELECT count(*) FROM notes") == [(1,)]
