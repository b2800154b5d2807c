"""Core statements, compiled once: running one costs what psycopg2 costs, a quarter of SQLAlchemy's own execution.

To plan a statement costs PostgreSQL several times what running it does. So those that every token takes have a name:
each connection tells them once (PREPARE) and asks for them by name from then on.
"""

from functools import cache, cached_property
from typing import Any, NamedTuple

from sqlalchemy import Executable, Select, literal_column
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
"""A row as psycopg2 gives it: UUIDs, aware datetimes, lists and parsed JSON; `bytea` as memoryview."""


@cache
def _dialect() -> PGDialect_psycopg2:
    return PGDialect_psycopg2()  # type: ignore[no-untyped-call]


class Statement(NamedTuple):
    """What is sent: SQL with psycopg2's placeholders, and what stands in them."""

    text: str
    values: dict[str, Any] | None = None
    preparation: str | None = None
    """What a connection is told before it understands the text; None: nothing."""


class _Places(dict[str, str]):
    """PostgreSQL's own placeholders, numbered as they are asked for."""

    def __missing__(self, name: str) -> str:
        self[name] = f"${len(self) + 1}"
        return self[name]


class Query:
    """One statement. What changes from run to run stands in it as `bindparam`, everything else as it is.

    With a `name` each connection prepares it. One plan serves all values then, so the name is for what is always found
    by an index.
    """

    brings_version = False

    def __init__(self, statement: Executable, name: str | None = None) -> None:
        self._statement = statement
        self._name = name

    @cached_property
    def _compiled(self) -> tuple[str, dict[str, Any]]:
        if not isinstance(self._statement, ClauseElement):
            raise TypeError("not a Core statement")
        compiled = self._statement.compile(dialect=_dialect())
        if not isinstance(compiled, SQLCompiler):
            raise TypeError("not a statement that takes values")
        return compiled.string, {name: value for name, value in compiled.params.items() if value is not None}

    @property
    def text(self) -> str:
        """The SQL, with psycopg2's placeholders."""
        return self._compiled[0]

    def with_values(self, given: dict[str, Any]) -> Statement:
        """What to send, with everything that stands in it: what was given, and what it always holds."""
        fixed = self._compiled[1]
        return Statement(self._sent[0], {**fixed, **given} if fixed else given, self._sent[1])

    @cached_property
    def _sent(self) -> tuple[str, str | None]:
        if self._name is None:
            return self.text, None
        places = _Places()
        preparation = f"PREPARE {self._name} AS {self.text % places}"
        return f"EXECUTE {self._name} ({', '.join(f'%({name})s' for name in places)})", preparation


class VersionedQuery(Query):
    """A SELECT that brings the version of the registrations as its last column, which `Transaction.read` takes off."""

    brings_version = True

    def __init__(self, statement: Select[Any], name: str | None = None) -> None:
        super().__init__(statement.add_columns(literal_column("(SELECT version FROM configuration_version)")), name)
