"""Rows by COPY, in PostgreSQL's text format."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg2 import extensions, sql

from vad.sandbox.errors import SandboxError

_ESCAPED = {0x5C: "\\\\", 0x09: "\\t", 0x0A: "\\n", 0x0D: "\\r"}


def copy(cursor: extensions.cursor, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Add rows with the same columns each. Raises `SandboxError` when the database did not take all of them."""
    if not rows:
        return
    text = "".join("\t".join(map(_field, row.values())) + "\n" for row in rows)
    columns = sql.SQL(", ").join(map(sql.Identifier, rows[0]))
    command = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)
    cursor.copy_expert(command, io.StringIO(text))
    if cursor.rowcount != len(rows):
        raise SandboxError(f"PostgreSQL did not take all of {table}: are keys being changed? Try again afterwards")


def _field(value: object) -> str:
    match value:
        case None:
            return "\\N"
        case bytes():
            return f"\\\\x{value.hex()}"
        case datetime():
            return value.isoformat()
        case list():
            return f"{{{','.join(map(_element, value))}}}".translate(_ESCAPED)
        case _:
            return str(value).translate(_ESCAPED)


def _element(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
