"""What the role of the administration may do: one table, applied as a whole at each `vad db upgrade`.

Not in the migrations: an installation may get its administration, and with it this role, long after a table was made.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, text

ADMIN_GRANTED: Mapping[str, str] = {
    "admissions": "SELECT",
    "alembic_version": "SELECT",
    "assents": "SELECT",
    "audit_erasable": "INSERT, SELECT",
    "audit_events": "INSERT, SELECT",
    "birthdays": "SELECT",
    "blocks": "INSERT, SELECT, UPDATE (lifted_at)",
    "break_glass": "INSERT, SELECT, UPDATE (reviewed_account, reviewed_at, reviewed_person, verdict)",
    "clients": "SELECT",
    "configuration_version": "SELECT",
    "consents": "SELECT",
    "contacts": "SELECT",
    "data_services": "SELECT",
    "grants": "SELECT",
    "handled_signals": "INSERT, SELECT",
    "keys": "SELECT",
    "legal_mandates": "SELECT",
    "log_checkpoints": "SELECT",
    "log_leaves": "SELECT",
    "log_purges": "SELECT",
    "log_tiles": "SELECT",
    "mandate_letters": "SELECT",
    "mandates": "SELECT",
    "notices": "SELECT",
    "outbox": "INSERT, SELECT",
    "permissions": "SELECT",
    "persons": "INSERT, SELECT, UPDATE (evidence_key_id, evidence_sealed)",
    "resource_servers": "SELECT",
    "staff_accounts": "INSERT, SELECT, UPDATE (ended_at)",
    "staff_requests": "INSERT, SELECT, UPDATE (decided_account, decided_at, decided_person, state)",
}
"""Table by table, written as PostgreSQL does. On a table that is not here it has no right."""


def grant(connection: Connection, role: str) -> None:
    """Give this role exactly these rights, whatever it had before."""
    quoted = connection.dialect.identifier_preparer.quote(role)
    schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
    connection.execute(text(f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quoted}"))
    for name, privileges in ADMIN_GRANTED.items():
        connection.execute(text(f"GRANT {privileges} ON {name} TO {quoted}"))
