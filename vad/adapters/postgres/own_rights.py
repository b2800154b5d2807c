"""What PostgreSQL says of its clock, and of what VAD's own role may do there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal_column, select, text

from vad.adapters.postgres.database import Database
from vad.adapters.postgres.granting import APPEND_EVENTS
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.transaction import Transaction

GRANTED: Mapping[str, str] = {
    "admissions": "SELECT",
    "alembic_version": "SELECT",
    "assents": "INSERT, SELECT, UPDATE (withdrawn_at)",
    "audit_erasable": "INSERT, SELECT",
    "audit_erasable_default": "SELECT",
    "audit_events": APPEND_EVENTS,
    "audit_events_default": "SELECT",
    "birthdays": "DELETE, INSERT, SELECT, UPDATE (looked_on, told)",
    "blocks": "INSERT, SELECT, UPDATE (lifted_at)",
    "case_texts": "INSERT, SELECT",
    "cases": "INSERT, SELECT",
    "client_registrations": "SELECT",
    "clients": "SELECT",
    "configuration_version": "SELECT",
    "consents": "INSERT, SELECT, UPDATE (lapse_recorded, until, withdrawn_at)",
    "contacts": "DELETE, INSERT, SELECT, UPDATE (confirmed_at, ended_at, state, tries)",
    "data_services": "SELECT",
    "grants": "INSERT, SELECT, UPDATE (jkt, refresh_generation, refreshed_at, state)",
    "keys": "SELECT",
    "legal_mandates": "INSERT (kind, mandate_id, proposed_by, reference), SELECT, UPDATE (approved_by)",
    "log_checkpoints": "SELECT",
    "log_leaves": "SELECT",
    "log_purges": "SELECT",
    "log_thinnings": "SELECT",
    "log_tiles": "SELECT",
    "mandate_letters": "INSERT, SELECT, UPDATE (addressee, asked_key_id, asked_sealed, stop_hash, stop_tries)",
    "mandates": "INSERT, SELECT, UPDATE (answer_by, changed_at, checked_at, code_hash, code_tries, ends_at, "
    "label_key_id, label_sealed, last_used_at, representative, represented, starts_at, state, version)",
    "notices": "DELETE, INSERT, SELECT",
    "outbox": "INSERT, SELECT",
    "permissions": "INSERT (client_id, data_service, mandate_id, permission_id, resource, stopped_at), SELECT, "
    "UPDATE (stopped_at)",
    "persons": "INSERT, SELECT, UPDATE (evidence_key_id, evidence_sealed)",
    "resource_servers": "SELECT",
}
"""What the migrations grant to the role of the service, table by table. On a table that is not here it has no right."""

_CLOCK = Query(select(literal_column("clock_timestamp()")))
_ROLE = Query(
    select(
        literal_column("has_schema_privilege(current_schema(), 'CREATE')"),
        literal_column("(SELECT rolsuper OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user)"),
    )
)
_HELD = Query(
    text("""
    WITH tables AS (
        SELECT oid, relname::text AS name FROM pg_class
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
    )
    SELECT name, privilege, NULL FROM tables,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) AS privilege
    WHERE has_table_privilege(oid, privilege)
    UNION ALL
    SELECT name, privilege, attname::text FROM tables
        JOIN pg_attribute ON attrelid = oid AND attnum > 0 AND NOT attisdropped,
        unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS privilege
    WHERE has_column_privilege(oid, attnum, privilege) AND NOT has_table_privilege(oid, privilege)
    ORDER BY 1, 2, 3
    """)
)


@dataclass(frozen=True, slots=True)
class Rights:
    """What a role may do, whether it was granted to it, to a role that it is in, or to everybody."""

    makes_tables: bool
    rules: bool
    """Superuser, or one that makes roles or databases."""
    held: Mapping[str, str]
    """Of each table, written as in `GRANTED`."""


def clock(database: Database) -> datetime:
    """The time at PostgreSQL."""
    with Transaction(database) as transaction:
        told: datetime = transaction.read(_CLOCK)[0][0]
    return told


def rights(database: Database) -> Rights:
    """What the role of this connection may do."""
    with Transaction(database) as transaction:
        makes_tables, rules = transaction.read(_ROLE)[0]
        rows = transaction.read(_HELD)
    columns: dict[str, dict[str, list[str]]] = {}
    for table, privilege, column in rows:
        columns.setdefault(table, {}).setdefault(privilege, []).extend([column] if column else [])
    held = {
        table: ", ".join(f"{name} ({', '.join(only)})" if only else name for name, only in sorted(privileges.items()))
        for table, privileges in columns.items()
    }
    return Rights(makes_tables, rules, held)


def differences(held: Mapping[str, str], granted: Mapping[str, str] = GRANTED) -> list[str]:
    """Where that is more or less than what was granted, in words."""
    wrong = sorted(table for table in held.keys() | granted.keys() if held.get(table) != granted.get(table))
    return [f"{table}: {held.get(table, 'nothing')} instead of {granted.get(table, 'nothing')}" for table in wrong]
