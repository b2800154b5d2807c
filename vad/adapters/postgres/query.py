"""Core statements, compiled once: running one costs what psycopg2 costs, a quarter of SQLAlchemy's own execution."""

from functools import cache, cached_property
from typing import Any

from sqlalchemy import Executable, Select, literal_column
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler

Row = tuple[Any, ...]
"""A row as psycopg2 gives it: UUIDs, aware datetimes, lists and parsed JSON; `bytea` as memoryview."""


@cache
def _dialect() -> PGDialect_psycopg2:
    return PGDialect_psycopg2()  # type: ignore[no-untyped-call]


class Query:
    """One statement. What changes from run to run stands in it as `bindparam`, everything else as it is."""

    brings_version = False

    def __init__(self, statement: Executable) -> None:
        self._statement = statement

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

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return everything that stands in it: what was given, and what it always holds."""
        fixed = self._compiled[1]
        return {**fixed, **given} if fixed else given


class VersionedQuery(Query):
    """A SELECT that brings the version of the registrations as its last column, which `Transaction.read` takes off."""

    brings_version = True

    def __init__(self, statement: Select[Any]) -> None:
        super().__init__(statement.add_columns(literal_column("(SELECT version FROM configuration_version)")))
