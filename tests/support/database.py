"""Fresh databases for tests: copies of one migrated template, each as whole as production's."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg2
import psycopg2.extensions
import pytest
from psycopg2 import sql
from sqlalchemy import make_url

from vad.adapters.postgres import migrate


class Server(Protocol):
    """What is needed of a PostgreSQL server: addresses of any of its databases by role."""

    @property
    def app_url(self) -> str: ...
    @property
    def migrate_url(self) -> str: ...
    @property
    def superuser_url(self) -> str: ...
    @property
    def admin_url(self) -> str: ...
    @property
    def worker_url(self) -> str: ...


@dataclass(frozen=True)
class FreshDatabase:
    """One database, at the newest revision and empty."""

    app_url: str
    migrate_url: str
    superuser_url: str
    admin_url: str = ""
    """As the role of the administration; empty where the server has none."""
    worker_url: str = ""
    """As the role of the worker; empty where the server has none."""

    def migrate(self, revision: str = "head") -> None:
        """Do what `vad db upgrade` does, with every role that there is."""
        migrate.upgrade(
            self.migrate_url,
            app_role=role_of(self.app_url),
            admin_role=role_of(self.admin_url) if self.admin_url else None,
            worker_role=role_of(self.worker_url) if self.worker_url else None,
            revision=revision,
        )


_open = threading.local()
"""The connections of each thread by address. Tests ask thousands of times: to log in anew would be most of the work."""


def ask(url: str, statement: str | sql.Composable, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Run one statement by itself, as whoever the address names; return its rows."""
    with _connection(url).cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def ask_once(url: str, statement: str) -> list[tuple[Any, ...]]:
    """The same over a connection of its own: to a server that the test stops."""
    with (
        closing(psycopg2.connect(url.replace("+psycopg2", ""))) as connection,
        connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def _connection(url: str) -> psycopg2.extensions.connection:
    """One that is as good as new; of a server that went away since, a new one."""
    known: dict[str, psycopg2.extensions.connection] = vars(_open)
    if url in known:
        try:
            with known[url].cursor() as cursor:
                cursor.execute("DISCARD ALL")
        except psycopg2.Error:
            known.pop(url).close()
        else:
            return known[url]
    made = psycopg2.connect(url.replace("+psycopg2", "", 1))
    made.autocommit = True
    known[url] = made
    return made


def _forget(url: str) -> None:
    known: dict[str, psycopg2.extensions.connection] = vars(_open)
    if url in known:
        known.pop(url).close()


def role_of(url: str) -> str:
    """Return the role that an address logs in with."""
    return str(make_url(url).username)


@contextmanager
def new_database(server: Server, template: str = "template1") -> Iterator[FreshDatabase]:
    """Make a database as a copy of `template`; drop it afterwards, whoever is still connected."""
    name = f"vad_test_{secrets.token_hex(6)}"
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}")
    owner = sql.Identifier(role_of(server.migrate_url))
    ask(server.superuser_url, statement.format(sql.Identifier(name), sql.Identifier(template), owner))
    roles = (server.app_url, server.migrate_url, server.superuser_url, server.admin_url, server.worker_url)
    urls = [url and make_url(url).set(database=name).render_as_string(hide_password=False) for url in roles]
    try:
        yield FreshDatabase(*urls)
    finally:
        for url in urls:
            _forget(url)
        ask(server.superuser_url, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def migrated_template(postgres: Server) -> Iterator[str]:
    """Give the name of a database that has just been migrated and that nobody uses."""
    with new_database(postgres) as made:
        made.migrate()
        yield str(make_url(made.app_url).database)


@pytest.fixture(scope="module")
def database(postgres: Server, migrated_template: str) -> Iterator[FreshDatabase]:
    """Give a database of this test module's own."""
    with new_database(postgres, migrated_template) as made:
        yield made
