"""What the role of the worker may do: it alone adds to the tree of the log, signs it, and makes its months ahead.

So whoever breaks into the pages, which everybody can reach, can neither seal what was never an event nor stop the
sealing of what was.
"""

from collections.abc import Mapping

from vad.adapters.postgres.granting import APPEND_EVENTS

WORKER_FUNCTIONS = (
    "forget_cases(timestamp with time zone)",
    "keep_audit_months(date, date)",
    "take_client_list(jsonb, timestamptz)",
    "thin_log_checkpoints()",
)

WORKER_GRANTED: Mapping[str, str] = {
    "admissions": "SELECT",
    "alembic_version": "SELECT",
    "assents": "SELECT",
    "audit_events": APPEND_EVENTS,
    "birthdays": "DELETE, SELECT, UPDATE (looked_on, told)",
    "blocks": "SELECT",
    "break_glass": "SELECT (reviewed_at, taken_at)",
    "client_registrations": "SELECT (client_id)",
    "clients": "SELECT",
    "configuration_version": "SELECT",
    "consents": "SELECT, UPDATE (lapse_recorded, withdrawn_at)",
    "contacts": "DELETE, SELECT",
    "data_services": "SELECT",
    "grants": "SELECT, UPDATE (state)",
    "handled_signals": "SELECT",
    "keys": "SELECT",
    "legal_mandates": "SELECT",
    "log_checkpoints": "INSERT, SELECT",
    "log_leaves": "INSERT, SELECT",
    "log_sealer": "SELECT, UPDATE (single)",
    "log_thinnings": "SELECT",
    "log_tiles": "INSERT, SELECT",
    "mandate_letters": "SELECT, UPDATE (addressee, asked_key_id, asked_sealed, stop_hash)",
    "mandates": "SELECT, UPDATE (answer_by, changed_at, checked_at, code_hash, code_tries, ends_at, label_key_id, "
    "label_sealed, last_used_at, representative, represented, starts_at, state, version)",
    "notices": "DELETE, INSERT, SELECT",
    "outbox": "DELETE, INSERT, SELECT, UPDATE (attempts, due_at, state)",
    "permissions": "SELECT, UPDATE (stopped_at)",
    "persons": "INSERT, SELECT, UPDATE (evidence_key_id, evidence_sealed)",
    "registration_tokens": "DELETE, SELECT (expires_at, issued_at, uses_left)",
    "resource_servers": "SELECT",
    "staff_requests": "SELECT (expires_at, kind, request_id, state), UPDATE (state)",
}
"""Table by table, written as PostgreSQL does. On a table that is not here it has no right."""
