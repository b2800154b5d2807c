"""What the role of the administration may do."""

from collections.abc import Mapping

from vad.adapters.postgres.granting import APPEND_EVENTS

ADMIN_GRANTED: Mapping[str, str] = {
    "admissions": "DELETE, INSERT, SELECT",
    "alembic_version": "SELECT",
    "assents": "SELECT",
    "audit_erasable": "INSERT, SELECT",
    "audit_events": APPEND_EVENTS,
    "birthdays": "SELECT",
    "blocks": "INSERT, SELECT, UPDATE (lifted_at)",
    "break_glass": "INSERT, SELECT, UPDATE (reviewed_account, reviewed_at, reviewed_person, verdict)",
    "handled_signals": "INSERT, SELECT",
    "case_texts": "INSERT, SELECT",
    "cases": "SELECT, UPDATE (closed_at, outcome, state, taken_at, taken_by)",
    "client_registrations": "SELECT (admitted, client_id, label, offer, registered_at)",
    "clients": "INSERT, SELECT, UPDATE",
    "configuration_version": "SELECT, UPDATE (version)",
    "consents": "SELECT, UPDATE (withdrawn_at)",
    "contacts": "SELECT",
    "data_services": "SELECT",
    "grants": "SELECT, UPDATE (state)",
    "keys": "SELECT",
    "legal_mandates": "INSERT, SELECT, UPDATE (approved_by, reference, renewal_approved_by, renewal_proposed_by, "
    "renewed_until)",
    "log_checkpoints": "SELECT",
    "log_leaves": "SELECT",
    "log_purges": "SELECT",
    "log_thinnings": "SELECT",
    "log_tiles": "SELECT",
    "mandate_letters": "SELECT, UPDATE (asked_key_id, asked_sealed, stop_tries)",
    "mandates": "INSERT, SELECT, UPDATE (answer_by, changed_at, checked_at, code_hash, code_tries, ends_at, "
    "label_key_id, label_sealed, last_used_at, representative, represented, starts_at, state, version)",
    "notices": "DELETE, INSERT, SELECT",
    "outbox": "INSERT, SELECT",
    "permissions": "INSERT, SELECT, UPDATE (stopped_at)",
    "persons": "INSERT, SELECT, UPDATE (evidence_key_id, evidence_sealed)",
    "resource_servers": "INSERT, SELECT, UPDATE",
    "staff_accounts": "INSERT, SELECT, UPDATE (ended_at)",
    "staff_requests": "INSERT, SELECT, UPDATE (decided_account, decided_at, decided_person, state)",
}
"""Table by table, written as PostgreSQL does. On a table that is not here it has no right."""
