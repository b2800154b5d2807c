"""Reading great parts of the log: a transaction of its own that sees one moment, and a cursor within the server.

On a pool of its own: whoever reads slowly takes no connection from those who can't wait. It reads only, so it holds up
neither writers nor the sealer.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, and_, column, literal_column, or_, select, table, text

from vad.adapters.postgres import log_entries
from vad.adapters.postgres.database import Database, Limits
from vad.adapters.postgres.log_search import EVENTS, about, criteria, logged, values
from vad.adapters.postgres.log_tree import PostgresTiles
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction
from vad.domain.checkpoint import SignedCheckpoint
from vad.domain.log_tiles import TileReader
from vad.services.ports.log_export import SealedEvent
from vad.services.ports.log_search import LogFilter

LIMITS = Limits(connections=1, statement=60_000, idle_in_transaction=300_000)
"""Of the pool, which lends two connections more. A reader who takes nothing for five minutes is given up."""
_ROWS = 250
"""In memory at once."""
_COLUMNS = len(EVENTS.c)
_LEAVES = table("log_leaves", column("event_id"), column("recorded_at"), column("leaf_index", BigInteger()))

_MOMENT = Query(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
_LAST = Query(text("SELECT note FROM log_checkpoints ORDER BY size DESC LIMIT 1"))
_FETCH = Query(text(f"FETCH FORWARD {_ROWS} FROM log_stream"))
_CLOSE = Query(text("CLOSE log_stream"))


class _Opening(Query):
    """Opens the cursor over what a SELECT finds."""

    @property
    def text(self) -> str:
        return f"DECLARE log_stream NO SCROLL CURSOR FOR {super().text}"


@cache
def _open(named: frozenset[str]) -> Query:
    asked = criteria(named)
    if "person" in named:
        asked.append(or_(*about("person")))
    as_hashed: ColumnElement[Any] = literal_column(log_entries.selected(EVENTS.name))
    return _Opening(
        select(*EVENTS.c, _LEAVES.c.leaf_index, as_hashed)
        .select_from(
            EVENTS.outerjoin(
                _LEAVES,
                and_(_LEAVES.c.event_id == EVENTS.c.event_id, _LEAVES.c.recorded_at == EVENTS.c.recorded_at),
            )
        )
        .where(*asked)
        .order_by(EVENTS.c.recorded_at, EVENTS.c.event_id)
    )


class PostgresLogStream:
    """`vad.services.ports.log_export.LogStream`; the database is one that was opened with `LIMITS`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def __call__(self) -> Iterator["PostgresLogMoment"]:
        with Transaction(self._database) as transaction:
            transaction.change(_MOMENT)
            yield PostgresLogMoment(transaction)


class PostgresLogMoment:
    """`vad.services.ports.log_export.LogMoment` in one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._tiles = PostgresTiles(transaction)

    @property
    def tile(self) -> TileReader:
        return self._tiles

    def checkpoint(self) -> SignedCheckpoint | None:
        for (note,) in self._transaction.read(_LAST):
            return SignedCheckpoint.parse(note)
        return None

    def events(self, wanted: LogFilter) -> Iterator[SealedEvent]:
        self._transaction.change(_open(wanted.named), **values(wanted))
        while rows := self._transaction.change(_FETCH):
            for row in rows:
                entry = log_entries.entry(row[_COLUMNS + 1 :])
                yield SealedEvent(logged(row[:_COLUMNS]), entry, row[_COLUMNS])
        self._transaction.change(_CLOSE)
