"""One transaction on one connection, which is taken when the first statement needs it.

Every statement is one trip to PostgreSQL, and nothing else is: reads before the first change go alone (under READ
COMMITTED each would see its own moment anyway), BEGIN travels with the first change, COMMIT with the events of the log,
and what only read ends without a word. The version of the registrations comes along with rows that are read anyway.

No trip begins for a request whose time is over, and none is waited for beyond that.
"""

import math
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import psycopg2
from psycopg2 import extensions
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.errors import StoreFaultError, leads_nowhere, outdated, translate
from vad.adapters.postgres.query import Query, Row, Statement
from vad.adapters.postgres.watch import WatchedConnection
from vad.domain.errors import OutOfTimeError
from vad.services import time_limit

_BEGIN = Statement("BEGIN ISOLATION LEVEL READ COMMITTED")
_COMMIT = Statement("COMMIT")

Notice = Callable[[int, "Transaction"], None]
"""Is told the version of the registrations whenever a read brings it, and may read in the same transaction."""


class Transaction:
    """What is not committed by the end of the `with` block is undone.

    Raises `StoreUnavailableError`, `StoreFaultError`, `OutOfTimeError`; after any of these, or after `commit`, it can't
    be used any more (`RuntimeError`).
    """

    __slots__ = ("_begun", "_connection", "_cursor", "_database", "_later", "_notice", "_over", "_pool", "_waiting")

    def __init__(self, database: Database, notice: Notice | None = None) -> None:
        self._database = database
        self._notice = notice
        self._connection: PoolProxiedConnection | None = None
        self._pool: Pool | None = None
        self._cursor: extensions.cursor | None = None
        self._waiting: WatchedConnection | None = None
        self._begun = False
        self._over = False
        self._later: list[Statement] = []

    @property
    def over(self) -> bool:
        """Whether it has been committed, undone, or failed."""
        return self._over

    def read(self, query: Query, **values: Any) -> list[Row]:
        """Return the rows of a query that locks and changes nothing."""
        rows = self._send(query.with_values(values)).fetchall()
        if not query.brings_version:
            return rows
        if rows and self._notice is not None:
            self._notice(int(rows[0][-1]), self)
        return [row[:-1] for row in rows]

    def change(self, query: Query, **values: Any) -> list[Row]:
        """Run a statement that changes or locks; return its RETURNING rows, if it has any."""
        cursor = self._change(query, values)
        return cursor.fetchall() if cursor.description is not None else []

    def count(self, query: Query, **values: Any) -> int:
        """Run a statement that changes; return how many rows it touched."""
        return self._change(query, values).rowcount

    def commit(self, last: Query | None = None, **values: Any) -> None:
        """Make it durable, together with a `last` change. Without any change there is nothing to do.

        `last` must be harmless to run twice: if it is the only trip, it may have to be made again.
        """
        if last is not None:
            self._check(self._send(*self._opening(), last.with_values(values), _COMMIT))
        elif self._begun or self._later:
            self._check(self._send(*self._opening(), _COMMIT))
        elif self._over:
            raise RuntimeError("this transaction is over")
        self.close()

    def conclude(self, query: Query, **values: Any) -> list[Row]:
        """Run one statement that is a transaction by itself, and return its rows.

        It must bear being run twice, as the `last` of `commit`.
        """
        if self._begun or self._later:
            raise RuntimeError("this transaction has begun")
        rows = self._send(query.with_values(values)).fetchall()
        self.close()
        return rows

    def later(self, query: Query, **values: Any) -> None:
        """Run a change whose outcome nobody waits for, in the next trip that changes or commits.

        It must bear being run twice, as the `last` of `commit`.
        """
        if self._over:
            raise RuntimeError("this transaction is over")
        self._later.append(query.with_values(values))

    def close(self) -> None:
        """Give the connection back; what was not committed is undone."""
        self._over = True
        connection, self._connection, self._cursor, self._waiting = self._connection, None, None, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _opening(self) -> list[Statement]:
        """What goes before the statement of a trip that changes something."""
        later, self._later = self._later, []
        return later if self._begun else [_BEGIN, *later]

    def _send(self, *statements: Statement) -> extensions.cursor:
        """Make one trip. The first on a connection that proves to be dead is made once more on a new one.

        That is safe: a first trip reads, or begins what dies with its connection, or is a commit that bears repeating.
        """
        if self._over:
            raise RuntimeError("this transaction is over")
        attempts = 1 if self._connection is not None else 2
        while True:
            attempts -= 1
            patience = self._patience()
            try:
                cursor = self._cursor or self._connect()
                self._execute(cursor, statements, patience)
            except (psycopg2.Error, SQLAlchemyError) as error:
                if self._lose(error) and attempts:
                    continue
                self._over = True
                raise translate(error) from None
            return cursor

    def _patience(self) -> float:
        """For how many seconds an answer may be waited for."""
        try:
            return time_limit.left(math.inf)
        except OutOfTimeError:
            self._over = True
            raise

    def _execute(self, cursor: extensions.cursor, statements: Sequence[Statement], patience: float) -> None:
        """Send them and wait, known to the watch for as long as that takes."""
        waiting = self._waiting
        if waiting is None:
            raise TypeError("not a connection that is watched over")
        said: list[bytes] = []
        told: set[str] = set()
        for text, values, preparation in statements:
            if preparation is not None and preparation not in waiting.prepared | told:
                told.add(preparation)
                said.append(preparation.encode())
            said.append(cursor.mogrify(text, values))
        waiting.patience, waiting.since, waiting.unsure = patience, time.monotonic(), bool(told)
        try:
            cursor.execute(b"; ".join(said))
        finally:
            waiting.since = 0.0
        waiting.prepared |= told
        waiting.unsure = False

    def _change(self, query: Query, values: dict[str, Any]) -> extensions.cursor:
        cursor = self._send(*self._opening(), query.with_values(values))
        self._begun = True
        return cursor

    @staticmethod
    def _check(committed: extensions.cursor) -> None:
        """PostgreSQL answers COMMIT with ROLLBACK, and without an error, when an earlier statement had failed."""
        if committed.statusmessage != "COMMIT":
            raise StoreFaultError("PostgreSQL: the transaction was rolled back")

    def _connect(self) -> extensions.cursor:
        self._connection, self._pool = self._database.check_out()
        driver = self._connection.driver_connection
        if not isinstance(driver, WatchedConnection):
            raise TypeError("not a connection that is watched over")
        driver.since, self._waiting = 0.0, driver
        self._cursor = driver.cursor()
        return self._cursor

    def _lose(self, error: Exception) -> bool:
        """Let go of the connection after an error. True when it was dead, and with it all of its generation."""
        connection, pool, cursor, waiting = self._connection, self._pool, self._cursor, self._waiting
        self._connection = self._pool = self._cursor = self._waiting = None
        if connection is None or pool is None:
            return False
        dead = cursor is None or cursor.connection.closed != 0
        if dead or leads_nowhere(error):
            connection.invalidate()
            self._database.forget(pool)
        elif outdated(error) or (waiting is not None and waiting.unsure):
            connection.invalidate()  # what it has prepared is of no use, or nobody knows what that is
        else:
            connection.close()
        return dead
