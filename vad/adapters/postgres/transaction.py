"""One transaction on one connection, which is taken when the first statement needs it.

Trips to PostgreSQL: reads before the first change go alone (under READ COMMITTED each would see its own moment anyway);
the first change is preceded by one trip that begins the transaction and brings the version of the registrations; the
last change and the COMMIT share a trip. A transaction that only read ends without a trip.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import psycopg2
from psycopg2 import extensions
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.errors import StoreFaultError, leads_nowhere, translate
from vad.adapters.postgres.query import Query, Row

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED; SELECT version FROM configuration_version"

Notice = Callable[[int, "Transaction"], None]
"""Is told the version of the registrations whenever a transaction begins, and may read in it."""


class Transaction:
    """What is not committed by the end of the `with` block is undone.

    Raises `StoreUnavailableError`, `StoreFaultError`; after either, or after `commit`, it can't be used any more
    (`RuntimeError`).
    """

    __slots__ = ("_begun", "_connection", "_cursor", "_database", "_notice", "_over", "_pool")

    def __init__(self, database: Database, notice: Notice | None = None) -> None:
        self._database = database
        self._notice = notice
        self._connection: PoolProxiedConnection | None = None
        self._pool: Pool | None = None
        self._cursor: extensions.cursor | None = None
        self._begun = False
        self._over = False

    @property
    def over(self) -> bool:
        """Whether it has been committed, undone, or failed."""
        return self._over

    def read(self, query: Query, **values: Any) -> list[Row]:
        """Return the rows of a query that locks and changes nothing."""
        return self._send(query.text, query.values(values)).fetchall()

    def change(self, query: Query, **values: Any) -> list[Row]:
        """Run a statement that changes or locks; return its RETURNING rows, if it has any."""
        self.begin()
        cursor = self._send(query.text, query.values(values))
        return cursor.fetchall() if cursor.description is not None else []

    def count(self, query: Query, **values: Any) -> int:
        """Run a statement that changes; return how many rows it touched."""
        self.begin()
        return self._send(query.text, query.values(values)).rowcount

    def begin(self) -> None:
        """Begin the transaction proper, if that has not happened yet."""
        if self._begun:
            return
        row = self._send(_BEGIN, None).fetchone()
        if row is None:
            raise StoreFaultError("PostgreSQL: configuration_version is empty")
        self._begun = True
        if self._notice is not None:
            self._notice(int(row[0]), self)

    def commit(self, last: Query | None = None, **values: Any) -> None:
        """Make it durable, together with a `last` change. Without any change there is nothing to do."""
        if last is not None:
            self.begin()
        if self._begun:
            text = "COMMIT" if last is None else f"{last.text}; COMMIT"
            cursor = self._send(text, last.values(values) if last is not None else None)
            if cursor.statusmessage != "COMMIT":
                # PostgreSQL answers COMMIT with ROLLBACK, and without an error, when an earlier statement failed.
                raise StoreFaultError("PostgreSQL: the transaction was rolled back")
        elif self._over:
            raise RuntimeError("this transaction is over")
        self.close()

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        self._over = True
        connection, self._connection, self._cursor = self._connection, None, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _send(self, text: str, values: dict[str, Any] | None) -> extensions.cursor:
        """Make one trip. The first on a connection that proves to be dead is made once more on a new one.

        That is safe: the first trip is a read or a BEGIN, never a change.
        """
        if self._over:
            raise RuntimeError("this transaction is over")
        attempts = 1 if self._connection is not None else 2
        while True:
            attempts -= 1
            try:
                cursor = self._cursor or self._connect()
                cursor.execute(text, values)
            except (psycopg2.Error, SQLAlchemyError) as error:
                if self._lose(error) and attempts:
                    continue
                self._over = True
                raise translate(error) from None
            return cursor

    def _connect(self) -> extensions.cursor:
        self._connection, self._pool = self._database.check_out()
        driver = self._connection.driver_connection
        if not isinstance(driver, extensions.connection):
            raise TypeError("not a connection of psycopg2")
        self._cursor = driver.cursor()
        return self._cursor

    def _lose(self, error: Exception) -> bool:
        """Let go of the connection after an error. True when it was dead, and with it all of its generation."""
        connection, pool, cursor = self._connection, self._pool, self._cursor
        self._connection = self._pool = self._cursor = None
        if connection is None or pool is None:
            return False
        dead = cursor is None or cursor.connection.closed != 0
        if dead or leads_nowhere(error):
            connection.invalidate()
            self._database.forget(pool)
        else:
            connection.close()
        return dead
