"""The connections of one process to one PostgreSQL, as one role.

Nothing pings: a connection that turns out to be broken makes all of its generation be forgotten, and `transaction` asks
once for a new one. So a restart of PostgreSQL heals by itself and costs nothing when there is none.

While a server does not even refuse, one caller at a time tries, and the others are told at once: a server that hangs
must not hold all threads of the process.
"""

import threading
import time
from dataclasses import dataclass
from typing import Any

import psycopg2
import sqlalchemy
from psycopg2 import extensions
from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import Pool, PoolProxiedConnection

from vad.adapters.circuit import Circuit
from vad.adapters.postgres.watch import Watch, WatchedConnection

_DRIVER = "postgresql+psycopg2"
_BETWEEN_TRIES = 0.5
"""Seconds in which nobody tries to connect after it was waited for in vain."""
_UNHEARD = 10_000
"""Milliseconds after which a machine that does not even acknowledge what it was sent is gone."""
_AT_ONCE = 0.5
"""Seconds within which a refusal costs nobody anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long PostgreSQL may let us wait, in milliseconds unless said otherwise, and how many connections we take."""

    connections: int = 16
    """At most this many at once; as many as the process has threads."""
    connect_seconds: int = 2
    """For one address to answer, and for a connection to come free."""
    statement: int = 5_000
    lock: int = 2_000
    idle_in_transaction: int = 10_000


class Database:
    """A pool of connections, opened when they are first needed.

    Raises `ValueError` for an address that does not name psycopg2: a plain `postgresql://` would choose another driver.
    """

    def __init__(self, url: str, limits: Limits | None = None, *, application_name: str = "vad") -> None:
        address = parse(url)
        limits = limits or Limits()
        self._engine = sqlalchemy.create_engine(
            address,
            isolation_level="AUTOCOMMIT",  # `transaction` says BEGIN and COMMIT itself, in trips that are made anyway
            pool_size=limits.connections,
            max_overflow=2,  # for a look at the registrations beside a unit of work
            pool_timeout=limits.connect_seconds,
            pool_recycle=1_800,
            pool_use_lifo=True,
            pool_reset_on_return=None,  # `_leave_clean` does it, and only when there is something to undo
            use_native_hstore=False,
            hide_parameters=True,
            connect_args=_connect_args(address, limits, application_name),
        )
        self._forgetting = threading.Lock()
        self._circuit = Circuit(psycopg2.OperationalError, failures=1, seconds=_BETWEEN_TRIES)
        # Later than PostgreSQL itself would end it, if it could.
        self._watch = Watch(limits.statement / 1_000 + 1.0, self._circuit.trip)
        event.listen(self._engine, "reset", _leave_clean)
        event.listen(self._engine, "do_connect", self._connect)

    def check_out(self) -> tuple[PoolProxiedConnection, Pool]:
        """Take a connection, and the pool it came from. Raises errors of psycopg2 and SQLAlchemy."""
        pool = self._engine.pool
        return pool.connect(), pool

    def forget(self, pool: Pool) -> None:
        """Begin anew with an empty pool, unless somebody already did since `pool` was the current one."""
        with self._forgetting:
            if self._engine.pool is pool:
                self._engine.dispose()

    def close(self) -> None:
        """Close all connections that are not in use."""
        self._engine.dispose()

    def _connect(self, _dialect: object, _record: object, args: tuple[Any, ...], named: dict[str, Any]) -> Any:
        with self._circuit.attempt():
            made = _tried(args, named)
        if isinstance(made, psycopg2.OperationalError):
            raise made
        self._watch.over(made)
        return made

    def __repr__(self) -> str:
        return f"Database({self._engine.url.render_as_string(hide_password=True)})"


def _tried(args: tuple[Any, ...], named: dict[str, Any]) -> WatchedConnection | psycopg2.OperationalError:
    """A connection, or the refusal of a server that said no at once: it holds nobody up, and may say yes the next time.

    Raises what `psycopg2.connect` does where it was waited for in vain.
    """
    began = time.monotonic()
    try:
        return psycopg2.connect(*args, connection_factory=WatchedConnection, **named)
    except psycopg2.OperationalError as refused:
        if time.monotonic() - began >= _AT_ONCE:
            raise
        return refused


def parse(url: str) -> URL:
    """Return the parsed address. Raises `ValueError`, without repeating the address: it holds a password."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise ValueError("the database URL can't be read") from None
    if address.drivername != _DRIVER:
        raise ValueError(f"the database URL must begin with {_DRIVER}://")
    return address


def _connect_args(address: URL, limits: Limits, application_name: str) -> dict[str, object]:
    """Everything a connection is told travels in its first packet: no statement is spent on it."""
    settings: dict[str, str | int] = {
        "TimeZone": "UTC",
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction,
        # What has a name (`query`) finds its few rows by an index whatever is asked: to plan it anew gains nothing.
        "plan_cache_mode": "force_generic_plan",
    }
    given = address.query.get("options", "")
    options = [given if isinstance(given, str) else " ".join(given)]
    options += [f"-c {name}={value}" for name, value in settings.items()]
    return {
        "application_name": application_name,
        "client_encoding": "utf8",
        "connect_timeout": limits.connect_seconds,
        "options": " ".join(filter(None, options)),
        # A machine that vanished without a word: noticed within seconds, not after the hours of TCP's defaults.
        "keepalives": 1,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 2,
        # However long a statement may take: a machine that is there says that it heard of it.
        "tcp_user_timeout": min(limits.statement, _UNHEARD) + 1_000,
    }


def _leave_clean(connection: extensions.connection | None, _record: object, _state: object) -> None:
    """Undo what a transaction left open before its connection goes back to the pool."""
    if (
        connection is None
        or connection.closed
        or connection.get_transaction_status() == extensions.TRANSACTION_STATUS_IDLE
    ):
        return
    if isinstance(connection, WatchedConnection):
        connection.since = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute("ROLLBACK")
    if isinstance(connection, WatchedConnection):
        connection.since = 0.0
