"""Statements with a name: each connection prepares them once, and none is ever left with one that does not work."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Integer, bindparam, column, literal_column, select, table

from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction

WHO = Query(select(literal_column("pg_backend_pid()")))
KNOWN = Query(select(literal_column("name")).select_from(table("pg_prepared_statements")))
SHARE = Query(select(literal_column("12") / bindparam("among", type_=Integer())), "share")
WIDTH = Query(
    select(column("width")).select_from(table("shelves")).where(column("width") > bindparam("least")), "width"
)


@pytest.fixture
def alone(database: FreshDatabase) -> Iterator[Database]:
    """Give one connection, lent again and again."""
    opened = Database(database.app_url, Limits(connections=1))
    yield opened
    opened.close()


def run(database: Database, query: Query, **values: int) -> list[object]:
    """What a transaction of its own gets."""
    with Transaction(database) as transaction:
        return [value for (value,) in transaction.read(query, **values)]


def test_it_is_told_once(alone: Database) -> None:
    """From then on its name does; other values are other values."""
    assert [run(alone, SHARE, among=number) for number in (3, 4, 6)] == [[4], [3], [2]]
    assert run(alone, KNOWN) == ["share"]
    with Transaction(alone) as transaction:
        assert transaction.change(SHARE, among=2) == [(6,)]
        assert transaction.change(SHARE, among=1) == [(12,)]
        transaction.commit()


def test_what_failed_as_it_was_told_is_told_again(alone: Database) -> None:
    """Nobody knows what of a failed trip was done: its connection is given up. A later failure costs none."""
    before = run(alone, WHO)
    with pytest.raises(StoreFaultError, match="22012"):
        run(alone, SHARE, among=0)
    assert run(alone, SHARE, among=3) == [4]
    after = run(alone, WHO)
    assert after != before
    with pytest.raises(StoreFaultError, match="22012"):
        run(alone, SHARE, among=0)
    assert run(alone, SHARE, among=4) == [3]
    assert run(alone, WHO) == after


def test_what_was_undone_is_still_prepared(alone: Database) -> None:
    """A transaction that is rolled back takes what it changed with it, and nothing that its connection knows."""
    with Transaction(alone) as transaction:
        transaction.change(SHARE, among=3)
    assert run(alone, SHARE, among=6) == [2]


def test_a_new_connection_knows_nothing(alone: Database, database: FreshDatabase) -> None:
    """After a restart of PostgreSQL everything is told anew, and nobody notices."""
    assert run(alone, SHARE, among=3) == [4]
    ask(database.superuser_url, "SELECT pg_terminate_backend(%s, 5000)", tuple(run(alone, WHO)))
    assert run(alone, SHARE, among=4) == [3]


def test_a_table_that_changed_is_met_once(alone: Database, database: FreshDatabase) -> None:
    """Where a column has another type since, the connection that planned with the old one is given up."""
    ask(database.superuser_url, "CREATE TABLE shelves AS SELECT 7 AS width")
    ask(database.superuser_url, "GRANT SELECT ON shelves TO PUBLIC")
    assert run(alone, WIDTH, least=1) == [7]
    ask(database.superuser_url, "ALTER TABLE shelves ALTER width TYPE bigint")
    with pytest.raises(StoreFaultError, match="0A000"):
        run(alone, WIDTH, least=1)
    assert run(alone, WIDTH, least=1) == [7]
