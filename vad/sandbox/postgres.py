"""A real PostgreSQL 18 of our own on one loopback port, for the demo and the tests.

    with PostgresServer(Path(".demo/postgres"), 8108) as server:
        engine = create_engine(server.app_url)

Roles besides the superuser: `vad_migrate` owns the database; `vad_app`, `vad_admin` and `vad_worker` log in for the
service, the pages for staff and the worker, and own nothing; what they may do `vad db upgrade` grants. `postgres_data`
keeps the files, `postgres_binaries` finds the programs.
"""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg2
import psycopg2.extensions
from psycopg2 import sql

from vad.sandbox import postgres_binaries
from vad.sandbox.child import Child, Program
from vad.sandbox.errors import SandboxError, ServerDiedError
from vad.sandbox.ports import LOOPBACK, require_free
from vad.sandbox.postgres_data import (
    ADMIN_ROLE,
    APP_ROLE,
    ENVIRONMENT,
    MIGRATE_ROLE,
    SUPERUSER,
    WORKER_ROLE,
    DataFolder,
)

DATABASE = "vad"

_READY_SECONDS = 60.0
_STOP_SECONDS = 20.0
_OPTIONS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",  # a socket's path may be 107 bytes long, a state folder's any length
    "log_timezone": "UTC",
    "timezone": "UTC",
    # What people entered stays out of the log: no statements, no DETAIL lines quoting values.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# Commits still reach the kernel, so that a killed server loses nothing. Little log is kept: it may lie in memory.
_FAST_OPTIONS = {"fsync": "off", "full_page_writes": "off", "max_wal_size": "128MB"}


class PostgresServer:
    """One PostgreSQL server on `port`, its data under `directory`.

    `fast` gives up surviving a power cut, for tests. `say` receives one line about anything the user should know.
    """

    def __init__(
        self, directory: Path, port: int, *, fast: bool = False, say: Callable[[str], None] = lambda _line: None
    ) -> None:
        self.port = port
        self._folder = DataFolder(directory, say)
        self._fast = fast
        self._child: Child | None = None
        self._passwords: dict[str, str] = {}

    @property
    def directory(self) -> Path:
        """Where data, passwords and log really are, once started: as root not always the folder asked for."""
        return self._folder.place

    @property
    def app_url(self) -> str:
        """SQLAlchemy address of database `vad` as the role of the service."""
        return self.url(APP_ROLE)

    @property
    def admin_url(self) -> str:
        """SQLAlchemy address of database `vad` as the role of the administration."""
        return self.url(ADMIN_ROLE)

    @property
    def worker_url(self) -> str:
        """SQLAlchemy address of database `vad` as the role of the worker."""
        return self.url(WORKER_ROLE)

    @property
    def migrate_url(self) -> str:
        """SQLAlchemy address of database `vad` as its owner, who migrates."""
        return self.url(MIGRATE_ROLE)

    @property
    def superuser_url(self) -> str:
        """SQLAlchemy address of the maintenance database as the superuser, for tests that make databases."""
        return self.url(SUPERUSER, "postgres")

    @property
    def child(self) -> Child:
        """The process of the running server; raises `SandboxError` when it does not run."""
        if self._child is None:
            raise SandboxError("PostgreSQL does not run")
        return self._child

    @property
    def pid(self) -> int:
        """Process id of the running server; raises `SandboxError` when it does not run."""
        return self.child.pid

    def url(self, role: str, database: str = DATABASE) -> str:
        """Return the SQLAlchemy address of `database` as `role`, password included. Known once started."""
        if not self._passwords:
            raise SandboxError("PostgreSQL has not been started yet")
        return f"postgresql+psycopg2://{role}:{self._passwords[role]}@{LOOPBACK}:{self.port}/{database}"

    def start(self) -> Self:
        """Make the data if there is none, start the server, wait until it answers, make database and roles.

        Raises `PortTakenError`, `MissingProgramError`, `ServerDiedError` or another `SandboxError`, each in one line.
        """
        folder = self._folder
        folder.settle()
        programs = postgres_binaries.reachable_by(folder.account)
        self._passwords = folder.passwords()
        folder.prepare(programs, self._passwords[SUPERUSER], fast=self._fast)
        require_free(self.port, "PostgreSQL")
        options = _OPTIONS | (_FAST_OPTIONS if self._fast else {}) | {"port": str(self.port)}
        self._child = Child(
            Program(
                arguments=[
                    programs / "postgres",
                    "-D",
                    folder.data,
                    *(f"--{name}={value}" for name, value in options.items()),
                ],
                log=folder.place / "server.log",
                environment=ENVIRONMENT,
                directory=folder.place,
                account=folder.account,
                stop_signal=signal.SIGINT,  # "fast shutdown": ends sessions, keeps the data consistent
            )
        )
        try:
            self._make_database(self._child)
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the server that `start` started, and nothing else; its data stays."""
        if self._child is not None:
            self._child.stop(_STOP_SECONDS)
            self._child = None

    def kill(self) -> None:
        """End the server without warning, as a crash would; tests use it."""
        self.child.kill()
        self._child = None

    def erase(self) -> None:
        """Forget the data, passwords and log of a server that does not run, wherever they were put."""
        self._folder.erase()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _make_database(self, child: Child) -> None:
        connection = self._connect(child)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                for role in (MIGRATE_ROLE, APP_ROLE, ADMIN_ROLE, WORKER_ROLE):
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
                    if cursor.fetchone() is None:
                        statement = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}")
                        cursor.execute(statement.format(sql.Identifier(role), sql.Literal(self._passwords[role])))
                database, owner = sql.Identifier(DATABASE), sql.Identifier(MIGRATE_ROLE)
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
                cursor.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
                for role in (APP_ROLE, ADMIN_ROLE, WORKER_ROLE):
                    statement = sql.SQL("GRANT CONNECT ON DATABASE {} TO {}")
                    cursor.execute(statement.format(database, sql.Identifier(role)))
        finally:
            connection.close()

    def _connect(self, child: Child) -> psycopg2.extensions.connection:
        """Return the first connection that the server accepts, as the superuser."""
        deadline = time.monotonic() + _READY_SECONDS
        while True:
            try:
                return psycopg2.connect(
                    host=LOOPBACK,
                    port=self.port,
                    user=SUPERUSER,
                    password=self._passwords[SUPERUSER],
                    dbname="postgres",
                    connect_timeout=5,
                )
            except psycopg2.OperationalError as error:
                if child.ended() or time.monotonic() >= deadline:
                    reason = (child.last_words(1) or [str(error).strip()])[-1]
                    raise ServerDiedError(f"PostgreSQL did not start: {reason} (see {child.log})") from error
            time.sleep(0.05)
