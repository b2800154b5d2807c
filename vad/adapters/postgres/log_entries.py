"""Events as what a leaf of the tree holds: every column by its name, in text of our own choosing.

Not what psycopg2 makes of them: the bytes must be the same whoever reads them, in whatever release.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from vad.adapters.postgres.audit_rows import AuditEventRow
from vad.adapters.postgres.schema import table
from vad.domain.log_entry import log_entry

EVENT_ID, RECORDED_AT = 0, 1
"""Where those two stand."""
_TIME = '\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\''
# to_char leaves out the era: what is before year 1, which no event of ours is, must not read like a year after it.
_SPECIAL = {
    "recorded_at": "CASE WHEN isfinite({0}) AND {0} >= '0001-01-01 00:00:00+00' "
    "THEN to_char({0} AT TIME ZONE 'UTC', " + _TIME + ") ELSE {0}::text END",
    "commitment": "encode({0}, 'hex')",
}


@cache
def _names() -> tuple[str, ...]:
    return tuple(column.name for column in table(AuditEventRow).c if column.name != "evidence")


def selected(alias: str = "e") -> str:
    """The columns of an event as text, the evidence last."""
    columns = [_SPECIAL.get(name, "{0}::text").format(f"{alias}.{name}") for name in _names()]
    return ", ".join([*columns, f"{alias}.evidence::text"])


def width() -> int:
    """How many columns that are."""
    return len(_names()) + 1


def entry(columns: Sequence[Any]) -> bytes:
    """What the leaf of this event holds."""
    *values, evidence = columns
    return log_entry(dict(zip(_names(), values, strict=True)), evidence)
