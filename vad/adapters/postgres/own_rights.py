"""What PostgreSQL says of its clock, and of what VAD's own role may do there."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal_column, select

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction

_CLOCK = Query(select(literal_column("clock_timestamp()")))
_RIGHTS = Query(
    select(
        literal_column("has_table_privilege('audit_events', 'UPDATE, DELETE, TRUNCATE')"),
        literal_column("has_schema_privilege(current_schema(), 'CREATE')"),
        literal_column("(SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user)"),
    )
)


@dataclass(frozen=True, slots=True)
class Rights:
    """More than VAD's role should have."""

    changes_log: bool
    makes_tables: bool
    rules: bool
    """Superuser, or one that makes roles or databases."""


def clock(database: Database) -> datetime:
    """The time at PostgreSQL."""
    with Transaction(database) as transaction:
        told: datetime = transaction.read(_CLOCK)[0][0]
    return told


def rights(database: Database) -> Rights:
    """What the role of this connection may do."""
    with Transaction(database) as transaction:
        return Rights(*transaction.read(_RIGHTS)[0])
